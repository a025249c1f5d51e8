"""How merge requests live: they follow their branches, are merged by git, and know why they may not be."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from shiftdown_fakes.gitlab.model import (
    DEVELOPER,
    NOBODY,
    MergeRequest,
    Pipeline,
    Project,
    Protection,
)
from shiftdown_fakes.gitlab.world import World
from shiftdown_fakes.store import Person

_RUNNING = {"created", "waiting_for_resource", "preparing", "pending", "running", "scheduled", "manual"}
WAITED_FOR = {"ci_must_pass", "ci_still_running", "not_approved", "draft_status", "discussions_not_resolved"}
"""What is in the way of a merge, but not of one by itself later."""


def refresh(world: World, project: Project) -> None:
    """Bring the open merge requests of a project in line with their branches, however those were moved."""
    for request in project.merge_requests.values():
        if request.state == "opened":
            _follow(world, project, request)
        if request.state == "opened" and request.auto_merge and merge_status(project, request) == "mergeable":
            merge(world, project, request, request.auto_merge)


def _follow(world: World, project: Project, request: MergeRequest) -> None:
    head, base = request.source.store.tip(request.branch), project.store.tip(request.target)
    if head is None:
        close(world, request, request.author)
        return
    if head != request.head:
        _take_commits(world, project, request, head)
    if base is not None and base != request.base:
        moved, request.base = request.base, base
        if project.store.is_ancestor(request.head, base) and not project.store.is_ancestor(request.head, moved):
            _merged(world, request, request.author)
            return
    _part(project, request)


def _take_commits(world: World, project: Project, request: MergeRequest, head: str) -> None:
    old = request.head
    take(project, request, head)
    new = project.store.commits(old, head)
    titles = "".join(f"<li>{one[:8]} - {_title(project, one)}</li>" for one in new)
    body = f"added {len(new)} commit{'' if len(new) == 1 else 's'}\n\n<ul>{titles}</ul>"
    world.note(request, request.author, body, system=True)
    request.auto_merge = None
    if project.resets_approvals:
        request.approved.clear()


def _title(project: Project, commit: str) -> str:
    facts = project.store.commit_facts(commit)
    return facts.message.partition("\n")[0] if facts else ""


def take(project: Project, request: MergeRequest, head: str) -> None:
    """Note where the branch is; its commits are kept below `refs/merge-requests`, as on GitLab."""
    reference = f"refs/merge-requests/{request.iid}/head"
    if request.source is not project:
        source = str(request.source.store.path)
        project.store.run("fetch", "--quiet", source, f"+refs/heads/{request.branch}:{reference}")
    else:
        project.store.run("update-ref", reference, head)
    request.head = head


def _part(project: Project, request: MergeRequest) -> None:
    request.start = project.store.merge_base(request.base, request.head) or request.base


def close(world: World, request: MergeRequest, by: str) -> None:
    """Close without a merge."""
    request.state, request.closed, request.closed_by = "closed", world.now(), by
    request.auto_merge = None
    world.note(request, by, "closed", system=True)


def reopen(world: World, project: Project, request: MergeRequest, by: str) -> bool:
    """Open again; whether its branch is still there."""
    head = request.source.store.tip(request.branch)
    if head is None:
        return False
    request.state, request.closed, request.closed_by = "opened", None, None
    take(project, request, head)
    world.note(request, by, "reopened", system=True)
    return True


def _merged(world: World, request: MergeRequest, by: str) -> None:
    request.state, request.merged, request.merged_by, request.auto_merge = "merged", world.now(), by, None
    world.note(request, by, "merged", system=True)


def conflicts(project: Project, request: MergeRequest) -> bool:
    """Whether git cannot merge it."""
    if request.state != "opened" or project.store.tip(request.target) is None:
        return False
    return project.store.merge_tree(request.base, request.head)[0] is None


def head_pipeline(project: Project, request: MergeRequest) -> Pipeline | None:
    """The last pipeline on its head, there or in its fork."""
    of = [*project.pipelines, *(request.source.pipelines if request.source is not project else ())]
    return next((one for one in reversed(of) if one.commit == request.head), None)


def merge_status(project: Project, request: MergeRequest) -> str:
    """What is in the way, a `detailed_merge_status` (https://docs.gitlab.com/api/merge_requests/#merge-status)."""
    if request.state != "opened":
        return "not_open"
    if request.draft:
        return "draft_status"
    if project.store.tip(request.target) is None or project.store.is_ancestor(request.head, request.base):
        return "commits_status"
    if conflicts(project, request):
        return "conflict"
    if project.merge_method == "ff" and not project.store.is_ancestor(request.base, request.head):
        return "need_rebase"
    if "requested_changes" in request.reviewers.values():
        return "requested_changes"
    if len(request.approved) < project.approvals:
        return "not_approved"
    pipeline = head_pipeline(project, request)
    if project.needs_pipeline and (pipeline is None or pipeline.status != "success"):
        return "ci_still_running" if pipeline and pipeline.status in _RUNNING else "ci_must_pass"
    return "mergeable"


def protection_of(project: Project, branch: str) -> Protection | None:
    """What protects a branch."""
    found = [wanted for name, wanted in project.protected.items() if fnmatchcase(branch, name)]
    return found[0] if found else None


def may_push(world: World, project: Project, username: str | None, branch: str) -> bool:
    """Whether a user may push to a branch."""
    wanted = protection_of(project, branch)
    needed = DEVELOPER if wanted is None else wanted.push
    return needed != NOBODY and world.level(project, username) >= needed


def may_merge(world: World, project: Project, username: str | None, branch: str) -> bool:
    """Whether a user may merge into a branch."""
    wanted = protection_of(project, branch)
    needed = DEVELOPER if wanted is None else wanted.merge
    return needed != NOBODY and world.level(project, username) >= needed


def merge(
    world: World, project: Project, request: MergeRequest, by: str, *, message: str = "", squash_message: str = ""
) -> None:
    """Merge what is mergeable, as the project does."""
    store = project.store
    author = Person(by, f"{by}@users.noreply.example", world.now())
    tip = request.head
    if project.squash_option == "always" or (request.squash and project.squash_option != "never"):
        tree, _ = store.merge_tree(request.base, request.head)
        tip = store.write_commit(str(tree), [request.base], squash_message or f"{request.title}\n", author, author)
        request.squash_commit = tip
    if project.merge_method != "ff":
        tree, _ = store.merge_tree(request.base, tip)
        text = message or (
            f"Merge branch '{request.branch}' into '{request.target}'\n\n{request.title}\n\n"
            f"See merge request {project.path}!{request.iid}\n"
        )
        tip = request.merge_commit = store.write_commit(str(tree), [request.base, tip], text, author, author)
    store.move(f"refs/heads/{request.target}", tip, request.base)
    _merged(world, request, by)
    own = request.source.store
    if request.remove_branch and request.branch != request.source.default_branch:
        own.move(f"refs/heads/{request.branch}", None, own.tip(request.branch))


def rebase(world: World, project: Project, request: MergeRequest, by: str) -> str | None:
    """Put its commits on top of the target; why not, if that cannot be."""
    committer = Person(by, f"{by}@users.noreply.example", world.now())
    tip: str | None = request.base
    for commit in own_commits(project, request):
        tip = project.store.replay(commit, str(tip), committer)
        if tip is None:
            return "Rebase failed: Rebase locally, resolve all conflicts, then push the branch."
    own = request.source.store
    if request.source is not project:
        own.run("fetch", "--quiet", str(project.store.path), str(tip))
    own.move(f"refs/heads/{request.branch}", tip, request.head)
    return None


def own_commits(project: Project, request: MergeRequest) -> Sequence[str]:
    """Its commits, oldest first."""
    return project.store.commits(request.start or request.base, request.head)
