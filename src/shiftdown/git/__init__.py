"""Snapshots from and commits to git repositories, without work trees and clones."""

from shiftdown.git.base import Commit, CommitInfo, GitRepository, Head
from shiftdown.git.connections import Connections
from shiftdown.git.identity import default_identity
from shiftdown.git.location import is_local, parse_location, redact, remote_name
from shiftdown.git.opening import open_repository
from shiftdown.git.options import GitOptions, Identity

__all__ = [
    "Commit",
    "CommitInfo",
    "Connections",
    "GitOptions",
    "GitRepository",
    "Head",
    "Identity",
    "default_identity",
    "is_local",
    "open_repository",
    "parse_location",
    "redact",
    "remote_name",
]
