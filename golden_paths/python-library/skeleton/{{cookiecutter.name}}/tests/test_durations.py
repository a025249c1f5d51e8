from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from {{ cookiecutter.package }} import DurationError, format_duration, parse_duration

LONGEST = timedelta(days=999_999_999)
DURATIONS = st.timedeltas(min_value=timedelta(), max_value=LONGEST)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h 30m", timedelta(minutes=90)),
        (" 1d2h3m4s ", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("0s", timedelta()),
        ("999999999d", LONGEST),
    ],
)
def test_reads_a_duration(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", " ", "1", "1x", "-1s", "1.5h", "1m 1h", "9999999999d", "²s"])
def test_refuses_what_is_none_and_names_it(text: str) -> None:
    with pytest.raises(DurationError) as caught:
        parse_duration(text)
    assert caught.value.text == text
    assert repr(text) in str(caught.value)


@given(DURATIONS)
def test_reads_what_it_writes_to_the_second(duration: timedelta) -> None:
    whole = duration - timedelta(microseconds=duration.microseconds)
    assert parse_duration(format_duration(duration)) == whole


def test_does_not_write_negative_durations() -> None:
    with pytest.raises(ValueError, match="negative"):
        format_duration(timedelta(seconds=-1))
