"""What is changed: snapshots of repositories, change sets, and what can be told about a repository."""

from shiftdown.repository.changeset import (
    Action,
    ChangeSet,
    FileChange,
    ResolvedChange,
    SecretReference,
    delete,
    rename,
    write,
)
from shiftdown.repository.detect import detect
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.overlay import overlay
from shiftdown.repository.paths import safe_path
from shiftdown.repository.snapshot import Entry, Kind, MemorySource, Snapshot, Source

__all__ = [
    "Action",
    "ChangeSet",
    "Entry",
    "Evidence",
    "FileChange",
    "Kind",
    "MemorySource",
    "ResolvedChange",
    "SecretReference",
    "Snapshot",
    "Source",
    "delete",
    "detect",
    "overlay",
    "rename",
    "safe_path",
    "write",
]
