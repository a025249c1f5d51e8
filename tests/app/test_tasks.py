"""Templates run as tasks through the front door."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from shiftdown import Shiftdown
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.extensions import Plugins
from shiftdown.model import TaskEvent, TaskStatus
from shiftdown.plugin import hookimpl
from shiftdown.scaffolder.tasks import SecretsNeededError, TaskConflictError, TaskOptions
from shiftdown.scaffolder.template import Template, parse_template
from tests.scaffolder.tasks.actions import ACTIONS
from tests.scaffolder.tasks.making import KEY, SECRET, lines, now, spin

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: greeting
spec:
  type: service
  parameters:
    required: [name]
    properties:
      name: {type: string}
      folder: {type: string}
  steps:
    - id: fetch
      action: fetch:template
      input: {url: ./skeleton, values: {name: "${{ parameters.name }}"}}
    - id: mark
      action: test:mark
      input: {file: "${{ parameters.folder }}/mark"}
    - id: gate
      action: test:gate
      input: {path: "${{ parameters.folder }}/gate"}
    - id: read
      action: fs:read
      input: {path: "${{ parameters.name }}.txt"}
    - id: cleans
      if: ${{ always() }}
      action: test:mark
      input: {file: "${{ parameters.folder }}/cleans"}
  output:
    content: ${{ steps.read.output.content }}
"""


class TestedActions:
    @hookimpl
    def shiftdown_actions(self) -> list[Any]:
        return list(ACTIONS.values())


@pytest.fixture
def new_sd(tmp_path: Path) -> Iterator[Callable[..., Shiftdown]]:
    """Opens the same registry again and again."""
    made: list[Shiftdown] = []

    def make(**options: Any) -> Shiftdown:
        plugins = Plugins()
        plugins.register(TestedActions(), name="tested", package="tested")
        url = f"sqlite:///{tmp_path}/registry.db"
        made.append(Shiftdown.open(url, plugins=plugins, clock=now, task_options=TaskOptions(**options)))
        return made[-1]

    yield make
    for sd in made:
        sd.close()


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A template that waits at a gate."""
    folder = tmp_path / "greeting"
    (folder / "skeleton").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "skeleton/${{ values.name }}.txt").write_text("Hello, ${{ values.name }}!\n")
    return folder


def values(tmp_path: Path, name: str = "Ada") -> dict[str, str]:
    return {"name": name, "folder": str(tmp_path)}


def test_a_template_runs_to_its_end(
    new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gate.open").touch()
    seen: list[TaskEvent] = []
    monkeypatch.chdir(tmp_path)
    sd = new_sd()
    task = sd.tasks.run("greeting", values(tmp_path), on_event=seen.append)
    assert task.status is TaskStatus.COMPLETED
    assert (task.output or {})["content"] == "Hello, Ada!\n"
    assert task.location == str(template)
    assert sd.tasks.events(task.id) == seen
    assert sd.tasks.events(task.id, after=2) == seen[2:]
    assert list(sd.tasks.follow(task.id)) == seen
    assert sd.tasks.get(task.id[:6]) == task == sd.tasks.wait(task.id)
    assert [t.id for t in sd.tasks.list(status=[TaskStatus.COMPLETED]).tasks] == [task.id]
    assert sd.tasks.list(status=[TaskStatus.FAILED]).total == 0


def test_a_template_is_read_once_for_a_run(
    new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gate.open").touch()
    parsed: list[str] = []

    def count(text: str, **options: Any) -> Template:
        parsed.append(options["name"])
        return parse_template(text, **options)

    monkeypatch.setattr("shiftdown.creation.templates.parse_template", count)
    sd = new_sd()
    task = sd.tasks.run(str(template), {"folder": str(tmp_path)}, texts={"name": "Ada"})
    assert (task.status, (task.output or {})["content"]) == (TaskStatus.COMPLETED, "Hello, Ada!\n")
    assert parsed == [str(template / "template.yaml")]


def test_a_file_in_a_folder_is_a_template_too(new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path) -> None:
    (tmp_path / "gate.open").touch()
    task = new_sd().tasks.run(str(template / "template.yaml"), values(tmp_path))
    assert task.status is TaskStatus.COMPLETED


@pytest.mark.parametrize(
    ("location", "given"), [("greeting", {}), ("greeting", {"name": 1}), ("nowhere", {"name": "Ada"})]
)
def test_bad_input_records_nothing(
    new_sd: Callable[..., Shiftdown],
    template: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    location: str,
    given: dict[str, Any],
) -> None:
    monkeypatch.chdir(tmp_path)
    sd = new_sd()
    with pytest.raises(InvalidInputError):
        sd.tasks.submit(location, given)
    assert sd.tasks.list().total == 0


def test_another_process_goes_on_with_what_was_closed(
    new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path
) -> None:
    first = new_sd()
    task = first.tasks.submit(str(template), values(tmp_path), user={"ref": "user:default/ada"})
    spin((tmp_path / "gate.reached").exists)
    first.close()
    (tmp_path / "gate.open").touch()
    second = new_sd()
    assert [t.id for t in second.tasks.recover()] == [task.id]
    done = second.tasks.wait(task.id)
    assert (done.status, done.created_by) == (TaskStatus.COMPLETED, "user:default/ada")
    assert (done.output or {})["content"] == "Hello, Ada!\n"
    assert len(lines(tmp_path / "mark")) == 1


def test_secrets_come_back_with_the_key_of_the_environment(
    new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = new_sd()
    unsealed = first.tasks.submit(str(template), values(tmp_path), secrets={"token": SECRET})
    monkeypatch.setenv("SHIFTDOWN_SECRETS_KEY", KEY)
    other = new_sd()
    sealed = other.tasks.submit(str(template), values(tmp_path), secrets={"token": SecretStr(SECRET)})
    spin(lambda: len(lines(tmp_path / "gate.reached")) == 2)
    first.close()
    other.close()
    (tmp_path / "gate.open").touch()
    second = new_sd()
    taken = {t.id: t for t in second.tasks.recover()}
    assert taken[unsealed.id].status is TaskStatus.FAILED
    assert second.tasks.wait(sealed.id).status is TaskStatus.COMPLETED
    with pytest.raises(SecretsNeededError, match="token"):
        second.tasks.retry(unsealed.id)
    second.tasks.retry(unsealed.id, secrets={"token": SECRET})
    assert second.tasks.wait(unsealed.id).status is TaskStatus.COMPLETED


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_run_is_cancelled_first(
    new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path, error: type[BaseException]
) -> None:
    def interrupt(event: TaskEvent) -> None:
        if event.body.get("stepId") == "gate":
            raise error

    sd = new_sd()
    with pytest.raises(error):
        sd.tasks.run(str(template), values(tmp_path), on_event=interrupt)
    (task,) = sd.tasks.list().tasks
    assert task.status is TaskStatus.CANCELLED
    assert lines(tmp_path / "cleans") == [task.id]


def test_cancel_retry_and_prune(new_sd: Callable[..., Shiftdown], template: Path, tmp_path: Path) -> None:
    sd = new_sd(concurrency=2)
    task = sd.tasks.submit(str(template), values(tmp_path))
    spin((tmp_path / "gate.reached").exists)
    with pytest.raises(TaskConflictError, match="still runs"):
        sd.tasks.retry(task.id)
    sd.tasks.cancel(task.id)
    assert sd.tasks.wait(task.id).status is TaskStatus.CANCELLED
    (tmp_path / "gate.open").touch()
    sd.tasks.retry(task.id)
    assert sd.tasks.wait(task.id).status is TaskStatus.COMPLETED
    assert len(lines(tmp_path / "mark")) == 1
    assert sd.tasks.prune() == []
    assert sd.tasks.prune(older_than=timedelta(0)) == [task.id]
    with pytest.raises(NotFoundError):
        sd.tasks.get(task.id)


def test_a_bad_key_is_told_before_anything_runs(
    new_sd: Callable[..., Shiftdown], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIFTDOWN_SECRETS_KEY", SECRET)
    with pytest.raises(InvalidInputError, match="not a Fernet key") as caught:
        _ = new_sd().tasks
    assert SECRET not in str(caught.value)
