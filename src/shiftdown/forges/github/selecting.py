"""Repositories by selection: listed page by page, or found by GitHub's search, a piece of time after the other."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.github import queries
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.selection import FoundRepository, Selection

_MOST = 1000
"""How many results GitHub gives for one search (docs.github.com, "About search")."""
_FIRST = datetime(2007, 10, 1, tzinfo=UTC)
"""No repository on GitHub is older."""
_SECOND = timedelta(seconds=1)


def repositories(client: Client, url: str, selection: Selection, now: datetime) -> Iterator[FoundRepository]:
    """The repositories that are meant, as they come; a page is asked for when its first one is wanted.

    Those of one owner are listed by name. A search comes in GitHub's order; when it finds more than GitHub gives, it
    is made again for shorter and shorter times of creation.

    Args:
        client: sends the requests.
        url: address of the forge's pages.
        selection: what they must be like.
        now: the present moment.

    Raises:
        NotFoundError: there is no such owner.
        InvalidInputError: the search finds more than GitHub gives, and cannot be cut into pieces.
        ShiftdownError: GitHub refuses, or cannot be reached; what came before stays valid.
    """
    place = Place(f"{url}/{selection.owner or ''}".rstrip("/"), selection.owner or "", "")
    if selection.owner and "/" in selection.owner:
        raise NotFoundError("owner", selection.owner, "on GitHub, an organisation or user has one name without slashes")
    files = {f"file{n}": f"HEAD:{path}" for n, path in enumerate(selection.has_files)}
    nodes = _found(client, place, selection, files, now) if selection.search or not selection.owner else None
    seen: set[str] = set()
    for node in nodes or _owned(client, place, selection, files):
        found = _repository(node)
        if found.name not in seen and selection.takes(found) and all(node[name] for name in files):
            yield found
        # What is renamed or made meanwhile may move others to the next page.
        seen.add(found.name)


def _owned(client: Client, place: Place, selection: Selection, files: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    document, after = queries.owned(len(files)), None
    given = {
        "login": place.owner,
        "archived": None if selection.include_archived else False,
        "fork": None if selection.include_forks else False,
        **files,
    }
    while True:
        data = client.query_parts(place, "list repositories", document, {**given, "after": after})
        if data["repositoryOwner"] is None:
            raise NotFoundError(
                "owner", place.owner, f"{place.location} is no organisation or user that the token sees"
            )
        page = data["repositoryOwner"]["repositories"]
        yield from (node for node in page["nodes"] if node is not None)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            return


def _found(
    client: Client, place: Place, selection: Selection, files: Mapping[str, str], now: datetime
) -> Iterator[Mapping[str, Any]]:
    document, words = queries.found(len(files)), _words(selection)
    times: list[tuple[datetime, datetime] | None] = [None]
    while times:
        time = times.pop()
        text = words if time is None else f"{words} created:{_moment(time[0])}..{_moment(time[1])}"
        after = None
        while True:
            data = client.query_parts(place, "search repositories", document, {"words": text, "after": after, **files})
            page = data["search"]
            if page["repositoryCount"] > _MOST:
                # The later half is on top: it comes last.
                times += reversed(_halves(time or (_FIRST, now), words, page["repositoryCount"]))
                break
            yield from (node for node in page["nodes"] if node)
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break


def _words(selection: Selection) -> str:
    """What to search for. What a search cannot say exactly is looked at afterwards."""
    parts = [selection.search or ""]
    parts += [f"user:{selection.owner}"] if selection.owner else []
    parts += [f'topic:"{topic}"' for topic in selection.topics]
    parts += [f'language:"{selection.languages[0]}"'] if len(selection.languages) == 1 else []
    parts += [] if selection.include_archived else ["archived:false"]
    parts += ["fork:true"] if selection.include_forks else []
    return " ".join(filter(None, parts))


def _halves(time: tuple[datetime, datetime], words: str, count: int) -> list[tuple[datetime, datetime]]:
    first, last = time
    if "created:" in words.lower() or last - first < _SECOND:
        raise InvalidInputError(
            f"the search {words!r} finds {count} repositories, and GitHub gives {_MOST} at most: say more"
        )
    middle = (first + (last - first) / 2).replace(microsecond=0)
    return [(first, middle), (middle + _SECOND, last)]


def _repository(node: Mapping[str, Any]) -> FoundRepository:
    branch, language = node["defaultBranchRef"], node["primaryLanguage"]
    return FoundRepository(
        location=node["url"],
        name=node["nameWithOwner"],
        default_branch=branch["name"] if branch else None,
        archived=node["isArchived"],
        fork=node["isFork"],
        visibility=node["visibility"].lower(),
        language=language["name"] if language else None,
        topics=tuple(item["topic"]["name"] for item in node["repositoryTopics"]["nodes"]),
        changed_at=datetime.fromisoformat(node["pushedAt"]) if node["pushedAt"] else None,
    )


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
