"""Issues and epics."""

from typing import Any

from shiftdown_fakes.gitlab.action_records import Record, records_of
from shiftdown_fakes.gitlab.model import Project
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_REPORTER = 20
_ISSUES = "/projects/{id}/issues"
_SET = ("title", "description", "confidential", "due_date", "weight", "milestone_id", "discussion_locked", "issue_type")


@route("GET", _ISSUES)
def list_issues(call: Call) -> Answer:
    """Issues of a project (https://docs.gitlab.com/api/issues/#list-project-issues)."""
    project = call.project()
    found = list(records_of(call.world).issues.get(project.id, []))
    if call.query.get("scope") == "created_by_me":
        found = [one for one in found if one["author"]["id"] == call.user.id]
    if "search" in call.query:
        found = [one for one in found if call.query["search"].lower() in one["title"].lower()]
    found.sort(key=lambda one: (one["created_at"], one["iid"]), reverse=call.query.get("sort", "desc") == "desc")
    return call.paged(found, lambda one: _shown(call, project, one))


@route("POST", _ISSUES)
def create_issue(call: Call) -> Answer:
    """A new issue, by anybody who sees the project (https://docs.gitlab.com/api/issues/#new-issue)."""
    _, project = call.user, call.project()
    kept = records_of(call.world).issues.setdefault(project.id, [])
    if not str(call.body.get("title", "")).strip():
        raise RefusalError(400, {"title": ["can't be blank"]})
    number, now = len(kept) + 1, call.world.shown_now()
    made: Record = {
        "id": call.world.number(),
        "iid": number,
        "project_id": project.id,
        "state": "opened",
        "labels": [],
        "assignees": [],
        "author": {"id": call.user.id, "username": call.user.username},
        "epic_id": call.body.get("epic_id"),
        "created_at": call.body.get("created_at", now),
        "updated_at": now,
        "web_url": f"{call.shapes.project_url(project)}/-/issues/{number}",
        **dict.fromkeys(_SET),
        "confidential": False,
        "issue_type": "issue",
    }
    _set(call, made)
    kept.append(made)
    return Answer(201, _shown(call, project, made))


@route("GET", _ISSUES + "/{issue_iid}")
def get_issue(call: Call) -> Answer:
    """One issue (https://docs.gitlab.com/api/issues/#single-project-issue)."""
    return Answer(200, _shown(call, call.project(), _issue(call)))


@route("PUT", _ISSUES + "/{issue_iid}")
def edit_issue(call: Call) -> Answer:
    """Change an issue of one's own or as a reporter (https://docs.gitlab.com/api/issues/#edit-an-issue)."""
    project, found = call.project(), _issue(call)
    if found["author"]["id"] != call.user.id:
        call.project(level=_REPORTER)
    if not call.body:
        raise RefusalError(400, "at least one parameter must be provided")
    _set(call, found)
    event = call.body.get("state_event")
    found["state"] = {"close": "closed", "reopen": "opened"}.get(str(event), found["state"])
    found["updated_at"] = call.body.get("updated_at", call.world.shown_now())
    if "epic_id" in call.body:
        found["epic_id"] = call.body["epic_id"]
    return Answer(200, _shown(call, project, found))


@route("GET", "/groups/{id}/epics")
def list_epics(call: Call) -> Answer:
    """Epics of a group and those below it (https://docs.gitlab.com/api/epics/#list-epics-for-a-group)."""
    group = call.group()
    within = {one.id for one in call.world.groups.values() if f"{one.path}/".startswith(f"{group.path}/")}
    epics = records_of(call.world).epics
    return call.paged([epic for number in sorted(within) for epic in epics.get(number, [])])


def _shown(call: Call, project: Project, issue: Record) -> Record:
    """An issue with everything; the record has what can be set."""
    users = [call.world.user(one["id"]) for one in issue["assignees"]]
    path = f"{call.shapes.api}/projects/{project.id}"
    own, short = f"{path}/issues/{issue['iid']}", f"#{issue['iid']}"
    return issue | {
        "author": call.shapes.named(issue["author"]["username"]), "type": str(issue["issue_type"]).upper(),
        "assignees": [call.shapes.user(user) for user in users if user], "upvotes": 0, "downvotes": 0,
        "user_notes_count": 0, "merge_requests_count": 0, "subscribed": False, "has_tasks": False, "task_status": "",
        "references": {"short": short, "relative": short, "full": f"{project.path}{short}"},
        "task_completion_status": {"count": 0, "completed_count": 0},
        "time_stats": {"time_estimate": 0, "total_time_spent": 0, "human_time_estimate": None,
                       "human_total_time_spent": None},
        "_links": {"self": own, "notes": f"{own}/notes", "award_emoji": f"{own}/award_emoji", "project": path},
    }  # fmt: skip


def _issue(call: Call) -> Record:
    kept = records_of(call.world).issues.get(call.project().id, [])
    found = next((one for one in kept if str(one["iid"]) == call.params["issue_iid"]), None)
    if found is None:
        raise RefusalError(404, "404 Not found")
    return found


def _set(call: Call, issue: Record) -> None:
    body = call.body
    issue.update({name: body[name] for name in _SET if name in body})
    if "labels" in body:
        issue["labels"] = _words(body["labels"])
    issue["labels"] += [word for word in _words(body.get("add_labels", "")) if word not in issue["labels"]]
    gone = _words(body.get("remove_labels", ""))
    issue["labels"] = [word for word in issue["labels"] if word not in gone]
    if "assignee_ids" in body:
        issue["assignees"] = [{"id": number} for number in body["assignee_ids"]]


def _words(text: Any) -> list[str]:
    words = text if isinstance(text, list) else str(text).split(",")
    return [word.strip() for word in words if word.strip()]
