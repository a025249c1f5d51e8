"""Requests in the words of GitLab's REST API, about whatever it has."""

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from shiftdown.forges.errors import RefusedError, UnsureError
from shiftdown.forges.gitlab.client import Client
from shiftdown.forges.gitlab.projects import Place
from shiftdown.forges.requesting import surely

_P = ParamSpec("_P")
_T = TypeVar("_T")

_CONFLICT = 409


class Requests:
    """Sends requests to one GitLab. Safe for threads. For what they raise, see `Client`."""

    def __init__(self, client: Client, subject: str, *, role: str = "Developer") -> None:
        self._client = client
        self._place = Place(subject, "", role)
        self.subject = subject
        """What they are about, for messages."""

    def needing(self, role: str) -> "Requests":
        """The same, for what takes a role: messages name it."""
        return Requests(self._client, self.subject, role=role)

    def get(self, doing: str, path: str, **query: Any) -> Any:
        """What is at a path."""
        return self._client.read(self._place, doing, path, query)

    def find(self, doing: str, path: str, **query: Any) -> Any:
        """What is at a path; `None` when nothing is, or the token does not see it."""
        return self._client.find(self._place, doing, path, query)

    def pages(self, doing: str, path: str, **query: Any) -> Iterator[Any]:
        """The items of a list."""
        return self._client.pages(self._place, doing, path, query)

    def post(self, doing: str, path: str, given: Mapping[str, Any]) -> Any:
        """Make something; the answer. Raises `UnsureError` also when GitLab says that it is there already."""
        try:
            return self._client.write(self._place, doing, "post", path, given, creates=True)
        except RefusedError as refused:
            if refused.status == _CONFLICT:
                # Somebody was faster.
                raise UnsureError(self.subject, refused.problem) from None
            raise

    def put(self, doing: str, path: str, given: Mapping[str, Any]) -> Any:
        """Change something; the answer."""
        return self._client.write(self._place, doing, "put", path, given)

    def delete(self, doing: str, path: str) -> None:
        """Remove something."""
        self._client.write(self._place, doing, "delete", path)


def looks_first(act: Callable[_P, _T]) -> Callable[_P, _T]:
    """Decorate what looks first, or may be repeated: it is done again when nobody knows what became of a request."""

    @wraps(act)
    def again(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        return surely(lambda: act(*args, **kwargs))

    return again
