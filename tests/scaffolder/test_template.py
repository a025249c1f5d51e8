"""Reading templates: what is kept, what is refused, and where."""

from typing import Any

import pytest

from shiftdown.scaffolder.template import NAME, TemplateError, error_at, parse_template

HEAD = "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: t\n"
MINIMAL = HEAD + "spec:\n  type: service\n  steps: []\n"

FULL = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata:
  name: full
  namespace: tools
  tags: [recommended]
  annotations: {shiftdown.dev/version: "1.2"}
  links: [{url: "https://example.org"}]
spec:
  type: service
  presentation: {buttonLabels: {createButtonText: Make it}}
  EXPERIMENTAL_recovery: {EXPERIMENTAL_strategy: startOver}
  EXPERIMENTAL_formDecorators: [{id: github, input: {test: 1}}]
  formDecorators: [{id: gitlab}]
  parameters:
    - title: Page
      when: ${{ parameters.a }}
      backstage:permissions: {tags: [admins]}
      properties:
        owner: {type: string, "ui:field": OwnerPicker, "ui:options": {catalogFilter: {kind: Group}}}
  steps:
    - action: debug:log
      backstage:permissions: {tags: [admins]}
      if: ${{ parameters.a }}
      each: ${{ parameters.list }}
    - {id: second, name: Second, action: "fs:write", input: {path: a}}
  output:
    links: [{title: Repo, url: "${{ steps.a.output.b }}", if: "${{ parameters.a }}"}]
    text: [{title: Note, content: Hello}]
    more: 1
"""


def test_everything_is_kept() -> None:
    template = parse_template(FULL)
    assert template.ref == "template:tools/full"
    assert template.version == "1.2"
    dumped = template.model_dump(by_alias=True, exclude_unset=True)
    page = dumped["spec"]["parameters"][0]
    assert page["properties"]["owner"]["ui:options"] == {"catalogFilter": {"kind": "Group"}}
    assert page["backstage:permissions"] == {"tags": ["admins"]}
    assert dumped["spec"]["EXPERIMENTAL_recovery"] == {"EXPERIMENTAL_strategy": "startOver"}
    assert dumped["spec"]["EXPERIMENTAL_formDecorators"] == [{"id": "github", "input": {"test": 1}}]
    assert dumped["spec"]["formDecorators"] == [{"id": "gitlab"}]
    assert dumped["spec"]["presentation"] == {"buttonLabels": {"createButtonText": "Make it"}}
    assert template.output["links"][0]["if"] == "${{ parameters.a }}"
    assert template.output["more"] == 1


def test_steps_have_ids_and_names() -> None:
    steps = parse_template(FULL).steps
    assert [(s.id, s.name) for s in steps] == [("step-1", "debug:log"), ("second", "Second")]


def test_pages_of_a_single_form() -> None:
    template = parse_template(MINIMAL + "  parameters: {properties: {}}\n")
    assert template.pages == [{"properties": {}}]
    assert parse_template(MINIMAL).pages == []


def test_the_template_among_several_documents() -> None:
    text = "# a comment\n---\nkind: Location\n---\n" + MINIMAL.replace("name: t", "name: found")
    assert parse_template(text).metadata.name == "found"


def test_keys_are_text_as_in_json() -> None:
    template = parse_template(MINIMAL.replace("[]", "[{action: a, input: {1: x, false: y, 1.5: z}}]"))
    assert template.spec.steps[0].input == {"1": "x", "false": "y", "1.5": "z"}


def test_two_steps_with_one_id_run() -> None:
    parse_template(MINIMAL.replace("[]", "[{id: a, action: x}, {id: a, action: y}]"))


def test_a_last_line_without_a_line_feed() -> None:
    assert parse_template(MINIMAL + "  output:\n    a: |\n      text").output == {"a": "text\n"}


def test_includes_are_read_relative_to_the_template() -> None:
    template = parse_template(
        MINIMAL + "  parameters: {$yaml: ./p.yaml}\n", read={"./p.yaml": "title: P\n"}.__getitem__
    )
    assert template.pages == [{"title": "P"}]


@pytest.mark.parametrize(
    ("text", "line", "path", "expected"),
    [
        ("", None, "", "the file is empty"),
        ("- a\n", 1, "", "expected a mapping with apiVersion, kind, metadata and spec, found a list"),
        ("a: [\n", 2, "", "is not valid YAML"),
        (MINIMAL.replace("v1beta3", "v1beta2"), 1, "apiVersion", "Input should be 'scaffolder.backstage.io/v1beta3'"),
        (MINIMAL.replace("  name: t\n", "  title: t\n"), 3, "metadata.name", "Field required"),
        (MINIMAL.replace("  name: t\n", "  name: 5\n"), 4, "metadata.name", "valid string"),
        (MINIMAL.replace("  name: t\n", "  name: t\n  description:\n"), 5, "metadata.description", "is empty"),
        (
            MINIMAL.replace("  name: t\n", "  name: t\n  annotations: {a: true}\n"),
            5,
            "metadata.annotations.a",
            "string",
        ),
        (MINIMAL.replace("  name: t\n", "  name: t\n  tags: ['']\n"), 5, "metadata.tags.0", "at least 1"),
        (MINIMAL + "extra: 1\n", 8, "extra", "Extra inputs are not permitted"),
        (MINIMAL.replace("  type: service\n", ""), 5, "spec.type", "Field required"),
        (MINIMAL.replace("[]", "[{id: a}]"), 7, "spec.steps.0.action", "Field required"),
        (MINIMAL.replace("[]", "\n    - action: a\n      input: [1]"), 9, "spec.steps.0.input", "valid dictionary"),
        (MINIMAL.replace("[]", "\n    - action: a\n      if: 5"), 9, "spec.steps.0.if", "valid"),
        (MINIMAL + "  parameters: text\n", 8, "spec.parameters", "valid"),
        (MINIMAL + "  parameters:\n    - text\n", 9, "spec.parameters.0", "valid dictionary"),
        (MINIMAL + "  output:\n    links:\n      - title: ''\n", 10, "spec.output.links.0.title", "at least 1"),
        (MINIMAL + "  secrets: {schema: 1}\n", 8, "spec.secrets.schema", "valid"),
        (MINIMAL + "  parameters: {$yaml: a.yaml}\n", 8, "spec.parameters", "includes cannot be read here"),
    ],
)
def test_errors_name_file_line_path_and_what_was_expected(
    text: str, line: int | None, path: str, expected: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(text, name="golden/template.yaml")
    error = caught.value
    assert (error.file, error.line, error.path) == ("golden/template.yaml", line, path)
    assert expected in error.expected
    assert str(error).startswith("golden/template.yaml" + (f":{line}" if line else ""))
    assert error.exit_code == 2


def test_a_later_document_keeps_its_lines() -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template("kind: Location\n---\n" + MINIMAL.replace("  type: service\n", "  type: 5\n"))
    assert caught.value.line == 8


def test_an_error_about_a_part_finds_its_line() -> None:
    assert error_at(MINIMAL, "t.yaml", ("spec", "type"), "x").line == 6


@pytest.mark.parametrize(("name", "good"), [("node-api", True), ("A.b_c", True), ("-a", False), ("a" * 64, False)])
def test_names_that_the_catalog_takes(name: str, good: bool) -> None:
    assert bool(NAME.fullmatch(name)) == good


def _bomb() -> str:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "text",
    [_bomb(), "a: " + "[" * 5000 + "]" * 5000, "a: &a [*a]\n", "a: !!python/object:os.system x\nb: [\n", "a: \x00\n"],
)
def test_hostile_yaml_is_an_error(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_template(text)


def test_data_of_any_shape_never_crashes() -> None:
    parts: list[Any] = ["text", "5", "[]", "{}", "null", "true", "[1]", "{a: 1}"]
    for key in ("apiVersion", "kind", "metadata", "spec"):
        for part in parts:
            lines = [line for line in MINIMAL.splitlines() if not line.startswith((key, " "))]
            with pytest.raises(TemplateError):
                parse_template("\n".join([*lines, f"{key}: {part}"]))
