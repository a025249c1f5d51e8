"""What files beside a component say about the version of its language: the files of version managers, base images."""

import re
from collections.abc import Iterable, Iterator, Mapping

from shiftdown.repository.container_file import BuildStage, ContainerFile, parse
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.tree import Tree, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected
from shiftdown.repository.versions import Choice, Rank, Statement, Why
from shiftdown.repository.versions.tables import shipped

_FILES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "node": (
        (".nvmrc", r"^\s*(v?\d+(?:\.\d+){0,2}|lts/[\w*-]+|node|stable)\s*(?:#.*)?$"),
        (".node-version", r"^\s*(v?\d+(?:\.\d+){0,2}|lts/[\w*-]+|node|stable)\s*(?:#.*)?$"),
        (".tool-versions", r"^nodejs[ \t]+(v?\d+(?:\.\d+){0,2}|lts\S*|latest)"),
    ),
    "python": (
        (".python-version", r"^\s*(?:c?python-)?(3\.\d+(?:\.\d+)?)\s*$"),
        (".tool-versions", r"^python[ \t]+(3\.\d+(?:\.\d+)?)"),
    ),
    "java": (
        (".java-version", r"^\s*(?:[a-z]+-)?(1\.8|\d+)(?:[.+]\S*)?\s*$"),
        (".tool-versions", r"^java[ \t]+(?:[a-z-]+)?(1\.8|\d+)"),
        (".sdkmanrc", r"^java=(1\.8|\d+)"),
    ),
    "ruby": (
        (".ruby-version", r"^\s*(?:ruby-)?(\d+\.\d+(?:\.\d+)?)"),
        (".tool-versions", r"^ruby[ \t]+(\d+\.\d+(?:\.\d+)?)"),
    ),
    "php": ((".tool-versions", r"^php[ \t]+(\d+\.\d+(?:\.\d+)?)"),),
}
"""Files that set-up actions read as well, with the version in them; the first found counts before the next."""

_MISE = ("mise.toml", ".mise.toml", ".config/mise.toml", "mise/config.toml", ".config/mise/config.toml")
_MISE_NAMES = {"node": ("node", "nodejs", "core:node")}


def pins(tree: Tree, directory: str, subject: str) -> Iterator[Statement]:
    """The versions that files of version managers name, in a directory and those above it."""
    for name, pattern in _FILES.get(subject, ()):
        document = tree.text(tree.nearest(directory, name))
        match = document.find(pattern) if document else None
        if document and match:
            fact = f"{document.path} says {match[0].strip()}"
            yield _pin(subject, match[1], document.at(fact, match.start(1)), directory, readable=True)
    document = tree.toml(tree.nearest(directory, *_MISE))
    if document is None:
        return
    for name in _MISE_NAMES.get(subject, (subject,)):
        version = _mise_version(document.get("tools", name))
        if version:
            evidence = document.evidence(f"{document.path} says {name} is {version}", "tools", name)
            yield _pin(subject, version, evidence, directory, readable=False)


def _mise_version(value: object) -> str | None:
    if isinstance(value, list):
        value = next(iter(value), None)
    if isinstance(value, dict):
        value = value.get("version")
    return value if isinstance(value, str) else None


def _pin(subject: str, version: str, evidence: Evidence, directory: str, *, readable: bool) -> Statement:
    wants, label = asked_for(subject, version)
    return Statement(
        subject=subject,
        wants=wants,
        notation="python" if subject == "python" else "npm",
        rank=Rank.PIN,
        distance=distance(directory, evidence.path),
        bounds=False,
        readable=readable,
        label=label,
        evidence=evidence,
    )


def asked_for(subject: str, text: str) -> tuple[str, str | None]:
    """The range that a version manager's version stands for, and what set-up actions call it if that is no number."""
    text = text.strip().lower()
    if subject == "node":
        name = re.sub(r"^lts[/-]?", "", text)
        if text.startswith("lts"):
            line = shipped().named("node", name)
            return (line, None) if line else ("*", "lts/*")
        if text in ("node", "stable", "latest", "current"):
            return "*", "node" if text in ("node", "latest", "current") else "lts/*"
    if subject == "java":
        match = re.search(r"(?<![\d.])(?:1\.(?=8))?(\d+)", text)
        return (match[1] if match else text), None
    match = re.search(r"\d+(?:\.\d+){0,2}", text)
    return (match[0] if match else text), None


def distance(directory: str, path: str | None) -> int:
    """How many directories above a component a file stands."""
    return (
        max(0, len(directory.split("/")) - len(parent(path or "").split("/")) + (not parent(path or "")))
        if directory
        else 0
    )


def base_image(tree: Tree, paths: Iterable[str], subject: str, *images: str) -> Iterator[Statement]:
    """The line of releases of the image that a container file runs the sources in; a patch version says nothing."""
    numbers = r"\d+" if subject == "node" else r"\d+(?:\.\d+)?"
    pattern = re.compile(rf"(?:[\w.:-]+/)*(?:{'|'.join(map(re.escape, images))}):v?({numbers})")
    for path in paths:
        document = tree.text(path)
        file = parse(document.text) if document else ContainerFile()
        for stage in reversed(file.built()):
            image = _filled(stage.image, file)
            match = pattern.match(image)
            if match and _holds_sources(stage, file):
                fact = f"the container file starts from {image}"
                yield Statement(
                    subject=subject,
                    wants=match[1],
                    notation="python" if subject == "python" else "npm",
                    rank=Rank.HINT,
                    bounds=False,
                    evidence=Evidence(fact=fact, path=path, line=stage.start.line),
                )
                return


def _filled(image: str, file: ContainerFile) -> str:
    return re.sub(r"\$\{?(\w+)(?::-([^}]*))?\}?", lambda m: file.arguments.get(m[1]) or m[2] or m[0], image)


def _holds_sources(stage: BuildStage, file: ContainerFile) -> bool:
    """Whether files of the repository are copied into a stage, or into one that starts from it."""
    heirs = [s for s in file.stages if s is stage or (stage.name and s.image.lower() == stage.name)]
    return any(
        (i.name in ("COPY", "ADD") and i.flag("from") is None) or any(m.get("type") == "bind" for m in i.mounts)
        for s in heirs
        for i in s.instructions
    )


def runtime(choice: Choice) -> tuple[Detected | None, str | None]:
    """The version to develop with, with what decided it, and the file that a set-up action can read it from."""
    because = choice.because
    if choice.version is None or because is None:
        return None, None
    named = choice.why in (Why.NAMED,) and because.readable
    return Detected(value=choice.version, evidence=because.evidence), because.evidence.path if named else None


def stated(document: Document, subject: str, wants: str, fact: str, *keys: str, **more: object) -> Statement:
    """A range that a manifest states at nested keys."""
    return Statement.model_validate(
        {"rank": Rank.RANGE, **more, "subject": subject, "wants": wants, "evidence": document.evidence(fact, *keys)}
    )


def need(
    subject: str, tool: str, version: str | None, evidence: Evidence, name: str | None = None
) -> Iterator[Statement]:
    """What a version of a tool needs, by the table of needs."""
    wants = shipped().need(subject, tool, version) if version else None
    if wants:
        fact = f"{name or tool} {version} needs {_LANGUAGES.get(subject, subject)} {wants}"
        yield Statement(
            subject=subject, wants=wants, rank=Rank.NEED, evidence=evidence.model_copy(update={"fact": fact})
        )


_LANGUAGES = {"node": "Node.js", "python": "Python", "java": "Java", "php": "PHP", "ruby": "Ruby"}
