"""Texts come back from GitLab as they were given, and say nothing that it takes for a command."""

import pytest

from shiftdown.forges.gitlab import texts


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ("Draft: Lint", "Lint"),
        ("draft:Lint", "Lint"),
        ("[Draft] Lint", "Lint"),
        ("(draft) Lint", "Lint"),
        ("Draft: [draft] Lint", "Lint"),
        ("Drafts are slow", "Drafts are slow"),
        ("Lint Draft: x", "Lint Draft: x"),
    ],
)
def test_what_makes_a_draft_is_no_part_of_a_title(given: str, title: str) -> None:
    assert texts.title_of(given) == title
    assert texts.is_draft(given) == (given != title)


@pytest.mark.parametrize("line", ["/close", "/merge now", "/assign @ada", "/label ~x\n/close"])
@pytest.mark.parametrize("before", ["", "Why.\n", "Why.\r\n", "\n\n"])
def test_no_line_is_a_command(before: str, line: str) -> None:
    made = texts.harmless(before + line)
    assert not any(part.startswith("/") for part in made.splitlines())
    assert texts.original(made) == before + line


@pytest.mark.parametrize("text", ["/", "// x", "a/b", "see /etc", "./close", "> /close"])
def test_what_is_no_command_stays(text: str) -> None:
    assert texts.harmless(text) == text


def test_groups_are_asked_in_the_description() -> None:
    made = texts.description_of("Why.\n\n/close", ["acme/core", "acme/sec/ops"])
    assert "@acme/core, @acme/sec/ops" in made
    assert texts.body_of(made) == ("Why.\n\n/close", ("acme/core", "acme/sec/ops"))
    assert texts.body_of(texts.description_of("Why.", ())) == ("Why.", ())
    assert texts.body_of("Ask @acme/core") == ("Ask @acme/core", ())


def test_the_reason_of_a_close_comes_back() -> None:
    assert texts.reason_of(texts.closing_comment("not now")) == "not now"
    assert texts.reason_of("Closed: not now") is None
