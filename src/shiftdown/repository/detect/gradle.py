"""Java and Kotlin: builds of Gradle, in Groovy or Kotlin. Build files are searched, never run."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect import java, java_version
from shiftdown.repository.detect.backing import Sources, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import container_files, detected
from shiftdown.repository.detect.tree import Tree, above_of, illustration, join, owners, parent
from shiftdown.repository.detect.version_files import runtime
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose
from shiftdown.repository.versions import Choice

BUILD_FILES = ("build.gradle", "build.gradle.kts")
SETTINGS = ("settings.gradle", "settings.gradle.kts")
CATALOG = "gradle/libs.versions.toml"
"""Where Gradle looks for the version catalog by default."""

PLUGINS: tuple[tuple[str, str, Purpose, str], ...] = (
    (
        r"com\.diffplug\.(?:gradle\.)?spotless|\bspotless\s*\{|\blibs\.plugins\.spotless",
        "spotless",
        Purpose.FORMAT,
        "spotlessCheck",
    ),
    (r"org\.jlleitschuh\.gradle\.ktlint|\blibs\.plugins\.ktlint", "ktlint", Purpose.FORMAT, "ktlintCheck"),
    (r"io\.spring\.javaformat", "spring-javaformat", Purpose.FORMAT, "checkFormat"),
    (
        r"(?:id[\s(]+|plugin:\s*)['\"]checkstyle['\"]|^\s*checkstyle\s*(?:\{|$)",
        "checkstyle",
        Purpose.LINT,
        "checkstyleMain checkstyleTest",
    ),
    (r"io\.gitlab\.arturbosch\.detekt|dev\.detekt|\blibs\.plugins\.detekt", "detekt", Purpose.LINT, "detekt"),
    (r"(?:id[\s(]+|plugin:\s*)['\"]pmd['\"]|^\s*pmd\s*(?:\{|$)", "pmd", Purpose.LINT, "pmdMain pmdTest"),
    (r"com\.github\.spotbugs|\blibs\.plugins\.spotbugs", "spotbugs", Purpose.LINT, "spotbugsMain spotbugsTest"),
    (
        r"(?:id[\s(]+|plugin:\s*)['\"]jacoco['\"]|^\s*jacoco\s*(?:\{|$)",
        "jacoco",
        Purpose.COVERAGE,
        "test jacocoTestReport",
    ),
    (r"org\.jetbrains\.kotlinx\.kover|\blibs\.plugins\.kover", "kover", Purpose.COVERAGE, "koverXmlReport"),
)
"""Plugins that check the code: how they are applied, the tool, what it is for, its tasks."""

_TOOLCHAINS = (r"JavaLanguageVersion\.of\(\s*['\"]?(\d+)", r"jvmToolchain\(?\s*(\d+)")
"""The JDK that compiles and tests, whatever runs the build."""

_TARGETS = (
    r"(?:options\.)?release(?:\.set\(|\s*=)\s*(\d+)",
    r"(?:source|target)Compatibility\s*=?\s*(?:JavaVersion\.(?:toVersion\()?)?['\"]?(?:VERSION_)?((?:1[._])?\d+)",
    r"jvmTarget\s*(?:\.set\(|=)?\s*(?:JvmTarget\.)?['\"]?(?:JVM_)?((?:1[._])?\d+)",
)
PLUGIN_TOOLS = (
    (r"com\.android\.[\w-]+", "android-gradle-plugin", r"com\.android\.tools\.build:gradle"),
    (r"org\.springframework\.boot", "spring-boot", r"org\.springframework\.boot:spring-boot-gradle-plugin"),
    (r"io\.quarkus", "quarkus", r"io\.quarkus:quarkus-gradle-plugin"),
    (r"io\.micronaut\.[\w.-]+", "micronaut", r"io\.micronaut\.gradle:micronaut-gradle-plugin"),
)
"""Plugins that need a JDK of their own: the pattern of their ids, the tool in the table of needs, the artifact."""

_UNWRAPPED = "9.1"
"""The Gradle of runners and images, which runs a build that has no wrapper."""
_INCLUDE = re.compile(r"^[ \t]*include[\s(]+((?:['\"][^'\"\n]+['\"]\s*,?\s*)+)", re.M)
_DEPENDENCY = re.compile(r"['\"]([A-Za-z][\w.-]+:[\w.-]+)(?::[^'\"]*)?['\"]")
_PLUGIN = re.compile(r"id[\s(]+['\"]([\w.-]+)['\"]")
_LOGIC = ("buildSrc", "build-logic", "gradle/plugins", "gradle", "buildLogic", "build-plugin", "build-conventions")
_INCLUDED = re.compile(r"\bincludeBuild[\s(]+['\"]([^'\"\n]+)['\"]")
_MAX_FILES = 300
_NO_BUILD = re.compile(
    r"(?:^|/)(?:buildSrc|build-logic|buildLogic|src/(?:main|it|docs?|\w*[tT]est\w*|\w+/(?:resources|java|kotlin|groovy)))(?:/|$)"
)
"""Where build files are the build's own logic, or material of sources and tests."""


def components(tree: Tree) -> list[Component]:
    """The builds of a repository, each with its subprojects."""
    builds = {parent(p) for p in tree.manifests(*SETTINGS, *BUILD_FILES) if not _aside(parent(p))}
    roots = {parent(p) for p in tree.manifests(*SETTINGS) if not _aside(parent(p))}
    members = {root: _members(tree, root) for root in roots}
    inner = {m for root in members.values() for m in root}
    builds -= {d for d in builds if java.by_maven(tree, d)} | {d for root in roots for d in _included(tree, root)}
    owned = [d for d in builds if any(a in roots for a in above_of(d)) and d not in inner]
    alone = builds - inner - {d for d in owned if d not in roots}
    files = owners(tree, {*alone, *inner}, java.SOURCES)
    result = []
    for directory in sorted(alone):
        own = members.get(directory, ())
        build = _Build(tree, directory, own)
        result.append(build.component([f for d in (directory, *own) for f in files[d]]))
        result += [_Build(tree, m, ()).component(files[m], root=directory) for m in own]
    return result


def _included(tree: Tree, root: str) -> Iterator[str]:
    """The builds that a build takes in as plugins or libraries: it builds them itself."""
    document = tree.text(tree.first(root, *SETTINGS))
    for match in _INCLUDED.finditer(document.text if document else ""):
        path = join(root, match[1])
        if path and path != root:
            yield path


def _aside(directory: str) -> bool:
    return bool(_NO_BUILD.search(directory))


def _members(tree: Tree, root: str) -> tuple[str, ...]:
    document = tree.text(tree.first(root, *SETTINGS))
    found = set()
    for match in _INCLUDE.finditer(document.text if document else ""):
        for name in re.findall(r"['\"]([^'\"\n]+)['\"]", match[1]):
            path = join(root, name.strip(":").replace(":", "/"))
            if not path.startswith("..") and not illustration(path) and not _aside(path) and _build_file(tree, path):
                found.add(path)
    return tuple(sorted(found - {root}))


def _build_file(tree: Tree, directory: str) -> str | None:
    name = directory.rpartition("/")[2]
    return tree.first(directory, *BUILD_FILES, *([f"{name}.gradle", f"{name}.gradle.kts"] if name else []))


def _catalogued_plugin(catalog: Document | None, name: str, value: object) -> tuple[str, str | None, Evidence]:
    """The id, version and place of a plugin in a version catalog."""
    where = catalog.evidence("", "plugins", name) if catalog else Evidence(fact="")
    if isinstance(value, str):
        given_id, _, given_version = value.partition(":")
        return given_id, given_version or None, where
    table = value if isinstance(value, dict) else {}
    given = table.get("version")
    reference = given.get("ref") if isinstance(given, dict) else None
    version = given if isinstance(given, str) else None
    if catalog and isinstance(reference, str):
        version, where = catalog.string("versions", reference), catalog.evidence("", "versions", reference)
    return str(table.get("id", "")), version, where


class _Build:
    def __init__(self, tree: Tree, directory: str, members: tuple[str, ...]) -> None:
        self.tree = tree
        self.directory = directory
        self.members = members
        self.manifest = _build_file(tree, directory) or tree.first(directory, *SETTINGS) or ""
        self.own = [d for p in (_build_file(tree, directory), tree.first(directory, *SETTINGS)) if (d := tree.text(p))]
        paths = [p for m in members if (p := _build_file(tree, m))]
        tree.snapshot.prefetch(paths[:_MAX_FILES])
        self.all = [*self.own, *self._logic(), *(d for p in paths[:_MAX_FILES] if (d := tree.text(p)))]
        self.catalog = tree.toml(tree.nearest(directory, CATALOG))

    def component(self, files: list[str], root: str | None = None) -> Component:
        """The whole build, or one subproject of it."""
        tree, directory = self.tree, self.directory
        needs = self._needs(self.own)
        everything = self._needs(self.all) if self.members else needs
        tests = java.test_files(files)
        framework = java.framework(needs)
        entry = java.entry_point(tree, files)
        kind = java.kind(needs, entry) if not self.members else "library"
        containers = container_files(tree, directory, self.members)
        pattern = r"gradle-(\d+\.\d+(?:\.\d+)?[\w.-]*?)-(?:bin|all)\.zip"
        properties = "gradle/wrapper/gradle-wrapper.properties"
        wrapper = java.wrapper_version(tree, directory if root is None else root, properties, pattern)
        choice = self._choice(wrapper, self._compiled(root))
        version, version_file = runtime(choice)
        toolchain = self._toolchain()
        checks = java.Checks(tuple(self._checks()) if root is None else ())
        manager = Evidence(fact=f"{self.manifest} is a build of Gradle", path=self.manifest)
        commands = self._commands(checks, framework, kind, tests=bool(tests)) if root is None else ()
        return Component(
            path=directory,
            name=self._name(),
            language=Language.JAVA,
            manifest=self.manifest,
            package_manager=detected("gradle", manager),
            package_manager_version=wrapper if root is None else None,
            lock_file=tree.first(directory, "gradle.lockfile"),
            workspace_root=root,
            members=self.members,
            runtime=version,
            runtime_file=version_file,
            beside=(toolchain.value,) if toolchain and version and toolchain.value != version.value else (),
            versions=choice,
            framework=framework,
            kind=kind,
            entry_point=entry,
            commands=tuple(commands),
            test_runner=java.runner(everything, tests),
            has_tests=bool(tests),
            linters=checks.linters,
            formatters=checks.formatters,
            coverage_tool=checks.coverage_tool,
            port=java.port(tree, directory, framework, containers) if kind == "service" else None,
            services=services(
                tree, Sources(Language.JAVA, directory, needs, everything, files, tests, listens=kind == "service")
            ),
            dependencies=tuple(sorted(n for n in needs if ":" in n)),
            container_files=containers,
            evidence=(manager,),
        )

    def _name(self) -> str:
        for document in self.own:
            match = document.find(r"rootProject\.name\s*=\s*['\"]([^'\"]+)['\"]")
            if match:
                return match[1]
        return self.directory.rpartition("/")[2] or self.tree.snapshot.name

    def _logic(self) -> list[Document]:
        """The build's own plugins and shared scripts."""
        found = []
        for folder in _LOGIC:
            base = join(self.directory, folder)
            found += [p for p in self.tree.below(base) if p.endswith((".gradle", ".gradle.kts", ".kt", ".groovy"))]
        return self.tree.texts(dict.fromkeys(found), limit=60) if self.directory == "" or self.members else []

    def _needs(self, documents: list[Document]) -> dict[str, Evidence]:
        """`group:artifact` names, plugins, and what is used from the version catalog."""
        found: dict[str, Evidence] = {}
        for document in documents:
            for pattern in (_DEPENDENCY, _PLUGIN):
                for match in pattern.finditer(document.text):
                    if match[1] not in found:
                        found[match[1]] = document.at(f"it uses {match[1]}", match.start(1))
            for match in re.finditer(r"\blibs\.([\w.]+)", document.text):
                for name in self._catalogued(match[1]):
                    found.setdefault(name, document.at(f"it uses {name}", match.start()))
        return found

    def _catalogued(self, alias: str) -> Iterator[str]:
        catalog = self.catalog
        if catalog is None:
            return
        plain = alias.removeprefix("plugins.").replace(".", "-")
        for section, key in (("libraries", "module"), ("plugins", "id")):
            for name, value in catalog.table(section).items():
                if name.replace("_", "-").replace(".", "-") == plain:
                    text = value if isinstance(value, str) else value.get(key) if isinstance(value, dict) else None
                    if isinstance(value, dict) and text is None and section == "libraries":
                        text = f"{value.get('group')}:{value.get('name')}"
                    if isinstance(text, str):
                        yield ":".join(text.split(":")[:2])

    def _choice(self, wrapper: Detected | None, compiled: Detected | None) -> Choice:
        said = list(java_version.compiles_for(compiled)) if compiled else []
        if wrapper:
            said += java_version.tool("gradle", wrapper.value, wrapper.evidence, "Gradle")
        else:
            where = Evidence(fact="", path=self.manifest)
            said += java_version.tool("gradle", _UNWRAPPED, where, "there is no wrapper, and Gradle")
        for name, version, evidence in self._tools():
            said += java_version.tool(name, version, evidence)
        return java_version.choose(self.tree, self.directory, said)

    def _tools(self) -> Iterator[tuple[str, str, Evidence]]:
        """The plugins that need a JDK of their own, with their versions."""
        for document in self.all:
            for identifier, tool, artifact in PLUGIN_TOOLS:
                patterns = [rf"\bid[\s(]+['\"]{identifier}['\"]\)?\s+version\s*\(?['\"](\d[\d.]*)"]
                patterns += [rf"['\"]{artifact}:(\d[\d.]*)"] if artifact else []
                for pattern in patterns:
                    match = document.find(pattern)
                    if match:
                        yield tool, match[1], document.at("", match.start())
        catalog = self.catalog
        for name, value in catalog.table("plugins").items() if catalog else ():
            identifier, version, line = _catalogued_plugin(catalog, name, value)
            for known, tool, _ in PLUGIN_TOOLS:
                if version and re.fullmatch(known, identifier):
                    yield tool, version, line

    def _toolchain(self) -> Detected | None:
        """The JDK of the build's toolchain."""
        return self._found(_TOOLCHAINS)

    def _compiled(self, root: str | None) -> Detected | None:
        """The release of Java that the build compiles for."""
        found = self._toolchain() or self._found(_TARGETS)
        if found or not self.catalog or root is not None:
            return found
        for name in (
            "java",
            "jdk",
            "jvm",
            "javaVersion",
            "jvmTarget",
            "java-version",
            "jvm-target",
            "jvm-toolchain",
        ):
            value = java.release(self.catalog.string("versions", name))
            if value:
                fact = f"the version catalog says {name} is {value}"
                return detected(value, self.catalog.evidence(fact, "versions", name))
        return None

    def _found(self, patterns: tuple[str, ...]) -> Detected | None:
        for pattern in patterns:
            for document in self.all:
                match = document.find(pattern)
                value = java.release(match[1]) if match else None
                if match and value:
                    return detected(value, document.at(f"it is built for Java {value}", match.start()))
        return None

    def _checks(self) -> Iterator[java.Check]:
        for pattern, tool, purpose, tasks in PLUGINS:
            for document in self.all:
                match = document.find(pattern)
                if match:
                    yield java.Check(tool, purpose, tasks, document.at(f"it uses {tool}", match.start()))
                    break

    def _commands(
        self, checks: java.Checks, framework: Detected | None, kind: str, *, tests: bool
    ) -> Iterator[Command]:
        run = java.wrapper(self.tree, self.directory, "gradlew", "gradle/wrapper/gradle-wrapper.jar") or "gradle"
        evidence = Evidence(fact=f"{self.manifest} is a build of Gradle", path=self.manifest)
        yield from checks.commands(run, Purpose.LINT)
        yield from checks.commands(run, Purpose.FORMAT)
        if tests:
            yield Command(purpose=Purpose.TEST, run=f"{run} test", tool="gradle", evidence=evidence)
            yield from checks.commands(run, Purpose.COVERAGE)
        yield Command(purpose=Purpose.BUILD, run=f"{run} assemble", tool="gradle", evidence=evidence)
        if framework and kind == "service":
            task = {"spring-boot": "bootRun", "quarkus": "quarkusDev"}.get(framework.value, "run")
            yield Command(purpose=Purpose.START, run=f"{run} {task}", tool=framework.value, evidence=framework.evidence)
