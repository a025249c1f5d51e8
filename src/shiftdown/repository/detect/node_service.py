"""What a Node.js project is: its framework, where it starts, whether it listens and on which port."""

import re

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import detected, exposed_port, words
from shiftdown.repository.detect.tree import Tree, illustration, join
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected

FRAMEWORKS = {
    "next": "next", "nuxt": "nuxt", "@nestjs/core": "nestjs", "@remix-run/node": "remix",
    "@react-router/node": "react-router", "@sveltejs/kit": "sveltekit", "astro": "astro", "gatsby": "gatsby",
    "@angular/core": "angular", "@adonisjs/core": "adonis", "express": "express", "fastify": "fastify", "koa": "koa",
    "@hapi/hapi": "hapi", "hono": "hono", "elysia": "elysia", "restify": "restify", "electron": "electron",
    "react-native": "react-native", "expo": "expo", "vue": "vue", "svelte": "svelte", "solid-js": "solid",
    "preact": "preact", "react": "react",
}  # fmt: skip
"""Frameworks by the package that stands for them, the deciding ones first."""

SERVERS = frozenset(
    words("next nuxt nestjs remix react-router sveltekit adonis express fastify koa hapi hono elysia restify")
)
"""Frameworks of programs that listen."""

_FRONT = frozenset(words("astro gatsby angular electron react-native expo vue svelte solid preact react"))
_DEFAULT_PORTS = {"next": "3000", "nuxt": "3000", "remix": "3000", "react-router": "3000", "adonis": "3333"}
_ENTRIES = words(
    "src/main.ts src/server.ts src/index.ts src/app.ts server.ts index.ts app.ts main.ts server.js index.js app.js "
    "src/server.js src/index.js src/main.js src/app.js server/index.js server/index.ts bin/www index.mjs server.mjs"
)
_LISTENS = re.compile(r"\.listen\s*\(|\bserve\s*\(|createServer\s*\(|Bun\.serve")
_PORTS = (
    r"(?:process\.env\.\w*PORT\w*|env\.PORT|Number\([^)]*PORT[^)]*\)|parseInt\([^)]*PORT[^)]*\))\s*(?:\|\||\?\?)\s*['\"]?(\d{2,5})",
    r"\bport\w*\s*[:=]\s*['\"]?(\d{2,5})\b",
    r"\.listen\s*\(\s*(?:\{\s*port:\s*)?['\"]?(\d{2,5})\b",
    r"PORT['\"]?\s*[,)\]]?\s*(?:\|\||\?\?|,)\s*['\"]?(\d{2,5})",
)


def framework_of(manifest: Document) -> Detected | None:
    """The framework among its dependencies; for front ends also among those for development."""
    for section in ("dependencies", "devDependencies"):
        listed = manifest.table(section)
        for package, name in FRAMEWORKS.items():
            if section == "devDependencies" and name in SERVERS and name not in ("sveltekit", "nuxt", "next"):
                continue
            if package in listed and manifest.string("name") != package:
                return detected(name, manifest.evidence(f"{package} is in {section}", section, package))
    return None


def entry_point(tree: Tree, directory: str, manifest: Document) -> Detected | None:
    """The file that starts it: what the start script names, else what listens, else `main`."""
    start = manifest.string("scripts", "start") or ""
    match = re.search(r"(?:node|tsx|ts-node|nodemon|bun(?: run)?)\s+(?:-\S+\s+)*\.?/?([\w./-]+)", start)
    if match:
        path = _source(tree, directory, match[1])
        if path:
            return detected(path, manifest.evidence(f"the script start runs {match[1]}", "scripts", "start"))
    candidates = [p for name in _ENTRIES if (p := tree.first(directory, name))]
    for document in tree.texts(candidates, limit=8):
        found = _LISTENS.search(document.text)
        if found:
            return detected(document.path, document.at("it listens", found.start()))
    main = manifest.string("main")
    path = _source(tree, directory, main) if main else None
    return detected(path, manifest.evidence(f"main is {main}", "main")) if path else None


def _source(tree: Tree, directory: str, name: str) -> str | None:
    """The file of the repository that a start script or `main` means: for a built one, what it is built from."""
    stem = re.sub(r"\.[cm]?[jt]sx?$", "", name)
    source = re.sub(r"^(?:\./)?(?:dist|build|lib|out)/(?:src/)?", "src/", stem)
    for base in (stem, source):
        for suffix in ("", ".js", ".mjs", ".cjs", ".ts", ".mts", "/index.js", "/index.ts"):
            found = join(directory, base + suffix)
            if tree.has("", found):
                return found
    return None


def kind_of(tree: Tree, directory: str, manifest: Document, framework: Detected | None, entry: Detected | None) -> str:
    """Whether it is a "service", an "application" or a "library"."""
    starts = bool(manifest.string("scripts", "start"))
    served = manifest.table("dependencies")
    server = framework is not None and framework.value in SERVERS and framework.evidence.path == manifest.path
    if server and framework is not None:
        package = next((p for p, n in FRAMEWORKS.items() if n == framework.value and p in served), None)
        if package and (starts or _listens(tree, entry)):
            return "service"
        private = manifest.get("private") is True
        if framework.value in ("next", "nuxt", "sveltekit", "remix", "react-router") and (package or private):
            return "service"
    if starts and _listens(tree, entry):
        return "service"
    page = tree.first(directory, "index.html", "public/index.html", "src/index.html", "angular.json")
    front = framework is not None and framework.value in _FRONT
    if manifest.get("bin") or (front and page) or (front and framework and framework.value in ("astro", "gatsby")):
        return "application"
    return "library"


def _listens(tree: Tree, entry: Detected | None) -> bool:
    document = tree.text(entry.value) if entry else None
    return document is not None and not illustration(document.path) and bool(_LISTENS.search(document.text))


def port_of(
    tree: Tree, entry: Detected | None, framework: Detected | None, containers: tuple[str, ...]
) -> Detected | None:
    """The port that its entry file names, else the container file, else the framework's default."""
    document = tree.text(entry.value) if entry else None
    if document:
        for pattern in _PORTS:
            match = re.search(pattern, document.text)
            if match and 0 < int(match[1]) < 65536:
                return detected(match[1], document.at(f"it listens on {match[1]} by default", match.start()))
    exposed = exposed_port(tree, containers)
    if exposed:
        return exposed
    if framework and framework.value in _DEFAULT_PORTS:
        port = _DEFAULT_PORTS[framework.value]
        fact = f"{framework.value} listens on {port} by default"
        return detected(port, Evidence(fact=fact, path=framework.evidence.path, line=framework.evidence.line))
    return None
