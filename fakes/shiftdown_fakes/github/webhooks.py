"""A webhook of the fake GitHub: what has happened in a repository since it was last asked, signed and sent.

Payloads are laid out as docs.github.com, "Webhook events and payloads" says.
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import uuid4

from shiftdown_fakes.delivery import WebhookDelivery
from shiftdown_fakes.github.model import Pull, Repository
from shiftdown_fakes.github.pulls import refresh
from shiftdown_fakes.github.server import FakeGitHub
from shiftdown_fakes.github.shapes import Shapes
from shiftdown_fakes.store import ZERO

_HEADS = "refs/heads/"


def delivery(event: str, payload: Any, secret: str, *, id_: str = "") -> WebhookDelivery:
    """A delivery as GitHub makes it: JSON, signed with the secret of the webhook."""
    body = json.dumps(payload).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/fake",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": id_ or str(uuid4()),
        "X-Hub-Signature-256": f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}",
    }
    return WebhookDelivery(event, headers, body)


@dataclass(frozen=True)
class _State:
    """What is told about a pull request when it changes."""

    state: str
    draft: bool
    head: str
    text: tuple[str, str]


class Webhook:
    """Watches one repository: pushes, pull requests, reviews and statuses."""

    def __init__(self, github: FakeGitHub, repository: Repository, secret: str) -> None:
        self._github = github
        self._repository = repository
        self._secret = secret
        self._heads = self._branches()
        self._pulls: dict[int, _State] = {}
        self._seen: set[int] = set()

    def deliveries(self) -> list[WebhookDelivery]:
        """What happened since the last call, in the order of GitHub: pushes, then pull requests, then the rest."""
        with self._github.world.lock:
            refresh(self._github.world, self._repository)
            return [delivery(event, payload, self._secret) for event, payload in self._news()]

    def _news(self) -> Iterator[tuple[str, Any]]:
        yield from self._pushes()
        for pull in self._repository.pulls:
            yield from self._pull(pull)
        for check in self._repository.checks:
            if check.id not in self._seen and not check.run:
                self._seen.add(check.id)
                status = self._shapes().status(self._repository, check)
                yield "status", self._event() | status | {"sha": check.commit, "name": self._repository.full_name}

    def _branches(self) -> dict[str, str]:
        return {n: tip for n, tip in self._repository.store.references().items() if n.startswith(_HEADS)}

    def _pushes(self) -> Iterator[tuple[str, Any]]:
        before, self._heads = self._heads, self._branches()
        page = f"{self._github.url}/{self._repository.full_name}"
        for name in sorted(before.keys() | self._heads.keys()):
            old, new = before.get(name, ZERO), self._heads.get(name, ZERO)
            if old == new:
                continue
            there = ZERO not in (old, new)
            yield "push", self._event() | {
                "ref": name, "before": old, "after": new, "created": old == ZERO, "deleted": new == ZERO,
                "forced": there and not self._repository.store.is_ancestor(old, new), "base_ref": None,
                "compare": f"{page}/compare/{old[:12]}...{new[:12]}", "commits": [], "head_commit": None,
                "pusher": {"name": self._repository.owner, "email": f"{self._repository.owner}@example.org"},
                "repository": self._repository_shape() | {"pushed_at": int(self._github.world.now().timestamp())},
            }  # fmt: skip

    def _pull(self, pull: Pull) -> Iterator[tuple[str, Any]]:
        known, now = self._pulls.get(pull.number), _State(pull.state, pull.draft, pull.head, (pull.title, pull.body))
        self._pulls[pull.number] = now
        action = _action(known, now)
        if action:
            more = {"before": known.head, "after": now.head} if action == "synchronize" and known else {}
            changes: dict[str, Any] = {"changes": {}} if action == "edited" else {}
            yield "pull_request", self._pull_event(pull, action, whole=True) | {"number": pull.number} | more | changes
        for review in pull.reviews:
            if review.id not in self._seen:
                self._seen.add(review.id)
                shape = self._shapes().review(self._repository, pull, review)
                told = {"review": shape | {"state": review.state.lower()}}
                yield "pull_request_review", self._pull_event(pull, "submitted", whole=False) | told

    def _pull_event(self, pull: Pull, action: str, *, whole: bool) -> dict[str, Any]:
        shapes = self._shapes()
        shape = (shapes.pull if whole else shapes.pull_simple)(self._repository, pull)
        for side in ("head", "base"):
            shape[side]["repo"] = self._repository_shape()
        return self._event() | {"action": action, "pull_request": shape}

    def _event(self) -> dict[str, Any]:
        return {"repository": self._repository_shape(), "sender": self._shapes().user(self._repository.owner)}

    def _repository_shape(self) -> dict[str, Any]:
        more = {"is_template": False, "custom_properties": {}, "web_commit_signoff_required": False}
        return self._shapes().repository(self._repository) | more

    def _shapes(self) -> Shapes:
        return Shapes(self._github.world, self._github.api_url, self._github.url)


def _action(known: _State | None, now: _State) -> str | None:
    """What GitHub calls a change of a pull request, `None` for none."""
    if known is None:
        return "opened"
    if known.state != now.state:
        return "closed" if now.state == "closed" else "reopened"
    if known.head != now.head:
        return "synchronize"
    if known.draft != now.draft:
        return "converted_to_draft" if now.draft else "ready_for_review"
    return "edited" if known != now else None
