"""The embedded forge: change requests that live in the git repository they are about, with no server."""

from shiftdown.forges.local.forge import LocalForge

__all__ = ["LocalForge"]
