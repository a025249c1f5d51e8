"""Several people act through one `Shiftdown`."""

from collections.abc import Callable
from pathlib import Path

from shiftdown import ChangeRequestStatus, Shiftdown
from tests.app.template_kit import add_actions

Make = Callable[..., Path]

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: joining}
spec:
  type: service
  parameters: {required: [repository], properties: {repository: {type: string}}}
  steps:
    - {id: join, action: "program:add", input: {program: Words, repository: "${{ parameters.repository }}"}}
"""


def actors(sd: Shiftdown, program_id: str) -> set[str]:
    """Who did something in a program."""
    return {event.actor for event in sd.registry.events(program_id=program_id)}


def start(sd: Shiftdown, name: str, *repositories: Path) -> str:
    """Start a program, and give its id."""
    return sd.programs.start(
        playbook="mottos", name=name, organization="acme", repositories=[str(path) for path in repositories]
    ).id


def test_programs_and_their_runs_are_recorded_as_whose_they_are(sd: Shiftdown, new_repository: Make) -> None:
    mine = start(sd, "Mine", new_repository("one"))
    with sd.session(actor="bob") as bob:
        his = start(bob, "His", new_repository("two"))
        bob.run(bob.programs.get(his).phases[0])
        bob.programs.pause(his)
    assert (actors(sd, mine), actors(sd, his)) == ({"ada"}, {"bob"})
    assert {summary.program.id for summary in bob.programs.list()} == {mine, his}
    assert sd.session(actor="eve").session(actor="cyd").registry.name == sd.registry.name


def test_whoever_approves_and_merges_is_named(sd: Shiftdown, new_repository: Make) -> None:
    sd.run_type("ADD_MOTTO", [str(new_repository("one"))])
    (opened,) = sd.change_requests.list()
    bob, eve = sd.session(actor="bob"), sd.session(actor="eve")
    bob.change_requests.approve(opened.id)
    assert eve.change_requests.merge(opened.id).status is ChangeRequestStatus.MERGED
    assert [event.actor for event in sd.registry.events(subject_id=opened.id)] == ["ada", "bob", "eve", "eve"]


def test_tasks_belong_to_who_submits_them(sd: Shiftdown, new_repository: Make, tmp_path: Path, capsys: object) -> None:
    add_actions(sd.plugins)
    program = start(sd, "Words", new_repository("one"))
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    bob = sd.session(actor="user:default/bob")
    task = bob.tasks.submit(str(tmp_path), {"repository": str(new_repository("two"))})
    assert bob.tasks.wait(task.id).error is None
    assert (task.created_by, task.user) == ("user:default/bob", {"ref": "user:default/bob"})
    assert sd.tasks.get(task.id).id == task.id
    assert sd.tasks.run(str(tmp_path), {"repository": str(new_repository("three"))}).created_by is None
    assert actors(sd, program) == {"ada", "user:default/bob"}


def test_what_is_shared_outlives_a_session(sd: Shiftdown) -> None:
    bob = sd.session(actor="bob")
    with bob:
        assert list(bob.programs.list()) == []
    assert bob.plugins is sd.plugins
    assert list(sd.programs.list()) == []


def test_a_task_stays_its_submitters_whoever_goes_on_with_it(
    sd: Shiftdown, new_repository: Make, tmp_path: Path
) -> None:
    add_actions(sd.plugins)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    people = [sd.session(actor="bob"), sd.session(actor="bob"), sd]
    tasks = [
        person.tasks.run(str(tmp_path), {"repository": str(new_repository(f"new-{number}"))})
        for number, person in enumerate(people)
    ]
    told = [(task.status.value, task.actor) for task in tasks]
    assert told == [("failed", "bob"), ("failed", "bob"), ("failed", "ada")]

    program = start(sd, "Words", new_repository("one"))
    url = f"sqlite:///{tmp_path}/registry.db"
    with Shiftdown.open(url, plugins=sd.plugins, actor="cyd") as later:
        for shiftdown, task, actor in zip((sd, later, later), tasks, ("bob", "bob", "ada"), strict=True):
            before = len(sd.registry.events(program_id=program))
            assert shiftdown.tasks.wait(shiftdown.tasks.retry(task.id).id).error is None
            assert {event.actor for event in sd.registry.events(program_id=program)[before:]} == {actor}
