"""What the container file of a component says of how it runs: whether it listens and where, and what starts it.

Services without a web framework (gRPC, workers) say it nowhere else.
"""

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shiftdown.repository.container_file import BuildStage, Instruction, filled, parse
from shiftdown.repository.detect.facts import beside, detected
from shiftdown.repository.detect.node_service import SERVERS
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose

_NAMES = ("Dockerfile", "Containerfile")
_WEB_SERVERS = re.compile(r"(?:^|/)(?:[\w.-]*nginx[\w.-]*|httpd|caddy|apache2?)(?:[:@-]|$)")
_SHELLS = frozenset(("sh", "bash", "ash", "zsh", "tail", "sleep", "make", "pytest", "tox", "true", "cat"))
"""What starts containers to work in, or to test in."""
_PROGRAMS: Mapping[str, Language] = {
    **dict.fromkeys(("node", "npm", "npx", "yarn", "pnpm", "bun", "tsx", "next", "pm2"), Language.NODE),
    **dict.fromkeys(
        ("python", "python3", "uvicorn", "gunicorn", "flask", "celery", "uv", "poetry", "fastapi"), Language.PYTHON
    ),
    **dict.fromkeys(("java",), Language.JAVA),
    **dict.fromkeys(("dotnet",), Language.DOTNET),
    **dict.fromkeys(("ruby", "bundle", "rails", "puma", "rackup"), Language.RUBY),
    **dict.fromkeys(("php", "php-fpm", "frankenphp"), Language.PHP),
}
"""The languages of programs that start others."""
_INTERPRETERS = frozenset(("node", "python", "python3", "ruby", "php"))


@dataclass(frozen=True)
class _Run:
    """How the image of a container file runs."""

    path: str
    """The container file."""
    words: tuple[str, ...]
    """What is started; empty when the file does not say."""
    started: int
    """The line that says so."""
    port: Detected | None
    """The first port that it exposes."""
    web_server: bool
    """Whether a web server runs in it, so that what is built is served and does not listen itself."""

    @property
    def language(self) -> Language | None:
        """The language of what is started; `None`: a program of its own, or nothing."""
        return _PROGRAMS.get(posixpath.basename(self.words[0])) if self.words else None

    @property
    def serves(self) -> bool:
        """Whether it is there to run the program, and not to work or test in."""
        return bool(self.words) and posixpath.basename(self.words[0]) not in _SHELLS


def contained(tree: Tree, components: Iterable[Component]) -> list[Component]:
    """The components, with what their container files add to what their sources say."""
    every = list(components)
    shared = {c.path for c in every if sum(c.path == other.path for other in every) > 1}
    return [_with(tree, c, shared=c.path in shared) for c in every]


def _with(tree: Tree, component: Component, *, shared: bool) -> Component:
    files = [p for p in beside(component.container_files, component.path) if p.rpartition("/")[2] in _NAMES]
    run = _run(tree, files[0]) if files else None
    if run is None or not run.serves or run.web_server or _of_another(component, run, shared=shared):
        return component
    if component.framework and component.language is Language.NODE and component.framework.value not in SERVERS:
        return component
    kind = "service" if run.port else "application" if component.kind == "library" else component.kind
    port = component.port or run.port
    entry = component.entry_point or _entry(tree, component, run)
    update: dict[str, object] = {"kind": kind, "port": port if kind == "service" else None, "entry_point": entry}
    start = _start(tree, component, run)
    if start and not component.command(Purpose.START):
        update["commands"] = (*component.commands, start)
    return component.model_copy(update=update)


def _of_another(component: Component, run: _Run, *, shared: bool) -> bool:
    """Whether it runs something else than this component."""
    if run.language is None:
        return shared
    return run.language is not component.language


def _run(tree: Tree, path: str) -> _Run | None:
    document = tree.text(path)
    file = parse(document.text) if document else None
    if document is None or file is None or not file.stages:
        return None
    lineage = file.lineage()
    entry, command = _last(lineage, "ENTRYPOINT"), _last(lineage, "CMD")
    words = (*_words(entry), *_words(command)) if entry is None or entry.exec_form is not None else _words(entry)
    said = entry or command
    exposed = _last(lineage, "EXPOSE")
    port = None
    if exposed:
        values = {**file.arguments, **_environment(lineage)}
        number = re.match(r"\d{2,5}\b", filled(next(iter(exposed.words), ""), values))
        if number and int(number[0]) < 65536:
            fact = f"the container file exposes {number[0]}"
            port = detected(number[0], Evidence(fact=fact, path=path, line=exposed.line))
    serving = any(_WEB_SERVERS.search(stage.image) for stage in lineage)
    return _Run(path, words, said.line if said else 1, port, serving)


def _last(lineage: Iterable[BuildStage], name: str) -> Instruction | None:
    return next((found for stage in lineage if (found := stage.last(name))), None)


def _words(instruction: Instruction | None) -> tuple[str, ...]:
    """The words of what is started; `exec` and options of Python that only concern its output are left out."""
    words = instruction.words if instruction else ()
    return tuple(w for w in words if w not in ("exec", "-u"))


def _environment(lineage: Iterable[BuildStage]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for stage in lineage:
        for instruction in stage.instructions:
            if instruction.name in ("ENV", "ARG"):
                for name, value in instruction.assignments:
                    found.setdefault(name, value)
    return found


def _file(tree: Tree, component: Component, run: _Run) -> str | None:
    """The file of the component that is started."""
    for word in run.words[1:3]:
        if not word.startswith("-"):
            return tree.first(component.path, word.removeprefix("./").rpartition("/app/")[2])
    return None


def _entry(tree: Tree, component: Component, run: _Run) -> Detected | None:
    path = _file(tree, component, run)
    if path is None:
        return None
    return detected(path, Evidence(fact=f"the container file starts {run.words[1]}", path=run.path, line=run.started))


def _start(tree: Tree, component: Component, run: _Run) -> Command | None:
    """How it is started outside of a container, where an interpreter starts one of its files."""
    program = posixpath.basename(run.words[0])
    if program not in _INTERPRETERS or _file(tree, component, run) is None:
        return None
    text = shlex.join(run.words)
    evidence = Evidence(fact=f"the container file starts `{text}`", path=run.path, line=run.started)
    return Command(purpose=Purpose.START, run=text, tool=program, evidence=evidence)
