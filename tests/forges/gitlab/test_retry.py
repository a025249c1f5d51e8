"""When a request is made again, and when it is not."""

import time

import pytest
from urllib3.exceptions import MaxRetryError
from urllib3.response import HTTPResponse

from shiftdown.forges.gitlab.retry import PatientRetry


def answer(status: int, **headers: str) -> HTTPResponse:
    return HTTPResponse(status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize(("status", "reading", "writing"), [(429, True, True), (502, True, False), (403, False, False)])
def test_what_is_made_again(status: int, reading: bool, writing: bool) -> None:
    for retry, expected in ((PatientRetry.for_reading(9), reading), (PatientRetry.for_writing(9), writing)):
        assert retry.is_retry("POST", status, has_retry_after=True) is expected


def test_the_headers_say_how_long_to_wait() -> None:
    retry = PatientRetry.for_reading(60)
    assert retry.get_retry_after(answer(429, Retry_After="7")) == 7
    until = retry.get_retry_after(answer(429, RateLimit_Reset=str(int(time.time()) + 30)))
    assert until is not None
    assert 25 < until <= 30
    assert retry.get_retry_after(answer(429, RateLimit_Reset="0")) == 0
    assert retry.get_retry_after(answer(502, RateLimit_Reset="9999999999")) is None


def test_patience_ends() -> None:
    retry = PatientRetry.for_writing(10).increment("POST", "/x", answer(429, Retry_After="9"))
    with pytest.raises(MaxRetryError):
        retry.increment("POST", "/x", answer(429, Retry_After="11"))
