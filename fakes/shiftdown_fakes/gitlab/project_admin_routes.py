"""Projects that are made and set up."""

from typing import Any

from shiftdown_fakes.gitlab.group_routes import PATH, creates_projects
from shiftdown_fakes.gitlab.model import MAINTAINER, NOBODY, Project, Protection
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_PROTECTED = "/projects/{id}/protected_branches"
_FIELDS = {
    "name": "name",
    "description": "description",
    "topics": "topics",
    "merge_method": "merge_method",
    "squash_option": "squash_option",
    "only_allow_merge_if_pipeline_succeeds": "needs_pipeline",
    "only_allow_merge_if_all_discussions_are_resolved": "needs_discussions",
    "remove_source_branch_after_merge": "removes_branches",
}
"""Settings that have an effect here, and where they are kept."""
_KEPT = ("auto_devops_enabled", "ci_config_path", "allow_merge_on_skipped_pipeline")
"""Settings that are only shown again."""
_CHOICES = {
    "visibility": ("private", "internal", "public"),
    "merge_method": ("merge", "rebase_merge", "ff"),
    "squash_option": ("never", "always", "default_on", "default_off"),
}


@route("POST", "/projects")
def create_project(call: Call) -> Answer:
    """A new project without a commit (https://docs.gitlab.com/api/projects/#create-a-project).

    Whoever makes it in a group is in it what they are in the group.
    """
    user = call.user
    if "name" not in call.body and "path" not in call.body:
        words = "name, path are missing, at least one parameter must be provided"
        raise RefusalError(400, words, data={"error": words})
    number = str(call.body.get("namespace_id") or user.id)
    spaces = {str(group.id): group.path for group in call.world.groups.values()} | {str(user.id): user.username}
    if number not in spaces or not creates_projects(call, spaces[number]):
        raise RefusalError(400, {"namespace": ["is not valid"]})
    name = call.text("name") or call.text("path")
    part = call.text("path") or name.lower().replace(" ", "-")
    if not PATH.fullmatch(part):
        raise RefusalError(400, {"path": ["can contain only letters, digits, '_', '-' and '.'"]})
    path = f"{spaces[number]}/{part}"
    if path.lower() in {place.lower() for place in (*call.world.projects, *call.world.groups)}:
        raise RefusalError(400, {"path": ["has already been taken"]})
    _check(call, spaces[number])
    made = call.world.add_project(path, owner=user.username)
    made.private, made.fresh, made.name = True, True, name
    if spaces[number] in call.world.groups:
        del made.levels[user.username]
    _set(call, made)
    return Answer(201, call.shapes.project(made, user.username))


@route("PUT", "/projects/{id}")
def edit_project(call: Call) -> Answer:
    """Other settings (https://docs.gitlab.com/api/projects/#edit-a-project)."""
    project = call.project(MAINTAINER, writes=False)
    _check(call, project.namespace)
    branch = call.text("default_branch")
    if branch and project.store.tip(branch) is None:
        raise RefusalError(400, {"base": [f"Could not change HEAD: branch '{branch}' does not exist"]})
    if branch:
        call.world.set_default_branch(project, branch)
    _set(call, project)
    return Answer(200, call.shapes.project(project, call.username))


@route("GET", _PROTECTED + "/{name}")
def get_protection(call: Call) -> Answer:
    """What protects the branches of a name or pattern.

    (https://docs.gitlab.com/api/protected_branches/#get-a-single-protected-branch-or-wildcard-protected-branch)
    """
    name, protected = call.params["name"], call.project(MAINTAINER).protected
    if name not in protected:
        raise RefusalError(404, "404 Not found")
    return Answer(200, call.shapes.protection(name, protected[name]))


@route("POST", _PROTECTED)
def protect_branch(call: Call) -> Answer:
    """Protect branches (https://docs.gitlab.com/api/protected_branches/#protect-repository-branches)."""
    project = call.project(MAINTAINER)
    call.need("name")
    name = call.text("name")
    if name in project.protected:
        raise RefusalError(409, f"Protected branch '{name}' already exists")
    push, merge = (call.body.get(f"{act}_access_level", MAINTAINER) for act in ("push", "merge"))
    if not {push, merge} <= {NOBODY, 30, 40, 60}:
        raise RefusalError(400, "", data={"error": "push_access_level does not have a valid value"})
    made = call.world.protect(project, name, Protection(push, merge, force=call.flag("allow_force_push")))
    return Answer(201, call.shapes.protection(name, made))


def _check(call: Call, namespace: str) -> None:
    """Refuse settings that cannot be."""
    for name, choices in _CHOICES.items():
        if call.body.get(name, choices[0]) not in choices:
            raise RefusalError(400, "", data={"error": f"{name} does not have a valid value"})
    wanted = call.text("visibility", "private")
    if wanted != "private" and any(group.private for group in call.world.above(namespace)):
        raise RefusalError(400, {"visibility_level": [f"{wanted} is not allowed in a private group."]})


def _set(call: Call, project: Project) -> None:
    given: dict[str, Any] = call.body
    for name, field in _FIELDS.items():
        if name in given:
            setattr(project, field, given[name])
    project.settings |= {name: given[name] for name in _KEPT if name in given}
    if "visibility" in given:
        project.private, project.internal = given["visibility"] == "private", given["visibility"] == "internal"
