"""Records as GitLab's REST API shows them. What the fake does not know is empty."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shiftdown_fakes.gitlab.merging import conflicts, head_pipeline, may_merge, may_push, merge_status
from shiftdown_fakes.gitlab.model import (
    Group,
    Label,
    MergeRequest,
    Milestone,
    Note,
    Pipeline,
    Project,
    Protection,
    Status,
    User,
)
from shiftdown_fakes.gitlab.world import World, shown
from shiftdown_fakes.store import CommitFacts, FileChange


def moment(when: datetime | None) -> str | None:
    """A moment, if there is one."""
    return shown(when) if when else None


class Shapes:
    """Builds the JSON of everything."""

    def __init__(self, world: World, url: str) -> None:
        self.world = world
        """What there is."""
        self.web = url
        """Address of pages and repositories."""
        self.api = f"{url}/api/v4"
        """Address of the API."""

    def project_url(self, project: Project) -> str:
        """The page of a project."""
        return f"{self.web}/{project.path}"

    def user(self, user: User) -> dict[str, Any]:
        """A user, as within other records."""
        return {
            "id": user.id, "username": user.username, "name": user.username, "state": "active", "locked": False,
            "avatar_url": None, "web_url": f"{self.web}/{user.username}",
        }  # fmt: skip

    def named(self, username: str | None) -> dict[str, Any] | None:
        """The user of that name."""
        return self.user(self.world.users[username]) if username else None

    def current_user(self, user: User) -> dict[str, Any]:
        """The user that a token belongs to."""
        return self.user(user) | {
            "bot": user.bot, "email": f"{user.username}@example.org", "public_email": None,
            "commit_email": f"{user.username}@example.org", "is_admin": False, "can_create_group": user.makes_groups,
            "can_create_project": True, "two_factor_enabled": False, "external": False, "private_profile": False,
        }  # fmt: skip

    def namespace(self, path: str) -> dict[str, Any]:
        """The group or user that projects are in."""
        group = self.world.groups.get(path)
        number = group.id if group else self.world.add_user(path).id
        name = group.name if group else path
        return {
            "id": number, "name": name, "path": path.rpartition("/")[2], "kind": "group" if group else "user",
            "full_path": path, "parent_id": self._parent(path), "avatar_url": None,
            "web_url": f"{self.web}/{'groups/' if group else ''}{path}",
        }  # fmt: skip

    def _parent(self, path: str) -> int | None:
        above = self.world.groups.get(path.rpartition("/")[0])
        return above.id if above else None

    def group(self, group: Group) -> dict[str, Any]:
        """A group."""
        return {
            "id": group.id, "name": group.name, "path": group.path.rpartition("/")[2], "full_path": group.path,
            "full_name": group.path.replace("/", " / "), "description": group.description,
            "visibility": "private" if group.private else "public", "parent_id": self._parent(group.path),
            "web_url": f"{self.web}/groups/{group.path}", "avatar_url": None, "created_at": moment(group.created),
            "project_creation_level": "developer", "subgroup_creation_level": "maintainer",
            "request_access_enabled": True, "share_with_group_lock": False, "emails_disabled": False,
            "shared_with_groups": [], "marked_for_deletion_on": None, "archived": False,
        }  # fmt: skip

    def group_full(self, group: Group) -> dict[str, Any]:
        """A group with everything."""
        others = [other for other in self.world.groups.values() if other.id in group.shares]
        shares = [
            {"group_id": other.id, "group_name": other.name, "group_full_path": other.path,
             "group_access_level": group.shares[other.id], "expires_at": None}
            for other in others
        ]  # fmt: skip
        return self.group(group) | {"shared_with_groups": shares, "prevent_sharing_groups_outside_hierarchy": False}

    def project_simple(self, project: Project) -> dict[str, Any]:
        """A project in few words."""
        url = self.project_url(project)
        return {
            "id": project.id, "name": project.name, "path": project.path.rpartition("/")[2],
            "name_with_namespace": project.path.replace("/", " / "), "path_with_namespace": project.path,
            "description": project.description, "created_at": moment(project.created), "tag_list": project.topics,
            "default_branch": None if project.empty else project.default_branch, "topics": project.topics,
            "ssh_url_to_repo": f"git@gitlab.example:{project.path}.git", "http_url_to_repo": f"{url}.git",
            "web_url": url, "readme_url": None, "forks_count": self._forks(project), "avatar_url": None,
            "star_count": 0, "last_activity_at": moment(project.active or project.created),
            "namespace": self.namespace(project.namespace),
        }  # fmt: skip

    def _forks(self, project: Project) -> int:
        return sum(other.parent is project for other in self.world.projects.values())

    def project(self, project: Project, username: str | None) -> dict[str, Any]:
        """A project with everything, as a user sees it."""
        number = project.id
        links = {"self": "", "issues": "/issues", "merge_requests": "/merge_requests",
                 "repo_branches": "/repository/branches", "labels": "/labels", "events": "/events",
                 "members": "/members", "cluster_agents": "/cluster_agents"}  # fmt: skip
        return self.project_simple(project) | {
            "_links": {name: f"{self.api}/projects/{number}{rest}" for name, rest in links.items()},
            "archived": project.archived, "visibility": self.visibility(project),
            "empty_repo": project.empty, "creator_id": project.creator, "import_status": project.copying,
            "import_error": None, "open_issues_count": 0, "issues_enabled": True, "merge_requests_enabled": True,
            "jobs_enabled": True, "wiki_enabled": True, "snippets_enabled": True, "merge_method": project.merge_method,
            "squash_option": project.squash_option, "only_allow_merge_if_pipeline_succeeds": project.needs_pipeline,
            "only_allow_merge_if_all_discussions_are_resolved": project.needs_discussions,
            "allow_merge_on_skipped_pipeline": None, "remove_source_branch_after_merge": project.removes_branches,
            "printing_merge_request_link_enabled": True, "shared_runners_enabled": True, "ci_config_path": "",
            "request_access_enabled": True, "lfs_enabled": True, "shared_with_groups": [],
            "marked_for_deletion_at": project.deletion, "marked_for_deletion_on": project.deletion,
            "permissions": self._permissions(project, username), **project.settings,
        } | ({"forked_from_project": self.project_simple(project.parent)} if project.parent else {})  # fmt: skip

    @staticmethod
    def visibility(project: Project) -> str:
        """Who sees a project."""
        return "private" if project.private else "internal" if project.internal else "public"

    def _permissions(self, project: Project, username: str | None) -> dict[str, Any]:
        own = project.levels.get(username or "", 0)
        user = self.world.users.get(username or "")
        groups = self.world.above(project.namespace)
        shared = max((group.members.get(user.id, 0) for group in groups), default=0) if user else 0
        return {
            "project_access": {"access_level": own, "notification_level": 3} if own else None,
            "group_access": {"access_level": shared, "notification_level": 3} if shared else None,
        }

    def member(self, username: str, level: int) -> dict[str, Any]:
        """A member of a project or group."""
        user = self.world.users[username]
        return self.user(user) | {
            "access_level": level, "created_at": self.world.shown_now(), "expires_at": None,
            "membership_state": "active",
        }  # fmt: skip

    def commit(self, facts: CommitFacts, project: Project) -> dict[str, Any]:
        """A commit."""
        return {
            "id": facts.id, "short_id": facts.id[:8], "title": facts.message.partition("\n")[0],
            "message": facts.message, "parent_ids": list(facts.parents), "author_name": facts.author.name,
            "author_email": facts.author.email, "authored_date": moment(facts.author.date),
            "committer_name": facts.committer.name, "committer_email": facts.committer.email,
            "committed_date": moment(facts.committer.date), "created_at": moment(facts.committer.date),
            "trailers": {}, "extended_trailers": {}, "web_url": f"{self.project_url(project)}/-/commit/{facts.id}",
        }  # fmt: skip

    def branch(self, project: Project, name: str, commit: str, username: str | None) -> dict[str, Any]:
        """A branch."""
        facts = project.store.commit_facts(commit)
        return {
            "name": name, "commit": self.commit(facts, project) if facts else None,
            "merged": self._is_merged(project, commit), "protected": name in project.protected,
            "default": name == project.default_branch,
            "developers_can_push": False, "developers_can_merge": False,
            "can_push": may_push(self.world, project, username, name),
            "web_url": f"{self.project_url(project)}/-/tree/{name}",
        }  # fmt: skip

    @staticmethod
    def _is_merged(project: Project, commit: str) -> bool:
        tip = project.store.tip(project.default_branch)
        return tip is not None and tip != commit and project.store.is_ancestor(commit, tip)

    def protection(self, name: str, protection: Protection) -> dict[str, Any]:
        """What protects a branch."""
        words = {0: "No one", 30: "Developers + Maintainers", 40: "Maintainers"}

        def levels(level: int) -> list[dict[str, Any]]:
            return [{"id": level + 1, "access_level": level, "access_level_description": words.get(level, "Owners"),
                     "user_id": None, "group_id": None}]  # fmt: skip

        return {
            "id": 1, "name": name, "push_access_levels": levels(protection.push),
            "merge_access_levels": levels(protection.merge), "allow_force_push": protection.force,
            "unprotect_access_levels": [], "code_owner_approval_required": False, "inherited": False,
        }  # fmt: skip

    def diff(self, project: Project, change: FileChange, start: str, end: str) -> dict[str, Any]:
        """What became of one file."""
        store, old = project.store, change.previous or change.path
        text = store.run("diff-tree", "-p", "--no-color", start, end, "--", old, change.path).decode(errors="replace")
        before, after = (store.entry(commit, path) for commit, path in ((start, old), (end, change.path)))
        return {
            "old_path": old, "new_path": change.path, "a_mode": before.mode if before else "0",
            "b_mode": after.mode if after else "0", "diff": text[text.find("@@") :] if "@@" in text else "",
            "new_file": change.status == "added", "renamed_file": change.status == "renamed",
            "deleted_file": change.status == "removed", "generated_file": False, "collapsed": False, "too_large": False,
        }  # fmt: skip

    def label(self, label: Label) -> dict[str, Any]:
        """A label."""
        return {
            "id": label.id, "name": label.name, "description": label.description, "description_html": "",
            "text_color": "#FFFFFF", "color": label.color, "subscribed": False, "priority": None,
            "is_project_label": True, "open_issues_count": 0, "closed_issues_count": 0,
            "open_merge_requests_count": 0, "archived": False,
        }  # fmt: skip

    def milestone(self, milestone: Milestone, owner: Project | Group) -> dict[str, Any]:
        """A milestone."""
        kind = "project_id" if isinstance(owner, Project) else "group_id"
        return {
            "id": milestone.id, "iid": milestone.iid, kind: owner.id, "title": milestone.title, "description": None,
            "state": milestone.state, "created_at": moment(milestone.created), "due_date": None, "start_date": None,
            "updated_at": moment(milestone.created), "expired": False,
            "web_url": f"{self.web}/{owner.path}/-/milestones/{milestone.iid}",
        }  # fmt: skip

    def milestone_of(self, milestone: Milestone | None, project: Project) -> dict[str, Any] | None:
        """The milestone of a merge request."""
        if milestone is None:
            return None
        owners: Sequence[Project | Group] = [project, *self.world.above(project.namespace)]
        return self.milestone(milestone, next(one for one in owners if milestone in one.milestones))

    def note(self, project: Project, request: MergeRequest, note: Note) -> dict[str, Any]:
        """A note on a merge request."""
        return {
            "id": note.id, "type": None, "body": note.body, "author": self.named(note.author),
            "created_at": moment(note.created), "updated_at": moment(note.created), "system": note.system,
            "noteable_id": request.id, "noteable_type": "MergeRequest", "project_id": project.id,
            "noteable_iid": request.iid, "resolvable": False, "confidential": False, "internal": False,
            "imported": False, "imported_from": "none", "commands_changes": {}, "attachment": None,
        }  # fmt: skip

    def pipeline(self, project: Project, pipeline: Pipeline) -> dict[str, Any]:
        """A pipeline, as in lists."""
        return {
            "id": pipeline.id, "iid": pipeline.iid, "project_id": project.id, "sha": pipeline.commit,
            "ref": pipeline.ref, "status": pipeline.status, "source": pipeline.source,
            "created_at": moment(pipeline.created), "updated_at": moment(pipeline.created), "name": None,
            "web_url": f"{self.project_url(project)}/-/pipelines/{pipeline.id}",
        }  # fmt: skip

    def pipeline_full(self, project: Project, pipeline: Pipeline) -> dict[str, Any]:
        """A pipeline with everything."""
        status = {"icon": f"status_{pipeline.status}", "text": pipeline.status, "label": pipeline.status,
                  "group": pipeline.status, "tooltip": pipeline.status, "has_details": True, "illustration": None,
                  "details_path": f"/{project.path}/-/pipelines/{pipeline.id}", "favicon": ""}  # fmt: skip
        return self.pipeline(project, pipeline) | {
            "before_sha": "0" * 40, "tag": False, "yaml_errors": None, "user": self.named(pipeline.user),
            "started_at": None, "finished_at": None, "committed_at": None, "duration": None, "queued_duration": None,
            "coverage": None, "detailed_status": status,
        }  # fmt: skip

    def status(self, status: Status) -> dict[str, Any]:
        """A commit status."""
        return {
            "id": status.id, "sha": status.commit, "ref": status.ref, "status": status.state, "name": status.name,
            "target_url": status.target_url, "description": status.description, "created_at": moment(status.created),
            "started_at": None, "finished_at": None, "allow_failure": False, "coverage": None, "pipeline_id": status.id,
            "author": self.named(status.author),
        }  # fmt: skip

    def source_id(self, request: MergeRequest) -> int | None:
        """Number of the project that a merge request comes from, while that exists."""
        source = request.source
        return source.id if self.world.projects.get(source.path) is source else None

    def request(self, project: Project, request: MergeRequest) -> dict[str, Any]:
        """A merge request, as in lists."""
        assignees = [self.named(name) for name in request.assignees]
        status = merge_status(project, request)
        notes = sum(not note.system for note in request.notes)
        short = f"!{request.iid}"
        return {
            "id": request.id, "iid": request.iid, "project_id": project.id, "title": request.title,
            "description": request.description, "state": request.state, "created_at": moment(request.created),
            "updated_at": moment(request.updated), "merged_by": self.named(request.merged_by),
            "merge_user": self.named(request.merged_by), "merged_at": moment(request.merged),
            "closed_by": self.named(request.closed_by), "closed_at": moment(request.closed),
            "target_branch": request.target, "source_branch": request.branch, "user_notes_count": notes,
            "upvotes": 0, "downvotes": 0, "author": self.named(request.author), "assignees": assignees,
            "assignee": assignees[0] if assignees else None,
            "reviewers": [self.named(name) for name in request.reviewers], "source_project_id": self.source_id(request),
            "target_project_id": project.id, "labels": request.labels, "draft": request.draft,
            "work_in_progress": request.draft, "milestone": self.milestone_of(request.milestone, project),
            "merge_when_pipeline_succeeds": request.auto_merge is not None,
            "merge_status": "cannot_be_merged" if conflicts(project, request) else "can_be_merged",
            "detailed_merge_status": status, "sha": request.head, "merge_commit_sha": request.merge_commit,
            "squash_commit_sha": request.squash_commit, "discussion_locked": None, "merge_after": None,
            "should_remove_source_branch": None, "force_remove_source_branch": request.remove_branch,
            "allow_collaboration": False, "allow_maintainer_to_push": False, "prepared_at": moment(request.created),
            "reference": short, "references": {"short": short, "relative": short, "full": f"{project.path}{short}"},
            "web_url": f"{self.project_url(project)}/-/merge_requests/{request.iid}", "squash": request.squash,
            "squash_on_merge": request.squash, "has_conflicts": conflicts(project, request),
            "task_completion_status": {"count": 0, "completed_count": 0}, "blocking_discussions_resolved": True,
            "time_stats": {"time_estimate": 0, "total_time_spent": 0, "human_time_estimate": None,
                           "human_total_time_spent": None},
            "imported": False, "imported_from": "none", "approvals_before_merge": None,
        }  # fmt: skip

    def request_full(self, project: Project, request: MergeRequest, username: str | None) -> dict[str, Any]:
        """A merge request with everything, as a user sees it."""
        pipeline = head_pipeline(project, request)
        start = request.start or request.base
        return self.request(project, request) | {
            "subscribed": False, "changes_count": str(len(project.store.changes(start, request.head))),
            "latest_build_started_at": None, "latest_build_finished_at": None, "merge_error": request.merge_error,
            "first_deployed_to_production_at": None, "first_contribution": False,
            "pipeline": self.pipeline(project, pipeline) if pipeline else None,
            "head_pipeline": self.pipeline_full(project, pipeline) if pipeline else None,
            "diff_refs": {"base_sha": start, "head_sha": request.head, "start_sha": request.base},
            "user": {"can_merge": may_merge(self.world, project, username, request.target)},
        }  # fmt: skip
