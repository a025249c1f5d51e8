"""The pipeline model refuses what no CI system could run."""

from typing import Any

import pytest
from pydantic import ValidationError

from shiftdown.pipelines import Area, Job, Output, Part, Pipeline, Runtime, Stage, Step, Trigger
from shiftdown.repository.stack import Language

LEAVES = Step(name="Leaves", run="a=1", key="leaves", outputs=("a",))
TAKES = Step(name="Takes", run="echo $A", env={"A": ("x", Output(step="leaves", name="a"))})


def job(**more: Any) -> Job:
    return Job(**{"id": "a", "name": "A", "stage": Stage.TEST, "steps": (Step(name="Step", run="make"),), **more})


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: Pipeline(jobs=(job(), job())), "two jobs"),
        (lambda: Pipeline(jobs=(job(needs=("b",)),)), "needs"),
        (lambda: Pipeline(jobs=(job(area="x"),), areas=(Area(key="y", paths=("y/",)),)), "area"),
        (lambda: Pipeline(jobs=(job(),), triggers=(Trigger.SCHEDULE,)), "cron"),
        (lambda: Pipeline(jobs=(job(),), cron="0 0 * * *"), "schedule"),
        (lambda: Pipeline(jobs=()), "at least 1"),
        (lambda: job(steps=()), "at least 1"),
        (lambda: job(id="no spaces"), "pattern"),
        (lambda: job(timeout_minutes=0), "greater than or equal to 1"),
        (lambda: job(setup=(Runtime(language=Language.GO, version_axis="go"),)), "matrix"),
        (lambda: job(env={"A-B": "x"}), "environment variable"),
        (lambda: Step.model_validate({"name": "x", "parts": {"github-actions": Part(name="a/b")}}), "Field required"),
        (lambda: Step(name="x", run=""), "at least 1"),
        (lambda: Step(name="x", run="y", outputs=("a",)), "no key"),
        (lambda: job(steps=(TAKES,)), "no step before it leaves"),
        (lambda: job(steps=(LEAVES.model_copy(update={"outputs": ("b",)}), TAKES)), "no step before it leaves"),
        (lambda: Step(name="x", run="y", secrets={"1A": "B"}), "environment variable"),
        (lambda: Runtime(language=Language.GO, version_file="go.mod", version_axis="go"), "not from both"),
    ],
)
def test_refuses(wrong: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        wrong()


def test_a_step_takes_what_one_before_it_leaves() -> None:
    assert job(steps=(LEAVES, TAKES)).steps == (LEAVES, TAKES)
