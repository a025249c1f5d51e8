"""What a build leaves: the files to keep, and the list of what is in them."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shiftdown.edits import json
from shiftdown.kits.units import Unit
from shiftdown.pipelines import GITHUB_ACTIONS, Artefact, Part, Step
from shiftdown.repository import Snapshot
from shiftdown.repository.stack import Command, Language, Purpose

SBOM = "sbom.spdx.json"
"""The software bill of materials, SPDX 2.3."""


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
    """A library that can be published is packed as it would be published."""
    manifest = json.load(repo.text(unit.component.manifest))
    public = manifest.get("private") is not True and manifest.get("name") and manifest.get("version")
    if unit.component.kind == "service" or not public or unit.component.members:
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
    if command.run != "go build ./..." or unit.component.entry_point is None:
        return None
    return _Output(("dist/*",), build="go build -o dist/ ./...")


def _java(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    maven = unit.component.package_manager is not None and unit.component.package_manager.value == "maven"
    folder = "target" if maven else "build/libs"
    return _Output((f"**/{folder}/*.jar", f"**/{folder}/*.war"))


def _ruby(repo: Snapshot, unit: Unit, command: Command) -> _Output | None:
    return _Output(("*.gem",)) if command.run.startswith("gem build ") else None


_OUTPUTS: Mapping[Language, Callable[[Snapshot, Unit, Command], _Output | None]] = {
    Language.NODE: _node,
    Language.PYTHON: _python,
    Language.GO: _go,
    Language.JAVA: _java,
    Language.RUBY: _ruby,
}
