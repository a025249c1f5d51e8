"""The template engine of Backstage's scaffolder, to compare with."""

import json
import logging
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from shiftdown.scaffolder.expressions import Expressions, TemplateRenderError
from shiftdown.testing import find_tool
from tests.conftest import NODE_TOOLS

ENGINE = NODE_TOOLS.parent / "nunjitsu"
OPTIONS = {"cookiecutterCompat": "cookiecutter", "trimBlocks": "trim_blocks", "lstripBlocks": "lstrip_blocks"}
ERROR = "an error"
NOTHING = "undefined"


class Reference:
    """A process that renders templates with the original engine."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, text: str, context: Mapping[str, Any], native: bool = False, **options: bool) -> Any:
        """What it gives; `ERROR` or `NOTHING` if that is so."""
        case = {"text": text, "context": context, "native": native, "options": options}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(case) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            return ERROR
        return NOTHING if "undefined" in answer else _encodable(answer["value"])


@pytest.fixture(scope="session")
def reference() -> Iterator[Reference]:
    command = [find_tool("node"), str(Path(__file__).with_name("reference.cjs")), str(ENGINE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Reference(process)
        assert process.stdin
        process.stdin.close()


def _encodable(value: Any) -> Any:
    """A text with U+FFFD for each half of a character, as it is when it is written to a file."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(value, str) else value


_ENGINES: dict[frozenset[tuple[str, bool]], Expressions] = {}


def ours(text: str, context: Mapping[str, Any], native: bool = False, **options: bool) -> Any:
    """What shiftdown gives, in the same terms."""
    key = frozenset(options.items())
    if key not in _ENGINES:
        _ENGINES[key] = Expressions(filters={}, **{OPTIONS[name]: value for name, value in options.items()})  # type: ignore[arg-type]
    if native:
        return _value(_ENGINES[key], text, context)
    try:
        return _ENGINES[key].render(text, context)
    except TemplateRenderError:
        return ERROR


def _value(engine: Expressions, text: str, context: Mapping[str, Any]) -> Any:
    problems: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = problems.append  # type: ignore[assignment]
    logger = logging.getLogger("shiftdown.scaffolder.expressions.engine")
    logger.addHandler(handler)
    try:
        result = engine.evaluate({"it": text}, context)
    finally:
        logger.removeHandler(handler)
    return ERROR if problems else result.get("it", NOTHING)
