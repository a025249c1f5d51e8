"""What an operator sets for tasks."""

from datetime import timedelta

from pydantic import Field

from shiftdown.model.base import Model


class TaskOptions(Model):
    """Limits of the tasks that one process runs."""

    concurrency: int = Field(default=8, ge=1)
    """How many run at the same time; the others wait."""
    timeout: timedelta = Field(default=timedelta(hours=1), gt=timedelta(0))
    """How long a task may run; then it is stopped and fails. Clean-up steps still run."""
    cleanup: timedelta = Field(default=timedelta(minutes=1), ge=timedelta(0))
    """How long steps with `always()` and `failure()` may take after a task was cancelled or timed out."""
    lease: timedelta = Field(default=timedelta(minutes=1), gt=timedelta(0))
    """How long a process may be silent before others may take its tasks over. Clocks must agree better than that."""
    retention: timedelta = Field(default=timedelta(days=30), ge=timedelta(0))
    """How long tasks are kept after their end."""
