"""How many deliveries of webhooks a second one process takes in: checked, read, and recorded or found to be known."""

import argparse
import hmac
import json
import os
import tempfile
import time
from hashlib import sha256
from pathlib import Path

from shiftdown import Shiftdown

SECRET = "secret"
REPOSITORIES = 2000


def deliveries(number: int) -> list[tuple[dict[str, str], bytes]]:
    """Statuses of one deployment each, of many repositories."""
    made = []
    for n in range(number):
        at = f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}Z"
        payload = {
            "deployment_status": {"id": n, "state": "success", "created_at": at, "environment": "production"},
            "deployment": {"id": n, "sha": "a" * 40, "ref": "main", "environment": "production"},
            "repository": {"full_name": f"acme/r{n % REPOSITORIES}", "default_branch": "main"},
            "padding": "x" * 8000,
        }
        body = json.dumps(payload).encode()
        signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-GitHub-Event": "deployment_status"}
        headers |= {"X-GitHub-Delivery": f"d{n}", "X-Hub-Signature-256": f"sha256={signature}"}
        made.append((headers, body))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=500)
    told = deliveries(parser.parse_args().deliveries)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "shiftdown.toml").write_text("")
        os.environ |= {"SHIFTDOWN_CONFIG": f"{folder}/shiftdown.toml", "SHIFTDOWN_GITHUB_WEBHOOK_SECRET": SECRET}
        os.environ.pop("SHIFTDOWN_GITHUB_URL", None)
        with Shiftdown.open(f"sqlite:///{folder}/registry.db") as sd:
            for n in range(REPOSITORIES):
                sd.registry.ensure_repository(f"https://github.com/acme/r{n}")
            print(f"SQLite, {REPOSITORIES} repositories")
            for name in ("new", "told before"):
                start = time.perf_counter()
                outcomes = {sd.webhooks.receive("github.com", *one).outcome for one in told}
                seconds = time.perf_counter() - start
                print(f"{name:12} {len(told) / seconds:6.0f} a second ({', '.join(sorted(outcomes))})")


if __name__ == "__main__":
    main()
