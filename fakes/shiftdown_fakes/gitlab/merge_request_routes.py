"""Merge requests: opened, changed, merged."""

from typing import Any

from shiftdown_fakes.gitlab import merging
from shiftdown_fakes.gitlab.model import DEVELOPER, MergeRequest, Project
from shiftdown_fakes.gitlab.review_routes import without_commands
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_REQUESTS = "/projects/{id}/merge_requests"
_REQUEST = _REQUESTS + "/{merge_request_iid}"
_LONGEST = 255
"""How many characters a title may have."""


@route("GET", _REQUESTS)
def list_merge_requests(call: Call) -> Answer:
    """Merge requests, the newest first (https://docs.gitlab.com/api/merge_requests/#list-project-merge-requests)."""
    project, query = call.project(), call.query
    iids = call.lists.get("iids")
    found = [
        request
        for request in project.merge_requests.values()
        if query.get("state", "all") in ("all", request.state)
        if query.get("source_branch", request.branch) == request.branch
        if query.get("target_branch", request.target) == request.target
        if query.get("author_username", request.author) == request.author
        if iids is None or str(request.iid) in iids
        if query.get("search", "").lower() in f"{request.title} {request.description}".lower()
    ]
    found.sort(key=lambda request: request.iid, reverse=query.get("sort", "desc") == "desc")
    return call.paged(found, lambda request: call.shapes.request(project, request))


@route("POST", _REQUESTS)
def create_merge_request(call: Call) -> Answer:
    """Open one (https://docs.gitlab.com/api/merge_requests/#create-mr).

    What is said about a branch that does not exist is not documented: the fake refuses it.
    """
    source = call.project(level=DEVELOPER)
    call.need("source_branch", "target_branch", "title")
    number = call.body.get("target_project_id")
    project = source if number is None else call.project_numbered(number)
    if project is not source:
        merging.refresh(call.world, project)
    branch, target = call.text("source_branch"), call.text("target_branch")
    _check_free(project, source, branch, target)
    head, base = source.store.tip(branch), project.store.tip(target)
    if head is None or base is None:
        field = "source_branch" if head is None else "target_branch"
        raise RefusalError(400, {field: ["does not exist"]})
    now, world = call.world.now(), call.world
    iid = len(project.merge_requests) + 1
    title = _title(call.text("title"))
    made = MergeRequest(
        iid, world.number(), source, branch, target, title, "", call.user.username, now, now, head, base
    )
    merging.take(project, made, head)
    project.merge_requests[iid] = made
    made.remove_branch, made.squash = project.removes_branches, project.squash_option in ("always", "default_on")
    _set(call, project, made)
    merging.refresh(world, project)
    return Answer(201, call.shapes.request_full(project, made, call.username))


def _check_free(project: Project, source: Project, branch: str, target: str) -> None:
    if source is project and branch == target:
        raise RefusalError(409, ["You can't use same project/branch for source and target"])
    for other in project.merge_requests.values():
        if other.state == "opened" and (other.source, other.branch, other.target) == (source, branch, target):
            words = f"Another open merge request already exists for this source branch: !{other.iid}"
            raise RefusalError(409, [words])


def _title(title: str) -> str:
    if not title.strip():
        raise RefusalError(400, {"title": ["can't be blank"]})
    if len(title) > _LONGEST:
        raise RefusalError(400, {"title": [f"is too long (maximum is {_LONGEST} characters)"]})
    return title


@route("GET", _REQUEST)
def get_merge_request(call: Call) -> Answer:
    """One merge request (https://docs.gitlab.com/api/merge_requests/#get-single-mr)."""
    project = call.project()
    return Answer(200, call.shapes.request_full(project, call.merge_request(project), call.username))


@route("PUT", _REQUEST)
def edit_merge_request(call: Call) -> Answer:
    """Change one (https://docs.gitlab.com/api/merge_requests/#update-mr).

    What is said when one is to be opened again whose branch is gone is not documented: the fake refuses it.
    """
    project = call.project()
    request = call.merge_request(project)
    if call.user.username != request.author and call.level(project) < DEVELOPER:
        raise RefusalError(403, "403 Forbidden")
    if not call.body:
        raise RefusalError(400, "no field", data={"error": "at least one parameter must be provided"})
    if "title" in call.body:
        request.title = _title(call.text("title"))
    target = call.text("target_branch", request.target)
    if target != request.target:
        _check_free(project, request.source, request.branch, target)
        request.target = target
    _set(call, project, request)
    _happen(call, project, request)
    request.updated = call.world.now()
    merging.refresh(call.world, project)
    return Answer(200, call.shapes.request_full(project, request, call.username))


def _happen(call: Call, project: Project, request: MergeRequest) -> None:
    event, who = call.text("state_event"), call.user.username
    if event == "close" and request.state == "opened":
        merging.close(call.world, request, who)
    if event == "reopen" and request.state == "closed" and not merging.reopen(call.world, project, request, who):
        raise RefusalError(400, {"base": ["Source branch does not exist"]})


def _set(call: Call, project: Project, request: MergeRequest) -> None:
    """Take the fields that a merge request can be given, at first and later."""
    body = call.body
    if "description" in body:
        request.description = without_commands(call, request, call.text("description"))
    if "labels" in body:
        request.labels.clear()
    request.labels += [name for name in _words(call, "labels", "add_labels") if name not in request.labels]
    gone = _words(call, "remove_labels")
    request.labels[:] = [name for name in request.labels if name not in gone]
    for name in request.labels:
        call.world.label(project, name)
    if "assignee_ids" in body or "assignee_id" in body:
        request.assignees = _people(call, project, body.get("assignee_ids", [body.get("assignee_id")]))
    if "reviewer_ids" in body:
        asked = _people(call, project, body["reviewer_ids"])
        request.reviewers = {name: request.reviewers.get(name, "unreviewed") for name in asked}
    if "milestone_id" in body:
        known = call.world.milestones(project)
        request.milestone = next((one for one in known if one.id == int(body["milestone_id"] or 0)), None)
    request.remove_branch = call.flag("remove_source_branch", default=request.remove_branch)
    request.squash = call.flag("squash", default=request.squash)


def _words(call: Call, *fields: str) -> list[str]:
    given = [call.body.get(field) or "" for field in fields]
    lists = [words if isinstance(words, list) else str(words).split(",") for words in given]
    return list(dict.fromkeys(word.strip() for words in lists for word in words if word.strip()))


def _people(call: Call, project: Project, numbers: Any) -> list[str]:
    """The users of those numbers who see the project; one alone in GitLab's free edition."""
    users = [call.world.user(int(number or 0)) for number in numbers or ()]
    names = [user.username for user in users if user and call.world.sees(project, user.username)]
    return list(dict.fromkeys(names))[: 1 if project.one_person else None]


@route("PUT", _REQUEST + "/merge")
def merge(call: Call) -> Answer:
    """Merge it, now or by itself later (https://docs.gitlab.com/api/merge_requests/#merge-a-merge-request).

    `squash` is heard when it is true alone: what a merge request was told before to squash is squashed.
    """
    project = call.project()
    request = call.merge_request(project)
    who = call.user.username
    if not merging.may_merge(call.world, project, who, request.target):
        raise RefusalError(401, "401 Unauthorized")
    if call.text("sha", request.head) != request.head:
        raise RefusalError(409, f"SHA does not match HEAD of source branch: {request.head}")
    status = merging.merge_status(project, request)
    later = call.flag("auto_merge") or call.flag("merge_when_pipeline_succeeds")
    waits = later and status in merging.WAITED_FOR
    if status != "mergeable" and not waits:
        raise _not_merged(project, request, later=later)
    request.squash = request.squash or call.flag("squash")
    request.remove_branch = call.flag("should_remove_source_branch", default=request.remove_branch)
    if waits:
        request.auto_merge = who
        call.world.note(request, who, "enabled an automatic merge when all merge checks pass", system=True)
    else:
        texts = {"message": call.text("merge_commit_message"), "squash_message": call.text("squash_commit_message")}
        merging.merge(call.world, project, request, who, **texts)
        merging.refresh(call.world, project)
    return Answer(200, call.shapes.request_full(project, request, who))


def _not_merged(project: Project, request: MergeRequest, *, later: bool) -> RefusalError:
    """What is said to a merge that cannot be; when it may be later, but for something else than its pipeline."""
    pipeline = merging.head_pipeline(project, request)
    if later and (pipeline is None or pipeline.status == "success"):
        return RefusalError(422, "Branch cannot be merged")
    return RefusalError(405, "405 Method Not Allowed")


@route("POST", _REQUEST + "/cancel_merge_when_pipeline_succeeds")
def cancel_auto_merge(call: Call) -> Answer:
    """Let it not merge by itself.

    (https://docs.gitlab.com/api/merge_requests/#cancel-merge-when-pipeline-succeeds)
    """
    project = call.project(level=DEVELOPER)
    request = call.merge_request(project)
    if request.auto_merge is None:
        raise RefusalError(406, "406 Not Acceptable")
    request.auto_merge = None
    return Answer(201, call.shapes.request_full(project, request, call.username))


@route("PUT", _REQUEST + "/rebase")
def rebase(call: Call) -> Answer:
    """Put it on top of its base; GitLab does so after the answer, the fake before it.

    (https://docs.gitlab.com/api/merge_requests/#rebase-a-merge-request)
    """
    project = call.project(level=DEVELOPER)
    request = call.merge_request(project)
    request.merge_error = merging.rebase(call.world, project, request, call.user.username)
    merging.refresh(call.world, project)
    return Answer(202, {"rebase_in_progress": False})


@route("GET", _REQUEST + "/commits")
def list_commits(call: Call) -> Answer:
    """Its commits, the newest first (https://docs.gitlab.com/api/merge_requests/#get-single-merge-request-commits)."""
    project = call.project()
    found = [project.store.commit_facts(one) for one in merging.own_commits(project, call.merge_request(project))]
    return call.paged([one for one in reversed(found) if one], lambda one: call.shapes.commit(one, project))


@route("GET", _REQUEST + "/diffs")
def list_diffs(call: Call) -> Answer:
    """The files that it changes (https://docs.gitlab.com/api/merge_requests/#list-merge-request-diffs)."""
    project = call.project()
    request = call.merge_request(project)
    start = request.start or request.base
    changes = project.store.changes(start, request.head)
    return call.paged(changes, lambda change: call.shapes.diff(project, change, start, request.head))


@route("GET", _REQUEST + "/raw_diffs")
def get_raw_diffs(call: Call) -> Answer:
    """Its difference, as text (https://docs.gitlab.com/api/merge_requests/#show-merge-request-raw-diffs)."""
    project = call.project()
    request = call.merge_request(project)
    text = project.store.diff(request.start or request.base, request.head)
    return Answer(200, text, content_type="text/plain")
