"""What GitLab answers becomes an error that says what to do."""

import pytest
from gitlab.exceptions import GitlabAuthenticationError, GitlabHttpError, GitlabParsingError, RedirectError

from shiftdown.errors import NotARepositoryError, RepositoryError
from shiftdown.forges.base import RateLimitedError
from shiftdown.forges.errors import RefusedError, UnsureError
from shiftdown.forges.gitlab.errors import translate, words


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"base": ["is wrong", "is late"]}, "base is wrong; is late"),
        (["Another open merge request already exists: !1"], "Another open merge request already exists: !1"),
        (b"<html>\n<body>Bad gateway</body>", "no reason given"),
        ("", "no reason given"),
        ("two\nlines", "two lines"),
    ],
)
def test_words_are_one_line(message: object, said: str) -> None:
    assert words(message) == said


@pytest.mark.parametrize(
    ("error", "writes", "kind", "said"),
    [
        (GitlabAuthenticationError("401 Unauthorized", 401), False, RepositoryError, "token is refused"),
        (GitlabAuthenticationError("401 Unauthorized", 401), True, RefusedError, "the role Developer"),
        (GitlabHttpError("404 Project Not Found", 404), False, NotARepositoryError, "the token does not see it"),
        (GitlabHttpError("404 Not found", 404), True, RefusedError, "404 Not found"),
        (GitlabHttpError("insufficient_scope", 403), False, RefusedError, "Give the token the scope api"),
        (GitlabHttpError("GL-HOOK-ERR: no", 400), True, RefusedError, "push rule"),
        (GitlabHttpError("Bad", 502), True, UnsureError, "run again"),
        (GitlabHttpError("Bad", 502), False, RepositoryError, "run again"),
        (GitlabParsingError("no JSON"), True, UnsureError, "cut off"),
        (ConnectionError("https://secret@x"), True, UnsureError, r"cannot be reached \(ConnectionError\)"),
        (RedirectError("to https://x"), True, RepositoryError, "sends us to https://b.org/x: set"),
        (GitlabHttpError("Retry later", 429), True, RateLimitedError, "run again after 2033-05-18 03:33:20 UTC"),
    ],
)
def test_errors(error: Exception, writes: bool, kind: type[Exception], said: str) -> None:
    headers = {"location": "https://b.org/x?token=1", "ratelimit-reset": "2000000000"}
    made = translate("https://a.org/x/y", "do it", error, headers, writes=writes)
    assert type(made) is kind
    with pytest.raises(kind, match=said) as caught:
        raise made
    assert "secret" not in str(caught.value)
