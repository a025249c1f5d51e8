"""Users' own playbooks: what is read, and where errors are."""

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from shiftdown.errors import InvalidInputError
from shiftdown.playbooks import PlaybookError, Problem, builtin_playbooks, parse_playbook, playbook_schema
from tests.exploring import examples

from .making import SMALL

HEAD = "name: x\nphases:\n"
PHASE = "  - name: A\n    phase_type: OBSERVABILITY\n    duration: 1 month\n    stack: [Loki]\n"


def problems(text: str) -> list[str]:
    with pytest.raises(PlaybookError) as caught:
        parse_playbook(text, "own.yaml")
    error = caught.value
    assert isinstance(error, InvalidInputError)
    assert error.source == "own.yaml"
    lines = str(error).split("\n")
    assert lines == [f"own.yaml:{p.line}:{p.column}: {p.message}" for p in error.problems]
    assert list(error.problems) == sorted(error.problems)
    return [line.removeprefix("own.yaml:") for line in lines]


def test_a_small_one() -> None:
    playbook = parse_playbook(SMALL, "own.yaml")
    assert playbook.name == "tidy-up"
    assert (playbook.title, playbook.duration, playbook.metrics, playbook.outcomes) == (None, None, None, {})
    assert playbook.phases[0].types == ("ADD_SECRET_SCANNING", "ADD_OUR_OWN_THING")
    assert playbook.phases[0].work == (("activity", "Tell everybody"),)
    assert playbook.phases[1].work == (("stack", "Loki"),)


def test_json_comments_crlf_anchors_and_a_byte_order_mark_are_fine() -> None:
    json = (
        '{"name": "x", "phases": [{"name": "A", "phase_type": "OBSERVABILITY", "duration": "1 day", "stack": ["L"]}]}'
    )
    assert parse_playbook(json, "j").phases[0].stack == ("L",)
    assert parse_playbook("\ufeff# ours\r\n" + SMALL.replace("\n", "\r\n"), "c") == parse_playbook(SMALL, "c")
    aliased = HEAD + PHASE.replace("[Loki]", "&tools [Loki]") + PHASE.replace("A\n", "B\n").replace("[Loki]", "*tools")
    assert [phase.stack for phase in parse_playbook(aliased, "a").phases] == [("Loki",), ("Loki",)]


APPLY = PHASE + "    transformations:\n"


def test_a_type_may_have_values_for_its_parameters() -> None:
    entry = (
        "- {type: ADD_A, parameters: {n: 80, up: +3, f: 0.5, e: 1e-3, on: true, off: False, t: yes, none: , l: [1, a]}}"
    )
    phase = parse_playbook(HEAD + APPLY + f"      {entry}\n      - ADD_B\n", "x").phases[0]
    assert phase.types == ("ADD_A", "ADD_B")
    found = {"n": 80, "up": 3, "f": 0.5, "e": 0.001, "on": True, "off": False, "t": "yes", "none": None, "l": [1, "a"]}
    assert phase.parameters == {"ADD_A": found}
    assert [type(value) for value in phase.parameters["ADD_A"].values()] == [type(value) for value in found.values()]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("{type: ADD_A, parametres: {}}", ["8:23: unknown key parametres: did you mean parameters?"]),
        ("{parameters: {a: 1}}", ["8:9: type is missing"]),
        ("{type: lint}", ["8:16: phases.0.transformations.0.type: 'lint' does not have the form ^[A-Z]"]),
        ("{type: 3}", ["8:16: 3 is of type int, not a text: put it in quotes"]),
        ("[ADD_A]", ["8:9: phases.0.transformations.0: a mapping is needed here"]),
        ("{type: ADD_A, parameters: [3]}", ["8:35: phases.0.transformations.0.parameters: a mapping is needed here"]),
        ("{type: ADD_A, parameters: {d: 2026-01-01}}", ["8:39: 2026-01-01 is of type timestamp, not a text"]),
        ("{type: ADD_A, parameters: {d: .inf}}", ["8:39: .inf is of type float, not a text: put it in quotes"]),
        ("{type: ADD_A, parameters: {d: 0x1F}}", ["8:39: 0x1F is of type int, not a text: put it in quotes"]),
        (f"{{type: ADD_A, parameters: {{d: {'9' * 30}}}}}", ["8:39: 9999"]),
        ("{type: ADD_A}\n      - ADD_A", ["3:5: phases.0: 'ADD_A' is listed twice"]),
    ],
)
def test_what_is_wrong_with_a_type_that_has_parameters(entry: str, expected: list[str]) -> None:
    found = problems(HEAD + APPLY + f"      - {entry}\n")
    assert len(found) == len(expected)
    assert all(line.startswith(start) for line, start in zip(found, expected, strict=True)), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1:1: the text is empty"),
        ("# nothing\n", "1:1: the text is empty"),
        ("name: [", "1:8: while parsing a flow node, expected the node content, but found '<stream end>'"),
        ("name: x\n\tphases: y\n", "2:1: while scanning for the next token, found character '\\t' that cannot"),
        ("name: x\n--- \nname: y\n", "2:1: expected a single document in the stream, but found another document"),
        ("name: *nowhere\n", "1:7: found undefined alias 'nowhere'"),
        ("name: x\nphases: a\x00b\n", "2:10: this character is not allowed in YAML"),
        ("é: \ud800", "1:4: this character is not allowed in YAML"),
        ("%YAML 9.9\n---\na: b", "1:1: found incompatible YAML document"),
        ("[" * 5_000, "1:1: values are nested too deeply"),
        ("a: &a [*a]\n", "1:4: values are nested too deeply, aliases followed"),
        ("- " * 60 + "x", "1:103: values are nested too deeply, aliases followed"),
        ("x", "1:1: a mapping is needed here"),
        ("- name: x\n", "1:1: a mapping is needed here"),
        ("name: x\nname: y\n", "2:1: the key name is given twice"),
        ("{1: x}", "1:2: a key is a text; merge keys are not supported"),
        ("? [a]\n: b\n", "1:3: a key is a text; merge keys are not supported"),
        ("<<: {a: b}\n", "1:1: a key is a text; merge keys are not supported"),
        ("name: 2026\n", "1:7: 2026 is of type int, not a text: put it in quotes"),
        ("name: true\n", "1:7: true is of type bool, not a text: put it in quotes"),
        ("name: 2026-99-99\n", "1:7: 2026-99-99 is of type timestamp, not a text: put it in quotes"),
        ("name: !!int zz\n", "1:7: zz is of type int, not a text: put it in quotes"),
        ("name: !!python/object:os.system {}\n", "1:7: the tag python/object:os.system is not allowed"),
        ("name: !ours {a: b}\n", "1:7: the tag !ours is not allowed"),
        ("name: !!set {a, b}\n", "1:7: the tag set is not allowed"),
    ],
)
def test_what_is_not_yaml_or_not_texts(text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in problems(text)), problems(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: x\n", ["1:1: name is missing", "1:1: phases is missing"]),
        ("name: x\nphases: []\n", ["2:9: phases: Tuple should have at least 1 item after validation, not 0"]),
        ("name: x\nphases:\n", ["2:1: phases: a list is needed here"]),
        ("name: x\nphases: {a: b}\n", ["2:9: phases: a list is needed here"]),
        (HEAD + "  - Only a name\n", ["3:5: phases.0: a mapping is needed here"]),
        (
            HEAD + PHASE + "nam: y\n",
            ["7:1: unknown key nam: did you mean name?"],
        ),
        (
            HEAD + PHASE + "    zzz: y\n",
            [
                "7:5: unknown key zzz: there are name, phase_type, duration, transformations, activities, components, "
                "capabilities, stack, deliverable"
            ],
        ),
        (
            HEAD + PHASE.replace("OBSERVABILITY", "OBSERVABILTY"),
            ["4:17: phases.0.phase_type: 'OBSERVABILTY' is not a phase_type: did you mean OBSERVABILITY?"],
        ),
        (
            HEAD + PHASE.replace("1 month", "a while"),
            [
                "5:15: phases.0.duration: 'a while' is not a duration: write it as '2-3 weeks', '1 month' or '10 days'",
            ],
        ),
        (
            HEAD + PHASE.replace("1 month", "3-2 weeks"),
            ["5:15: phases.0.duration: 3-2 is not a range: the larger number comes last"],
        ),
        (HEAD + PHASE.replace("1 month", "121 months"), ["5:15: phases.0.duration: is longer than ten years"]),
        (HEAD + PHASE.replace("    duration: 1 month\n", ""), ["3:5: duration is missing"]),
        (
            HEAD + PHASE + "    transformations:\n      - ADD_LINT_STAGE\n      - add lint\n",
            ["9:9: phases.0.transformations.1: 'add lint' does not have the form ^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$"],
        ),
        (
            HEAD + PHASE + "    transformations: [ADD_A, ADD_B, ADD_A]\n",
            ["3:5: phases.0: 'ADD_A' is listed twice"],
        ),
        (HEAD + PHASE + PHASE, ["1:1: 'A' is listed twice"]),
        (
            HEAD + PHASE.replace("    stack: [Loki]\n", ""),
            [
                "3:5: phases.0: nothing is in it: give transformations, activities, components, capabilities or stack",
            ],
        ),
        (HEAD + PHASE + "    activities: Talk\n", ["7:17: phases.0.activities: a list is needed here"]),
        (HEAD + PHASE + "    activities: [[Talk]]\n", ["7:18: phases.0.activities.0: a text is needed here"]),
        (
            HEAD.replace("x", "Not Kebab") + PHASE,
            ["1:7: name: 'Not Kebab' does not have the form ^[a-z0-9]+(-[a-z0-9]+)*$"],
        ),
        (
            HEAD + PHASE + "metrics:\n  before: {lead_time: 14 days}\n  after: {lead_tim: x}\n",
            [
                "8:11: change_failure_rate is missing",
                "8:11: deployment_frequency is missing",
                "8:11: time_to_restore is missing",
                "9:10: change_failure_rate is missing",
                "9:10: deployment_frequency is missing",
                "9:10: lead_time is missing",
                "9:10: time_to_restore is missing",
                "9:11: unknown key lead_tim: did you mean lead_time?",
            ],
        ),
        (HEAD + PHASE + "outcomes: {toil: {a: b}}\n", ["7:18: outcomes.toil: a text is needed here"]),
    ],
)
def test_what_is_not_a_playbook(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_all_problems_are_told_at_once() -> None:
    found = problems("nam: x\nphases:\n  - name: ''\n    phase_type: X\n    duration: 2\n")
    assert found == ["5:15: 2 is of type int, not a text: put it in quotes"]
    found = problems("nam: x\nphases:\n  - name: ''\n    phase_type: X\n    duration: soon\n")
    assert [line.split(": ")[0] for line in found] == ["1:1", "1:1", "3:11", "4:17", "5:15"]


def test_what_is_too_large_is_refused_and_long_values_are_not_repeated_whole() -> None:
    assert problems("a: " + "é" * 500_000) == ["1:1: the text is larger than 1000000 bytes"]
    assert all(len(line) < 200 for line in problems("name: " + "x" * 90 + "!" * 5000))
    assert all(len(line) < 200 for line in problems("name: !!int " + "x" * 5000))


def test_an_alias_bomb_is_refused() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for name, before in zip("bcdefg", "abcdef", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    (found,) = problems(bomb)
    assert found.endswith("values are more than 50000, aliases followed")


def test_a_hundred_phases_are_enough() -> None:
    phases = [PHASE.replace("A\n", f"A{n}\n") for n in range(101)]
    assert len(parse_playbook(HEAD + "".join(phases[:100]), "x").phases) == 100
    assert problems(HEAD + "".join(phases)) == [
        "3:3: phases: Tuple should have at most 100 items after validation, not 101"
    ]


@settings(max_examples=examples(300))
@given(st.text(alphabet=st.sampled_from("-:[]{}&*!|>'\"%@`#,? \n\tab1é~<"), max_size=60))
def test_any_text_is_a_playbook_or_an_error_with_a_place(text: str) -> None:
    with pytest.raises(PlaybookError) as caught:
        parse_playbook(text, "own.yaml")
    lines = text.count("\n") + 2
    assert all(1 <= p.line <= lines and p.column >= 1 for p in caught.value.problems)


@settings(max_examples=examples(150))
@given(st.data())
def test_any_mutation_of_a_playbook_is_read_or_refused_with_a_place(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SMALL)))
    end = data.draw(st.integers(start, min(len(SMALL), start + 30)))
    text = (
        SMALL[:start]
        + data.draw(st.sampled_from(["", "x", ":", "- ", "\n", "{", "]", "&a ", "null", "3"]))
        + SMALL[end:]
    )
    found: tuple[Problem, ...] = ()
    try:
        parse_playbook(text, "own.yaml")
    except PlaybookError as error:
        found = error.problems or (Problem(0, 0, "an error without a problem"),)
    assert all(p.line >= 1 and p.column >= 1 and p.message for p in found)


def test_the_schema_accepts_what_the_loader_accepts() -> None:
    schema = playbook_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    yaml = YAML(typ="safe", pure=True)
    assert list(validator.iter_errors(yaml.load(SMALL))) == []
    of_type = "      - {type: ADD_A, parameters: {n: 80}}\n"
    assert parse_playbook(HEAD + APPLY + of_type, "x").phases[0].types == ("ADD_A",)
    assert list(validator.iter_errors(yaml.load(HEAD + APPLY + of_type))) == []
    for playbook in builtin_playbooks().values():
        dumped = playbook.model_dump(mode="json", exclude_none=True)
        assert list(validator.iter_errors(dumped)) == []


@pytest.mark.parametrize(
    "text",
    [
        HEAD,
        HEAD + PHASE + "nam: y\n",
        HEAD + PHASE.replace("1 month", "a while"),
        HEAD + PHASE.replace("OBSERVABILITY", "X"),
        HEAD + PHASE.replace("stack: [Loki]", "transformations: [lint]"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(text: str) -> None:
    assert problems(text)
    validator = jsonschema.Draft202012Validator(playbook_schema())
    assert list(validator.iter_errors(YAML(typ="safe", pure=True).load(text)))


def test_every_field_of_a_playbook_is_described() -> None:
    definitions = playbook_schema()
    for name, model in [("Playbook", definitions), *definitions["$defs"].items()]:
        for field, about in model.get("properties", {}).items():
            assert about.get("description"), f"{name}.{field}"
