"""One request of a webhook."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, build_opener


@dataclass(frozen=True)
class WebhookDelivery:
    """One request of a webhook."""

    event: str
    """Kind of event."""
    headers: dict[str, str]
    """Its headers."""
    body: bytes
    """Its body."""

    def send(self, url: str) -> tuple[int, Any]:
        """Send it; status and JSON of the answer."""
        request = Request(url, data=self.body, headers=self.headers)  # noqa: S310 - the test says where
        try:
            with build_opener().open(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            with error:
                return error.code, json.load(error)
