"""Extract: rows as they are in the files of the inbox, with the place each comes from."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SUFFIXES = (".csv", ".jsonl")


class SourceError(Exception):
    """A file cannot be read at all."""


@dataclass(frozen=True)
class RawRow:
    """A row that nothing was checked of."""

    source: str
    """Name of its file."""
    line: int
    """1-based line that it ends on."""
    text: str
    """The row as JSON, or as it is where it cannot be read."""
    data: dict[str, Any] | None
    """Its values; `None` when it cannot be read."""
    problem: str = ""
    """Why it cannot be read."""


def sources(inbox: Path) -> list[Path]:
    """The files to read, in the order of their names.

    Raises:
        SourceError: there is no such folder.
    """
    if not inbox.is_dir():
        raise SourceError(f"{inbox}: there is no such folder; create it or set PIPELINE_INBOX")
    return sorted(p for p in inbox.iterdir() if p.suffix in SUFFIXES and p.is_file())


def rows(file: Path) -> Iterator[RawRow]:
    """The rows of a file, one by one.

    Raises:
        SourceError: the file is not text in UTF-8, or not CSV.
    """
    try:
        yield from _csv(file) if file.suffix == ".csv" else _json_lines(file)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{file}: {error}") from error


def _csv(file: Path) -> Iterator[RawRow]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restkey="", restval=None, strict=True)
        for values in reader:
            line, text = reader.line_num, json.dumps(values, ensure_ascii=False)
            if "" in values:
                yield RawRow(file.name, line, text, None, "more values than the header has columns")
            else:
                yield RawRow(file.name, line, text, values)


def _json_lines(file: Path) -> Iterator[RawRow]:
    with file.open(encoding="utf-8-sig") as stream:
        for line, text in enumerate(stream, 1):
            if not text.strip():
                continue
            try:
                data = json.loads(text)
            except ValueError as error:
                yield RawRow(file.name, line, text.rstrip(), None, f"not JSON: {error}")
                continue
            if isinstance(data, dict):
                yield RawRow(file.name, line, text.rstrip(), data)
            else:
                yield RawRow(file.name, line, text.rstrip(), None, "not a JSON object")
