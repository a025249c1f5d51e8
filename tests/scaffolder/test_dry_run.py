"""The whole of a dry-run, as the command line and portals get it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.creation.templates import Templates
from shiftdown.errors import InvalidInputError
from shiftdown.responses import DryRunResponse
from shiftdown.scaffolder.parameters import ParametersError

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: shop}
spec:
  type: service
  parameters: {required: [name], properties: {name: {type: string}}}
  secrets: {schema: {required: [token]}}
  steps:
    - {id: all, action: "fetch:plain", input: {url: ., targetPath: all}}
    - {action: "fs:write", input: {path: made.sh, content: x, executable: true}}
    - {action: "catalog:write", input: {entity: {metadata: {name: "${{ parameters.name }}"}}}}
  output: {links: [{title: "${{ parameters.name }}"}]}
"""


@pytest.fixture
def templates(tmp_path: Path) -> Iterator[Templates]:
    """Templates, and one with a script, a folder and a link to nowhere beside it."""
    folder = tmp_path / "t"
    folder.mkdir()
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "run.sh").write_text("#!/bin/sh\n")
    (folder / "run.sh").chmod(0o755)
    (folder / "broken").symlink_to("nowhere")
    (folder / "link").symlink_to("run.sh")
    with Shiftdown.open(f"sqlite:///{tmp_path / 'registry.db'}") as sd:
        yield sd.templates


def test_the_answer(templates: Templates, tmp_path: Path) -> None:
    ran = templates.dry_run(str(tmp_path / "t"), {"name": "shop"}, secrets={"token": "x"})
    answer = DryRunResponse.of(ran).model_dump(mode="json", by_alias=True)
    assert [(f["path"], f["executable"]) for f in answer["directoryContents"]] == [
        ("all/broken", False),
        ("all/run.sh", False),
        ("catalog-info.yaml", False),
        ("made.sh", True),
    ]
    assert {f.path for f in ran.files if f.executable} == {"all/run.sh", "made.sh"}
    catalog = next(f.content for f in ran.files if f.path == "catalog-info.yaml")
    assert b"backstage.io/source-template: template:default/dry-run\n" in catalog
    assert answer["output"] == {"links": [{"title": "shop"}]}
    assert [s["id"] for s in answer["steps"]] == ["all", "step-2", "step-3"]
    assert answer["log"][0] == {"body": {"message": "Starting up task with 3 steps"}}


def test_values_and_secrets_are_checked_first(templates: Templates, tmp_path: Path) -> None:
    with pytest.raises(ParametersError, match="'name' is required"):
        templates.dry_run(str(tmp_path / "t"), {}, secrets={"token": "x"})
    with pytest.raises(ParametersError, match="'token' is required"):
        templates.dry_run(str(tmp_path / "t"), {"name": "x"})


def test_there_must_be_a_template(templates: Templates, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError):
        templates.dry_run(str(tmp_path / "none"), {})
