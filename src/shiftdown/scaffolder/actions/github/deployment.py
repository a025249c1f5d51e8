"""`github:actions:dispatch`, `github:deployKey:create`, `github:environment:create`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field, SecretStr, ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.action import ActionContext, ActionModel, Example, action
from shiftdown.scaffolder.actions.github.common import (
    REPO_URL,
    Absent,
    Number,
    RepositoryInput,
    shown,
    target_of,
)
from shiftdown.scaffolder.actions.github.inputs import check_names
from shiftdown.scaffolder.filters import parse_entity_ref

if TYPE_CHECKING:
    from shiftdown.forges.github.administration import Environment


class DispatchInput(RepositoryInput):
    """Which workflow is started, and how."""

    workflow_id: str = Field(min_length=1)
    """Name of its file."""
    branch_or_tag_name: str = Field(min_length=1)
    """Where it runs."""
    workflow_inputs: Mapping[str, str] = {}
    """Its inputs."""
    return_workflow_run_details: bool = False
    """Whether the run is told."""


class DispatchOutput(ActionModel):
    """The run, where that was asked for."""

    workflow_run_id: Number | Absent = None
    """Its number."""
    workflow_run_url: str | Absent = None
    """Where the API has it."""
    workflow_run_html_url: str | Absent = None
    """Where people find it."""


class DeployKeyInput(RepositoryInput):
    """Which key may read and write the repository."""

    public_key: str = Field(min_length=1)
    """Its public part, as `ssh-keygen` writes it."""
    private_key: SecretStr
    """Its private part, which becomes a secret of workflows."""
    deploy_key_name: str = Field(min_length=1)
    """Its name."""
    private_key_secret_name: str = ""
    """Name of the secret; default the name in capitals, with `_PRIVATE_KEY`."""


class DeployKeyOutput(ActionModel):
    """Where the private key is."""

    private_key_secret_name: str
    """Name of the secret."""


class BranchPolicyInput(ActionModel):
    """Which branches may deploy."""

    protected_branches: bool = Field(alias="protected_branches")
    """Whether only protected ones may."""
    custom_branch_policies: bool = Field(alias="custom_branch_policies")
    """Whether only those may that match a pattern."""


class EnvironmentInput(RepositoryInput):
    """The environment, and what deployments to it need."""

    name: str = Field(min_length=1)
    """Its name."""
    deployment_branch_policy: BranchPolicyInput | Absent = None
    """Which branches may deploy; default any."""
    custom_branch_policy_names: tuple[str, ...] = ()
    """Patterns of branches that may deploy."""
    custom_tag_policy_names: tuple[str, ...] = ()
    """Patterns of tags that may deploy."""
    environment_variables: Mapping[str, str] = {}
    """Variables of its workflows."""
    secrets: Mapping[str, SecretStr] = {}
    """Secrets of its workflows."""
    wait_timer: Number | Absent = None
    """Minutes that a deployment waits."""
    prevent_self_review: bool | Absent = None
    """Whether who starts a deployment may not approve it."""
    reviewers: tuple[str, ...] = ()
    """Who must approve deployments: references of users and groups in the catalog, whose names count."""


@action(
    "github:actions:dispatch",
    title="Start a workflow on GitHub",
    examples=(
        Example(
            title="A deployment of the default branch",
            input={
                "repoUrl": REPO_URL,
                "workflowId": "deploy.yaml",
                "branchOrTagName": "main",
                "workflowInputs": {"environment": "dev"},
            },
        ),
    ),
)
def dispatch_workflow(given: DispatchInput, context: ActionContext) -> DispatchOutput:
    """Start a workflow that has `workflow_dispatch`. A task that was killed finds the run that it started."""
    target = target_of("github:actions:dispatch", given, context)
    target.effect("workflow run", shown(given))
    if context.dry_run:
        return DispatchOutput()
    features, workflow = target.administration.features, given.workflow_id
    since = context.checkpoint("newest run", lambda: features.newest_run(workflow))

    def start() -> dict[str, int | str] | None:
        run = features.dispatch(
            workflow,
            given.branch_or_tag_name,
            given.workflow_inputs,
            since=since,
            details=given.return_workflow_run_details,
        )
        return None if run is None else run.model_dump(mode="json")

    run = context.checkpoint("run", start)
    context.log(f"Started {workflow}" + (f": {run['html_url']}" if run else ""))
    if run is None or not given.return_workflow_run_details:
        return DispatchOutput()
    return DispatchOutput(workflow_run_id=run["id"], workflow_run_url=run["url"], workflow_run_html_url=run["html_url"])


@action(
    "github:deployKey:create",
    title="Add a deploy key on GitHub",
    examples=(
        Example(
            title="A key for the pipeline",
            input={
                "repoUrl": REPO_URL,
                "publicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample",
                "privateKey": "example",
                "deployKeyName": "Deploy to dev",
            },
            output={"privateKeySecretName": "DEPLOY_TO_DEV_PRIVATE_KEY"},
        ),
    ),
)
def create_deploy_key(given: DeployKeyInput, context: ActionContext) -> DeployKeyOutput:
    """Let a key read and write a repository, and give its private part to the repository's workflows as a secret."""
    target = target_of("github:deployKey:create", given, context)
    secret = given.private_key_secret_name or f"{given.deploy_key_name.replace(' ', '_').upper()}_PRIVATE_KEY"
    check_names(target.action, privateKeySecretName=[secret])
    target.effect("deploy key", {**shown(given), "privateKeySecretName": secret})
    if not context.dry_run:
        administration = target.administration
        context.checkpoint(
            "deploy key", lambda: administration.features.add_deploy_key(given.deploy_key_name, given.public_key)
        )
        context.checkpoint("secret", lambda: administration.secrets.set_secrets({secret: given.private_key}))
    return DeployKeyOutput(private_key_secret_name=secret)


@action(
    "github:environment:create",
    title="Make an environment on GitHub",
    examples=(
        Example(
            title="Production, from releases alone",
            input={
                "repoUrl": REPO_URL,
                "name": "production",
                "deploymentBranchPolicy": {"protected_branches": False, "custom_branch_policies": True},
                "customTagPolicyNames": ["v*"],
                "reviewers": ["group:default/payments"],
            },
        ),
    ),
)
def create_environment(given: EnvironmentInput, context: ActionContext) -> None:
    """Make an environment that workflows deploy to, with its rules, variables and secrets; or bring it in line."""
    target = target_of("github:environment:create", given, context)
    check_names(target.action, environmentVariables=given.environment_variables, secrets=given.secrets)
    wanted = _environment(given)
    target.effect("environment", shown(given))
    if not context.dry_run:
        context.checkpoint("environment", lambda: target.administration.rules.set_environment(wanted))


def _environment(given: EnvironmentInput) -> "Environment":
    from shiftdown.forges.github.administration import Environment

    policy = given.deployment_branch_policy
    try:
        return Environment(
            name=given.name,
            wait_timer=given.wait_timer,
            prevent_self_review=given.prevent_self_review,
            reviewers=tuple(_reviewer(ref) for ref in given.reviewers),
            protected_branches=policy and policy.protected_branches,
            custom_branch_policies=policy and policy.custom_branch_policies,
            branches=given.custom_branch_policy_names,
            tags=given.custom_tag_policy_names,
            variables=given.environment_variables,
            secrets=given.secrets,
        )
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise InvalidInputError(f"github:environment:create: {first['loc'][0]}: {first['msg']}") from None


def _reviewer(ref: str) -> tuple[Literal["User", "Team"], str]:
    parts = parse_entity_ref(ref, {"defaultKind": "User"})
    kinds: dict[str, Literal["User", "Team"]] = {"user": "User", "group": "Team"}
    kind = kinds.get(parts["kind"].lower())
    if kind is None:
        raise InvalidInputError(f"github:environment:create: reviewers: {ref} is neither a user nor a group")
    return kind, parts["name"]
