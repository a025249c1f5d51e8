"""What has to be built before code is compiled or tested is built first."""

import json

import pytest

from shiftdown.kits import jobs_of, units_of
from shiftdown.pipelines import Job
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.detect import stack_of

GO = {
    "go.mod": "module a\n\ngo 1.23\n",
    "a_test.go": "package main\n",
    "ui/serve.go": 'package ui\n\nimport "embed"\n\n//go:embed all:build/*\nvar box embed.FS\n',
}
UI = {"ui/package.json": json.dumps({"name": "ui", "scripts": {"build": "vite build"}}), "ui/package-lock.json": "{}"}


def jobs(files: dict[str, str]) -> dict[str, Job]:
    repo = Snapshot(MemorySource({p: t.encode() for p, t in files.items()}), name="a")
    return {job.id: job for unit in units_of(stack_of(repo)) for job in jobs_of(repo, unit)}


def runs(job: Job) -> list[str | None]:
    return [s.run for s in job.steps]


def test_what_a_go_program_embeds_is_made_by_the_component_that_makes_it() -> None:
    found = jobs({**GO, **UI})
    assert runs(found["go-test"]) == ["go mod download", "npm ci", "npm run build", "go test ./..."]
    assert [s.working_directory for s in found["go-test"].steps] == [None, "ui", "ui", None]
    assert [r.language for r in found["go-test"].setup] == ["go", "node"]
    assert runs(found["go-code-quality"])[1:4] == ["npm ci", "npm run build", "go vet ./..."]


def test_what_nothing_makes_is_told() -> None:
    found = jobs(GO)["test"]
    assert runs(found) == ["go mod download", "go test ./..."]
    assert any("ui/build/*" in note and "not known" in note for note in found.notes)


@pytest.mark.parametrize("held", ["ui/build/index.html", "ui/build/deep/a.js"])
def test_what_is_there_need_not_be_made(held: str) -> None:
    assert runs(jobs({**GO, held: ""})["test"]) == ["go mod download", "go test ./..."]


TEST = "packages/web/a.test.ts"


def workspace(lock: str, main: str, **files: str) -> dict[str, str]:
    packages: dict[str, dict[str, object]] = {
        "": {"private": True, "workspaces": ["packages/*"], "name": "root"},
        "packages/web/": {"name": "web", "scripts": {"test": "vitest run"}, "dependencies": {"lib": "*"}},
        "packages/lib/": {"name": "lib", "scripts": {"build": "tsc"}, "main": main, "dependencies": {"base": "*"}},
        "packages/base/": {"name": "base", "scripts": {"build": "tsc"}, "exports": {".": {"import": main}}},
    }
    manifests = {f"{p}package.json": json.dumps(m) for p, m in packages.items()}
    return {**manifests, lock: "", "pnpm-workspace.yaml": "packages: ['packages/*']\n", TEST: "", **files}


@pytest.mark.parametrize(
    ("lock", "run"),
    [
        ("pnpm-lock.yaml", "pnpm --filter base run build && pnpm --filter lib run build"),
        ("package-lock.json", "npm run build --workspace base && npm run build --workspace lib"),
        ("yarn.lock", "yarn workspace base run build && yarn workspace lib run build"),
    ],
)
def test_packages_that_tests_import_are_built_first(lock: str, run: str) -> None:
    test = jobs(workspace(lock, "./dist/index.js"))["packages-web-test"]
    assert runs(test)[1] == run
    assert test.steps[1].working_directory == ""


def test_packages_that_export_their_sources_are_not_built() -> None:
    files = workspace("pnpm-lock.yaml", "./src/index.ts")
    files |= {f"packages/{p}/src/index.ts": "" for p in ("lib", "base")}
    assert len(runs(jobs(files)["packages-web-test"])) == 2
