"""`shiftdown serve`, as a process."""

import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from shiftdown.cli import main


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_it_serves_until_it_is_stopped(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-c", "from shiftdown.cli import main; main()"]
    options = ["--registry", f"sqlite:///{tmp_path}/r.db", "--verbose", "serve", "--port", str(port)]
    with subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert next(lines) == f"listening at http://127.0.0.1:{port}\n"
        assert any("Uvicorn running" in line for line in lines)
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/health")
        assert connection.getresponse().read() == b'{"status":"ok","waiting":0}'
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(30) in (0, 1, -signal.SIGINT)


def test_without_the_server_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(SystemExit) as stopped:
        main(["serve"])
    assert stopped.value.code == 2
    assert "pip install 'shiftdown[server]'" in capsys.readouterr().err
