"""Serve a folder of bare repositories over smart HTTP until standard input closes; print the address."""

import sys
from pathlib import Path

from shiftdown_fakes.git_server import GitServer

if __name__ == "__main__":
    with GitServer(Path(sys.argv[1])) as server:
        print(server.url, flush=True)
        sys.stdin.read()
