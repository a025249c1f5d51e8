"""A plain client for the fake's API."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, build_opener


class Client:
    """Sends requests with a token, and gives back status, JSON (else bytes) and headers."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self.token = token

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        sent = {"Authorization": f"token {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, method=method, data=data, headers=sent)
        try:
            with build_opener().open(request, timeout=30) as answer:
                status, got, received = answer.status, answer.read(), dict(answer.headers.items())
        except HTTPError as error:
            with error:
                status, got, received = error.code, error.read(), dict(error.headers)
        known = {name.lower(): value for name, value in received.items()}
        is_json = "json" in known.get("content-type", "")
        return status, json.loads(got) if is_json else got, known

    def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of an answer that must be a good one."""
        status, data, _ = self(method, path, body, **headers)
        assert 200 <= status < 300, (method, path, status, data)
        return data

    def graphql(self, query: str, **variables: Any) -> Any:
        """The answer to a GraphQL document."""
        return self.ok("POST", "/graphql", {"query": query, "variables": variables})
