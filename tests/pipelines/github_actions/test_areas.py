"""The job that tells what a pull request touches, in workflows that exist: it is added, extended, or left alone."""

from pathlib import Path

import pytest

from shiftdown.edits import yaml
from shiftdown.pipelines import Area
from shiftdown.pipelines.github_actions import add_area, add_job, render

from .samples import MONOREPO
from .test_add import GATED, GOOD, IN_BRACKETS, LINT, actionlint, without

WEB = Area(key="web", paths=("web/", "lib/"))
SHARED = ("package-lock.json", ".github/workflows/ci.yml")


@pytest.mark.parametrize("name", [n for n in GOOD if n != IN_BRACKETS])
def test_adds_it_and_changes_no_other_byte(name: str, tmp_path: Path) -> None:
    text = GOOD[name].text
    added = add_area(text, WEB, SHARED)
    if added == text:
        assert "changes" in yaml.load(text)["jobs"] or "needs.*" in text
        return
    assert without(text, added) == text
    assert list(yaml.load(added)["jobs"])[-1] == "changes"
    assert add_area(added, WEB, SHARED) == added
    assert not actionlint(added, tmp_path) - actionlint(text, tmp_path)
    job = yaml.load(add_job(added, LINT.model_copy(update={"id": "web-lint", "area": "web"})))["jobs"]["web-lint"]
    assert (job["needs"], job["if"]) == ("changes", "needs.changes.outputs.web == 'true'")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_ours_is_extended_to_what_would_have_been_written_at_once(newline: str) -> None:
    first, *others = MONOREPO.areas
    jobs = tuple(job for job in MONOREPO.jobs if job.area in (None, first.key) and not job.needs)
    text = render(MONOREPO.model_copy(update={"areas": (first,), "jobs": jobs})).replace("\n", newline)
    shared = (*MONOREPO.shared_paths, ".github/workflows/ci.yml")
    for area in others:
        text = add_area(text, area, shared)
    assert others
    assert yaml.load(text)["jobs"]["changes"] == yaml.load(render(MONOREPO))["jobs"]["changes"]
    assert text.count("\n") == text.count(newline)


def test_a_workflow_whose_jobs_somebody_else_sums_up_is_left_alone() -> None:
    text = GATED.replace("  changes:\n", "  paths:\n").replace("changes", "paths")
    assert add_area(text, WEB, SHARED) == text


def test_one_of_somebody_else_is_left_alone() -> None:
    assert add_area(GATED, WEB, SHARED) == GATED
