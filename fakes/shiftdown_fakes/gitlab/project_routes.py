"""Projects, their forks, languages, labels and milestones."""

from shiftdown_fakes.gitlab.model import OWNER, REPORTER
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer

_PROJECT = "/projects/{id}"


@route("GET", _PROJECT)
def get_project(call: Call) -> Answer:
    """One project (https://docs.gitlab.com/api/projects/#get-a-single-project)."""
    return Answer(200, call.shapes.project(call.project(), call.username))


@route("GET", _PROJECT + "/languages")
def list_languages(call: Call) -> Answer:
    """How much is in which language (https://docs.gitlab.com/api/projects/#list-programming-languages-used)."""
    return Answer(200, dict(call.project().languages))


@route("GET", _PROJECT + "/forks")
def list_forks(call: Call) -> Answer:
    """Forks of a project (https://docs.gitlab.com/api/project_forks/#list-all-forks-of-a-project)."""
    project = call.project()
    forks = [one for one in call.world.projects.values() if one.parent is project]
    forks = [one for one in forks if call.world.sees(one, call.username)]
    if call.flag("owned"):
        forks = [one for one in forks if call.level(one) == OWNER]
    return call.paged(forks, lambda one: call.shapes.project(one, call.username))


@route("POST", _PROJECT + "/fork")
def fork_project(call: Call) -> Answer:
    """Fork a project (https://docs.gitlab.com/api/project_forks/#fork-a-project).

    GitLab copies the repository after the answer, the fake before it. What is said to the bot of a token, which owns
    no place for projects, is not documented: assumed is that its namespace is not found.
    """
    project, owner = call.project(writes=False), call.user
    if project.private and call.level(project) < REPORTER:
        raise RefusalError(403, "403 Forbidden")
    place = call.text("namespace_path") or owner.username
    if owner.bot and place == owner.username:
        raise RefusalError(404, "404 Target Namespace Not Found")
    path = f"{place}/{call.text('path') or project.path.rpartition('/')[2]}"
    if call.world.find_project(path):
        raise RefusalError(409, {"name": ["has already been taken"], "path": ["has already been taken"]})
    made = call.world.add_project(path, owner=owner.username, parent=project, branch=project.default_branch)
    made.name, made.private = call.text("name") or project.name, project.private
    made.store.run("fetch", "--quiet", str(project.store.path), "+refs/heads/*:refs/heads/*")
    return Answer(201, call.shapes.project(made, owner.username) | {"import_status": "scheduled"})


@route("GET", _PROJECT + "/labels")
def list_labels(call: Call) -> Answer:
    """Labels of a project (https://docs.gitlab.com/api/labels/#list-labels)."""
    return call.paged(list(call.project().labels.values()), call.shapes.label)


@route("GET", _PROJECT + "/milestones")
def list_milestones(call: Call) -> Answer:
    """Milestones of a project (https://docs.gitlab.com/api/milestones/#list-project-milestones)."""
    project = call.project()
    found = call.world.milestones(project) if call.flag("include_ancestors") else project.milestones
    for name in ("title", "state"):
        if name in call.query:
            found = [one for one in found if getattr(one, name) == call.query[name]]
    return call.paged(found, lambda one: call.shapes.milestone_of(one, project))
