"""What a repository's own tools say of how they are run."""

import pytest

from shiftdown.repository.stack import Purpose

from .helpers import Files, first, only, package, runs, stack

WEB = package(scripts={"lint": "biome check --write ./", "test": "playwright test", "unit": "vitest run"})


@pytest.mark.parametrize(
    ("call", "tool"),
    [
        ("bun run --filter web {}", True),
        ("npm run {} -w web", True),
        ("npm run {} --workspaces", True),
        ("npm --prefix apps/web run {}", True),
        ("pnpm -r run {}", True),
        ("pnpm -C apps/web {}", True),
        ("yarn workspace web {}", True),
        ("yarn workspaces foreach -A run {}", True),
        ("turbo run {}", True),
        ("nx run-many -t {}", True),
        ("lerna run {}", True),
        ("pnpm --filter other {}", False),
    ],
)
def test_scripts_of_other_packages_are_followed(call: str, tool: bool) -> None:
    scripts = {"lint": call.format("lint"), "test": call.format("test")}
    files: Files = {
        "package.json": package(private=True, workspaces=["apps/*"], scripts=scripts),
        "apps/web/package.json": WEB.replace('"name": "app"', '"name": "web"'),
    }
    root = stack(files).components[0]
    assert (Purpose.E2E in {c.purpose for c in root.commands}) is tool
    assert (root.command(Purpose.LINT) is None) is tool  # a script that changes files is no check
    assert (root.command(Purpose.TEST) is None) is tool  # tests in a browser are no unit tests


def test_browser_tests_are_no_unit_tests() -> None:
    scripts = {"test": "playwright test", "test:unit": "vitest run", "test:e2e": "cypress run", "open": "cypress open"}
    found = only({"package.json": package(scripts=scripts), "src/a.test.ts": ""})
    assert first(found)["test"] == "npm run test:unit"
    assert runs(found, Purpose.E2E) == ["npm run test:e2e", "npm test"]


RUBY: Files = {"lib/a.rb": "", "Gemfile.lock": "GEM\n  specs:\n    rubocop (1.0)\n    standard (1.0)\n"}


@pytest.mark.parametrize(
    ("files", "lint"),
    [
        ({"Gemfile": "gem 'standard'\n", ".standard.yml": "parallel: true\n"}, ["bundle exec standardrb"]),
        ({"Gemfile": "gem 'standard'\n", ".standard.yml": "fix: true\n"}, ["bundle exec standardrb --no-fix"]),
        ({"Gemfile": "gem 'rubocop-rails-omakase'\n", ".rubocop.yml": ""}, ["bundle exec rubocop"]),
        ({"Gemfile": "gem 'rails'\n", ".rubocop.yml": ""}, ["bundle exec rubocop"]),
        ({"Gemfile": "gem 'rails'\n"}, []),
    ],
)
def test_a_linter_that_another_gem_brings_is_not_the_projects(files: Files, lint: list[str]) -> None:
    assert runs(only({**RUBY, **files}), Purpose.LINT) == lint


@pytest.mark.parametrize(
    ("directory", "found"),
    [
        ("src/ads", True),
        ("src/server", True),
        ("src/test/resources/project", False),
        ("src/functionalTest/kotlin", False),
        ("src/main/resources/template", False),
        ("buildSrc", False),
    ],
)
def test_builds_of_gradle_below_src(directory: str, found: bool) -> None:
    files: Files = {
        f"{directory}/settings.gradle": "rootProject.name = 'ads'\n",
        f"{directory}/build.gradle": "plugins { id 'java' }\n",
        f"{directory}/src/main/java/A.java": "class A {}\n",
    }
    assert bool(stack(files).components) is found


def plugin(body: str, name: str = "maven-checkstyle-plugin") -> str:
    return f"<plugin><artifactId>{name}</artifactId>{body}</plugin>"


def execution(id_: str, goal: str, configuration: str = "<configuration><a>b</a></configuration>") -> str:
    return f"<execution>{id_}<goals><goal>{goal}</goal></goals>{configuration}</execution>"


@pytest.mark.parametrize(
    ("build", "goal"),
    [
        (plugin(f"<executions>{execution('<id>style</id>', 'check')}</executions>"), "checkstyle:check@style"),
        (plugin(f"<executions>{execution('', 'check')}</executions>"), "checkstyle:check@default"),
        (plugin(f"<executions>{execution('<id>style</id>', 'check', '')}</executions>"), "checkstyle:check"),
        (
            plugin(
                f"<configuration><a>b</a></configuration><executions>{execution('<id>x</id>', 'check')}</executions>"
            ),
            "checkstyle:check",
        ),
        (
            plugin(
                f"<executions>{execution('<id>a</id>', 'check')}{execution('<id>b</id>', 'check')}"
                f"{execution('<id>c</id>', 'checkstyle')}</executions>"
            ),
            "checkstyle:check@a checkstyle:check@b",
        ),
        (
            plugin(f"<executions>{execution('<id>bugs</id>', 'check')}</executions>", "spotbugs-maven-plugin"),
            "compile spotbugs:check@bugs",
        ),
    ],
)
def test_a_goal_is_called_with_the_execution_that_configures_it(build: str, goal: str) -> None:
    pom = f"<project><artifactId>a</artifactId><build><plugins>{build}</plugins></build></project>"
    found = only({"pom.xml": pom, "src/main/java/A.java": "class A {}"})
    assert first(found)["lint"] == f"mvn -B {goal}"


def test_a_goal_is_called_with_an_execution_that_is_managed() -> None:
    managed = plugin(f"<executions>{execution('<id>style</id>', 'check')}</executions>")
    pom = (
        f"<project><artifactId>a</artifactId><build><pluginManagement><plugins>{managed}</plugins></pluginManagement>"
        f"<plugins>{plugin('')}</plugins></build></project>"
    )
    assert first(only({"pom.xml": pom, "src/main/java/A.java": "class A {}"}))["lint"].endswith("check@style")


def test_a_script_with_browser_and_other_tests_is_left_for_one_without() -> None:
    scripts = {"test": "npm run test-backend && npm run test-e2e", "test-backend": "node test/all.mjs"}
    found = only({"package.json": package(scripts={**scripts, "test-e2e": "playwright test"}), "test/a.test.js": ""})
    assert first(found)["test"] == "npm run test-backend"


@pytest.mark.parametrize("folder", ["test-crates/a", "tests/test_packages/a", "extra/push-examples/a"])
def test_projects_that_tests_and_guides_work_on_are_no_components(folder: str) -> None:
    assert not stack({f"{folder}/Cargo.toml": '[package]\nname = "a"\n', f"{folder}/src/lib.rs": ""}).components


LOCKS: Files = {"package.json": package(), "yarn.lock": "", "package-lock.json": "{}"}
WORKFLOW = ".github/workflows/ci.yml"


@pytest.mark.parametrize(
    ("files", "install"),
    [
        ({}, "yarn install --frozen-lockfile"),
        ({WORKFLOW: "jobs:\n  a:\n    steps:\n      - run: npm ci\n"}, "npm ci"),
        ({WORKFLOW: "jobs:\n  a:\n    steps:\n      - run: npm install -g x\n"}, "yarn install --frozen-lockfile"),
        ({WORKFLOW: "      - run: npm ci\n      - run: yarn\n"}, "yarn install --frozen-lockfile"),
        ({"Dockerfile": "FROM node:22\nRUN npm ci\n"}, "npm ci"),
        ({WORKFLOW: "      - run: yarn install\n", "Dockerfile": "RUN npm ci\n"}, "yarn install --frozen-lockfile"),
    ],
)
def test_of_two_lock_files_the_one_that_is_used_counts(files: Files, install: str) -> None:
    assert first(only({**LOCKS, **files}))["install"] == install


def test_scripts_of_composer_are_followed() -> None:
    scripts = (
        '{"name": "a/a", "require-dev": {"phpunit/phpunit": "^11"}, "scripts": {"test": ["@unit"], "unit": "phpunit"}}'
    )
    assert first(only({"composer.json": scripts, "tests/ATest.php": "", "a.php": ""}))["test"] == (
        "composer run-script test"
    )


def test_examples_of_dotnet_and_included_builds_are_no_components() -> None:
    project = '<Project Sdk="Microsoft.NET.Sdk"></Project>'
    assert not stack({"examples/hello/hello.csproj": project}).components
    files: Files = {
        "settings.gradle.kts": 'pluginManagement { includeBuild("build-support") }\n',
        "build.gradle.kts": "plugins { java }\n",
        "src/main/java/A.java": "class A {}",
        "build-support/settings.gradle.kts": "",
        "build-support/build.gradle.kts": "plugins { `kotlin-dsl` }\n",
        "build-support/src/main/kotlin/B.kt": "class B",
    }
    assert [c.path for c in stack(files).components] == [""]


NX: Files = {
    "package.json": package(devDependencies={"nx": "20", "jest": "29", "eslint": "9"}),
    "package-lock.json": "{}",
    "eslint.config.js": "",
    "apps/web/src/a.test.ts": "",
}
PROJECT = (
    '{"name": "web", "targets": {"test": {"executor": "@nx/jest:jest"}, "lint": {"executor": "@nx/eslint:lint"},'
    ' "build": {"executor": "nx:run-commands", "options": {"command": "vite build"}},'
    ' "e2e": {"executor": "@nx/playwright:playwright"}}}'
)


@pytest.mark.parametrize(
    "files",
    [
        {"nx.json": "{}", "apps/web/project.json": PROJECT},
        {
            "nx.json": '{"plugins": [{"plugin": "@nx/eslint/plugin", "options": {"targetName": "lint"}}, '
            '"@nx/jest/plugin", {"plugin": "@nx/webpack/plugin"}, "@nx/playwright/plugin"]}'
        },
    ],
)
def test_targets_of_nx_outrank_what_tools_suggest(files: Files) -> None:
    found = first(only({**NX, **files}))
    assert {k: v for k, v in found.items() if k != "install"} == {
        "lint": "npx --no-install nx run-many -t lint",
        "test": "npx --no-install nx run-many -t test",
        "build": "npx --no-install nx run-many -t build",
        "e2e": "npx --no-install nx run-many -t e2e",
    }


@pytest.mark.parametrize(
    ("lock", "install", "test"),
    [
        ({}, "python -m pip install rust-just", "just test"),
        ({"uv.lock": ""}, "uv sync --locked", "uvx --from rust-just just test"),
    ],
)
def test_just_is_installed_where_it_is_run(lock: Files, install: str, test: str) -> None:
    files: Files = {
        "pyproject.toml": '[project]\nname = "a"\nversion = "1"\n',
        "justfile": "test:\n  python -m pytest\n",
        "tests/test_a.py": "import pytest\n",
        **lock,
    }
    assert (first(only(files))["install"].replace("-e . ", ""), first(only(files))["test"]) == (install, test)


def test_projects_of_rush_are_told_and_not_installed_by_npm() -> None:
    found = stack(
        {
            "rush.json": '{\n  // projects\n  "projects": [{"packageName": "a", "projectFolder": "apps/a"}]\n}\n',
            "apps/a/package.json": package(scripts={"test": "jest"}, dependencies={"b": "workspace:*"}),
        }
    )
    assert not found.components
    assert [p.path for p in found.problems] == ["rush.json"]
