"""What a step does with its input, and what may be seen of a run."""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from shiftdown.errors import NotFoundError
from shiftdown.scaffolder.action import Action, ActionContext
from shiftdown.scaffolder.expressions import is_truthy_condition

Work = Callable[[Mapping[str, Any], ActionContext], Callable[[], dict[str, Any]]]
"""Checks an input, and gives what does the work and gives the output."""


def work_of(action: Action, *, dry_run: bool) -> Work | None:
    """What an action does; `None` when a dry-run skips it."""
    if dry_run and not action.dry_run:
        return None

    def prepare(values: Mapping[str, Any], context: ActionContext) -> Callable[[], dict[str, Any]]:
        parsed = action.parse(values)

        def run() -> dict[str, Any]:
            result = action.function(parsed, context)
            return {} if result is None else result.model_dump(mode="json", by_alias=True, exclude_unset=True)

        return run

    return prepare


def unknown_action(id_: str, known: Iterable[str]) -> NotFoundError:
    """The error for an action that is not installed."""
    return NotFoundError("action", id_, action_hint(id_, known))


def action_hint(id_: str, known: Iterable[str]) -> str:
    """What to do about an action that is not installed: name the one that may have been meant, else where to look."""
    close = get_close_matches(id_, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "see `shiftdown actions list` for those that are installed"


def without_secrets(context: Mapping[str, Any]) -> dict[str, Any]:
    """The context of what becomes visible: conditions of steps, and the output."""
    return {name: value for name, value in context.items() if name != "secrets"}


def shown_items(items: list[Any]) -> list[Any]:
    """The links or texts of an output whose `if` holds, without it."""
    shown = [i for i in items if not isinstance(i, Mapping) or "if" not in i or is_truthy_condition(i["if"])]
    return [{k: v for k, v in i.items() if k != "if"} if isinstance(i, Mapping) else i for i in shown]
