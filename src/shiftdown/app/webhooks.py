"""Webhooks: what forges tell is recorded once, and what follows from it is done by asking the forge.

A delivery is a hint. It never changes a change request by itself: the forge is asked what is true now, as `sync`
does, so that neither the order of deliveries nor their number matters.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import SecretStr

from shiftdown.app.hosts import Kinds, read_hosts
from shiftdown.campaigns import SyncResult, Tools, sync
from shiftdown.delivery import refresh
from shiftdown.errors import NotFoundError, ShiftdownError
from shiftdown.extensions.lazily import lazily
from shiftdown.forges.hosted import HostSettings
from shiftdown.forges.webhooks import Delivery, Ignored, WrongSignatureError
from shiftdown.model import (
    ChangeRequest,
    ForgeEvent,
    ForgeEventKind,
    ForgeFact,
    Repository,
    TransformationRecord,
    TransformationStatus,
)
from shiftdown.model.base import Model

if TYPE_CHECKING:
    from shiftdown.registry import Registry

log = logging.getLogger(__name__)

_T = TransformationStatus
_CHANGED_BY_PUSHES = {
    _T.IN_REVIEW,
    _T.MERGED,
    _T.VERIFIED,
    _T.ALREADY_SATISFIED,
    _T.REGRESSED,
    _T.NOT_APPLICABLE,
}
"""A push may be a merge of which nobody has told yet; what was verified is to be verified again; and what did not
apply may apply now."""

GIVE_UP = timedelta(days=1)
"""How long it is tried to do what follows from an event; `sync` looks at everything anyway."""


class WebhookOutcome(StrEnum):
    """What became of a delivery."""

    RECORDED = "RECORDED"
    """It told something new about a repository of the registry."""
    DUPLICATE = "DUPLICATE"
    """It told what was recorded already; nothing was changed."""
    IGNORED = "IGNORED"
    """Nothing of it is kept; the reason says why."""


class WebhookResult(Model):
    """What became of a delivery."""

    outcome: WebhookOutcome
    """What was done."""
    reason: str | None = None
    """Why it was ignored."""


class Webhooks:
    """Takes in deliveries of webhooks, and does what follows from them. Safe for threads."""

    def __init__(
        self,
        registry: "Registry",
        tools: Callable[[], Tools],
        environment: Mapping[str, str],
        kinds: Callable[[], Kinds],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self._making = threading.RLock()
        self._registry = registry
        self._tools = tools
        self._environment = environment
        self._kinds = kinds
        self._clock = clock
        self._new_id = new_id

    def receive(self, host: str, headers: Mapping[str, str], body: bytes) -> WebhookResult:
        """Take in a delivery; quick, since forges do not wait long for an answer. `follow` does what follows.

        Args:
            host: the forge's host, as in `shiftdown.toml`.
            headers: the headers of the request.
            body: its body, as it came.

        Raises:
            NotFoundError: no such host is known.
            WrongSignatureError: nobody knows who sent it, or the host has no secret; nothing was recorded.
            MalformedDeliveryError: it is signed, but not what the forge sends; nothing was recorded.
        """
        name, received = host.lower(), self._clock()
        known = self._hosts.get(name)
        reader = None if known is None else self._kinds()[known.forge].webhooks
        if known is None or reader is None:
            raise NotFoundError("host", host[:255], "describe it in shiftdown.toml")
        delivery = reader.read(headers, body, self._secrets(name, known), received=received)
        result = self._record(name, known, delivery, received)
        log.info("webhook of %s, delivery %s: %s", name, delivery.id, result.reason or result.outcome)
        return result

    def waiting(self) -> int:
        """How many events there are from which something follows that was not done yet."""
        return self._registry.count_unfollowed_forge_events()

    def follow(self) -> Sequence[SyncResult]:
        """Do what follows from events: ask for change requests, verify what was merged, verify default branches again.

        What cannot be done is tried again by the next call, for a day. Killed anywhere, it goes on with the next call.

        Returns:
            What was found out about transformation records.

        Raises:
            InvalidInputError: nobody is configured as the author of commits.
            RegistryError: the registry failed.
        """
        events = self._registry.unfollowed_forge_events()
        if not events:
            return ()
        tools = self._tools()
        results: list[SyncResult] = []
        for id_ in dict.fromkeys(event.repository_id for event in events):
            group = [event for event in events if event.repository_id == id_]
            found = self._follow(tools, self._registry.repository(id_), group)
            results += found or ()
            over = self._clock() - GIVE_UP
            self._registry.set_followed([event for event in group if found is not None or event.created_at < over])
        return results

    @lazily
    def _hosts(self) -> Mapping[str, HostSettings]:
        return read_hosts(self._environment, self._kinds())

    def _secrets(self, name: str, host: HostSettings) -> list[SecretStr]:
        found = [self._environment.get(variable) for variable in host.webhook_secret_variables]
        secrets = [SecretStr(secret) for secret in found if secret]
        if not secrets:
            wanted = " or ".join(host.webhook_secret_variables) or "webhook_secret_variables in shiftdown.toml"
            log.warning("a webhook of %s is refused: there is no secret to check it with; set %s", name, wanted)
            raise WrongSignatureError("no secret of this host made the signature of the delivery")
        return secrets

    def _record(self, name: str, host: HostSettings, delivery: Delivery, received: datetime) -> WebhookResult:
        fact = delivery.found
        if isinstance(fact, Ignored):
            return WebhookResult(outcome=WebhookOutcome.IGNORED, reason=fact.reason)
        repository = self._registry.find_repository_at(_locations(name, host, fact.repository))
        if repository is None:
            return WebhookResult(outcome=WebhookOutcome.IGNORED, reason="the registry does not know the repository")
        event = ForgeEvent(
            **fact.model_dump(),
            id=self._new_id(),
            repository_id=repository.id,
            host=name,
            delivery=delivery.id,
            fact=fact.key(name),
            created_at=received,
            followed=not (self._requests(repository.id, fact) or self._records(repository.id, fact)),
        )
        new = self._registry.record_forge_event(event)
        return WebhookResult(outcome=WebhookOutcome.RECORDED if new else WebhookOutcome.DUPLICATE)

    def _requests(self, repository_id: str, fact: ForgeFact) -> list[ChangeRequest]:
        """The change requests that an event is about."""
        match fact.kind:
            case ForgeEventKind.CHANGE_REQUEST | ForgeEventKind.REVIEW:
                found = self._registry.change_requests(repository_id=repository_id)
                return [request for request in found if request.number == fact.number]
            case ForgeEventKind.PIPELINE | ForgeEventKind.CHECK:
                found = self._registry.change_requests(repository_id=repository_id)
                return [request for request in found if request.status.is_open and request.head == fact.sha]
            case _:
                return []

    def _records(self, repository_id: str, fact: ForgeFact) -> list[TransformationRecord]:
        """The records that an event on the default branch may change."""
        if fact.kind is not ForgeEventKind.PUSH or not fact.on_default:
            return []
        return [r for r in self._registry.records_in(repository_id) if r.status in _CHANGED_BY_PUSHES]

    def _follow(
        self, tools: Tools, repository: Repository, events: Iterable[ForgeEvent]
    ) -> Sequence[SyncResult] | None:
        """Do what follows from events of one repository; `None` when something has failed."""
        requests: dict[str, ChangeRequest] = {}
        records: dict[str, TransformationRecord] = {}
        for event in events:
            requests |= {request.id: request for request in self._requests(repository.id, event)}
            records |= {record.id: record for record in self._records(repository.id, event)}
        try:
            for request in requests.values():
                of_programs = self._registry.records_of(request.id)
                records |= {record.id: record for record in of_programs}
                if not of_programs:
                    seen = tools.delivery.forge(repository.location).get(repository.location, request.number)
                    refresh(self._registry, request, seen)
            results = sync(tools, records.values())
        except ShiftdownError as error:
            log.warning("%s: %s", repository.location, error)
            return None
        except Exception:
            log.exception("%s: what follows from webhooks", repository.location)
            return None
        return None if any(result.failed for result in results) else results


def _locations(name: str, host: HostSettings, full_name: str) -> set[str]:
    """Where the registry may know a repository of a forge to be."""
    bare, server = full_name.removesuffix(".git"), name.partition(":")[0]
    bases = {f"https://{name}/", f"{(host.url or f'https://{name}').rstrip('/')}/"}
    bases |= {f"git@{server}:", f"ssh://git@{server}/"}
    return {f"{base}{bare}{end}" for base in bases for end in ("", ".git")}
