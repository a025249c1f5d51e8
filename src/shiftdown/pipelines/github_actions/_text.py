"""Workflows as text: what plain data does not say about how people write them."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from shiftdown.edits import yaml

_PINNED = r'^( {%d}(?:  |- )uses: )"([^\s"]+@[0-9a-f]{40}) # (\S+)"$'
_LIST = re.compile(r"^(?P<key> *[\w-]+:)(?P<items>(?:\n *- [^\s\[\]{},:#][^\n\[\]{},:#]*$)+)", re.MULTILINE)
_SECTION = re.compile(r"\n(?=[a-z])")
_JOB = re.compile(r"\n(?=  [A-Za-z_][\w-]*:\n)")
_WIDTH = 100


def dump(workflow: dict[str, Any]) -> str:
    """The text of a workflow; `uses` values that end with ` # version` get that as a comment."""
    head, jobs, body = _bare(workflow, 8).partition("\njobs:\n")
    return _SECTION.sub("\n\n", head) + "\n" + jobs + _JOB.sub("\n\n", body)


def dump_job(job: dict[str, Any]) -> str:
    """The text of a job, without its key, from column 0."""
    return _bare(job, 4)


def _bare(data: dict[str, Any], column: int) -> str:
    """The text, with the keys of steps in `column`: what is further right may be part of a script."""
    text = yaml.dump(data)
    short = _LIST.sub(_brackets, text)
    scripts = (textwrap.indent(script, " ") for script in _scripts(data))
    if (
        not any(_LIST.search(script) for script in scripts) or yaml.load(short) == data
    ):  # else a script looks like a list
        text = short
    return re.sub(_PINNED % (column - 2), r"\1\2 # \3", text, flags=re.MULTILINE)


def _scripts(data: Any) -> Iterator[str]:
    """The texts of several lines."""
    if isinstance(data, str):
        yield from [data] if "\n" in data else []
    elif isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from _scripts(value)


def in_line(values: Sequence[str]) -> Any:
    """A short list in one line, where it can be written without quotes."""
    if all(re.fullmatch(r"[A-Za-z_][\w./-]*", value) for value in values):
        return yaml.Block(f"[{', '.join(values)}]")
    return list(values)


def _brackets(match: re.Match[str]) -> str:
    """A list of short values in one line, as people write it."""
    items = [line.strip().removeprefix("- ") for line in match["items"].strip().split("\n")]
    line = f"{match['key']} [{', '.join(items)}]"
    return line if len(line) <= _WIDTH else match[0]
