"""A webhook of the fake GitLab: what has happened in a project since it was last asked, with its secret token.

Payloads are laid out as https://docs.gitlab.com/user/project/integrations/webhook_events/ says, headers as
https://docs.gitlab.com/user/project/integrations/webhooks/ does.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from shiftdown_fakes.delivery import WebhookDelivery
from shiftdown_fakes.gitlab.merging import merge_status, refresh
from shiftdown_fakes.gitlab.model import MergeRequest, Pipeline, Project
from shiftdown_fakes.gitlab.server import FakeGitLab
from shiftdown_fakes.gitlab.shapes import Shapes
from shiftdown_fakes.store import ZERO, CommitFacts

_HEADS = "refs/heads/"
_EVENTS = {"push": "Push Hook", "merge_request": "Merge Request Hook", "pipeline": "Pipeline Hook"}
_STATES = {"merged": "merge", "closed": "close", "opened": "reopen"}
_NUMBERS = {"opened": 1, "closed": 2, "merged": 3}
_ENDED = {"success", "failed", "canceled", "skipped"}
_LEVELS = {"private": 0, "internal": 10, "public": 20}


@dataclass(frozen=True)
class _State:
    """What is told about a merge request when it changes."""

    state: str
    head: str
    text: tuple[str, str, str]
    people: tuple[tuple[str, ...], ...]
    approved: frozenset[str]


class Webhook:
    """Watches one project: pushes, merge requests, pipelines."""

    def __init__(self, gitlab: FakeGitLab, project: Project, secret: str) -> None:
        self._gitlab = gitlab
        self._project = project
        self._secret = secret
        self._heads = self._branches()
        self._requests: dict[int, _State] = {}
        self._pipelines: dict[int, str] = {}

    def deliveries(self) -> list[WebhookDelivery]:
        """What happened since the last call: pushes, then merge requests, then pipelines."""
        with self._gitlab.world.lock:
            refresh(self._gitlab.world, self._project)
            return [self._delivery(kind, payload) for kind, payload in self._news()]

    def _delivery(self, kind: str, payload: Any) -> WebhookDelivery:
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "GitLab/fake",
            "X-Gitlab-Event": _EVENTS[kind],
            "X-Gitlab-Event-UUID": str(uuid4()),
            "X-Gitlab-Instance": self._gitlab.url,
            "X-Gitlab-Token": self._secret,
            "Idempotency-Key": str(uuid4()),
        }
        return WebhookDelivery(kind, headers, json.dumps(payload).encode())

    def _news(self) -> Iterator[tuple[str, Any]]:
        yield from self._pushes()
        for request in self._project.merge_requests.values():
            for action, more in self._actions(request):
                yield "merge_request", self._request_event(request, action, more)
        for pipeline in self._project.pipelines:
            if self._pipelines.get(pipeline.id) != pipeline.status:
                self._pipelines[pipeline.id] = pipeline.status
                yield "pipeline", self._pipeline_event(pipeline)

    # Pushes

    def _branches(self) -> dict[str, str]:
        return self._project.store.references(_HEADS)

    def _pushes(self) -> Iterator[tuple[str, Any]]:
        before, self._heads = self._heads, self._branches()
        for name in sorted(before.keys() | self._heads.keys()):
            old, new = before.get(name, ZERO), self._heads.get(name, ZERO)
            if old != new:
                yield "push", self._push(name, old, new)

    def _push(self, name: str, old: str, new: str) -> dict[str, Any]:
        store, pusher = self._project.store, self._gitlab.world.user(self._project.creator)
        who = pusher.username if pusher else "root"
        # Of a new branch the commits are not told.
        made = store.commits(old, new) if ZERO not in (old, new) else ()
        return {
            "object_kind": "push", "event_name": "push", "before": old, "after": new, "ref": name,
            "ref_protected": name.removeprefix(_HEADS) in self._project.protected,
            "checkout_sha": None if new == ZERO else new, "user_id": self._project.creator, "user_name": who,
            "user_username": who, "user_email": "", "user_avatar": None, "project_id": self._project.id,
            "project": self._project_shape(self._project), "repository": self._repository(),
            "commits": [self._pushed(facts) for one in made if (facts := store.commit_facts(one))],
            "total_commits_count": len(made),
        }  # fmt: skip

    def _pushed(self, facts: CommitFacts) -> dict[str, Any]:
        changes = self._project.store.changes(facts.parents[0], facts.id) if facts.parents else ()
        paths = {kind: [one.path for one in changes if one.status == kind] for kind in ("added", "modified", "removed")}
        return self._commit(facts) | paths

    def _commit(self, facts: CommitFacts) -> dict[str, Any]:
        return {
            "id": facts.id, "message": facts.message, "title": facts.message.partition("\n")[0],
            "timestamp": facts.committer.date.isoformat(timespec="seconds"),
            "url": f"{self._page}/-/commit/{facts.id}",
            "author": {"name": facts.author.name, "email": facts.author.email},
        }  # fmt: skip

    # Merge requests

    def _actions(self, request: MergeRequest) -> Iterator[tuple[str, dict[str, Any]]]:
        """What GitLab calls the changes of a merge request."""
        known, now = self._requests.get(request.iid), _state(request)
        self._requests[request.iid] = now
        if known is None:
            yield "open", {}
            known = _State("opened", now.head, now.text, now.people, frozenset())
        if known.head != now.head:
            yield "update", {"oldrev": known.head}
        elif (known.text, known.people) != (now.text, now.people):
            yield "update", {}
        enough = len(now.approved) >= self._project.approvals
        yield from (("approved" if enough else "approval", {}) for _ in now.approved - known.approved)
        yield from (("unapproved" if enough else "unapproval", {}) for _ in known.approved - now.approved)
        if known.state != now.state:
            yield _STATES[now.state], {}

    def _request_event(self, request: MergeRequest, action: str, more: dict[str, Any]) -> dict[str, Any]:
        facts, users = self._project.store.commit_facts(request.head), self._gitlab.world.users
        labels = [self._label(name, request) for name in request.labels]
        told = {
            "id": request.id, "iid": request.iid, "target_branch": request.target, "source_branch": request.branch,
            "source_project_id": request.source.id, "target_project_id": self._project.id,
            "author_id": users[request.author].id, "assignee_ids": [users[name].id for name in request.assignees],
            "reviewer_ids": [users[name].id for name in request.reviewers], "title": request.title,
            "created_at": _moment(request.created), "updated_at": _moment(request.updated), "last_edited_at": None,
            "last_edited_by_id": None, "milestone_id": request.milestone.id if request.milestone else None,
            "state_id": _NUMBERS[request.state], "state": request.state, "blocking_discussions_resolved": True,
            "work_in_progress": request.draft, "draft": request.draft, "first_contribution": False,
            "merge_commit_sha": request.merge_commit, "description": request.description, "total_time_spent": 0,
            "time_change": 0, "human_total_time_spent": None, "human_time_change": None, "human_time_estimate": None,
            "url": f"{self._page}/-/merge_requests/{request.iid}", "source": self._project_shape(request.source),
            "target": self._project_shape(self._project), "last_commit": self._commit(facts) if facts else None,
            "labels": labels, "action": action, "detailed_merge_status": merge_status(self._project, request), **more,
        }  # fmt: skip
        return {
            "object_kind": "merge_request", "event_type": "merge_request", "user": self._user(request.author),
            "project": self._project_shape(self._project), "repository": self._repository(),
            "object_attributes": told, "labels": labels, "changes": {},
            "assignees": [self._person(name) for name in request.assignees],
            "reviewers": [self._person(name) for name in request.reviewers],
        }  # fmt: skip

    def _label(self, name: str, request: MergeRequest) -> dict[str, Any]:
        label, made = self._project.labels[name], _moment(request.created)
        return {
            "id": label.id, "title": name, "color": label.color, "project_id": self._project.id, "created_at": made,
            "updated_at": made, "template": False, "description": label.description, "type": "ProjectLabel",
            "group_id": None,
        }  # fmt: skip

    # Pipelines

    def _pipeline_event(self, pipeline: Pipeline) -> dict[str, Any]:
        facts, at = self._project.store.commit_facts(pipeline.commit), _moment(pipeline.created)
        of = next((one for one in self._project.merge_requests.values() if one.head == pipeline.commit), None)
        return {
            "object_kind": "pipeline", "user": self._user(pipeline.user),
            "project": self._project_shape(self._project), "commit": self._commit(facts) if facts else None,
            "builds": [], "merge_request": self._request_of(of) if of else None,
            "object_attributes": {
                "id": pipeline.id, "iid": pipeline.iid, "name": f"Pipeline of {pipeline.ref}",
                "ref": pipeline.ref, "tag": False,
                "sha": pipeline.commit, "before_sha": ZERO, "source": pipeline.source, "status": pipeline.status,
                "detailed_status": pipeline.status, "stages": [], "created_at": at,
                "finished_at": at if pipeline.status in _ENDED else None, "duration": None, "variables": [],
                "url": f"{self._page}/-/pipelines/{pipeline.id}",
            },
        }  # fmt: skip

    def _request_of(self, request: MergeRequest) -> dict[str, Any]:
        return {
            "id": request.id, "iid": request.iid, "title": request.title, "source_branch": request.branch,
            "source_project_id": request.source.id, "target_branch": request.target,
            "target_project_id": self._project.id, "state": request.state, "merge_status": "can_be_merged",
            "detailed_merge_status": merge_status(self._project, request),
            "url": f"{self._page}/-/merge_requests/{request.iid}",
        }  # fmt: skip

    # What is within all

    @property
    def _page(self) -> str:
        return f"{self._gitlab.url}/{self._project.path}"

    def _project_shape(self, project: Project) -> dict[str, Any]:
        page = f"{self._gitlab.url}/{project.path}"
        ssh = f"git@gitlab.example:{project.path}.git"
        return {
            "id": project.id, "name": project.name, "description": project.description, "web_url": page,
            "avatar_url": None, "git_ssh_url": ssh, "git_http_url": f"{page}.git", "namespace": project.namespace,
            "visibility_level": _LEVELS[Shapes.visibility(project)], "path_with_namespace": project.path,
            "default_branch": project.default_branch, "ci_config_path": None, "homepage": page, "url": ssh,
            "ssh_url": ssh, "http_url": f"{page}.git",
        }  # fmt: skip

    def _repository(self) -> dict[str, Any]:
        whole = self._project_shape(self._project)
        names = ("name", "url", "description", "homepage", "git_http_url", "git_ssh_url", "visibility_level")
        return {name: whole[name] for name in names}

    def _person(self, username: str) -> dict[str, Any]:
        user = self._gitlab.world.users[username]
        return {"id": user.id, "name": username, "username": username, "avatar_url": None}

    def _user(self, username: str) -> dict[str, Any]:
        return self._person(username) | {"email": "[REDACTED]"}


def _state(request: MergeRequest) -> _State:
    people = (tuple(request.assignees), tuple(request.reviewers), tuple(request.labels))
    text = (request.title, request.description, request.target)
    return _State(request.state, request.head, text, people, frozenset(request.approved))


def _moment(when: datetime) -> str:
    return when.strftime("%Y-%m-%d %H:%M:%S UTC")
