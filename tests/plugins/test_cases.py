"""Every case of every transformation, what real tools say of its files, and that each type has the cases it owes."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown.extensions import Plugins
from shiftdown.model import DevOpsTransformationType
from shiftdown.testing import check_case, load_case
from shiftdown.transformations import PlanStatus
from shiftdown_plugins import cicd

from .judging import changed_files, complaints, is_workflow, new_findings, parse

HERE = Path(__file__).parent
PLUGINS = Plugins.installed()


def case_folders() -> Iterator[tuple[str, Path]]:
    for found in sorted(HERE.glob("*/*/cases/*/case.yaml")):
        yield found.parent.parent.parent.name.upper(), found.parent


@pytest.mark.parametrize(("type_", "folder"), [pytest.param(t, f, id=f"{t}-{f.name}") for t, f in case_folders()])
def test_case(type_: str, folder: Path) -> None:
    check_case(PLUGINS, type_, folder)


def changed() -> list[tuple[Path, Path]]:
    return list(changed_files(folder for _, folder in case_folders()))


def test_workflows_of_cases_are_accepted() -> None:
    workflows = [after for after, _ in changed() if is_workflow(after)]
    assert workflows
    assert complaints(workflows) == []


def test_workflows_of_cases_are_no_weaker_than_before() -> None:
    assert new_findings({after: before for after, before in changed() if is_workflow(after)}) == set()


def test_data_of_cases_can_be_read() -> None:
    for after, _ in changed():
        parse(after)


def first_party() -> list[str]:
    return [t for info in PLUGINS.infos if info.package == "shiftdown" for t in info.transformations]


@pytest.mark.parametrize("type_", first_party())
def test_each_type_has_a_change_a_no_op_and_a_refusal(type_: str) -> None:
    statuses = {load_case(folder).status for t, folder in case_folders() if t == type_}
    assert statuses == set(PlanStatus), f"{type_} lacks cases for {set(PlanStatus) - statuses}"


def test_cases_are_named_in_snake_case() -> None:
    names = [folder.name for _, folder in case_folders()]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", name)] == []


def test_every_folder_of_cases_belongs_to_a_type() -> None:
    assert {t for t, _ in case_folders()} <= set(first_party())
    assert set(first_party()) <= set(DevOpsTransformationType)


@pytest.mark.parametrize("type_", first_party())
def test_one_transformation_is_one_module_named_like_it(type_: str) -> None:
    module = PLUGINS.transformation(type_).function.__module__
    assert module.rpartition(".")[2] == type_.lower()
    assert module.startswith(cicd.__name__.rpartition(".")[0])
