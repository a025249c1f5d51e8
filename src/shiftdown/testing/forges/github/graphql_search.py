"""Repositories of an owner, and GitHub's search for repositories, in its GraphQL API."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from shiftdown.testing.forges.github.graphql_shapes import GraphQLError, actor, connection, repository
from shiftdown.testing.forges.github.model import Repository
from shiftdown.testing.forges.github.routing import Call
from shiftdown.testing.forges.projection import Resolved

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
    order = given.get("orderBy") or {"field": "NAME", "direction": "ASC"}
    if order["field"] != "NAME":
        raise GraphQLError("UNPROCESSABLE", "the fake orders repositories by name alone")
    found.sort(key=lambda own: own.name.lower(), reverse=order["direction"] == "DESC")
    return connection(found, given, lambda own: repository(call, own))


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
    """What each word asks for. Forks are left out unless a word says otherwise, as GitHub does."""
    words = [(m["qualifier"], m["quoted"] if m["quoted"] is not None else m["plain"]) for m in _WORD.finditer(query)]
    tests = [_test(qualifier, value) for qualifier, value in words]
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
        case "user" | "org":
            return lambda own: own.owner.lower() == value.lower()
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
