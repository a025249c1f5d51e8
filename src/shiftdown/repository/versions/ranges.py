"""Ranges of versions, in the notations of npm, PEP 440 (and Poetry), Composer, RubyGems and Maven.

Python's are read by `packaging`. All others are rewritten as npm writes them and read here: libraries for npm ranges
refuse what manifests really hold (">= 18", "20.x || 22.x.x", "v18"), and none says where a range begins.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from packaging.specifiers import InvalidSpecifier, SpecifierSet

Triple = tuple[int, int, int]
END: Triple = (10**6, 0, 0)
"""Above all versions."""
_ANY: tuple[Triple, Triple] = ((0, 0, 0), END)
_COMPARATOR = re.compile(r"(?P<op>[<>]=?|[~^=])?\s*v?(?P<version>\d+(?:\.(?:\d+|[xX*]))*)[-+\w.]*|(?P<any>[xX*])")


@dataclass(frozen=True, slots=True)
class Range:
    """The versions that a statement allows."""

    spans: tuple[tuple[Triple, Triple], ...] = ()
    """Half-open intervals."""
    specifiers: tuple[SpecifierSet, ...] = ()
    """For Python instead: one must hold. They know what intervals do not, such as `!=`."""

    def allows(self, version: str) -> bool:
        """Whether it allows a version; one of fewer than three numbers is its newest release.

        "3.11" for which nobody knows the newest is taken as 3.11.99: a bound within a line leaves the line out, as what
        would be installed is the newest.
        """
        if self.specifiers:
            parts = triple(version)
            whole = version if version.count(".") > 1 else f"{parts[0]}.{parts[1]}.99"
            return any(s.contains(whole) for s in self.specifiers)
        low = triple(version)
        if version.count(".") > 1:
            return any(a <= low < b for a, b in self.spans)
        high = (low[0], low[1] + 1, 0) if "." in version else (low[0] + 1, 0, 0)
        return any(a < high and b >= high for a, b in self.spans)

    @property
    def lowest(self) -> tuple[str, ...]:
        """Where it begins, one for each alternative that has a beginning."""
        if self.specifiers:
            found = [s.version for one in self.specifiers for s in one if s.operator in (">=", "==", "~=", "===")]
            return tuple(re.sub(r"\.\*$", "", v) for v in found)
        return tuple(".".join(map(str, low)) for low, _ in self.spans if low > (0, 0, 0))

    @property
    def open(self) -> bool:
        """Whether it allows versions that are yet to come."""
        if self.specifiers:
            return any(s.contains("3.99.99") for s in self.specifiers)
        return any(high >= (1000, 0, 0) for _, high in self.spans)

    @property
    def exact(self) -> str | None:
        """The only version that it allows, where that is a single one of three numbers."""
        if self.specifiers:
            all_ = [s for one in self.specifiers for s in one if s.operator in ("==", "===")]
            found = next((s.version for s in all_ if re.fullmatch(r"\d+\.\d+\.\d+", s.version)), None)
            return found if len(self.specifiers) == 1 else None
        if len(self.spans) != 1:
            return None
        low, high = self.spans[0]
        return ".".join(map(str, low)) if high == (low[0], low[1], low[2] + 1) else None


def triple(version: str) -> Triple:
    """The first three numbers of a version; those that it lacks are 0."""
    return _triple([int(p) for p in re.findall(r"\d+", version)[:3]])


def read(text: str, notation: str) -> Range | None:
    """A range; `None` when it is none.

    Args:
        text: The range.
        notation: "npm", "python", "composer", "gem" or "maven".
    """
    return _read(text, notation) if len(text) < 500 else None


@lru_cache(maxsize=2048)
def _read(text: str, notation: str) -> Range | None:
    if notation == "python":
        sets = tuple(s for part in text.split("||") if (s := _specifiers(part)) is not None)
        return Range(specifiers=sets) if sets else None
    if notation == "composer":
        text = re.sub(r"~\s*(\d+\.\d+)(?!\.)", r"^\1", text).replace(",", " ")
        text = re.sub(r"(?<!\|)\|(?!\|)", "||", text)
    elif notation == "gem":
        text = re.sub(r"~>\s*(\d+\.\d+)(?![.\d])", r"^\1", text).replace("~>", "~").replace(",", " ")
    elif notation == "maven":
        text = _maven(text)
    spans = tuple(i for part in text.split("||") if (i := _interval(part)))
    return Range(spans) if spans else None


def _maven(text: str) -> str:
    """A range of Maven as npm writes it: `[11,18)`; a plain version is the oldest that will do."""
    found = []
    for low_sign, low, high, high_sign in re.findall(r"([\[(])\s*([\d.]*)\s*(?:,\s*([\d.]*)\s*)?([\])])", text):
        if low and not high and "," not in text:
            found.append(low)
            continue
        sides = [f"{'>=' if low_sign == '[' else '>'}{low}"] if low else []
        sides += [f"{'<=' if high_sign == ']' else '<'}{high}"] if high else []
        found.append(" ".join(sides) or "*")
    return " || ".join(found) or f">={text.strip()}"


def _interval(text: str) -> tuple[Triple, Triple] | None:
    """The half-open interval of one alternative of a range (node-semver, "Ranges")."""
    low, high = _ANY
    text = text.strip()
    hyphen = re.fullmatch(r"v?([\d.xX*]+)\s+-\s+v?([\d.xX*]+)", text)
    if hyphen:
        text = f">={hyphen[1]} <={hyphen[2]}"
    matches = list(_COMPARATOR.finditer(text))
    if not matches and text:
        return None
    for match in matches:
        if match["any"]:
            continue
        lower, upper = _comparator(match["op"] or "=", match["version"])
        low, high = max(low, lower), min(high, upper)
    return (low, high) if low < high else None


def _comparator(operator: str, version: str) -> tuple[Triple, Triple]:
    parts = [int(p) for p in re.findall(r"\d+", re.split(r"[xX*]", version)[0])[:3]]
    if not parts or max(parts) > 10**6:
        return _ANY
    base = _triple(parts)
    after = _triple([*parts[:-1], parts[-1] + 1])
    match operator:
        case ">=":
            return base, END
        case ">":
            return after, END
        case "<":
            return _ANY[0], base
        case "<=":
            return _ANY[0], after
        case "^":
            lead = next((i for i, p in enumerate(parts) if p), len(parts) - 1)
            return base, _triple([*parts[:lead], parts[lead] + 1])
        case "~":
            return base, _triple([parts[0], parts[1] + 1] if len(parts) > 1 else [parts[0] + 1])
    return base, after


def _triple(parts: Sequence[int]) -> Triple:
    padded = [*parts, 0, 0, 0]
    return padded[0], padded[1], padded[2]


def _specifiers(text: str) -> SpecifierSet | None:
    clauses = [_clause(c) for c in re.split(r"[,\s]+(?![\d.])|,", text.strip()) if c.strip()]
    try:
        return SpecifierSet(",".join(c for c in clauses if c))
    except InvalidSpecifier:
        return None


def _clause(text: str) -> str:
    text = text.strip().replace(" ", "")
    match = re.fullmatch(r"(\^|~(?!=))?v?(\d+(?:\.\d+)*)(\.\*)?", text)
    if text == "*":
        return ""
    if not match:
        return text
    parts = [int(p) for p in match[2].split(".")]
    if match[1] == "^":
        return f">={match[2]},<{parts[0] + 1}"
    if match[1] == "~":
        upper = f"{parts[0]}.{parts[1] + 1}" if len(parts) > 1 else str(parts[0] + 1)
        return f">={match[2]},<{upper}"
    return f"=={match[2]}" if len(parts) > 2 else f"=={match[2]}.*"
