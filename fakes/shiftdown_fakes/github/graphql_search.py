"""Repositories of an owner, and GitHub's search for repositories, in its GraphQL API."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shiftdown_fakes.github.graphql_shapes import GraphQLError, actor, connection, repository
from shiftdown_fakes.github.model import Repository
from shiftdown_fakes.github.routing import Call
from shiftdown_fakes.projection import Resolved

MOST = 1000
"""How many results GitHub gives for one search."""

_WORD = re.compile(r'(?:(?P<qualifier>[a-z-]+):)?(?:"(?P<quoted>[^"]*)"|(?P<plain>\S+))')


def search_root(call: Call) -> Resolved:
    """What a query about many repositories may start with."""
    return {"repositoryOwner": lambda given: repository_owner(call, given), "search": lambda given: search(call, given)}


def repository_owner(call: Call, given: Mapping[str, Any]) -> Resolved | None:
    """An account, with its repositories."""
    login = str(given["login"])
    user = call.world.users.get(login.lower())
    if user is None:
        return None
    return {**actor(call, login), "repositories": lambda wanted: _owned(call, user.login, wanted)}


def _owned(call: Call, owner: str, given: Mapping[str, Any]) -> Resolved:
    found = [own for own in _visible(call) if own.owner.lower() == owner.lower()]
    for name, value in (("isArchived", lambda own: own.archived), ("isFork", lambda own: own.parent is not None)):
        if given.get(name) is not None:
            found = [own for own in found if value(own) == given[name]]
    if given.get("orderBy") != {"field": "CREATED_AT", "direction": "ASC"}:
        raise GraphQLError("UNPROCESSABLE", "the fake orders repositories by their age alone")
    found.sort(key=_age)
    # A cursor says after what a page begins, not after how many: what was before it does not matter any more.
    after = given.get("after")
    start = next((n for n, own in enumerate(found) if _age(own) > _age_of(str(after))), len(found)) if after else 0
    page = connection(found, {**given, "after": start}, lambda own: repository(call, own))
    last = found[min(len(found), start + int(given["first"])) - 1] if found else None
    return {
        **page,
        "pageInfo": {**page["pageInfo"], "endCursor": f"{last.created.isoformat()} {last.id}" if last else None},
    }


def _age(own: Repository) -> tuple[datetime, int]:
    return own.created, own.id


def _age_of(cursor: str) -> tuple[datetime, int]:
    created, id_ = cursor.split(" ")
    return datetime.fromisoformat(created), int(id_)


def search(call: Call, given: Mapping[str, Any]) -> Resolved:
    """What a search for repositories finds."""
    if given["type"] != "REPOSITORY":
        raise GraphQLError("UNPROCESSABLE", "the fake searches repositories alone")
    tests = _tests(str(given["query"]))
    found = [own for own in _visible(call) if all(test(own) for test in tests)]
    return {**connection(found[:MOST], given, lambda own: repository(call, own)), "repositoryCount": len(found)}


def _visible(call: Call) -> Sequence[Repository]:
    return [own for own in call.world.repositories.values() if call.world.allows(own, call.token, "read")]


def _tests(query: str) -> list[Callable[[Repository], bool]]:
    """What each word asks for: one of the owners that are named, and everything else.

    Forks are left out unless a word says otherwise, as GitHub does.
    """
    words = [
        (m["qualifier"], m["quoted"] if m["quoted"] is not None else m["plain"].strip('"'))
        for m in _WORD.finditer(query)
    ]
    owners = {value.lower() for qualifier, value in words if qualifier in ("user", "org")}
    tests = [_test(qualifier, value) for qualifier, value in words if qualifier not in ("user", "org")]
    if owners:
        tests.append(lambda own: own.owner.lower() in owners)
    if not any(qualifier == "fork" for qualifier, _ in words):
        tests.append(lambda own: own.parent is None)
    return tests


def _moment(text: str) -> datetime:
    """A day, or a moment."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _test(qualifier: str | None, value: str) -> Callable[[Repository], bool]:
    match qualifier:
        case None:
            return lambda own: value.lower() in f"{own.name} {own.description or ''} {' '.join(own.topics)}".lower()
        case "topic":
            return lambda own: value.lower() in own.topics
        case "language":
            return lambda own: (own.language or "").lower() == value.lower()
        case "archived":
            return lambda own: own.archived == (value == "true")
        case "fork":
            return lambda own: value == "true" or (own.parent is not None) == (value == "only")
        case "created":
            first, last = (_moment(end) for end in value.split(".."))
            return lambda own: first <= own.created < last + timedelta(seconds=1)
    raise GraphQLError("UNPROCESSABLE", f"the fake does not know the qualifier {qualifier}")
