"""Makes a repository, and says who may do what with it."""

from collections.abc import Iterable, Mapping
from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.github.administration.models import Grant, MadeRepository, NewRepository
from shiftdown.forges.github.administration.requests import Requests, surely
from shiftdown.forges.github.errors import RefusedError, UnsureError

_ONLY_IN_ORGANISATIONS = ("visibility", "custom_properties")
_NOT_ON_CREATION = ("allow_update_branch",)


class RepositoryPart:
    """One repository, which need not exist yet."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def look(self) -> MadeRepository | None:
        """The repository, if the token sees it. Under an old name, it is the one of that name that is seen."""
        found = self._requests.get("look at the repository", self._requests.path)
        return None if found is None else _made(found)

    def make(self, wanted: NewRepository) -> MadeRepository:
        """Make the repository, or give the one that is there already.

        Raises:
            NotFoundError: GitHub knows no such owner.
            RepositoryError: the token may not make it.
        """
        return surely(lambda: self.look() or self._create(wanted))

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
            made = self._requests.send("make the repository", "POST", path, given, creates=True)
        except RefusedError as refused:
            if "already exists" in refused.reason:
                # Somebody was faster, or an earlier answer was lost.
                raise UnsureError(self._requests.location, refused.problem) from None
            raise
        if wanted.allow_update_branch:
            self._requests.send("set up the repository", "PATCH", self._requests.path, {"allow_update_branch": True})
        return _made(made)

    def _check_personal(self, visibility: str) -> None:
        """A person's repositories are made by that person alone."""
        owner, viewer = self._requests.place.owner, self._requests.get("look at the account", "/user")
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
        owner = self._requests.place.owner
        page = f"/users/{grant.name}" if grant.kind == "user" else f"/orgs/{owner}/teams/{grant.name}"
        if self._requests.get(f"look up {grant.name}", page) is None:
            raise NotFoundError(grant.kind, grant.name, f"it cannot be given a role in {self._requests.location}")

    def grant(self, grant: Grant) -> None:
        """Give a person or team a role; a person who has none yet is invited. Raises as `check`."""
        self.check(grant)
        target = f"{self._requests.path}/collaborators/{grant.name}"
        if grant.kind == "team":
            target = f"/orgs/{self._requests.place.owner}/teams/{grant.name}{self._requests.path}"
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
