"""Accounts, repositories, checks and apps of the REST API."""

import secrets
from datetime import timedelta
from pathlib import Path
from shutil import copytree

from shiftdown_fakes.github.model import Check, Repository
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_REPO = "/repos/{owner}/{repo}"
LIMIT = 5000
"""Requests an hour that a token may make."""


@route("GET", "/user", None)
def get_user(call: Call) -> Answer:
    """Who the token belongs to: an installation is nobody."""
    if call.token is not None and call.token.installation is not None:
        raise RefusalError(403, "Resource not accessible by integration")
    return Answer(200, call.shapes.own_user(call.login))


@route("GET", "/rate_limit", None)
def get_rate_limit(call: Call) -> Answer:
    """What is left of the limits; asking costs nothing."""
    used = call.token.used if call.token else 0
    reset = int((call.world.now() + timedelta(hours=1)).timestamp())
    rate = {"limit": LIMIT, "used": used, "remaining": max(0, LIMIT - used), "reset": reset}
    return Answer(200, {"resources": {"core": rate, "search": rate}, "rate": rate})


@route("GET", _REPO)
def get_repository(call: Call) -> Answer:
    """One repository."""
    repository = call.repository()
    return Answer(200, call.shapes.repository_full(repository, call.token.login if call.token else None))


@route("GET", "/orgs/{org}/repos")
def list_repositories(call: Call) -> Answer:
    """The repositories of an organisation that the caller sees."""
    owner = call.params["org"].lower()
    found = [r for r in _visible(call) if r.owner.lower() == owner]
    page, headers = call.page(sorted(found, key=lambda r: r.full_name))
    return Answer(200, [call.shapes.repository_minimal(repository) for repository in page], headers)


@route("GET", "/search/repositories")
def search_repositories(call: Call) -> Answer:
    """Search by `org:`, `user:`, `topic:`, `language:`, `archived:`, `fork:` and words of the name."""
    found = [r for r in _visible(call) if all(_matches(r, term) for term in call.query.get("q", "").split())]
    if "fork:" not in call.query.get("q", ""):
        found = [r for r in found if r.parent is None]
    page, headers = call.page(sorted(found, key=lambda r: r.full_name))
    items = [call.shapes.repository(repository) | {"score": 1.0} for repository in page]
    return Answer(200, {"total_count": len(found), "incomplete_results": False, "items": items}, headers)


def _visible(call: Call) -> list[Repository]:
    return [r for r in call.world.repositories.values() if call.world.allows(r, call.token, "read")]


def _matches(repository: Repository, term: str) -> bool:
    kind, _, value = term.lower().partition(":")
    match kind:
        case "org" | "user":
            return repository.owner.lower() == value
        case "topic":
            return value in repository.topics
        case "language":
            return (repository.language or "").lower() == value
        case "archived":
            return repository.archived == (value == "true")
        case "fork":
            return value == "true" or (repository.parent is not None) == (value == "only")
        case _:
            return term.lower() in repository.full_name.lower()


@route("GET", _REPO + "/topics")
def get_topics(call: Call) -> Answer:
    """Topics."""
    return Answer(200, {"names": call.repository().topics})


@route("PUT", _REPO + "/topics", "administration=write")
def set_topics(call: Call) -> Answer:
    """Replace the topics."""
    repository = call.repository(role="maintain")
    repository.topics = [str(name).lower() for name in call.body["names"]]
    return Answer(200, {"names": repository.topics})


@route("POST", _REPO + "/forks", "administration=write")
def create_fork(call: Call) -> Answer:
    """Fork it to the caller, or say where the fork is."""
    repository = call.repository()
    owner = call.text("organization", call.login)
    there = [r for r in call.world.repositories.values() if r.parent is repository and r.owner == owner]
    if there:
        return Answer(202, call.shapes.repository_full(there[0], call.login))
    fork = call.world.add_repository(
        f"{owner}/{call.text('name', repository.name)}", private=repository.private, parent=repository,
        branch=repository.default_branch,
    )  # fmt: skip
    _copy(repository.store.path, fork.store.path)
    return Answer(202, call.shapes.repository_full(fork, call.login))


def _copy(source: Path, target: Path) -> None:
    for name in ("objects", "refs/heads"):
        copytree(source / name, target / name, dirs_exist_ok=True)
    if (source / "packed-refs").exists():
        (target / "packed-refs").write_bytes((source / "packed-refs").read_bytes())


@route("POST", _REPO + "/merge-upstream", "contents=write")
def merge_upstream(call: Call) -> Answer:
    """Bring a branch of a fork up to date."""
    fork = call.repository(role="write")
    if fork.parent is None:
        raise RefusalError(422, "This repository is not a fork.")
    branch = call.text("branch")
    fork.store.run("fetch", "--quiet", str(fork.parent.store.path), f"refs/heads/{branch}")
    new, old = fork.store.word("rev-parse", "FETCH_HEAD"), fork.store.tip(branch)
    if old and not fork.store.is_ancestor(old, new):
        raise RefusalError(409, "There are merge conflicts")
    fork.store.move(f"refs/heads/{branch}", new, old)
    return Answer(200, {"message": "Successfully fetched and fast-forwarded from upstream.",
                        "merge_type": "fast-forward", "base_branch": f"{fork.parent.owner}:{branch}"})  # fmt: skip


@route("POST", _REPO + "/statuses/{sha}", "statuses=write", creates=True)
def create_status(call: Call) -> Answer:
    """Set a status of a commit."""
    repository = call.repository(role="write")
    check = Check(
        call.world.number(), call.text("context", "default"), call.commit(repository, call.params["sha"]), call.login,
        call.world.now(), run=False, status="completed", conclusion=call.text("state"),
        description=call.body.get("description"),
    )  # fmt: skip
    repository.checks.append(check)
    return Answer(201, call.shapes.status(repository, check))


@route("GET", _REPO + "/commits/{ref}/status", "statuses=read")
def get_combined_status(call: Call) -> Answer:
    """All statuses of a commit."""
    repository = call.repository()
    return Answer(200, call.shapes.combined_status(repository, call.commit(repository, call.params["ref"])))


@route("POST", _REPO + "/check-runs", "checks=write", creates=True)
def create_check_run(call: Call) -> Answer:
    """Report a check run."""
    repository = call.repository(role="write")
    conclusion = call.body.get("conclusion")
    check = Check(
        call.world.number(), call.text("name"), call.commit(repository, call.text("head_sha")), call.login,
        call.world.now(), run=True, status="completed" if conclusion else call.text("status", "queued"),
        conclusion=conclusion, description=(call.body.get("output") or {}).get("summary"),
    )  # fmt: skip
    repository.checks.append(check)
    return Answer(201, call.shapes.check_run(repository, check))


@route("GET", _REPO + "/commits/{ref}/check-runs", "checks=read")
def list_check_runs(call: Call) -> Answer:
    """The check runs of a commit."""
    repository = call.repository()
    commit = call.commit(repository, call.params["ref"])
    found = {check.name: check for check in repository.checks if check.commit == commit and check.run}
    page, headers = call.page(list(found.values()))
    shown = [call.shapes.check_run(repository, check) for check in page]
    return Answer(200, {"total_count": len(found), "check_runs": shown}, headers)


@route("GET", _REPO + "/installation", None)
def get_installation(call: Call) -> Answer:
    """Where the app that asks is installed for a repository."""
    name = f"{call.params['owner']}/{call.params['repo']}".lower()
    if name not in call.world.repositories and name not in call.world.moved:
        raise RefusalError(404, "Not Found")
    for installation in call.world.installations.values():
        if installation.app.id == call.app and installation.account.lower() == call.params["owner"].lower():
            return Answer(200, call.shapes.installation(installation))
    raise RefusalError(404, "Not Found")


@route("POST", "/app/installations/{installation_id}/access_tokens", None)
def create_installation_token(call: Call) -> Answer:
    """A token for an installation; it ends after an hour."""
    installation = call.world.installations.get(int(call.params["installation_id"]))
    if installation is None or installation.app.id != call.app:
        raise RefusalError(404, "Not Found")
    token = call.world.add_token(
        f"{installation.app.slug}[bot]", installation.app.permissions, value=f"ghs_{secrets.token_hex(18)}",
        expires=call.world.now() + timedelta(hours=1), installation=installation.id,
    )  # fmt: skip
    return Answer(201, {
        "token": token.value, "expires_at": iso(token.expires), "permissions": dict(installation.app.permissions),
        "repository_selection": "all",
    })  # fmt: skip
