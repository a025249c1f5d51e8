"""`Shiftdown`: wires the rooms together. It builds the adapters, and gives the rooms clock and ids."""

from shiftdown.app.shiftdown import Shiftdown

__all__ = ["Shiftdown"]
