"""What the test environments of tox and nox are made of: the repository's own word on what its tests need."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.python_project import Project
from shiftdown.repository.detect.tree import Tree

_TEST_NAMES = ("test", "tests", "py", "unit", "unittests", "pytest", "testing")
"""What an environment for tests is called, where the base of all environments says nothing."""

_PLAIN = re.compile(r"[A-Za-z][\w.-]*(?:\[[\w,-]+\])?(?:[<>=!~][\w.,<>=!~*]*)?")
"""A requirement without markers and references to other settings."""


@dataclass(frozen=True, slots=True)
class TestEnvironment:
    """What is installed for the tests."""

    places: tuple[tuple[str, str], ...]
    """The extras, groups and requirements files, as `Need.place` names them."""
    packages: tuple[str, ...]
    """Requirements that only the environment lists."""


def environment_of(project: Project) -> TestEnvironment | None:
    """The test environment that tox or nox describes; `None` where neither does, or names what is not there."""
    for extras, groups, deps in (*_tox_toml(project), *_tox_ini(project), *_nox(project)):
        files = [m[1] for d in deps if (m := re.match(r"-r\s*(\S+)$", d))]
        packages = tuple(
            d for d in deps if re.fullmatch(r"[A-Za-z][\w.-]*(?:\[[\w,-]+\])?(?:[<>=!~][\w.,<>=!~*]*)?", d)
        )
        places = [
            *(("extra", n) for n in extras if n in project.extras),
            *(("group", n) for n in groups if n in project.groups),
            *(("file", n) for n in files if n in project.files),
        ]
        if places:
            return TestEnvironment(tuple(dict.fromkeys(places)), packages)
    return None


_Parts = tuple[list[str], list[str], list[str]]


def _tox_toml(project: Project) -> Iterator[_Parts]:
    own = project.tree.toml(project.tree.first(project.directory, "tox.toml"))
    for document, keys in ((own, ()), (project.pyproject, ("tool", "tox"))):
        if document is None:
            continue
        tables: list[tuple[str, ...]] = [(*keys, "env_run_base"), *((*keys, "env", n) for n in _TEST_NAMES)]
        for table in tables:
            parts = [document.strings(*table, k) for k in ("extras", "dependency_groups", "deps")]
            yield parts[0], parts[1], parts[2]


def _tox_ini(project: Project) -> Iterator[_Parts]:
    tree: Tree = project.tree
    document = tree.ini(tree.first(project.directory, "tox.ini"))
    if document is None and project.setup_cfg and project.setup_cfg.table("tox:tox"):
        document = project.setup_cfg
    for section in ("testenv", *(f"testenv:{n}" for n in _TEST_NAMES)) if document else ():
        if document:
            yield (
                _lines(document, section, "extras"),
                _lines(document, section, "dependency_groups"),
                _lines(document, section, "deps", separator=r"\n"),
            )


def _lines(document: Document, section: str, key: str, separator: str = r"[\n,]") -> list[str]:
    found = (part.split(" #")[0].strip() for part in re.split(separator, document.string(section, key) or ""))
    return [part for part in found if part]


def _nox(project: Project) -> Iterator[_Parts]:
    document = project.tree.text(project.tree.first(project.directory, "noxfile.py"))
    if document is None:
        return
    for session in re.split(r"^@(?=[\w.]*session\b)", document.text, flags=re.M)[1:]:
        if re.search(r"\bdef\s+(?:unit_?)?(?:tests?|pytest|unit)\b", session):
            extras = re.findall(r"['\"](?:-e\s*)?\.\[([\w,-]+)\]['\"]", session)
            groups = re.findall(r"--group(?:=|['\"]\s*,\s*['\"])([\w-]+)", session)
            groups += re.findall(r"dependency_groups\([^,()]+,\s*['\"]([\w-]+)['\"]", session)
            files = re.findall(r"['\"]-r['\"]\s*,\s*['\"]([\w./-]+)['\"]", session)
            yield [e for found in extras for e in found.split(",")], groups, [f"-r {f}" for f in files]
