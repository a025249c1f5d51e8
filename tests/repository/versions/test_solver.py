import pytest

from shiftdown.repository import Evidence
from shiftdown.repository.versions import Choice, Rank, Statement, Why, solve
from shiftdown.repository.versions.ranges import read
from shiftdown.repository.versions.tables import shipped


def said(wants: str, rank: Rank = Rank.RANGE, subject: str = "node", **more: object) -> Statement:
    evidence = Evidence(fact=f"it wants {wants}", path=f"{rank.name.lower()}.txt", line=1)
    notation = "python" if subject == "python" else "npm"
    return Statement.model_validate(
        {"subject": subject, "wants": wants, "notation": notation, "rank": rank, "evidence": evidence, **more}
    )


def outcome(choice: Choice) -> tuple[str | None, Why, tuple[str, ...]]:
    return choice.version, choice.why, choice.lines


@pytest.mark.parametrize(
    ("text", "notation", "inside", "outside"),
    [
        ("^20.11.0", "npm", ("20.11.0", "20", "20.12"), ("20.10.0", "21.0.0", "22")),
        (">= 18", "npm", ("18", "26"), ("16",)),
        ("20.x || 22.x.x", "npm", ("20", "22.1.0"), ("21",)),
        ("v18", "npm", ("18.20.8",), ("20",)),
        ("^20 || ^22 || >=24", "npm", ("20", "22", "24", "26"), ("18", "21", "23")),
        ("18 - 20", "npm", ("18", "20"), ("22",)),
        (">=3.9,<=3.11", "python", ("3.10", "3.11.0"), ("3.11", "3.12")),
        (">=3.9,!=3.11.3", "python", ("3.11", "3.11.4"), ("3.11.3",)),
        ("^3.9 || ^4", "python", ("3.9",), ("3.8",)),
        ("~8.2.0", "composer", ("8.2",), ("8.3",)),
        ("^7.4|^8.1", "composer", ("7.4", "8.4"), ("8.0.1", "9.0")),
        ("~> 3.2", "gem", ("3.2", "3.4"), ("4.0",)),
        ("~> 3.2.1", "gem", ("3.2",), ("3.3",)),
        ("[11,18)", "maven", ("11", "17"), ("8", "21")),
        ("17", "maven", ("17", "21"), ("11",)),
        ("(,17],[21,)", "maven", ("8", "21"), ("18.0.1",)),
    ],
)
def test_ranges(text: str, notation: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    found = read(text, notation)
    assert found is not None
    assert [v for v in inside if not found.allows(v)] == []
    assert [v for v in outside if found.allows(v)] == []


@pytest.mark.parametrize(("text", "notation"), [("nonsense", "npm"), ("nonsense", "python"), ("9" * 600, "npm")])
def test_what_is_no_range(text: str, notation: str) -> None:
    assert read(text, notation) is None


def test_nothing_said_is_a_guess() -> None:
    assert outcome(solve("node", [])) == ("24", Why.GUESS, ())
    assert outcome(solve("python", [])) == ("3.14", Why.GUESS, ())


def test_an_open_range_means_the_newest_line_that_is_settled_in_every_language() -> None:
    assert outcome(solve("node", [said(">=16")])) == ("24", Why.NEWEST, ("22", "24"))
    assert outcome(solve("python", [said(">=3.8", subject="python")]))[0] == "3.14"
    assert outcome(solve("ruby", [said(">=3.1", subject="ruby")])) == ("4.0", Why.NEWEST, ("3.3", "3.4", "4.0"))


def test_lines_that_are_no_longer_maintained_are_left_out_with_the_day() -> None:
    left = solve("node", [said(">=18")]).left_out
    assert [(out.line, out.ended) for out in left] == [("18", "2025-04-30"), ("20", "2026-04-30")]


def test_a_range_of_nothing_but_old_lines_keeps_the_newest_of_them() -> None:
    assert outcome(solve("python", [said(">=3.7,<3.10", subject="python")])) == ("3.9", Why.NEWEST, ("3.9",))


def test_what_a_tool_needs_bounds_the_choice_and_the_lines() -> None:
    need = said(">=22.13", Rank.NEED)
    choice = solve("node", [said(">=18 <24"), need])
    assert outcome(choice) == ("22", Why.NEWEST, ("22",))
    choice = solve("java", [said(">=8 <22", Rank.NEED, "java")])
    assert (choice.version, choice.why, choice.because and choice.because.rank) == ("21", Why.GUESS, Rank.NEED)


def test_the_oldest_that_everything_runs_on_is_taken_where_a_target_is_named() -> None:
    target = said(">=8", subject="java", least=True)
    assert solve("java", [target]).version == "8"
    choice = solve("java", [target, said(">=17", Rank.NEED, "java")])
    assert (choice.version, choice.because and choice.because.rank) == ("17", Rank.NEED)


def test_an_exact_version_is_set_up_as_it_is_and_gets_no_matrix() -> None:
    assert outcome(solve("python", [said("==3.11.4", subject="python")])) == ("3.11.4", Why.NAMED, ())
    assert outcome(solve("node", [said("20.11.1")])) == ("20.11.1", Why.NAMED, ())


def test_a_bound_within_a_line_leaves_it_out_or_is_set_up_exactly() -> None:
    assert outcome(solve("python", [said(">=3.9,<=3.11", subject="python")])) == ("3.10", Why.NEWEST, ("3.10",))
    assert solve("python", [said(">=3.11,<=3.11", subject="python")]).version == "3.11.0"
    assert solve("node", [said("~20.10.0")]).version == "20.10.0"


def test_two_statements_that_no_version_satisfies_are_named() -> None:
    choice = solve("node", [said("18", Rank.PIN, bounds=False), said(">=22.13", Rank.NEED)])
    assert choice.version == "18"
    (conflict,) = choice.conflicts
    assert (conflict.kept.rank, conflict.dropped.rank) == (Rank.PIN, Rank.NEED)


def test_the_nearer_statement_counts_more_than_a_pin_farther_away() -> None:
    choice = solve("node", [said("18", Rank.PIN, bounds=False, distance=1), said("22.x")])
    assert choice.version == "22"
    (conflict,) = choice.conflicts
    assert (conflict.kept.wants, conflict.dropped.wants) == ("22.x", "18")


def test_what_ci_says_counts_most() -> None:
    choice = solve("node", [said("20", Rank.PIN, bounds=False), said(">=18"), said("22", Rank.CI)])
    assert (choice.version, choice.because and choice.because.rank) == ("22", Rank.CI)


def test_a_locked_package_that_knows_no_newer_version_does_not_hold_back() -> None:
    assert solve("node", [said(">=18"), said("8.x || 10.x || 12.x", Rank.LOCKED)]).lines == ("22", "24")
    assert solve("node", [said("18", Rank.PIN), said(">=20", Rank.LOCKED)]).conflicts == ()


def test_code_names_and_needs_of_the_table() -> None:
    table = shipped()
    assert table.named("node", "iron") == "20"
    assert table.need("java", "gradle", "8.5") == ">=8 <22"
    assert table.need("node", "pnpm", "11.4.0") == ">=22.13"
    assert table.need("node", "nothing", "1") is None


def test_every_rule_of_the_table_is_readable_and_lines_are_in_order() -> None:
    table = shipped()
    for tools in table.needs.values():
        for needs in tools.values():
            assert all(read(r.versions, "npm") and read(r.needs, "npm") for r in needs.rules)
    for releases in table.languages.values():
        assert [line.settled for line in releases.lines] == sorted(line.settled for line in releases.lines)
        assert all(line.settled < line.until for line in releases.lines)
