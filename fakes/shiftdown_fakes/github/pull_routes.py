"""Pull requests, reviews and merges of the REST API."""

from typing import Any

from shiftdown_fakes.github.model import Pull, Repository, Review
from shiftdown_fakes.github.pulls import NotMergeableError, close, merge, take
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer

_PULLS = "/repos/{owner}/{repo}/pulls"
_PULL = _PULLS + "/{pull_number}"


@route("GET", _PULLS, "pull_requests=read")
def list_pulls(call: Call) -> Answer:
    """List pull requests."""
    repository = call.repository()
    state, head, base = (call.query.get(name) for name in ("state", "head", "base"))
    found = [
        pull
        for pull in repository.pulls
        if pull.state == (state or "open") or state == "all"
        if head is None or f"{pull.head_repository.owner}:{pull.branch}" == head
        if base is None or pull.base == base
    ]
    if call.query.get("direction", "desc") == "desc":
        found.reverse()
    page, headers = call.page(found)
    return Answer(200, [call.shapes.pull_simple(repository, pull) for pull in page], headers)


@route("POST", _PULLS, "pull_requests=write", creates=True)
def create_pull(call: Call) -> Answer:
    """Open a pull request."""
    repository = call.repository(writes=True)
    source, branch = _source(call, repository, call.text("head"))
    head, base = source.store.tip(branch), repository.store.tip(call.text("base"))
    if head is None or base is None:
        raise invalid("PullRequest", "base" if head else "head")
    if not call.text("title").strip():
        raise invalid("PullRequest", "title", "missing_field")
    if len(call.text("body")) > 65536:
        raise invalid("PullRequest", "body", "custom", "body is too long (maximum is 65536 characters)")
    for pull in repository.pulls:
        if (pull.state, pull.head_repository, pull.branch, pull.base) == ("open", source, branch, call.text("base")):
            message = f"A pull request already exists for {source.owner}:{branch}."
            error = {"resource": "PullRequest", "code": "custom", "message": message}
            raise RefusalError(422, "Validation Failed", [error])
    now, number = call.world.now(), call.world.next_issue(repository)
    pull = Pull(
        number, call.world.number(), call.login, call.text("title"), call.text("body"), now, now,
        head_repository=source, branch=branch, base=call.text("base"), head=head, base_tip=base,
        draft=bool(call.body.get("draft")),
    )  # fmt: skip
    take(repository, pull, head)
    if repository.store.is_ancestor(head, base):
        message = f"No commits between {call.text('base')} and {branch}"
        raise RefusalError(
            422, "Validation Failed", [{"resource": "PullRequest", "code": "custom", "message": message}]
        )
    repository.issues[number] = pull
    return Answer(201, call.shapes.pull(repository, pull))


def _source(call: Call, repository: Repository, head: str) -> tuple[Repository, str]:
    """Where the branch of a new pull request is: `branch`, or `owner:branch` for a fork."""
    owner, colon, branch = head.partition(":")
    if not colon or owner.lower() == repository.owner.lower():
        if not call.world.allows(repository, call.token, "write"):
            raise RefusalError(403, "Must have push access to repository.")
        return repository, branch or owner
    for other in call.world.repositories.values():
        if other.owner.lower() == owner.lower() and other.parent is repository:
            return other, branch
    raise invalid("PullRequest", "head")


@route("GET", _PULL, "pull_requests=read")
def get_pull(call: Call) -> Answer:
    """One pull request."""
    repository = call.repository()
    return Answer(200, call.shapes.pull(repository, call.pull(repository)))


@route("PATCH", _PULL, "pull_requests=write")
def edit_pull(call: Call) -> Answer:
    """Change its text, base or state."""
    repository = call.repository(writes=True)
    pull = call.pull(repository)
    _require_author(call, repository, pull)
    if "base" in call.body and call.text("base") != pull.base:
        tip = repository.store.tip(call.text("base"))
        if tip is None or pull.state == "closed":
            raise invalid("PullRequest", "base")
        pull.base, pull.base_tip = call.text("base"), tip
    pull.title, pull.body = call.text("title", pull.title), call.text("body", pull.body)
    _set_state(call, repository, pull)
    call.world.touch(pull)
    return Answer(200, call.shapes.pull(repository, pull))


def _set_state(call: Call, repository: Repository, pull: Pull) -> None:
    wanted = call.text("state", pull.state)
    if wanted == "closed" and pull.state == "open":
        close(call.world, pull)
    elif wanted == "open" and pull.state == "closed":
        tip = pull.head_repository.store.tip(pull.branch)
        if pull.merged or tip is None:
            raise invalid("PullRequest", "state", "invalid", "state cannot be changed. The branch was deleted.")
        pull.state, pull.closed = "open", None
        take(repository, pull, tip)


def _require_author(call: Call, repository: Repository, pull: Pull) -> None:
    """A pull request is changed by its author, or by those who may write."""
    if pull.author != call.login and not call.world.allows(repository, call.token, "write"):
        raise RefusalError(403, "Must have push access to repository.")


@route("PUT", _PULL + "/merge", "contents=write")
def merge_pull(call: Call) -> Answer:
    """Merge it."""
    repository = call.repository(role="write")
    pull = call.pull(repository)
    if pull.merged or pull.state == "closed":
        raise RefusalError(405, "Pull Request is not mergeable")
    if call.body.get("sha") not in (None, pull.head):
        raise RefusalError(409, "Head branch was modified. Review and try the merge again.")
    method, title, message = (call.text(n) for n in ("merge_method", "commit_title", "commit_message"))
    try:
        commit = merge(call.world, repository, pull, method or "merge", call.login, title=title, message=message)
    except NotMergeableError as error:
        raise RefusalError(405, str(error)) from error
    return Answer(200, {"sha": commit, "merged": True, "message": "Pull Request successfully merged"})


@route("GET", _PULL + "/files", "pull_requests=read")
def list_files(call: Call) -> Answer:
    """The files that it changes."""
    repository = call.repository()
    pull = call.pull(repository)
    start = repository.store.merge_base(pull.base_tip, pull.head) or pull.base_tip
    page, headers = call.page(repository.store.changes(start, pull.head))
    return Answer(200, [call.shapes.file_change(repository, pull.head, change) for change in page], headers)


@route("GET", _PULL + "/reviews", "pull_requests=read")
def list_reviews(call: Call) -> Answer:
    """Its reviews, oldest first."""
    repository = call.repository()
    pull = call.pull(repository)
    page, headers = call.page(pull.reviews)
    return Answer(200, [call.shapes.review(repository, pull, review) for review in page], headers)


@route("POST", _PULL + "/reviews", "pull_requests=write", creates=True)
def create_review(call: Call) -> Answer:
    """Review it."""
    repository = call.repository(writes=True)
    pull = call.pull(repository)
    states = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
    state = states.get(call.text("event"), "PENDING")
    if call.login == pull.author and state in ("APPROVED", "CHANGES_REQUESTED"):
        raise RefusalError(422, "Unprocessable Entity", [f"Can not {call.text('event').lower()} your own pull request"])
    if state == "CHANGES_REQUESTED" and not call.text("body"):
        raise RefusalError(422, "Unprocessable Entity", ["Body cannot be blank"])
    commit = call.text("commit_id", pull.head)
    review = Review(call.world.number(), call.login, state, call.text("body"), commit, call.world.now())
    pull.reviews.append(review)
    if call.login in pull.reviewers:
        pull.reviewers.remove(call.login)
    call.world.touch(pull)
    return Answer(200, call.shapes.review(repository, pull, review))


@route("GET", _PULL + "/requested_reviewers", "pull_requests=read")
def list_reviewers(call: Call) -> Answer:
    """Who was asked for a review and has not given one."""
    repository = call.repository()
    shown = call.shapes.pull_simple(repository, call.pull(repository))
    return Answer(200, {"users": shown["requested_reviewers"], "teams": shown["requested_teams"]})


@route("POST", _PULL + "/requested_reviewers", "pull_requests=write")
def request_reviewers(call: Call) -> Answer:
    """Ask people and teams for a review."""
    repository = call.repository(role="write")
    pull = call.pull(repository)
    people, teams = _asked(call)
    if pull.author in people:
        raise RefusalError(422, "Review cannot be requested from pull request author.")
    known = [call.world.role(repository, login) != "none" and login.lower() in call.world.users for login in people]
    if not all(known):
        problem = f"a collaborator of the {repository.full_name} repository"
        raise RefusalError(422, f"Reviews may only be requested from collaborators. One of them is not {problem}.")
    if any((repository.owner.lower(), slug.lower()) not in call.world.teams for slug in teams):
        raise RefusalError(422, "Could not resolve to a node with the global id of a team.")
    pull.reviewers = list(dict.fromkeys([*pull.reviewers, *people]))
    pull.team_reviewers = list(dict.fromkeys([*pull.team_reviewers, *teams]))
    call.world.touch(pull)
    return Answer(201, call.shapes.pull_simple(repository, pull))


@route("DELETE", _PULL + "/requested_reviewers", "pull_requests=write")
def remove_reviewers(call: Call) -> Answer:
    """Ask no longer."""
    repository = call.repository(role="write")
    pull = call.pull(repository)
    people, teams = _asked(call)
    pull.reviewers = [login for login in pull.reviewers if login not in people]
    pull.team_reviewers = [slug for slug in pull.team_reviewers if slug not in teams]
    call.world.touch(pull)
    return Answer(200, call.shapes.pull_simple(repository, pull))


def _asked(call: Call) -> tuple[list[str], list[str]]:
    people: list[Any] = call.body.get("reviewers") or []
    teams: list[Any] = call.body.get("team_reviewers") or []
    return [str(login) for login in people], [str(slug) for slug in teams]
