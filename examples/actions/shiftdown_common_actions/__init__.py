"""The third-party actions that templates of Backstage use most, as a plugin: how to write actions.

It also brings a filter for templates, and a golden path that uses them.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from shiftdown.plugin import Action, hookimpl
from shiftdown_common_actions.files import append_file, merge_file, write_file
from shiftdown_common_actions.request import request_portal
from shiftdown_common_actions.serialize import serialize_json, serialize_yaml
from shiftdown_common_actions.sleep import sleep


@hookimpl
def shiftdown_actions() -> list[Action]:
    """The actions of this plugin."""
    return [append_file, merge_file, write_file, request_portal, serialize_json, serialize_yaml, sleep]


@hookimpl
def shiftdown_template_filters() -> Mapping[str, Callable[..., Any]]:
    """The filter of this plugin."""
    return {"fileName": file_name}


@hookimpl
def shiftdown_golden_paths() -> Mapping[str, str]:
    """The golden path of this plugin."""
    return {"settings-file": str(Path(__file__).parent / "settings_file")}


def file_name(value: Any, *_: Any) -> str:
    """A text as the name of a file: in lower case, with hyphens between the words."""
    return "-".join(re.findall(r"[a-z0-9]+", str(value).lower()))
