"""Which released versions of a runtime a range of versions allows.

The tables hold the release lines that the set-up actions offer and today's tools still run on; they bound test
matrices, nothing else. Sources: nodejs/Release, devguide.python.org/versions, endoflife.date for Go and Java.
"""

import re

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

NODE = ("18", "20", "22", "24")
"""Long-term support lines of Node.js, oldest first."""

NODE_NAMES = {"argon": "4", "boron": "6", "carbon": "8", "dubnium": "10", "erbium": "12", "fermium": "14"} | {
    "gallium": "16",
    "hydrogen": "18",
    "iron": "20",
    "jod": "22",
    "krypton": "24",
}
"""Code names of long-term support lines."""

PYTHON = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
"""Minor versions of CPython, oldest first."""

PYTHON_MAINTAINED = "3.10"
"""The oldest of them that is taken when a project only says "this or newer"."""

JAVA = ("8", "11", "17", "21", "25")
"""Long-term support releases of Java."""

_Triple = tuple[int, int, int]
_ANY: tuple[_Triple, _Triple] = ((0, 0, 0), (10**6, 0, 0))
_COMPARATOR = re.compile(r"(?P<op>[<>]=?|[~^=])?\s*v?(?P<version>\d+(?:\.(?:\d+|[xX*]))*)[-+\w.]*|(?P<any>[xX*])")


PHP = ("7.4", "8.0", "8.1", "8.2", "8.3", "8.4", "8.5")
"""Minor versions of PHP, oldest first."""

RUBY = ("3.0", "3.1", "3.2", "3.3", "3.4")
"""Minor versions of Ruby, oldest first."""


def php_versions(text: str) -> list[str]:
    """The versions in `PHP` that a constraint of Composer allows, oldest first."""
    return _minor_lines(re.sub(r"~\s*(\d+\.\d+)(?!\.)", r"^\1", text).replace(",", " "), PHP)


def ruby_versions(text: str) -> list[str]:
    """The versions in `RUBY` that requirements of RubyGems allow, oldest first."""
    plain = re.sub(r"~>\s*(\d+\.\d+)(?![.\d])", r"^\1", text).replace("~>", "~").replace(",", " ")
    return _minor_lines(plain, RUBY)


def _minor_lines(text: str, known: tuple[str, ...]) -> list[str]:
    ranges = [i for part in re.split(r"\|\|?", text) if (i := _npm_interval(part))]
    found = []
    for line in known:
        major, minor = (int(n) for n in line.split("."))
        if any(low < (major, minor + 1, 0) and high > (major, minor, 0) for low, high in ranges):
            found.append(line)
    return found


def node_lines(text: str) -> list[str]:
    """The lines in `NODE` that an npm version range allows, oldest first."""
    ranges = [_npm_interval(part) for part in text.split("||")]
    return [
        line
        for line in NODE
        if any(low < (int(line) + 1, 0, 0) and high > (int(line), 0, 0) for low, high in filter(None, ranges))
    ]


def lowest_node(text: str) -> str | None:
    """The major version that the newest alternative of an npm version range starts with."""
    lows = [i[0][0] for part in text.split("||") if (i := _npm_interval(part))]
    return str(max(lows)) if lows and max(lows) > 0 else None


def _npm_interval(text: str) -> tuple[_Triple, _Triple] | None:
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


def _comparator(operator: str, version: str) -> tuple[_Triple, _Triple]:
    parts = [int(p) for p in re.findall(r"\d+", re.split(r"[xX*]", version)[0])[:3]]
    if not parts or max(parts) > 10**6:
        return _ANY
    base = _triple(parts)
    after = _triple([*parts[:-1], parts[-1] + 1])
    match operator:
        case ">=":
            return base, _ANY[1]
        case ">":
            return after, _ANY[1]
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


def _triple(parts: list[int]) -> _Triple:
    padded = [*parts, 0, 0, 0]
    return padded[0], padded[1], padded[2]


def python_versions(text: str) -> list[str]:
    """The versions in `PYTHON` that a specifier allows (PEP 440, or Poetry's `^`, `~` and `||`), oldest first."""
    alternatives = [s for part in text.split("||") if (s := _specifiers(part)) is not None]
    return [v for v in PYTHON if any(_allows(s, v) for s in alternatives)]


def python_bounded(text: str) -> bool:
    """Whether a specifier names the newest version it allows, so that the newest is meant."""
    return all(re.search(r"<|==|~=|~\s*\d+\.|^\s*\d", part) for part in text.split("||")) and "<4" not in text


def _allows(specifiers: SpecifierSet, version: str) -> bool:
    exact = [s.version for s in specifiers if s.operator in ("==", "===") and s.version.startswith(f"{version}.")]
    return any(specifiers.contains(f"{version}.{micro}") for micro in (0, 1, 99)) or any(
        specifiers.contains(e) for e in exact if "*" not in e
    )


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


def newest(versions: list[str]) -> str | None:
    """The newest of several versions; those that are not versions are passed over."""
    return max((v for v in versions if _version(v)), key=lambda v: _version(v) or Version("0"), default=None)


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None
