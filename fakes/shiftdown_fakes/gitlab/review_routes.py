"""What people say about merge requests: approvals, reviews, notes."""

from typing import Any

from shiftdown_fakes.gitlab.merging import close, conflicts
from shiftdown_fakes.gitlab.model import DEVELOPER, REPORTER, MergeRequest, Project
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.gitlab.shapes import moment
from shiftdown_fakes.serving import Answer

_REQUEST = "/projects/{id}/merge_requests/{merge_request_iid}"


@route("POST", _REQUEST + "/approve")
def approve(call: Call) -> Answer:
    """Approve (https://docs.gitlab.com/api/merge_request_approvals/#approve-merge-request).

    Who has approved is refused with 401, as the page says, and so are authors, which is the default where approvals
    have settings; who lacks the role, and whoever comes too late, with 403.
    """
    project = call.project(DEVELOPER)
    request = call.merge_request(project)
    name = call.user.username
    if request.state != "opened":
        raise RefusalError(403, "403 Forbidden")
    if not _can_approve(call, project, request):
        raise RefusalError(401, "401 Unauthorized")
    if call.body.get("sha") not in (None, request.head):
        raise RefusalError(409, f"SHA does not match HEAD of source branch: {request.head}")
    request.approved.append(name)
    if name in request.reviewers:
        request.reviewers[name] = "approved"
    call.world.note(request, name, "approved this merge request", system=True)
    return Answer(201, _approvals(call, project, request))


def _can_approve(call: Call, project: Project, request: MergeRequest) -> bool:
    name = call.username
    return (
        request.state == "opened"
        and name not in (request.author, *request.approved)
        and call.level(project) >= DEVELOPER
    )


@route("POST", _REQUEST + "/unapprove")
def unapprove(call: Call) -> Answer:
    """Take an approval back (https://docs.gitlab.com/api/merge_request_approvals/#unapprove-merge-request)."""
    project = call.project()
    request = call.merge_request(project)
    name = call.user.username
    if name not in request.approved:
        raise RefusalError(404, "404 Not Found")
    request.approved.remove(name)
    if name in request.reviewers:
        request.reviewers[name] = "unapproved"
    call.world.note(request, name, "unapproved this merge request", system=True)
    return Answer(201, _approvals(call, project, request))


@route("GET", _REQUEST + "/approvals")
def get_approvals(call: Call) -> Answer:
    """Who approved (https://docs.gitlab.com/api/merge_request_approvals/#get-the-approval-state-of-merge-requests)."""
    project = call.project()
    return Answer(200, _approvals(call, project, call.merge_request(project)))


def _approvals(call: Call, project: Project, request: MergeRequest) -> dict[str, Any]:
    left = max(0, project.approvals - len(request.approved))
    return {
        "id": request.id, "iid": request.iid, "project_id": project.id, "title": request.title,
        "description": request.description, "state": request.state, "approved": left == 0,
        "created_at": moment(request.created), "updated_at": moment(request.updated),
        "merge_status": "cannot_be_merged" if conflicts(project, request) else "can_be_merged",
        "approvals_required": project.approvals, "approvals_left": left,
        "approved_by": [{"user": call.shapes.named(name)} for name in request.approved],
        "user_has_approved": call.username in request.approved,
        "user_can_approve": _can_approve(call, project, request),
    }  # fmt: skip


@route("GET", _REQUEST + "/approval_rules")
def list_approval_rules(call: Call) -> Answer:
    """Rules (https://docs.gitlab.com/api/merge_request_approvals/#get-merge-request-level-rules).

    A rule that lets everybody approve names nobody.
    """
    project = call.project()
    call.merge_request(project)
    chosen = [user for number in project.approvers if (user := call.world.user(number))]
    shown = [call.shapes.user(user) for user in chosen]
    rule = {
        "id": project.id, "name": "Approvers" if chosen else "All Members",
        "rule_type": "regular" if chosen else "any_approver", "report_type": None, "section": None,
        "eligible_approvers": shown, "users": shown, "groups": [],
        "approvals_required": project.approvals, "contains_hidden_groups": False, "overridden": False,
        "source_rule": None,
    }  # fmt: skip
    return call.paged([rule])


@route("GET", _REQUEST + "/reviewers")
def list_reviewers(call: Call) -> Answer:
    """Reviewers (https://docs.gitlab.com/api/merge_requests/#get-single-merge-request-reviewers)."""
    project = call.project()
    request = call.merge_request(project)
    now = call.world.shown_now()
    return Answer(
        200,
        [
            {"user": call.shapes.named(name), "state": said, "created_at": now}
            for name, said in request.reviewers.items()
        ],
    )


@route("GET", _REQUEST + "/notes")
def list_notes(call: Call) -> Answer:
    """What was said, the newest first (https://docs.gitlab.com/api/notes/#list-all-merge-request-notes)."""
    project = call.project()
    request = call.merge_request(project)
    newest_first = call.query.get("sort", "desc") == "desc"
    notes = request.notes[::-1] if newest_first else request.notes
    return call.paged(notes, lambda note: call.shapes.note(project, request, note))


@route("POST", _REQUEST + "/notes")
def create_note(call: Call) -> Answer:
    """Say something (https://docs.gitlab.com/api/notes/#create-new-merge-request-note).

    Lines that are quick actions are done and left out; of those the fake knows `/close`.
    """
    project = call.project()
    if project.private and call.level(project) < REPORTER:
        raise RefusalError(403, "403 Forbidden")
    request = call.merge_request(project)
    call.need("body")
    said = without_commands(call, request, call.text("body"))
    if not said.strip():
        if said == call.text("body"):
            raise RefusalError(400, {"note": ["can't be blank"]})
        return Answer(202, {"commands_changes": {"state_event": "close"}, "summary": ["Closed this merge request."]})
    note = call.world.note(request, call.user.username, said)
    return Answer(201, call.shapes.note(project, request, note))


def without_commands(call: Call, request: MergeRequest, text: str) -> str:
    """A text without its quick actions, which are done (https://docs.gitlab.com/user/project/quick_actions/)."""
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if line.strip() != "/close"]
    if len(kept) < len(lines) and request.state == "opened":
        close(call.world, request, call.user.username)
    return "".join(kept)
