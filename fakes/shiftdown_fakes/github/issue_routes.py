"""Issues, comments, labels and milestones of the REST API."""

from typing import Any

from shiftdown_fakes.github.model import Comment, Issue, Pull, Repository
from shiftdown_fakes.github.pulls import close
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer

_ISSUES = "/repos/{owner}/{repo}/issues"
_ISSUE = _ISSUES + "/{issue_number}"
_MILESTONES = "/repos/{owner}/{repo}/milestones"


@route("GET", _ISSUES, "issues=read")
def list_issues(call: Call) -> Answer:
    """List issues; pull requests are among them."""
    repository = call.repository()
    state = call.query.get("state", "open")
    found = [issue for issue in reversed(repository.issues.values()) if state in (issue.state, "all")]
    page, headers = call.page(found)
    return Answer(200, [call.shapes.issue(repository, issue) for issue in page], headers)


@route("POST", _ISSUES, "issues=write", creates=True)
def create_issue(call: Call) -> Answer:
    """Open an issue."""
    repository = call.repository(writes=True)
    now, number = call.world.now(), call.world.next_issue(repository)
    issue = Issue(number, call.world.number(), call.login, call.text("title"), call.text("body"), now, now)
    _set(call, repository, issue)
    repository.issues[number] = issue
    return Answer(201, call.shapes.issue(repository, issue))


@route("GET", _ISSUE, "issues=read")
def get_issue(call: Call) -> Answer:
    """One issue."""
    repository = call.repository()
    return Answer(200, call.shapes.issue(repository, call.issue(repository)))


@route("PATCH", _ISSUE, "issues=write")
def edit_issue(call: Call) -> Answer:
    """Change an issue or pull request."""
    repository = call.repository(role="triage", writes=True)
    issue = call.issue(repository)
    issue.title, issue.body = call.text("title", issue.title), call.text("body", issue.body)
    _set(call, repository, issue)
    if call.body.get("state") == "closed" and issue.state == "open":
        if isinstance(issue, Pull):
            close(call.world, issue)
        else:
            issue.state, issue.closed = "closed", call.world.now()
    call.world.touch(issue)
    return Answer(200, call.shapes.issue(repository, issue))


def _set(call: Call, repository: Repository, issue: Issue) -> None:
    """Set labels, assignees and milestone; an account that does not exist is left out silently, as on GitHub."""
    if "labels" in call.body:
        given: list[Any] = call.body["labels"] or []
        names = [str(label["name"] if isinstance(label, dict) else label) for label in given]
        issue.labels = [call.world.label(repository, name).name for name in dict.fromkeys(names)]
    if "assignees" in call.body:
        issue.assignees = [login for login in call.body["assignees"] or [] if login.lower() in call.world.users]
    if "milestone" in call.body:
        wanted = call.body["milestone"]
        if wanted is not None and wanted not in repository.milestones:
            raise invalid("Issue", "milestone")
        issue.milestone = wanted


@route("GET", _ISSUE + "/comments", "issues=read")
def list_comments(call: Call) -> Answer:
    """Comments, oldest first."""
    repository = call.repository()
    issue = call.issue(repository)
    page, headers = call.page(issue.comments)
    return Answer(200, [call.shapes.comment(repository, issue, comment) for comment in page], headers)


@route("POST", _ISSUE + "/comments", "issues=write", creates=True)
def create_comment(call: Call) -> Answer:
    """Comment."""
    repository = call.repository(writes=True)
    issue = call.issue(repository)
    if not call.text("body").strip():
        error = {"resource": "IssueComment", "field": "data", "code": "custom", "message": "Body cannot be blank"}
        raise RefusalError(422, "Validation Failed", [error])
    if len(call.text("body")) > 65536:
        raise invalid("IssueComment", "body", "custom", "body is too long (maximum is 65536 characters)")
    comment = Comment(call.world.number(), call.login, call.text("body"), call.world.now())
    issue.comments.append(comment)
    call.world.touch(issue)
    return Answer(201, call.shapes.comment(repository, issue, comment))


@route("GET", _MILESTONES, "issues=read")
def list_milestones(call: Call) -> Answer:
    """Milestones that are open."""
    repository = call.repository()
    page, headers = call.page(list(repository.milestones.values()))
    return Answer(200, [call.shapes.milestone(repository, milestone) for milestone in page], headers)


@route("POST", _MILESTONES, "issues=write", creates=True)
def create_milestone(call: Call) -> Answer:
    """Make a milestone."""
    repository = call.repository(role="triage")
    if any(milestone.title == call.text("title") for milestone in repository.milestones.values()):
        raise invalid("Milestone", "title", "already_exists")
    made = call.world.add_milestone(repository, call.text("title"), call.login)
    return Answer(201, call.shapes.milestone(repository, made))
