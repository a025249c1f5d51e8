"""Backing services: which ones the code of a component talks to, and how its tests find them.

A client library among the dependencies is a hint, no proof: its use in the sources, Compose files, environment files
and the configuration of frameworks say more. Where several databases are possible and nothing chooses one, tests get
none, with a word.
"""

from shiftdown.repository.detect.backing import preparing
from shiftdown.repository.detect.backing.choice import Sources, services

__all__ = ["Sources", "preparing", "services"]
