"""What there is to build, what a build leaves, and the list of what is in that."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shiftdown.edits import json
from shiftdown.kits.units import Unit
from shiftdown.pipelines import GITHUB_ACTIONS, Artefact, Part, Step
from shiftdown.repository import Snapshot
from shiftdown.repository.stack import Command, Component, Language, Purpose

_OWN_ENVIRONMENT = re.compile(r"(?:uv|poetry|pdm|hatch|gem) build\b|python3? -m pip wheel ")
"""Builds that bring what they need themselves: the component's dependencies do not have to be installed."""
_COMPILED = (Language.GO, Language.RUST)
"""Languages whose tests compile all of a library."""

SBOM = "sbom.spdx.json"
"""The software bill of materials, SPDX 2.3."""


def build_of(unit: Unit) -> Command | None:
    """How a unit is built; `None` where there is nothing to build that its tests do not compile."""
    every = (unit.component, *unit.members)
    compiled = unit.component.language in _COMPILED and unit.has_tests and all(c.kind == "library" for c in every)
    return None if compiled else unit.component.command(Purpose.BUILD)


def needs_install(command: Command) -> bool:
    """Whether a build needs the component's dependencies installed."""
    return _OWN_ENVIRONMENT.match(command.run) is None


@dataclass(frozen=True)
class Package:
    """The files that a build makes, and what has to be done for it."""

    artefacts: tuple[Artefact, ...]
    """The files, and the bill of materials."""
    directory: str
    """The directory of the component."""
    pack: Step | None = None
    """What makes the package, after the build."""
    build: str | None = None
    """The build command to use in place of the component's own, so that it writes files."""

    def steps(self, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        """The steps of the build job with those of the package; the build is the last of `steps`."""
        last = steps[-1].model_copy(update={"run": self.build}) if self.build else steps[-1]
        return (*steps[:-1], last, *([self.pack] if self.pack else []), self._sbom())

    def _sbom(self) -> Step:
        inputs: dict[str, str | int | bool] = {
            "path": self.directory or ".",
            "format": "spdx-json",
            "output-file": posixpath.join(self.directory, SBOM),
            "upload-artifact": False,
            "upload-release-assets": False,
        }
        part = Part(name="anchore/sbom-action", inputs=inputs)
        return Step(
            name="List what is in it (SBOM)",
            run=f"syft scan dir:. --output spdx-json={SBOM}",
            programs=("syft",),
            parts={GITHUB_ACTIONS.key: part},
        )


@dataclass(frozen=True)
class _Output:
    paths: tuple[str, ...]
    pack: str | None = None
    build: str | None = None


def package_of(repo: Snapshot, unit: Unit) -> Package | None:
    """What the build of a unit leaves; `None` where it leaves nothing, or it is not known where."""
    component = unit.component
    command = component.command(Purpose.BUILD)
    find = _OUTPUTS.get(component.language)
    output = find(repo, unit, command) if find and command else None
    if output is None:
        return None
    directory = component.path
    paths = tuple(posixpath.join(directory, p) for p in output.paths)
    bill = Artefact(name=unit.id("sbom"), paths=(posixpath.join(directory, SBOM),))
    return Package(
        artefacts=(Artefact(name=unit.id("package"), paths=paths), bill),
        directory=directory,
        pack=Step(name="Pack", run=output.pack) if output.pack else None,
        build=output.build,
    )


def _node(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    """A library that can be published is packed as it would be published, if its manifest says what it offers."""
    manifest = json.load(repo.text(unit.component.manifest))
    public = manifest.get("private") is not True and manifest.get("name") and manifest.get("version")
    offers = any(manifest.get(key) for key in ("main", "module", "exports", "bin", "types"))
    if unit.component.kind == "service" or not public or not offers or unit.component.members:
        return None
    manager = unit.component.package_manager.value if unit.component.package_manager else "npm"
    run = {"pnpm": "pnpm pack", "yarn": "yarn pack", "bun": "bun pm pack"}.get(manager, "npm pack")
    return _Output(("*.tgz",), pack=run)


def _python(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    known = re.fullmatch(r"(uv|poetry|pdm|hatch) build|python3? -m build|.* wheel .*-w dist .*", command.run)
    if known is None:
        return None
    beside = command.run == "uv build" and unit.root is not None
    return _Output(("dist/*",), build="uv build --out-dir dist" if beside else None)


def _go(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    """Programs, where each has a name of its own: one would silently overwrite the other."""
    path = unit.component.path
    if command.run != "go build ./..." or unit.component.entry_point is None:
        return None
    folders = [posixpath.basename(posixpath.dirname(p)) for p in repo.glob(posixpath.join(path, "**/main.go"))]
    if len(set(folders)) < len(folders):
        return None
    return _Output(("dist/*",), build="go build -o dist/ ./...")


def _java(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    """Archives, where a module with sources makes one: Android applications, platforms and parents make none."""
    maven = unit.component.package_manager is not None and unit.component.package_manager.value == "maven"
    makes = _maven_makes_archive if maven else _gradle_makes_archive
    if not any(makes(repo, c) for c in (unit.component, *unit.members)):
        return None
    folder = "target" if maven else "build/libs"
    return _Output((f"**/{folder}/*.jar", f"**/{folder}/*.war"))


_ARCHIVES = re.compile(
    r"""["'](?:java|java-library|application|war|groovy|scala|org\.springframework\.boot"""
    r"""|org\.jetbrains\.kotlin\.jvm)["']|`java-library`|^\s*(?:java|war|application)\s*$|kotlin\(["']jvm["']\)""",
    re.M,
)
"""Plugins of Gradle whose `assemble` makes a jar or war."""


def _maven_makes_archive(repo: Snapshot, component: Component) -> bool:
    packaging = re.search(r"<packaging>\s*([\w-]+)\s*</packaging>", repo.text(component.manifest))
    return _has_sources(repo, component) and (packaging is None or packaging[1] in ("jar", "war"))


def _gradle_makes_archive(repo: Snapshot, component: Component) -> bool:
    build = repo.text(component.manifest)
    return _has_sources(repo, component) and "com.android" not in build and _ARCHIVES.search(build) is not None


def _has_sources(repo: Snapshot, component: Component) -> bool:
    return bool(repo.children(posixpath.join(component.path, "src/main")))


def _ruby(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    return _Output(("*.gem",)) if command.run.startswith("gem build ") else None


_OUTPUTS: Mapping[Language, Callable[[Snapshot, Unit, Command], _Output | None]] = {
    Language.NODE: _node,
    Language.PYTHON: _python,
    Language.GO: _go,
    Language.JAVA: _java,
    Language.RUBY: _ruby,
}
