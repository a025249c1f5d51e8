"""Runs the copier library in a process of its own: templates are untrusted.

`python -I -m shiftdown.scaffolder.copier_child FOLDER` reads `FOLDER/request.json`, renders `FOLDER/template` into
`FOLDER/output`, and writes `FOLDER/answer.json`: `{"answers_file": path}` or `{"error": text}`. copier renders in
Jinja's sandbox; what it calls unsafe (tasks, migrations, extensions) is not allowed.
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import copier

_SECONDS = 120
_FILE = 100 * 1024 * 1024
_MEMORY = 4 * 1024 * 1024 * 1024


def _make(folder: Path, values: dict[str, Any]) -> str:
    """Make the project; the path of its file of answers."""
    worker = copier.run_copy(
        str(folder / "template"),
        folder / "output",
        data=values,
        defaults=True,
        overwrite=True,
        quiet=True,
        skip_tasks=True,
    )
    return str(worker.answers_relpath)


def main() -> None:
    """Answer the request in the folder that is named."""
    folder = Path(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    request = json.loads((folder / "request.json").read_text())
    try:
        answer = {"answers_file": _make(folder, request["values"])}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a template does is told to the parent
        answer = {"error": f"{type(error).__name__}: {error}"}
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
