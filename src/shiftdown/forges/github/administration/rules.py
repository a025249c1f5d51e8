"""Protected branches and environments."""

from typing import Any
from urllib.parse import quote

from shiftdown.errors import NotFoundError
from shiftdown.forges.github.administration.models import Actors, BranchRules, Environment
from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.github.administration.secrets import SecretsPart
from shiftdown.forges.github.errors import RefusedError
from shiftdown.forges.requesting import surely
from shiftdown.retrying import until

_PAUSES = (0.5, 2.0)
"""Seconds to wait, time after time, for GitHub to know a branch that was just pushed."""


class RulesPart:
    """What must hold for changes and deployments."""

    def __init__(self, requests: Requests, secrets: SecretsPart) -> None:
        self._requests = requests
        self._secrets = secrets

    def protect(self, branch: str, rules: BranchRules) -> bool:
        """Protect a branch; the rules replace those that it had.

        Returns:
            Whether it is protected: not when the owner's plan has no protection for private repositories.

        Raises:
            NotFoundError: there is no such branch.
        """
        place = f"{self._requests.path}/branches/{quote(branch, safe='')}"
        self._await(branch, place)
        doing, path = f"protect {branch}", f"{place}/protection"
        try:
            surely(lambda: self._requests.send(doing, "PUT", path, _protection(rules)))
            if rules.signatures:
                surely(lambda: self._requests.send(doing, "POST", f"{path}/required_signatures"))
        except RefusedError as refused:
            if "Upgrade to GitHub" not in refused.reason:
                raise
            return False
        return True

    def _await(self, branch: str, place: str) -> None:
        """GitHub may know a branch some moments after it was pushed."""

        def is_there() -> bool:
            return self._requests.get(f"look at {branch}", place) is not None

        if not until(is_there, bool, _PAUSES):
            raise NotFoundError("branch", branch, f"push it to {self._requests.location} first")

    def default_branch(self) -> str:
        """The default branch of the repository."""
        found = self._requests.get("look at the repository", self._requests.path)
        if found is None:
            raise NotFoundError("repository", self._requests.place.full_name, "make it first")
        return str(found["default_branch"])

    def set_environment(self, wanted: Environment) -> None:
        """Make an environment, or bring it in line.

        Raises:
            NotFoundError: GitHub knows no such reviewer.
        """
        doing = f"set up the environment {wanted.name}"
        path = f"{self._requests.path}/environments/{quote(wanted.name, safe='')}"
        given: dict[str, Any] = {
            "wait_timer": wanted.wait_timer,
            "prevent_self_review": wanted.prevent_self_review,
            "reviewers": [self._reviewer(kind, name) for kind, name in wanted.reviewers] or None,
        }
        protected, custom = wanted.protected_branches, wanted.custom_branch_policies
        if protected is None and custom is None and (wanted.branches or wanted.tags):
            custom = True
        if protected is not None or custom is not None:
            policy = {"protected_branches": bool(protected), "custom_branch_policies": bool(custom)}
            given["deployment_branch_policy"] = policy
        body = {name: value for name, value in given.items() if value is not None}
        surely(lambda: self._requests.send(doing, "PUT", path, body))
        self._set_patterns(doing, path, wanted)
        self._secrets.set_variables(wanted.variables, wanted.name)
        self._secrets.set_secrets(wanted.secrets, wanted.name)

    def _reviewer(self, kind: str, name: str) -> dict[str, Any]:
        owner = self._requests.place.owner
        quoted = quote(name, safe="")
        path = f"/users/{quoted}" if kind == "User" else f"/orgs/{owner}/teams/{quoted}"
        found = self._requests.get(f"look up {name}", path)
        if found is None:
            raise NotFoundError(kind.lower(), name, f"it cannot review deployments of {self._requests.location}")
        return {"type": kind, "id": found["id"]}

    def _set_patterns(self, doing: str, path: str, wanted: Environment) -> None:
        patterns = [("branch", name) for name in wanted.branches] + [("tag", name) for name in wanted.tags]
        if not patterns:
            return
        below = f"{path}/deployment-branch-policies"

        def act() -> None:
            there = self._requests.get_pages(doing, below, "branch_policies")
            known = {(policy.get("type") or "branch", policy["name"]) for policy in there}
            for kind, name in patterns:
                if (kind, name) not in known:
                    self._requests.send(doing, "POST", below, {"name": name, "type": kind}, creates=True)

        surely(act)


def _protection(rules: BranchRules) -> dict[str, Any]:
    reviews: dict[str, Any] = {
        "required_approving_review_count": rules.approvals,
        "require_code_owner_reviews": rules.code_owner_reviews,
        "dismiss_stale_reviews": rules.dismiss_stale_reviews,
        "require_last_push_approval": rules.last_push_approval,
    }
    if rules.bypass is not None:
        reviews["bypass_pull_request_allowances"] = _actors(rules.bypass)
    return {
        "required_status_checks": {"strict": rules.up_to_date, "contexts": list(rules.checks)},
        "enforce_admins": rules.enforce_admins,
        "required_pull_request_reviews": reviews,
        "restrictions": None if rules.restrictions is None else _actors(rules.restrictions),
        "required_conversation_resolution": rules.conversation_resolution,
        "required_linear_history": rules.linear_history,
        "block_creations": rules.block_creations,
    }


def _actors(actors: Actors) -> dict[str, list[str]]:
    return {"users": list(actors.users), "teams": list(actors.teams), "apps": list(actors.apps)}
