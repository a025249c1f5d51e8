"""`Shiftdown`: wires the rooms together. The only place that builds adapters and reads clock, ids and environment."""

from shiftdown.app.shiftdown import Shiftdown

__all__ = ["Shiftdown"]
