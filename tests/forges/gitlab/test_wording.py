"""Texts come back from GitLab as they were given, and say nothing that it takes for a command."""

import pytest

from shiftdown.forges.gitlab import wording


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
    assert wording.title_of(given) == title
    assert wording.is_draft(given) == (given != title)


@pytest.mark.parametrize("line", ["/close", "/merge now", "/assign @ada", "/label ~x\n/close"])
@pytest.mark.parametrize("before", ["", "Why.\n", "Why.\r\n", "\n\n"])
def test_no_line_is_a_command(before: str, line: str) -> None:
    made = wording.harmless(before + line)
    assert not any(part.startswith("/") for part in made.splitlines())
    assert wording.original(made) == before + line


@pytest.mark.parametrize("text", ["/", "// x", "a/b", "see /etc", "./close", "> /close"])
def test_what_is_no_command_stays(text: str) -> None:
    assert wording.harmless(text) == text


def test_groups_are_asked_in_the_description() -> None:
    made = wording.description_of("Why.\n\n/close", ["acme/core", "acme/sec/ops"])
    assert "@acme/core, @acme/sec/ops" in made
    assert wording.body_of(made) == ("Why.\n\n/close", ("acme/core", "acme/sec/ops"))
    assert wording.body_of(wording.description_of("Why.", ())) == ("Why.", ())
    assert wording.body_of("Ask @acme/core") == ("Ask @acme/core", ())


def test_the_reason_of_a_close_comes_back() -> None:
    assert wording.reason_of(wording.closing_comment("not now")) == "not now"
    assert wording.reason_of("Closed: not now") is None
