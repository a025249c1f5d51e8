"""Workflows in the shapes that people write them, with what they run for a pull request.

What is run is written `purpose tool directory`; the root is `.`, an unknown directory `?`.
"""

import textwrap
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    """A workflow, other files of its repository, and what it runs."""

    text: str
    runs: frozenset[str]
    files: dict[str, str] = field(default_factory=dict)
    problem: bool = False
    """Whether it cannot be read."""


SHAPES: dict[str, Shape] = {}


def shape(name: str, text: str, *runs: str, problem: bool = False, **files: str) -> None:
    """Files are given as keywords: `__` stands for `/`, `_dot_` for `.`, `_dash_` for `-`."""
    paths = {
        k.replace("_dot_", ".").replace("_dash_", "-").replace("__", "/"): textwrap.dedent(v) for k, v in files.items()
    }
    assert name not in SHAPES
    SHAPES[name] = Shape(textwrap.dedent(text), frozenset(runs), paths, problem)


def steps(*commands: str, on: str = "pull_request") -> str:
    """A workflow with one job of one-line steps."""
    lines = "".join(f"      - run: {command}\n" for command in commands)
    return f"on: {on}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n{lines}"


# --- what starts it ---

shape("on_scalar", steps("pytest"), "test pytest .")
shape("on_list_flow", steps("pytest", on="[push, pull_request]"), "test pytest .")
shape("on_quoted_key", steps("pytest").replace("on:", "'on':"), "test pytest .")
shape(
    "on_list_block",
    """\
    on:
    - push
    - pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
        - run: pytest
    """,
    "test pytest .",
)
shape("on_push_everywhere", steps("pytest", on="push"), "test pytest .")
shape("on_push_to_default_only", steps("pytest", on="{push: {branches: [main]}}"))
shape("on_push_to_all_branches", steps("pytest", on="{push: {branches: ['**']}}"), "test pytest .")
shape("on_tags_only", steps("pytest", on="{push: {tags: ['v*']}}"))
shape("on_schedule_and_hand", steps("pytest", on="{schedule: [{cron: '0 0 * * *'}], workflow_dispatch: {}}"))
shape("on_target", steps("pytest", on="pull_request_target"))
shape("on_merge_queue_only", steps("pytest", on="merge_group"))
shape("on_release", steps("pytest", on="{release: {types: [published]}}"))
shape("on_other_base", steps("pytest", on="{pull_request: {branches: ['release/**']}}"))
shape("on_any_base", steps("pytest", on="{pull_request: {branches: ['*']}}"), "test pytest .")
shape("on_excluded_base", steps("pytest", on="{pull_request: {branches: ['**', '!main']}}"))
shape("on_ignored_base", steps("pytest", on="{pull_request: {branches-ignore: [main]}}"))
shape("on_ignored_docs", steps("pytest", on="{pull_request: {paths-ignore: ['docs/**', '**.md']}}"), "test pytest .")
shape("on_paths_of_docs", steps("pytest", on="{pull_request: {paths: ['docs/**', '**.md']}}"))
shape("on_paths_of_code", steps("pytest", on="{pull_request: {paths: ['**.py', 'pyproject.toml']}}"), "test pytest .")
shape("on_paths_of_workflows", steps("zizmor .", on="{pull_request: {paths: ['.github/workflows/**']}}"))
shape("on_closed", steps("pytest", on="{pull_request: {types: [closed]}}"))
shape(
    "on_ready", steps("pytest", on="{pull_request: {types: [opened, ready_for_review, synchronize]}}"), "test pytest ."
)

# --- how it is written ---

shape(
    "comments_everywhere",
    """\
    # above
    name: CI  # name

    on:  # when
      # first
      pull_request:  # any

    # the jobs
    jobs:
      # one
      a:  # key
        runs-on: ubuntu-latest  # runner
        steps:
          # checkout
          - uses: actions/checkout@v4  # v4
          # test
          - run: |  # several
              # no: mypy .
              pytest  # all
              echo "mypy ."
    # the end
    """,
    "test pytest .",
)
shape("crlf", steps("npm ci", "npx eslint .").replace("\n", "\r\n"), "install npm .", "lint eslint .")
shape("byte_order_mark", "\ufeff" + steps("ruff check ."), "lint ruff .")
shape("no_final_newline", steps("ruff check .").rstrip("\n"), "lint ruff .")
shape("document_marker", "---\n" + steps("ruff check ."), "lint ruff .")
shape(
    "flow_style",
    "{on: pull_request, jobs: {a: {runs-on: ubuntu-latest, steps: [{run: ruff check .}, {run: mypy src}]}}}\n",
    "lint ruff .",
    "typecheck mypy .",
)
shape(
    "tabs_in_scripts",
    "on: pull_request\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n          if true; then\n"
    "          \tgo vet ./...\n          fi\n",
    "lint go .",
)
shape(
    "anchors",
    """\
    on: pull_request
    jobs:
      a: &job
        runs-on: ubuntu-latest
        steps: &steps
          - run: cargo test
      b:
        runs-on: ubuntu-latest
        steps: *steps
    """,
    "test cargo .",
)
shape(
    "merge_key",
    """\
    on: pull_request
    x-job: &base
      runs-on: ubuntu-latest
      steps:
        - run: cargo fmt --check
    jobs:
      a:
        <<: *base
        name: Format
    """,
    "format cargo .",
)
shape(
    "duplicate_jobs",
    steps("pytest") + "  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: mypy .\n",
    problem=True,
)
shape("tab_indentation", "on: push\njobs:\n\ta:\n\t\truns-on: ubuntu-latest\n", problem=True)
shape("no_jobs", "on: push\nname: CI\n", problem=True)
shape("empty", "", problem=True)
shape("two_documents", steps("pytest") + "---\n" + steps("mypy ."), problem=True)
shape(
    "folded",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - run: >-
              pytest
              --cov=src
              tests
    """,
    "coverage pytest .",
)
shape(
    "continued_lines",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - run: |
              poetry run pytest \\
                --cov \\
                tests
    """,
    "coverage pytest .",
)

# --- conditions ---


def conditional(condition: str, command: str = "pytest") -> str:
    return steps(command).replace("runs-on", f"if: {condition}\n    runs-on")


shape("if_false", conditional("false"))
shape("if_push", conditional("github.event_name == 'push'"))
shape("if_not_pull_request", conditional("${{ github.event_name != 'pull_request' }}"))
shape("if_main", conditional("github.ref == 'refs/heads/main' && github.repository == 'a/b'"))
shape("if_tag", conditional("startsWith(github.ref, 'refs/tags/')"))
shape("if_label", conditional("contains(github.event.pull_request.labels.*.name, 'run-tests')"))
shape("if_not_label", conditional("\"!contains(github.event.pull_request.labels.*.name, 'skip')\""), "test pytest .")
shape("if_repository", conditional("github.repository == 'a/b'"), "test pytest .")
shape(
    "if_fork",
    conditional("github.event_name != 'pull_request' || github.event.pull_request.draft == false"),
    "test pytest .",
)
shape("if_changes", conditional("needs.changes.outputs.api == 'true'"), "test pytest .")
shape("if_bot", conditional("github.actor == 'dependabot[bot]'"))
shape("step_if_false", steps("pytest").replace("- run: pytest", "- if: false\n        run: pytest"))
shape(
    "step_if_release", steps("pytest").replace("- run: pytest", "- if: github.ref_type == 'tag'\n        run: pytest")
)
shape(
    "ignored_by_step",
    steps("pytest").replace("- run: pytest", "- continue-on-error: true\n        run: pytest"),
    "(test) pytest .",
)
shape("ignored_by_shell", steps("pytest || true", "mypy . || exit 1"), "(test) pytest .", "typecheck mypy .")
shape(
    "needs_what_never_runs",
    """\
    on: [push, pull_request]
    jobs:
      release:
        if: github.event_name == 'push'
        runs-on: ubuntu-latest
        steps: [{run: make}]
      after:
        needs: release
        runs-on: ubuntu-latest
        steps: [{run: pytest}]
      always:
        needs: [release]
        if: always()
        runs-on: ubuntu-latest
        steps: [{run: mypy .}]
    """,
    "typecheck mypy .",
)

# --- directories, matrices, variables ---

shape(
    "working_directories",
    """\
    on: pull_request
    defaults:
      run:
        working-directory: web
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - run: npx eslint .
          - run: npx prettier --check .
            working-directory: api
      b:
        runs-on: ubuntu-latest
        defaults: {run: {working-directory: ./lib}}
        steps:
          - run: |
              npx tsc --noEmit
              cd sub && npx jest
              cd ..
              (cd other; npx vitest run)
              npx mocha
    """,
    "lint eslint web",
    "format prettier api",
    "typecheck tsc lib",
    "test jest lib/sub",
    "test vitest lib/other",
    "test mocha lib",
)
shape(
    "matrix",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ${{ matrix.os }}
        strategy:
          matrix:
            os: [ubuntu-latest, windows-latest]
            dir: [api, web]
            exclude:
              - {os: windows-latest, dir: web}
            include:
              - {os: ubuntu-latest, dir: docs, extra: "--cov"}
              - {dir: api, extra: "-q"}
        steps:
          - run: pytest ${{ matrix.extra }}
            working-directory: ${{ matrix.dir }}
    """,
    "test pytest api",
    "test pytest web",
    "coverage pytest docs",
)
shape(
    "matrix_of_commands",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        strategy:
          matrix:
            include:
              - name: Lint
                command: npm run lint
              - name: Types
                command: npm run types
        steps:
          - name: ${{ matrix.name }}
            run: ${{ matrix.command }}
    """,
    "lint eslint .",
    "typecheck tsc .",
    package_dot_json='{"scripts": {"lint": "eslint src", "types": "tsc --noEmit"}}',
)
shape(
    "matrix_from_json",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        strategy:
          matrix: ${{ fromJSON(needs.b.outputs.matrix) }}
        steps:
          - run: pytest
            working-directory: ${{ matrix.dir }}
    """,
    "test pytest ?",
)
shape(
    "variables",
    """\
    on: pull_request
    env:
      RUNNER: poetry run
      PLACE: api
    jobs:
      a:
        runs-on: ubuntu-latest
        env: {CHECK: poetry run mypy}
        steps:
          - run: |
              cd "$PLACE"
              $RUNNER pytest
              $CHECK .
          - run: ${{ env.RUNNER }} ruff check
          - run: $UNKNOWN pytest
    """,
    "test pytest api",
    "typecheck mypy api",
    "lint ruff .",
)
shape(
    "workspace_path",
    steps("cd $GITHUB_WORKSPACE/x && pytest", "cd ${{ github.workspace }}/y && pytest"),
    "test pytest ?",
    "test pytest y",
)
shape("expressions_stay_opaque", steps("pytest ${{ github.event.pull_request.title }} | tee log"), "test pytest .")
shape(
    "control_flow",
    """\
    on: pull_request
    jobs:
      a:
        runs-on: ubuntu-latest
        steps:
          - run: |
              set -euxo pipefail
              check() { ruff check "$@"; }
              if [ -f x ]; then check .; else mypy .; fi
              for v in a b; do pytest "$v"; done
              test -z "$(gofmt -l .)"
              cat > script <<EOF
              eslint nope
              EOF
              bash -c 'cargo clippy && cargo build'
              sudo -E env A=1 timeout 10m xvfb-run -a npx playwright test
    """,
    "lint ruff .",
    "typecheck mypy .",
    "test pytest .",
    "format gofmt .",
    "lint cargo .",
    "build cargo .",
    "e2e playwright .",
)

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
