"""`Shiftdown`: wires the rooms together. The only place that builds adapters; it gives the other rooms clock and ids."""

from shiftdown.app.shiftdown import Shiftdown

__all__ = ["Shiftdown"]
