"""Pipelines, and how they are started from outside."""

from shiftdown_fakes.gitlab.action_records import records_of
from shiftdown_fakes.gitlab.model import Pipeline
from shiftdown_fakes.gitlab.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer


@route("POST", "/projects/{id}/trigger/pipeline", public=True)
def trigger_pipeline(call: Call) -> Answer:
    """Start a pipeline (https://docs.gitlab.com/api/pipeline_triggers/#trigger-a-pipeline-with-a-token)."""
    project = call.project()
    call.need("token", "ref")
    records = records_of(call.world)
    used = next((one for one in records.triggers.get(project.id, []) if one["token"] == call.body["token"]), None)
    if used is None:
        raise RefusalError(404, "404 Not Found")
    ref = call.text("ref")
    commit = project.store.tip(ref) or project.store.reference(f"refs/tags/{ref}")
    if commit is None:
        raise RefusalError(400, {"base": ["Reference not found"]})
    user = used["owner"]["username"]
    made = call.world.add_pipeline(project, commit, "created", ref=ref, source="trigger", user=user)
    records.pipeline_variables[made.id] = dict(call.body.get("variables") or {})
    return Answer(201, call.shapes.pipeline_full(project, made))


@route("GET", "/projects/{id}/pipelines")
def list_pipelines(call: Call) -> Answer:
    """Pipelines (https://docs.gitlab.com/api/pipelines/#list-project-pipelines)."""
    project = call.project()

    def is_wanted(pipeline: Pipeline) -> bool:
        facts = {"ref": pipeline.ref, "source": pipeline.source, "username": pipeline.user, "status": pipeline.status}
        return all(call.query.get(name, fact) == fact for name, fact in facts.items())

    newest_first = call.query.get("sort", "desc") == "desc"
    found = sorted(filter(is_wanted, project.pipelines), key=lambda one: one.id, reverse=newest_first)
    return call.paged(found, lambda one: call.shapes.pipeline(project, one))
