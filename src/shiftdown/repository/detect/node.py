"""Node.js: packages and workspaces of npm, pnpm, yarn and bun."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect.backing import Sources, preparing, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import container_files, detected, unique
from shiftdown.repository.detect.node_commands import Tools, commands
from shiftdown.repository.detect.node_manager import Manager, manager_of, workspaces
from shiftdown.repository.detect.node_service import entry_point, framework_of, kind_of, port_of
from shiftdown.repository.detect.node_targets import nx_commands
from shiftdown.repository.detect.node_version import choose, locked
from shiftdown.repository.detect.scripts import Neighbour, candidates
from shiftdown.repository.detect.tree import Tree, above_of, join, owners, parent
from shiftdown.repository.detect.version_files import runtime
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose, Service
from shiftdown.repository.versions import Statement

SECTIONS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
"""Where `package.json` lists dependencies."""

_SOURCES = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")
_TEST_FILE = re.compile(
    r"(?:(?:^|/)(?:__tests__|tests?|specs?)/(?:.*/)?[\w.-]+|[._-](?:test|spec|e2e-spec|cy)|(?:^|/)tests?)\.[cm]?[jt]sx?$"
)
_TEST_HELPER = re.compile(r"(?:^|/)(?:fixtures?|__fixtures__|__mocks__|helpers?|support|setup|utils?)(?:/|\.)|\.d\.ts$")

_CONFIGS: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = (
    ("eslint", re.compile(r"eslint\.config\.[cm]?[jt]s$|\.eslintrc(?:\.\w+)?$"), ("eslintConfig",)),
    ("prettier", re.compile(r"\.prettierrc(?:\.\w+)?$|prettier\.config\.[cm]?[jt]s$"), ("prettier",)),
    ("biome", re.compile(r"biome\.jsonc?$"), ()),
    ("xo", re.compile(r"xo\.config\.[cm]?[jt]s$|\.xo-config(?:\.\w+)?$"), ("xo",)),
    ("oxlint", re.compile(r"\.oxlintrc\.jsonc?$"), ()),
    ("stylelint", re.compile(r"\.stylelintrc(?:\.\w+)?$|stylelint\.config\.[cm]?js$"), ("stylelint",)),
    ("dprint", re.compile(r"\.?dprint\.jsonc?$"), ()),
    ("typescript", re.compile(r"tsconfig\.json$"), ()),
    ("jest", re.compile(r"jest\.config\.(?:[cm]?[jt]s|json)$"), ("jest",)),
    ("vitest", re.compile(r"vitest\.(?:config|workspace)\.[cm]?[jt]s$"), ()),
    ("mocha", re.compile(r"\.mocharc(?:\.\w+)?$"), ("mocha",)),
    ("ava", re.compile(r"ava\.config\.[cm]?js$"), ("ava",)),
    ("playwright", re.compile(r"playwright\.config\.[cm]?[jt]s$"), ()),
    ("cypress", re.compile(r"cypress\.config\.[cm]?[jt]s$|cypress\.json$"), ()),
)
_RUNNERS = ("vitest", "jest", "mocha", "ava", "tap", "tape", "jasmine", "uvu", "qunit", "karma")
_CONDITIONS = ("import", "require", "default", "node")
"""The conditions of `exports` that Node.js follows."""
_COVERAGE = {
    "@vitest/coverage-v8": "v8", "@vitest/coverage-istanbul": "istanbul", "@vitest/coverage-c8": "c8",
    "c8": "c8", "nyc": "istanbul", "jest": "istanbul", "react-scripts": "istanbul", "tap": "tap",
}  # fmt: skip


def components(tree: Tree) -> list[Component]:
    """The packages of a repository."""
    manifests = {parent(p): d for p in tree.manifests("package.json") if (d := tree.json(p)) and _describes(d)}
    for directory in _by_rush(tree):
        manifests.pop(directory, None)
    spaces = workspaces(tree, manifests)
    roots = {member: root for root in sorted(spaces, reverse=True) for member in spaces[root]}
    for directory in [d for d in manifests if d and d not in roots and not _builds(manifests[d])]:
        if any(above in manifests for above in above_of(directory)):
            del manifests[directory]
    files = owners(tree, manifests, _SOURCES)
    found = []
    needs: dict[str | None, tuple[Statement, ...]] = {}
    for directory in sorted(manifests):
        root = roots.get(directory)
        package = _Package(tree, directory, manifests[directory], files[directory], root, manifests.get(root or ""))
        package.others = _below(manifests, directory) if not directory or directory in spaces else ()
        lock = package.manager.lock
        if lock not in needs:
            needs[lock] = locked(tree, lock)
        alone = root is None or root not in manifests
        found.append(package.component(spaces.get(directory, ()), needs[lock], alone=alone))
    return found


def _by_rush(tree: Tree) -> Iterator[str]:
    """The projects of Rush: nothing else can install what they need, so that nothing of them is known."""
    for path in tree.manifests("rush.json"):
        document = tree.text(path)
        folders = re.findall(r"\"projectFolder\"\s*:\s*\"([^\"]+)\"", document.text if document else "")
        if document and folders:
            tree.problem(path, "its projects are installed and built by Rush, which is not supported")
            yield from (join(parent(path), folder) for folder in folders)


def _below(manifests: dict[str, Document], directory: str) -> tuple[Neighbour, ...]:
    """The packages below a directory, for the scripts there that run theirs."""
    prefix = f"{directory}/" if directory else ""
    return tuple(
        Neighbour(m.string("name") or "", d[len(prefix) :], _texts(m))
        for d, m in manifests.items()
        if d.startswith(prefix) and d != directory
    )


def _texts(manifest: Document) -> dict[str, str]:
    return {k: v for k, v in manifest.table("scripts").items() if isinstance(v, str)}


def _describes(manifest: Document) -> bool:
    """Whether it describes a package: more than the module type of a folder."""
    return bool(manifest.get("name")) or _builds(manifest)


def _builds(manifest: Document) -> bool:
    """Whether it has something to install or run: one that only names an entry point of the package above has not."""
    return any(manifest.get(k) for k in ("scripts", "workspaces", "dependencies", "devDependencies"))


class _Package:
    def __init__(
        self, tree: Tree, directory: str, manifest: Document, files: list[str], root: str | None, above: Document | None
    ) -> None:
        self.tree = tree
        self.directory = directory
        self.manifest = manifest
        self.files = files
        self.root = root
        self.above = above
        self.manager: Manager = manager_of(tree, directory, manifest)
        if root is not None:
            self.manager = manager_of(tree, root, above)
        self.sections = {s: manifest.table(s) for s in SECTIONS}
        self.dependencies = {n: str(v) for s in reversed(SECTIONS) for n, v in self.sections[s].items()}
        self.configs = self._configs()
        self.others: tuple[Neighbour, ...] = ()
        self.tests = [f for f in files if _TEST_FILE.search(f) and not _TEST_HELPER.search(f)]

    def component(self, members: tuple[str, ...], needs: tuple[Statement, ...], *, alone: bool) -> Component:
        """The whole package; `needs` is what its locked dependencies say about Node.js."""
        manifest, tree, directory = self.manifest, self.tree, self.directory
        typescript = any(f.endswith((".ts", ".tsx", ".mts", ".cts")) and not f.endswith(".d.ts") for f in self.files)
        runner = self._runner()
        tools = Tools(
            dependencies=self.dependencies,
            configs=self.configs,
            typescript=typescript,
            test_runner=runner,
            has_tests=bool(self.tests),
            solution=self._solution(),
            others=self.others,
        )
        framework = framework_of(manifest)
        containers = container_files(tree, directory, members)
        choice, self.manager = choose(tree, directory, manifest, self.above, containers, self.manager, needs)
        version, version_file = runtime(choice)
        entry = entry_point(tree, directory, manifest)
        kind = kind_of(tree, directory, manifest, framework, entry)
        found = commands(manifest, self.manager, tools, installs=alone, targets=self._targets())
        talks = self._services(kind)
        scripts = " ".join(str(v) for k, v in manifest.table("scripts").items() if "test" in k)
        first = preparing.prisma(tree, directory, self.dependencies, scripts, talks, self.manager.execute)
        return Component(
            path=directory,
            name=manifest.string("name") or directory.rpartition("/")[2] or tree.snapshot.name,
            language=Language.NODE,
            manifest=manifest.path,
            package_manager=detected(self.manager.name, self.manager.chosen),
            package_manager_version=self.manager.version,
            lock_file=self.manager.lock,
            workspace_root=self.root,
            members=members,
            runtime=version,
            runtime_file=version_file,
            runtimes=choice.lines,
            versions=choice,
            typescript=typescript,
            framework=framework,
            kind=kind,
            entry_point=entry,
            commands=(*found, *first.commands, *self._start(found, entry, kind)),
            test_runner=runner,
            has_tests=bool(self.tests),
            linters=unique(self._tools("eslint", "biome", "xo", "standard", "oxlint", "stylelint", "tslint")),
            formatters=unique(self._tools("prettier", "biome", "dprint")),
            type_checkers=unique(self._type_checkers(typescript=typescript)),
            coverage_tool=self._coverage(),
            port=port_of(tree, entry, framework, containers) if kind == "service" else None,
            services=talks,
            dependencies=tuple(sorted(self.dependencies)),
            generated=tuple(self._generated()),
            container_files=containers,
            evidence=(manifest.evidence(f"{manifest.path} describes a package"),),
        )

    def _targets(self) -> list[Command]:
        nx = "nx" in self.dependencies and self.root is None
        return list(nx_commands(self.tree, self.directory, self.manager)) if nx else []

    def _services(self, kind: str) -> tuple[Service, ...]:
        needs = {n: self._where(n) for n in self.sections["dependencies"]}
        every = {n: self._where(n) for n in self.dependencies}
        listens = kind == "service"
        return services(
            self.tree, Sources(Language.NODE, self.directory, needs, every, self.files, self.tests, listens=listens)
        )

    def _start(self, known: tuple[Command, ...], entry: Detected | None, kind: str) -> Iterator[Command]:
        """A service without a start script is started by its entry file, if Node.js runs that as it is."""
        if kind != "service" or entry is None or any(c.purpose is Purpose.START for c in known):
            return
        if entry.value.endswith((".js", ".mjs", ".cjs")):
            run = f"node {entry.value[len(self.directory) :].lstrip('/')}"
            yield Command(purpose=Purpose.START, run=run, tool="node", evidence=entry.evidence)

    def _where(self, name: str) -> Evidence:
        section = next((s for s in SECTIONS if name in self.sections[s]), SECTIONS[0])
        return self.manifest.evidence(f"{name} is in {section}", section, name)

    def _configs(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.tree.files(self.directory):
            for tool, pattern, _ in _CONFIGS:
                if pattern.match(name):
                    found.setdefault(tool, f"{self.directory}/{name}".lstrip("/"))
        for tool, _, keys in _CONFIGS:
            if any(self.manifest.get(k) is not None for k in keys):
                found.setdefault(tool, self.manifest.path)
        return found

    def _tools(self, *names: str) -> Iterator[Detected]:
        for name in names:
            package = "@biomejs/biome" if name == "biome" else name
            if package in self.dependencies:
                yield detected(name, self._where(package))
            elif name in self.configs:
                path = self.configs[name]
                yield detected(name, Evidence(fact=f"{path} configures {name}", path=path))

    def _type_checkers(self, *, typescript: bool) -> Iterator[Detected]:
        for package, name in (("vue-tsc", "vue-tsc"), ("svelte-check", "svelte-check"), ("flow-bin", "flow")):
            if package in self.dependencies:
                yield detected(name, self._where(package))
        if "typescript" in self.dependencies and (typescript or "typescript" in self.configs):
            yield detected("tsc", self._where("typescript"))
        elif "typescript" in self.configs:
            path = self.configs["typescript"]
            yield detected("tsc", Evidence(fact=f"{path} configures TypeScript", path=path))

    def _runner(self) -> Detected | None:
        for script in candidates(_texts(self.manifest), Purpose.TEST, self.others):
            tool = script.tool(Purpose.TEST)
            if tool in ("c8", "nyc"):
                continue
            if tool in (
                *_RUNNERS,
                "node:test",
                "bun:test",
                "borp",
                "lab",
                "wtr",
                "twd",
                "poku",
            ):
                fact = f"the script {script.name} runs {tool}"
                return detected(str(tool), self.manifest.evidence(fact, "scripts", script.name))
        for name in _RUNNERS:
            if name in self.dependencies:
                return detected(name, self._where(name))
            if name in self.configs:
                path = self.configs[name]
                return detected(name, Evidence(fact=f"{path} configures {name}", path=path))
        return self._imported_runner()

    def _imported_runner(self) -> Detected | None:
        for document in self.tree.texts(self.tests, limit=10):
            match = document.find(r"(?:from|require\(|import)\s*\(?['\"](node:test|bun:test)['\"]")
            if match:
                return detected(match[1], document.at(f"the tests import {match[1]}", match.start()))
        return None

    def _coverage(self) -> Detected | None:
        for package, tool in _COVERAGE.items():
            if package in self.dependencies:
                return detected(tool, self._where(package))
        return None

    def _generated(self) -> Iterator[Detected]:
        """The entry of a package of a workspace that only its build makes."""
        if self.root is None or not self.manifest.string("scripts", "build"):
            return
        exported = self.manifest.get("exports")
        leaf = exported.get(".", exported) if isinstance(exported, dict) else exported
        for _ in range(3):
            leaf = next((leaf[k] for k in _CONDITIONS if k in leaf), None) if isinstance(leaf, dict) else leaf
        key = "exports" if isinstance(leaf, str) else "main" if self.manifest.string("main") else "module"
        path = leaf if isinstance(leaf, str) else self.manifest.string(key)
        target = join(self.directory, path) if path and "*" not in path else None
        folder = target and target[len(self.directory) + 1 :].partition("/")[0]
        if target and folder and "/" in target and not self.tree.below(join(self.directory, folder)):
            at = self.manifest.evidence(f"{key} is {path}, which its build makes", key)
            yield detected(target, at)

    def _solution(self) -> bool:
        path = self.configs.get("typescript")
        document = self.tree.text(path) if path else None
        return document is not None and bool(
            re.search(r'"references"\s*:', document.text) and re.search(r'"files"\s*:\s*\[\s*\]', document.text)
        )
