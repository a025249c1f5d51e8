"""Autolinks, branch protection, pages and webhooks: what there is afterwards."""

import logging
from typing import Any

import pytest

from shiftdown.errors import InvalidInputError, NotFoundError, RepositoryError, ShiftdownError
from shiftdown_fakes.github import App, Fault

from ..dying import deaths
from .bench import Bench, told

LINK: dict[str, Any] = {"keyPrefix": "TICKET-", "urlTemplate": "https://tickets.example.org/<num>"}
HOOK: dict[str, Any] = {
    "webhookUrl": "https://ci.example.org/hooks",
    "webhookSecret": "hunter2-hunter2",
    "events": ["push", "release"],
}
ISSUE: dict[str, Any] = {"title": "Set up alerts"}


def test_an_autolink(bench: Bench) -> None:
    repository = bench.repository()
    for death in deaths():
        death(bench.on, "github:autolinks:create", repository, LINK)
    (link,) = repository.administered.autolinks
    assert (link["key_prefix"], link["url_template"], link["is_alphanumeric"]) == (*LINK.values(), True)
    other = {**LINK, "urlTemplate": "https://other.example.org/<num>"}
    with pytest.raises(InvalidInputError, match=r"TICKET- leads to https://tickets.example.org/<num> already; remove"):
        bench.on("github:autolinks:create", repository, other)
    with pytest.raises(RepositoryError, match=r"cannot add the autolink X-.*missing a <num> token"):
        bench.on("github:autolinks:create", repository, {"keyPrefix": "X-", "urlTemplate": "https://a.b"})
    assert repository.administered.autolinks == [link]


RULES = {
    "requiredApprovingReviewCount": 2,
    "requireCodeOwnerReviews": True,
    "dismissStaleReviews": True,
    "requireLastPushApproval": True,
    "bypassPullRequestAllowances": {"users": ["bob"], "teams": ["core"], "apps": ["robot"]},
    "restrictions": {"users": ["eve"], "teams": ["core"]},
    "requiredStatusCheckContexts": ["ci", "lint"],
    "requireBranchesToBeUpToDate": False,
    "requiredConversationResolution": True,
    "requiredCommitSigning": True,
    "requiredLinearHistory": True,
    "enforceAdmins": False,
    "blockCreations": True,
}


def test_a_protected_branch(bench: Bench) -> None:
    bench.world.add_app(App(4711, "robot", "", {"contents": "write"}), "acme")
    repository = bench.repository()
    bench.github.commit(repository, "release/1", {"a.txt": "a\n"})
    for death in deaths():
        death(bench.on, "github:branch-protection:create", repository, {"branch": "release/1", **RULES})
    assert repository.administered.rules == {
        "release/1": {
            "required_status_checks": {"strict": False, "contexts": ["ci", "lint"]},
            "enforce_admins": False,
            "required_pull_request_reviews": {
                "required_approving_review_count": 2,
                "require_code_owner_reviews": True,
                "dismiss_stale_reviews": True,
                "require_last_push_approval": True,
                "bypass_pull_request_allowances": {"users": ["bob"], "teams": ["core"], "apps": ["robot"]},
            },
            "restrictions": {"users": ["eve"], "teams": ["core"], "apps": []},
            "required_conversation_resolution": True,
            "required_linear_history": True,
            "block_creations": True,
            "required_signatures": True,
        }
    }


def test_the_default_branch_is_protected_as_backstage_does_it(bench: Bench) -> None:
    repository = bench.repository()
    bench.on("github:branch-protection:create", repository, {})
    rules = repository.administered.rules["main"]
    assert (rules["enforce_admins"], rules["restrictions"], rules["required_signatures"]) == (True, None, False)
    assert rules["required_status_checks"] == {"strict": True, "contexts": []}
    assert rules["required_pull_request_reviews"]["required_approving_review_count"] == 1
    bench.on("github:branch-protection:create", repository, {"requiredApprovingReviewCount": 0})
    protection = repository.protection("main")
    assert protection is not None
    assert protection.approvals == 0


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"branch": "none"}, "none.*push it to .* first"),
        (
            {"restrictions": {"users": ["nobody-there"], "teams": []}},
            "protect main.*Could not find nobody-there",
        ),
        ({"bypassPullRequestAllowances": {"teams": ["nobodies"]}}, "cannot protect main.*Could not find nobodies"),
        ({"requiredApprovingReviewCount": 7}, "requiredApprovingReviewCount"),
    ],
)
def test_what_cannot_be_protected(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], problem: str
) -> None:
    monkeypatch.setattr("shiftdown.forges.github.administration.rules._PAUSES", (0.0, 0.0))
    repository = bench.repository()
    with pytest.raises(ShiftdownError, match=problem):
        bench.on("github:branch-protection:create", repository, given)
    assert repository.administered.rules == {}


def test_a_branch_that_github_knows_a_moment_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shiftdown.forges.github.administration.rules._PAUSES", (0.0, 0.0))
    repository = bench.repository()
    bench.github.fail("GET", "/branches/main", Fault.answers(404, "Branch not found"))
    bench.on("github:branch-protection:create", repository, {})
    assert "main" in repository.administered.rules


def test_pages(bench: Bench) -> None:
    repository = bench.repository()
    for death in deaths():
        death(bench.on, "github:pages:enable", repository, {})
    assert repository.administered.pages == {"build_type": "workflow", "source": {"branch": "main", "path": "/"}}
    start = len(bench.github.requests)
    bench.on("github:pages:enable", repository, {"sourceBranch": "other"})
    assert bench.count(start, "PUT", "/pages") == 0
    bench.on("github:pages:enable", repository, {"buildType": "legacy", "sourcePath": "/docs"})
    assert repository.administered.pages == {"build_type": "legacy", "source": {"branch": "main", "path": "/docs"}}


def test_pages_of_a_branch_that_is_not_there(bench: Bench) -> None:
    repository = bench.repository()
    with pytest.raises(RepositoryError, match=r"cannot enable pages.*The none branch must exist"):
        bench.on("github:pages:enable", repository, {"buildType": "legacy", "sourceBranch": "none"})
    assert repository.administered.pages is None


def test_a_webhook(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="github")
    repository = bench.repository()
    bench.on("github:autolinks:create", repository, LINK)
    for death in deaths():
        ran = death(bench.on, "github:webhook", repository, HOOK)
        assert "hunter2" not in told(ran)
    assert "/autolinks" in caplog.text
    assert "hunter2" not in caplog.text
    (hook,) = repository.administered.hooks
    assert (hook["events"], hook["active"]) == (["push", "release"], True)
    assert hook["config"] == {"url": HOOK["webhookUrl"], "content_type": "form", "insecure_ssl": "0",
                              "secret": "hunter2-hunter2"}  # fmt: skip
    bench.on("github:webhook", repository, {**HOOK, "events": ["*"], "contentType": "json", "active": False})
    assert [(hook["events"], hook["active"]) for hook in repository.administered.hooks] == [(["*"], False)]
    bench.on("github:webhook", repository, {"webhookUrl": "https://other.example.org", "insecureSsl": True})
    other = repository.administered.hooks[1]
    assert (other["events"], other["config"]["insecure_ssl"], "secret" in other["config"]) == (["push"], "1", False)


@pytest.mark.parametrize("id_", ["github:autolinks:create", "github:webhook", "github:branch-protection:create"])
def test_without_the_right_to_administer(bench: Bench, id_: str) -> None:
    repository = bench.repository(role="write")
    inputs: dict[str, dict[str, Any]] = {"github:autolinks:create": LINK, "github:webhook": HOOK}
    with pytest.raises(RepositoryError, match="403: Must have admin rights to Repository") as error:
        bench.on(id_, repository, inputs.get(id_, {}))
    assert "hunter2" not in str(error.value)


def test_a_branch_of_a_repository_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotFoundError, match="acme/none"):
        bench.run("github:branch-protection:create", {"repoUrl": bench.url("acme/none")})


def test_by_a_name_that_the_repository_had(bench: Bench) -> None:
    repository = bench.repository()
    old = bench.url(repository.full_name)
    bench.world.rename(repository, f"acme/{bench.new_name()}")
    for id_, given in (("autolinks:create", LINK), ("webhook", HOOK), ("pages:enable", {}), ("issues:create", ISSUE)):
        bench.run(f"github:{id_}", {"repoUrl": old, **given})
    bench.run("github:environment:create", {"repoUrl": old, "name": "dev", "secrets": {"A": "hunter2-hunter2"}})
    bench.run("github:branch-protection:create", {"repoUrl": old})
    admin = repository.administered
    assert (len(admin.autolinks), len(admin.hooks), admin.pages is None, len(repository.issues)) == (1, 1, False, 1)
    assert (admin.environments["dev"].vault.secrets, set(admin.rules)) == ({"A": "hunter2-hunter2"}, {"main"})
