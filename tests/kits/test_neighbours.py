"""A new job is set up as the job that serves its component already."""

from typing import Any

import pytest

from shiftdown.edits import yaml
from shiftdown.kits import jobs, jobs_of, new_pipeline, stage_for, units_of
from shiftdown.pipelines import GITHUB_ACTIONS
from shiftdown.pipelines.setups import SetupKind
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.detect import stack_of

CI = ".github/workflows/ci.yml"
NODE = {
    "package.json": '{"name": "a", "scripts": {"test": "jest", "lint": "eslint ."}, "devDependencies": {"jest": "29"}}',
    "package-lock.json": '{"lockfileVersion": 3, "packages": {}}',
    "a.test.js": "test('a', () => {})\n",
    "eslint.config.mjs": "export default []\n",
}
HEAD = "name: CI\non:\n  pull_request:\n  push:\n    branches: [main]\npermissions:\n  contents: read\njobs:\n"


def repository(workflow: str, files: dict[str, str] = NODE, path: str = CI) -> Snapshot:
    return Snapshot(
        MemorySource({name: text.encode() for name, text in {**files, path: workflow}.items()}),
        name="a",
        url="https://github.com/acme/a",
    )


def added(repo: Snapshot, *, quality: bool = False) -> tuple[dict[str, Any], str]:
    """The job that joins the workflow, or the only one of a new one, and the whole text."""
    (unit,) = units_of(stack_of(repo))
    job = jobs.quality_job(repo, unit) if quality else jobs.test_job(repo, unit)
    assert job
    change = stage_for(repo).add([job], [unit])
    text = (change.file.content or b"").decode()
    written = yaml.load(text)["jobs"]
    return next(data for data in reversed(written.values()) if data.get("name") == job.name), text


LINT = """\
  lint:
    runs-on: [self-hosted, linux]
    container: node:20-bookworm
    timeout-minutes: 25
    permissions:
      contents: read
      packages: read
    env:
      FORCE_COLOR: 1
      CODECOV_TOKEN: ${{ secrets.CODECOV_TOKEN }}
    steps:
      - uses: actions/checkout@0123456789012345678901234567890123456789 # v4.2.0
        with:
          submodules: recursive
          lfs: true
      - run: sudo apt-get update && sudo apt-get install -y libcairo2-dev
      - uses: actions/setup-node@v4
        with:
          node-version: 18
          registry-url: https://npm.pkg.github.com
      - run: npm ci --legacy-peer-deps
        env:
          NODE_AUTH_TOKEN: ${{ secrets.GITHUB_TOKEN }}
      - run: npm run lint
      - uses: actions/upload-artifact@v4
        with:
          path: lint.txt
"""


def test_takes_over_all_that_is_around_the_command() -> None:
    job, text = added(repository(HEAD + LINT))
    assert job["runs-on"] == ["self-hosted", "linux"]
    assert job["container"] == "node:20-bookworm"
    assert job["timeout-minutes"] == 25
    assert job["permissions"] == {"contents": "read", "packages": "read"}
    assert job["env"] == {"FORCE_COLOR": 1}
    lint = yaml.load(HEAD + LINT)["jobs"]["lint"]["steps"]
    lint[0]["with"]["persist-credentials"] = False
    assert job["steps"][:4] == lint[:4]
    assert job["steps"][4]["run"].startswith("npm test")
    assert "actions/checkout@0123456789012345678901234567890123456789 # v4.2.0" in text.partition("  test:")[2]
    assert text.startswith(HEAD + LINT)


def test_says_nothing_of_guesses_that_ci_answers() -> None:
    repo = repository(HEAD + LINT)
    (unit,) = units_of(stack_of(repo))
    job = jobs.test_job(repo, unit)
    assert job
    assert job.notes == ()
    assert job.setup[0].version == "18"


MATRIX = """\
  lint:
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [windows-latest, ubuntu-24.04]
        node: [18, 22, 20]
        exclude:
          - {os: ubuntu-24.04, node: 18}
    steps:
      - uses: actions/checkout@v4
      - run: git config --global core.autocrlf false
        if: matrix.os == 'windows-latest'
      - uses: actions/setup-node@v4
        with:
          node-version: ${{ matrix.node }}
      - run: npm ci
      - run: npm run %s
"""


def test_tests_run_on_the_versions_of_the_matrix_that_linux_has() -> None:
    job, _ = added(repository(HEAD + MATRIX % "lint"))
    assert job["runs-on"] == "ubuntu-24.04"
    assert job["strategy"] == {"matrix": {"node": [22, 20]}}
    assert [s.get("uses", s.get("run")) for s in job["steps"]][:3] == [
        "actions/checkout@v4",
        "actions/setup-node@v4",
        "npm ci",
    ]


def test_what_is_no_test_runs_on_the_newest_version_of_the_matrix() -> None:
    job, _ = added(repository(HEAD + MATRIX % "test"), quality=True)
    assert "strategy" not in job
    assert job["steps"][1]["with"] == {"node-version": 22}
    assert job["runs-on"] == "ubuntu-24.04"


def test_services_are_for_tests_alone() -> None:
    service = "    services:\n      db:\n        image: postgres:16\n    runs-on: ubuntu-latest\n    steps:\n"
    workflow = HEAD + "  check:\n" + service + LINT.partition("steps:\n")[2]
    job, _ = added(repository(workflow))
    assert job["services"] == {"db": {"image": "postgres:16"}}
    job, _ = added(repository(workflow.replace("npm run lint", "npm test")), quality=True)
    assert "services" not in job


@pytest.mark.parametrize(
    "step",
    [
        "      - uses: ./.github/actions/setup\n        with:\n          token: ${{ needs.before.outputs.token }}\n",
        "      - uses: actions/setup-node@v4\n        with:\n          node-version: ${{ inputs.node }}\n",
    ],
)
def test_a_set_up_that_belongs_to_its_job_is_not_taken_over(step: str) -> None:
    workflow = HEAD + "  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n" + step
    job, _ = added(repository(workflow + "      - run: npm ci\n      - run: npm run lint\n"))
    assert [s.get("name") for s in job["steps"]][:3] == ["Check out", "Set up Node.js", "Install dependencies"]
    assert job["steps"][0]["uses"] == "actions/checkout@v4"


def test_scripts_that_others_fill_are_left_out() -> None:
    odd = "      - run: echo ${{ github.event.pull_request.title }}\n"
    workflow = HEAD + LINT.replace("      - run: npm ci", f"{odd}      - run: npm ci")
    _, text = added(repository(workflow))
    assert text.count("pull_request.title") == 1


def test_an_action_of_the_repository_is_used_again() -> None:
    action = (
        "runs:\n  using: composite\n  steps:\n"
        "    - uses: actions/setup-node@v4\n      with:\n        node-version: 21\n"
        "    - run: npm ci\n      shell: bash\n"
    )
    workflow = (
        HEAD + "  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
        "      - uses: ./.github/actions/setup\n      - run: npm run lint\n"
    )
    repo = repository(workflow, {**NODE, ".github/actions/setup/action.yml": action})
    job, _ = added(repo)
    assert job["steps"][1] == {"uses": "./.github/actions/setup"}
    assert job["steps"][2]["run"].startswith("npm test")
    facts = repo.remember(GITHUB_ACTIONS.read)[0].jobs[0].setup
    assert [(f.value, f.evidence.path, f.evidence.line) for f in facts if f.kind is SetupKind.RUNTIME] == [
        ("21", ".github/actions/setup/action.yml", 6)
    ]


def test_what_the_job_installs_for_itself_alone_is_not_enough() -> None:
    files = {
        "pyproject.toml": '[project]\nname = "a"\nversion = "1"\n[dependency-groups]\ntest = ["pytest"]\n',
        "uv.lock": "version = 1\n",
        "tests/test_a.py": "def test_a(): pass\n",
        "src/a/__init__.py": "",
    }
    lint = (
        "  lint:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v4\n"
        "      - uses: astral-sh/setup-uv@v6\n        with:\n          python-version: '3.11'\n"
        "      - run: uv sync --only-group lint\n      - run: uv run ruff check .\n"
    )
    job, _ = added(repository(HEAD + lint, files))
    runs = [s["run"] for s in job["steps"] if "run" in s]
    assert runs[0] == "uv sync --only-group lint"
    assert runs[1].startswith("uv sync")
    assert job["steps"][1]["with"] == {"python-version": "3.11"}


def test_neighbours_lend_their_time_limit_and_the_versions_of_their_actions() -> None:
    files = {**NODE, "go.mod": "module a\n\ngo 1.24\n", "a_test.go": "package a\n", "a.go": "package a\n"}
    repo = repository(HEAD + LINT, files)
    units = units_of(stack_of(repo))
    wanted = [job for unit in units for job in jobs_of(repo, unit) if "go" in job.id and job.stage == "test"]
    text = (stage_for(repo).add(wanted, units).file.content or b"").decode()
    go = next(j for k, j in yaml.load(text)["jobs"].items() if k.startswith("go"))
    assert go["timeout-minutes"] == 25
    assert "actions/checkout@0123456789012345678901234567890123456789 # v4.2.0" in text.partition("  go-test:")[2]


def test_an_action_that_no_longer_works_is_no_example() -> None:
    old = LINT.replace("upload-artifact@v4", "upload-artifact@v2")
    _, text = added(repository(HEAD + old, {**NODE, "package.json": NODE["package.json"].replace("jest", "vitest")}))
    assert text.count("upload-artifact@v2") == 1


def test_a_new_pipeline_starts_for_the_merge_queue_that_is_there() -> None:
    repo = repository("on: {merge_group: }\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo\n")
    units = units_of(stack_of(repo))
    change = new_pipeline(repo, GITHUB_ACTIONS).add(jobs_of(repo, units[0]), units)
    assert yaml.load((change.file.content or b"").decode())["on"] == {
        "push": {"branches": ["main"]},
        "pull_request": None,
        "merge_group": None,
    }


def test_facts_have_their_lines() -> None:
    facts = repository(HEAD + LINT).remember(GITHUB_ACTIONS.read)[0].jobs[0].setup
    found = {(f.kind.value, f.name, f.value, f.evidence.line) for f in facts}
    assert {
        ("runner", None, "self-hosted, linux", 10),
        ("container", None, "node:20-bookworm", 11),
        ("time-limit", None, "25", 12),
        ("permission", "packages", "read", 15),
        ("variable", "FORCE_COLOR", "1", 17),
        ("checkout", "submodules", "recursive", 22),
        ("checkout", "lfs", "True", 23),
        ("system-packages", None, "libcairo2-dev", 24),
        ("runtime", "node", "18", 27),
        ("registry", "registry-url", "https://npm.pkg.github.com", 28),
        ("install", None, "npm ci --legacy-peer-deps", 29),
        ("variable", "NODE_AUTH_TOKEN", "${{ secrets.GITHUB_TOKEN }}", 31),
    } <= found


def test_of_a_matrix_of_mappings_the_newest_is_taken() -> None:
    job = """\
  lint:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        node: [{label: Old, version: "20"}, {label: New, version: "22"}]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: ${{ matrix.node.version }}
      - run: npm ci
      - run: npm run lint
"""
    written, _ = added(repository(HEAD + job))
    assert "strategy" not in written
    assert [s["with"]["node-version"] for s in written["steps"] if "setup-node" in s.get("uses", "")] == ["22"]
