"""A bell that wakes those who follow tasks in this process."""

import threading


class Bell:
    """Rings when something happened; who waits wakes at once."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often it has rung: read it before looking, and give it to `wait`, so that nothing is missed."""
        return self._rung

    def ring(self) -> None:
        """Wake everybody."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def wait(self, rung: int, timeout: float) -> None:
        """Return when it has rung since `rung`, or after `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung != rung, timeout)
