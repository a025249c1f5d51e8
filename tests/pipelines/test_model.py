"""The pipeline model refuses what no CI system could run."""

from typing import Any

import pytest
from pydantic import ValidationError

from shiftdown.pipelines import Area, Job, Pipeline, Runtime, Stage, Step, Trigger
from shiftdown.repository.stack import Language


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
        (lambda: Step(name="x"), "neither"),
        (lambda: Step(name="x", run="y", secrets={"1A": "B"}), "environment variable"),
        (lambda: Runtime(language=Language.GO, version_file="go.mod", version_axis="go"), "not from both"),
    ],
)
def test_refuses(wrong: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        wrong()
