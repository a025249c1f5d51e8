"""Branches, made and protected by the API.

(https://docs.gitlab.com/api/branches/, https://docs.gitlab.com/api/protected_branches/)
"""

from shiftdown.errors import NotFoundError
from shiftdown.forges.errors import RefusedError, UnsureError
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.projects import encoded


@looks_first
def ensure(api: Requests, number: int, name: str, start: str) -> None:
    """See that a project has a branch: a new one begins at the tip of another.

    Raises:
        NotFoundError: there is no branch, tag or commit to begin at.
    """
    branches = f"/projects/{number}/repository/branches"
    if api.find(f"look for branch {name}", f"{branches}/{encoded(name)}") is None:
        try:
            api.post(f"make branch {name}", branches, {"branch": name, "ref": start})
        except RefusedError as refused:
            if "already exists" in refused.reason:
                raise UnsureError(api.subject, refused.problem) from None
            if "Invalid reference" in refused.reason:
                raise NotFoundError("branch", start, f"{api.subject}: branch {name} is to begin there") from None
            raise


@looks_first
def protect(api: Requests, number: int, name: str) -> None:
    """Protect a branch, or those of a pattern, as GitLab does unless told otherwise; one that is protected stays so."""
    protected, api = f"/projects/{number}/protected_branches", api.needing("Maintainer")
    if api.find(f"look at the protection of {name}", f"{protected}/{encoded(name)}") is None:
        api.post(f"protect branch {name}", protected, {"name": name})
