"""The store of programs and everything in them: append-only events, and the records that are their fold; and of tasks.

SQLite by default, PostgreSQL by URL; several processes may use one registry at once.
"""

from shiftdown.registry.catalog import Catalog
from shiftdown.registry.change_requests import ChangeRequests
from shiftdown.registry.database import default_url
from shiftdown.registry.forge_events import ForgeEvents
from shiftdown.registry.programs import Programs, ProgramSummary
from shiftdown.registry.tasks import Tasks
from shiftdown.registry.work import Work


class Registry(Catalog, Programs, Work, ChangeRequests, ForgeEvents, Tasks):
    """A registry: `Registry.open(url, ...)` opens one, and as a context manager closes it again."""


__all__ = ["ProgramSummary", "Registry", "default_url"]
