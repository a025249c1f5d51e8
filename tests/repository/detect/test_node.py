import pytest

from shiftdown.repository.stack import Language, Purpose

from .helpers import Files, assert_evidence_holds, first, only, package, runs, stack

JEST = {"jest": "^29.0.0"}


@pytest.mark.parametrize(
    ("files", "name", "install", "script"),
    [
        ({}, "npm", "npm install", "npm run lint"),
        ({"package-lock.json": "{}"}, "npm", "npm ci", "npm run lint"),
        ({"npm-shrinkwrap.json": "{}"}, "npm", "npm ci", "npm run lint"),
        ({"pnpm-lock.yaml": ""}, "pnpm", "pnpm install --frozen-lockfile", "pnpm run lint"),
        ({"yarn.lock": "# yarn lockfile v1\n"}, "yarn", "yarn install --frozen-lockfile", "yarn run lint"),
        ({"yarn.lock": "__metadata:\n  version: 8\n"}, "yarn", "yarn install --immutable", "yarn run lint"),
        ({"bun.lock": "{}"}, "bun", "bun install --frozen-lockfile", "bun run lint"),
        ({"bun.lockb": b"\x00\x01"}, "bun", "bun install --frozen-lockfile", "bun run lint"),
        ({".yarnrc.yml": "nodeLinker: node-modules\n"}, "yarn", "yarn install --no-immutable", "yarn run lint"),
    ],
)
def test_package_manager_by_its_files(files: Files, name: str, install: str, script: str) -> None:
    component = only({"package.json": package(scripts={"lint": "eslint ."}), **files})
    assert component.language is Language.NODE
    assert component.package_manager is not None
    assert component.package_manager.value == name
    assert first(component)["install"] == install
    assert first(component)["lint"] == script


@pytest.mark.parametrize(
    ("scripts", "name"),
    [
        ({"test": "pnpm run lint && pnpm run unit"}, "pnpm"),
        ({"test": "npm run lint && jest", "test-ci-pnpm": "pnpm run lint && jest"}, "npm"),
        ({"test-ci-yarn": "yarn run lint", "test": "npm run lint && jest"}, "npm"),
    ],
)
def test_package_manager_by_what_scripts_call(scripts: dict[str, str], name: str) -> None:
    component = only({"package.json": package(scripts=scripts)})
    assert component.package_manager is not None
    assert component.package_manager.value == name


def test_package_manager_field_decides_over_lock_files() -> None:
    files: Files = {
        "package.json": package(packageManager="pnpm@9.12.1+sha512.abc"),
        "pnpm-lock.yaml": "",
        "package-lock.json": "{}",
    }
    component = only(files)
    assert component.package_manager_version is not None
    assert component.package_manager_version.value == "9.12.1"
    assert component.package_manager_version.evidence.line == 3
    install = component.command(Purpose.INSTALL)
    assert install is not None
    assert install.run == "pnpm install --frozen-lockfile"
    assert install.assumed == "package-lock.json is there too, for another package manager"


def test_yarn_release_says_which_yarn() -> None:
    files = {"package.json": package(), "yarn.lock": "x", ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.5.0.cjs\n"}
    component = only(dict(files))
    assert first(component)["install"] == "yarn install --immutable"
    assert component.package_manager_version is not None
    assert component.package_manager_version.value == "4.5.0"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ({"test": 'echo "Error: no test specified" && exit 1'}, None),
        ({"test": "jest"}, "npm test"),
        ({"test": "mocha"}, "npm test"),
        ({"test": "vitest"}, "npm test -- --run"),
        ({"test": "vitest run"}, "npm test"),
        ({"test": "vitest --run"}, "npm test"),
        ({"test": "react-scripts test"}, "CI=true npm test"),
        ({"test": "ng test"}, "npm test -- --watch=false --browsers=ChromeHeadless"),
        ({"test": "jest --watch"}, "npx --no-install jest"),
        ({"test": "vitest watch"}, "npx --no-install vitest run"),
        ({"test": "node --test --watch"}, "node --test"),
        ({"test": "jest --watch", "test:ci": "jest --ci"}, "npx --no-install jest"),
        ({"test:unit": "vitest run"}, "npm run test:unit"),
        ({"test": "npm run test:unit && npm run test:e2e", "test:unit": "ava"}, "npm test"),
    ],
)
def test_tests_end_by_themselves(script: dict[str, str], expected: str | None) -> None:
    component = only({"package.json": package(scripts=script), "src/a.test.js": ""})
    assert first(component).get("test") == expected


def test_yarn_and_pnpm_pass_arguments_without_dashes() -> None:
    for lock in ("yarn.lock", "pnpm-lock.yaml"):
        component = only({"package.json": package(scripts={"test": "vitest"}), lock: ""})
        assert first(component)["test"].endswith("run test --run")


@pytest.mark.parametrize(
    ("scripts", "lint"),
    [
        ({"lint": "eslint ."}, "npm run lint"),
        ({"lint": "eslint . --fix"}, "npx --no-install eslint ."),
        ({"lint": 'eslint "{src,test}/**/*.ts" --fix'}, 'npx --no-install eslint "{src,test}/**/*.ts"'),
        ({"lint": "eslint . --fix", "lint:check": "eslint ."}, "npm run lint:check"),
        ({"lint": "npm run lint:fix", "lint:fix": "eslint --fix ."}, "npx --no-install eslint ."),
        ({"lint": "biome check --write ."}, "npx --no-install biome check ."),
        ({"lint": "biome check --write --unsafe src"}, "npx --no-install biome check src"),
        ({"lint": "oxlint --fix"}, "npx --no-install oxlint"),
        ({"lint": "biome check ."}, "npm run lint"),
        ({"xo": "xo"}, "npm run xo"),
        ({"lint": "echo nothing to lint"}, None),
        ({"lint": "eslint . && prettier --write ."}, None),
    ],
)
def test_lint_never_changes_files(scripts: dict[str, str], lint: str | None) -> None:
    assert first(only({"package.json": package(scripts=scripts)})).get("lint") == lint


@pytest.mark.parametrize(
    ("scripts", "check"),
    [
        ({"format:check": "prettier --check ."}, "npm run format:check"),
        ({"format": "prettier --write ."}, "npx --no-install prettier --check ."),
        ({"format": "prettier -w src"}, "npx --no-install prettier --check src"),
        ({"prettier": "prettier -c src"}, "npm run prettier"),
        ({"format": "prettier --list-different src"}, "npm run format"),
        ({"format": "prettier --write . && git add ."}, None),
        ({"fmt:check": "dprint check --check"}, "npm run fmt:check"),
    ],
)
def test_format_is_checked_never_written(scripts: dict[str, str], check: str | None) -> None:
    assert first(only({"package.json": package(scripts=scripts)})).get("format") == check


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        ({"typecheck": "tsc --noEmit"}, "npm run typecheck"),
        ({"type-check": "vue-tsc --noEmit"}, "npm run type-check"),
        ({"check-types": "turbo check-types"}, "npm run check-types"),
        ({"types": "tsc --emitDeclarationOnly"}, None),
        ({"tsc": "tsc -w"}, None),
    ],
)
def test_typecheck(scripts: dict[str, str], expected: str | None) -> None:
    assert first(only({"package.json": package(scripts=scripts)})).get("typecheck") == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"scripts": {"test": "jest", "coverage": "jest --coverage"}}, "npm run coverage"),
        ({"scripts": {"test": "jest", "coverage": "nyc report"}, "devDependencies": JEST}, "npm test -- --coverage"),
        ({"scripts": {"test": "jest"}, "devDependencies": JEST}, "npm test -- --coverage"),
        ({"scripts": {"test": "vitest run"}}, None),
        (
            {"scripts": {"test": "vitest run"}, "devDependencies": {"@vitest/coverage-v8": "3"}},
            "npm test -- --coverage",
        ),
        (
            {"scripts": {"test": "vitest"}, "devDependencies": {"@vitest/coverage-v8": "3"}},
            "npm test -- --run --coverage",
        ),
        ({"scripts": {"test": "mocha"}, "devDependencies": {"c8": "10"}}, "npx --no-install c8 npm test"),
        ({"scripts": {"test": "c8 mocha"}, "devDependencies": {"c8": "10"}}, "npm test"),
        ({"scripts": {"test": "mocha"}}, None),
        ({"scripts": {"test": "mocha", "coverage": "open coverage/index.html"}}, None),
    ],
)
def test_coverage_needs_its_provider(fields: dict[str, object], expected: str | None) -> None:
    assert first(only({"package.json": package(**fields)})).get("coverage") == expected


def test_tools_without_a_script_are_run_where_they_are_installed_and_configured() -> None:
    files: Files = {
        "package.json": package(devDependencies={"eslint": "^9.1.0", "prettier": "3", "typescript": "5.4.0", **JEST}),
        "package-lock.json": "{}",
        "eslint.config.mjs": "",
        ".prettierrc": "",
        "tsconfig.json": "{}",
        "jest.config.js": "",
        "src/a.ts": "",
        "src/a.test.ts": "",
    }
    component = only(files)
    assert first(component) == {
        "install": "npm ci",
        "lint": "npx --no-install eslint .",
        "format": "npx --no-install prettier --check .",
        "typecheck": "npx --no-install tsc --noEmit",
        "test": "npx --no-install jest",
    }
    lint = component.command(Purpose.LINT)
    assert lint is not None
    assert lint.assumed is not None
    assert lint.evidence.path == "eslint.config.mjs"
    assert component.typescript
    assert component.test_runner is not None
    assert component.test_runner.value == "jest"
    assert [d.value for d in component.type_checkers] == ["tsc"]
    assert_evidence_holds(stack(files), files)


@pytest.mark.parametrize(
    ("version", "config", "lint"),
    [
        ("^9.0.0", ".eslintrc.json", None),
        ("^8.0.0", ".eslintrc.json", "npx --no-install eslint ."),
        ("^8.57.0", "eslint.config.js", "npx --no-install eslint ."),
    ],
)
def test_eslint_9_does_not_read_its_old_configuration(version: str, config: str, lint: str | None) -> None:
    component = only({"package.json": package(devDependencies={"eslint": version}), config: "{}"})
    assert first(component).get("lint") == lint


@pytest.mark.parametrize(
    ("manifest", "files", "runtime", "file", "runtimes"),
    [
        ({}, {".nvmrc": "v20.11.0\n"}, "20.11.0", ".nvmrc", ()),
        ({}, {".nvmrc": "lts/iron"}, "20", ".nvmrc", ()),
        ({}, {".nvmrc": "lts/*"}, "lts/*", ".nvmrc", ()),
        ({}, {".node-version": "22\n"}, "22", ".node-version", ()),
        ({}, {".tool-versions": "ruby 3.3.0\nnodejs 22.3.0\n"}, "22.3.0", ".tool-versions", ()),
        ({"volta": {"node": "22.1.0"}}, {}, "22.1.0", "package.json", ()),
        ({"engines": {"node": "20.x"}}, {}, "20", "package.json", ("20",)),
        ({"engines": {"node": ">=20"}}, {}, "24", None, ("22", "24")),
        ({"engines": {"node": "^18.12 || ^20.9 || >=22"}}, {}, "24", None, ("22", "24")),
        ({"engines": {"node": ">=18 <21"}}, {}, "20", None, ("20",)),
        ({"engines": {"node": "16"}}, {}, "16", "package.json", ("16",)),
        ({"engines": {"node": "nonsense"}}, {}, None, None, ()),
        (
            {"engines": {"node": ">=20"}},
            {"Dockerfile": "FROM node:22.3.1-alpine\nCOPY . .\n"},
            "22",
            None,
            ("22", "24"),
        ),
        ({"engines": {"node": ">=20"}}, {"Dockerfile": "FROM node:22-alpine\n"}, "24", None, ("22", "24")),
        ({}, {}, None, None, ()),
    ],
)
def test_runtime(
    manifest: dict[str, object], files: Files, runtime: str | None, file: str | None, runtimes: tuple[str, ...]
) -> None:
    component = only({"package.json": package(**manifest), **files})
    assert (component.runtime.value if component.runtime else None) == runtime
    assert component.runtime_file == file
    assert component.runtimes == runtimes


def test_express_service() -> None:
    files: Files = {
        "package.json": package(
            main="dist/server.js",
            scripts={"start": "node dist/server.js", "build": "tsc"},
            dependencies={"express": "4", "pg": "8", "ioredis": "5"},
            devDependencies={"typescript": "5", "supertest": "6"},
        ),
        "src/server.ts": "const port = process.env.PORT || 8085;\napp.listen(port);\n",
        "src/cache.ts": "import Redis from 'ioredis';\n",
        "Dockerfile": "FROM node:20\nEXPOSE 9999\n",
        "docker-compose.yml": "services:\n  db:\n    image: postgres:16.2-alpine\n"
        "  mail:\n    image: axllent/mailpit\n",
    }
    component = only(files)
    assert component.kind == "service"
    assert component.framework is not None
    assert component.framework.value == "express"
    assert component.entry_point is not None
    assert component.entry_point.value == "src/server.ts"
    assert component.port is not None
    assert (component.port.value, component.port.evidence.line) == ("8085", 1)
    assert {(s.name, s.version) for s in component.services} == {
        ("postgresql", "16.2"),
        ("redis", None),
        ("mailpit", None),
    }
    assert component.container_files == ("Dockerfile",)
    assert first(component)["start"] == "npm start"
    assert_evidence_holds(stack(files), files)


def test_service_without_a_start_script_is_started_by_node() -> None:
    component = only({"package.json": package(dependencies={"koa": "2"}), "app.js": "new Koa().listen(3000)"})
    assert first(component)["start"] == "node app.js"
    assert component.port is not None
    assert component.port.value == "3000"


def test_library_that_only_tests_with_express_is_no_service() -> None:
    component = only({"package.json": package(devDependencies={"express": "4"}), "index.js": "module.exports = 1"})
    assert (component.kind, component.framework) == ("library", None)


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"package.json": package(dependencies={"react": "19"}), "index.html": ""}, "application"),
        ({"package.json": package(bin={"x": "cli.js"})}, "application"),
        ({"package.json": package(dependencies={"next": "15"})}, "service"),
        ({"package.json": package(dependencies={"react": "19"})}, "library"),
        ({"package.json": package(devDependencies={"next": "15"})}, "library"),
        ({"package.json": package(devDependencies={"@sveltejs/kit": "2"}, private=True)}, "service"),
    ],
)
def test_kind(files: Files, kind: str) -> None:
    assert only(files).kind == kind


@pytest.mark.parametrize(
    "files",
    [
        {"package.json": package(workspaces=["packages/*"]), "package-lock.json": "{}"},
        {"package.json": package(workspaces={"packages": ["./packages/*"]}), "package-lock.json": "{}"},
        {"package.json": package(workspaces=["packages/**", "!packages/private"]), "package-lock.json": "{}"},
        {"package.json": package(), "pnpm-workspace.yaml": "packages:\n  - 'packages/*'\n", "pnpm-lock.yaml": ""},
        {"package.json": package(), "lerna.json": '{"packages": ["packages/*"]}', "yarn.lock": ""},
        {"package.json": package(workspaces=["packages/{a,b}"]), "bun.lock": ""},
    ],
)
def test_workspaces(files: Files) -> None:
    members: Files = {
        "packages/a/package.json": package(scripts={"test": "jest"}),
        "packages/b/package.json": package(scripts={"test": "jest"}),
        "packages/a/node_modules/x/package.json": package(),
    }
    root, a, b = stack({**files, **members}).components
    assert root.members == ("packages/a", "packages/b")
    assert (a.workspace_root, b.workspace_root, root.workspace_root) == ("", "", None)
    assert a.lock_file == root.lock_file
    assert a.package_manager == root.package_manager
    assert a.command(Purpose.INSTALL) is None
    assert root.command(Purpose.INSTALL) is not None
    assert a.command(Purpose.TEST) is not None


def test_workspace_without_a_root_package_installs_its_members() -> None:
    found = stack({"pnpm-workspace.yaml": "packages: ['*']\n", "pnpm-lock.yaml": "", "a/package.json": package()})
    assert first(found.components[0])["install"] == "pnpm install --frozen-lockfile"


def test_turbo_is_the_tool_behind_a_script() -> None:
    component = only({"package.json": package(scripts={"lint": "turbo run lint", "test": "nx run-many -t test"})})
    assert [(c.purpose, c.tool) for c in component.commands if c.purpose is not Purpose.INSTALL] == [
        (Purpose.LINT, "turbo"),
        (Purpose.TEST, "nx"),
    ]


def test_tool_behind_scripts_that_run_scripts() -> None:
    scripts = {"test": "run-s build test:*", "build": "tsc", "test:unit": "cross-env CI=1 node_modules/.bin/mocha"}
    component = only({"package.json": package(scripts=scripts)})
    assert {c.purpose: c.tool for c in component.commands}[Purpose.TEST] == "mocha"
    assert component.test_runner is not None
    assert component.test_runner.value == "mocha"


@pytest.mark.parametrize(
    ("source", "runner", "run"),
    [
        ("import test from 'node:test'", "node:test", "node --test"),
        ("const { test } = require('node:test')", "node:test", "node --test"),
        ("import { test } from 'bun:test'", "bun:test", "bun test"),
    ],
)
def test_runner_that_the_tests_import(source: str, runner: str, run: str) -> None:
    component = only({"package.json": package(), "test/a.test.js": source})
    assert component.test_runner is not None
    assert component.test_runner.value == runner
    assert component.test_runner.evidence.path == "test/a.test.js"
    assert runs(component, Purpose.TEST) == [run]


def test_what_is_not_a_component() -> None:
    files: Files = {"package.json": package(scripts={"test": "jest"})}
    for directory in (
        "node_modules/a",
        "vendor/a",
        "examples/a",
        "test/fixtures/a",
        "templates/a",
        "template-react",
        ".x",
    ):
        files[f"{directory}/package.json"] = package(scripts={"test": "jest"})
    files["esm/package.json"] = '{"type": "module"}'
    files["react/package.json"] = '{"name": "app-react", "main": "../dist/react.js"}'
    files["{{cookiecutter.name}}/package.json"] = package()
    assert only(files).path == ""


def test_manifest_in_a_subfolder_alone_is_the_component() -> None:
    assert only({"README.md": "", "frontend/package.json": package()}).path == "frontend"


def test_evidence_has_the_line_of_the_script() -> None:
    files: Files = {"package.json": package(scripts={"build": "tsc -p test", "test": "jest"}, devDependencies=JEST)}
    commands = {c.purpose: c.evidence.line for c in only(files).commands}
    lines = str(files["package.json"]).splitlines()
    assert lines[(commands[Purpose.BUILD] or 0) - 1].strip().startswith('"build"')
    assert lines[(commands[Purpose.TEST] or 0) - 1].strip().startswith('"test"')
