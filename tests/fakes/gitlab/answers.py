"""What answers of GitLab are like: the types of gitbeaker, a client that others keep, made JSON Schema."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jsonschema import Draft7Validator

from shiftdown.testing import find_tool

from .driving import Heard

_NODE_MODULES = Path(__file__).parents[2] / "tools" / "node_modules"
_PROJECT = "/projects/{id}"
_REPOSITORY = _PROJECT + "/repository"
_REQUEST = _PROJECT + "/merge_requests/{merge_request_iid}"

TYPES = {
    "GET /bulk_imports": "MigrationStatusSchema[]",
    "POST /bulk_imports": "MigrationStatusSchema",
    "GET /bulk_imports/{import_id}/entities": "MigrationEntitySchema[]",
    "POST /groups": "ExpandedGroupSchema",
    "GET /groups/{id}": "ExpandedGroupSchema",
    "GET /groups/{id}/epics": "EpicSchema[]",
    "POST /groups/{id}/members": "MemberSchema",
    "GET /groups/{id}/members/{user_id}": "MemberSchema",
    "PUT /groups/{id}/members/{user_id}": "MemberSchema",
    "POST /groups/{id}/share": "ExpandedGroupSchema",
    "GET /namespaces/{id}": "NamespaceSchema",
    "POST /projects": "ProjectSchema",
    f"GET {_PROJECT}": "ProjectSchema",
    f"PUT {_PROJECT}": "ProjectSchema",
    f"GET {_PROJECT}/access_tokens": "AccessTokenSchema[]",
    f"POST {_PROJECT}/access_tokens": "AccessTokenExposedSchema",
    f"GET {_PROJECT}/deploy_tokens": "DeployTokenSchema[]",
    f"POST {_PROJECT}/deploy_tokens": "NewDeployTokenSchema",
    f"POST {_PROJECT}/fork": "ProjectSchema",
    f"GET {_PROJECT}/forks": "ProjectSchema[]",
    f"GET {_PROJECT}/issues": "IssueSchema[]",
    f"POST {_PROJECT}/issues": "IssueSchema",
    f"GET {_PROJECT}/issues/{{issue_iid}}": "IssueSchema",
    f"PUT {_PROJECT}/issues/{{issue_iid}}": "IssueSchema",
    f"GET {_PROJECT}/labels": "LabelSchema[]",
    f"POST {_PROJECT}/members": "MemberSchema",
    f"GET {_PROJECT}/members/{{user_id}}": "MemberSchema",
    f"PUT {_PROJECT}/members/{{user_id}}": "MemberSchema",
    f"GET {_PROJECT}/merge_requests": "MergeRequestSchema[]",
    f"POST {_PROJECT}/merge_requests": "ExpandedMergeRequestSchema",
    f"GET {_REQUEST}": "ExpandedMergeRequestSchema",
    f"PUT {_REQUEST}": "ExpandedMergeRequestSchema",
    f"GET {_REQUEST}/approval_rules": "MergeRequestLevelApprovalRuleSchema[]",
    f"GET {_REQUEST}/approvals": "MergeRequestLevelMergeRequestApprovalSchema",
    f"POST {_REQUEST}/approve": "MergeRequestLevelMergeRequestApprovalSchema",
    f"POST {_REQUEST}/unapprove": "MergeRequestLevelMergeRequestApprovalSchema",
    f"POST {_REQUEST}/cancel_merge_when_pipeline_succeeds": "ExpandedMergeRequestSchema",
    f"GET {_REQUEST}/commits": "CommitSchema[]",
    f"GET {_REQUEST}/diffs": "MergeRequestDiffSchema[]",
    f"PUT {_REQUEST}/merge": "ExpandedMergeRequestSchema",
    f"GET {_REQUEST}/notes": "MergeRequestNoteSchema[]",
    f"POST {_REQUEST}/notes": "MergeRequestNoteSchema",
    f"PUT {_REQUEST}/rebase": "MergeRequestRebaseSchema",
    f"GET {_REQUEST}/reviewers": "MergeRequestReviewerSchema[]",
    f"GET {_PROJECT}/milestones": "MilestoneSchema[]",
    f"GET {_PROJECT}/pipelines": "PipelineSchema[]",
    f"POST {_PROJECT}/protected_branches": "ProtectedBranchSchema",
    f"GET {_PROJECT}/protected_branches/{{name}}": "ProtectedBranchSchema",
    f"GET {_REPOSITORY}/blobs/{{sha}}": "RepositoryBlobSchema",
    f"GET {_REPOSITORY}/branches": "BranchSchema[]",
    f"POST {_REPOSITORY}/branches": "BranchSchema",
    f"GET {_REPOSITORY}/branches/{{branch}}": "BranchSchema",
    f"GET {_REPOSITORY}/commits": "CommitSchema[]",
    f"POST {_REPOSITORY}/commits": "ExpandedCommitSchema",
    f"GET {_REPOSITORY}/commits/{{sha}}": "ExpandedCommitSchema",
    f"GET {_REPOSITORY}/commits/{{sha}}/statuses": "CommitStatusSchema[]",
    f"GET {_REPOSITORY}/compare": "RepositoryCompareSchema",
    f"GET {_REPOSITORY}/files/{{file_path}}": "RepositoryFileExpandedSchema",
    f"GET {_REPOSITORY}/tags": "TagSchema[]",
    f"GET {_REPOSITORY}/tree": "RepositoryTreeSchema[]",
    f"POST {_PROJECT}/statuses/{{sha}}": "CommitStatusSchema",
    f"POST {_PROJECT}/trigger/pipeline": "ExpandedPipelineSchema",
    f"GET {_PROJECT}/triggers": "PipelineTriggerTokenSchema[]",
    f"POST {_PROJECT}/triggers": "PipelineTriggerTokenSchema",
    f"POST {_PROJECT}/variables": "ProjectVariableSchema",
    f"GET {_PROJECT}/variables/{{key}}": "ProjectVariableSchema",
    f"PUT {_PROJECT}/variables/{{key}}": "ProjectVariableSchema",
    "GET /user": "ExpandedUserSchema",
    "GET /users": "SimpleUserSchema[]",
    "GET /users/{user_id}": "SimpleUserSchema",
    "GET /users/{user_id}/projects": "SimpleProjectSchema[]",
}
"""By method and path; of the others the answer is no record."""

PAYLOADS = {
    "push": "WebhookPushEventSchema",
    "merge_request": "WebhookMergeRequestEventSchema",
    "pipeline": "WebhookPipelineEventSchema",
}
"""What webhooks tell, by kind of object."""

WITHOUT_RECORD = {
    f"GET {_PROJECT}/languages",
    f"GET {_REQUEST}/raw_diffs",
    f"GET {_REPOSITORY}/blobs/{{sha}}/raw",
    f"GET {_REPOSITORY}/files/{{file_path}}/raw",
}
"""Texts, and numbers by language."""

NULL = (
    "allow_merge_on_skipped_pipeline avatar_url checkout_sha committed_at default_branch description "
    "discussion_locked due_date duration expires_at finished_at group_access group_id human_time_change "
    "human_time_estimate human_total_time_spent last_edited_at last_edited_by_id last_pipeline last_used "
    "marked_for_deletion_on merge_commit_sha merge_error namespace_id parent_id priority project_access "
    "project_id source_rule start_date started_at status target_url user_avatar weight"
)
"""Fields that are null where nothing is to be told: GitLab's examples show that, gitbeaker does not."""

LEFT_OUT = {
    "ExpandedGroupSchema": "default_branch_protection file_template_project_id lfs_enabled runners_token "
    "require_two_factor_authentication two_factor_grace_period",
    "ExpandedUserSchema": "bio color_scheme_id confirmed_at created_at created_by current_sign_in_at discord followers "
    "following identities is_followed job_title last_activity_on last_sign_in_at linkedin local_time location "
    "namespace_id note organization projects_limit pronouns skype theme_id twitter website_url work_information",
    "MemberSchema": "email group_saml_identity",
    "NamespaceSchema": "billable_members_count members_count_with_descendants plan trial",
    "ProjectSchema": "auto_devops_deploy_strategy auto_devops_enabled autoclose_referenced_issues "
    "can_create_merge_request_in ci_allow_fork_pipelines_to_run_in_parent_project ci_default_git_depth "
    "ci_forward_deployment_enabled ci_forward_deployment_rollback_allowed ci_pipeline_variables_minimum_override_role "
    "ci_restrict_pipeline_cancellation_role ci_separated_caches compliance_frameworks container_expiration_policy "
    "container_registry_access_level container_registry_image_prefix description_html enforce_auth_checks_on_uploads "
    "external_authorization_classification_label group_runners_enabled import_type import_url issue_branch_template "
    "license license_url merge_commit_template mirror mirror_overwrites_diverged_branches mirror_trigger_builds "
    "mirror_user_id only_mirror_protected_branches owner packages_enabled public_jobs repository_storage "
    "resolve_outdated_diff_discussions runners_token security_and_compliance_access_level service_desk_address "
    "service_desk_enabled squash_commit_template suggestion_commit_message updated_at "
    "warn_about_potentially_unwanted_characters printing_merge_requests_link_enabled",
    "SimpleUserSchema": "created_at",
    "WebhookMergeRequestEventSchema": "event_name user.state user.web_url changes.assignees changes.draft "
    "changes.labels changes.last_edited_at changes.last_edited_by_id changes.reviewers changes.target_branch "
    "changes.updated_at changes.updated_by_id",
    "WebhookPipelineEventSchema": "source_pipeline user.state user.web_url",
}
"""Fields that the fake does not show, by type; some are of paid editions, for administrators, or not always there."""

OTHERWISE = {"private_profile": {"type": "boolean"}}
"""Fields whose type is another one in GitLab's documentation than in gitbeaker."""

STATUSES = {"GET": 200, "PUT": 200, "POST": 201, "DELETE": 204}
"""What success is (https://docs.gitlab.com/api/rest/#status-codes)."""
OTHER_STATUSES = {f"PUT {_REQUEST}/rebase": 202}
"""The same, where the page of a route says something else."""


@cache
def types() -> dict[str, dict[str, Any]]:
    """The types by name, as JSON Schema."""
    names = sorted({name.removesuffix("[]") for name in (*TYPES.values(), *PAYLOADS.values())})
    source = f"import type {{ {', '.join(names)} }} from '{_NODE_MODULES}/@gitbeaker/core/dist/index';\n"
    source += f"export interface All {{ {' '.join(f'{name}: {name};' for name in names)} }}\n"
    with TemporaryDirectory() as folder:
        file = Path(folder) / "types.ts"
        file.write_text(source, encoding="utf-8")
        program = _NODE_MODULES / "ts-json-schema-generator" / "bin" / "ts-json-schema-generator.js"
        options = ["--path", str(file), "--type", "All", "--no-type-check", "--additional-properties"]
        done = subprocess.run([find_tool("node"), str(program), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)["definitions"]
    assert set(made) == {"All"}
    return {name: _adapted(name, schema) for name, schema in made["All"]["properties"].items()}


def _adapted(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A type with what gitbeaker does not say about null, and without what the fake leaves out."""
    left_out, null, met = set(LEFT_OUT.get(name, "").split()), set(NULL.split()), set()
    todo = [("", schema)]
    while todo:
        within, node = todo.pop()
        required = {f"{within}{field}": field for field in node.get("required", ())}
        met |= set(required)
        node["required"] = [field for path, field in required.items() if path not in left_out]
        fields = node.get("properties", {})
        todo += [(f"{within}{key}.", field) for key, field in fields.items()]
        todo += [(within, part) for part in (*node.get("anyOf", ()), *node.get("allOf", ()))]
        todo += [(within, node["items"])] if "items" in node else []
        fields |= {key: {"anyOf": [field, {"type": "null"}]} for key, field in fields.items() if key in null}
        fields |= {key: field for key, field in OTHERWISE.items() if key in fields}
    assert left_out <= met, (name, left_out - met)
    return schema


def problems(heard: Iterable[Heard]) -> list[str]:
    """What answers that ought to be good have against the types and GitLab's statuses."""
    return [problem for one in heard for problem in _problems(one)]


def _problems(heard: Heard) -> Iterator[str]:
    name = f"{heard.route.method} {heard.route.template}"
    wanted = OTHER_STATUSES.get(name, STATUSES[heard.route.method])
    if heard.status != wanted:
        yield f"{name}: status {heard.status}, not {wanted}"
    if name not in TYPES:
        return
    type_ = TYPES[name]
    if type_.endswith("[]") != isinstance(heard.data, list):
        yield f"{name}: is not {type_}"
        return
    for item in heard.data if isinstance(heard.data, list) else [heard.data]:
        yield from _errors(name, type_.removesuffix("[]"), item)


def payload_problems(payload: Any) -> list[str]:
    """What the payload of a webhook has against its type."""
    kind = payload["object_kind"]
    return list(_errors(kind, PAYLOADS[kind], payload))


def _errors(subject: str, type_: str, data: Any) -> Iterator[str]:
    errors = Draft7Validator(types()[type_]).iter_errors(data)
    return (f"{subject}: {error.json_path}: {error.message}" for error in errors)
