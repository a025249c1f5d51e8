"""The command line: `shiftdown`, and `platform`, the playbook's name for the same program."""

from shiftdown.cli.main import main

__all__ = ["main"]
