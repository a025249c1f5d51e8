"""What merge requests on GitLab have and change requests on other forges do not.

(https://docs.gitlab.com/api/merge_requests/, https://docs.gitlab.com/api/merge_request_approvals/)
"""

from shiftdown.forges.gitlab.administration.requests import Requests, looks_first
from shiftdown.forges.gitlab.places import encoded


@looks_first
def remove_branch_later(api: Requests, project: str, number: int) -> None:
    """Have GitLab remove the branch when it is merged."""
    path = _path(project, number)
    if not api.get("look at a merge request", path)["force_remove_source_branch"]:
        api.put("have the branch removed later", path, {"remove_source_branch": True})


@looks_first
def ask_approvers(api: Requests, project: str, number: int) -> None:
    """Ask everybody for a review who can approve it by the project's rules, beside those who are asked already."""
    path = _path(project, number)
    seen = api.get("look at a merge request", path)
    rules = api.pages("look at the rules for approvals", f"{path}/approval_rules")
    asked = [one["id"] for one in seen["reviewers"]]
    able = [one["id"] for rule in rules for one in rule.get("eligible_approvers") or ()]
    missing = [one for one in dict.fromkeys(able) if one not in asked and one != seen["author"]["id"]]
    if missing:
        api.put("ask for reviews", path, {"reviewer_ids": [*asked, *missing]})


def _path(project: str, number: int) -> str:
    return f"/projects/{encoded(project)}/merge_requests/{number}"
