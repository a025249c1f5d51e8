"""From what is said about versions to the version that is set up and the lines that are tested on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shiftdown.repository.versions.model import Choice, Conflict, LeftOut, Rank, Statement, Why
from shiftdown.repository.versions.ranges import Range, read, triple
from shiftdown.repository.versions.tables import Line, Table, shipped


@dataclass(frozen=True, slots=True)
class _Candidate:
    label: str
    """As set-up actions write it."""
    installed: str
    """The version that is then there."""
    line: Line | None = None


def solve(subject: str, statements: Iterable[Statement], table: Table | None = None) -> Choice:
    """The version to set up and the lines to test on, with the reasons.

    Statements are taken in the order of their rank, among the repository's own the nearer one first; one that leaves
    no version is dropped, and named with the one that it contradicts.

    Args:
        subject: The language or package manager.
        statements: What is said about it; those that cannot be read are passed over.
        table: Releases and needs; by default those that come with the package.
    """
    known = table or shipped()
    said = [(s, r) for s in sorted(statements, key=_order) if s.subject == subject and (r := _range(s))]
    candidates = _candidates(known.lines(subject), said)
    kept: list[tuple[Statement, Range]] = []
    conflicts = []
    for statement, allowed in said:
        if any(_fits(c, [*kept, (statement, allowed)]) for c in candidates):
            kept.append((statement, allowed))
        elif statement.rank <= Rank.NEED and (other := _opponent(candidates, kept, allowed)):
            conflicts.append(Conflict(kept=other, dropped=statement))
    fitting = [c for c in candidates if _fits(c, kept)]
    chosen = _chosen(fitting, kept, known.date)
    lines, left = _lines(known, subject, kept, chosen)
    newer = [c for c in candidates if c.line and c.line.settled <= known.date and c.line.until > known.date]
    why, because = _reason(kept, chosen, newer)
    return Choice(
        subject=subject,
        version=_label(chosen, because) if chosen else None,
        why=why,
        because=because,
        lines=lines,
        left_out=left,
        conflicts=tuple(conflicts),
        statements=tuple(s for s, _ in said),
    )


def _order(statement: Statement) -> tuple[int, int, int]:
    own = statement.rank in (Rank.PIN, Rank.RANGE)
    return (Rank.PIN if own else statement.rank, statement.distance if own else 0, statement.rank)


def _range(statement: Statement) -> Range | None:
    """What it allows. Of what a locked package says, an upper bound is only what its author knew of at the time."""
    allowed = read(statement.wants, statement.notation)
    if statement.rank is not Rank.LOCKED or allowed is None or allowed.open or not allowed.lowest:
        return allowed
    return read(f">={min(allowed.lowest, key=triple)}", "npm")


def _candidates(lines: Sequence[Line], said: Sequence[tuple[Statement, Range]]) -> list[_Candidate]:
    """The lines, and what statements name or begin with where that is no line; oldest first."""
    found = {line.line: _Candidate(line.line, line.newest or line.line, line) for line in lines}
    for statement, allowed in said:
        if statement.rank not in (Rank.CI, Rank.PIN, Rank.RANGE):
            continue
        if statement.least and any(allowed.allows(c.installed) for c in found.values()):
            continue
        lowest = tuple(v if v.count(".") > 1 else f"{v}.0" for v in allowed.lowest)
        for version in (allowed.exact, *_partial(statement.wants), *lowest):
            if version and version not in found and not any(version == c.installed for c in found.values()):
                found.setdefault(version, _Candidate(version, version))
    return sorted(found.values(), key=lambda c: (triple(c.installed), c.line is not None))


def _partial(wants: str) -> tuple[str, ...]:
    """The version that a text is, where it is one of fewer than three numbers: the newest of it is meant."""
    plain = wants.strip().lstrip("v=").replace(".x", "").replace(".*", "")
    return (plain,) if plain.replace(".", "").isdigit() and plain.count(".") < 2 else ()


def _fits(candidate: _Candidate, kept: Iterable[tuple[Statement, Range]]) -> bool:
    return all(allowed.allows(candidate.installed) for _, allowed in kept)


def _opponent(
    candidates: Sequence[_Candidate], kept: Sequence[tuple[Statement, Range]], allowed: Range
) -> Statement | None:
    """The statement that rules out what another allows: the first without which a version would be left."""
    fitting = [c for c in candidates if allowed.allows(c.installed)]
    alone = next((s for s, r in kept if not any(r.allows(c.installed) for c in fitting)), None)
    return alone or (kept[-1][0] if kept else None)


def _chosen(fitting: Sequence[_Candidate], kept: Sequence[tuple[Statement, Range]], date: str) -> _Candidate | None:
    lines = [c for c in fitting if c.line]
    if any(s.least for s, _ in kept):
        return next(iter([*lines, *fitting]), None)
    settled = [c for c in lines if c.line and c.line.settled <= date]
    current = [c for c in settled if c.line and c.line.until > date]
    return next(iter([*reversed(current), *reversed(settled), *reversed(lines), *reversed(fitting)]), None)


def _reason(
    kept: Sequence[tuple[Statement, Range]], chosen: _Candidate | None, maintained: Sequence[_Candidate]
) -> tuple[Why, Statement | None]:
    """The statement that decided: it names the version, says the least, or rules out a newer one; else the first."""
    own = [s for s, _ in kept if s.rank in (Rank.CI, Rank.PIN, Rank.RANGE, Rank.HINT)]
    if chosen is None:
        return Why.GUESS, None
    newer = [c for c in maintained if triple(c.installed) > triple(chosen.installed)]
    limit = next((s for s, r in kept if any(not r.allows(c.installed) for c in newer)), None)
    if not own:
        return Why.GUESS, limit
    if any(s.least for s in own):
        raised = [(s, r) for s, r in kept if r.lowest and not _below(r, chosen)]
        first = next((s for s, _ in raised if s.least), None) or next((s for s, _ in raised), None)
        return Why.OLDEST, first or next(s for s in own if s.least)
    named = next((s for s in own if not s.bounds or _narrow(s)), None)
    return (Why.NAMED, named) if named else (Why.NEWEST, limit or own[0])


def _below(allowed: Range, chosen: _Candidate) -> bool:
    """Whether a range begins below the line that was chosen, so that it did not decide."""
    return min(map(triple, allowed.lowest))[:1] < triple(chosen.installed)[:1]


def _narrow(statement: Statement) -> bool:
    allowed = _range(statement)
    return bool(allowed and (allowed.exact or _partial(statement.wants)))


def _label(chosen: _Candidate, because: Statement | None) -> str:
    """The version as it is asked for: a file's own words where they name the version that was chosen."""
    if because and because.label and not because.least:
        return because.label
    return chosen.label


def _lines(
    table: Table, subject: str, kept: Sequence[tuple[Statement, Range]], chosen: _Candidate | None
) -> tuple[tuple[str, ...], tuple[LeftOut, ...]]:
    own = [(s, r) for s, r in kept if s.bounds and s.rank in (Rank.CI, Rank.RANGE)]
    others = [(s, r) for s, r in kept if s.rank in (Rank.NEED, Rank.LOCKED)]
    if not own or any(r.exact for _, r in own):
        return (), ()
    found, left = [], []
    for line in table.lines(subject):
        version = line.newest or line.line
        if not all(r.allows(version) for _, r in own) or line.settled > table.date:
            continue
        against = next((s for s, r in others if not r.allows(version)), None)
        mine = chosen is not None and chosen.line is line
        if against or (line.until <= table.date and not mine):
            ended = line.until if line.until <= table.date else None
            left.append(LeftOut(line=line.line, ended=ended, because=against))
        else:
            found.append(line.line)
    return tuple(found), tuple(left)
