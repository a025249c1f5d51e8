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

_NODE_MODULES = Path(__file__).parents[3] / "tools" / "node_modules"
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

WITHOUT_RECORD = {
    f"GET {_PROJECT}/languages",
    f"GET {_REQUEST}/raw_diffs",
    f"GET {_REPOSITORY}/blobs/{{sha}}/raw",
    f"GET {_REPOSITORY}/files/{{file_path}}/raw",
}
"""Texts, and numbers by language."""

NULL = (
    "allow_merge_on_skipped_pipeline avatar_url committed_at default_branch description discussion_locked due_date "
    "duration expires_at finished_at group_access last_pipeline last_used marked_for_deletion_on merge_error "
    "namespace_id parent_id priority project_access project_id source_rule start_date started_at status target_url "
    "weight"
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
}
"""Fields that the fake does not show, by type; some are of paid editions, or for administrators alone."""

OTHERWISE = {"private_profile": {"type": "boolean"}}
"""Fields whose type is another one in GitLab's documentation than in gitbeaker."""

STATUSES = {"GET": 200, "PUT": 200, "POST": 201, "DELETE": 204}
"""What success is (https://docs.gitlab.com/api/rest/#status-codes)."""
OTHER_STATUSES = {f"PUT {_REQUEST}/rebase": 202}
"""The same, where the page of a route says something else."""


@cache
def types() -> dict[str, dict[str, Any]]:
    """The types by name, as JSON Schema."""
    names = sorted({name.removesuffix("[]") for name in TYPES.values()})
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
    properties = made.pop("All")["properties"]
    return {name: _adapted(name, schema, made) for name, schema in properties.items()}


def _adapted(name: str, schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """A type with what gitbeaker does not say about null, and without what the fake leaves out."""
    whole: dict[str, Any] = json.loads(json.dumps({"definitions": definitions, **schema}))
    null, left_out = NULL.split(), LEFT_OUT.get(name, "").split()
    required = whole.get("required", [])
    assert set(left_out) <= set(required), name
    whole["required"] = [field for field in required if field not in left_out]
    todo: list[Any] = [whole]
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            fields = node.get("properties", {})
            fields |= {key: {"anyOf": [value, {"type": "null"}]} for key, value in fields.items() if key in null}
            fields |= {key: value for key, value in OTHERWISE.items() if key in fields}
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    return whole


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
    check = Draft7Validator(types()[type_.removesuffix("[]")])
    for item in heard.data if isinstance(heard.data, list) else [heard.data]:
        yield from (f"{name}: {error.json_path}: {error.message}" for error in check.iter_errors(item))
