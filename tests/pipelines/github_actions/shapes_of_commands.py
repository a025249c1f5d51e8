"""Workflows in the shapes that people write them: what their commands lead to."""

from .shapes_kit import SHAPES, Shape, shape, steps

# --- other files ---

shape(
    "reusable_local",
    """\
    on: pull_request
    jobs:
      a:
        uses: ./.github/workflows/called.yaml
        with: {command: mypy .}
      b:
        uses: other/repository/.github/workflows/ci.yml@main
    """,
    "typecheck mypy .",
    "test go tools",
    _dot_github__workflows__called_dot_yaml="""\
    on:
      workflow_call:
        inputs:
          command: {type: string}
          dir: {type: string, default: tools}
          never: {type: boolean, default: false}
    jobs:
      x:
        runs-on: ubuntu-latest
        steps:
          - run: ${{ inputs.command }}
          - run: go test ./...
            working-directory: ${{ inputs.dir }}
          - run: eslint .
            if: inputs.never
    """,
)
shape(
    "composite",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - uses: ./.github/actions/check
            with: {where: api}
    """,
    "test pytest api",
    "install pip .",
    _dot_github__actions__check__action_dot_yml="""\
    name: Check
    inputs:
      where: {default: .}
    runs:
      using: composite
      steps:
        - run: pip install -r requirements.txt
          shell: bash
        - run: pytest
          shell: bash
          working-directory: ${{ inputs.where }}
    """,
)
shape(
    "calls_itself",
    "on: [pull_request, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/ci.yml\n",
)
shape(
    "npm_scripts",
    steps("npm ci", "npm test -- --ci", "npm run check"),
    "install npm .",
    "lint eslint .",
    "coverage jest .",
    "format prettier .",
    "typecheck tsc .",
    package_dot_json="""\
    {"scripts": {
      "pretest": "npm run lint",
      "lint": "eslint .",
      "test": "cross-env CI=1 nyc --reporter=lcov jest",
      "check": "run-p check:*",
      "check:types": "tsc -p .",
      "check:format": "prettier --check ."
    }}
    """,
    tsconfig_dot_json='{"compilerOptions": {"noEmit": true}}',
)
shape("npm_without_tests", steps("npm test"), package_dot_json='{"scripts": {"test": "echo \\"no test\\" && exit 1"}}')
shape("npm_script_missing", steps("npm run lint"), package_dot_json="{}")
shape(
    "npm_script_by_name",
    steps("npm test"),
    "test npm .",
    package_dot_json='{"scripts": {"test": "node scripts/run.js"}}',
)
shape(
    "npm_workspaces",
    steps("npm test --workspaces", "npm run lint -w packages/a", "npm run build --prefix tools"),
    "test jest packages/a",
    "test vitest packages/b",
    "lint eslint packages/a",
    "build webpack tools",
    package_dot_json='{"workspaces": ["packages/*"]}',
    packages__a__package_dot_json='{"name": "a", "scripts": {"test": "jest", "lint": "eslint ."}}',
    packages__b__package_dot_json='{"name": "b", "scripts": {"test": "vitest run", "lint": "eslint ."}}',
    tools__package_dot_json='{"scripts": {"build": "webpack"}}',
)
shape(
    "pnpm_and_turbo",
    steps("pnpm -r test", "pnpm --filter b lint", "pnpm lint", "pnpm exec tsc --noEmit"),
    "test jest packages/a",
    "lint eslint packages/b",
    "lint oxlint packages/a",
    "typecheck tsc .",
    package_dot_json='{"scripts": {"lint": "turbo run lint --filter=a"}}',
    pnpm_dash_workspace_dot_yaml="packages: ['packages/*', '!packages/c']\n",
    packages__a__package_dot_json='{"name": "a", "scripts": {"test": "jest", "lint": "oxlint"}}',
    packages__b__package_dot_json='{"name": "b", "scripts": {"lint": "eslint ."}}',
    packages__c__package_dot_json='{"name": "c", "scripts": {"test": "mocha"}}',
)
shape(
    "yarn",
    steps("yarn", "yarn lint", "yarn workspace a test", "yarn tsc --noEmit", "yarn workspaces foreach -A run build"),
    "lint eslint .",
    "test jest a",
    "typecheck tsc .",
    "build rollup a",
    package_dot_json='{"workspaces": ["a"], "scripts": {"lint": "eslint ."}}',
    a__package_dot_json='{"name": "a", "scripts": {"test": "jest", "build": "rollup -c"}}',
)
shape(
    "bun",
    steps("bun install", "bun test", "bun run lint", "bunx tsc --noEmit"),
    "install bun .",
    "test bun .",
    "lint biome .",
    "typecheck tsc .",
    package_dot_json='{"scripts": {"lint": "biome ci ."}}',
)
shape(
    "make",
    steps("make -C api check", "make"),
    "lint golangci-lint api",
    "test go api",
    "build go .",
    api__Makefile="""\
    GO ?= go
    include common.mk
    .PHONY: check
    check: lint
    \t@$(GO) test -race \\
    \t  ./...
    """,
    api__common_dot_mk="lint:\n\tgolangci-lint run\n",
    Makefile=".DEFAULT_GOAL := build\nall:\n\techo\nbuild:\n\t-mypy .\n\tgo build ./...\n",
)
shape(
    "go_runs_a_program_of_a_major_version",
    steps("go run github.com/zricethezav/gitleaks/v8@v8.30.1 git", "go run ./cmd/v2"),
    "scan gitleaks .",
)
SHAPES["make"] = Shape(SHAPES["make"].text, SHAPES["make"].runs | {"(typecheck) mypy ."}, SHAPES["make"].files)
shape(
    "tox",
    steps("tox -e lint,py312", "python -m tox run -e types -- src"),
    "lint ruff .",
    "coverage pytest .",
    "typecheck mypy .",
    tox_dot_ini="""\
    [tox]
    env_list = py{311,312}, lint
    [testenv]
    deps = pytest
    commands =
        cov: coverage erase
        pytest --cov {posargs:tests}
    [testenv:lint]
    commands = ruff check .
    [testenv:types]
    commands = mypy {posargs}
    """,
)
shape(
    "tox_default",
    steps("tox"),
    "test unittest .",
    "lint flake8 .",
    tox_dot_ini="""\
    [tox]
    envlist = py,lint
    [testenv]
    commands = python -m unittest
    [testenv:lint]
    commands = flake8 src
    """,
)
shape(
    "tox_in_pyproject",
    steps("uvx tox -e py", "tox -e fmt"),
    "test pytest .",
    "format black .",
    pyproject_dot_toml="""\
    [tool.tox]
    env_list = ["py", "fmt"]
    [tool.tox.env_run_base]
    commands = [["pytest", { replace = "posargs", default = ["tests"], extend = true }]]
    [tool.tox.env.fmt]
    commands = [["black", "--check", "."]]
    """,
)
shape(
    "nox",
    steps("nox -s tests-3.12 lint"),
    "test pytest .",
    "lint ruff .",
    noxfile_dot_py="""\
    import nox

    @nox.session(python=["3.11", "3.12"])
    def tests(session):
        session.install(".")
        session.run("pytest", *session.posargs)

    @nox.session(name="lint")
    def check(session):
        session.run("ruff", "check", ".")

    @nox.session
    def docs(session):
        session.run("mypy", ".")
    """,
)
shape(
    "hatch_and_pdm_and_poe",
    steps(
        "hatch run types:check",
        "hatch test --cover",
        "hatch fmt --check",
        "pdm run lint",
        "pdm run pytest -q",
        "poetry run poe test",
    ),
    "typecheck mypy .",
    "coverage pytest .",
    "lint ruff .",
    "lint flake8 .",
    "test pytest .",
    "test unittest .",
    pyproject_dot_toml="""\
    [tool.hatch.envs.types.scripts]
    check = "mypy --install-types {args:src}"
    [tool.pdm.scripts]
    lint = {composite = ["flake8 src"]}
    [tool.poe.tasks]
    test = {cmd = "python -m unittest"}
    """,
)
shape(
    "python_ways",
    steps(
        "python3 -m pytest",
        "coverage run --source=src -m pytest",
        "python manage.py test",
        "uv run --extra dev mypy .",
        "pipx run black --check .",
        "pipenv run flake8",
        "uv run --directory api pytest",
    ),
    "test pytest .",
    "coverage pytest .",
    "test python .",
    "typecheck mypy .",
    "format black .",
    "lint flake8 .",
    "test pytest api",
)
shape(
    "just_and_task",
    steps("just ci", "task test"),
    "lint ruff .",
    "test pytest .",
    "test go svc",
    justfile="""\
    py := 'python'

    ci: lint test

    lint:
        ruff check .

    test *args:
        {{py}} -m nothing
        @pytest {{args}}
    """,
    Taskfile_dot_yml="version: '3'\ntasks:\n  test:\n    dir: svc\n    cmds:\n      - go test ./...\n",
)
shape(
    "scripts",
    steps("./scripts/test --fast", "bash script/cibuild", "sh missing.sh"),
    "test pytest .",
    "lint eslint web",
    scripts__test='#!/usr/bin/env bash\nset -e\npython -m pytest "$@"\n',
    script__cibuild="cd web\nnpx eslint .\n",
)
shape(
    "pre_commit",
    steps("pre-commit run --all-files"),
    "lint pre-commit .",
    "lint ruff .",
    "format ruff .",
    "typecheck mypy .",
    _dot_pre_dash_commit_dash_config_dot_yaml="""\
    repos:
    - repo: x
      hooks: [{id: ruff}, {id: ruff-format}, {id: end-of-file-fixer}]
    - repo: local
      hooks: [{id: types, entry: uv run mypy}]
    """,
)
shape(
    "jvm",
    steps(
        "./mvnw -B verify",
        "mvn -q -DskipTests package",
        "./gradlew check -x test",
        "gradle :api:test",
        "mvn -f sub/pom.xml test",
    ),
    "test mvn .",
    "build mvn .",
    "test gradle .",
    "test mvn sub",
    mvnw="#!/bin/sh\nexec java\n",
    sub__pom_dot_xml="<project/>",
)
shape(
    "dotnet_ruby_php",
    steps(
        "dotnet test",
        "dotnet format --verify-no-changes",
        "bundle exec rspec",
        "bundle exec rake",
        "composer test",
        "vendor/bin/phpstan analyse",
    ),
    "test dotnet .",
    "format dotnet .",
    "test rspec .",
    "test rake .",
    "test phpunit .",
    "typecheck phpstan .",
    Rakefile="task default: %w[spec]\n",
    composer_dot_json='{"scripts": {"test": ["@php vendor/bin/phpunit"]}}',
)
shape(
    "actions",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - uses: actions/checkout@v4
          - uses: golangci/golangci-lint-action@v9
            with: {working-directory: api}
          - uses: psf/black@stable
          - uses: astral-sh/ruff-action@v3
            with: {args: "format --check"}
          - uses: gradle/actions/setup-gradle@v4
            with: {arguments: test}
          - uses: docker/build-push-action@v6
          - uses: github/codeql-action/analyze@v3
          - uses: nick-fields/retry@v3
            with: {command: npx playwright test}
          - uses: codecov/codecov-action@v5
    """,
    "lint golangci-lint api",
    "format black .",
    "format ruff .",
    "test gradle .",
    "build docker .",
    "scan codeql .",
    "e2e playwright .",
)
shape("names_that_lie", steps("echo pytest", "true # mypy .", "make test", "npm run test", "./test.sh"))
