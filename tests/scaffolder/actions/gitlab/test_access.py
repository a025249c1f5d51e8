"""Tokens, variables, pipelines and users: what there is afterwards."""

from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError

from ..dying import deaths
from .bench import Bench


def _on(bench: Bench, id_: str, project: Any, given: dict[str, Any], **options: Any) -> Any:
    return bench.run(id_, {"repoUrl": bench.host, "projectId": project.id, **given}, **options)


def test_an_access_token(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    ran = _on(bench, "gitlab:projectAccessToken:create", project, {})
    (made,) = bench.records.access_tokens[project.id]
    assert ran.output == {"access_token": made["token"]}
    assert ran.hidden == [made["token"]]
    names = ("name", "access_level", "scopes", "expires_at")
    assert [made[name] for name in names] == ["tokenname", 40, ["read_repository"], "2027-03-01"]
    assert made["token"] not in repr((ran.log, ran.effects))


def test_an_access_token_as_asked_for(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    given = {"name": "deploy", "accessLevel": 20, "scopes": ["api"], "expiresAt": "2026-12-31"}
    _on(bench, "gitlab:projectAccessToken:create", project, given)
    (made,) = bench.records.access_tokens[project.id]
    assert (made["name"], made["access_level"], made["scopes"], made["expires_at"]) == tuple(given.values())


def test_a_deploy_token(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    ran = _on(bench, "gitlab:projectDeployToken:create", project, {"name": "n", "scopes": ["read_registry"]})
    (made,) = bench.records.deploy_tokens[project.id]
    assert ran.output == {"deploy_token": made["token"], "user": made["username"]}
    assert made["username"].startswith("gitlab+deploy-token-")
    ran = _on(
        bench, "gitlab:projectDeployToken:create", project, {"name": "n", "username": "me", "scopes": ["read_registry"]}
    )
    assert ran.output["user"] == "me"
    assert len(bench.records.deploy_tokens[project.id]) == 2


@pytest.mark.parametrize(
    ("kind", "id_", "given"),
    [
        ("access_tokens", "gitlab:projectAccessToken:create", {"name": "n"}),
        ("deploy_tokens", "gitlab:projectDeployToken:create", {"name": "n", "scopes": ["read_registry"]}),
    ],
)
@pytest.mark.parametrize("how", ["killed", "lost before", "lost after"])
def test_one_token_is_left_that_works(bench: Bench, kind: str, id_: str, given: dict[str, Any], how: str) -> None:
    project = bench.project(bench.new_name())
    other = _on(bench, id_, project, given)
    if how == "killed":
        runs = [death(_on, bench, id_, project, given) for death in deaths()]
    else:
        bench.lose("POST", f"/{kind}", after=how == "lost after")
        runs = [_on(bench, id_, project, given)]
    made = getattr(bench.records, kind)[project.id]
    live = [token["token"] for token in made if not token["revoked"]]
    assert live == [next(iter(ran.output.values())) for ran in (other, *runs)]


def test_a_token_whose_value_is_lost_is_taken_back(bench: Bench) -> None:
    project, done = bench.project(bench.new_name()), dict[str, Any]()
    lost = _on(bench, "gitlab:projectAccessToken:create", project, {}, checkpoints=done)
    ran = _on(bench, "gitlab:projectAccessToken:create", project, {}, checkpoints=done)
    old, new = bench.records.access_tokens[project.id]
    assert lost.output["access_token"] not in repr(done)
    assert (old["revoked"], new["revoked"], ran.output["access_token"]) == (True, False, new["token"])


def _variable(bench: Bench, project: Any, **given: Any) -> Any:
    options = {"checkpoints": given.pop("checkpoints")} if "checkpoints" in given else {}
    asked = {"key": "TEAM", "value": "payments", "variableType": "env_var"}
    return _on(bench, "gitlab:projectVariable:create", project, asked | given, **options)


def test_a_variable(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    _variable(bench, project, variableProtected=True, raw=True, environmentScope="live", variableType="file")
    (made,) = bench.records.variables[project.id]
    assert made == {
        "key": "TEAM",
        "value": "payments",
        "variable_type": "file",
        "protected": True,
        "masked": False,
        "hidden": False,
        "raw": True,
        "environment_scope": "live",
        "description": None,
    }


def test_a_variable_for_each_environment(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    for scope in ("*", "live", "staging"):
        _variable(bench, project, environmentScope=scope, value=scope)
    made = bench.records.variables[project.id]
    assert {variable["environment_scope"]: variable["value"] for variable in made} == {
        "*": "*",
        "live": "live",
        "staging": "staging",
    }


def test_a_variable_that_is_there(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    for _ in range(2):
        _variable(bench, project)
    with pytest.raises(InvalidInputError, match=r"has a variable TEAM for .* already, and it is another one"):
        _variable(bench, project, value="other")
    (made,) = bench.records.variables[project.id]
    assert made["value"] == "payments"


def test_a_variable_that_is_out_of_the_way_when_the_task_goes_on(bench: Bench) -> None:
    project, done = bench.project(bench.new_name()), dict[str, Any]()
    _variable(bench, project)
    with pytest.raises(InvalidInputError, match="has a variable TEAM"):
        _variable(bench, project, value="other", checkpoints=done)
    bench.records.variables[project.id].clear()
    _variable(bench, project, value="other", checkpoints=done)
    assert [one["value"] for one in bench.records.variables[project.id]] == ["other"]


def test_a_hidden_variable_that_is_there(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    _variable(bench, project, value="hunter2-hunter2", maskedAndHidden=True)
    with pytest.raises(InvalidInputError, match="has a variable TEAM"):
        _variable(bench, project, value="hunter2-hunter2", maskedAndHidden=True)


@pytest.mark.parametrize("hidden", [False, True])
def test_a_variable_that_is_killed(bench: Bench, hidden: bool) -> None:
    for death in deaths():
        project = bench.project(bench.new_name())
        death(_variable, bench, project, value="hunter2-hunter2", maskedAndHidden=hidden)
        (made,) = bench.records.variables[project.id]
        assert made["value"] == "hunter2-hunter2"


PIPELINE = {"tokenDescription": "first", "branch": "main", "variables": {"A": "b"}}


def test_a_pipeline(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    ran = _on(bench, "gitlab:pipeline:trigger", project, PIPELINE)
    (made,) = project.pipelines
    assert ran.output == {"pipelineUrl": f"{bench.gitlab.url}/{project.path}/-/pipelines/{made.id}"}
    assert (made.ref, made.source, bench.records.pipeline_variables[made.id]) == ("main", "trigger", {"A": "b"})
    assert bench.records.triggers[project.id] == []


def test_each_step_starts_one(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    urls = {_on(bench, "gitlab:pipeline:trigger", project, PIPELINE).output["pipelineUrl"] for _ in range(2)}
    assert len(urls) == len(project.pipelines) == 2


def test_a_pipeline_that_is_killed(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    kept = {"id": 1, "description": "first", "token": "glptt-theirs", "owner": {"username": "bo"}}
    bench.records.triggers[project.id] = [kept]
    for count, death in enumerate(deaths(), 1):
        ran = death(_on, bench, "gitlab:pipeline:trigger", project, PIPELINE)
        assert len(project.pipelines) == count
        assert ran.output["pipelineUrl"].endswith(f"/{project.pipelines[-1].id}")
        assert bench.records.triggers[project.id] == [kept]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("end", ["/triggers", "/trigger/pipeline"])
def test_a_pipeline_with_a_lost_answer(bench: Bench, end: str, after: bool) -> None:
    project = bench.project(bench.new_name())
    bench.lose("POST", end, after=after)
    _on(bench, "gitlab:pipeline:trigger", project, PIPELINE)
    assert len(project.pipelines) == 1
    assert bench.records.triggers[project.id] == []


def test_no_such_branch(bench: Bench) -> None:
    project = bench.project(bench.new_name())
    with pytest.raises(RepositoryError, match="Reference not found"):
        _on(bench, "gitlab:pipeline:trigger", project, PIPELINE | {"branch": "none"})
    assert bench.records.triggers[project.id] == []


def test_users(bench: Bench) -> None:
    bo = bench.world.add_user("bo").id
    mine = bench.run("gitlab:user:info", {"repoUrl": bench.host})
    theirs = bench.run("gitlab:user:info", {"repoUrl": bench.host, "userId": bo})
    assert mine.output["username"] == "ada"
    assert (theirs.output["id"], theirs.output["username"], theirs.output["state"]) == (bo, "bo", "active")
    assert theirs.output["webUrl"] == f"{bench.gitlab.url}/bo"
    assert "email" not in theirs.output
    with pytest.raises(NotFoundError, match="no user '987654'"):
        bench.run("gitlab:user:info", {"repoUrl": bench.host, "userId": 987654})
