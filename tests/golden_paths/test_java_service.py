"""The Java service, without Maven's central repository, which a test machine need not reach.

The compiler parses its sources, Maven reads its POM strictly, Checkstyle checks it with its own rules, and the linters
of workflows judge its workflow. It is not compiled against Spring Boot, and its tests are not run.
"""

from pathlib import Path

import pytest

from shiftdown.scaffolder.parameters import ParametersError
from shiftdown.testing import check_workflow, find_tool
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, make, plan_again, read_yaml, render, succeed

NAME = "java-service"
JUDGE = Path(__file__).with_name("Judge.java")
CASES = {"plain": PLAIN, "odd": {**ODD, "groupId": "com.acme2.shop"}}


@pytest.fixture(scope="module", params=CASES)
def values(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(CASES[request.param])


@pytest.fixture(scope="module")
def made(values: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, values, tmp_path_factory.mktemp("java"))


def judge(target: Path) -> str:
    """What the compiler and Maven's reader say of a project; an assertion error when they reject it."""
    libraries = Path(find_tool("mvn")).resolve().parents[1] / "lib" / "*"
    return succeed(["java", "-cp", str(libraries), str(JUDGE), str(target)], target)


def test_what_it_says_of_itself(made: Path, values: dict[str, str]) -> None:
    check_documents(NAME, made, values)


def test_the_compiler_and_maven_can_read_it(made: Path, values: dict[str, str]) -> None:
    group = values.get("groupId", "org.example")
    assert judge(made) == f"{group}:{values['name']}:jar:0.1.0-SNAPSHOT {values['description']}\n"


def test_its_own_rules_accept_it(made: Path) -> None:
    succeed(["checkstyle", "-c", "config/checkstyle/checkstyle.xml", "src"], made)


def test_its_settings_are_yaml(made: Path, values: dict[str, str]) -> None:
    settings = read_yaml((made / "src/main/resources/application.yaml").read_text("utf-8"))
    assert settings["spring"]["application"]["name"] == values["name"]
    assert settings["server"]["shutdown"] == "graceful"


def test_its_workflow_is_accepted(made: Path) -> None:
    check_workflow(made)
    jobs = read_yaml((made / ".github/workflows/ci.yml").read_text("utf-8"))["jobs"]
    commands = {id_: [s["run"] for s in job["steps"] if "run" in s] for id_, job in jobs.items()}
    assert commands == {
        "code-quality": ["mvn -B checkstyle:check"],
        "test": ["mvn -B verify"],
        "build": ["mvn -B -DskipTests package"],
    }


def test_its_types_find_nothing_more_to_do(made: Path) -> None:
    assert set(plan_again(NAME, made).values()) == {"ALREADY_SATISFIED"}


@pytest.mark.parametrize(
    ("file", "old", "new", "complaint"),
    [
        ("src/main/java/org/example/orders/Application.java", "class Application {", "class Application", "expected"),
        ("src/main/java/org/example/orders/Application.java", "package org", "package com", "is in package com"),
        ("pom.xml", "<description>", "<purpose>x</purpose>\n  <description>", "purpose"),
    ],
)
def test_a_planted_error_is_found(file: str, old: str, new: str, complaint: str, tmp_path: Path) -> None:
    target = make(NAME, PLAIN, tmp_path)
    path = target / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(AssertionError, match=complaint):
        judge(target)


@pytest.mark.parametrize("values", [{"name": "class"}, {"groupId": "org.new.shop"}, {"groupId": "org..shop"}])
def test_names_that_are_no_package_are_refused(values: dict[str, str]) -> None:
    with pytest.raises(ParametersError, match=next(iter(values))):
        render(NAME, {**PLAIN, **values})
