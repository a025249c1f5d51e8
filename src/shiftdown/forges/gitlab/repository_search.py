"""Repositories by selection: the projects of a group, of a user, or of the whole GitLab, page by page.

GraphQL pages begin after the last project that was seen, not after a number of them: what is made, renamed or removed
meanwhile moves no other one. GitLab tells here, in one answer, what its REST API takes a request per project for.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from shiftdown.errors import NotFoundError
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Place, encoded
from shiftdown.forges.listing import Listing, Problems, patiently
from shiftdown.forges.selection import FoundRepository, Selection

_DOING = "list repositories"
_PAGE = 100
"""How many projects a page has at most."""
_LOOKING_PAGE = 40
"""The same when GitLab is to look into their repositories."""


def repositories(client: Client, url: str, selection: Selection) -> Iterator[FoundRepository]:
    """The repositories that are meant, as they come; a page is asked for when its first one is wanted.

    Those made last come first. What GitLab cannot show of the rest is logged.

    Args:
        client: sends the requests.
        url: address of the forge's pages.
        selection: what they must be like.

    Raises:
        NotFoundError: there is no such group or user.
        ShiftdownError: GitLab refuses, shows nothing at all, or cannot be reached; what came before stays valid.
    """
    listing = _Listing(client, url, selection)
    seen: set[str] = set()
    for node in listing.owned() if selection.owner else listing.anybodys():
        found = _repository(node, url)
        if node["id"] not in seen and selection.takes(found) and listing.has_files(node):
            yield found
        seen.add(node["id"])
    listing.finish()


class _Listing(Listing):
    def __init__(self, client: Client, url: str, selection: Selection) -> None:
        self._client = client
        self._selection = selection
        self._place = Place(f"{url}/{selection.owner or ''}".rstrip("/"), selection.owner or "")
        super().__init__(self._place.location, "GitLab", "fullPath", _DOING)
        self._files = [path for path in selection.has_files if not path.endswith("/")]
        folders = [path.removesuffix("/") for path in selection.has_files if path.endswith("/")]
        self._folders = {f"folder{n}": path for n, path in enumerate(folders)}
        self._many = _LOOKING_PAGE if selection.has_files else _PAGE

    def owned(self) -> Iterator[Mapping[str, Any]]:
        """Those of a group and all below it, else of a user."""
        owner, after, more = self._selection.owner, None, True
        given = {"path": ("ID!", owner), "search": ("String", self._selection.search)}
        head = "group(fullPath: $path) { projects(includeSubgroups: true, search: $search, first: $many, after: $after)"
        while more:
            data, problems = self._asked(head, "}", {**given, "after": ("String", after)})
            if data["group"] is None and not problems and after is None:
                yield from self._of_user()
                return
            page = self.checked((data["group"] or {}).get("projects"), problems)
            yield from self.shown(page, problems)
            after = self.following(page, after)
            more = after is not None

    def _of_user(self) -> Iterator[Mapping[str, Any]]:
        """Those of a user, whose namespace GraphQL shows to nobody else: their numbers by REST, then the rest."""
        path = f"/users/{encoded(self._place.path)}/projects"
        query = {"pagination": "keyset", "order_by": "id", "sort": "desc", "simple": "true", "per_page": self._many}
        query |= {"search": self._selection.search} if self._selection.search else {}
        for page in self._client.linked(self._place, _DOING, path, query):
            if page is None:
                hint = f"{self._place.location} is no group or user that the token sees"
                raise NotFoundError("owner", self._place.path, hint)
            ids = [f"gid://gitlab/Project/{project['id']}" for project in page]
            if ids:
                data, problems = self._asked("projects(ids: $ids, first: $many)", "", {"ids": ("[ID!]", ids)})
                yield from self.shown(self.checked(data["projects"], problems), problems)

    def anybodys(self) -> Iterator[Mapping[str, Any]]:
        """Those that GitLab's own filters let through: of each language in turn, for it takes one at a time."""
        languages = self._selection.languages if not (self._selection.topics or self._selection.search) else (None,)
        for language in languages:
            given: dict[str, tuple[str, Any]] = {
                "topics": ("[String!]", list(self._selection.topics) or None),
                "search": ("String", self._selection.search),
            }
            filters = "topics: $topics, search: $search"
            if language is not None:
                given["language"] = ("String", language)
                filters += ", programmingLanguageName: $language"
            after, more = None, True
            while more:
                head = f"projects({filters}, first: $many, after: $after)"
                data, problems = self._asked(head, "", {**given, "after": ("String", after)})
                page = self.checked(data["projects"], problems)
                yield from self.shown(page, problems)
                after = self.following(page, after)
                more = after is not None

    def has_files(self, node: Mapping[str, Any]) -> bool:
        """Whether all files and folders are there."""
        if not self._selection.has_files:
            return True
        repository = node["repository"] or {}
        there = {blob["path"] for blob in (repository.get("files") or {}).get("nodes") or ()}
        folders = (repository.get(name) or {} for name in self._folders)
        return set(self._files) <= there and all(
            any((folder.get(kind) or {}).get("nodes") for kind in ("blobs", "trees")) for folder in folders
        )

    def _asked(self, head: str, tail: str, given: Mapping[str, tuple[str, Any]]) -> tuple[dict[str, Any], Problems]:
        """Ask for a page: what follows `head` are projects. Variables have a type and a value."""
        looked = {name: ("String!", path) for name, path in self._folders.items()}
        files = {"files": ("[String!]!", self._files)} if self._files else {}
        variables = {**given, **looked, **files, "many": ("Int!", self._many)}
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in variables.items())
        document = f"query({declared}) {{ {head} {self._page()} {tail} }}"
        values = {name: value for name, (_, value) in variables.items()}
        return patiently(lambda: self._asked_once(document, values))

    def _asked_once(self, document: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], Problems]:
        problems: list[Mapping[str, Any]] = []
        return self._client.query_parts(self._place, _DOING, document, values, problems.extend), problems

    def _page(self) -> str:
        files = "files: blobs(paths: $files, first: 100) { nodes { path } }" if self._files else ""
        one = "(first: 1) { nodes { path } }"
        folders = " ".join(f"{name}: tree(path: ${name}) {{ blobs{one} trees{one} }}" for name in self._folders)
        return f"""{{
          nodes {{
            id fullPath archived isForked visibility topics lastActivityAt
            languages {{ name share }} repository {{ rootRef {files} {folders} }}
          }}
          pageInfo {{ hasNextPage endCursor }}
        }}"""


def _repository(node: Mapping[str, Any], url: str) -> FoundRepository:
    languages = sorted(node["languages"] or (), key=lambda item: -(item["share"] or 0))
    return FoundRepository(
        location=f"{url}/{node['fullPath']}",
        name=node["fullPath"],
        default_branch=(node["repository"] or {}).get("rootRef"),
        archived=bool(node["archived"]),
        fork=node["isForked"],
        visibility=node["visibility"],
        language=languages[0]["name"] if languages else None,
        topics=tuple(node["topics"] or ()),
        changed_at=datetime.fromisoformat(node["lastActivityAt"]) if node["lastActivityAt"] else None,
    )
