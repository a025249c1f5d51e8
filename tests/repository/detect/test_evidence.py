"""The line that evidence names holds what the evidence speaks of: in every case, and in texts made at random."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from shiftdown.git.directory import folder_snapshot
from shiftdown.repository import Snapshot, detect
from shiftdown.repository.detect.backing.compose import compose_files
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Purpose

from .helpers import Files, only, package, stack

ROOT = Path(__file__).parents[3]
TREES = sorted(
    [
        *(p for p in (ROOT / "tests" / "plugins").glob("**/before") if p.is_dir()),
        *(p for p in (ROOT / "examples" / "repositories").iterdir() if p.is_dir()),
        *(p for p in (ROOT / "golden_paths").glob("*/skeleton") if p.is_dir()),
    ]
)
EXAMPLES = settings(max_examples=150, derandomize=True, deadline=None)

SAYS = {
    r"the script (\S+) is `([^`…]{,40})[^`…]*[`…]+": r'"\1": "\2',
    r"the script (\S+) (?:runs|calls) (\S+)": r'"\1": "',
    r"the script (\S+) of (?:the Hatch environment )?\S+": r"\1",
    r"engines asks for Node.js (.+)": r'"node": "\1"',
    r"engines asks for (\S+)": r'"\1": "',
    r"volta pins Node.js (\S+)": r'"node": "\1"',
    r"\S+ needs Node.js (.+)": r"\1",
    r"pnpm (\S+) needs Node.js .+": r"(?:lockfileVersion|pnpm@\1)",
    r"(\S+) (\d+)\.\S+ needs Node.js .+": r"(?:\1.*\2)",
    r"it needs Ruby (.+)": r"\1",
    r"\S+ says Ruby (.+)": r"\1",
    r"compiling for Java (\S+) needs .+": r"\1",
    r"(?:Gradle|Maven) (\S+) needs Java .+": r"-\1-",
    r"[\w-]+ (\S+) needs Java .+": r"\1",
    r"the build requires Java (.+)": r"<version>\1</version>",
    r"\S+ has the format (\S+), which pnpm .+ reads": r"\1",
    r"packageManager is (\S+)": r'"packageManager": "\1',
    r"main is (\S+)": r'"main": "\1"',
    r"(main|module|exports) is \S+, which its build makes": r'"\1": ',
    r"it embeds \S+, which matches nothing here": "//go:embed ",
    r"\S+ has the target (\S+) of Nx": r'"\1": ',
    r"\S+ runs `(.+)`": r"\1",
    r"\S+/\S+ runs (\S+)": r"\1",
    r"(\S+) is in \S*[dD]ependencies": r'"\1": ',
    r"(\S+) is in require(?:-dev)?": r'"\1": ',
    r"([\w.-]+) is in the (?:requirements|extra .*|group .*|file .*|tests_require)": r"\1",
    r"it needs PHP (.+)": r'"php": "\1"',
    r"rust-version is (\S+) or newer": r'rust-version = "\1"',
    r"Cargo.toml is a manifest of Cargo": r"[package]",
    r"\S+ says (.+)": r"\1",
    r"\S+ is a module": "module ",
    r"(\S+) is required": r"\1 v",
    r"(?:it|\w+) listens on (\d+)": r"\1",
    r"it listens on (\d+) by default": r"\1",
    r"it listens": "listen",
    r"(\w+) listens on \d+ by default": r"\1",
    r"the application is made here": "(?: = |def )",
    r"\[(\S+)\] configures \S+": r"[\1",
    r"it configures (\w+)": r"[tool.",
    r"(?:requires-python|python_requires|python) is (.+)": r"\1",
    r"it is built by (\S+)": r'build-backend = "\1"',
    r"the newest version in its classifiers is (\S+)": r"Python :: \1",
    r"(TargetFrameworks?) is (\S+)": r"<\1>\2</\1>",
    r"(\S+) is referenced": r'Include="\1"',
    r"it uses the web SDK": 'Sdk="Microsoft.NET.Sdk.Web"',
    r"it uses (\w[\w-]*-plugin)": r"<artifactId>\1</artifactId>",
    r"it uses ([\w.:-]+)": r"\1",
    r"\S+:(\S+) is a (?:dependency|parent)": r"<artifactId>\1</artifactId>",
    r"(\w[\w.]+) is (\d+)": r"<\1>\2</\1>",
    r"it is built for Java (\d+)": r"\1",
    r"the wrapper is version (\S+)": r"-\1-",
    r"(\S+) is a gem": r'"\1"',
    r"it is started here": "(?:main|@SpringBootApplication)",
    r"pre-commit runs (\S+)": r"id: \1",
    r"\S+ defines (\S+)": r"\1:",
    r"the container file starts from (\S+)": r"FROM \1",
    r"the container file exposes (\d+)": r"EXPOSE \1",
    r"the Compose service \S+ runs (\S+)": r"image: \1",
    r"the Compose service \S+ sets (\S+)": r"\1",
    r"\S+ sets (\S+)": r"\1=",
    r"\S+ names the adapter (\S+)": r"\1",
    r"\S+ names (\S+)": r"\1",
    r"(?:Django|Prisma) talks to (\S+)": r"\1",
    r"the settings need (\S+)": r"\1",
    r"the data source is (\S+)": r"\1",
    r"the tests set DB_CONNECTION to (\S+)": r'"DB_CONNECTION" value="\1"',
    r"\S+ has the feature (\S+)": r'"\1"',
    r"tox environment (\S+)": r"commands",
}
"""What a line has to hold, by what is said of it. A fact that is not here fails: say what its line holds."""
PATTERNS = "(?:"
"""How what is a pattern begins; all else is looked for as it is."""


def evidence_in(value: Any) -> Iterator[Evidence]:
    """All evidence in a model."""
    if isinstance(value, Evidence):
        yield value
    elif isinstance(value, BaseModel):
        yield from evidence_in([getattr(value, name) for name in type(value).model_fields])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from evidence_in(item)


def line_of(snapshot: Snapshot, evidence: Evidence) -> str:
    """The line that evidence names."""
    assert evidence.path
    assert evidence.line
    return snapshot.text(evidence.path).split("\n")[evidence.line - 1]


def expected(fact: str) -> str | None:
    """What the line of a fact has to hold."""
    match, held = next(((m, v) for k, v in SAYS.items() if (m := re.fullmatch(k, fact, re.S))), (None, ""))
    return match.expand(held) if match else None


def test_there_are_trees() -> None:
    assert len(TREES) > 100


@pytest.mark.parametrize("tree", TREES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_lines_of_every_case_hold_what_is_said_of_them(tree: Path) -> None:
    snapshot = folder_snapshot(str(tree))
    for evidence in evidence_in(detect(snapshot)):
        if evidence.line is None:
            continue
        line, held = line_of(snapshot, evidence), expected(evidence.fact)
        assert held is not None, f"{evidence}: say in SAYS what its line holds"
        found = re.search(held, line) if held.startswith(PATTERNS) else held in line.replace('\\"', '"')
        assert found, f"{evidence}: {line!r} does not hold {held!r}"


def test_a_service_that_is_named_before_it_is_defined() -> None:
    compose = (
        "services:\n  web:\n    depends_on:\n      db:\n        condition: service_healthy\n"
        "      cache:\n        condition: service_started\n    image: acme/web:1\n"
        "  db:\n    image: postgres:17\n    # cache: {image: redis:6}\n  cache:\n    image: redis:7\n"
    )
    (file,) = compose_files(Tree(Snapshot.of({"compose.yaml": compose})), "")
    assert [(s.service, s.evidence.line) for s in file.backing] == [("postgresql", 10), ("redis", 13)]


def test_a_key_of_the_same_name_before_the_one_that_is_meant() -> None:
    text = json.dumps(
        {
            "name": "app",
            "config": {"dependencies": {"express": "0"}, "scripts": {"test": "no"}},
            "description": 'no "scripts": {"test": "no"}',
            "dependencies": {"express": "5"},
            "scripts": {"test": "jest"},
        },
        indent=2,
    )
    component = only({"package.json": text, "a.test.js": ""})
    assert component.framework
    assert component.framework.evidence.line == 13
    assert {c.evidence.line for c in component.commands} == {None, 16}


def test_a_key_that_is_there_twice_is_found_where_it_counts() -> None:
    text = '{\n "scripts": {"test": "old"},\n "scripts": {\n  "test": "jest",\n  "test": "vitest"}\n}\n'
    component = only({"package.json": text})
    test = component.command(Purpose.TEST)
    assert test
    assert (test.evidence.fact, test.evidence.line) == ("the script test is `vitest`", 5)


FLASK = "flask is in the requirements"


@pytest.mark.parametrize(
    ("path", "lines", "fact", "line"),
    [
        ("go.mod", ["// first", "", "module example.org/x", "", "go 1.25"], "go.mod is a module", 3),
        (
            "setup.py",
            [
                "from setuptools import setup",
                "needs = [",
                " 'flask',",
                "]",
                "setup(name='x',",
                " install_requires=needs)",
            ],
            FLASK,
            3,
        ),
        (
            "setup.cfg",
            ["[metadata]", "description = flask", "[options]", "install_requires =", "  click", "  # flask", "  flask"],
            FLASK,
            7,
        ),
        (
            "requirements.txt",
            ["# flask", "click \\", "  --hash=sha256:0", "flask==3"],
            "flask is in the file requirements.txt",
            4,
        ),
        (
            "pyproject.toml",
            ["[project]", 'name = "x" # flask', "dependencies = [", '  "click", # "flask"', '  "flask",', "]"],
            FLASK,
            5,
        ),
        (
            "pyproject.toml",
            ["[tool.x.project]", 'dependencies = ["flask"]', "[project]", 'name = "x"', 'dependencies = ["flask"]'],
            FLASK,
            5,
        ),
        (
            "App.csproj",
            ['<?xml version="1.0"?>', "<!-- web -->", '<Project Sdk="Microsoft.NET.Sdk.Web"/>'],
            "it uses the web SDK",
            3,
        ),
        (".nvmrc", ["", "", "22"], ".nvmrc says 22", 3),
    ],
)
def test_lines_of_other_files(path: str, lines: list[str], fact: str, line: int) -> None:
    others: Files = {"package.json": package()} if path == ".nvmrc" else {"app.py": "", "x.go": "", "Program.cs": ""}
    found = [e for e in evidence_in(stack({**others, path: "\n".join([*lines, ""])})) if e.fact == fact]
    assert {e.line for e in found if e.line is not None} == {line}


NAMES = st.sampled_from(["dependencies", "scripts", "test", "image", "services", "db", "cache", "project", "lint", "x"])
VALUES = st.recursive(
    st.sampled_from(["redis:7", "postgres:17", "flask", "vitest", "a: b", "# no", "1"]) | st.integers(0, 9),
    lambda inner: st.dictionaries(NAMES, inner, max_size=4) | st.lists(inner, max_size=3),
    max_leaves=12,
)
NOISE = st.dictionaries(NAMES, VALUES, max_size=4)
IMAGES = st.sampled_from(["redis:7", "postgres:17-alpine", "mysql:8", "acme/web:1", "rabbitmq:4"])
SERVICES = st.dictionaries(NAMES, st.tuples(NOISE, IMAGES, st.booleans()), min_size=1, max_size=5)


@given(SERVICES, NOISE, st.sampled_from([None, True]), st.integers(2, 6))
@EXAMPLES
def test_compose_files(services: dict[str, Any], noise: dict[str, Any], flow: bool | None, indent: int) -> None:
    made = {
        name: {"image": image, **extra, "image": image} if first else {**extra, "image": image}  # noqa: F601
        for name, (extra, image, first) in services.items()
    }
    text = yaml.safe_dump({**noise, "services": made}, default_flow_style=flow, indent=indent, sort_keys=False)
    files: Files = {"compose.yaml": text}
    (file,) = compose_files(Tree(Snapshot.of({"compose.yaml": text})), "")
    for service in file.backing:
        name, image = re.fullmatch(r"the Compose service (\S+) runs (\S+)", service.evidence.fact).groups()  # type: ignore[union-attr]
        assert made[name]["image"] == image
        _assert_held(files, service.evidence, image)


@given(
    NOISE,
    st.dictionaries(NAMES, st.sampled_from(["vitest run", "tsc", "eslint ."]), max_size=5),
    st.sampled_from([None, 1, 4]),
)
@EXAMPLES
def test_package_manifests(noise: dict[str, Any], scripts: dict[str, str], indent: int | None) -> None:
    content = {"config": noise, **{k: v for k, v in noise.items() if k == "x"}}
    content |= {"name": "app", "scripts": scripts, "dependencies": {"express": "5", "pg": "8"}}
    files: Files = {"package.json": json.dumps(content, indent=indent)}
    for evidence in evidence_in(stack(files)):
        if evidence.line is not None:
            held = expected(evidence.fact)
            assert held is not None, evidence
            _assert_held(files, evidence, held)


@given(st.lists(st.sampled_from(["flask", "redis", "click"]), unique=True), st.permutations(range(4)), st.booleans())
@EXAMPLES
def test_projects(needs: list[str], order: list[int], inline: bool) -> None:
    shown = json.dumps(needs) if inline else "[\n" + "".join(f"    '{n}>=1', # flask redis\n" for n in needs) + "]"
    tables = [
        f'[project]\nname = "app"\ndescription = "flask, redis and [project]"\ndependencies = {shown}\n',
        '[tool.other.project]\ndependencies = ["flask", "redis"]\n',
        '[dependency-groups]\ndev = ["pytest", "ruff"]\n',
        '# [tool.ruff] of flask\n[tool.ruff]\nlint.select = ["flask"]\n',
    ]
    files: Files = {
        "pyproject.toml": "\n".join(tables[n] for n in order),
        "app.py": "",
        "test_x.py": "def test_x(): pass\n",
    }
    found = stack(files)
    for evidence in evidence_in(found):
        if evidence.line is not None:
            held = expected(evidence.fact)
            assert held is not None, evidence
            _assert_held(files, evidence, held)
            if "is in the requirements" in evidence.fact:
                text = str(files["pyproject.toml"])
                after = text.split("\n").index("[project]") + 1
                assert after < evidence.line <= after + 4 + len(needs)


def _assert_held(files: Files, evidence: Evidence, held: str) -> None:
    assert evidence.path
    assert evidence.line
    line = str(files[evidence.path]).split("\n")[evidence.line - 1]
    assert held in line or held.replace('": "', '":"') in line, f"{evidence}: {line!r} does not hold {held!r}"
