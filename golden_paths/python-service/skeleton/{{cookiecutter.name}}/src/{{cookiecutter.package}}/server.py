"""A server that stops without losing requests."""

import time
from types import FrameType

import uvicorn

from .health import Readiness


class Server(uvicorn.Server):
    """On SIGTERM it reports that it is not ready, and goes on serving for a while before it stops.

    uvicorn itself then takes no new connections and waits for open requests.
    """

    def __init__(self, config: uvicorn.Config, readiness: Readiness, delay: float) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._delay = delay
        self._stop_at = float("inf")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; a second signal cuts off what is open."""
        if not self._readiness.ready:
            self.should_exit = self.force_exit = True
            return
        self._readiness.stop()
        self._stop_at = time.monotonic() + self._delay

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second: whether it is time to stop."""
        if time.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)
