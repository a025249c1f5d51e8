"""The documents that the forge sends are valid by GitHub's schema."""

import pytest
from graphql import parse, validate

from shiftdown.forges.github import queries
from tests.fakes.github.schema import schema

DOCUMENTS = {name: value for name, value in vars(queries).items() if name.isupper() and not name.startswith("_")}


MADE = {"texts": queries.texts(3), "many": queries.many(3), "owned": queries.owned(2), "found": queries.found(0)}


@pytest.mark.parametrize("name", [*DOCUMENTS, *MADE])
def test_documents_are_valid(name: str) -> None:
    assert validate(schema(), parse({**DOCUMENTS, **MADE}[name])) == []
