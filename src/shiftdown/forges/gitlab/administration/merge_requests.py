"""What merge requests on GitLab have and change requests on other forges do not.

(https://docs.gitlab.com/api/merge_requests/, https://docs.gitlab.com/api/merge_request_approvals/)
"""

from collections.abc import Mapping
from typing import Any

from shiftdown.errors import RepositoryError
from shiftdown.forges.errors import RefusedError
from shiftdown.forges.gitlab import merges
from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.projects import encoded


@looks_first
def set_branch_removal(api: Requests, project: str, number: int, *, wanted: bool) -> None:
    """Have GitLab remove the branch when it is merged, or keep it, whatever the project does by default."""
    path = _path(project, number)
    if bool(api.get("look at a merge request", path)["force_remove_source_branch"]) != wanted:
        api.put("say what becomes of the branch", path, {"remove_source_branch": wanted})


@looks_first
def ask_approvers(api: Requests, project: str, number: int) -> None:
    """Ask everybody for a review who can approve it by the project's rules, beside those who are asked already."""
    path = _path(project, number)
    seen = _settled(api, path)
    rules = api.pages("look at the rules for approvals", f"{path}/approval_rules")
    asked = [one["id"] for one in seen["reviewers"]]
    able = [one["id"] for rule in rules for one in rule.get("eligible_approvers") or ()]
    missing = [one for one in dict.fromkeys(able) if one not in asked and one != seen["author"]["id"]]
    if missing:
        api.put("ask for reviews", path, {"reviewer_ids": [*asked, *missing]})


@looks_first
def merge_later(api: Requests, project: str, number: int) -> None:
    """Let it be merged, as the project does that, as soon as nothing is in the way; at once if nothing is.

    Raises:
        RepositoryError: GitLab does not wait for what is in the way.
    """
    path = _path(project, number)
    seen = _settled(api, path)
    if seen["state"] == "merged" or seen["merge_when_pipeline_succeeds"]:
        return
    # Its name since GitLab 17.11, and before.
    given = {"auto_merge": True, "merge_when_pipeline_succeeds": True, "sha": seen["sha"]}
    try:
        api.put("let it merge by itself", f"{path}/merge", given)
    except RefusedError as refused:
        why = merges.advice(seen["detailed_merge_status"]) or "ask somebody who may merge into its base"
        raise RepositoryError(seen["web_url"], f"{refused.problem}; {why}") from None


def _settled(api: Requests, path: str) -> Mapping[str, Any]:
    """A merge request, once GitLab has prepared it."""

    def look() -> Mapping[str, Any]:
        found: Mapping[str, Any] = api.get("look at a merge request", path)
        return found

    return merges.settled(look, lambda seen: seen["detailed_merge_status"])


def _path(project: str, number: int) -> str:
    return f"/projects/{encoded(project)}/merge_requests/{number}"
