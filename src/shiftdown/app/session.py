"""One person's view of a `Shiftdown` that many people share, in a server say."""

from typing import TYPE_CHECKING

from shiftdown.app.shiftdown import Shiftdown
from shiftdown.extensions.lazily import lazily

if TYPE_CHECKING:
    from shiftdown.app.forges import Forges
    from shiftdown.app.tasks import Tasks


class Session(Shiftdown):
    """A `Shiftdown` that acts for one person: what is done through it is recorded, approved and submitted as theirs.

    Registry, plugins, forges, connections and running tasks are those of the `Shiftdown` that it comes from, which
    also closes them: a session has nothing of its own to close, and is cheap enough to be made for each request.
    """

    def __init__(self, shared: Shiftdown, actor: str) -> None:
        super().__init__(
            lambda: shared.registry.acting_as(actor),
            lambda: shared.plugins,
            clock=shared._clock,
            new_id=shared._new_id,
            git=shared._git,
            actor=actor,
            pace=lambda: shared._pace,
            connections=shared._connections,
        )
        self._shared = shared

    def close(self) -> None:
        """Do nothing: what is shared is closed by the `Shiftdown` that the session comes from."""

    @lazily
    def tasks(self) -> "Tasks":
        """Run templates for this person, and watch, cancel, retry and recover the runs of all."""
        return self._shared.tasks.acting_as(self._actor, self.templates)

    @lazily
    def _forges(self) -> "Forges":
        return self._shared._forges
