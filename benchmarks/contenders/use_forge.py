"""Change requests with shiftdown: `use_forge.py FILES URL...`; prints the seconds of each as JSON."""

import json
import sys
import tempfile
import time

import shiftdown.forges.github.settings
from shiftdown import Identity, RunOutcome, Shiftdown
from shiftdown.extensions import Plugins, forges
from shiftdown.plugin import (
    CapabilityCheck,
    ChangeSet,
    CheckResult,
    Model,
    Snapshot,
    Transformation,
    capability_check,
    hookimpl,
    transformation,
    write,
)

CONTENT = "line\n" * 100


class Parameters(Model):
    files: int


@capability_check("has-files", question="Are the files there?")
def has_files(repo: Snapshot) -> CheckResult:
    """The README says so."""
    return CheckResult.passed("They are.") if "More." in repo.text("README.md") else CheckResult.failed("They are not.")


@transformation("ADD_FILES", title="Add files", family="testing", verified_by="has-files")
def add_files(repo: Snapshot, parameters: Parameters) -> ChangeSet:
    """So many files, beside an edited one."""
    readme = repo.text("README.md") + "\nMore.\n"
    files = [write(f"added/{n}.txt", CONTENT) for n in range(parameters.files - 1)]
    return ChangeSet(files=(write("README.md", readme), *files), summary="Files.")


class Plugin:
    @hookimpl
    def shiftdown_transformations(self) -> list[Transformation]:
        return [add_files]

    @hookimpl
    def shiftdown_capability_checks(self) -> list[CapabilityCheck]:
        return [has_files]


def main(files: str, *urls: str) -> None:
    shiftdown.forges.github.settings.PAUSE = 0
    seconds = []
    plugins = Plugins()
    plugins.register(Plugin(), name="benchmark", package="benchmark")
    plugins.register(forges, name="forges", package="shiftdown")
    author = Identity(name="Benchmark", email="benchmark@example.com")
    with (
        tempfile.TemporaryDirectory() as folder,
        Shiftdown.open(f"sqlite:///{folder}/registry.db", plugins=plugins, author=author) as sd,
    ):
        for url in urls:
            start = time.perf_counter()
            (result,) = sd.run_type("ADD_FILES", [url], parameters={"files": int(files)})
            seconds.append(time.perf_counter() - start)
            assert result.outcome is RunOutcome.OPENED, result.reason
    print(json.dumps(seconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
