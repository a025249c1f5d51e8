"""Makes a repository, and says who may do what with it."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from shiftdown.errors import InvalidInputError, NotARepositoryError, NotFoundError, RepositoryError
from shiftdown.forges.github.administration.models import Grant, MadeRepository, NewRepository
from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.github.errors import RefusedError, UnsureError
from shiftdown.forges.requesting import surely

_NAME = re.compile(r"^(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$")
"""Names that GitHub takes as they are: it puts hyphens for other characters."""
_RESERVED = (".git", ".wiki", ".atom")
_ONLY_IN_ORGANISATIONS = ("visibility", "custom_properties")
_NOT_ON_CREATION = ("allow_update_branch",)
_ONLY_ON_CREATION = {"visibility", "auto_init", "custom_properties"}


class RepositoryPart:
    """One repository, which need not exist yet."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def look(self) -> MadeRepository | None:
        """The repository, if the token sees it. Under an old name, it is the one of that name that is seen."""
        found = self._requests.get("look at the repository", self._requests.path)
        return None if found is None else _made(found)

    def check_name(self) -> None:
        """See that GitHub takes its name as it is.

        Raises:
            InvalidInputError: it does not.
        """
        name = self._requests.place.name
        if not _NAME.match(name) or name.lower().endswith(_RESERVED):
            raise InvalidInputError(
                f"{self._requests.location}: {name!r} is no name for a repository on GitHub: use up to 100 letters, "
                f"digits, `.`, `_` and `-`, and not {', '.join(_RESERVED)} at the end"
            )

    def is_empty(self) -> bool:
        """Whether it, which exists, has no branch."""
        return not self._requests.get("look at its branches", f"{self._requests.path}/branches?per_page=1")

    def make(self, wanted: NewRepository) -> MadeRepository:
        """Make the repository, or give the one that is there already, whatever it is like: see `bring_in_line`.

        Raises:
            NotFoundError: GitHub knows no such owner.
            InvalidInputError: its name is not allowed, or taken by one that the token does not see.
            RepositoryError: the token may not make it; says what that needs.
        """
        self.check_name()
        return surely(lambda: self.look() or self._create(wanted))

    def bring_in_line(self, wanted: NewRepository) -> None:
        """Set up the repository, which exists, as `make` sets up a new one: what is different is changed.

        Raises:
            InvalidInputError: others see it than are to see it: that is not changed.
        """

        def act() -> None:
            doing, path = "set up the repository", self._requests.path
            found = self._requests.get(doing, path)
            if found is None:
                raise NotFoundError("repository", self._requests.location, "make it first")
            if _made(found).visibility != wanted.visibility:
                raise InvalidInputError(
                    f"{self._requests.location}: exists already, and is {_made(found).visibility}, not "
                    f"{wanted.visibility}; change that, or choose another name"
                )
            fields = wanted.model_dump(exclude=_ONLY_ON_CREATION, exclude_none=True)
            changes = {name: value for name, value in fields.items() if found.get(name) != value}
            if changes:
                self._requests.send(doing, "PATCH", path, changes)
            if wanted.custom_properties and found["owner"]["type"] == "Organization":
                self._set_properties(doing, wanted)

        surely(act)

    def _set_properties(self, doing: str, wanted: NewRepository) -> None:
        path = f"{self._requests.path}/properties/values"
        there = {item["property_name"]: item["value"] for item in self._requests.get(doing, path) or []}
        values = wanted.model_dump(mode="json")["custom_properties"]
        changes = [{"property_name": n, "value": value} for n, value in values.items() if there.get(n) != value]
        if changes:
            self._requests.send(doing, "PATCH", path, {"properties": changes})

    def check_owner(self, visibility: str) -> bool:
        """See that the owner can have it; whether that is an organisation, and not the person whose token is used.

        Raises:
            NotFoundError: GitHub knows no such owner.
            InvalidInputError: it is another person, or a person's repository cannot be seen so.
        """
        owner = self._requests.place.owner
        account = self._requests.get("look at the owner", f"/users/{owner}")
        if account is None:
            raise NotFoundError("owner", owner, f"GitHub has no such person or organisation: {self._requests.location}")
        if account["type"] != "Organization":
            self._check_personal(visibility)
            return False
        return True

    def _create(self, wanted: NewRepository) -> MadeRepository:
        given = {name: value for name, value in wanted.model_dump().items() if value not in (None, {})}
        for name in _NOT_ON_CREATION:
            given.pop(name)
        given |= {"name": self._requests.place.name, "private": wanted.visibility != "public"}
        path = f"/orgs/{self._requests.place.owner}/repos"
        if not self.check_owner(wanted.visibility):
            path = "/user/repos"
            for name in _ONLY_IN_ORGANISATIONS:
                given.pop(name, None)
        try:
            return _made(self._requests.send("make the repository", "POST", path, given, creates=True))
        except (RefusedError, NotARepositoryError) as error:
            raise self._explained(error) from None

    def _explained(self, error: RepositoryError) -> Exception:
        """Why GitHub makes no repository."""
        where, owner = self._requests.location, self._requests.place.owner
        reason, status = (error.reason, error.status) if isinstance(error, RefusedError) else ("", 404)
        if "already exists" in reason:
            if self.look() is not None:
                # Somebody was faster, or an earlier answer was lost.
                return UnsureError(where, error.problem)
            return InvalidInputError(f"{where}: exists already, and the token does not see it; choose another name")
        if status not in (403, 404):
            return error
        said = f"{status}: {reason}".rstrip(".: ")
        return RepositoryError(
            where,
            f"cannot make the repository: GitHub answers {said}. Use a token whose owner may make repositories for "
            f"{owner}: a classic one with the scope repo, or a fine-grained one or an app with the permission "
            "administration=write",
        )

    def _check_personal(self, visibility: str) -> None:
        """A person's repositories are made by that person alone."""
        owner = self._requests.place.owner
        viewer = None if self._requests.is_app else self._requests.get("look at the account", "/user")
        if viewer is None or str(viewer["login"]).lower() != owner.lower():
            raise InvalidInputError(
                f"{self._requests.location}: {owner} is a person, whose repositories are made with their own token: "
                "use that, or name an organisation"
            )
        if visibility == "internal":
            raise InvalidInputError(f"{self._requests.location}: only organisations have internal repositories")

    def check(self, grant: Grant) -> None:
        """See that GitHub knows who is to get a role.

        Raises:
            NotFoundError: there is no such person or team.
        """
        owner, name = self._requests.place.owner, quote(grant.name, safe="")
        page = f"/users/{name}" if grant.kind == "user" else f"/orgs/{owner}/teams/{name}"
        if self._requests.get(f"look up {grant.name}", page) is None:
            raise NotFoundError(grant.kind, grant.name, f"it cannot be given a role in {self._requests.location}")

    def grant(self, grant: Grant) -> None:
        """Give a person or team a role; a person who has none yet is invited. Raises as `check`."""
        self.check(grant)
        name = quote(grant.name, safe="")
        target = f"{self._requests.path}/collaborators/{name}"
        if grant.kind == "team":
            target = f"/orgs/{self._requests.place.owner}/teams/{name}{self._requests.path}"
        doing, given = f"give {grant.name} the role {grant.access}", {"permission": grant.access}
        surely(lambda: self._requests.send(doing, "PUT", target, given))

    def set_default_branch(self, branch: str) -> None:
        """Make a branch the default one, unless it is."""

        def act() -> None:
            doing, found = f"make {branch} the default branch", self.look()
            if found is None or found.default_branch != branch:
                self._requests.send(doing, "PATCH", self._requests.path, {"default_branch": branch})

        surely(act)

    def set_topics(self, topics: Iterable[str]) -> None:
        """Replace the topics."""
        names = [topic.lower() for topic in topics]
        surely(lambda: self._requests.send("set topics", "PUT", f"{self._requests.path}/topics", {"names": names}))

    def set_oidc(self, *, use_default: bool, claims: Iterable[str] | None) -> None:
        """Say which claims make the subject of the identity tokens of workflows; again: the same."""
        given: dict[str, Any] = {"use_default": use_default}
        if claims is not None:
            given["include_claim_keys"] = list(claims)
        path = f"{self._requests.path}/actions/oidc/customization/sub"
        surely(lambda: self._requests.send("set the claims of workflows", "PUT", path, given))

    def set_workflow_access(self, level: str) -> None:
        """Say who else may use its actions and workflows: "none", "user" or "organization"."""
        path = f"{self._requests.path}/actions/permissions/access"
        surely(lambda: self._requests.send("set the access to workflows", "PUT", path, {"access_level": level}))

    def subscribe(self) -> None:
        """Let the account of the token watch it."""
        path, given = f"{self._requests.path}/subscription", {"subscribed": True, "ignored": False}
        surely(lambda: self._requests.send("subscribe", "PUT", path, given))


def _made(data: Mapping[str, Any]) -> MadeRepository:
    visibility = data.get("visibility") or ("private" if data["private"] else "public")
    return MadeRepository(
        full_name=data["full_name"],
        visibility=visibility,
        clone_url=data["clone_url"],
        html_url=data["html_url"],
        default_branch=data.get("default_branch") or "main",
    )
