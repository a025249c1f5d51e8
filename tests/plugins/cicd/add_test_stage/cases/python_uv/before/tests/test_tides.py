from tides import high


def test_high() -> None:
    assert high(2.5)
