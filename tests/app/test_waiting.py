"""Two types that change one file: the second waits for the merge of the first."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shiftdown import RunOutcome, Shiftdown
from shiftdown.extensions import Plugins, forges
from shiftdown.plugin import (
    CapabilityCheck,
    ChangeSet,
    CheckResult,
    Evidence,
    Snapshot,
    Transformation,
    capability_check,
    hookimpl,
    transformation,
    write,
)

from .conftest import AUTHOR, Clock

BOOK = """
name: words
phases:
  - {name: Words, phase_type: CI_CD_AUTOMATION, duration: 1 week, transformations: [ADD_FIRST, ADD_SECOND, ADD_ASIDE]}
"""


def word(type_: str, path: str) -> tuple[Transformation, CapabilityCheck]:
    """A type that adds a line with its name to a file."""

    @capability_check(f"{type_.lower().replace('_', '-')}-there", question=f"Is {type_} there?")
    def check(repo: Snapshot) -> CheckResult:
        if repo.is_file(path) and type_ in repo.text(path):
            return CheckResult.passed("yes", Evidence(fact="there", path=path))
        return CheckResult.failed("no")

    @transformation(type_, title=f"Do {type_}", family="testing", verified_by=check.id)
    def function(repo: Snapshot) -> ChangeSet:
        before = repo.text(path) if repo.is_file(path) else ""
        return ChangeSet(files=(write(path, f"{before}{type_}\n"),))

    return function, check


WORDS = [word("ADD_FIRST", "WORDS"), word("ADD_SECOND", "WORDS"), word("ADD_ASIDE", "ASIDE")]


class Plugin:
    @hookimpl
    def shiftdown_transformations(self) -> list[Transformation]:
        return [t for t, _ in WORDS]

    @hookimpl
    def shiftdown_capability_checks(self) -> list[CapabilityCheck]:
        return [c for _, c in WORDS]

    @hookimpl
    def shiftdown_playbooks(self) -> dict[str, str]:
        return {"words": BOOK}


@pytest.fixture
def shiftdown(tmp_path: Path, clock: Clock) -> Iterator[Shiftdown]:
    plugins = Plugins()
    plugins.register(Plugin(), name="words", package="words")
    plugins.register(forges, name="forges", package="shiftdown")
    with Shiftdown.open(f"sqlite:///{tmp_path}/r.db", plugins=plugins, author=AUTHOR, clock=clock) as opened:
        yield opened


def test_a_change_to_the_same_file_waits_for_the_merge(
    shiftdown: Shiftdown, new_repository: Callable[..., Path]
) -> None:
    program = shiftdown.programs.start(
        playbook="words", name="W", organization="acme", repositories=[str(new_repository("orders"))]
    )

    def run() -> dict[str, RunOutcome]:
        phase = shiftdown.programs.get(program.id).phases[0]
        return {r.type: r.outcome for r in shiftdown.run(phase)}

    opened, waiting = RunOutcome.OPENED, RunOutcome.WAITING
    assert run() == {"ADD_FIRST": opened, "ADD_SECOND": waiting, "ADD_ASIDE": opened}
    assert run() == {"ADD_FIRST": RunOutcome.UNCHANGED, "ADD_SECOND": waiting, "ADD_ASIDE": RunOutcome.UNCHANGED}
    records = {r.transformation_type: r for r in shiftdown.programs.get(program.id).phases[0].transformations}
    assert records["ADD_SECOND"].status == "PLANNED"
    assert "waits for the merge of ADD_FIRST" in (records["ADD_SECOND"].reason or "")
    for request in shiftdown.change_requests.list():
        shiftdown.change_requests.merge(request.id)
    shiftdown.sync(program)
    assert run()["ADD_SECOND"] is opened
    (last,) = shiftdown.change_requests.list(open_only=True)
    shiftdown.change_requests.merge(last.id)
    shiftdown.sync(program)
    assert shiftdown.programs.get(program.id).status == "COMPLETED"
