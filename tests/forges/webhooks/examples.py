"""Real payloads, and signatures made as forges make them."""

import hmac
import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "tools/node_modules/@octokit/webhooks-examples"
SECRET = "It's a Secret to Everybody"


@cache
def examples() -> list[tuple[str, dict[str, Any]]]:
    """Event and payload of each example of GitHub's community: github.com and Enterprise Servers."""
    return [
        (event["name"], payload)
        for path in sorted(FOLDER.glob("*/index.json"))
        for event in json.loads(path.read_text("utf-8"))
        for payload in event["examples"]
    ]


def of_github(event: str, payload: Any, *, secret: str = SECRET, id_: str = "d1") -> tuple[dict[str, str], bytes]:
    """Headers and body of a delivery of GitHub."""
    body = json.dumps(payload).encode()
    signature = hmac.new(secret.encode(), body, sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": id_,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
    return headers, body


def signed_by_gitlab(body: bytes, key: bytes, at: int, id_: str = "d1") -> dict[str, str]:
    """The headers of a delivery that a signing token has signed."""
    made = b64encode(hmac.new(key, f"{id_}.{at}.".encode() + body, sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": id_,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{made}",
    }
