"""Read and write durations: an example to put your own code in place of."""

import re
from datetime import timedelta

_UNITS = {
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
}
_DURATION = re.compile(
    r"\s*(?:(?P<d>\d{1,12})d\s*)?(?:(?P<h>\d{1,12})h\s*)?"
    r"(?:(?P<m>\d{1,12})m\s*)?(?:(?P<s>\d{1,12})s\s*)?",
    re.ASCII,
)


class DurationError(ValueError):
    """A text that is no duration."""

    def __init__(self, text: str) -> None:
        """Take the text, and keep it as `text`."""
        super().__init__(f"{text!r} is no duration: write it like '1d 2h 30m 5s', in this order")
        self.text = text


def parse_duration(text: str) -> timedelta:
    """Read a duration: whole days, hours, minutes and seconds, in this order, each optional.

    Raises:
        DurationError: it is no duration, or longer than `timedelta` can hold.

    Examples:
        >>> parse_duration("1h 30m")
        datetime.timedelta(seconds=5400)
    """
    match = _DURATION.fullmatch(text)
    counts = {u: int(count) for u, count in match.groupdict().items() if count} if match else {}
    if not counts:
        raise DurationError(text)
    try:
        return sum((count * _UNITS[unit] for unit, count in counts.items()), timedelta())
    except OverflowError:
        raise DurationError(text) from None


def format_duration(duration: timedelta) -> str:
    """Write a duration so that `parse_duration` reads it; parts of a second are left out.

    Raises:
        ValueError: the duration is negative.

    Examples:
        >>> format_duration(timedelta(minutes=90))
        '1h 30m'
    """
    if duration < timedelta():
        raise ValueError(f"a duration cannot be negative: {duration}")
    words = []
    rest = duration
    for unit, length in _UNITS.items():
        count, rest = divmod(rest, length)
        if count:
            words.append(f"{count}{unit}")
    return " ".join(words) or "0s"
