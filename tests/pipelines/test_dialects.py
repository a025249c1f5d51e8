"""What holds for every dialect: nobody else speaks its words, and each is found by what a repository has."""

from pathlib import Path

import pytest

from shiftdown.pipelines import GITHUB_ACTIONS, Dialect, dialect_of, dialects
from shiftdown.pipelines.gitlab_ci import GITLAB_CI
from shiftdown.repository import Evidence
from shiftdown.repository.stack import Detected, Stack

ROOT = Path(__file__).parents[2]
BOTH: tuple[Dialect, ...] = (GITHUB_ACTIONS, GITLAB_CI)


def test_no_step_holds_an_expression_of_a_ci_system() -> None:
    places = [ROOT / "src/shiftdown/pipelines", ROOT / "src/shiftdown/kits", ROOT / "plugins"]
    files = [f for place in places for f in place.rglob("*.py") if "github_actions" not in f.parts]
    assert len(files) > 40
    assert [str(f) for f in files if "${{" in f.read_text()] == []


def test_stages_are_added_in_github_actions_so_far() -> None:
    assert dialects() == (GITHUB_ACTIONS,)


@pytest.mark.parametrize(
    ("forge", "ci", "key"),
    [
        (None, (), "github-actions"),
        ("github", (), "github-actions"),
        ("gitlab", (), "gitlab-ci"),
        (None, ("jenkins", "gitlab-ci"), "gitlab-ci"),
        ("github", ("gitlab-ci",), "github-actions"),
        ("elsewhere", (), None),
    ],
)
def test_the_dialect_is_that_of_the_ci_or_of_the_forge(forge: str | None, ci: tuple[str, ...], key: str | None) -> None:
    there = tuple(Detected(value=name, evidence=Evidence(fact="is there", path=name)) for name in ci)
    found = dialect_of(Stack(forge=forge, ci=there), BOTH)
    assert (found.key if found else None) == key


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_quotes_of_lines_that_were_there_stay(end: str) -> None:
    before = end.join(["env:", '  A: "1"', "jobs: {}", ""])
    after = before + end.join(['more: "x"', ""])
    assert GITHUB_ACTIONS.quoted(before, after) == before + end.join(["more: 'x'", ""])
