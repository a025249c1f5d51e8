"""What can go wrong in the registry beyond its not being reachable."""

from collections.abc import Sequence

from shiftdown.errors import InvalidInputError, RegistryError


class AlreadyExistsError(RegistryError):
    """A record that must be the only one of its kind exists already; nothing was written."""

    def __init__(self, kind: str, key: str) -> None:
        self.kind = kind
        """The kind of record: "organization", "change-request", …"""
        self.key = key
        """What must be unique, for people: its name, its location, its repository and type."""
        super().__init__(f"there is already {_ARTICLES.get(kind, 'a')} {kind} {key}")


class AmbiguousIdError(InvalidInputError):
    """The beginning of an id that fits more than one record."""

    def __init__(self, kind: str, prefix: str, matches: Sequence[str]) -> None:
        self.kind = kind
        """The kind of record that was looked for."""
        self.prefix = prefix
        """What was given."""
        self.matches = tuple(matches)
        """The ids that begin with it, sorted; at most `SHOWN_MATCHES`."""
        super().__init__(
            f"{prefix!r} is the beginning of more than one {kind}: {', '.join(self.matches)}; give more of the id"
        )


SHOWN_MATCHES = 10
"""How many matches an `AmbiguousIdError` lists."""

_ARTICLES = {"organization": "an", "activity": "an", "change-request": "an open"}
