"""Hostile templates end at a limit with a clear error, and reach nothing outside of their context."""

import threading

import pytest

from shiftdown.scaffolder.expressions import Expressions, TemplateLimitError, TemplateRenderError

ENGINE = Expressions(filters={"same": lambda value: value})
DOUBLED = "{% set a = [1] %}{% for i in range(60) %}{% set a = [a, a] %}{% endfor %}"
CYCLE = "{% set a = [1] %}{% set n = a.push(a) %}"
LONG = "{% set s = 'x'.repeat(9000000) %}"
MANY_LONG = LONG + "{% set a = [s] %}{% for i in range(15) %}{% set a = a.concat(a) %}{% endfor %}"

TOO_MUCH = {
    "range": "${{ range(1000000000) }}",
    "range of fractions": "${{ range(1, 2, 0.0000000000000001) }}",
    "range downwards": "${{ range(0, -1000000000, -1) }}",
    "repeat": "${{ 'x'.repeat(10000000000) }}",
    "repeat twice": "${{ 'x'.repeat(10000000).repeat(100) }}",
    "pad": "${{ 'x'.padStart(10000000000) }}",
    "center": "${{ 'x' | center(10000000000) }}",
    "indent": "${{ 'x' | indent(10000000000, true) }}",
    "batch": "${{ [1] | batch(1000000000, 'x') }}",
    "slices": "${{ [1] | slice(1000000000, 'x') }}",
    "join": "${{ range(100000).join('x'.repeat(100000)) }}",
    "replace": "${{ 'x'.repeat(1000000) | replace('x', 'y'.repeat(1000)) }}",
    "replace with what is before": "${{ 'x'.repeat(10000).replaceAll('x', '$`$`') }}",
    "lists that double": "{% set a = [1] %}{% for i in range(99) %}{% set a = a.concat(a) %}{% endfor %}",
    "text that doubles": "{% set a = 'x' %}{% for i in range(99) %}{% set a = a ~ a %}{% endfor %}",
    "an object that is its own ancestor": CYCLE + "${{ a }}",
    "the same as JSON": CYCLE + "${{ a | dump }}",
    "the same for a filter": CYCLE + "${{ a | same }}",
    "the same made flat": CYCLE + "${{ a.flat(1000000) }}",
    "lists in lists, printed": DOUBLED + "${{ a }}",
    "lists in lists, as JSON": DOUBLED + "${{ a | dump }}",
    "lists in lists, for a filter": DOUBLED + "${{ a | same }}",
    "lists in lists, compared": DOUBLED + "${{ a == 'x' }}",
    "lists in lists, flat": DOUBLED + "${{ a.flat(99) }}",
    "loops in loops": "{% for a in range(999) %}{% for b in range(999) %}{% for c in range(999) %}{% endfor %}" * 1
    + "{% endfor %}{% endfor %}",
    "a long body": "{% for a in range(100000) %}" + "x" * 100_000 + "{% endfor %}",
    "a macro that calls itself": "{% macro f() %}${{ f() }}{% endmacro %}${{ f() }}",
    "macros that call themselves twice": "{% macro f(n) %}{% if n %}${{ f(n - 1) }}${{ f(n - 1) }}{% endif %}"
    "{% endmacro %}${{ f(35) }}",
    "a caller that calls": "{% macro f() %}{% call f() %}x{% endcall %}{% endmacro %}${{ f() }}",
    "an exponential expression": f"${{{{ r/(a|aa)+$/.test('{'a' * 60}b') }}}}",
    "many slow expressions": f"{{% for i in range(9) %}}${{{{ r/(a|aa)+$/.test('{'a' * 30}b') }}}}{{% endfor %}}",
    "markup": "${{ '<a'.repeat(100000) | striptags }}",
    "an object with a great length": "{% for x in {length: 1000000000000} %}a{% endfor %}",
    "long text, compared": LONG + "{% for i in range(100000) %}${{ s == s ~ '' }}{% endfor %}",
    "long text, in capitals": LONG + "{% for i in range(100000) %}${{ s.toLowerCase().length }}{% endfor %}",
    "long text, as a number": LONG + "{% for i in range(100000) %}${{ s * 1 }}{% endfor %}",
    "long text, by index": "{% set s = '😀'.repeat(900000) %}{% for i in range(100000) %}${{ s[i] }}{% endfor %}",
    "much long text, selected": MANY_LONG + "${{ a | select('upper') | length }}",
    "much long text, sorted": MANY_LONG + "${{ a.sort() | length }}",
    "much long text, sought": MANY_LONG + "${{ a.includes(s ~ '') }}",
    "much long text, encoded": MANY_LONG + "${{ [[s, s], [s, s]] | urlencode }}",
    "a long chain": "${{ 1" + " + 1" * 5_000 + " }}",
    "many words": "${{ 1 }}" * 60_000,
    "a long template": "${{ 1 }}" + "x" * 5_000_000,
}

WRONG = {
    "brackets": "${{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}",
    "lists": "${{ " + "[" * 10_000 + "]" * 10_000 + " }}",
    "negations": "${{ " + "not " * 10_000 + "1 }}",
    "blocks": "{% if 1 %}" * 10_000 + "{% endif %}" * 10_000,
    "a large pattern": "${{ r/((((a{100}){100}){100}){100}){100}/.test('a') }}",
    "a long pattern": f"${{{{ r/{'a' * 5_000}/.test('a') }}}}",
    "nested patterns": f"${{{{ r/{'(' * 400}{')' * 400}/.test('a') }}}}",
    "a constructor": "${{ ''.constructor.constructor('return 1')() }}",
    "a constructor by index": "${{ ''['constructor'] }}",
    "a class's subclasses": "${{ ''.__class__.__mro__[1].__subclasses__() }}",
    "formatting": "${{ '{0.__class__}'.format(1) }}",
    "an import": "{% import 'x' as x %}",
    "a file": "{% include '/etc/passwd' %}",
    "a function's globals": "${{ range.__globals__.x() }}",
    "a macro's call": "{% macro f() %}{% endmacro %}${{ f.call() }}",
}


@pytest.mark.parametrize("template", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_template_that_asks_for_too_much_ends_at_a_limit(template: str) -> None:
    with pytest.raises(TemplateLimitError, match=r"^skeleton/x:\d+: limit reached: ") as caught:
        ENGINE.render("\n" + template, {}, name="skeleton/x")
    assert caught.value.path == "skeleton/x"
    assert caught.value.line


@pytest.mark.parametrize("template", WRONG.values(), ids=WRONG)
def test_a_template_that_reaches_for_what_it_must_not_have_is_wrong(template: str) -> None:
    with pytest.raises(TemplateRenderError):
        ENGINE.render(template, {})


@pytest.mark.parametrize(
    "expression",
    [
        *("''.__class__", "''['__class__']", "[].__len__", "{}.__dict__", "range.__globals__", "cycler.__init__"),
        *("self", "f", "environ", "config", "request", "namespace", "dict", "lipsum", "_", "loop", "caller"),
    ],
)
def test_nothing_of_python_can_be_read(expression: str) -> None:
    assert ENGINE.render(f"[${{{{ {expression} }}}}]", {"object": {}}) == "[]"


def test_the_callers_data_stays_as_it_is() -> None:
    context = {"list": [3, 1], "object": {"list": [1]}}
    text = "${{ list.push(4) }}${{ list.sort() }}${{ object.list.pop() }}{% set list = 5 %}"
    assert ENGINE.render(text, context) == ENGINE.render(text, context) == "31,3,41"
    assert context == {"list": [3, 1], "object": {"list": [1]}}


def test_what_one_expression_changes_another_one_does_not_see() -> None:
    values = {"a": "${{ list.push(1) }}", "b": "${{ list.length }}"}
    assert ENGINE.evaluate(values, {"list": []}) == {"a": 1, "b": 0}


def test_a_limit_is_an_error_of_inputs_too() -> None:
    with pytest.raises(TemplateLimitError, match="limit reached"):
        ENGINE.evaluate({"a": ["x", "${{ range(1000000000) }}"]}, {})


def test_the_limits_are_each_renderings_own() -> None:
    text = "{% for i in range(9000) %}${{ i }}{% endfor %}"
    first = ENGINE.render(text, {})
    assert all(ENGINE.render(text, {}) == first for _ in range(20))


def test_threads_share_an_engine() -> None:
    problems: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for index in range(50):
                text = f"{{% for i in range(9) %}}${{{{ n + i }}}}{{% endfor %}}{index}"
                expected = "".join(str(number + i) for i in range(9)) + str(index)
                assert ENGINE.render(text, {"n": number}) == expected
        except BaseException as error:  # noqa: BLE001 - told in the thread of the test
            problems.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
