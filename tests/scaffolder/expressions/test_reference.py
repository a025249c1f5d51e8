"""Templates give what Backstage's own template engine gives."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.scaffolder.expressions.conftest import Reference, ours

FOLDER = Path(__file__).parent
CORPUS = YAML(typ="safe").load(FOLDER / "corpus.yaml")
TEMPLATES = YAML(typ="safe").load(FOLDER / "templates.yaml")
CONTEXT = CORPUS["context"]


def expressions() -> Iterator[Any]:
    for group, lines in CORPUS["expressions"].items():
        for index, line in enumerate(lines.splitlines()):
            yield pytest.param(line.split(" ;; "), id=f"{group} {index + 1}")


@pytest.mark.parametrize("line", list(expressions()))
def test_an_expression_has_the_same_value_and_prints_the_same(reference: Reference, line: list[str]) -> None:
    native = [f"${{{{ {expression} }}}}" for expression in line]
    text = [f"[{expression}]" for expression in native]
    assert {t: ours(t, CONTEXT, native=True) for t in native} == {t: reference(t, CONTEXT, native=True) for t in native}
    assert {t: ours(t, CONTEXT) for t in text} == {t: reference(t, CONTEXT) for t in text}


@pytest.mark.parametrize("text", [text for group in TEMPLATES["templates"] for text in group])
def test_a_template_renders_the_same(reference: Reference, text: str) -> None:
    assert ours(text, CONTEXT) == reference(text, CONTEXT)


@pytest.mark.parametrize("trim", [False, True])
@pytest.mark.parametrize("lstrip", [False, True])
@pytest.mark.parametrize("text", TEMPLATES["blocks"])
def test_blanks_around_blocks_are_left_out_alike(reference: Reference, text: str, trim: bool, lstrip: bool) -> None:
    options = {"trimBlocks": trim, "lstripBlocks": lstrip}
    assert ours(text, CONTEXT, **options) == reference(text, CONTEXT, **options)


@pytest.mark.parametrize("text", TEMPLATES["cookiecutter"])
def test_cookiecutter_s_dialect_renders_the_same(reference: Reference, text: str) -> None:
    assert ours(text, CONTEXT, cookiecutterCompat=True) == reference(text, CONTEXT, cookiecutterCompat=True)


SUBJECT = "'myServiceName HTTPServer a.b/c\\\\d {{x}} 12345678.90 aabb \\n\\tfoobarfoo xxxx x{,2} a{b ] é $5 a-b _ bab'"


@pytest.mark.parametrize("pattern", CORPUS["patterns"].splitlines())
def test_a_regular_expression_matches_the_same(reference: Reference, pattern: str) -> None:
    uses = [f"{SUBJECT}.replace({pattern}, '{new}')" for new in ("<$&>", "[$1|$2|$$]", "$<host>$`$'")]
    uses += [f"{SUBJECT}.split({pattern})", f"{pattern}.test({SUBJECT})", f"'aaa'.replace({pattern}, '-')"]
    for use in uses:
        text = f"${{{{ {use} }}}}"
        assert ours(text, {}, native=True) == reference(text, {}, native=True)
