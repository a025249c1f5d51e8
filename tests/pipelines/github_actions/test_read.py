"""Reading: what workflows in the shapes that people write really run, and where they say so."""

import pytest

from shiftdown.pipelines import choose, github_actions, runs
from shiftdown.repository import Evidence
from shiftdown.repository.stack import Component, Language, Purpose

from .reading import PATH, read_one, repository, runs_of
from .shapes import SHAPES, steps


@pytest.mark.parametrize("name", SHAPES)
def test_tells_what_a_workflow_runs(name: str) -> None:
    shape = SHAPES[name]
    workflow = read_one(shape.text, shape.files)
    assert bool(workflow.problem) == shape.problem
    assert runs_of(workflow) == shape.runs


def test_there_are_enough_shapes() -> None:
    assert len(SHAPES) >= 40


def test_names_the_line_of_each_command() -> None:
    workflow = read_one(SHAPES["comments_everywhere"].text)
    (invocation,) = [i for job in workflow.jobs for i in job.invocations if i.purpose]
    assert (invocation.path, invocation.line) == (PATH, 19)
    assert SHAPES["comments_everywhere"].text.splitlines()[18].strip().startswith("pytest")


def test_says_what_jobs_run_that_are_not_for_pull_requests() -> None:
    workflow = read_one(SHAPES["needs_what_never_runs"].text.replace("run: make", "run: twine upload dist/*"))
    release, after, always = workflow.jobs
    assert [j.on_changes for j in workflow.jobs] == [False, False, True]
    assert [i.tool for j in (release, after, always) for i in j.invocations] == ["twine", "pytest", "mypy"]


def test_names_the_line_in_the_called_file() -> None:
    shape = SHAPES["reusable_local"]
    invocation = next(i for j in read_one(shape.text, shape.files).jobs for i in j.invocations if i.tool == "go")
    assert invocation.path == ".github/workflows/called.yaml"
    assert "go test" in shape.files[invocation.path].splitlines()[invocation.line - 1]


def test_problem_has_a_line() -> None:
    problem = read_one(SHAPES["duplicate_jobs"].text).problem
    assert problem is not None
    assert problem.line == 7
    assert "twice" in problem.fact


def test_binary_workflow_is_a_problem() -> None:
    source = repository({PATH: "on: push\x00"})
    (workflow,) = github_actions.read(source)
    assert workflow.problem is not None
    assert "binary" in workflow.problem.fact


def test_reads_no_more_than_workflows() -> None:
    snapshot = repository({".github/workflows/README.md": "# hi", ".github/workflows/a/ci.yml": steps("pytest")})
    assert github_actions.read(snapshot) == ()


def component(path: str, language: Language = Language.NODE, workspace_root: str | None = None) -> Component:
    return Component(
        path=path, name=path or "root", language=language, manifest=f"{path}/m", workspace_root=workspace_root
    )


def asked(
    files: dict[str, str], purpose: Purpose, part: Component | None, default_branch: str | None = "main"
) -> Evidence | None:
    return runs(github_actions.read(repository(files)), purpose, part, default_branch=default_branch)


def test_answers_with_evidence() -> None:
    files = {PATH: steps("npm test"), "package.json": '{"scripts": {"test": "jest"}}'}
    evidence = asked(files, Purpose.TEST, component(""))
    assert evidence == Evidence(fact="runs `jest` by `npm run test`", path=PATH, line=6)


@pytest.mark.parametrize(
    ("commands", "purpose", "part", "expected"),
    [
        (["cd api && npx jest"], Purpose.TEST, component("api"), True),
        (["cd api && npx jest"], Purpose.TEST, component("web"), False),
        (["cd api && npx jest"], Purpose.TEST, component(""), False),
        (["npx jest --coverage"], Purpose.TEST, component(""), True),
        (["npx jest"], Purpose.COVERAGE, component(""), False),
        (["npx jest"], Purpose.TEST, component("api"), False),
        (["npx jest"], Purpose.TEST, component("api", workspace_root=""), True),
        (["npx jest api/src"], Purpose.TEST, component("api"), True),
        (["npx jest web/src"], Purpose.TEST, component("api", workspace_root=""), False),
        (["npx eslint ."], Purpose.LINT, component("api"), True),
        (["npx eslint web/src"], Purpose.LINT, component("api"), False),
        (["npx eslint ."], Purpose.LINT, component("api", Language.PYTHON), False),
        (["pre-commit run -a"], Purpose.LINT, component("api", Language.PYTHON), True),
        (["pytest"], Purpose.TEST, component(""), False),
        (["npx jest || true"], Purpose.TEST, component(""), False),
        (["cd $WHERE && npx jest"], Purpose.TEST, component(""), False),
        (["mvn verify"], Purpose.BUILD, component("core", Language.JAVA, ""), True),
        (["mvn test"], Purpose.BUILD, component("core", Language.JAVA, ""), False),
        (["npx tsc -p ."], Purpose.TYPECHECK, component(""), True),
        (["npx biome ci"], Purpose.FORMAT, component(""), True),
        (["npx biome lint"], Purpose.FORMAT, component(""), False),
        (["mvn verify"], Purpose.TEST, component("core", Language.JAVA, ""), True),
        (["mvn -pl web verify"], Purpose.TEST, component("core", Language.JAVA, ""), False),
        (["./gradlew :core:test"], Purpose.TEST, component("core", Language.JAVA, ""), True),
        (["go test ./..."], Purpose.TEST, component("tools", Language.GO), False),
        (["go -C tools test ./..."], Purpose.TEST, component("tools", Language.GO), True),
        (["cd tests && npx jest"], Purpose.TEST, component(""), True),
    ],
)
def test_a_command_covers_a_component(commands: list[str], purpose: Purpose, part: Component, expected: bool) -> None:
    manifests = ["package.json", "api/package.json", "web/package.json", "core/pom.xml", "tools/go.mod"]
    files = {PATH: steps(*commands), **dict.fromkeys(manifests, "{}")}
    assert bool(asked(files, purpose, part)) is expected


def test_path_filters_are_held_against_the_component() -> None:
    on = "{pull_request: {paths: ['api/**']}}"
    files = {PATH: steps("npx eslint .", on=on), "api/package.json": "{}", "web/package.json": "{}"}
    assert asked(files, Purpose.LINT, component("api"))
    assert asked(files, Purpose.LINT, component("web")) is None


def test_chosen_tools_only() -> None:
    workflows = github_actions.read(repository({PATH: steps("trivy fs .")}))
    assert runs(workflows, Purpose.SCAN, tools=["trivy", "grype"])
    assert runs(workflows, Purpose.SCAN, tools=["gitleaks"]) is None


@pytest.mark.parametrize(
    ("workflows", "expected"),
    [
        ({"release.yml": ("Release", "pytest", "push"), "ci.yml": ("CI", "pytest", "pull_request")}, "ci.yml"),
        ({"codeql.yml": ("CodeQL", "codeql x", "pull_request")}, None),
        ({"docker.yml": ("Image", "docker build .", "pull_request")}, None),
        ({"build.yml": ("Build", "go build ./...", "pull_request")}, "build.yml"),
        ({"lint.yml": ("Lint", "ruff check .", "pull_request"), "py.yml": ("Py", "pytest", "push")}, "py.yml"),
        ({"e2e.yml": ("E2E", "pytest", "pull_request"), "main.yml": ("Main", "pytest", "pull_request")}, "main.yml"),
        ({"called.yml": ("CI", "pytest", "[pull_request, workflow_call]")}, None),
        ({"part.yml": ("CI", "pytest", "{pull_request: {paths: ['api/**']}}")}, None),
        ({"ci.yml": ("CI", "pytest", "{push: {branches: [main]}}")}, None),
    ],
)
def test_chooses_the_workflow_to_extend(workflows: dict[str, tuple[str, str, str]], expected: str | None) -> None:
    files = {
        f".github/workflows/{file}": f"name: {name}\n{steps(command, on=on)}"
        for file, (name, command, on) in workflows.items()
    }
    chosen = choose(github_actions.read(repository(files)), "main")
    assert (chosen and chosen.path.rpartition("/")[2]) == expected


def test_new_path_is_free_whatever_the_ending_and_case() -> None:
    taken = [".github/workflows/CI.yaml", ".github/workflows/checks.yml"]
    assert github_actions.new_path([]) == PATH
    assert github_actions.new_path(taken) == ".github/workflows/continuous-integration.yml"
    assert (
        github_actions.new_path([*taken, ".github/workflows/continuous-integration.yml"])
        == ".github/workflows/ci-2.yml"
    )
