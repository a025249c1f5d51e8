"""Which version of Node.js a project is developed with, and which ones it says it supports."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import base_image_version, beside, detected
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.detect.versions import NODE_NAMES, lowest_node, node_lines
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected

_EXACT = re.compile(r"^[v=]?\s*(\d+(?:\.\d+){0,2})(?:\.[xX*])*$")


def runtime_of(
    tree: Tree, directory: str, manifest: Document, containers: tuple[str, ...]
) -> tuple[Detected | None, str | None]:
    """The version to develop with, and the file that setup-node can read it from."""
    for found in _files(tree, directory):
        return found, found.evidence.path
    volta = manifest.string("volta", "node")
    if volta:
        return detected(volta, manifest.evidence(f"volta pins Node.js {volta}", "volta", "node")), manifest.path
    engines = manifest.string("engines", "node")
    exact = _EXACT.match(engines or "")
    if engines and exact:
        return detected(exact[1], _engines(manifest, engines)), manifest.path
    image = base_image_version(tree, beside(containers, directory), "node")
    if image:
        return image, None
    if engines:
        lines = node_lines(engines)
        value = lines[-1] if lines else lowest_node(engines)
        if value:
            return detected(value, _engines(manifest, engines)), None
    return None, None


def runtimes_of(manifest: Document) -> tuple[str, ...]:
    """The long-term support lines that `engines` allows."""
    engines = manifest.string("engines", "node")
    if not engines or (_EXACT.match(engines) and engines.count(".") == 2):
        return ()
    lines = node_lines(engines)
    lowest = lowest_node(engines)
    return tuple(lines) if lines else (lowest,) if lowest else ()


def _engines(manifest: Document, engines: str) -> Evidence:
    return manifest.evidence(f"engines asks for Node.js {engines}", "engines", "node")


def _files(tree: Tree, directory: str) -> Iterator[Detected]:
    for name in (".nvmrc", ".node-version"):
        document = tree.text(tree.nearest(directory, name))
        match = (
            document.find(r"^\s*(?:v?(\d+(?:\.\d+){0,2})|(lts/[\w*-]+)|(node|stable))\s*(?:#.*)?$")
            if document
            else None
        )
        if document and match:
            value = match[1] or _line_name(match[2] or match[3])
            yield detected(value, document.at(f"{document.path} says {match[0].strip()}", match.start(0)))
    document = tree.text(tree.nearest(directory, ".tool-versions"))
    match = document.find(r"^nodejs[ \t]+v?(\d+(?:\.\d+){0,2})") if document else None
    if document and match:
        yield detected(match[1], document.at(f"{document.path} says {match[0]}", match.start()))


def _line_name(text: str) -> str:
    name = text.removeprefix("lts/").lower()
    return NODE_NAMES.get(name, "lts/*" if name != "node" else "node")
