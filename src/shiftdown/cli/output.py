"""What commands print: one JSON document, or tables for people. Progress goes to standard error."""

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel

    from shiftdown.app import Shiftdown
    from shiftdown.git import Identity
    from shiftdown.model import Progress
    from shiftdown.model.base import Parameters, ParametersByType


@dataclass(frozen=True)
class Settings:
    """The options before the command."""

    registry: str | None
    """URL of the registry; `None` is the default one."""

    def open(self, *, author: "Identity | None" = None, sign_off: bool = False) -> "Shiftdown":
        """Open shiftdown with these settings."""
        from shiftdown.app import Shiftdown

        return Shiftdown.open(self.registry, author=author, sign_off=sign_off)


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
"""The option that every command has."""


After = Annotated[str | None, typer.Option("--after", metavar="ID", help="Begin behind this one.", show_default=False)]
"""Where a page of a list begins."""

Limit = Annotated[int | None, typer.Option("--limit", min=1, max=1000, help="How many at most.", show_default=False)]
"""How long a page of a list is."""


def emit(document: "BaseModel | Sequence[BaseModel | str]") -> None:
    """Print a JSON document: a model, or a list of models or of ids."""
    sys.stdout.write(_json(document) + "\n")


def emit_each(documents: "Iterable[BaseModel]") -> None:
    """Print a JSON document that is a list, each item as soon as it comes."""
    before = "[\n"
    for document in documents:
        sys.stdout.write(before + indent(_json(document), "  "))
        sys.stdout.flush()
        before = ",\n"
    sys.stdout.write("[]\n" if before == "[\n" else "\n]\n")


def _json(document: "BaseModel | Sequence[BaseModel | str]") -> str:
    plain = [_plain(item) for item in document] if isinstance(document, Sequence) else _plain(document)
    return json.dumps(plain, indent=2, ensure_ascii=False)


def _plain(item: "BaseModel | str") -> Any:
    return item if isinstance(item, str) else item.model_dump(mode="json", by_alias=True)


def say(text: str) -> None:
    """Print text for a person, as it is."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def assignments(values: "Parameters", of: str = "") -> str:
    """Parameters as they are given on the command line: `threshold=80, tool=any`."""
    texts = {name: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for name, v in values.items()}
    return ", ".join(f"{of}{name}={text}" for name, text in texts.items())


def assignments_by_type(values: "ParametersByType") -> str:
    """Parameters as they are given on the command line: `ADD_X.threshold=80, ADD_Y.tool=any`."""
    return ", ".join(assignments(of_type, f"{type_}.") for type_, of_type in values.items())


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Print a table for a person; `empty` is said when there are no rows."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    lines = [[escape("" if cell is None else str(cell)) for cell in row] for row in rows]
    if not lines:
        say(empty)
        return
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        grid.add_column(column, overflow="fold")
    for line in lines:
        grid.add_row(*line)
    console = Console()
    if not console.is_terminal:
        console = Console(width=200)
    console.print(grid)


def bar(progress: "Progress", width: int = 24) -> str:
    """A progress bar with figures: what is left out is shown beside the denominator."""
    share = progress.done / progress.total if progress.total else 0.0
    filled = int(share * width)
    percent = "–" if progress.percent is None else f"{progress.percent:g} %"
    left_out = sum(progress.by_status.values()) - progress.total
    aside = f", {left_out} left out" if left_out else ""
    return f"{'█' * filled}{'░' * (width - filled)} {progress.done} of {progress.total} ({percent}{aside})"
