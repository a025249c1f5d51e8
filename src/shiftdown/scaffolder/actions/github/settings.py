"""`github:autolinks:create`, `github:branch-protection:create`, `github:pages:enable`, `github:webhook`."""

from typing import Literal

from pydantic import Field, SecretStr

from shiftdown.scaffolder.action import ActionContext, Example, action
from shiftdown.scaffolder.actions.github.common import (
    REPO_URL,
    Absent,
    RepositoryInput,
    shown,
    target_of,
)
from shiftdown.scaffolder.actions.github.inputs import RulesInput, rules_of


class AutolinkInput(RepositoryInput):
    """What becomes a link."""

    key_prefix: str = Field(min_length=1)
    """What such references begin with: `TICKET-`."""
    url_template: str
    """Where they lead; `<num>` stands for what follows."""
    is_alphanumeric: bool = True
    """Whether letters may follow, or only digits."""


class ProtectionInput(RulesInput):
    """Which branch is protected, and how."""

    branch: str = ""
    """The branch; default the default one."""
    enforce_admins: bool = True
    """Whether its protection binds administrators, too."""
    block_creations: bool = False
    """Whether only those of `restrictions` may make branches that match."""


class PagesInput(RepositoryInput):
    """How pages are made."""

    build_type: Literal["legacy", "workflow"] = "workflow"
    """Whether a workflow makes them, or GitHub from a branch."""
    source_branch: str = "main"
    """The branch."""
    source_path: Literal["/", "/docs"] = "/"
    """The folder."""


class WebhookInput(RepositoryInput):
    """Which events go where."""

    webhook_url: str = Field(min_length=1)
    """Where they go."""
    webhook_secret: SecretStr | Absent = None
    """What they are signed with."""
    events: tuple[str, ...] = ("push",)
    """Which events; `*` for all."""
    active: bool = True
    """Whether they are sent."""
    content_type: Literal["form", "json"] = "form"
    """How they are written."""
    insecure_ssl: bool = False
    """Whether the receiver's certificate is not checked."""


@action(
    "github:autolinks:create",
    title="Make links of references on GitHub",
    examples=(
        Example(
            title="Tickets",
            input={
                "repoUrl": REPO_URL,
                "keyPrefix": "TICKET-",
                "urlTemplate": "https://tickets.example.org/<num>",
                "isAlphanumeric": False,
            },
        ),
    ),
)
def create_autolink(given: AutolinkInput, context: ActionContext) -> None:
    """Let references such as `TICKET-1` lead somewhere, in all texts of a repository."""
    target = target_of("github:autolinks:create", given, context)
    target.effect("autolink", shown(given))
    if not context.dry_run:
        add, alphanumeric = target.administration.features.add_autolink, given.is_alphanumeric
        context.checkpoint("autolink", lambda: add(given.key_prefix, given.url_template, alphanumeric=alphanumeric))


@action(
    "github:branch-protection:create",
    title="Protect a branch on GitHub",
    examples=(
        Example(
            title="Two approvals and a green check",
            input={
                "repoUrl": REPO_URL,
                "branch": "main",
                "requiredApprovingReviewCount": 2,
                "requiredStatusCheckContexts": ["ci"],
            },
        ),
    ),
)
def protect_branch(given: ProtectionInput, context: ActionContext) -> None:
    """Protect a branch. The rules replace those that it had."""
    target = target_of("github:branch-protection:create", given, context)
    target.effect("branch protection", shown(given))
    if context.dry_run:
        return
    rules = target.administration.rules
    branch = given.branch or context.checkpoint("default branch", rules.default_branch)
    wanted = rules_of(given, enforce_admins=given.enforce_admins, block_creations=given.block_creations)
    if not context.checkpoint("protection", lambda: rules.protect(branch, wanted)):
        context.log(f"{branch} is not protected: the plan of {target.owner} has that for public repositories only")


@action(
    "github:pages:enable",
    title="Publish pages on GitHub",
    examples=(
        Example(
            title="From a folder of the default branch",
            input={"repoUrl": REPO_URL, "buildType": "legacy", "sourcePath": "/docs"},
        ),
    ),
)
def enable_pages(given: PagesInput, context: ActionContext) -> None:
    """Publish the pages of a repository."""
    target = target_of("github:pages:enable", given, context)
    target.effect("pages", shown(given))
    if not context.dry_run:
        enable, branch, folder = target.administration.features.enable_pages, given.source_branch, given.source_path
        context.checkpoint("pages", lambda: enable(build=given.build_type, branch=branch, folder=folder))


@action(
    "github:webhook",
    title="Send events of a repository on GitHub",
    examples=(
        Example(
            title="Pushes and change requests, as JSON",
            input={
                "repoUrl": REPO_URL,
                "webhookUrl": "https://ci.example.org/hooks",
                "webhookSecret": "example",
                "events": ["push", "pull_request"],
                "contentType": "json",
            },
        ),
    ),
)
def create_webhook(given: WebhookInput, context: ActionContext) -> None:
    """Let events of a repository be sent to an address. One that goes there already is brought in line."""
    target = target_of("github:webhook", given, context)
    target.effect("webhook", shown(given))
    if context.dry_run:
        return
    from shiftdown.forges.github.administration import Hook

    same = {name: getattr(given, name) for name in ("events", "active", "content_type", "insecure_ssl")}
    hook = Hook(url=given.webhook_url, secret=given.webhook_secret, **same)
    context.checkpoint("webhook", lambda: target.administration.features.add_hook(hook))
