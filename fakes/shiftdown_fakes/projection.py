"""GraphQL without a schema: a document is parsed, and what it selects is taken from records."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from shiftdown.errors import ShiftdownError

_T = TypeVar("_T")
Resolved = Mapping[str, Any]
"""A record: plain values, records, lists of them, or functions from arguments to one of these."""
Explain = Callable[[Exception], Mapping[str, Any] | None]
"""What an error of one field looks like in the answer; `None` for an exception that is none."""


def execute(
    query: str,
    variables: Mapping[str, Any],
    roots: Mapping[str, Callable[[], Resolved]],
    explain: Explain,
) -> dict[str, Any]:
    """Answer a document.

    Args:
        query: the document.
        variables: values for its variables.
        roots: what a "query" and a "mutation" start with.
        explain: what errors of fields look like.

    Raises:
        ShiftdownError: graphql-core is not installed.
    """
    try:
        from graphql import FragmentDefinitionNode, GraphQLSyntaxError, OperationDefinitionNode, parse
    except ImportError as error:
        raise ShiftdownError("GraphQL of fake forges needs graphql-core: pip install 'shiftdown[testing]'") from error
    try:
        document = parse(query)
    except GraphQLSyntaxError as error:
        return {"errors": [{"message": str(error)}]}
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operation = next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))
    given = dict(variables)
    for definition in operation.variable_definitions or ():
        if definition.default_value is not None:
            given.setdefault(definition.variable.name.value, _plain(definition.default_value, {}))
    projection = _Projection(fragments, given, explain)
    data = projection.select(roots[operation.operation.value](), operation.selection_set, [])
    return {"data": data} | ({"errors": projection.errors} if projection.errors else {})


def page(items: Sequence[_T], given: Mapping[str, Any], shape: Callable[[_T], Resolved]) -> Resolved:
    """A page of a list, with cursors: what its arguments `first`, `last`, `after` and `before` mean."""
    start, end = int(given.get("after") or 0), int(given.get("before") or len(items) + 1) - 1
    if given.get("first") is not None:
        end = min(end, start + int(given["first"]))
    elif given.get("last") is not None:
        start = max(start, end - int(given["last"]))
    shown = list(items[start:end])
    return {
        "nodes": [shape(item) for item in shown],
        "pageInfo": {"hasNextPage": end < len(items), "hasPreviousPage": start > 0,
                     "startCursor": str(start + 1) if shown else None, "endCursor": str(end) if shown else None},
    }  # fmt: skip


def _plain(node: Any, variables: Mapping[str, Any]) -> Any:
    from graphql import value_from_ast_untyped

    return value_from_ast_untyped(node, dict(variables))


class _Projection:
    """Takes from the records what a document selects."""

    def __init__(self, fragments: Mapping[str, Any], variables: Mapping[str, Any], explain: Explain) -> None:
        self.errors: list[dict[str, Any]] = []
        self._fragments = fragments
        self._variables = variables
        self._explain = explain

    def select(self, value: Resolved, selection: Any, path: Sequence[str | int]) -> dict[str, Any]:
        """The fields of one record."""
        found: dict[str, Any] = {}
        for node in selection.selections:
            if node.kind == "field":
                key = node.alias.value if node.alias else node.name.value
                found[key] = self._field(value, node, [*path, key])
                continue
            fragment = self._fragments[node.name.value] if node.kind == "fragment_spread" else node
            condition = fragment.type_condition.name.value if fragment.type_condition else None
            if condition in (None, value.get("__typename"), *value.get("__interfaces", ())):
                found |= self.select(value, fragment.selection_set, path)
        return found

    def _field(self, value: Resolved, node: Any, path: Sequence[str | int]) -> Any:
        result = value[node.name.value]
        if callable(result):
            try:
                result = result({a.name.value: _plain(a.value, self._variables) for a in node.arguments or ()})
            except Exception as problem:
                shown = self._explain(problem)
                if shown is None:
                    raise
                self.errors.append({"path": list(path), **shown})
                return None
        return self._project(result, node.selection_set, path)

    def _project(self, result: Any, selection: Any, path: Sequence[str | int]) -> Any:
        if result is None or selection is None:
            return result
        if isinstance(result, list):
            return [self._project(item, selection, [*path, place]) for place, item in enumerate(result)]
        return self.select(result, selection, path)
