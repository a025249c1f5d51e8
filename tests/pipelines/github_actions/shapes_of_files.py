"""Workflows in the shapes that people write them: triggers, jobs, steps."""

from .shapes_kit import shape, steps

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
shape("if_unknown_and_push", conditional("vars.NIGHTLY && github.event_name == 'push'"))
shape("if_push_and_unknown", conditional("github.event_name == 'push' && vars.NIGHTLY"))
shape("if_unknown_and_pull_request", conditional("vars.X && github.event_name == 'pull_request'"), "test pytest .")
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
    "test pytest x",
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
