"""A repository that had nothing to build gets a Dockerfile: what was left out is proposed."""

from pathlib import Path

from tests.app.conftest import git, make_repository

from .conftest import Cli

BOOK = """
name: build
phases:
  - {name: Build, phase_type: CI_CD_AUTOMATION, duration: 1 week, transformations: [ADD_BUILD_STAGE]}
  - {name: Lint, phase_type: CI_CD_AUTOMATION, duration: 1 week, transformations: [ADD_LINT_STAGE]}
"""


def test_what_was_left_out_is_looked_at_again(cli: Cli, tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "orders", {"README": "Nothing to build.\n"})
    (tmp_path / "book.yaml").write_text(BOOK)
    where = ("--playbook", str(tmp_path / "book.yaml"), "--repository", str(repository))
    program = cli("program", "start", *where, "--name", "B", "--organization", "acme", "--json").json["id"]
    ran = cli("program", "run", program, "--json")
    assert (ran.code, ran.json[0]["outcome"]) == (3, "NOT_APPLICABLE")
    assert cli("program", "show", program, "--json").json["phases"][0]["status"] == "COMPLETED"
    assert "nothing changed" in cli("program", "sync", program).out

    (repository / "Dockerfile").write_text("FROM scratch\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Add an image")
    tip = git(repository, "rev-parse", "HEAD")
    synced = cli("program", "sync", program, "--json").json["results"]
    first = synced[0]
    assert (first["type"], first["before"], first["after"]) == ("ADD_BUILD_STAGE", "NOT_APPLICABLE", "PENDING")
    assert first["reason"].startswith(f"applies since {tip[:10]}; before: ")
    shown = cli("program", "show", program, "--json").json
    assert (shown["status"], shown["phases"][0]["status"]) == ("ACTIVE", "PENDING")
    assert shown["phases"][0]["transformations"][0]["revision"] == tip
    (result,) = cli("program", "run", program, "--json").json
    assert (result["type"], result["outcome"]) == ("ADD_BUILD_STAGE", "OPENED")
