"""The command line as others rely on it: names, JSON fields, exit codes."""

from pathlib import Path

import pytest

from tests.app.conftest import git, make_repository
from tests.cli.conftest import Cli

TYPE = "ADD_GITHUB_ACTIONS"


def test_plan_apply_and_plan_again(cli: Cli, orders: Path) -> None:
    planned = cli("plan", TYPE, orders, "--json")
    assert planned.code == 0
    assert set(planned.json) == {"type", "status", "files", "evidence", "notes", "secrets", "reason"}
    assert (planned.json["type"], planned.json["status"]) == (TYPE, "CHANGES")
    assert planned.json["files"] == [{"path": ".github/workflows/ci.yml", "action": "create", "mode": "100644"}]
    assert {"fact", "path", "line"} == set(planned.json["evidence"][0])
    assert git(orders, "status", "--porcelain") == ""
    assert cli("plan", TYPE, orders).out.startswith("diff --git a/.github/workflows/ci.yml")

    applied = cli("apply", TYPE, orders, "--json")
    assert (applied.code, applied.json["status"]) == (0, "CHANGES")
    assert git(orders, "status", "--porcelain", "-uall") == "?? .github/workflows/ci.yml"

    again = cli("plan", TYPE, orders, "--json")
    assert (again.code, again.json["status"], again.json["files"]) == (0, "ALREADY_SATISFIED", [])
    assert again.json["evidence"][0]["path"] == ".github/workflows/ci.yml"
    assert cli("apply", TYPE, orders).code == 0


def test_not_applicable_is_exit_3_with_a_reason(cli: Cli, tmp_path: Path) -> None:
    empty = make_repository(tmp_path / "empty", {"README": "hello\n"})
    planned = cli("plan", TYPE, empty, "--json")
    assert (planned.code, planned.json["status"]) == (3, "NOT_APPLICABLE")
    assert "nothing known to run" in planned.json["reason"]
    assert cli("apply", TYPE, empty, "--json").code == 3
    ran = cli("run", TYPE, empty, "--json")
    assert (ran.code, ran.json[0]["outcome"]) == (3, "NOT_APPLICABLE")


def test_a_program_from_start_to_verified(cli: Cli, orders: Path, tmp_path: Path) -> None:
    billing = make_repository(tmp_path / "billing", {"README": "hello\n"}, bare=True)
    started = cli(
        *("program", "start", "--playbook", "cicd-automation", "--name", "Payments", "--organization", "acme"),
        *("--repository", orders, "--repository", billing, "--json"),
    )
    assert started.code == 0
    program = started.json["id"]
    shown = cli("program", "show", program, "--json").json
    assert {"id", "name", "status", "progress", "phases"} <= set(shown)
    assert (shown["name"], shown["status"]) == ("Payments", "ACTIVE")
    assert shown["progress"] == {"done": 0, "total": 32, "percent": 0.0, "by_status": {"PENDING": 32}}
    assert [p["order"] for p in shown["phases"]] == [1, 2, 3, 4]
    assert {"order", "name", "status", "progress"} <= set(shown["phases"][0])

    planned = cli("program", "plan", program, "--phase", "1", "--json").json
    assert {(p["repository"], p["status"]) for p in planned["plans"] if p["type"] == TYPE} == {
        ("orders", "CHANGES"),
        ("billing", "NOT_APPLICABLE"),
    }
    author = ("--author", "Grace Example <grace@example.org>", "--sign-off")
    assert cli("program", "run", program, "--phase", "1", *author, "--json").code == 0
    message = git(orders, "show", "--no-patch", "--format=%an%n%B", "shiftdown/add-github-actions")
    assert message.startswith("Grace Example\n")
    assert "Signed-off-by: Grace Example <grace@example.org>" in message

    requests = cli("change-requests", "list", "--json").json
    request = next(r for r in requests if r["type"] == TYPE)
    assert {"id", "repository", "type", "branch", "status", "title", "url"} <= set(request)
    assert (request["repository"], request["branch"], request["status"]) == (
        str(orders),
        "shiftdown/add-github-actions",
        "OPEN",
    )
    whole = cli("change-requests", "show", request["id"], "--json").json
    assert whole["body"].startswith("Every pull request")
    assert "+jobs:" in whole["diff"]
    assert cli("change-requests", "approve", request["id"][:8], "--json").json["review"] == "APPROVED"
    assert cli("change-requests", "merge", request["id"], "--json").json["status"] == "MERGED"
    synced = cli("program", "sync", program, "--json")
    assert (synced.code, synced.json["progress"]["by_status"]["VERIFIED"]) == (0, 1)
    report = cli("program", "report", program).out
    assert "# Payments" in report
    assert "ci.yml:" in report
    listed = cli("program", "list", "--json").json
    assert [(p["id"], p["progress"]["done"]) for p in listed] == [(program, 1)]
    for action, status in (("pause", "PAUSED"), ("resume", "ACTIVE"), ("cancel", "CANCELLED")):
        assert cli("program", action, program, "--json").json["status"] == status
    refused = cli("program", "resume", program, "--json")
    assert (refused.code, refused.out) == (1, "")
    assert "CANCELLED to ACTIVE" in refused.err


def test_people_get_tables(cli: Cli, orders: Path) -> None:
    assert "nothing" not in cli("transformations", "list").out
    assert "Verified by" in cli("transformations", "show", TYPE).out
    assert "there are no programs" in cli("program", "list").out
    assert "there are no change requests" in cli("change-requests", "list").out
    assert "npm run lint" in cli("inspect", orders).out
    assert "ADD_GITHUB_ACTIONS" in cli("assess", orders).out
    assert "first-party" in cli("plugins", "list").out
    assert cli("doctor").code == 0


def test_every_listing_is_one_json_document(cli: Cli, orders: Path) -> None:
    assert TYPE in {t["type"] for t in cli("transformations", "list", "--json").json}
    shown = cli("transformations", "show", TYPE, "--json").json
    assert shown["branch"] == "shiftdown/add-github-actions"
    assert cli("inspect", orders, "--json").json["components"][0]["name"] == "orders"
    assert cli("apply", TYPE, orders).code == 0
    seen = cli("inspect", orders, "--json").json
    ran = {i["purpose"]: i["tool"] for w in seen["workflows"] for j in w["jobs"] for i in j["invocations"]}
    assert (ran["lint"], ran["test"], seen["default_branch"]) == ("eslint", "node", "main")
    assert ".github/workflows/ci.yml:" in cli("inspect", orders).out
    (orders / ".github/workflows/ci.yml").unlink()
    findings = {f["check"]: f for f in cli("assess", orders, "--json").json["findings"]}
    failed = findings["github-actions-run-on-changes"]
    assert (failed["outcome"], failed["fixed_by"]) == ("FAIL", [TYPE])
    assert cli("plugins", "list", "--json").json[0]["error"] is None
    assert all(row["ok"] for row in cli("doctor", "--json").json)


def test_activities_skips_and_exemptions(cli: Cli, orders: Path) -> None:
    started = cli(
        *("program", "start", "--playbook", "platform-engineering", "--name", "IDP", "--organization", "acme"),
        *("--repository", orders, "--json"),
    ).json
    done = cli(
        *("program", "activity", started["id"], "Define golden paths", "--status", "DONE"),
        *("--assignee", "ada", "--evidence", "https://wiki.example.org/paths", "--json"),
    ).json
    first = done["phases"][0]
    assert first["progress"]["by_status"] == {"DONE": 1, "PENDING": 3}
    assert [a["assignee"] for a in first["activities"] if a["status"] == "DONE"] == ["ada"]
    skipped = cli("program", "skip", started["id"], "--phase", "1", "--reason", "done before", "--json").json
    assert skipped["phases"][0]["status"] == "SKIPPED"
    assert cli("program", "activity", started["id"], "Nothing", "--status", "DONE").code == 2
    assert cli("program", "activity", started["id"], "Define golden paths", "--status", "MAYBE").code == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "ADD_NOTHING", "."), "no plugin for 'ADD_NOTHING'"),
        (("plan", TYPE, "{tmp}/nowhere"), "nowhere"),
        (("plan", TYPE, "{tmp}"), "not a git repository"),
        (("plan", TYPE, "{orders}", "--param", "colour"), "KEY=VALUE"),
        (("plan", TYPE, "{orders}", "--param", "colour=red"), "colour"),
        (("plan", TYPE, "--upload-pack=touch /tmp/x"), "--upload-pack"),
        (("run", TYPE, "ext::sh -c true"), "ext::"),
        (("run", TYPE, "https://ada:s3cret@example.org/x.git"), "example.org"),
        (("apply", TYPE, "{tmp}/nowhere"), "nowhere"),
        (("program", "show", "nope"), "no program 'nope'"),
        (("change-requests", "merge", "nope"), "no change request 'nope'"),
        (("program", "start", "--playbook", "x"), "Missing option"),
        (("--registry", "nosuch://x", "program", "list"), "nosuch"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_bad_input_is_exit_2_with_a_message_and_changes_nothing(
    cli: Cli, orders: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = (
        git(orders, "for-each-ref"),
        sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("registry")),
    )
    given = [a.format(tmp=tmp_path, orders=orders) for a in arguments]
    answer = cli(*given, "--json")
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert "s3cret" not in answer.err + answer.out
    assert answer.out == ""
    after = git(orders, "for-each-ref"), sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("registry"))
    assert before == after
