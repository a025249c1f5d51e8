"""What a Python project says about itself: name, versions, requirements and where each of them is listed."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import detected
from shiftdown.repository.detect.python_setup import Setup, read_setup
from shiftdown.repository.detect.tree import Tree, join, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected

MAIN = ("main", "")
"""The place of the requirements that are installed with the project."""

REQUIREMENTS = re.compile(
    r"^(?:[\w.]+-)*(?:requirements|requires)(?:[-_.][\w.-]+)?\.(?:txt|in)$|^dev-requirements\.txt$"
)
"""What a requirements file is called."""


@dataclass(frozen=True, slots=True)
class Need:
    """One requirement."""

    name: str
    """Its normalised name (PEP 503)."""
    text: str
    """The requirement as written."""
    place: tuple[str, str]
    """Where it is listed: ("main", ""), ("extra", NAME), ("group", NAME), ("file", PATH), ("hatch", ENV) …"""
    evidence: Evidence
    """The line."""


@dataclass
class Project:
    """A Python project."""

    tree: Tree
    directory: str
    pyproject: Document | None = None
    setup_cfg: Document | None = None
    setup_py: Setup | None = None
    pipfile: Document | None = None
    hatch: Document | None = None
    """Its settings of Hatch, with `envs` at the top."""
    manifest: str = ""
    name: str | None = None
    requires: Detected | None = None
    """Which versions of Python it needs, as written."""
    classified: list[str] = field(default_factory=list)
    """The versions in its classifiers."""
    classifiers: list[str] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    optional_groups: set[str] = field(default_factory=set)
    """Groups that are only installed when they are asked for (Poetry)."""
    files: list[str] = field(default_factory=list)
    """Its requirements files, relative to its directory."""
    scripts: dict[str, str] = field(default_factory=dict)
    """Console scripts: name to module and function."""
    extension: bool = False
    """Whether it has extension modules to compile."""

    @property
    def backend(self) -> str | None:
        """Its build backend."""
        return self.pyproject.string("build-system", "build-backend") if self.pyproject else None

    @property
    def packaged(self) -> bool:
        """Whether it says how it is built and installed."""
        pyproject = self.pyproject
        declared = pyproject is not None and (
            bool(pyproject.table("project"))
            or bool(pyproject.table("build-system"))
            or bool(pyproject.table("tool", "poetry"))
        )
        return declared or self.setup_py is not None or bool(self.setup_cfg and self.setup_cfg.table("metadata"))

    def place(self, name: str) -> Need | None:
        """The first place that lists a requirement."""
        return next((n for n in self.needs if n.name == name), None)

    def of(self, place: tuple[str, str]) -> set[str]:
        """The names of the requirements in a place, with those of places that it includes."""
        return {n.name for n in self.needs if n.place == place}


def read_project(tree: Tree, directory: str) -> Project:
    """Read everything that a directory says about the Python project in it."""
    project = Project(tree, directory)
    project.pyproject = tree.toml(tree.first(directory, "pyproject.toml"))
    project.setup_cfg = tree.ini(tree.first(directory, "setup.cfg"))
    project.setup_py = read_setup(tree, tree.first(directory, "setup.py"))
    project.pipfile = tree.toml(tree.first(directory, "Pipfile"))
    project.hatch = tree.toml(tree.first(directory, "hatch.toml"))
    if project.hatch is None and project.pyproject and project.pyproject.table("tool", "hatch"):
        project.hatch = project.pyproject.part("tool", "hatch")
    for read in _READERS:
        read(project)
    found = tree.first(directory, "pyproject.toml", "setup.py", "setup.cfg", "Pipfile", *project.files, "manage.py")
    if project.pyproject is not None and not project.packaged:
        found = tree.first(directory, "setup.py", "Pipfile", "requirements.txt", "pyproject.toml")
    project.manifest = found or ""
    versions = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", c.strip()) for c in project.classifiers)
    project.classified = [m[1] for m in versions if m]
    return project


def _add(project: Project, texts: Iterable[Any], place: tuple[str, str], document: Document, *keys: str) -> None:
    """Requirements that stand below some keys; in a file of its own there are none."""
    _need(project, texts, place, lambda fact, text: document.entry(fact, text, *keys))


def _need(
    project: Project, texts: Iterable[Any], place: tuple[str, str], locate: Callable[[str, str], Evidence]
) -> None:
    for text in texts:
        if not isinstance(text, str):
            continue
        line = text.split(" #")[0].split(";")[0].strip()
        name = _requirement_name(line)
        if name:
            where = f"the {place[0]} {place[1]}" if place[1] else "the requirements"
            project.needs.append(Need(name, line, place, locate(f"{name} is in {where}", text)))


def _requirement_name(text: str) -> str | None:
    try:
        return canonicalize_name(Requirement(text).name)
    except InvalidRequirement:
        match = re.match(r"^([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(?:[=<>!~@(]|$)", text)
        return canonicalize_name(match[1]) if match else None


def _read_pep621(project: Project) -> None:
    document = project.pyproject
    if document is None or not document.table("project"):
        return
    project.name = document.string("project", "name")
    _set_requires(project, document, "project", "requires-python")
    project.classifiers += document.strings("project", "classifiers")
    _add(project, document.strings("project", "dependencies"), MAIN, document, "project", "dependencies")
    for extra, texts in document.table("project", "optional-dependencies").items():
        project.extras.append(extra)
        keys = ("project", "optional-dependencies", extra)
        for text in _expanded_extra(project.name, document.table(*keys[:2]), extra):
            _add(project, [text], ("extra", extra), document, *(keys if text in texts else keys[:2]))
    project.scripts |= {k: v for k, v in document.table("project", "scripts").items() if isinstance(v, str)}


def _expanded_extra(name: str | None, extras: dict[str, Any], wanted: str) -> list[str]:
    """The requirements of an extra, with those of the extras of the same project that it names."""
    found: list[str] = []
    waiting, seen = [wanted], set()
    while waiting:
        extra = waiting.pop(0)
        if extra in seen:
            continue
        seen.add(extra)
        for text in extras.get(extra) or [] if isinstance(extras.get(extra), list) else []:
            match = re.match(r"^\s*([\w.-]+)\s*\[([^\]]*)\]", text) if isinstance(text, str) else None
            if match and name and canonicalize_name(match[1]) == canonicalize_name(name):
                waiting += [e.strip() for e in match[2].split(",")]
            elif isinstance(text, str):
                found.append(text)
    return found


def _read_poetry(project: Project) -> None:
    document = project.pyproject
    poetry = document.table("tool", "poetry") if document else {}
    if document is None or not poetry:
        return
    project.name = project.name or document.string("tool", "poetry", "name")
    project.classifiers += document.strings("tool", "poetry", "classifiers")
    _set_requires(project, document, "tool", "poetry", "dependencies", "python")
    optional = {n for n, v in document.table("tool", "poetry", "dependencies").items() if _optional(v)}
    main = [n for n in document.table("tool", "poetry", "dependencies") if n != "python" and n not in optional]
    _add(project, main, MAIN, document, "tool", "poetry", "dependencies")
    for extra, names in document.table("tool", "poetry", "extras").items():
        project.extras.append(extra)
        _add(
            project,
            names if isinstance(names, list) else [],
            ("extra", extra),
            document,
            "tool",
            "poetry",
            "extras",
            extra,
        )
    legacy = document.table("tool", "poetry", "dev-dependencies")
    if legacy:
        _group(project, "dev")
        _add(project, legacy, ("group", "dev"), document, "tool", "poetry", "dev-dependencies")
    for group in document.table("tool", "poetry", "group"):
        keys = ("tool", "poetry", "group", group, "dependencies")
        _group(project, group)
        if document.get("tool", "poetry", "group", group, "optional") is True:
            project.optional_groups.add(group)
        _add(project, document.table(*keys), ("group", group), document, *keys)
    project.scripts |= {k: v for k, v in document.table("tool", "poetry", "scripts").items() if isinstance(v, str)}


def _optional(value: Any) -> bool:
    return isinstance(value, dict) and value.get("optional") is True


def _group(project: Project, name: str) -> None:
    if name not in project.groups:
        project.groups.append(name)


def _read_tools(project: Project) -> None:
    """PEP 735 groups, and those that PDM, uv and Hatch have of their own."""
    document = project.pyproject
    if document is None:
        return
    for group in document.table("dependency-groups"):
        _group(project, group)
        for text, source in _expanded_group(document.table("dependency-groups"), group):
            _add(project, [text], ("group", group), document, "dependency-groups", source)
    for group, texts in document.table("tool", "pdm", "dev-dependencies").items():
        _group(project, group)
        keys = ("tool", "pdm", "dev-dependencies", group)
        _add(project, texts if isinstance(texts, list) else [], ("group", group), document, *keys)
    lock = "requirements-dev.lock"  # Rye's, which pip can install from
    if project.tree.has(project.directory, lock):
        _add(project, document.strings("tool", "rye", "dev-dependencies"), ("file", lock), document, "tool", "rye")
    development = document.strings("tool", "uv", "dev-dependencies")
    if development:
        _group(project, "dev")
        _add(project, development, ("group", "dev"), document, "tool", "uv", "dev-dependencies")


def _read_hatch(project: Project) -> None:
    document = project.hatch
    for env in document.table("envs") if document else ():
        for key in ("dependencies", "extra-dependencies"):
            if document:
                _add(project, document.strings("envs", env, key), ("hatch", env), document, "envs", env, key)


def _expanded_group(groups: dict[str, Any], wanted: str) -> Iterator[tuple[str, str]]:
    waiting, seen = [wanted], set()
    while waiting:
        group = waiting.pop(0)
        if group in seen or not isinstance(groups.get(group), list):
            continue
        seen.add(group)
        for entry in groups[group]:
            if isinstance(entry, str):
                yield entry, group
            elif isinstance(entry, dict) and isinstance(entry.get("include-group"), str):
                waiting.append(entry["include-group"])


def _read_setup_cfg(project: Project) -> None:
    document = project.setup_cfg
    if document is None:
        return
    project.name = project.name or document.string("metadata", "name")
    project.classifiers += (document.string("metadata", "classifiers") or "").splitlines()
    for key in ("python_requires", "python-requires"):
        _set_requires(project, document, "options", key)
    listed = (document.string("options", "install_requires") or "").splitlines()
    _add(project, listed, MAIN, document, "options", "install_requires")
    extras = {k: v.splitlines() for k, v in document.table("options.extras_require").items() if isinstance(v, str)}
    for extra in extras:
        project.extras.append(extra)
        _add(
            project, _expanded_extra(project.name, extras, extra), ("extra", extra), document, "options.extras_require"
        )
    for line in (document.string("options.entry_points", "console_scripts") or "").splitlines():
        _console_script(project, line)


def _read_setup_py(project: Project) -> None:
    setup = project.setup_py
    if setup is None:
        return
    values = setup.values
    project.name = project.name or (values["name"] if isinstance(values.get("name"), str) else None)
    project.extension = "ext_modules" in values or "cffi_modules" in values or "rust_extensions" in values
    if isinstance(values.get("classifiers"), list):
        project.classifiers += [c for c in values["classifiers"] if isinstance(c, str)]
    elif isinstance(values.get("classifiers"), str):
        project.classifiers += values["classifiers"].splitlines()
    requires = values.get("python_requires")
    if project.requires is None and isinstance(requires, str):
        project.requires = detected(requires, setup.evidence(f"python_requires is {requires}", "python_requires"))
    for keyword, place in (("install_requires", MAIN), ("tests_require", ("tests_require", ""))):
        _need(project, _listed(values.get(keyword)), place, _in_setup(setup, keyword))
    extras = values.get("extras_require")
    for extra, texts in extras.items() if isinstance(extras, dict) else ():
        project.extras.append(extra)
        _need(project, _listed(texts), ("extra", extra), _in_setup(setup, "extras_require"))
    points = values.get("entry_points")
    scripts = points.get("console_scripts") if isinstance(points, dict) else None
    for line in _listed(scripts):
        _console_script(project, line)


def _in_setup(setup: Setup, keyword: str) -> Callable[[str, str], Evidence]:
    return lambda fact, text: setup.evidence(fact, keyword, text.strip())


def _listed(value: Any) -> list[str]:
    return value.splitlines() if isinstance(value, str) else [v for v in value or [] if isinstance(v, str)]


def _console_script(project: Project, line: str) -> None:
    name, _, target = line.partition("=")
    if name.strip() and target.strip():
        project.scripts.setdefault(name.strip(), target.strip())


def _read_pipfile(project: Project) -> None:
    document = project.pipfile
    if document is None:
        return
    for section, place in (("packages", MAIN), ("dev-packages", ("group", "dev"))):
        _add(project, document.table(section), place, document, section)
    for key in ("python_version", "python_full_version"):
        version = document.string("requires", key)
        if version and project.requires is None:
            fact = f"{document.path} asks for Python {version}"
            project.requires = detected(f"=={version}.*", document.evidence(fact, "requires", key))


def _read_files(project: Project) -> None:
    tree, directory = project.tree, project.directory
    for name in tree.files(directory):
        if REQUIREMENTS.match(name):
            project.files.append(name)
    for folder in ("requirements", "reqs", "tests", "test"):
        for name in tree.files(join(directory, folder)):
            if name.endswith((".txt", ".in")) and (folder in ("requirements", "reqs") or REQUIREMENTS.match(name)):
                project.files.append(f"{folder}/{name}")
    project.files = [f for f in project.files if not (f.endswith(".in") and f"{f[:-3]}.txt" in project.files)][:50]
    tree.snapshot.prefetch(join(directory, f) for f in project.files)
    for file in project.files:
        for document in _included(tree, join(directory, file)):
            for number, line in _direct_lines(document.text):
                _need(project, [re.split(r"\s--hash", line)[0]], ("file", file), _on_line(document, number))


def _on_line(document: Document, number: int) -> Callable[[str, str], Evidence]:
    return lambda fact, _: Evidence(fact=fact, path=document.path, line=number)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with those that they go on with after a backslash, and the number of the first."""
    whole, first = "", 1
    for number, line in enumerate(text.split("\n"), start=1):
        part = line.removesuffix("\r")
        whole += part.removesuffix("\\")
        if part.endswith("\\"):
            whole += " "
            continue
        yield first, whole
        whole, first = "", number + 1
    if whole:
        yield first, whole


def _direct_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that somebody asked for: what pip-compile or uv wrote is left out where only others need it.

    These write above or beside each requirement `# via` and who needs it: `-r FILE`, the project itself, or packages.
    """
    lines = list(_logical_lines(text))
    for index, (number, line) in enumerate(lines):
        if line.lstrip().startswith("#"):
            continue
        comments = [line.partition(" #")[2]]
        for _, following in lines[index + 1 :]:
            if not re.match(r"[ \t]+#", following):
                break
            comments.append(following.strip().lstrip("#"))
        _, via, needing = " ".join(comments).partition(" via ")
        if not via or re.search(r"(?:^|\s)-r\s|\((?:pyproject\.toml|setup\.(?:py|cfg))\)", needing):
            yield number, line


def _included(tree: Tree, path: str) -> Iterator[Document]:
    """A requirements file and those that it includes with `-r`."""
    waiting, seen = [path], set[str]()
    while waiting and len(seen) < 200:
        current = waiting.pop(0)
        document = tree.text(current) if current not in seen else None
        seen.add(current)
        if document:
            yield document
            names = re.findall(r"^\s*(?:-r|--requirement)[ =]*([^\s#]+)", document.text, re.M)
            waiting += [join(parent(current), n) for n in names]


def includes(tree: Tree, path: str) -> set[str]:
    """The paths of the requirements files that one includes, itself left out."""
    return {d.path for d in _included(tree, path)} - {path}


def _set_requires(project: Project, document: Document, *keys: str) -> None:
    value = document.string(*keys)
    if value and project.requires is None:
        project.requires = detected(value, document.evidence(f"{keys[-1]} is {value}", *keys))


_READERS: tuple[Callable[[Project], None], ...] = (
    *(_read_pep621, _read_poetry, _read_tools, _read_hatch),
    *(_read_setup_cfg, _read_setup_py, _read_pipfile, _read_files),
)
