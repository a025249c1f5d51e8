"""The service as it is started and stopped by a platform: in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2
import pytest

from {{ cookiecutter.package }}.main import main


@pytest.fixture
def port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def service(port: int) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(port), "SHUTDOWN_DELAY": "0.5"}
    command = [sys.executable, "-m", "{{ cookiecutter.package }}"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def status(port: int, path: str) -> int | None:
    """The status of an answer; `None` when nobody answers."""
    try:
        return httpx2.get(f"http://127.0.0.1:{port}{path}").status_code
    except httpx2.TransportError:
        return None


def wait_for(port: int, path: str, wanted: int | None) -> None:
    end = time.monotonic() + 20
    while status(port, path) != wanted:
        assert time.monotonic() < end, f"{path} never gave {wanted}"
        time.sleep(0.05)


def test_it_serves_reports_that_it_stops_and_ends_well(
    service: subprocess.Popen[str], port: int
) -> None:
    wait_for(port, "/readyz", 200)
    service.send_signal(signal.SIGTERM)
    wait_for(port, "/readyz", 503)
    assert status(port, "/notes") == 200
    output, _ = service.communicate(timeout=20)
    assert service.returncode == 0
    services = {json.loads(line)["service"] for line in output.splitlines()}
    assert services == {"{{ cookiecutter.name }}"}


def test_it_does_not_start_with_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "http")
    with pytest.raises(SystemExit, match="invalid settings: PORT: "):
        main()
