"""What a delivery is, and how its body is read with limits."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import parse_qs

from pydantic import Field

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
