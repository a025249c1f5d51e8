"""`publish:github`: what there is afterwards."""

from collections.abc import Sequence
from typing import Any

import pytest

from shiftdown.app.forges import Forges
from shiftdown.errors import ConflictError, InvalidInputError, NotFoundError
from shiftdown.forges.github.administration.repository import RepositoryPart
from shiftdown.git.temporary import File
from shiftdown.scaffolder.action import CancelledError
from shiftdown.scaffolder.origin import RECORD, REFERENCE
from shiftdown_fakes.github import Fault

from ..dying import deaths
from .bench import Bench, files_of, names_of, none_in, tip_of, told
from .publishing import EVERYTHING, FILES, SECRETS, check_everything, made_at, odd_workspace, publish


def test_a_repository_of_the_workspace(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    given = {"gitCommitMessage": "Begin", "gitAuthorName": "Bo", "defaultBranch": "trunk"}
    ran = publish(bench, path, given, workspace=odd_workspace())
    made = made_at(bench, path)
    assert ran.output == {
        "remoteUrl": f"{bench.github.url}/{path}.git",
        "repoContentsUrl": f"{bench.github.url}/{path}/blob/trunk",
        "commitHash": made.store.tip("trunk"),
    }
    assert files_of(made, "trunk") == {
        "data.bin": ("100644", bytes(range(256))),
        "link": ("120000", b"run.sh"),
        "run.sh": ("100755", b"#!/bin/sh\n"),
    }
    facts = tip_of(made, "trunk")
    assert (facts.parents, facts.message) == ((), "Begin\n")
    assert (facts.author.name, facts.author.email) == ("Bo", "ada@example.org")
    assert (made.private, made.default_branch, made.roles) == (True, "trunk", {"ada": "admin"})
    assert made.protection("trunk") is not None


def test_everything_that_can_be_asked_for(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    ran = publish(bench, path, EVERYTHING)
    check_everything(made_at(bench, path))
    assert none_in(told(ran), (*SECRETS, bench.token))
    assert any("nobody is left out of the collaborators" in line for line in ran.log)


def test_for_the_person_of_the_token(bench: Bench) -> None:
    path = f"ada/{bench.new_name()}"
    publish(bench, path, {"repoVisibility": "public", "protectDefaultBranch": False, "customProperties": {"a": "b"}})
    made = made_at(bench, path)
    assert (made.private, made.protection("main"), made.administered.properties) == (False, None, {})


def test_with_a_token_of_the_step(bench: Bench) -> None:
    path, token = f"eve/{bench.new_name()}", bench.world.add_token("eve").value
    ran = publish(bench, path, {"token": token})
    assert made_at(bench, path).store.tip("main") == ran.output["commitHash"]
    assert token not in told(ran)


def test_a_folder_without_what_git_ignores(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    workspace = {
        "app/.gitignore": "*.log\nbuild/\n!keep.log\n",
        "app/a.log": "x",
        "app/keep.log": "x",
        "app/build/out.txt": "x",
        "app/deep/.gitignore": "secret.txt\n",
        "app/deep/secret.txt": "x",
        "app/secret.txt": "x",
        ".gitignore": "keep.log\n",
    }
    ran = publish(bench, path, {"sourcePath": "app"}, workspace=workspace)
    names = [".gitignore", "deep/.gitignore", "keep.log", "secret.txt"]
    assert sorted(files_of(made_at(bench, path), "main")) == ran.effects[0].details["files"] == names


def test_a_record_of_where_it_comes_from(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    asked: list[tuple[list[str], str]] = []

    def record(files: Sequence[File], folder: str) -> File:
        asked.append(([file.path for file in files], folder))
        return File(RECORD, b"record: new\n")

    workspace = {"src/app.py": "x", f"src/{RECORD}": "record: old\n"}
    ran = publish(bench, path, {"sourcePath": "src"}, workspace=workspace, services={"record": record})
    assert asked == [(["app.py"], "src")]
    assert files_of(made_at(bench, path), "main")[RECORD] == ("100644", b"record: new\n")
    assert made_at(bench, path).store.reference(REFERENCE) == ran.output["commitHash"]


def test_a_plan_without_protection(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    bench.organization.free = True
    ran = publish(bench, path)
    bench.organization.free = False
    assert made_at(bench, path).store.tip("main") == ran.output["commitHash"]
    assert ran.log[-1] == "main is not protected: the plan of acme has that for public repositories only"


def test_by_the_api_alone(bench: Bench, by_api: Forges) -> None:
    path, start = f"acme/{bench.new_name()}", len(bench.github.requests)
    workspace = odd_workspace()
    workspace.write(RECORD, b"record: old\n")
    workspace.write("text.txt", b"a\r\n")
    workspace.write(".gitattributes", b"*.txt text\n")
    record = {"record": lambda _, __: File(RECORD, b"record: new\n")}
    ran = publish(bench, path, {"gitAuthorName": "Bo"}, workspace=workspace, services=record, forges=by_api)
    made = made_at(bench, path)
    assert files_of(made, "main") == {
        ".gitattributes": ("100644", b"*.txt text\n"),
        RECORD: ("100644", b"record: new\n"),
        "data.bin": ("100644", bytes(range(256))),
        "link": ("120000", b"run.sh"),
        "run.sh": ("100755", b"#!/bin/sh\n"),
        "text.txt": ("100644", b"a\n"),
    }
    facts = tip_of(made, "main")
    assert (facts.parents, facts.message, facts.author.name, made.store.reference(REFERENCE)) == (
        (),
        "initial commit\n",
        "Bo",
        facts.id,
    )
    assert (ran.output["commitHash"], made.protection("main") is None) == (facts.id, False)
    assert not [request for request in bench.github.requests[start:] if "/info/refs" in request]


def test_killed_after_any_request_to_the_api_there_is_one_commit(bench: Bench, by_api: Forges) -> None:
    for death in deaths():
        path = f"acme/{bench.new_name()}"
        bench.world.add_repository(path, private=True).roles["ada"] = "admin"
        given = {"repoUrl": bench.url(path), "protectDefaultBranch": False}
        ran = death(bench.run, "github:repo:push", given, workspace=odd_workspace(), forges=by_api)
        facts = tip_of(made_at(bench, path), "main")
        assert (facts.parents, ran.output["commitHash"]) == ((), facts.id)
        assert names_of(made_at(bench, path), "main") == {"data.bin", "link", "run.sh"}


def test_by_the_api_nothing_is_overwritten(bench: Bench, by_api: Forges) -> None:
    made = bench.repository()
    with pytest.raises(ConflictError, match="main has commits already"):
        bench.on("github:repo:push", made, {}, workspace=FILES, forges=by_api)
    assert names_of(made, "main") == {"README.md"}


# Killed, and what goes wrong


def test_killed_after_any_request_everything_is_there_once(bench: Bench) -> None:
    given = {"allowUpdateBranch": True, "topics": ["a"], "repoVariables": {"A": "1"}, "secrets": {"B": SECRETS[0]}}
    for death in deaths():
        path = f"acme/{bench.new_name()}"
        before = len(bench.world.repositories)
        ran = death(publish, bench, path, given)
        made = made_at(bench, path)
        assert (made.topics, made.administered.settings["allow_update_branch"]) == (["a"], True)
        assert made.administered.vault.variables.keys() == {"A"}
        assert made.administered.vault.secrets == {"B": SECRETS[0]}
        assert ran.output["commitHash"] == tip_of(made, "main").id
        assert (tip_of(made, "main").parents, made.protection("main") is None) == ((), False)
        assert len(bench.world.repositories) == before + 1


def test_killed_right_before_the_commit_is_written_down(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    done: dict[str, Any] = {}
    first = publish(bench, path, checkpoints=done)
    for key in ("commit", "default branch", "protection"):
        del done[key]
    # The branch is protected by now: the same commit again is no push.
    assert publish(bench, path, checkpoints=done).output == first.output


@pytest.mark.parametrize(("method", "end"), [("POST", "/orgs/acme/repos"), ("POST", "/variables"), ("PUT", "/B")])
def test_an_answer_is_lost(bench: Bench, method: str, end: str) -> None:
    path = f"acme/{bench.new_name()}"
    bench.github.fail(method, end, Fault.lost_after())
    publish(bench, path, {"repoVariables": {"A": "1"}, "secrets": {"B": SECRETS[0]}})
    vault = made_at(bench, path).administered.vault
    assert (set(vault.variables), vault.secrets) == ({"A"}, {"B": SECRETS[0]})
    assert made_at(bench, path).protection("main") is not None


def test_somebody_else_is_faster(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"acme/{bench.new_name()}"
    look = RepositoryPart.look

    def overtaken(part: RepositoryPart) -> Any:
        found = look(part)
        if path not in bench.world.repositories:
            bench.github.commit(bench.world.add_repository(path), "main", {"a.txt": "theirs\n"})
        return found

    monkeypatch.setattr(RepositoryPart, "look", overtaken)
    with pytest.raises(InvalidInputError, match="is not empty"):
        publish(bench, path, EVERYTHING)
    assert names_of(made_at(bench, path), "main") == {"a.txt"}
    assert made_at(bench, path).topics == []


def test_somebody_pushes_before_the_first_commit(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"acme/{bench.new_name()}"
    set_topics = RepositoryPart.set_topics

    def overtaken(part: RepositoryPart, topics: Any) -> None:
        set_topics(part, topics)
        bench.github.commit(made_at(bench, path), "main", {"a.txt": "theirs\n"})

    monkeypatch.setattr(RepositoryPart, "set_topics", overtaken)
    with pytest.raises(ConflictError):
        publish(bench, path, EVERYTHING)
    assert names_of(made_at(bench, path), "main") == {"a.txt"}


def test_a_task_that_is_cancelled(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    with pytest.raises(CancelledError):
        publish(bench, path, cancelled=True)
    assert path not in bench.world.repositories
    publish(bench, path, checkpoints=(done := dict[str, Any]()))
    for key in ("commit", "default branch", "protection"):
        del done[key]
    with pytest.raises(CancelledError):
        publish(bench, path, checkpoints=done, cancelled=True)


# Bad input makes nothing


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"repoUrl": "HOST?owner=acme"}, "lacks repo"),
        ({"repoUrl": "HOST?owner=acme&repo=my%20shop"}, "'my shop' is no name for a repository on GitHub"),
        ({"repoUrl": "unknown.example.org?owner=acme&repo=shop"}, "there is no forge for unknown.example.org"),
        ({"secrets": {"MY-KEY": "hunter2-hunter2"}}, r"secrets: 'MY-KEY' is no name for a variable or secret"),
        ({"repoVariables": {"GITHUB_X": "1"}}, "repoVariables: 'GITHUB_X' is no name"),
        ({"collaborators": [{"access": "push"}]}, "collaborators.0: needs user or team"),
        ({"repoVisibility": "hidden"}, "repoVisibility"),
        ({"requiredApprovingReviewCount": 7}, "requiredApprovingReviewCount"),
        ({"sourcePath": "none"}, "no such folder"),
        ({"sourcePath": "../up"}, "is not normal"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_input(bench: Bench, given: dict[str, Any], problem: str) -> None:
    before = set(bench.world.repositories)
    full = {"repoUrl": bench.url("acme/wrong-input"), **given}
    full["repoUrl"] = full["repoUrl"].replace("HOST", bench.host)
    with pytest.raises(InvalidInputError, match=problem) as error:
        bench.run("publish:github", full, workspace=FILES)
    assert set(bench.world.repositories) == before
    assert none_in(str(error.value), SECRETS)


@pytest.mark.parametrize(
    ("path", "given", "error", "problem"),
    [
        ("nobody-of-that-name/shop", {}, NotFoundError, "GitHub has no such person or organisation"),
        ("bob/shop", {}, InvalidInputError, "bob is a person, whose repositories are made with their own token"),
        ("ada/shop", {"repoVisibility": "internal"}, InvalidInputError, "only organisations have internal"),
        ("acme/shop", {"access": "acme/nobodies"}, NotFoundError, "nobodies.*cannot be given a role"),
        ("acme/shop", {"access": "nobody-there"}, NotFoundError, "nobody-there.*cannot be given a role"),
    ],
)
def test_who_is_not_there(bench: Bench, path: str, given: dict[str, Any], error: type, problem: str) -> None:
    with pytest.raises(error, match=problem):
        publish(bench, path, given)
    assert path not in bench.world.repositories
