"""Whether a task whose process is gone may go on in another one, and how."""

from collections.abc import Mapping, Sequence

from pydantic import SecretStr

from shiftdown.model.tasks import Task, TaskEvent, TaskEventType
from shiftdown.scaffolder.tasks.errors import SecretsNeededError
from shiftdown.scaffolder.tasks.sealing import Sealer, SealError
from shiftdown.scaffolder.tasks.store import TaskStore

TAKEN_OVER = "The task is taken over, since the process that held it is gone"
"""What the event says when another process takes a task over."""
RETRIED = "The task is retried"
"""What the event says when somebody retries a task."""
MAX_TAKEOVERS = 10
"""How often a task that runs is taken over: one that kills its process must not kill all others."""


def strategy_of(task: Task) -> str | None:
    """What the template says about recovery, `none` or `startOver`; `None` when it says nothing."""
    spec = task.template.get("spec")
    section = spec.get("EXPERIMENTAL_recovery") if isinstance(spec, Mapping) else None
    found = section.get("EXPERIMENTAL_strategy") if isinstance(section, Mapping) else None
    return found if isinstance(found, str) else None


def secrets_of(store: TaskStore, task: Task, sealer: Sealer | None) -> dict[str, SecretStr] | None:
    """The secrets of a task of another process; `None` when they are gone.

    Raises:
        SealError: they are sealed, and cannot be opened here.
    """
    if not task.secret_names:
        return {}
    sealed = store.sealed_secrets(task.id)
    if sealed is None:
        return None
    if sealer is None:
        raise SealError("its secrets are sealed, and SHIFTDOWN_SECRETS_KEY is not set here")
    return {name: SecretStr(value) for name, value in sealer.open(task.id, sealed).items()}


def why_not(task: Task, secrets: Mapping[str, SecretStr] | None, events: Sequence[TaskEvent]) -> str | None:
    """Why a task cannot go on; `None` when it can."""
    if secrets is None:
        return str(SecretsNeededError(task.id, task.secret_names))
    if task.started_at is None:
        return None
    if strategy_of(task) == "none":
        return "the process that ran it is gone, and its template says not to recover it; retry it"
    if takeovers(events) > MAX_TAKEOVERS:
        return f"the processes that ran it were gone {MAX_TAKEOVERS + 1} times; find out why before you retry it"
    return None


def takeovers(events: Sequence[TaskEvent]) -> int:
    """How often a task was taken over since it was submitted or retried."""
    found = [e.body.get("message") for e in events if e.type is TaskEventType.RECOVERED]
    retries = [index for index, message in enumerate(found) if message == RETRIED]
    return len(found[retries[-1] + 1 :] if retries else found)
