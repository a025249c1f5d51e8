"""Every error that shiftdown raises.

A message says what happened, to which repository and file, and what to do; the facts are attributes too.
`exit_code` is what the command line ends with: 1 failed, 2 wrong usage or input, 3 not applicable.
"""

from collections.abc import Sequence


class ShiftdownError(Exception):
    """Base of all errors raised by shiftdown: catching it catches them all."""

    exit_code = 1


class InvalidInputError(ShiftdownError):
    """What the caller gave cannot be used: nothing was changed."""

    exit_code = 2


class NotFoundError(InvalidInputError):
    """Something that was asked for by name or id does not exist."""

    def __init__(self, kind: str, key: str, hint: str = "") -> None:
        self.kind = kind
        """What was looked for: "program", "transformation type", …"""
        self.key = key
        """The name or id that was not found."""
        super().__init__(f"no {kind} {key!r}" + (f": {hint}" if hint else ""))


class IllegalTransitionError(ShiftdownError):
    """A change of state that the state machine does not allow."""

    def __init__(self, subject: str, current: str, wanted: str) -> None:
        self.subject = subject
        """What was to change, with its id."""
        self.current = current
        """The state it is in."""
        self.wanted = wanted
        """The state that was asked for."""
        super().__init__(f"{subject} cannot go from {current} to {wanted}")


class FileError(ShiftdownError):
    """Something about one file of a repository. Base of the errors that name a path."""

    def __init__(self, path: str, problem: str) -> None:
        self.path = path
        """Path in the repository, POSIX, relative to its root."""
        self.problem = problem
        """What is wrong, without the path."""
        super().__init__(f"{path}: {problem}")


class UnsafePathError(FileError, InvalidInputError):
    """A path that leaves the repository, enters `.git`, or passes through a symbolic link."""

    exit_code = 2


class UnreadableFileError(FileError):
    """A file that cannot be read as what it should be: too large, not text, not there."""


class CannotEditError(ShiftdownError):
    """An edit that would not be safe: the text is left as it is.

    Raised by `shiftdown.edits` when the text does not parse, when the place to edit is ambiguous,
    or when the edited text would not mean exactly what was intended.
    """

    def __init__(self, reason: str, line: int | None = None) -> None:
        self.reason = reason
        """Why the edit was refused, for a person to act on."""
        self.line = line
        """1-based line of the text that is in the way, if one is."""
        super().__init__(reason if line is None else f"line {line}: {reason}")


class PluginError(ShiftdownError):
    """A plugin that cannot be loaded, or that clashes with another one."""


class RepositoryError(ShiftdownError):
    """A repository that cannot be read or written."""

    def __init__(self, repository: str, problem: str) -> None:
        self.repository = repository
        """URL or path as the caller gave it, without credentials."""
        self.problem = problem
        """What is wrong, without the repository's name."""
        super().__init__(f"{repository}: {problem}")


class NotARepositoryError(RepositoryError, InvalidInputError):
    """The URL or path is not a git repository that can be reached."""

    exit_code = 2


class EmptyRepositoryError(RepositoryError):
    """A repository without a commit: there is nothing to base a change on."""


class ConflictError(RepositoryError):
    """Somebody else changed the same thing: a merge conflict, or a branch that moved meanwhile."""


class RegistryError(ShiftdownError):
    """The registry cannot be opened, read or written."""


class StoredDataError(RegistryError):
    """What the registry holds is not what shiftdown wrote: something else changed it."""


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
        """The ids that begin with it, sorted; at most ten."""
        super().__init__(
            f"{prefix!r} is the beginning of more than one {kind}: {', '.join(self.matches)}; give more of the id"
        )


_ARTICLES = {"organization": "an", "activity": "an", "change-request": "an open"}
