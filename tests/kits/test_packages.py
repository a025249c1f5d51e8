"""What there is to build, and what a build is known to leave."""

import pytest

from shiftdown.kits import Unit, build_job, build_of, units_of
from shiftdown.repository import Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.snapshot import MemorySource

JAVA = {"src/main/java/a/App.java": "class App {}\n"}
MAIN = "package main\n\nfunc main() {}\n"
TEST = 'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n'


def repository(files: dict[str, str]) -> Snapshot:
    return Snapshot(MemorySource({path: text.encode() for path, text in files.items()}), name="example")


def only(repo: Snapshot) -> Unit:
    (unit,) = units_of(stack_of(repo))
    return unit


def pom(packaging: str) -> str:
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>b</artifactId>"
        f"<version>1</version><packaging>{packaging}</packaging></project>\n"
    )


LEAVES_SOMETHING = {
    "jar of Maven": {"pom.xml": pom("jar"), **JAVA},
    "jar of Gradle": {"build.gradle": "plugins { id 'java' }\n", "settings.gradle": "", **JAVA},
    "jar of Kotlin": {"build.gradle.kts": 'plugins { kotlin("jvm") version "2.2.0" }\n', **JAVA},
    "two programs": {"go.mod": "module a\n\ngo 1.24\n", "cmd/one/main.go": MAIN, "cmd/two/main.go": MAIN},
    "library for npm": {"package.json": '{"name":"a","version":"1.0.0","main":"i.js","scripts":{"build":"tsc"}}\n'},
    "wheel": {"pyproject.toml": '[project]\nname = "a"\n[build-system]\nrequires = ["hatchling"]\n', "a.py": "\n"},
}
LEAVES_NOTHING_KNOWN = {
    "Android": {
        "build.gradle": "plugins { id 'com.android.application' }\n",
        "settings.gradle": "",
        **JAVA,
    },
    "platform": {"build.gradle.kts": "plugins { `java-platform` }\n", "settings.gradle.kts": ""},
    "parent": {"pom.xml": pom("pom")},
    "NetBeans module": {"pom.xml": pom("nbm"), **JAVA},
    "two programs of one name": {
        "go.mod": "module a\n\ngo 1.24\n",
        "main.go": MAIN,
        "cmd/server/main.go": MAIN,
        "tools/server/main.go": MAIN,
    },
    "package that offers nothing": {"package.json": '{"name":"a","version":"1.0.0","scripts":{"build":"tsc"}}\n'},
}


@pytest.mark.parametrize("name", LEAVES_SOMETHING)
def test_what_a_build_leaves_is_kept_where_that_is_asked_for(name: str) -> None:
    repo = repository(LEAVES_SOMETHING[name])
    kept, plain = build_job(repo, only(repo), (), keep=True), build_job(repo, only(repo), ())
    assert kept
    assert plain
    assert [a.name for a in kept.artefacts] == ["package", "sbom"]
    assert plain.artefacts == ()
    assert [s.name for s in plain.steps][-1] == "Build"


@pytest.mark.parametrize("name", LEAVES_NOTHING_KNOWN)
def test_what_is_not_known_to_exist_is_not_kept(name: str) -> None:
    repo = repository(LEAVES_NOTHING_KNOWN[name])
    job = build_job(repo, only(repo), (), keep=True)
    assert job
    assert job.artefacts == ()
    assert [s.name for s in job.steps][-1] == "Build"


@pytest.mark.parametrize(
    ("files", "builds"),
    [
        ({"go.mod": "module a\n\ngo 1.24\n", "a.go": "package a\n", "a_test.go": TEST}, False),
        ({"go.mod": "module a\n\ngo 1.24\n", "a.go": "package a\n"}, True),
        ({"go.mod": "module a\n\ngo 1.24\n", "main.go": MAIN, "a_test.go": TEST}, True),
        ({"Cargo.toml": '[package]\nname = "a"\n', "src/lib.rs": "#[test]\nfn a() {}\n"}, False),
        ({"Cargo.toml": '[package]\nname = "a"\n', "src/main.rs": "#[test]\nfn a() {}\n"}, True),
    ],
)
def test_what_tests_compile_is_not_built_again(files: dict[str, str], builds: bool) -> None:
    assert (build_of(only(repository(files))) is not None) is builds


def test_nothing_is_installed_for_a_build_that_brings_what_it_needs() -> None:
    repo = repository(LEAVES_SOMETHING["wheel"] | {"uv.lock": "version = 1\n"})
    job = build_job(repo, only(repo), ())
    assert job
    assert [s.run for s in job.steps] == ["uv build"]
