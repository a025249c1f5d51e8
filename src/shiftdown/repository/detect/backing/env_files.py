"""Files of environment variables."""

import re

from shiftdown.repository.container_file import filled
from shiftdown.repository.detect.backing.addresses import Values
from shiftdown.repository.detect.tree import Tree, join
from shiftdown.repository.evidence import Evidence

FOR_TESTS = (
    ".env.test",
    ".env.testing",
    ".env.ci",
    ".env.test.example",
    ".env.testing.example",
    "test.env",
    ".env.tests",
)
"""Files that tests read."""
EXAMPLES = (
    ".env.example", ".env.sample", ".env.template", ".env.dist", ".env.default", ".env.defaults", ".env.local.example",
    ".env.development.example", "env.example", "example.env", ".example.env", "sample.env", ".env-example",
    ".env_example", ".env.development", ".env.dev", "dev.env",
)  # fmt: skip
"""Files that say how to begin."""
OWN = (".env", ".env.local")
"""Files with somebody's own values."""
_LINE = re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=[ \t]*(.*?)[ \t]*$", re.M)


def variables_in(tree: Tree, path: str) -> Values:
    """The variables of a file, those before them filled in."""
    document = tree.text(path)
    found: dict[str, tuple[str, Evidence]] = {}
    known: dict[str, str | None] = {}
    line, at = 1, 0
    for match in _LINE.finditer(document.text) if document else ():
        line += document.text.count("\n", at, match.start(1)) if document else 0
        at = match.start(1)
        value = filled(_unquoted(match[2]), known)
        known[match[1]] = value
        found[match[1]] = (value, Evidence(fact=f"{path} sets {match[1]}", path=path, line=line))
    return found


def _unquoted(text: str) -> str:
    quoted = re.match(r"^([\"'])(.*)\1(?:\s+#.*)?$", text)
    return quoted[2] if quoted else re.sub(r"(?:^|\s+)#.*$", "", text)


def env_files(tree: Tree, directory: str) -> list[tuple[str, bool]]:
    """The files for a directory, those for tests first, and whether their passwords may be taken over.

    Those at the root count for a directory that has none.
    """
    for place in dict.fromkeys((directory, "")):
        found = [(join(place, n), n not in OWN) for n in (*FOR_TESTS, *EXAMPLES, *OWN) if tree.has(place, n)]
        if found:
            return found
    return []
