"""From a request to what it tells, for each forge."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from pydantic import SecretStr, ValidationError

from shiftdown.forges.webhooks import github, gitlab
from shiftdown.forges.webhooks.delivery import Delivery, Ignored, MalformedDeliveryError, WrongSignatureError, parse
from shiftdown.model import ForgeFact

Told = ForgeFact | Ignored


def read_delivery(
    forge: Literal["github", "gitlab"],
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[SecretStr],
    *,
    received: datetime,
) -> Delivery:
    """What a request of a forge's webhook tells.

    Args:
        forge: which forge is to have sent it.
        headers: its headers.
        body: its body, as it came.
        secrets: the secrets that are valid now; with more than one, each is accepted.
        received: when it came.

    Raises:
        WrongSignatureError: no secret made its signature, or there is no secret.
        MalformedDeliveryError: it is signed, and not what the forge sends.
    """
    known = {name.lower(): value for name, value in headers.items()}
    module = github if forge == "github" else gitlab
    if not module.is_signed(known, body, [s.get_secret_value() for s in secrets if s.get_secret_value()], received):
        raise WrongSignatureError("no secret of this host made the signature of the delivery")
    payload = parse(known.get("content-type", ""), body, form=forge == "github")
    event = known.get("x-github-event", "") if forge == "github" else str(payload.get("object_kind", ""))[:100]
    translate = module.EVENTS.get(event)
    if translate is None:
        return _delivery(module.delivery_id(known, body), Ignored(reason="nothing follows from events of this kind"))
    return _delivery(module.delivery_id(known, body), _told(event, translate, payload, received))


def _told(
    event: str, translate: Callable[[Mapping[str, Any], datetime], Told], payload: Mapping[str, Any], received: datetime
) -> Told:
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


def _delivery(id_: str, found: Told) -> Delivery:
    try:
        return Delivery(id=id_, found=found)
    except ValidationError:
        raise MalformedDeliveryError("the id of the delivery is not one") from None
