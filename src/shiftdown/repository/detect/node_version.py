"""What is said about the version of Node.js and pnpm: by files, manifests, package managers, tools, lock files."""

import re
from collections.abc import Iterable, Iterator, Mapping

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import beside
from shiftdown.repository.detect.node_manager import Manager
from shiftdown.repository.detect.tree import Tree, join, parent
from shiftdown.repository.detect.version_files import base_image, distance, need, pins, stated
from shiftdown.repository.stack import Detected
from shiftdown.repository.versions import Choice, Rank, Statement, Why, solve
from shiftdown.repository.versions.ranges import read
from shiftdown.repository.versions.tables import shipped

_EXACT = re.compile(r"^[v=]?\s*\d+(?:\.\d+){0,2}(?:\.[xX*])*$")
_TOOLS = ("vitest", "vite", "jest", "eslint", "@angular/cli", "next")
_MAX_VOLTA = 5


def choose(
    tree: Tree,
    directory: str,
    manifest: Document,
    above: Document | None,
    containers: tuple[str, ...],
    manager: Manager,
    locked: Iterable[Statement],
) -> tuple[Choice, Manager]:
    """The version of Node.js, and the package manager with its version where that follows from what is said."""
    said = [*_said(tree, directory, manifest, above, containers), *_tools(manifest)]
    chosen = _pnpm(tree, manifest, above, manager, solve("node", said)) if manager.name == "pnpm" else manager
    if chosen.version:
        said += need("node", chosen.name, chosen.version.value, chosen.version.evidence)
    return solve("node", [*said, *locked]), chosen


def _said(
    tree: Tree, directory: str, manifest: Document, above: Document | None, containers: tuple[str, ...]
) -> Iterator[Statement]:
    yield from pins(tree, directory, "node")
    for document in (manifest, *((above,) if above and above.path != manifest.path else ())):
        far = distance(directory, document.path)
        yield from _volta(tree, document, far)
        engines = document.string("engines", "node")
        if engines:
            fact = f"engines asks for Node.js {engines}"
            readable = bool(_EXACT.match(engines))
            yield stated(document, "node", engines, fact, "engines", "node", distance=far, readable=readable)
        wanted = document.string("devEngines", "runtime", "version")
        if wanted and document.string("devEngines", "runtime", "name") == "node":
            fact = f"devEngines asks for Node.js {wanted}"
            yield stated(document, "node", wanted, fact, "devEngines", "runtime", "version", distance=far, bounds=False)
    yield from base_image(tree, beside(containers, directory), "node", "node")


def _volta(tree: Tree, manifest: Document, far: int) -> Iterator[Statement]:
    """The version that Volta pins, here or in the manifest that this one extends."""
    document: Document | None = manifest
    for _ in range(_MAX_VOLTA):
        if document is None:
            return
        version = document.string("volta", "node")
        if version:
            fact = f"volta pins Node.js {version}"
            more = {"rank": Rank.PIN, "bounds": False, "readable": document is manifest, "distance": far}
            yield stated(document, "node", version, fact, "volta", "node", **more)
            return
        extended = document.string("volta", "extends")
        document = tree.json(join(parent(document.path), extended)) if extended else None


def _tools(manifest: Document) -> Iterator[Statement]:
    """What the tools that a package uses need, at the oldest version that it allows of each."""
    for section in ("devDependencies", "dependencies"):
        for tool in _TOOLS:
            wanted = manifest.string(section, tool) or ""
            allowed = read(wanted, "npm") if re.match(r"[\^~>=v\d]", wanted) else None
            version = next(iter(allowed.lowest), None) if allowed else None
            evidence = manifest.evidence("", section, tool)
            yield from need("node", tool, version, evidence)


def _pnpm(tree: Tree, manifest: Document, above: Document | None, manager: Manager, node: Choice) -> Manager:
    """Pnpm with the version that its lock file, `engines` and Node.js leave, where one of them says anything."""
    if manager.version:
        return manager
    said = []
    for document in (manifest, above):
        engines = document.string("engines", "pnpm") if document else None
        if document and engines:
            said.append(stated(document, "pnpm", engines, f"engines asks for pnpm {engines}", "engines", "pnpm"))
    said += _lock_format(tree, manager.lock)
    running = node.version if node.why is not Why.GUESS else None
    if running and node.because and running[:1].isdigit():
        fits = [line.line for line in shipped().lines("pnpm") if _runs(line.line, running)]
        fact = f"pnpm {', '.join(fits)} run on Node.js {running}"
        evidence = node.because.evidence.model_copy(update={"fact": fact})
        wants = " || ".join(f"{line}.x" for line in fits) or "*"
        said.append(Statement(subject="pnpm", wants=wants, rank=Rank.NEED, evidence=evidence))
    choice = solve("pnpm", said)
    strong = [s for s in choice.statements if s.rank is Rank.RANGE or "lock" in (s.evidence.path or "")]
    if not strong or choice.version is None:
        return manager
    return manager.with_version(Detected(value=choice.version, evidence=strong[0].evidence))


def _runs(pnpm: str, node: str) -> bool:
    wants = read(shipped().need("node", "pnpm", pnpm) or "*", "npm")
    return wants is None or wants.allows(node)


def _lock_format(tree: Tree, lock: str | None) -> Iterator[Statement]:
    document = tree.text(lock)
    match = document.find(r"^lockfileVersion:\s*['\"]?(\d+\.\d+)") if document else None
    wants = shipped().need("pnpm", "lockfile", f"{match[1]}.0") if match else None
    if document and match and wants:
        fact = f"{document.path} has the format {match[1]}, which pnpm {wants} reads"
        evidence = document.at(fact, match.start())
        yield Statement(subject="pnpm", wants=wants, rank=Rank.NEED, evidence=evidence)


_LOCKED: Mapping[str, tuple[str, str]] = {
    "package-lock.json": (r'"engines": \{[^{}]*?"node": "([^"\n]+)"', r'"node_modules/([^"\n]+)": \{'),
    "npm-shrinkwrap.json": (r'"engines": \{[^{}]*?"node": "([^"\n]+)"', r'"node_modules/([^"\n]+)": \{'),
    "pnpm-lock.yaml": (r"^    engines: \{[^{}\n]*?node: '?([^'}\n,]+)", r"^  '?/?(\S+?)'?:$"),
}
"""Where lock files have what a package needs, and its name above that."""


def locked(tree: Tree, lock: str | None) -> tuple[Statement, ...]:
    """What locked packages say they need, as far as it leaves out a line of Node.js; the first for each line."""
    patterns = _LOCKED.get((lock or "").rpartition("/")[2])
    document = tree.text(lock) if patterns else None
    if document is None or patterns is None:
        return ()
    found: dict[str, Statement] = {}
    lines = shipped().lines("node")
    seen: set[str] = set()
    for match in re.finditer(patterns[0], document.text, re.M):
        wants = match[1]
        allowed = read(wants, "npm") if wants not in seen else None
        seen.add(wants)
        if allowed is None:
            continue
        out = [line.line for line in lines if line.line not in found and not allowed.allows(line.newest or line.line)]
        head = document.text[max(0, match.start() - 3000) : match.start()]
        name = next(reversed(list(re.finditer(patterns[1], head, re.M))), None)
        if not out or name is None or '"optional": true' in head[name.end() :]:
            continue
        evidence = document.at(f"{name[1]} needs Node.js {wants}", match.start(1))
        statement = Statement(subject="node", wants=wants, rank=Rank.LOCKED, evidence=evidence)
        found |= dict.fromkeys(out, statement)
    return tuple(dict.fromkeys(found.values()))
