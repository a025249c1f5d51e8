"""GitHub's GraphQL schema as the judge of documents and answers."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from graphql import GraphQLResolveInfo, GraphQLSchema, build_schema, execute, parse, validate

from .prism import NODE_MODULES

Exchange = tuple[str, Mapping[str, Any], dict[str, Any]]


@cache
def schema() -> GraphQLSchema:
    """GitHub's schema."""
    text = (NODE_MODULES / "@octokit/graphql-schema/schema.graphql").read_text("utf-8")
    # Two of its fields are defined twice, which is of no matter here.
    return build_schema(text, assume_valid=True, assume_valid_sdl=True)


def problems(exchanges: Iterable[Exchange]) -> list[str]:
    """What documents, variables or answers have against the schema.

    An answer is valid when executing its document over the answer itself gives the answer: a field that is not of
    its type, or null where it must not be, is an error then.
    """
    return [problem for exchange in exchanges for problem in _problems(*exchange)]


def _problems(query: str, variables: Mapping[str, Any], answer: dict[str, Any]) -> list[str]:
    document = parse(query)
    wrong = [str(error) for error in validate(schema(), document)]
    if wrong or answer.get("data") is None:
        return wrong
    again = execute(
        schema(), document, answer["data"], variable_values=dict(variables), field_resolver=_field, type_resolver=_type
    )
    assert not hasattr(again, "__await__")
    failed = {tuple(error["path"]) for error in answer.get("errors", ())}
    wrong = [str(e) for e in again.errors or () if tuple(e.path or ()) not in failed]
    if not wrong and not failed and again.data != answer["data"]:
        wrong.append(f"{answer['data']} is not what was asked for")
    return wrong


def _field(source: Any, info: GraphQLResolveInfo[Any], **_: Any) -> Any:
    return source[info.path.key]


def _type(value: Any, *_: Any) -> str:
    """Abstract types are told by `__typename`, which documents must ask for."""
    return str(value["__typename"])
