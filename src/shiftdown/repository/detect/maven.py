"""Java: builds of Maven, of one module or several."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from shiftdown.repository.detect import java, java_version
from shiftdown.repository.detect.backing import Sources, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import container_files, detected
from shiftdown.repository.detect.tree import Tree, foreign, join, owners, parent
from shiftdown.repository.detect.version_files import runtime
from shiftdown.repository.detect.xml import Element
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose
from shiftdown.repository.versions import Choice, Rank, Statement

VERSIONS = ("maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source", "jdk.version",
            "javaVersion", "java.release", "project.build.targetJdk", "release.version", "jdkVersion")  # fmt: skip
"""Properties that name the Java release, the deciding ones first."""

PLUGINS = {
    "maven-checkstyle-plugin": ("checkstyle", Purpose.LINT, "checkstyle:check"),
    "maven-pmd-plugin": ("pmd", Purpose.LINT, "pmd:check"),
    "spotbugs-maven-plugin": ("spotbugs", Purpose.LINT, "compile spotbugs:check"),
    "spotless-maven-plugin": ("spotless", Purpose.FORMAT, "spotless:check"),
    "fmt-maven-plugin": ("google-java-format", Purpose.FORMAT, "fmt:check"),
    "formatter-maven-plugin": ("formatter", Purpose.FORMAT, "formatter:validate"),
    "spring-javaformat-maven-plugin": ("spring-javaformat", Purpose.FORMAT, "spring-javaformat:validate"),
    "jacoco-maven-plugin": ("jacoco", Purpose.COVERAGE, "test jacoco:report"),
}
"""Plugins that check the code: the tool, what it is for, the goals that run it."""

_TOOLS = {
    "spring-boot-starter-parent": "spring-boot",
    "spring-boot-maven-plugin": "spring-boot",
    "spring-boot-dependencies": "spring-boot",
    "quarkus-maven-plugin": "quarkus",
    "micronaut-parent": "micronaut",
}
"""Parents, plugins and platforms that need a JDK of their own, by the tool in the table of needs."""

_LATER_PLUGINS = frozenset(("maven-failsafe-plugin", "maven-invoker-plugin"))
"""Plugins that test what was packaged."""
_LATER_GOALS = frozenset(("check", "report-aggregate", "verify", "integration-test", "start"))
_LATER_PHASES = frozenset(("pre-integration-test", "integration-test", "post-integration-test", "verify"))

_MAX_MODULES = 2000


@dataclass(frozen=True, slots=True)
class _Pom:
    document: Document
    root: Element
    parent: "_Pom | None" = None

    def property(self, name: str) -> tuple[str, Evidence] | None:
        """A property, of this file or of those that it inherits from in the repository."""
        element = self.root.first("properties", name)
        if element and element.text.strip():
            value = element.text.strip()
            evidence = Evidence(fact=f"{name} is {value}", path=self.document.path, line=element.line)
            return value, evidence
        return self.parent.property(name) if self.parent else None

    def resolved(self, text: str | None) -> str | None:
        """A text with its properties filled in, a few levels deep."""
        for _ in range(5):
            match = re.search(r"\$\{([\w.-]+)\}", text or "")
            found = self.property(match[1]) if match else None
            if text is None or match is None or found is None or len(text) > 1000:
                return text
            text = text.replace(match[0], found[0])
        return text

    def plugins(self) -> Iterator[Element]:
        """The plugins of this build and of those that it inherits from; those of profiles are left out."""
        yield from self.root.all("build", "plugins", "plugin")
        yield from self.root.all("build", "pluginManagement", "plugins", "plugin")
        if self.parent:
            yield from self.parent.plugins()


def components(tree: Tree) -> list[Component]:
    """The builds of a repository, each with its modules."""
    elements = {
        parent(p): d for p in tree.manifests("pom.xml") if not _resource(p) and (d := tree.xml(p)) and _is_pom(d)
    }
    elements = {d: e for d, e in elements.items() if java.by_maven(tree, d)}
    modules = {d: _modules(d, elements) for d in elements}
    poms = _linked(elements)
    files = owners(tree, elements, java.SOURCES)
    result = []
    for directory, members in _builds(modules).items():
        own = [f for d in (directory, *members) for f in files[d]]
        result.append(_component(tree, directory, poms, own, members, None))
        result += [_component(tree, m, poms, files[m], (), directory) for m in members]
    return result


def _builds(modules: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """The roots with their modules: those that are no module, then the outermost of what is left in circles."""
    inner = {m for found in modules.values() for m in found}
    taken: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for directory in sorted(modules, key=lambda d: (d in inner, len(d.split("/")) if d else 0, d)):
        if directory not in taken:
            members = tuple(m for m in _closure(directory, modules) if m not in taken and m not in found)
            found[directory] = members
            taken |= {directory, *members}
    return found


def _resource(path: str) -> bool:
    return bool(re.search(r"(?:^|/)src/(?:main|test|it|site)/", path))


def _is_pom(document: Document) -> bool:
    return isinstance(document.data, Element) and document.data.name == "project"


def _modules(directory: str, known: dict[str, Document]) -> list[str]:
    root: Element = known[directory].data
    listed = [*root.all("modules", "module"), *root.all("subprojects", "subproject")]
    listed += root.all("profiles", "profile", "modules", "module")
    found = []
    for element in listed:
        path = join(directory, element.text.strip())
        path = parent(path) if path.endswith(".xml") else path
        if path in known and path != directory and not foreign(path):
            found.append(path)
    return list(dict.fromkeys(found))


def _closure(directory: str, modules: dict[str, list[str]]) -> tuple[str, ...]:
    seen: dict[str, None] = {}
    waiting = list(modules[directory])
    while waiting and len(seen) < _MAX_MODULES:
        current = waiting.pop(0)
        if current not in seen and current != directory:
            seen[current] = None
            waiting += modules[current]
    return tuple(sorted(seen))


def _linked(elements: dict[str, Document]) -> dict[str, _Pom]:
    """Each file with the one that it inherits from, when that is in the repository; circles are cut."""
    found: dict[str, _Pom] = {}

    def link(directory: str, seen: frozenset[str]) -> _Pom:
        if directory in found:
            return found[directory]
        root: Element = elements[directory].data
        above: _Pom | None = None
        if root.first("parent"):
            relative = root.first("parent", "relativePath")
            path = join(directory, (relative.text.strip() if relative else "../pom.xml") or ".")
            path = parent(path) if path.endswith(".xml") else path
            same = path in elements and _artifact(elements[path].data) == root.value("parent", "artifactId")
            if same and path not in seen and len(seen) < 50:
                above = link(path, seen | {directory})
        found[directory] = _Pom(elements[directory], root, above)
        return found[directory]

    for directory in elements:
        link(directory, frozenset({directory}))
    return found


def _artifact(root: Element) -> str | None:
    return root.value("artifactId")


def _component(
    tree: Tree, directory: str, poms: dict[str, _Pom], files: list[str], members: tuple[str, ...], root: str | None
) -> Component:
    pom = poms[directory]
    needs = _dependencies(pom)
    everything = dict(needs)
    for member in members:
        everything |= _dependencies(poms[member])
    tests = java.test_files(files)
    group = pom.root.value("groupId") or pom.root.value("parent", "groupId") or ""
    found = None if group in java.FRAMEWORKS else java.framework(needs)
    entry = java.entry_point(tree, files)
    kind = java.kind(needs if root is not None or members else everything, entry) if not members else "library"
    containers = container_files(tree, directory, members)
    run = java.wrapper(tree, directory, "mvnw", ".mvn/wrapper/maven-wrapper.properties") or "mvn"
    later = bool(members) or _tests_later(pom)
    checks = java.Checks(tuple(_plugins([pom, *(poms[m] for m in members)], later=later)))
    pattern = r"apache-maven-(\d+\.\d+\.\d+[\w.-]*?)-bin"
    version = java.wrapper_version(tree, directory, ".mvn/wrapper/maven-wrapper.properties", pattern)
    choice = _choice(tree, directory, pom, [poms[m] for m in members], version)
    jdk, jdk_file = runtime(choice)
    manager = Evidence(fact=f"{pom.document.path} is a build of Maven", path=pom.document.path)
    goal = ("verify" if later else "test") if tests else None
    commands = _commands(pom, run, checks, found, kind, goal) if root is None else ()
    return Component(
        path=directory,
        name=pom.root.value("artifactId") or directory or tree.snapshot.name,
        language=Language.JAVA,
        manifest=pom.document.path,
        package_manager=detected("maven", manager),
        package_manager_version=version,
        workspace_root=root,
        members=members,
        runtime=jdk,
        runtime_file=jdk_file,
        versions=choice,
        framework=found,
        kind=kind,
        entry_point=entry,
        commands=tuple(commands),
        test_runner=java.runner(everything, tests),
        has_tests=bool(tests),
        linters=checks.linters,
        formatters=checks.formatters,
        coverage_tool=checks.coverage_tool,
        port=java.port(tree, directory, found, containers) if kind == "service" else None,
        services=services(
            tree, Sources(Language.JAVA, directory, needs, everything, files, tests, listens=kind == "service")
        ),
        dependencies=tuple(sorted(needs)),
        container_files=containers,
        evidence=(Evidence(fact=f"{pom.document.path} is a build of Maven", path=pom.document.path),),
    )


def _dependencies(pom: _Pom) -> dict[str, Evidence]:
    found = {}
    for element in [*pom.root.all("parent"), *pom.root.all("dependencies", "dependency")]:
        group, artifact = pom.resolved(element.value("groupId")), pom.resolved(element.value("artifactId"))
        if group and artifact:
            name = f"{group}:{artifact}"
            line = element.line_of("artifactId")
            found[name] = Evidence(fact=f"{name} is a {element.name}", path=pom.document.path, line=line)
    return found


def _choice(tree: Tree, directory: str, pom: _Pom, members: list[_Pom], wrapper: Detected | None) -> Choice:
    said = list(java_version.tool("maven", wrapper.value, wrapper.evidence, "Maven")) if wrapper else []
    for one in (pom, *members):
        compiled = _release(one)
        said += java_version.compiles_for(compiled) if compiled else ()
        required = _enforced(one)
        said += [required] if required else []
        said += _tools(one)
    return java_version.choose(tree, directory, dict.fromkeys(said))


def _tools(pom: _Pom) -> Iterator[Statement]:
    """What the parent of a build and its plugins need."""
    places = [
        *pom.root.all("parent"),
        *pom.plugins(),
        *pom.root.all("dependencyManagement", "dependencies", "dependency"),
    ]
    for element in places:
        tool = _TOOLS.get(element.value("artifactId") or "")
        version = pom.resolved(element.value("version")) if tool else None
        if tool and version:
            line = element.line_of("version")
            yield from java_version.tool(tool, version, Evidence(fact="", path=pom.document.path, line=line))


def _release(pom: _Pom) -> Detected | None:
    for name in VERSIONS:
        found = pom.property(name)
        value = java.release(pom.resolved(found[0])) if found else None
        if found and value:
            return detected(value, found[1])
    for plugin in pom.plugins():
        if plugin.value("artifactId") == "maven-compiler-plugin":
            for key in ("release", "target", "source"):
                element = plugin.first("configuration", key)
                value = java.release(pom.resolved(element.text)) if element else None
                if element and value:
                    fact = f"the compiler's {key} is {value}"
                    return detected(value, Evidence(fact=fact, path=pom.document.path, line=element.line))
    above = pom.root.first("parent")
    if above and above.value("artifactId") == "spring-boot-starter-parent":
        value = "8" if (above.value("version") or "3").startswith(("1.", "2.")) else "17"
        fact = f"Spring Boot {above.value('version')} compiles for Java {value} by default"
        return detected(value, Evidence(fact=fact, path=pom.document.path, line=above.line_of("version")))
    return None


def _enforced(pom: _Pom) -> Statement | None:
    for plugin in pom.root.all("build", "plugins", "plugin"):
        for rule in plugin.all("executions", "execution", "configuration", "rules", "requireJavaVersion"):
            version = (pom.resolved(rule.value("version")) or "").replace("1.8", "8")
            if re.match(r"^[\[(]?\s*\d+", version):
                where = Evidence(
                    fact=f"the build requires Java {version}", path=pom.document.path, line=rule.line_of("version")
                )
                return Statement(
                    subject="java", wants=version, notation="maven", rank=Rank.RANGE, least=True, evidence=where
                )
    return None


def _tests_later(pom: _Pom) -> bool:
    """Whether tests and their checks go on after Maven's phase `test`: with the package, or bound to `verify`."""
    for plugin in pom.plugins():
        name = plugin.value("artifactId")
        if name in _LATER_PLUGINS:
            return True
        for execution in plugin.all("executions", "execution"):
            goals = {goal.text.strip() for goal in execution.all("goals", "goal")}
            own_place = name == "jacoco-maven-plugin" and execution.first("configuration") is not None
            reports = name == "jacoco-maven-plugin" and goals <= {"prepare-agent", "report"}
            if own_place or goals & _LATER_GOALS or (execution.value("phase") in _LATER_PHASES and not reports):
                return True
    return False


def _plugins(poms: list[_Pom], *, later: bool) -> Iterator[java.Check]:
    seen: set[str] = set()
    for pom in poms:
        for plugin in pom.root.all("build", "plugins", "plugin"):
            name = plugin.value("artifactId") or ""
            if name in PLUGINS and name not in seen:
                seen.add(name)
                tool, purpose, goals = PLUGINS[name]
                if purpose is Purpose.COVERAGE:
                    goals = "verify" if later else goals
                else:
                    goals = _configured(pom, plugin, goals)
                line = plugin.line_of("artifactId")
                where = Evidence(fact=f"it uses {name}", path=pom.document.path, line=line)
                yield java.Check(tool, purpose, goals, where)


def _configured(pom: _Pom, plugin: Element, goals: str) -> str:
    """Goals of a plugin with the executions that configure them, since one that is called by itself has none of that.

    `checkstyle:check@style` is what Maven 3.3.1 and newer call so.
    """
    before, _, goal = goals.rpartition(" ")
    name = plugin.value("artifactId")
    managed = [e for p in _above(pom) for e in p.root.all("build", "pluginManagement", "plugins", "plugin")]
    declared = [plugin, *(e for e in managed if e.value("artifactId") == name)]
    if any(e.first("configuration") for e in declared):
        return goals
    ids = [
        execution.value("id") or "default"
        for element in declared
        for execution in element.all("executions", "execution")
        if execution.first("configuration")
        and goal.partition(":")[2] in {g.text.strip() for g in execution.all("goals", "goal")}
    ]
    called = [f"{goal}@{i}" for i in dict.fromkeys(ids) if re.fullmatch(r"[\w.-]+", i)]
    return " ".join([*([before] if before else []), *called]) if called else goals


def _above(pom: _Pom) -> Iterator[_Pom]:
    """A file and those that it inherits from in the repository."""
    current: _Pom | None = pom
    while current:
        yield current
        current = current.parent


def _commands(
    pom: _Pom,
    run: str,
    checks: java.Checks,
    framework: Detected | None,
    kind: str,
    goal: str | None,
) -> Iterator[Command]:
    evidence = Evidence(fact=f"{pom.document.path} is a build of Maven", path=pom.document.path)
    program = f"{run} -B"
    yield from checks.commands(program, Purpose.LINT)
    yield from checks.commands(program, Purpose.FORMAT)
    if goal:
        yield Command(purpose=Purpose.TEST, run=f"{program} {goal}", tool="surefire", evidence=evidence)
        yield from checks.commands(program, Purpose.COVERAGE)
    yield Command(purpose=Purpose.BUILD, run=f"{run} -B -DskipTests package", tool="maven", evidence=evidence)
    if framework and kind == "service" and framework.value in ("spring-boot", "quarkus"):
        goal = "spring-boot:run" if framework.value == "spring-boot" else "quarkus:dev"
        yield Command(purpose=Purpose.START, run=f"{run} -B {goal}", tool=framework.value, evidence=framework.evidence)
