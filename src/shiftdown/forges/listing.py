"""Pages of repositories, as GraphQL gives them: with what it does not show, and why."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from shiftdown.forges.errors import RefusedError

log = logging.getLogger(__name__)

Problems = Sequence[Mapping[str, Any]]
"""The errors in an answer of GraphQL."""
_LASTING = ("FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND")


class Listing:
    """One way through the pages of a forge. What it does not show of a repository is logged, never just left out."""

    def __init__(self, where: str, forge: str, name: str, doing: str) -> None:
        """A listing.

        Args:
            where: what is listed, for messages.
            forge: the forge's name for people.
            name: the field that holds a repository's full name.
            doing: what is done, for messages.
        """
        self._where = where
        self._forge = forge
        self._name = name
        self._doing = doing
        self._problems: list[Mapping[str, Any]] = []
        self._came = False

    def checked(self, page: Mapping[str, Any] | None, problems: Problems) -> Mapping[str, Any]:
        """The page, with `nodes`.

        Raises:
            RefusedError: it is not given.
        """
        if page is None or page["nodes"] is None:
            self._refuse(problems)
        return page

    def shown(self, page: Mapping[str, Any], problems: Problems) -> Iterator[Mapping[str, Any]]:
        """The repositories of a page of which everything is given."""
        self._problems += problems
        broken = {number_of(problem): problem for problem in problems}
        for number, node in enumerate(page["nodes"]):
            if node and number not in broken:
                self._came = True
                yield node
        for at, problem in broken.items():
            name = ((page["nodes"][at] if at is not None else None) or {}).get(self._name)
            left_out = name or f"a repository that {self._forge} does not name"
            log.warning("%s: %s is left out: %s", self._where, left_out, _words([problem]))

    def following(self, page: Mapping[str, Any], after: str | None) -> str | None:
        """The cursor of the next page; `None` when this was the last one.

        Raises:
            RefusedError: it is that of the page itself, so that there would be no end.
        """
        info = page["pageInfo"]
        if not info["hasNextPage"]:
            return None
        if info["endCursor"] in (None, after):
            self._refuse([{"message": "there is a next page, and no cursor that leads to it"}])
        return str(info["endCursor"])

    def finish(self) -> None:
        """Say at the end why there was nothing.

        Raises:
            RefusedError: there were repositories, and none was shown.
        """
        if self._problems and not self._came:
            self._refuse(self._problems)

    def _refuse(self, problems: Problems) -> NoReturn:
        said = _words(problems)
        raise RefusedError(self._where, f"cannot {self._doing}: {self._forge} answers: {said}", 200, said)


def patiently(ask: Callable[[], tuple[dict[str, Any], Problems]]) -> tuple[dict[str, Any], Problems]:
    """Ask for a page, and once more when one of its errors may be gone then: it is not about rights."""
    data, problems = ask()
    return ask() if any(problem.get("type") not in _LASTING for problem in problems) else (data, problems)


def number_of(problem: Mapping[str, Any]) -> int | None:
    """Which one of a page's repositories an error is about."""
    return next((part for part in problem.get("path") or () if isinstance(part, int)), None)


def _words(problems: Problems) -> str:
    said = dict.fromkeys(str(problem.get("message") or "") for problem in problems)
    return "; ".join(filter(None, said))[:500] or "no reason given"
