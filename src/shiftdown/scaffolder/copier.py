"""Renders a template with the copier library, when that is installed: it is an extra, `shiftdown[copier]`."""

import json
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.repository import Kind, Snapshot
from shiftdown.scaffolder.child import private_folder, read_tree, run_child, write_tree


def render_with_copier(
    tree: Snapshot, values: Mapping[str, Any], *, name: str, go_on: Callable[[], None]
) -> Iterator[tuple[str, bytes, Kind]]:
    """The files that a template makes: path, content and kind, in order.

    Its tasks and migrations are not run, and its Jinja extensions are refused. The file of answers is left out: it
    names the place that the template was rendered from.

    Args:
        tree: the template.
        values: the answers; where there is none, the template's default is taken.
        name: the template, for messages.
        go_on: called now and then; raises to stop.

    Raises:
        InvalidInputError: copier is not installed, or cannot render the template.
    """
    if find_spec("copier") is None:
        raise InvalidInputError(
            f"{name}: is a template of copier, which is not installed: pip install 'shiftdown[copier]'"
        )
    with private_folder() as folder:
        write_tree(tree, folder / "template", go_on)
        (folder / "request.json").write_text(json.dumps({"values": dict(values)}))
        run_child("copier", folder, go_on)
        try:
            answer = json.loads((folder / "answer.json").read_text())
        except (OSError, ValueError):
            raise InvalidInputError(f"{name}: copier ended without an answer: too much time, memory or disk") from None
        if "error" in answer:
            raise InvalidInputError(f"{name}: copier: {answer['error']}".replace(str(folder), ""))
        yield from (file for file in read_tree(folder / "output", go_on) if file[0] != answer["answers_file"])
