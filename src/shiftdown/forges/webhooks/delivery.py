"""What a delivery is, and how one is read: signature, body with limits, and what it tells."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qs

from pydantic import Field, SecretStr, ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.model import ForgeFact
from shiftdown.model.base import Model

MAX_BODY = 25 * 2**20
"""The most bytes that a body may have. GitHub sends no more (docs.github.com, "Webhook events and payloads")."""


class WrongSignatureError(InvalidInputError):
    """A delivery without a signature that one of the secrets makes: nobody knows who sent it."""


class MalformedDeliveryError(InvalidInputError):
    """A delivery that is not what its forge sends. The message never repeats what it holds."""


class Ignored(Model):
    """A delivery from which nothing follows."""

    reason: str
    """Why."""


class Delivery(Model):
    """A delivery whose sender is known."""

    id: str = Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")
    """What the forge calls it; sent again by the forge, it is the same."""
    found: ForgeFact | Ignored
    """What it tells."""


Payload = Mapping[str, Any]
"""The JSON object in a delivery."""

Told = ForgeFact | Ignored
"""What a delivery tells."""


@dataclass(frozen=True, kw_only=True)
class WebhookReader:
    """Reads what the webhooks of one kind of forge send. Headers are known by their names in lower case."""

    is_signed: Callable[[Mapping[str, str], bytes, Sequence[str], datetime], bool]
    """Whether one of the secrets made the signature of headers and body, which came at a moment."""
    delivery_id: Callable[[Mapping[str, str], bytes], str]
    """What the forge calls the delivery: the same when it is sent again."""
    event: Callable[[Mapping[str, str], Payload], str]
    """The kind of event that it is about."""
    events: Mapping[str, Callable[[Payload, datetime], Told]]
    """What is read, by kind of event, from a payload that came at a moment."""
    takes_forms: bool = False
    """Whether the payload may be a field of a form."""

    def read(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[SecretStr], *, received: datetime
    ) -> Delivery:
        """What a request of a webhook tells.

        Args:
            headers: its headers.
            body: its body, as it came.
            secrets: the secrets that are valid now; with more than one, each is accepted.
            received: when it came.

        Raises:
            WrongSignatureError: no secret made its signature, or there is no secret.
            MalformedDeliveryError: it is signed, and not what the forge sends.
        """
        known = {name.lower(): value for name, value in headers.items()}
        if not self.is_signed(known, body, [s.get_secret_value() for s in secrets if s.get_secret_value()], received):
            raise WrongSignatureError("no secret of this host made the signature of the delivery")
        payload = parse(known.get("content-type", ""), body, form=self.takes_forms)
        event = self.event(known, payload)
        translate = self.events.get(event)
        if translate is None:
            found: Told = Ignored(reason="nothing follows from events of this kind")
        else:
            found = _told(event, translate, payload, received)
        try:
            return Delivery(id=self.delivery_id(known, body), found=found)
        except ValidationError:
            raise MalformedDeliveryError("the id of the delivery is not one") from None


def _told(event: str, translate: Callable[[Payload, datetime], Told], payload: Payload, received: datetime) -> Told:
    try:
        return translate(payload, received)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['type']}"
    except KeyError as error:
        what = f"{error.args[0]} is missing"
    except (TypeError, ValueError, AttributeError, IndexError, OverflowError, OSError) as error:
        what = type(error).__name__
    raise MalformedDeliveryError(f"{event}: the payload is not what the forge sends: {what}")


def parse(content_type: str, body: bytes, *, form: bool) -> Mapping[str, Any]:
    """The JSON object in a body; with `form`, also one in the field `payload` of a form.

    Raises:
        MalformedDeliveryError: there is none, or it is nested too deeply to be one.
    """
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if form and kind == "application/x-www-form-urlencoded":
            body = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=10)["payload"][0].encode()
        elif kind != "application/json":
            raise MalformedDeliveryError("the content type is not that of JSON")
        found = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except KeyError:
        raise MalformedDeliveryError("the form has no field `payload`") from None
    except (ValueError, RecursionError) as error:
        raise MalformedDeliveryError(f"the body is not JSON ({type(error).__name__})") from None
    if not isinstance(found, dict):
        raise MalformedDeliveryError("the body is not a JSON object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def moment(given: str | int) -> datetime:
    """A moment as forges write it: ISO 8601, `2026-01-31 12:00:00 UTC`, or seconds; in UTC where no zone is told.

    Raises:
        ValueError: it is none.
    """
    if isinstance(given, int):
        return datetime.fromtimestamp(given, UTC)
    found = datetime.fromisoformat(given.removesuffix(" UTC").replace(" +", "+").replace(" -", "-"))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def branch_of(ref: str) -> str | None:
    """The branch that a full reference names; `None` for a tag."""
    return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None


def is_zero(commit: str) -> bool:
    """Whether a commit id stands for no commit."""
    return not commit.strip("0")
