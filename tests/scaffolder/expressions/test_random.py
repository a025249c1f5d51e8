"""Expressions made at random have the same values as in Backstage's own engine."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.exploring import examples
from tests.scaffolder.expressions.conftest import Reference, ours
from tests.scaffolder.expressions.test_reference import CONTEXT

SIMPLE = CONTEXT.keys() - {"array_like", "emoji"}
NAMES = st.sampled_from(
    [*sorted(SIMPLE), "missing", "object.a", "object.nested.deep", "people[0]", "list[1]", "words.length"]
)
LITERALS = st.sampled_from(
    ["0", "1", "-3", "2.5", "10", "'a'", "'B c'", "''", "'42'", "true", "false", "none", "[]", "[1, 'x']", "{a: 1}"]
)
BINARY = st.sampled_from(
    [*("+", "-", "*", "/", "//", "%", "~", "==", "!=", "===", "!==", "<", "<=", ">", ">="), "and", "or", "in", "not in"]
)
METHODS = st.sampled_from(
    [
        *(
            "length",
            "toUpperCase()",
            "split('e')",
            "slice(1)",
            "slice(-2)",
            "replace('e', 'E')",
            "replace(r/[a-e]/g, '-')",
        ),
        *(
            "includes('e')",
            "indexOf('a')",
            "join('-')",
            "concat('z')",
            "trim()",
            "toFixed(1)",
            "reverse()",
            "sort()",
            "a",
        ),
    ]
)
FILTERS = st.sampled_from(
    [
        *(
            "upper",
            "lower",
            "title",
            "capitalize",
            "length",
            "first",
            "last",
            "sort",
            "reverse",
            "dump",
            "int",
            "float",
        ),
        *("default('d')", "default('d', true)", "join(',')", "replace('e', 'E')", "truncate(4)", "indent(2)", "round"),
        *("trim", "list", "string", "safe", "escape", "abs", "sum", "batch(2)", "slice(2)", "urlencode", "wordcount"),
    ]
)
TESTS = st.sampled_from(["defined", "undefined", "null", "string", "number", "even", "mapping", "truthy", "lower"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {} {}".format, inner, BINARY, inner),
        st.builds("({})".format, inner),
        st.builds("not {}".format, inner),
        st.builds("({}).{}".format, inner, METHODS),
        st.builds("({}) | {}".format, inner, FILTERS),
        st.builds("{} | {}".format, inner, FILTERS),
        st.builds("({}) is {}".format, inner, TESTS),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
    )


EXPRESSIONS = st.recursive(NAMES | LITERALS, _larger, max_leaves=7)


@given(expression=EXPRESSIONS)
@settings(max_examples=examples(400), suppress_health_check=list(HealthCheck))
def test_a_random_expression_has_the_same_value(reference: Reference, expression: str) -> None:
    text = f"${{{{ {expression} }}}}"
    assert _told_apart(ours(text, CONTEXT, native=True)) == _told_apart(reference(text, CONTEXT, native=True))
    assert ours(f"[{text}]", CONTEXT) == reference(f"[{text}]", CONTEXT)


def _told_apart(value: Any) -> str:
    """A value so that true is not 1."""
    return f"{value}" if not isinstance(value, float) else f"{value:.17g}"
