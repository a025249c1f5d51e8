"""What becomes of steps: conditions, items, failures, outputs."""

import threading
from collections.abc import Mapping
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.scaffolder.action import ActionContext, ActionModel, CancelledError, action
from shiftdown.scaffolder.runner import Host, LogEvent, Progress, RunInput, Runner, StepFailedError, StepStatus
from shiftdown.scaffolder.sources import EntityList, TemplateContents
from shiftdown.scaffolder.template import Template


class SayInput(ActionModel):
    """What to say."""

    text: Any = None
    """The text."""
    count: int = 0
    """A number."""


class SayOutput(ActionModel):
    """What was said."""

    said: Any
    """The text."""


@action("test:say", title="Say")
def say(given: SayInput, context: ActionContext) -> SayOutput:
    """Say something."""
    context.log(f"said {given.text}")
    return SayOutput(said=given.text)


@action("test:fail", title="Fail")
def fail(given: SayInput, context: ActionContext) -> None:
    """Fail."""
    raise InvalidInputError(f"failed with {given.text}")


@action("test:publish", title="Publish", dry_run=False)
def publish(given: SayInput, context: ActionContext) -> SayOutput:
    """Publish something."""
    return SayOutput(said=given.text)


@action("test:twice", title="Twice")
def twice(given: SayInput, context: ActionContext) -> None:
    """Do something once, then something else once."""
    context.checkpoint("first", lambda: context.log("said first"))
    context.checkpoint("second", lambda: context.log("said second"))


class Ran:
    """A run and what it said."""

    def __init__(self, steps: list[dict[str, Any]], output: Any = None, **options: Any) -> None:
        spec = {"type": "x", "steps": steps} | ({"output": output} if output else {})
        head = {"apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "t"}}
        given = {"parameters": options.pop("parameters", {}), "secrets": options.pop("secrets", {})}
        run = RunInput(
            template=Template.model_validate({**head, "spec": spec}),
            task_id="task-1",
            dry_run=options.pop("dry_run", False),
            skip_unknown_actions=options.pop("skip", False),
            **given,
        )
        nothing = Snapshot(MemorySource({}), name="t")
        host = Host(
            actions={a.id: a for a in (say, fail, publish, twice)},
            contents=TemplateContents(nothing, "template.yaml", lambda url, token: (nothing, url)),
            catalog=EntityList(),
            plan=lambda *_: pytest.fail("nothing is planned"),
        )
        self.events: list[LogEvent] = []
        self.runner = Runner(run, host, on_event=self.events.append, **options)

    def execute(self) -> dict[str, Any]:
        return self.runner.execute()

    @property
    def said(self) -> list[str]:
        return [e.message.removeprefix("said ") for e in self.events if e.message.startswith("said ")]

    @property
    def ends(self) -> dict[str, StepStatus]:
        """How each step ended."""
        ended = [e for e in self.events if e.step_id and e.status not in (None, StepStatus.PROCESSING)]
        return {e.step_id: e.status for e in ended if e.step_id and e.status}


def _say(id_: str, text: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": id_, "action": "test:say", "input": {"text": text}, **more}


def _output(steps: list[dict[str, Any]], id_: str, **options: Any) -> Any:
    ran = Ran(steps, **options)
    ran.execute()
    return ran.runner.progress.outputs.get(id_)


def test_outputs_go_on_to_later_steps_and_the_end() -> None:
    ran = Ran([_say("a", {"x": [1]}), _say("b", "${{ steps.a.output.said }}")], {"z": "${{ steps.b.output.said.x }}"})
    assert ran.execute() == {"z": [1]}


@pytest.mark.parametrize(
    ("each", "said"),
    [
        (["a", "b"], [{"key": "0", "value": "a"}, {"key": "1", "value": "b"}]),
        ({"x": 1, "y": 2}, [{"key": "x", "value": 1}, {"key": "y", "value": 2}]),
        ([], None),
        ("${{ parameters.list }}", [{"key": "0", "value": "p"}]),
    ],
)
def test_each(each: Any, said: Any) -> None:
    expected = {} if said is None else {"said": said}
    assert _output([_say("s", "${{ each }}", each=each)], "s", parameters={"list": ["p"]}) == expected


def test_the_condition_is_asked_for_each_item() -> None:
    step = _say("s", "${{ each.value }}", each=[1, 2, 3], **{"if": "${{ each.value != 2 }}"})
    assert _output([step], "s") == {"said": [1, 3]}


@pytest.mark.parametrize("each", ["text", "${{ parameters.none }}", "${{ 5 }}", False])
def test_each_of_what_has_no_items(each: Any) -> None:
    with pytest.raises(StepFailedError, match="expected a list or a mapping"):
        Ran([_say("s", each=each)]).execute()


def test_every_input_is_checked_before_any_item_runs() -> None:
    ran = Ran(
        [{"id": "s", "action": "test:say", "each": [1, "x"], "input": {"count": "${{ each.value }}", "text": "t"}}]
    )
    with pytest.raises(StepFailedError, match="count"):
        ran.execute()
    assert ran.said == []


@pytest.mark.parametrize(
    ("condition", "runs"),
    [
        (True, True),
        (False, False),
        ("${{ true }}", True),
        ("${{ false }}", False),
        ("${{ '' }}", False),
        ("${{ 0 }}", False),
        ("${{ [] }}", False),
        ("${{ parameters.none }}", False),
        ("${{ {} }}", True),
        ("${{ 'false' }}", True),
        ("text", True),
    ],
)
def test_conditions(condition: Any, runs: bool) -> None:
    ran = Ran([_say("s", **{"if": condition})])
    ran.execute()
    assert ran.ends["s"] is (StepStatus.COMPLETED if runs else StepStatus.SKIPPED)


def test_conditions_do_not_see_secrets() -> None:
    step = _say("s", "${{ secrets.a }}", **{"if": "${{ secrets.a }}"})
    ran = Ran([step], secrets={"a": "secret"})
    ran.execute()
    assert ran.ends["s"] is StepStatus.SKIPPED


FAILING = {"id": "f", "action": "test:fail", "input": {"text": "x"}}


def test_after_a_failure_only_those_run_that_ask_for_it() -> None:
    steps = [
        _say("before"),
        FAILING,
        _say("after"),
        _say("true", **{"if": "${{ true }}"}),
        _say("always", **{"if": "${{ always() }}"}),
        _say("failure", **{"if": "${{ failure() }}"}),
        _say("both", **{"if": "${{ failure() and parameters.no }}"}),
    ]
    ran = Ran(steps)
    with pytest.raises(StepFailedError, match="step f: failed with x"):
        ran.execute()
    assert {id_: str(status) for id_, status in ran.ends.items()} == {
        "before": "completed",
        "f": "failed",
        "after": "skipped",
        "true": "skipped",
        "always": "completed",
        "failure": "completed",
        "both": "skipped",
    }


def test_without_a_failure_failure_is_false() -> None:
    ran = Ran([_say("a", **{"if": "${{ failure() }}"}), _say("b", **{"if": "${{ always() }}"})])
    ran.execute()
    assert ran.ends == {"a": StepStatus.SKIPPED, "b": StepStatus.COMPLETED}


def test_the_first_of_several_failures_is_told() -> None:
    with pytest.raises(StepFailedError, match="step f: failed with x"):
        Ran([FAILING, {**FAILING, "id": "g", "if": "${{ always() }}", "input": {"text": "y"}}]).execute()


def test_a_cancelled_run() -> None:
    cancelled = threading.Event()
    cancelled.set()
    ran = Ran([_say("a"), _say("b", **{"if": "${{ always() }}"})], cancelled=cancelled)
    with pytest.raises(CancelledError):
        ran.execute()
    assert ran.ends == {"a": StepStatus.SKIPPED, "b": StepStatus.COMPLETED}


def test_a_cancelled_task_begins_nothing_more_that_is_done_once() -> None:
    cancelled = threading.Event()

    def cancel(progress: Progress) -> None:
        if progress.checkpoints:
            cancelled.set()

    ran = Ran([{"id": "a", "action": "test:twice"}], cancelled=cancelled, on_progress=cancel)
    with pytest.raises(CancelledError):
        ran.execute()
    assert ran.said == ["first"]
    assert ran.ends == {"a": StepStatus.CANCELLED}


def test_links_and_texts_with_a_condition() -> None:
    items = [{"title": "a", "if": "${{ parameters.yes }}"}, {"title": "b", "if": False}, {"title": "c"}]
    ran = Ran([], {"links": items, "text": items}, parameters={"yes": True})
    assert ran.execute() == {"links": [{"title": "a"}, {"title": "c"}], "text": [{"title": "a"}, {"title": "c"}]}


def test_actions_that_are_not_installed() -> None:
    unknown: dict[str, Any] = {"id": "u", "action": "acme:deploy"}
    ran = Ran([_say("a", "x"), unknown])
    with pytest.raises(NotFoundError, match="acme:deploy"):
        ran.execute()
    assert ran.said == []
    Ran([{**unknown, "if": "${{ false }}"}]).execute()
    with pytest.raises(StepFailedError, match="acme:deploy"):
        Ran([{**unknown, "if": "${{ true }}"}]).execute()


def test_a_dry_run_may_skip_them() -> None:
    steps: list[dict[str, Any]] = [{"id": "u", "action": "acme:deploy", "input": {"any": 1}}]
    output = {"u": "${{ steps.u.output.x }}", "said": "done"}
    assert Ran(steps, output, dry_run=True, skip=True).execute() == {"said": "done"}
    with pytest.raises(NotFoundError):
        Ran(steps, dry_run=True).execute()


def test_a_dry_run_leaves_out_what_cannot_be_tried() -> None:
    assert _output([{"id": "p", "action": "test:publish"}], "p", dry_run=True) == {"said": "<unknown>"}
    assert _output([{"id": "p", "action": "test:publish", "input": {"text": "x"}}], "p") == {"said": "x"}


def test_two_steps_with_one_id_both_run() -> None:
    ran = Ran([_say("a", "1"), _say("a", "2")])
    ran.execute()
    assert ran.said == ["1", "2"]


def test_steps_that_were_completed_before_are_not_run_again() -> None:
    progress = Progress(outputs={"a": {"said": "kept"}})
    ran = Ran([_say("a", "again"), _say("b", "${{ steps.a.output.said }}")], progress=progress)
    ran.execute()
    assert ran.said == ["kept"]


def test_secrets_are_masked_wherever_they_go() -> None:
    seen: Mapping[str, str] = {"t": "hunter2-4711"}
    ran = Ran(
        [_say("a", "${{ secrets.t }}/${{ secrets.t | upper }}")], {"x": "${{ steps.a.output.said }}"}, secrets=seen
    )
    assert ran.execute() == {"x": "***"}
    assert "hunter2" not in str(ran.events).lower()
