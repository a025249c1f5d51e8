"""What can go wrong with tasks as a whole."""

from collections.abc import Iterable

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.model.tasks import Task, TaskStatus


class TaskConflictError(ShiftdownError):
    """The state of a task does not allow what was asked; nothing was changed."""

    def __init__(self, task: Task, wanted: str, what_to_do: str) -> None:
        self.task_id = task.id
        """The task."""
        self.status: TaskStatus = task.status
        """The state it is in."""
        super().__init__(f"task {task.id} cannot be {wanted}, it is {task.status}: {what_to_do}")


class SecretsNeededError(InvalidInputError):
    """A task was given secrets that are gone; it needs them again."""

    def __init__(self, task_id: str, names: Iterable[str]) -> None:
        self.task_id = task_id
        """The task."""
        self.names = tuple(sorted(names))
        """The names of the secrets."""
        super().__init__(
            f"task {task_id} needs its secrets again ({', '.join(self.names)}): secrets are not kept beyond the end of "
            "a task, nor of its process unless SHIFTDOWN_SECRETS_KEY is set; retry it and give them"
        )
