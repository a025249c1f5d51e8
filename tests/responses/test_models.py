"""Servers can answer with the models: closed, frozen, with a schema, and loaded without the command line."""

import subprocess
import sys

import pytest
from pydantic import BaseModel

from shiftdown import responses

HEAVY = ("sqlalchemy", "github", "gitlab", "jinja2", "typer", "shiftdown.app", "shiftdown.cli")


@pytest.mark.parametrize("name", responses.__all__)
def test_a_model_is_closed_and_frozen_and_has_a_schema(name: str) -> None:
    model = getattr(responses, name)
    assert issubclass(model, BaseModel)
    assert model.__name__ == name
    assert (model.model_config["frozen"], model.model_config["extra"]) == (True, "forbid")
    assert model.model_json_schema(mode="serialization")["properties"]


def test_a_plan_needs_neither_the_command_line_nor_the_app() -> None:
    program = (
        f"import sys; from shiftdown.responses import PlanResponse; print([m for m in {HEAVY} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_there_is_no_other_name() -> None:
    with pytest.raises(AttributeError, match="NoResponse"):
        responses.NoResponse  # noqa: B018
