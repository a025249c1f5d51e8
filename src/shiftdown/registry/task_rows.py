"""Tasks to rows and back. Data is kept as JSON text in ASCII, so that no database refuses a character of it."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import Row

from shiftdown.errors import StoredDataError
from shiftdown.model.base import Model
from shiftdown.model.tasks import Task, TaskEvent, TaskProgress

_M = TypeVar("_M", bound=Model)

_DATA: Mapping[type[Model], frozenset[str]] = {
    Task: frozenset({"template", "parameters", "user", "secret_names", "output"}),
    TaskEvent: frozenset({"body"}),
    TaskProgress: frozenset({"outputs", "checkpoints", "effects", "files", "folders"}),
}
_ESCAPED = str.maketrans({"\0": "\\u0000"} | dict.fromkeys(range(55296, 57344), "�"))


def task_to_row(task: Task) -> dict[str, Any]:
    """The values of a task for the columns of its table, but for those that its model has not."""
    return _row(task)


def progress_to_row(progress: TaskProgress) -> dict[str, Any]:
    """The values of a progress; a file is a list of path, kind and digest."""
    row = {name: dump(value) for name, value in progress.model_dump(mode="json", exclude={"files"}).items()}
    return {**row, "files": dump([[f.path, f.kind, f.digest] for f in progress.files])}


def event_to_row(event: TaskEvent) -> dict[str, Any]:
    """The values of an event."""
    return _row(event)


def task_from_row(row: Row[Any]) -> Task:
    """The task that a row holds. Raises `StoredDataError` when it was changed by other means and is none any more."""
    values = {name: value for name, value in row._mapping.items() if name in Task.model_fields}
    return _model(Task, values, f"task {row.id}")


def event_from_row(row: Row[Any]) -> TaskEvent:
    """The event that a row holds. Raises as `task_from_row`."""
    return _model(TaskEvent, dict(row._mapping), f"event {row.id} of task {row.task_id}")


def progress_from_row(row: Row[Any]) -> TaskProgress:
    """The progress that a row holds. Raises as `task_from_row`."""
    values = {name: value for name, value in row._mapping.items() if name != "task_id"}
    what = f"the progress of task {row.task_id}"
    files = _load(values["files"], what)
    if not (isinstance(files, list) and all(isinstance(f, list) and len(f) == 3 for f in files)):
        raise _malformed(what, "files")
    listed = dump([dict(zip(("path", "kind", "digest"), f, strict=True)) for f in files])
    return _model(TaskProgress, {**values, "files": listed}, what)


def dump(value: Any) -> str:
    """Data as text."""
    return json.dumps(value, separators=(",", ":"))


def plain(text: str | None) -> str | None:
    """A text that every database takes: without NUL and lone surrogates."""
    return None if text is None else text.translate(_ESCAPED)


def _row(record: Model) -> dict[str, Any]:
    data = _DATA[type(record)]
    row: dict[str, Any] = {}
    for name in type(record).model_fields:
        value = getattr(record, name)
        is_data = name in data and value is not None
        row[name] = dump(record.model_dump(mode="json", include={name})[name]) if is_data else value
    return {name: plain(value) if isinstance(value, str) else value for name, value in row.items()}


def _model(model: type[_M], values: Mapping[str, Any], what: str) -> _M:
    data = _DATA[model]
    loaded = {n: _load(v, what) if n in data and v is not None else v for n, v in values.items()}
    try:
        return model.model_validate(loaded)
    except ValidationError as error:
        raise _malformed(what, ".".join(map(str, error.errors()[0]["loc"]))) from None


def _load(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise _malformed(what, "data that is not JSON") from None


def _malformed(what: str, where: str) -> StoredDataError:
    return StoredDataError(f"{what} is malformed in the registry ({where}): something else wrote to it")
