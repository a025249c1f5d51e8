"""GitHub's GraphQL API, as far as change requests need it."""

from collections.abc import Callable, Mapping
from typing import Any

from shiftdown_fakes import projection
from shiftdown_fakes.github.graphql_mutations import MUTATIONS
from shiftdown_fakes.github.graphql_search import search_root
from shiftdown_fakes.github.graphql_shapes import GraphQLError, query_root
from shiftdown_fakes.github.routing import Call, RefusalError
from shiftdown_fakes.projection import Resolved


def execute(call: Call, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a document.

    Raises:
        ShiftdownError: graphql-core is not installed.
    """

    def mutations() -> Resolved:
        return {name: _bound(function, call) for name, function in MUTATIONS.items()}

    roots = {"query": lambda: {**query_root(call), **search_root(call)}, "mutation": mutations}
    return projection.execute(query, variables, roots, _explained)


def _bound(
    function: Callable[[Call, Mapping[str, Any]], Resolved], call: Call
) -> Callable[[Mapping[str, Any]], Resolved]:
    return lambda arguments: function(call, arguments["input"])


def _explained(problem: Exception) -> Mapping[str, Any] | None:
    if isinstance(problem, GraphQLError):
        return {"type": problem.kind, "message": str(problem)}
    if isinstance(problem, RefusalError):
        return {"type": "FORBIDDEN" if problem.answer.status == 403 else "NOT_FOUND", "message": str(problem)}
    return None
