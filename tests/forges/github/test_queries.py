"""The documents that the forge sends are valid by GitHub's schema."""

import pytest
from graphql import parse, validate

from shiftdown.forges.github import queries
from tests.testing.forges.github.schema import schema

DOCUMENTS = {name: value for name, value in vars(queries).items() if name.isupper() and not name.startswith("_")}


@pytest.mark.parametrize("name", [*DOCUMENTS, "many"])
def test_documents_are_valid(name: str) -> None:
    assert validate(schema(), parse(DOCUMENTS.get(name) or queries.many(3))) == []
