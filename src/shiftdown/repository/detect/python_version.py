"""What is said about the version of Python."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect.facts import beside
from shiftdown.repository.detect.python_project import Project
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.detect.version_files import base_image, need, pins
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command
from shiftdown.repository.versions import Choice, Rank, Statement, solve

_PACKAGE = re.compile(r'^\[\[package\]\]\s+name = "([^"]+)"(?:(?!^\[\[package\]\]).*\n?)*', re.M)
_COMPILED = re.compile(r"-cp3(\d+)-cp3\d+-")
_ANY_PYTHON = re.compile(r"-abi3-|-py3-|-py2\.py3-")
_GROUPS = "25.1"
"""The pip that brought `--group`."""


def choose(project: Project, containers: tuple[str, ...], install: Command | None, lock: str | None) -> Choice:
    """The version to develop with and those to test on."""
    return solve("python", _said(project, containers, install, lock))


def _said(
    project: Project, containers: tuple[str, ...], install: Command | None, lock: str | None
) -> Iterator[Statement]:
    tree, directory = project.tree, project.directory
    yield from pins(tree, directory, "python")
    document = tree.text(tree.first(directory, "runtime.txt"))
    match = document.find(r"^python-(3\.\d+(?:\.\d+)?)") if document else None
    if document and match:
        evidence = document.at(f"{document.path} says {match[1]}", match.start(1))
        yield _statement(match[1], evidence, rank=Rank.PIN, bounds=False)
    requires = project.requires
    if requires:
        yield _statement(requires.value, requires.evidence)
    if project.classified:
        wants = " || ".join(f"=={v}.*" for v in project.classified)
        yield _statement(wants, _classifiers(project))
    yield from _wheels(tree, lock)
    yield from base_image(tree, beside(containers, directory), "python", "python")
    if install and "--group " in install.run and install.tool == "pip":
        yield from need("python", "pip", _GROUPS, install.evidence, "pip --group, of pip")


def _wheels(tree: Tree, lock: str | None) -> Iterator[Statement]:
    """The newest Python that all locked packages with compiled parts have wheels for."""
    document = tree.text(lock) if (lock or "").endswith(("uv.lock", "poetry.lock", "pdm.lock")) else None
    newest: tuple[int, Statement] | None = None
    for package in _PACKAGE.finditer(document.text if document else ""):
        minors = [int(m) for m in _COMPILED.findall(package[0])]
        if not minors or document is None or _ANY_PYTHON.search(package[0]):
            continue
        if newest is None or max(minors) < newest[0]:
            fact = f"{package[1]} has wheels for Python 3.{max(minors)} at most"
            evidence = document.at(fact, package.start(1))
            newest = max(minors), _statement(f"<3.{max(minors) + 1}", evidence, rank=Rank.LOCKED)
    if newest:
        yield newest[1]


def _statement(wants: str, evidence: Evidence, *, rank: Rank = Rank.RANGE, bounds: bool = True) -> Statement:
    return Statement(subject="python", wants=wants, notation="python", rank=rank, bounds=bounds, evidence=evidence)


def _classifiers(project: Project) -> Evidence:
    """The newest version in the classifiers, which need not be one that the table of releases knows."""
    version = max(project.classified, key=lambda v: [int(n) for n in v.split(".")])
    fact, text = f"the newest version in its classifiers is {version}", f"Programming Language :: Python :: {version}"
    for document, keys in (
        (project.pyproject, ("project", "classifiers")),
        (project.pyproject, ("tool", "poetry", "classifiers")),
        (project.setup_cfg, ("metadata", "classifiers")),
    ):
        if document and re.search(rf"{re.escape(text)}(?![.\d])", str(document.get(*keys))):
            return document.entry(fact, text, *keys)
    if project.setup_py and "classifiers" in project.setup_py.nodes:
        return project.setup_py.evidence(fact, "classifiers", text)
    return Evidence(fact=fact, path=project.manifest)
