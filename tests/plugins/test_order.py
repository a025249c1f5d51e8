"""The pipeline types in any order: the repository that they leave runs the same for the same components."""

import random
from collections.abc import Sequence
from itertools import permutations
from math import factorial
from pathlib import Path

import pytest

from shiftdown.extensions import Plugins
from shiftdown.kits import answer, units_of
from shiftdown.pipelines import GITHUB_ACTIONS, invocations_on_changes
from shiftdown.plugin import Purpose, Snapshot, stack_of
from shiftdown.repository import overlay
from shiftdown.testing import case_snapshot, load_case
from shiftdown.testing.cases import Case
from shiftdown.transformations import PlanStatus, plan
from shiftdown_plugins.cicd.add_build_stage.images import built, images_of

TYPES = ("ADD_GITHUB_ACTIONS", "ADD_LINT_STAGE", "ADD_TEST_STAGE", "ADD_BUILD_STAGE")
GATES = (Purpose.TEST, Purpose.BUILD)
QUALITY = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK)
ALL_UP_TO = 4
"""Of how many types every order is tried; they have 24."""


def orders_of(types: Sequence[str]) -> list[tuple[str, ...]]:
    """The orders to try: all, or as many as four types have: the same every time, both directions among them."""
    if len(types) <= ALL_UP_TO:
        return list(permutations(types))
    chance = random.Random(0)
    found = dict.fromkeys([tuple(types), tuple(reversed(types))])
    while len(found) < factorial(ALL_UP_TO):
        found[tuple(chance.sample(types, len(types)))] = None
    return list(found)


ORDERS = orders_of(TYPES)
HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples" / "repositories"
CASES = HERE / "cicd"
PLUGINS = Plugins.installed()
STARTS = {
    **{folder.name: folder for folder in sorted(EXAMPLES.iterdir())},
    **{
        f"{folder.parents[1].name}-{folder.name}": folder
        for folder in (
            CASES / "add_github_actions/cases/node_yarn",
            CASES / "add_github_actions/cases/python_uv",
            CASES / "add_github_actions/cases/php",
            CASES / "add_github_actions/cases/gradle",
            CASES / "add_github_actions/cases/maven",
            CASES / "add_build_stage/cases/maven_verify_is_the_test",
            CASES / "add_github_actions/cases/monorepo_workspace",
            CASES / "add_github_actions/cases/monorepo_workspace_root",
            CASES / "add_lint_stage/cases/go_configured_for_version_2",
            CASES / "add_lint_stage/cases/leftover_travis",
            CASES / "add_lint_stage/cases/monorepo",
            CASES / "add_test_stage/cases/monorepo_workspace",
            CASES / "add_lint_stage/cases/node_js_without_lock",
            CASES / "add_lint_stage/cases/node_react_ts_without_typescript",
            CASES / "add_lint_stage/cases/python_setup_py_only",
            CASES / "add_lint_stage/cases/python_uv_nothing_configured",
            CASES / "add_test_stage/cases/half_covered",
            CASES / "add_test_stage/cases/monorepo_folders",
            CASES / "add_test_stage/cases/own_ci_with_gate",
            CASES / "add_build_stage/cases/go_library",
            CASES / "add_build_stage/cases/image",
            CASES / "add_build_stage/cases/image_of_a_built_jar",
            CASES / "add_build_stage/cases/monorepo_images",
            CASES / "add_build_stage/cases/own_ci_for_pull_requests",
        )
    },
}


def start(folder: Path) -> Snapshot:
    if (folder / "case.yaml").is_file():
        return case_snapshot(folder / "before", load_case(folder))
    return case_snapshot(folder, Case(status=PlanStatus.CHANGES))


def apply(repo: Snapshot, type_: str) -> tuple[PlanStatus, Snapshot]:
    transformation = PLUGINS.transformation(type_)
    result = plan(transformation, PLUGINS.check(transformation.verified_by), repo)
    return result.status, overlay(repo, result.changes) if result.status is PlanStatus.CHANGES else repo


class Orders:
    """Applies types in orders; what two orders have in common, or both arrive at, is planned once."""

    def __init__(self, begin: Snapshot) -> None:
        self.begin = begin
        self._known: dict[tuple[str, tuple[tuple[str, bytes], ...]], tuple[PlanStatus, Snapshot]] = {}

    def apply(self, repo: Snapshot, type_: str) -> tuple[PlanStatus, Snapshot]:
        key = (type_, tuple((path, repo.read(path)) for path in sorted(repo.files())))
        if key not in self._known:
            self._known[key] = apply(repo, type_)
        return self._known[key]

    def end(self, order: tuple[str, ...]) -> tuple[Snapshot, dict[str, PlanStatus]]:
        repo, statuses = self.begin, {}
        for type_ in order:
            statuses[type_], repo = self.apply(repo, type_)
        return repo, statuses


def running(repo: Snapshot) -> set[tuple[str, ...]]:
    """What runs on changes: each purpose with the component or image that it is for, linters by name.

    Types that the build checks are checked; a gate says all that a step says that only reports, and a job that always
    runs all that one says that does not. How many workflows there are counts, too.
    """
    stack, workflows, branch = stack_of(repo), repo.remember(GITHUB_ACTIONS.read), repo.default_branch
    units = units_of(stack)
    images = images_of(repo, stack, units).known
    found: set[tuple[str, ...]] = {("workflows", str(len(workflows)))}
    found |= {(p.value, unit.component.path) for unit in units for p in GATES if answer(repo, unit, p).evidence}
    for job in (job for workflow in workflows for job in workflow.jobs if job.on_changes):
        for unit in (unit for unit in units if unit.area):
            if any(i.purpose in GATES and i.covers(unit.component) for i in job.invocations):
                found.add(("when", unit.component.path, str(job.condition)))
    for unit in units:
        for i in invocations_on_changes(workflows, default_branch=branch):
            if i.covers(unit.component) and (i.purpose in QUALITY or i.tool == "tsc"):
                purpose = "typecheck" if i.tool == "tsc" else i.purpose or ""
                found.add((purpose, i.tool, unit.component.path, "warns" if i.ignored else "gates"))
    always = {path for kind, path, *when in found if kind == "when" and when == ["None"]}
    found = {f for f in found if f[0] != "when" or f[1] not in always or f[2] == "None"}
    found -= {(*gate[:3], "warns") for gate in found if gate[-1] == "gates"}
    return found | {("image", i.file) for i in images if built(workflows, i, images, branch)}


def test_of_many_types_the_same_orders_are_tried_every_time() -> None:
    assert set(orders_of(TYPES[:4])) == set(permutations(TYPES[:4]))
    many = [f"TYPE_{number}" for number in range(32)]
    found = orders_of(many)
    assert found == orders_of(many)
    assert len(set(found)) == len(found) == 24
    assert {tuple(many), tuple(many[::-1])} < set(found)
    assert all(sorted(order) == sorted(many) for order in found)


@pytest.mark.parametrize("name", STARTS)
def test_any_order_ends_in_an_equivalent_repository(name: str) -> None:
    orders = Orders(start(STARTS[name]))
    wanted = running(orders.end(ORDERS[0])[0])
    assert wanted
    for order in ORDERS:
        repo, statuses = orders.end(order)
        assert running(repo) == wanted, order
        for type_, status in statuses.items():
            again = orders.apply(repo, type_)[0]
            refused = status is again is PlanStatus.NOT_APPLICABLE
            assert refused or again is PlanStatus.ALREADY_SATISFIED, (order, type_)


@pytest.mark.parametrize("name", ["express-api", "fastapi-service", "go-service", "spring-service"])
def test_after_the_whole_workflow_there_is_nothing_left_to_test_or_build(name: str) -> None:
    _, repo = apply(start(STARTS[name]), "ADD_GITHUB_ACTIONS")
    assert apply(repo, "ADD_TEST_STAGE")[0] is PlanStatus.ALREADY_SATISFIED
    assert apply(repo, "ADD_BUILD_STAGE")[0] is PlanStatus.ALREADY_SATISFIED


def test_an_image_is_left_to_the_build_stage() -> None:
    _, repo = apply(start(STARTS["add_build_stage-image"]), "ADD_GITHUB_ACTIONS")
    status, repo = apply(repo, "ADD_BUILD_STAGE")
    assert status is PlanStatus.CHANGES
    assert ("image", "Dockerfile") in running(repo)
