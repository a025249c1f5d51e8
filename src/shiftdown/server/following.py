"""A thread that does what follows from webhooks, so that they are answered at once."""

import logging
import threading

from shiftdown.app.webhooks import Webhooks
from shiftdown.errors import ShiftdownError

log = logging.getLogger(__name__)

AGAIN = 60.0
"""Seconds until what could not be done is tried again, unless something new comes first."""


class Following:
    """Calls `Webhooks.follow` whenever it is woken, when it starts, and again and again."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks
        self._awake = threading.Event()
        self._awake.set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="shiftdown-webhooks", daemon=True)

    def start(self) -> None:
        """Start: what was left undone by an earlier process is done first."""
        self._thread.start()

    def wake(self) -> None:
        """There is something to do."""
        self._awake.set()

    def stop(self) -> None:
        """Stop, and return when what is being done now is done."""
        self.stop_soon()
        self.join()

    def stop_soon(self) -> None:
        """Stop after what is being done now."""
        self._stopping = True
        self._awake.set()

    def join(self) -> None:
        """Wait until it has stopped."""
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._awake.wait(AGAIN)
            self._awake.clear()
            if self._stopping:
                return
            try:
                self._webhooks.follow()
            except ShiftdownError as error:
                log.warning("what follows from webhooks is tried again later: %s", error)
            except Exception:
                log.exception("what follows from webhooks is tried again later")
