"""Repositories by selection: listed page by page, or found by GitHub's search, a piece of time after the other."""

import logging
from collections.abc import Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.github import queries
from shiftdown.forges.github.client import Client, Place
from shiftdown.forges.listing import Listing, Problems, number_of, patiently
from shiftdown.forges.selection import FoundRepository, Selection

log = logging.getLogger(__name__)

_MOST = 1000
"""How many results GitHub gives for one search (docs.github.com, "About search")."""
_FIRST = datetime(2007, 10, 1, tzinfo=UTC)
"""No repository on GitHub is older."""
_SECOND = timedelta(seconds=1)
_DOING = "list repositories"
_PAGE = 100
"""How many repositories a page has at most."""
_LOOKUPS = 500
"""How many files a page looks for at most: more take GitHub too long to answer."""


def repositories(client: Client, url: str, selection: Selection, now: datetime) -> Iterator[FoundRepository]:
    """The repositories that are meant, as they come; a page is asked for when its first one is wanted.

    Those of one owner are listed, the oldest first. A search comes in GitHub's order; when it finds more than GitHub
    gives, it is made again for shorter and shorter times of creation. What GitHub cannot show of the rest is logged.

    Args:
        client: sends the requests.
        url: address of the forge's pages.
        selection: what they must be like.
        now: the present moment.

    Raises:
        NotFoundError: there is no such owner.
        InvalidInputError: the search finds more than GitHub gives, and cannot be cut into pieces.
        ShiftdownError: GitHub refuses, shows nothing at all, or cannot be reached; what came before stays valid.
    """
    if selection.owner and "/" in selection.owner:
        raise NotFoundError("owner", selection.owner, "on GitHub, an organisation or user has one name without slashes")
    listing = _Listing(client, url, selection)
    seen: set[str] = set()
    for node in listing.found(now) if selection.search or not selection.owner else listing.owned():
        found = _repository(node, url)
        # What is renamed meanwhile may come again, by another name.
        if node["id"] not in seen and selection.takes(found) and listing.has_files(node):
            yield found
        seen.add(node["id"])
    listing.finish()


class _Listing(Listing):
    def __init__(self, client: Client, url: str, selection: Selection) -> None:
        self._client = client
        self._selection = selection
        self._place = Place(f"{url}/{selection.owner or ''}".rstrip("/"), selection.owner or "", "")
        super().__init__(self._place.location, "GitHub", "nameWithOwner", _DOING)
        self._files = {f"file{n}": f"HEAD:{path.removesuffix('/')}" for n, path in enumerate(selection.has_files)}
        self._many = min(_PAGE, _LOOKUPS // (len(self._files) or 1))

    def owned(self) -> Iterator[Mapping[str, Any]]:
        """Those of the owner."""
        document, after, more = queries.owned(len(self._files)), None, True
        given = {
            "login": self._place.owner,
            "archived": None if self._selection.include_archived else False,
            "fork": None if self._selection.include_forks else False,
        }
        while more:
            data, problems = self._asked(document, {**given, "after": after})
            owner = data["repositoryOwner"]
            if owner is None and not problems:
                hint = f"{self._place.location} is no organisation or user that the token sees"
                raise NotFoundError("owner", self._place.owner, hint)
            page = self.checked((owner or {}).get("repositories"), problems)
            yield from self.shown(page, problems)
            after = self.following(page, after)
            more = after is not None

    def found(self, now: datetime) -> Iterator[Mapping[str, Any]]:
        """Those that a search finds, of each language in turn."""
        for language in self._selection.languages or (None,):
            text = _words(self._selection, language)
            times: list[tuple[datetime, datetime] | None] = [None]
            while times:
                time = times.pop()
                count = yield from self._piece(text if time is None else f"{_between(time)} {text}")
                if count > _MOST:
                    # The later half is on top: it comes last.
                    times += reversed(_halves(time or (_FIRST, now), text, count))

    def _piece(self, text: str) -> Generator[Mapping[str, Any], None, int]:
        """What one search finds, and how much that is; nothing when it is more than GitHub gives.

        Pages of a search are cut by numbers, so that one may be missed while the order changes: then they are read
        once more.
        """
        document, told, count = queries.found(len(self._files)), set[str](), 0
        for _ in range(2):
            after, more, unknown = None, True, 0
            while more:
                data, problems = self._asked(document, {"words": text, "after": after})
                page = self.checked(data["search"], problems)
                count = int(page["repositoryCount"])
                if count > _MOST:
                    return count
                for node in self.shown(page, problems):
                    told.add(node["id"])
                    yield node
                unknown += len({number_of(problem) for problem in problems})
                after = self.following(page, after)
                more = after is not None
            if len(told) + unknown >= count:
                return count
        log.warning("the search %r finds %d repositories, and GitHub shows %d", text, count, len(told))
        return count

    def has_files(self, node: Mapping[str, Any]) -> bool:
        """Whether all files and folders are there."""
        wanted = zip(self._files, self._selection.has_files, strict=True)
        kinds = ((node[name], path) for name, path in wanted)
        return all(item and (item["__typename"] == "Tree" or not path.endswith("/")) for item, path in kinds)

    def _asked(self, document: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
        return patiently(lambda: self._asked_once(document, given))

    def _asked_once(self, document: str, given: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
        problems: list[Mapping[str, Any]] = []
        variables = {**given, "many": self._many, **self._files}
        return self._client.query_parts(self._place, _DOING, document, variables, problems.extend), problems


def _words(selection: Selection, language: str | None) -> str:
    """What to search for. What a search cannot say exactly is looked at afterwards.

    The user's words come last: a quotation mark that is missing there takes nothing else with it.
    """
    parts = [f"user:{selection.owner}"] if selection.owner else []
    parts += [f'topic:"{topic}"' for topic in selection.topics]
    parts += [f'language:"{language}"'] if language else []
    parts += [] if selection.include_archived else ["archived:false"]
    parts += ["fork:true"] if selection.include_forks else []
    return " ".join([*parts, selection.search or ""]).strip()


def _between(time: tuple[datetime, datetime]) -> str:
    first, last = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in time)
    return f"created:{first}..{last}"


def _halves(time: tuple[datetime, datetime], text: str, count: int) -> list[tuple[datetime, datetime]]:
    first, last = time
    if "created:" in text.lower() or last - first < _SECOND:
        raise InvalidInputError(
            f"the search {text!r} finds {count} repositories, and GitHub gives {_MOST} at most: say more"
        )
    middle = (first + (last - first) / 2).replace(microsecond=0)
    return [(first, middle), (middle + _SECOND, last)]


def _repository(node: Mapping[str, Any], url: str) -> FoundRepository:
    branch, language = node["defaultBranchRef"], node["primaryLanguage"]
    return FoundRepository(
        location=f"{url}/{node['nameWithOwner']}",
        name=node["nameWithOwner"],
        default_branch=branch["name"] if branch else None,
        archived=node["isArchived"],
        fork=node["isFork"],
        visibility=node["visibility"].lower(),
        language=language["name"] if language else None,
        topics=tuple(item["topic"]["name"] for item in node["repositoryTopics"]["nodes"]),
        changed_at=datetime.fromisoformat(node["pushedAt"]) if node["pushedAt"] else None,
    )
