""".NET: solutions and projects."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect.backing import Sources, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import container_files, detected, exposed_port
from shiftdown.repository.detect.tree import Tree, foreign, illustration, join, parent
from shiftdown.repository.detect.xml import Element
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose

PROJECTS = (".csproj", ".fsproj", ".vbproj")
"""Endings of project files."""

SOLUTIONS = (".sln", ".slnx")
"""Endings of solution files."""

_RUNNERS = {
    "xunit": "xunit",
    "xunit.v3": "xunit",
    "nunit": "nunit",
    "mstest.testframework": "mstest",
    "mstest": "mstest",
    "tunit": "tunit",
}


class _Project:
    """One project file."""

    def __init__(self, tree: Tree, document: Document) -> None:
        root: Element = document.data
        self.document = document
        self.directory = parent(document.path)
        self.web = (root.attributes.get("Sdk") or "").startswith("Microsoft.NET.Sdk.Web")
        self.sdk = Evidence(fact="it uses the web SDK", path=document.path, line=root.line)
        self.packages = {}
        for element in root.all("ItemGroup", "PackageReference"):
            name = element.attributes.get("Include") or element.attributes.get("Update")
            if name:
                fact = f"{name} is referenced"
                self.packages[name.lower()] = Evidence(fact=fact, path=document.path, line=element.line)
        kind = root.value("PropertyGroup", "OutputType") or ""
        self.executable = kind.lower() in ("exe", "winexe") or self.web
        shared = [d for p in _shared(tree, self.directory) if (d := tree.xml(p)) and isinstance(d.data, Element)]
        for above in shared:
            for element in above.data.all("ItemGroup", "PackageReference"):
                name = element.attributes.get("Include")
                if name and "test" in document.path.lower():  # elsewhere, conditions keep test packages out
                    fact = f"{name} is referenced"
                    evidence = Evidence(fact=fact, path=above.path, line=element.line)
                    self.packages.setdefault(name.lower(), evidence)
        self.frameworks = list(_frameworks(tree, document))
        self.windows = _needs_windows(self.frameworks, [root, *(d.data for d in shared)])
        self.tests = (root.attributes.get("Sdk") or "").startswith("MSTest.Sdk") or bool(
            {"microsoft.net.test.sdk", *_RUNNERS} & set(self.packages)
        )


def _shared(tree: Tree, directory: str) -> Iterator[str]:
    """What a project imports by itself: the nearest properties and targets."""
    for name in ("Directory.Build.props", "Directory.Build.targets"):
        path = tree.nearest(directory, name)
        if path:
            yield path


def _needs_windows(frameworks: list[Detected], roots: list[Element]) -> bool:
    """Whether a project only builds on Windows: one for the Windows desktop that does not say it builds elsewhere."""

    def says(name: str) -> bool:
        return any(e.text.strip().lower() == "true" for r in roots for e in r.all("PropertyGroup", name))

    desktop = says("UseWPF") or says("UseWindowsForms") or any("-windows" in f.value for f in frameworks)
    return desktop and not says("EnableWindowsTargeting")


def _frameworks(tree: Tree, document: Document) -> Iterator[Detected]:
    """The target frameworks of a project, else those that it inherits from `Directory.Build.props`."""
    shared = tree.xml(tree.nearest(parent(document.path), "Directory.Build.props"))
    for source in (document, shared):
        root = source.data if source else None
        found = []
        for name in ("TargetFramework", "TargetFrameworks"):
            element = root.first("PropertyGroup", name) if isinstance(root, Element) else None
            if source and element:
                evidence = Evidence(fact=f"{name} is {element.text.strip()}", path=source.path, line=element.line)
                found += [detected(v, evidence) for v in re.findall(r"net[\w.-]+", element.text)]
        if found:
            yield from found
            return


def components(tree: Tree) -> list[Component]:
    """The solutions of a repository with their projects, and projects without a solution."""
    paths = [p for p in tree.suffixed(*PROJECTS) if not foreign(parent(p))]
    tree.snapshot.prefetch(paths)
    projects = {p: _Project(tree, d) for p in paths if (d := tree.xml(p)) and isinstance(d.data, Element)}
    found: list[Component] = []
    taken: set[str] = set()
    solutions: dict[str, list[str]] = {}
    for path in (p for p in tree.suffixed(*SOLUTIONS) if not illustration(parent(p))):
        solutions.setdefault(parent(path), []).append(path)
    for directory in sorted(solutions, key=lambda d: (d.count("/"), d)):
        listed = [p for p in _listed(tree, solutions[directory]) if p in projects and p not in taken]
        if listed:
            taken.update(listed)
            found += _solution(tree, directory, solutions[directory], [projects[p] for p in listed])
    alone = [p for p in projects if p not in taken and not projects[p].tests and not illustration(parent(p))]
    seen: set[str] = set()
    for path in alone:
        if parent(path) not in seen:
            seen.add(parent(path))
            found.append(_component(tree, parent(path), [projects[path]], (), None, "", path))
    return found


def _listed(tree: Tree, solutions: list[str]) -> list[str]:
    found = []
    for path in solutions:
        document = tree.text(path)
        for match in re.finditer(r"[\"']([^\"'\n]+\.(?:cs|fs|vb)proj)[\"']", document.text if document else ""):
            found.append(join(parent(path), match[1].replace("\\", "/")))
    return list(dict.fromkeys(found))


def _solution(tree: Tree, directory: str, solutions: list[str], projects: list[_Project]) -> list[Component]:
    chosen = min(solutions, key=lambda p: (len(p), p))
    beside = [n for n in tree.files(directory) if n.endswith((*SOLUTIONS, *PROJECTS))]
    argument = f" {chosen.rpartition('/')[2]}" if len(beside) > 1 else ""
    members = tuple(sorted({p.directory for p in projects} - {directory}))
    whole = _component(tree, directory, projects, members, None, argument, chosen)
    by_directory: dict[str, list[_Project]] = {}
    for project in projects:
        by_directory.setdefault(project.directory, []).append(project)
    inner = [_component(tree, d, by_directory[d], (), directory, "", by_directory[d][0].document.path) for d in members]
    return [whole, *inner]


def _component(
    tree: Tree,
    directory: str,
    projects: list[_Project],
    members: tuple[str, ...],
    root: str | None,
    argument: str,
    manifest: str,
) -> Component:
    evidence = Evidence(fact=f"{manifest} is built by dotnet", path=manifest)
    packages = {n: e for p in reversed(projects) for n, e in p.packages.items()}
    web = next((p for p in projects if p.web), None)
    program = next((p for p in projects if p.executable and not p.tests), None)
    kind = "library" if members else "service" if web else "application" if program else "library"
    runner = next((n for n in _RUNNERS if n in packages), None)
    tests = any(p.tests for p in projects)
    runtime, file, beside = _runtime(tree, directory, projects)
    containers = container_files(tree, directory, members)
    coverage = packages.get("coverlet.collector") or packages.get("coverlet.msbuild")
    lock = tree.first(directory, "packages.lock.json")
    commands = _commands(evidence, argument, projects, coverage, lock, kind, tests=tests) if root is None else ()
    sources = [f for p in projects for f in tree.below(p.directory) if f.endswith((".cs", ".fs"))]
    tested = [f for p in projects if p.tests for f in tree.below(p.directory)]
    entry = tree.first(program.directory, "Program.cs", "Program.fs") if program and not members else None
    return Component(
        path=directory,
        name=re.sub(r"\.\w+$", "", manifest.rpartition("/")[2]),
        language=Language.DOTNET,
        manifest=manifest,
        package_manager=detected("nuget", evidence),
        lock_file=lock,
        workspace_root=root,
        members=members,
        runtime=runtime,
        runtime_file=file,
        beside=beside,
        framework=detected("aspnetcore", web.sdk) if web else None,
        kind=kind,
        entry_point=detected(entry, Evidence(fact=f"{entry} starts it", path=entry)) if entry else None,
        commands=tuple(commands),
        test_runner=detected(_RUNNERS[runner], packages[runner]) if runner else None,
        has_tests=tests,
        formatters=(detected("dotnet format", Evidence(fact=".editorconfig is there", path=".editorconfig")),)
        if tree.has("", ".editorconfig")
        else (),
        coverage_tool=detected("coverlet", coverage) if coverage else None,
        port=exposed_port(tree, containers) if kind == "service" else None,
        services=services(
            tree, Sources(Language.DOTNET, directory, packages, {}, sources, tested, listens=kind == "service")
        ),
        dependencies=tuple(sorted(packages)),
        container_files=containers,
        evidence=(evidence,),
    )


def _runtime(
    tree: Tree, directory: str, projects: list[_Project]
) -> tuple[Detected | None, str | None, tuple[str, ...]]:
    """The SDK of `global.json`, else of the newest target framework; and the other versions that have to be there.

    One SDK builds for all target frameworks up to its own; tests and programs run on the runtime of each.
    """
    targets: dict[str, Detected] = {}
    for project in projects:
        for framework in project.frameworks:
            match = re.fullmatch(r"net(?:coreapp)?(\d+\.\d+)(?:-\w.*)?", framework.value)
            if match:
                targets.setdefault(f"{match[1]}.x", framework)
    ordered = sorted(targets, key=lambda v: [int(n) for n in v.split(".")[:2]])
    document = tree.json(tree.nearest(directory, "global.json"))
    version = document.string("sdk", "version") if document else None
    if document and version:
        others = tuple(v for v in ordered if not version.startswith(v.removesuffix("x")))
        return detected(version, document.evidence(f"the SDK is {version}", "sdk", "version")), document.path, others
    if ordered:
        return detected(ordered[-1], targets[ordered[-1]].evidence), None, tuple(ordered[:-1])
    return None, None, ()


def _commands(
    evidence: Evidence,
    argument: str,
    projects: list[_Project],
    coverage: Evidence | None,
    lock: str | None,
    kind: str,
    *,
    tests: bool,
) -> Iterator[Command]:
    if any(p.windows for p in projects):
        return
    old = next((f.value for p in projects if p.tests for f in p.frameworks if re.match(r"net4\d", f.value)), None)
    assumed = f"its tests for {old} need Windows, or Mono" if old else None
    locked = " --locked-mode" if lock else ""

    def command(purpose: Purpose, run: str, where: Evidence = evidence, doubt: str | None = None) -> Command:
        return Command(purpose=purpose, run=run, tool="dotnet", evidence=where, assumed=doubt, convention=True)

    yield command(Purpose.INSTALL, f"dotnet restore{argument}{locked}")
    unsaid = "no file says that all code is formatted with it; it comes with .NET"
    yield command(Purpose.FORMAT, f"dotnet format{argument} --verify-no-changes", doubt=unsaid)
    if tests:
        yield command(Purpose.TEST, f"dotnet test{argument}", doubt=assumed)
    if tests and coverage:
        run = f'dotnet test{argument} --collect:"XPlat Code Coverage"'
        yield command(Purpose.COVERAGE, run, coverage, doubt=assumed)
    yield command(Purpose.BUILD, f"dotnet build{argument} --configuration Release")
    if kind == "service":
        yield command(Purpose.START, "dotnet run")
