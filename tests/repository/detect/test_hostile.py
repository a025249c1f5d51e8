"""Whatever is in a repository, detection answers; what it could not read is in `problems`."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.exploring import examples

from shiftdown.repository import Snapshot, detect
from shiftdown.repository.detect.backing.compose import compose_files
from shiftdown.repository.detect.documents import MAX_MANIFEST
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.snapshot import MemorySource
from shiftdown.repository.stack import Purpose

from .helpers import Files, only, package, stack

LAUGHS_XML = (
    '<?xml version="1.0"?><!DOCTYPE project [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)).replace("&a0;", "&a;")
    + "]><project><artifactId>&a9;</artifactId></project>"
)
EXTERNAL_XML = '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><project><artifactId>&x;</artifactId></project>'
LAUGHS_YAML = "a: &a [x, x, x, x]\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join([f'*{chr(97 + i)}'] * 9)}]\n" for i in range(15)
)


@pytest.mark.parametrize(
    ("path", "content", "problem"),
    [
        ("package.json", "{", "is not valid JSON"),
        ("package.json", "[]", "is not what a JSON manifest is: a mapping"),
        ("package.json", "[" * 100_000, "is not valid JSON: is nested too deeply"),
        ("package.json", b"\xff\xfe{}", "is not UTF-8"),
        ("package.json", b'{"name": "\x00"}', "is binary"),
        ("package.json", " " * (MAX_MANIFEST + 1), "JSON over 1,048,576 is not read"),
        ("package.json", b"x" * 6_000_000, "text files over"),
        ("pyproject.toml", "[project", "is not valid TOML"),
        ("pyproject.toml", "a = " + "[" * 20_000, "is not valid TOML: is nested too deeply"),
        ("setup.py", "setup(\n", "is not Python"),
        ("setup.py", "setup(" + "(" * 100_000, "cannot be parsed as Python|is not Python"),
        ("setup.py", "print 'old'\nsetup(name='a')\n", "is not Python that this version reads"),
        ("setup.cfg", "[metadata\nname", "is not valid INI"),
        ("pom.xml", "<project>", "is not valid XML"),
        ("pom.xml", LAUGHS_XML, "document types are not read"),
        ("pom.xml", EXTERNAL_XML, "document types are not read"),
        ("pom.xml", "<project>" + "<a>" * 100_000, "nested more than 200 deep"),
        ("App.csproj", LAUGHS_XML, "document types are not read"),
        ("Cargo.toml", "=", "is not valid TOML"),
        ("composer.json", '{"require": ', "is not valid JSON"),
        ("pnpm-workspace.yaml", "packages: [", "is not valid YAML"),
        ("pnpm-workspace.yaml", "a: " + "[" * 20_000, "is not valid YAML"),
        ("pnpm-workspace.yaml", "!!python/object/apply:os.system ['x']", "is not valid YAML|is not what a YAML"),
    ],
)
def test_malformed_manifests_are_problems(path: str, content: str | bytes, problem: str) -> None:
    files: Files = {path: content}
    if path == "pnpm-workspace.yaml":
        files["a/package.json"] = package()
    found = stack(files)
    assert [p.path for p in found.problems] == [path]
    assert any(part in found.problems[0].fact for part in problem.split("|")), found.problems[0].fact


def test_problems_do_not_hide_the_rest() -> None:
    found = stack({"package.json": "{", "api/go.mod": "module a.b/c\n", "web/package.json": package()})
    assert [c.path for c in found.components] == ["api", "web"]
    assert len(found.problems) == 1


@pytest.mark.parametrize("bom", ["\ufeff", ""])
def test_byte_order_mark_and_line_endings(bom: str) -> None:
    text = bom + package(scripts={"test": "jest"}).replace("\n", "\r\n")
    component = only({"package.json": text, "a.test.js": ""})
    assert component.name == "app"
    test = component.command(Purpose.TEST)
    assert test is not None
    assert test.evidence.line == 4


def test_yaml_that_grows_is_not_expanded() -> None:
    files: Files = {"package.json": package(dependencies={"pg": "8"}), "compose.yaml": LAUGHS_YAML}
    found = stack(files)
    assert found.components[0].services[0].name == "postgresql"
    assert [(p.path, p.fact) for p in found.problems] == [
        ("compose.yaml", "is not valid YAML: more than 200000 nodes (line 6)")
    ]


def test_a_large_compose_file_gives_its_services() -> None:
    others = "".join(f"  job{n}:\n    image: acme/job{n}:1\n    command: run --with {'x' * 60}\n" for n in range(800))
    compose = f"services:\n{others}  cache:\n    image: redis:7\n"
    assert len(compose) > 85_000
    (file,) = compose_files(Tree(Snapshot.of({"compose.yaml": compose})), "")
    assert [(s.service, s.evidence.line) for s in file.backing] == [("redis", 2403)]


def test_manifests_that_are_directories_links_or_submodules() -> None:
    source = MemorySource(
        {"package.json/x": b"", "api/package.json": b"../real.json", "sub": b""},
        symlinks=["api/package.json"],
        submodules=["sub"],
    )
    found = detect(Snapshot(source, name="x"))
    assert found.components == ()
    assert [(p.path, p.fact) for p in found.problems] == [
        ("api/package.json", "is a symbolic link, which is not followed")
    ]


def test_workspaces_in_circles() -> None:
    files: Files = {
        "package.json": package(workspaces=["a", "..", "/etc", "*", "**", "{a,b}" * 40]),
        "a/package.json": package(workspaces=["..", "../b", "a"]),
        "b/package.json": package(workspaces=["../a"]),
    }
    assert [c.path for c in stack(files).components] == ["", "a", "b"]


def test_scripts_in_circles() -> None:
    component = only({"package.json": package(scripts={"test": "npm run a", "a": "npm run b", "b": "npm run a"})})
    assert [c.run for c in component.commands if c.purpose is Purpose.TEST] == ["npm test"]


def test_requirements_in_circles() -> None:
    component = only(
        {"requirements.txt": "-r dev.txt\n-r requirements.txt\n", "dev.txt": "-r requirements.txt\nx\n", "a.py": ""}
    )
    assert component.dependencies == ("x",)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"name": 1, "scripts": [], "workspaces": 5, "engines": "x", "dependencies": "y", "bin": 3}'),
        ("package.json", '{"name": "a", "scripts": {"test": null, "lint": {}}, "dependencies": {"express": {}}}'),
        ("package.json", '{"name": "a", "workspaces": {"packages": {"a": 1}}, "volta": [], "packageManager": 7}'),
        ("pyproject.toml", 'project = 1\ntool = "x"\n"build-system" = []\n'),
        ("pyproject.toml", '[project]\nname = 1\ndependencies = "x"\n"optional-dependencies" = []\nscripts = 2\n'),
        ("pyproject.toml", '[tool.poetry]\ndependencies = 1\nextras = []\n[tool.poetry.group]\ndev = 3\n'),
        ("pyproject.toml", '[tool.uv]\nworkspace = 1\n"default-groups" = 3\n'),
        ("pyproject.toml", "[project]\nname = 'a'\n[dependency-groups]\na = 1\nb = [{x = 1}]\n"),
        ("pyproject.toml", '[tool.hatch]\nenvs = 1\n[tool.pdm]\nscripts = []\n[tool.tox]\nenv = 3\n'),
        ("Cargo.toml", 'package = 1\nworkspace = "x"\n'),
        ("Cargo.toml", '[workspace]\nmembers = 3\n[package]\nname = []\n'),
        ("composer.json", '{"require": [], "scripts": [1], "config": 5}'),
        ("global.json", '{"sdk": []}'),
        ("pom.xml", "<project><modules><module/><module>.</module></modules></project>"),
        ("pom.xml", "<other/>"),
        ("compose.yaml", "services: [a, b]\n"),
        ("compose.yaml", "services:\n  a: 1\n  b:\n    image: [x]\n"),
        ("lerna.json", '{"packages": "x"}'),
        ("pnpm-workspace.yaml", "packages: x\n"),
        ("tox.ini", "[testenv]\n[testenv]\n[testenv:{a,b}]\n"),
        ("go.work", "use (\nuse x\n"),
        ("Pipfile", "packages = 1\nrequires = 2\n"),
        (".nvmrc", "\n\n"),
    ],
)  # fmt: skip
def test_values_of_the_wrong_type_are_passed_over(path: str, text: str) -> None:
    context: Files = {
        "main.py": "",
        "index.php": "",
        "a/package.json": package(),
        "Gemfile": "",
        "A.csproj": "<Project/>",
    }
    stack({**context, path: text})


KEYS = st.sampled_from(
    [
        "name",
        "scripts",
        "test",
        "lint",
        "workspaces",
        "packages",
        "engines",
        "node",
        "dependencies",
        "devDependencies",
        "express",
        "project",
        "tool",
        "poetry",
        "uv",
        "group",
        "dev",
        "dependency-groups",
        "optional-dependencies",
        "requires-python",
        "python",
        "hatch",
        "envs",
        "pdm",
        "package",
        "members",
    ]
)
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "x", "*", "..", "npm run x", ">=3", "[", "\n"])
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(KEYS, v, max_size=4), max_leaves=15)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYS, VALUES, max_size=6), st.sampled_from(["package.json", "composer.json", "lerna.json"]))
def test_any_json_is_survived(data: dict[str, object], path: str) -> None:
    stack({path: json.dumps(data), "index.php": "", "a/package.json": package()})


NAMES = st.sampled_from(
    [
        "package.json",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "tox.ini",
        "noxfile.py",
        "Makefile",
        "justfile",
        "requirements.txt",
        "go.mod",
        "go.work",
        "pom.xml",
        "build.gradle",
        "settings.gradle",
        "Cargo.toml",
        "A.csproj",
        "A.sln",
        "global.json",
        "Gemfile",
        "x.gemspec",
        "composer.json",
        "Dockerfile",
        "compose.yaml",
        ".nvmrc",
        ".python-version",
        ".tool-versions",
        "Pipfile",
        "hatch.toml",
        ".pre-commit-config.yaml",
        "pnpm-workspace.yaml",
    ]
)


@settings(max_examples=examples(150), suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, st.binary(max_size=60) | st.text(max_size=60), max_size=6))
def test_any_bytes_are_survived(files: dict[str, str | bytes]) -> None:
    stack({**files, "main.py": "", "index.php": "", "a.rb": ""})


def test_ten_thousand_packages() -> None:
    files: Files = {"package.json": package(workspaces=["packages/*"], scripts={"test": "turbo test"})}
    files |= {f"packages/p{i}/package.json": '{"name": "p", "scripts": {"test": "jest"}}' for i in range(10_000)}
    found = stack(files)
    assert len(found.components) == 10_001
    assert len(found.components[0].members) == 10_000


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", package(scripts={"test": "npm run " * 50_000, "lint": "-w " * 50_000})),
        ("package.json", package(workspaces=["{" * 5_000, "**/" * 2_000, "*" * 500], engines={"node": "1 " * 9_000})),
        ("package.json", package(engines={"node": ">=" * 20_000 + "|" * 20_000})),
        ("Makefile", "a" * 200_000),
        ("Makefile", "a: b\n" * 20_000),
        ("Makefile", "a: b\n" + "\t \n" * 50_000 + "x"),
        ("package.json", package(scripts={"test": "node " * 20_000, "lint": "prettier " * 20_000})),
        ("justfile", "a b c " * 50_000),
        ("build.gradle", "include " + "'a', " * 50_000),
        ("settings.gradle", "include " + "'a' " * 50_000),
        ("build.gradle", " \t" * 200_000),
        ("go.mod", "module a.b/c\n" + "\t" * 200_000),
        ("requirements.txt", "a[" * 100_000),
        ("pyproject.toml", '[project]\nname="a"\nrequires-python="' + ">=3," * 20_000 + '"\n'),
        ("Dockerfile", "FROM " + "a/" * 100_000),
        ("compose.yaml", "services:\n  a:\n    image: '" + "a/" * 50_000 + "'\n"),
        (".pre-commit-config.yaml", "id" * 200_000),
        ("A.sln", "'" * 300_000),
        ("Gemfile", "gem " * 100_000),
        ("x.gemspec", "required_ruby_version = " + "'a', " * 50_000),
        ("application.yml", "server:\n" + "  a: b\n" * 50_000),
    ],
)  # fmt: skip
def test_long_lines_do_not_blow_up(path: str, text: str) -> None:
    """Each of these ends: a pattern that backtracks without bound would never come back."""
    where = f"src/main/resources/{path}" if path == "application.yml" else path
    javalin = "<dependency><groupId>g</groupId><artifactId>javalin</artifactId></dependency>"
    pom = f"<project><dependencies>{javalin}</dependencies></project>"
    context: Files = {"main.py": "", "a.rb": "", "a/package.json": package(dependencies={"pg": "1"}), "pom.xml": pom}
    stack({**context, where: text})
