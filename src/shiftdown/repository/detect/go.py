"""Go: modules and workspaces."""

import fnmatch
import re
from collections.abc import Iterator

from shiftdown.repository.detect.backing import Sources, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import container_files, detected, exposed_port
from shiftdown.repository.detect.tasks import extra_commands, make_tasks, prepared
from shiftdown.repository.detect.tree import Tree, join, owners, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose

FRAMEWORKS = {
    "github.com/gin-gonic/gin": "gin", "github.com/labstack/echo": "echo", "github.com/gofiber/fiber": "fiber",
    "github.com/go-chi/chi": "chi", "github.com/gorilla/mux": "gorilla", "github.com/beego/beego": "beego",
    "github.com/go-kratos/kratos": "kratos", "github.com/zeromicro/go-zero": "go-zero",
    "google.golang.org/grpc": "grpc", "github.com/spf13/cobra": "cobra",
}  # fmt: skip
"""Frameworks by the module that stands for them, without its major version."""

_LINT_CONFIGS = (".golangci.yml", ".golangci.yaml", ".golangci.toml", ".golangci.json")
_LISTENS = re.compile(r"ListenAndServe|\.Run\(|\.Listen\(|net\.Listen\(|\.Start\(\"|grpc\.NewServer")
_FIRST_STRICT = 21
"""Go 1.21 made the `go` line of a module a minimum for the toolchain (go.dev/doc/toolchain)."""

_EMBEDDING = re.compile(
    r"(?i)embed|assets?|static|web|ui|front|public|dist|templates?|serve|swagger|resources?|(?:^|/)(?:main|fs|app)\.go$"
)
_MAX_EMBEDDING = 60
_PORT = re.compile(r"[\"'`](?:[\w.]*):(\d{2,5})[\"'`]")
_ASIDE = re.compile(r"(?:^|/)(?:tools?|hack|internal/tools|scripts?|docs?|examples?|_\w+)(?:/|$)")


def components(tree: Tree) -> list[Component]:
    """The modules of a repository."""
    modules = {}
    for path in tree.manifests("go.mod"):
        document = tree.text(path)
        directory = parent(path)
        if document and document.find(r"^module\s+\S") and not (directory and _ASIDE.search(directory)):
            modules[directory] = document
        elif document and not document.find(r"^module\s"):
            tree.problem(path, "has no module directive")
    spaces = _workspaces(tree, modules)
    roots = {m: root for root, members in spaces.items() for m in members if m != root}
    files = owners(tree, modules, (".go",))
    return [_component(tree, d, modules[d], files[d], spaces.get(d, ()), roots.get(d)) for d in sorted(modules)]


def _workspaces(tree: Tree, modules: dict[str, Document]) -> dict[str, tuple[str, ...]]:
    found = {}
    for path in tree.manifests("go.work"):
        document = tree.text(path)
        if document:
            blocks = re.findall(r"^use\s*\(([^)]*)\)", document.text, re.M)
            listed = "\n".join([*blocks, *re.findall(r"^use\s+([^\s(]+)", document.text, re.M)])
            names = [line.split("//")[0].strip().strip('"') for line in listed.splitlines()]
            members = {join(parent(path), n) for n in names if n}
            found[parent(path)] = tuple(sorted(m for m in members if m in modules and m != parent(path)))
    return found


def _component(
    tree: Tree, directory: str, module: Document, files: list[str], members: tuple[str, ...], root: str | None
) -> Component:
    files = [f for f in files if not re.search(r"(?:^|/)(?:testdata|vendor)/", f)]
    tests = [f for f in files if f.endswith("_test.go")]
    needs = dict(_requirements(module))
    name = module.find(r"^module\s+\"?([^\s\"]+)")
    framework = _framework(module, needs)
    entries = _entries(tree, directory, files)
    listening = next((e for e in entries if _LISTENS.search(e.text)), None)
    kind = "service" if listening else "application" if entries else "library"
    entry = listening or next(iter(entries), None)
    containers = container_files(tree, directory, members)
    runtime = _runtime(module)
    commands = _own(tree, directory, list(_commands(tree, directory, module, entry, tests=bool(tests), kind=kind)))
    tool = Evidence(fact="Go brings its own tests", path=tests[0]) if tests else None
    return Component(
        path=directory,
        name=name[1] if name else directory or tree.snapshot.name,
        language=Language.GO,
        manifest=module.path,
        package_manager=detected("go", Evidence(fact=f"{module.path} is a module", path=module.path)),
        lock_file=tree.first(directory, "go.sum"),
        workspace_root=root,
        members=members,
        runtime=runtime,
        runtime_file=module.path if runtime and runtime.value != "stable" else None,
        framework=framework,
        kind=kind,
        entry_point=detected(entry.path, Evidence(fact="it has func main", path=entry.path)) if entry else None,
        commands=(*commands, *extra_commands(tree, directory, commands)),
        test_runner=detected("go test", tool) if tool else None,
        has_tests=bool(tests),
        linters=tuple(_linters(tree, directory)),
        formatters=(detected("gofmt", Evidence(fact="gofmt comes with Go", path=module.path)),),
        coverage_tool=detected("go", tool) if tool else None,
        port=_port(tree, listening, containers) if kind == "service" else None,
        services=services(tree, Sources(Language.GO, directory, needs, {}, files, tests, listens=kind == "service")),
        dependencies=tuple(sorted(needs)),
        generated=tuple(_generated(tree, files)),
        container_files=containers,
        evidence=(module.at(f"{module.path} is a module", name.start() if name else 0),),
    )


def _generated(tree: Tree, files: list[str]) -> Iterator[Detected]:
    """What files embed that nothing in the repository matches; only those are read whose path tells of such things."""
    likely = [f for f in files if _EMBEDDING.search(f) and not f.endswith("_test.go")]
    for document in tree.texts(likely, limit=_MAX_EMBEDDING):
        folder = parent(document.path)
        for match in re.finditer(r"^//go:embed[ \t]+(.+)$", document.text, re.M):
            for word in match[1].split():
                path = join(folder, word.strip('"`').removeprefix("all:"))
                if not _matches(tree, path):
                    yield detected(path, document.at(f"it embeds {path}, which matches nothing here", match.start()))


def _matches(tree: Tree, pattern: str) -> bool:
    """Whether a pattern of `//go:embed` finds a file, or a directory with files."""
    fixed = re.split(r"[*?\[]", pattern)[0]
    folder = pattern if fixed == pattern else parent(fixed) if not fixed.endswith("/") else fixed.rstrip("/")
    depth = pattern.count("/") + 1
    inside = ("/".join(p.split("/")[:depth]) for p in tree.below(folder))
    return tree.first(parent(pattern), pattern.rpartition("/")[2]) is not None or any(
        fnmatch.fnmatchcase(p, pattern) for p in inside
    )


def _own(tree: Tree, directory: str, commands: list[Command]) -> list[Command]:
    """Tests and builds by the module's own targets where it has them, before those that are usual."""
    found = []
    for purpose in (Purpose.TEST, Purpose.BUILD):
        usual = next((c for c in commands if c.purpose is purpose), None)
        tasks = make_tasks(tree, directory)
        own = prepared(tasks, purpose, rf"(?:\bgo|\$[({{]GO[)}}])\s+{purpose}\b") if usual else None
        needs = own is not None and "&&" in tasks.texts[own.run.removeprefix("make ")]
        if own and (purpose is Purpose.TEST or needs):
            found.append(own)
    return [*found, *commands]


def _requirements(module: Document) -> Iterator[tuple[str, Evidence]]:
    """The direct requirements of a module."""
    inside = ""
    for number, line in enumerate(module.text.split("\n"), 1):
        text = line.strip()
        block = re.match(r"^(\w+)\s*\($", text)
        if block or text == ")":
            inside = block[1] if block else ""
            continue
        match = re.match(r"^(?:require\s+)?([\w.~-]+(?:/[\w.~-]+)+)\s+v\S+", text)
        if match and (inside == "require" or text.startswith("require")) and "// indirect" not in text:
            yield match[1], Evidence(fact=f"{match[1]} is required", path=module.path, line=number)


def _framework(module: Document, needs: dict[str, Evidence]) -> Detected | None:
    plain = {re.sub(r"/v\d+$", "", n): e for n, e in reversed(needs.items())}
    found = next((p for p in FRAMEWORKS if p in plain), None)
    return detected(FRAMEWORKS[found], plain[found]) if found else None


def _runtime(module: Document) -> Detected | None:
    """The toolchain that the module asks for. Before Go 1.21 the directive was no requirement: the newest is taken."""
    for pattern in (r"^toolchain\s+go(\d+\.\d+(?:\.\d+)?)", r"^go\s+(\d+\.\d+(?:\.\d+)?)"):
        match = module.find(pattern)
        if match:
            old = int(match[1].split(".")[1]) < _FIRST_STRICT
            value = "stable" if old else match[1]
            return detected(value, module.at(f"{module.path} says {match[0]}", match.start()))
    return None


def _entries(tree: Tree, directory: str, files: list[str]) -> list[Document]:
    """The files with `func main`, those at the top first."""
    prefix = f"{directory}/" if directory else ""
    pattern = re.compile(
        r"^(?:main\.go|[\w.-]+\.go|cmd/(?:[\w.-]+/)?[\w.-]+\.go|src/(?:[\w.-]+/)?main\.go|server/main\.go)$"
    )
    found = [f for f in files if pattern.match(f[len(prefix) :]) and not f.endswith("_test.go")]
    found.sort(key=lambda f: (not f.endswith("main.go"), f.count("/"), f))
    return [d for d in tree.texts(found, limit=20) if d.find(r"^package main\b") and d.find(r"^func main\(\)")]


def _linters(tree: Tree, directory: str) -> Iterator[Detected]:
    path = tree.nearest(directory, *_LINT_CONFIGS)
    if path:
        yield detected("golangci-lint", Evidence(fact=f"{path} configures golangci-lint", path=path))
    path = tree.nearest(directory, "staticcheck.conf")
    if path:
        yield detected("staticcheck", Evidence(fact=f"{path} configures staticcheck", path=path))


def _commands(
    tree: Tree, directory: str, module: Document, entry: Document | None, *, tests: bool, kind: str
) -> Iterator[Command]:
    evidence = Evidence(fact=f"{module.path} is a module", path=module.path)
    yield Command(purpose=Purpose.INSTALL, run="go mod download", tool="go", evidence=evidence)
    for linter in _linters(tree, directory):
        if linter.value == "golangci-lint":
            tool = module.find(r"^\s*(?:tool\s+)?github\.com/golangci/golangci-lint/\S*cmd/golangci-lint\s*$")
            yield Command(
                purpose=Purpose.LINT,
                run="go tool golangci-lint run" if tool else "golangci-lint run",
                tool="golangci-lint",
                evidence=linter.evidence,
                assumed=None if tool else "golangci-lint is not a tool of the module: it has to be installed beside",
            )
    yield Command(purpose=Purpose.LINT, run="go vet ./...", tool="vet", evidence=evidence, convention=True)
    vendored = bool(tree.below(join(directory, "vendor")))
    files = "$(git ls-files '*.go' ':!vendor')" if vendored else "."
    yield Command(
        purpose=Purpose.FORMAT,
        run=f'test -z "$(gofmt -l {files})"',
        tool="gofmt",
        evidence=evidence,
        assumed="no file says that all code is formatted with gofmt",
        convention=True,
    )
    if tests:
        yield Command(purpose=Purpose.TEST, run="go test ./...", tool="go", evidence=evidence, convention=True)
        cover = "go test -coverprofile=coverage.out ./..."
        yield Command(purpose=Purpose.COVERAGE, run=cover, tool="go", evidence=evidence, convention=True)
    yield Command(purpose=Purpose.BUILD, run="go build ./...", tool="go", evidence=evidence, convention=True)
    if entry and kind == "service":
        folder = parent(entry.path)[len(directory) :].strip("/")
        run = f"go run ./{folder}" if folder else "go run ."
        yield Command(
            purpose=Purpose.START, run=run, tool="go", evidence=Evidence(fact="it has func main", path=entry.path)
        )


def _port(tree: Tree, entry: Document | None, containers: tuple[str, ...]) -> Detected | None:
    match = _PORT.search(entry.text) if entry else None
    if entry and match and 0 < int(match[1]) < 65536:
        return detected(match[1], entry.at(f"it listens on {match[1]}", match.start()))
    return exposed_port(tree, containers)
