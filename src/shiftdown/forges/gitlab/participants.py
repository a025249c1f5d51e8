"""Who takes part in a change request, and its labels and milestone, as GitLab wants to be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError
from shiftdown.forges.base import ChangeRequestText
from shiftdown.forges.gitlab import queries
from shiftdown.forges.gitlab.answers import Seen
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Home, Place, encoded


def missing(client: Client, place: Place, home: Home, seen: Seen, text: ChangeRequestText) -> dict[str, Any]:
    """The fields that add labels, people and a milestone which are not there.

    Raises:
        NotFoundError: there is no such person or milestone.
        InvalidInputError: a label cannot be one.
    """
    changes: dict[str, Any] = {}
    labels = [label for label in dict.fromkeys(text.labels) if label not in seen.request.labels]
    if wrong := [label for label in labels if "," in label]:
        raise InvalidInputError(f"{place.location}: a label on GitLab has no comma: {wrong[0]!r}")
    if labels:
        changes["add_labels"] = ",".join(labels)
    assignees = _new(text.assignees, seen.assigned)
    reviewers = [name for name in _new(text.reviewers, seen.asked) if name.lower() != seen.author.lower()]
    if assignees or reviewers:
        known = _users(client, place, [*assignees, *reviewers])
        if assignees:
            changes["assignee_ids"] = [*seen.assigned.values(), *(known[name.lower()] for name in assignees)]
        if reviewers:
            changes["reviewer_ids"] = [*seen.asked.values(), *(known[name.lower()] for name in reviewers)]
    if text.milestone is not None and seen.request.milestone is None:
        changes["milestone_id"] = _milestone(client, place, home, text.milestone)
    return changes


def _new(wanted: Sequence[str], there: Mapping[str, int]) -> list[str]:
    known = {name.lower() for name in there}
    return [name for name in dict.fromkeys(wanted) if name.lower() not in known]


def _users(client: Client, place: Place, names: Sequence[str]) -> dict[str, int]:
    """Numbers of people by their user names in lower case."""
    data = client.query(place, "look for people", queries.USERS, {"names": list(dict.fromkeys(names))})
    found = {who["username"].lower(): int(who["id"].rpartition("/")[2]) for who in data["users"]["nodes"]}
    unknown = [name for name in dict.fromkeys(names) if name.lower() not in found]
    if unknown:
        raise NotFoundError("user", ", ".join(unknown), f"{place.location}: GitLab has nobody of that user name")
    return found


def _milestone(client: Client, place: Place, home: Home, title: str) -> int:
    query = {"title": title, "state": "active", "include_ancestors": "true"}
    found = client.read(place, "look for the milestone", f"/projects/{home.id}/milestones", query)
    match = next((item for item in found if item["title"] == title), None)
    if match is None:
        raise NotFoundError("milestone", title, f"make it in {place.location} or one of its groups, or leave it out")
    return int(match["id"])


def groups(client: Client, place: Place, home: Home, seen: Seen, text: ChangeRequestText) -> tuple[str, ...]:
    """The groups that the description is to ask for a review: teams are groups of the project's top-level group.

    Raises:
        NotFoundError: there is no such group.
    """
    top = home.path.partition("/")[0]
    wanted = [f"{top}/{team}" for team in dict.fromkeys(text.team_reviewers)]
    for group in wanted:
        if group in seen.groups:
            continue
        given = {"with_projects": "false"}
        if client.find(place, "look for a team", f"/groups/{encoded(group)}", given, what="Group") is None:
            raise NotFoundError("group", group, f"{place.location}: GitLab has no such group, or the token sees it not")
    return tuple(dict.fromkeys((*seen.groups, *wanted)))


def check_taken(place: Place, answer: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Notice people whom GitLab left out: its free edition takes one reviewer and one assignee.

    Raises:
        RepositoryError: some are missing.
    """
    for field, what in (("reviewer_ids", "reviewer"), ("assignee_ids", "assignee")):
        taken = [who["username"] for who in answer.get(f"{what}s") or ()]
        if len(taken) < len(set(changes.get(field, ()))):
            raise RepositoryError(
                place.location,
                f"GitLab took {', '.join(taken) or 'nobody'} as {what} of change request #{answer['iid']} and left out "
                f"the others: its free edition takes one {what}; name one",
            )
