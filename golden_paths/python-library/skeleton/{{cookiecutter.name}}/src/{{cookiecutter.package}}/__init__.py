"""Durations as people write them: `1h 30m`.

Everything that is public is here; the modules inside may change at any time.
"""

from .durations import DurationError, format_duration, parse_duration

__all__ = ["DurationError", "__version__", "format_duration", "parse_duration"]

__version__ = "0.1.0"
