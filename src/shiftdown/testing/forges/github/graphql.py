"""GitHub's GraphQL API, as far as change requests need it: documents are parsed, and what they select is answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shiftdown.errors import ShiftdownError
from shiftdown.testing.forges.github.graphql_mutations import MUTATIONS
from shiftdown.testing.forges.github.graphql_shapes import GraphQLError, Resolved, query_root
from shiftdown.testing.forges.github.routing import Call, RefusalError


def execute(call: Call, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a document.

    Raises:
        ShiftdownError: graphql-core is not installed.
    """
    try:
        from graphql import FragmentDefinitionNode, GraphQLSyntaxError, OperationDefinitionNode, OperationType, parse
    except ImportError as error:
        raise ShiftdownError(
            "the fake GitHub's GraphQL needs graphql-core: pip install 'shiftdown[testing]'"
        ) from error
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
    projection = _Projection(fragments, given)
    mutation = operation.operation is OperationType.MUTATION
    root: Resolved = (
        {name: _bound(function, call) for name, function in MUTATIONS.items()} if mutation else query_root(call)
    )
    data = projection.select(root, operation.selection_set, [])
    return {"data": data} | ({"errors": projection.errors} if projection.errors else {})


def _bound(
    function: Callable[[Call, Mapping[str, Any]], Resolved], call: Call
) -> Callable[[Mapping[str, Any]], Resolved]:
    return lambda arguments: function(call, arguments["input"])


def _plain(node: Any, variables: Mapping[str, Any]) -> Any:
    from graphql import value_from_ast_untyped

    return value_from_ast_untyped(node, dict(variables))


class _Projection:
    """Takes from the records what a document selects."""

    def __init__(self, fragments: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
        self.errors: list[dict[str, Any]] = []
        self._fragments = fragments
        self._variables = variables

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
            except GraphQLError as problem:
                self._fail(problem.kind, str(problem), path)
                return None
            except RefusalError as refusal:
                self._fail("FORBIDDEN" if refusal.answer.status == 403 else "NOT_FOUND", str(refusal), path)
                return None
        return self._project(result, node.selection_set, path)

    def _project(self, result: Any, selection: Any, path: Sequence[str | int]) -> Any:
        if result is None or selection is None:
            return result
        if isinstance(result, list):
            return [self._project(item, selection, [*path, place]) for place, item in enumerate(result)]
        return self.select(result, selection, path)

    def _fail(self, kind: str, message: str, path: Sequence[str | int]) -> None:
        self.errors.append({"type": kind, "path": list(path), "message": message})
