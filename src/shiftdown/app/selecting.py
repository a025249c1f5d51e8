"""Many repositories at once: from a list, or as a forge tells of them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel

from shiftdown.campaigns import Job, RunOutcome, RunResult
from shiftdown.errors import InvalidInputError, ShiftdownError

if TYPE_CHECKING:
    from shiftdown.registry import Registry

MAX_LIST = 10_000_000
"""The most bytes that a list of repositories may have."""
_LONGEST = 4096
"""The most characters that a line of it may have."""
_COMMENT = re.compile(r"(^|\s)#.*$")


def jobs_for(
    type_: str,
    repositories: Iterable[str],
    parameters: BaseModel,
    locate: Callable[[str], str],
    registry: "Callable[[], Registry]",
) -> Iterator[Job | RunResult]:
    """One job per repository, made when it is wanted; a result for what cannot be used.

    Args:
        type_: the transformation type.
        repositories: URLs or paths; one that comes again is left out.
        parameters: parameters of the transformation.
        locate: gives the location of a repository.
        registry: gives the registry.

    Raises:
        ShiftdownError: a repository of a list cannot be used. Of a list, all are looked at first.
    """
    found: Iterable[str | RunResult] = (
        [locate(repository) for repository in repositories]
        if isinstance(repositories, Sequence)
        else _located(type_, repositories, locate)
    )
    return _jobs(type_, found, parameters, registry)


def _located(type_: str, repositories: Iterable[str], locate: Callable[[str], str]) -> Iterator[str | RunResult]:
    for repository in repositories:
        try:
            yield locate(repository)
        except ShiftdownError as error:
            yield RunResult(repository=repository, type=type_, outcome=RunOutcome.FAILED, reason=str(error))


def _jobs(
    type_: str, located: Iterable[str | RunResult], parameters: BaseModel, registry: "Callable[[], Registry]"
) -> Iterator[Job | RunResult]:
    seen: set[str] = set()
    for location in located:
        if isinstance(location, RunResult):
            yield location
        elif location not in seen:
            seen.add(location)
            yield Job(repository=registry().ensure_repository(location), type=type_, parameters=parameters)


def listed(content: bytes, source: str, locate: Callable[[str], str]) -> list[str]:
    """The repositories in a list: one URL or path per line, blank lines and comments from `#` on left out.

    A `#` inside a URL or path belongs to it: only after a blank, or at the beginning, it begins a comment.

    Args:
        content: what the list holds.
        source: where it comes from, for messages.
        locate: gives the location of a repository.

    Raises:
        InvalidInputError: it is too long or no text, it names no repository, or one that cannot be used; says in
            which line.
    """
    if len(content) > MAX_LIST:
        raise InvalidInputError(f"{source}: has more than {MAX_LIST:,} bytes; a list has one repository per line")
    found: dict[str, None] = {}
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").splitlines(), start=1):
        if repository := _repository(line, f"{source}: line {number}"):
            try:
                found[locate(repository)] = None
            except ShiftdownError as error:
                raise InvalidInputError(f"{source}: line {number}: {error}") from error
    if not found:
        raise InvalidInputError(f"{source}: names no repository; write one URL or path per line")
    return list(found)


def _repository(line: bytes, where: str) -> str:
    """The repository in a line; empty when there is none."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidInputError(f"{where}: is not text in UTF-8; a list has one repository per line") from None
    if not text.replace("\t", " ").isprintable():
        raise InvalidInputError(f"{where}: holds a character that cannot be printed; a list is plain text")
    if len(text) > _LONGEST:
        raise InvalidInputError(f"{where}: has more than {_LONGEST:,} characters; a list has one repository per line")
    return _COMMENT.sub("", text).strip()
