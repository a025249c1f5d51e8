"""What the language has beyond Backstage's, how inputs are evaluated, and how errors name their place."""

import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import pytest

from shiftdown.scaffolder.expressions import Expressions, TemplateRenderError, is_truthy_condition

CONTEXT = {
    "name": "My Service",
    "list": [3, 1, 2],
    "object": {"a": 1, "b": {"c": [1, 2]}},
    "yes": True,
    "no": False,
    "empty": "",
    "nothing": None,
}
ENGINE = Expressions(filters={"twice": lambda value: value * 2}, globals={"answer": lambda: 42, "site": {"url": "x"}})


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("yes && name", "My Service"),
        ("no || name", "My Service"),
        ("no || empty || 'c'", "c"),
        ("!yes", False),
        ("!no && !empty", True),
        ("!!list.length", True),
        ("yes && no || yes", True),
        ("name === 'x' || list.length > 2", True),
        ("yes ? 'a' : 'b'", "a"),
        ("no ? 'a' : yes ? 'b' : 'c'", "b"),
        ("list.length === 3 ? {a: [1]} : none", {"a": [1]}),
        ("(yes ? 'a' : 'b') + 'c'", "ac"),
        ("[no ? 1 : 2, 3]", [2, 3]),
        ("object.missing ? 1 : 2", 2),
        ("'a' if no else 'b' if yes else 'c'", "b"),
        ("name.match(r/[A-Z]/g)", ["M", "S"]),
        ("name.match(r/([A-Z])(y)/)", ["My", "M", "y"]),
        ("name.match(r/x/)", None),
        ("name.search(r/S/)", 3),
        ("name.replaceAll('e', 'E')", "My SErvicE"),
        ("name.replaceAll(r/[aeiou]/g, '<$&>')", "My S<e>rv<i>c<e>"),
        ("'a-b-c'.replaceAll('-', '$&$&')", "a--b--c"),
        ("'7'.padStart(3, '0')", "007"),
        ("'7'.padEnd(4, 'ab')", "7aba"),
        ("'777'.padStart(2)", "777"),
        ("'ab'.repeat(3)", "ababab"),
        ("name.substr(3, 4)", "Serv"),
        ("name.substr(-3)", "ice"),
        ("name.at(-1)", "e"),
        ("name.toString()", "My Service"),
        ("'a'.localeCompare('b')", -1),
        ("'é'.normalize('NFD').length", 2),
        ("list.keys()", [0, 1, 2]),
        ("object.keys()", ["a", "b"]),
        ("object.hasOwnProperty('a')", True),
        ("object.get('zz', 'd')", "d"),
        ("{b: {c: {d: 1}}}.b.c", {"d": 1}),
        ("object.b.c.concat([3]).reverse().join('')", "321"),
        ("answer()", 42),
        ("site.url", "x"),
        ("'ab' | twice", "abab"),
    ],
)
def test_expressions_have_javascripts_ways_too(expression: str, value: Any) -> None:
    assert ENGINE.evaluate(f"${{{{ {expression} }}}}", CONTEXT) == value


def test_a_name_that_is_only_a_method_here_is_undefined_when_it_is_not_called() -> None:
    assert ENGINE.render("[${{ object.keys }}${{ object.items }}${{ name.match }}${{ list.map }}]", CONTEXT) == "[]"


def test_what_needs_a_function_says_so() -> None:
    with pytest.raises(TemplateRenderError, match="templates have none; use a filter or a loop"):
        ENGINE.render("${{ list.map(name) }}", CONTEXT)


def test_inputs_keep_their_shape_and_expressions_their_type() -> None:
    values = {
        "text": "hello ${{ name }}",
        "native": "${{ object }}",
        "number": "${{ list[0] }}",
        "blank around": " ${{ list[0] }} ",
        "two": "${{ list[0] }}${{ list[1] }}",
        "with a comment": "${{ list }}{# c #}",
        "null": "${{ nothing }}",
        "undefined": "${{ missing }}",
        "empty": "",
        "${{ name }}": "keys stay",
        "deep": [{"a": "${{ yes }}"}, "${{ missing }}", 1, None, True, 1.5, ("${{ no }}",)],
    }
    assert ENGINE.evaluate(values, CONTEXT) == {
        "text": "hello My Service",
        "native": {"a": 1, "b": {"c": [1, 2]}},
        "number": 3,
        "blank around": " 3 ",
        "two": "31",
        "with a comment": [3, 1, 2],
        "null": None,
        "empty": "",
        "${{ name }}": "keys stay",
        "deep": [{"a": True}, None, 1, None, True, 1.5, [False]],
    }


@pytest.mark.parametrize("text", ["${{ name | nofilter }}", "${{ missing() }}", "${{ 1 + }}", "a {% if %}", "${{ name"])
def test_an_input_that_is_wrong_stays_as_it_is_and_is_logged(text: str, caplog: pytest.LogCaptureFixture) -> None:
    assert ENGINE.evaluate({"a": text, "b": "${{ yes }}"}, CONTEXT) == {"a": text, "b": True}
    assert repr(text) in caplog.text


def test_what_a_value_is_made_of_outside_does_not_matter() -> None:
    context = {
        "date": datetime.date(2026, 2, 1),
        "time": datetime.datetime(2026, 2, 1, 12, 0, tzinfo=datetime.UTC),
        "colour": Colour.RED,
        "tuple": (1, 2),
        "mapping": MappingProxyType({1: "one", None: "no"}),
        "large": 2**70,
    }
    text = "${{ date }} ${{ time }} ${{ colour.toUpperCase() }} ${{ tuple }} ${{ mapping['1'] }} ${{ large }}"
    expected = "2026-02-01 2026-02-01T12:00:00+00:00 RED 1,2 one 1.1805916207174113e+21"
    assert ENGINE.render(text, context) == expected


def test_an_object_of_another_kind_is_no_data() -> None:
    with pytest.raises(TemplateRenderError, match="a value of type object is not supported"):
        ENGINE.render("${{ x }}", {"x": object()})


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a\n${{ 1 + }}", 2, "expected an expression, got the end of the tag"),
        ("a\r\nb\r\n{% if x %}", 3, "Unexpected end of template"),
        ("a\n{% endif %}", 2, "unknown tag 'endif'"),
        ("{% if x %}\n{% endfor %}", 2, "unknown tag 'endfor'"),
        ("\n\n${{ name | nofilter }}", 3, "there is no filter 'nofilter'"),
        (
            "{% for x in list %}\n${{ x }}\n${{ x.foo() }}\n{% endfor %}",
            3,
            "`x.foo` is undefined, and cannot be called",
        ),
        ("{% macro f() %}\n${{ g() }}{% endmacro %}\n\n${{ f() }}", 2, "`g` is undefined"),
        ("${{\n\n name | upper |\n nofilter }}", 4, "there is no filter"),
        ("{# a\n\n #}${{ name", 3, "is not ended"),
        ("{% raw %}\n\n{% endraw %}${{ ! }}", 3, "expected an expression"),
        ("\n${{ 1 in 5 }}", 2, "`in` needs text, a list or an object; got a number"),
        ("a\n#}", 2, "unexpected end of a comment"),
        ("\n{% include 'x' %}", 2, "there are no other templates to load"),
        ("\n${{ r/(/ }}", 2, "invalid regular expression /(/"),
        ("\n${{ answer(1) }}", 2, "answer failed"),
    ],
)
def test_an_error_names_file_line_and_problem(text: str, line: int, problem: str) -> None:
    with pytest.raises(TemplateRenderError) as caught:
        ENGINE.render(text, CONTEXT, name="skeleton/README.md")
    assert (caught.value.path, caught.value.line) == ("skeleton/README.md", line)
    assert problem in str(caught.value)
    assert str(caught.value).startswith(f"skeleton/README.md:{line}: ")


@pytest.mark.parametrize("text", ["", "plain", "a\r\nb\r", "a\n\n", "{ } {{ x }} %} $ ${ x }", "\ufeffé\u2028"])
def test_text_outside_of_tags_stays_byte_by_byte(text: str) -> None:
    assert ENGINE.render(text, {}) == text
    assert ENGINE.render(f"{text}${{{{ name }}}}{text}", CONTEXT) == f"{text}My Service{text}"


def test_the_filter_random_chooses_the_same_for_the_same_template() -> None:
    text = "${{ list | random }}${{ list | random }}${{ list | random }}"
    assert len({ENGINE.render(text, CONTEXT) for _ in range(9)}) == 1


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        *((True, True), ("false", True), (1, True), ([0], True), ({}, True), ({"a": 1}, True), (" ", True)),
        *((False, False), (None, False), ("", False), (0, False), ([], False), (float("nan"), False), (0.0, False)),
    ],
)
def test_a_condition_holds_as_in_backstage(value: Any, holds: bool) -> None:
    assert is_truthy_condition(value) is holds
