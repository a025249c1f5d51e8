"""Renders a template with the cookiecutter library, in a private temporary folder and a process of its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import Field

from shiftdown.errors import InvalidInputError, UnsafePathError
from shiftdown.model.base import Model
from shiftdown.repository import Entry, Kind, Snapshot

CONFIG = "cookiecutter.json"
"""The file that makes a folder a cookiecutter template."""
_TIMEOUT = 300
"""Seconds that a template may take, its hooks included."""
_CONTENTS = "{{cookiecutter and 'contents'}}"
_HOOKS = ("pre_prompt", "pre_gen_project", "post_gen_project")
_EXTENSIONS = ("jinja2.ext.", "cookiecutter.extensions.")
"""Where the extensions are that every template may use: they can do no harm."""


class CookiecutterPolicy(Model):
    """What the operator allows templates of cookiecutter to do."""

    hooks: frozenset[str] = Field(default=frozenset())
    """Templates whose hooks are run: their URLs, or the references of the templates that fetch them."""
    extensions: frozenset[str] = Field(default=frozenset())
    """Jinja extensions that may be imported, beside those of Jinja and cookiecutter themselves."""


@dataclass(frozen=True)
class Cookiecutter:
    """How a folder is rendered: the options of `fetch:cookiecutter`."""

    url: str
    """Where the folder is from."""
    values: Mapping[str, Any]
    """Values of its variables."""
    copied: Sequence[str] | None = None
    """Globs of files that are copied as they are; `None` leaves that to the template."""
    extensions: Sequence[str] | None = None
    """Jinja extensions; `None` leaves that to the template."""
    hooks: bool = False
    """Whether hooks are run."""
    allowed: frozenset[str] = frozenset()
    """Extensions that the operator allows."""

    def render(self, tree: Snapshot, go_on: Callable[[], None]) -> "Iterator[tuple[str, bytes, Kind]]":
        """The files that the template makes: path, content and kind, in order.

        A folder with a `cookiecutter.json` and a folder whose name is an expression is a template of cookiecutter: what
        comes out is the content of the project's folder. Any other folder is taken as the content itself, as Backstage
        does; its `cookiecutter.json`, if it has one, gives default values.

        Raises:
            InvalidInputError: the template is wrong, asks for what is not allowed, or takes too long.
            CancelledError: `go_on` raised it.
        """
        with _private_folder() as folder:
            root = folder / "template"
            whole = _is_template(tree)
            _write(tree, root if whole else root / _CONTENTS, go_on)
            config = self._config(root, tree, whole=whole)
            self._check(config)
            (root / CONFIG).write_text(json.dumps(config))
            (folder / "output").mkdir()
            request = {"url": self.url, "hooks": self.hooks and whole, "nested": whole}
            values = self.values if whole else {}
            (folder / "request.json").write_text(json.dumps({**request, "values": values}))
            _run(folder, go_on)
            yield from _read(folder / "output" / _project(folder), go_on)

    def _config(self, root: Path, tree: Snapshot, *, whole: bool) -> dict[str, Any]:
        given = {"_copy_without_render": self.copied, "_extensions": self.extensions}
        options = {name: list(value) for name, value in given.items() if value is not None}
        if not tree.is_file(CONFIG):
            return {**self.values, **options}
        try:
            found = json.loads(tree.read(CONFIG))
        except (ValueError, RecursionError) as error:
            raise InvalidInputError(f"{self.url}: {CONFIG} is not valid JSON: {error}") from error
        if not isinstance(found, dict):
            raise InvalidInputError(f"{self.url}: {CONFIG} holds no mapping of variables to values")
        if whole:
            return {**found, **options}
        return {**{k: v for k, v in found.items() if k not in given}, **self.values, **options}

    def _check(self, config: Mapping[str, Any]) -> None:
        wanted = config.get("_extensions") or []
        if not isinstance(wanted, list):
            raise InvalidInputError(f"{self.url}: `_extensions` is no list")
        refused = [e for e in map(str, wanted) if not e.startswith(_EXTENSIONS) and e not in self.allowed]
        if refused:
            raise InvalidInputError(
                f"{self.url}: the Jinja extensions {', '.join(refused)} are not allowed here; "
                "an operator who has installed them can allow them"
            )


def has_hooks(tree: Snapshot) -> bool:
    """Whether a template has hooks."""
    return any(path.startswith("hooks/") and Path(path).stem in _HOOKS for path in tree.entries())


@contextmanager
def _private_folder() -> Iterator[Path]:
    """A temporary folder that nobody else can look into."""
    with TemporaryDirectory(prefix="shiftdown-") as folder:
        yield Path(folder).resolve()


def _is_template(tree: Snapshot) -> bool:
    names = [e.path for e in tree.children("") if e.kind is Kind.DIRECTORY]
    if not tree.is_file(CONFIG):
        return False
    if any("cookiecutter" in name and "{{" in name and "}}" in name for name in names):
        return True
    try:
        found = json.loads(tree.read(CONFIG))
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and bool({"template", "templates"} & set(found))


def _write(tree: Snapshot, root: Path, go_on: Callable[[], None]) -> None:
    """Put a tree on disk; symbolic links last, and only those that stay inside."""
    root.mkdir(parents=True)
    links: list[Entry] = []
    for path, entry in tree.entries().items():
        go_on()
        place = root / path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if entry.kind is Kind.SYMLINK:
                links.append(entry)
            elif entry.kind.is_file:
                place.write_bytes(tree.read(path))
                place.chmod(0o755 if entry.kind is Kind.EXECUTABLE else 0o644)
        except OSError as error:
            raise InvalidInputError(f"{path}: cannot be put on disk: {error.strerror}") from error
    for entry in links:
        (root / entry.path).symlink_to(os.fsdecode(tree.read(entry.path)))
    for entry in links:
        if not Path(os.path.realpath(root / entry.path)).is_relative_to(root):
            raise UnsafePathError(entry.path, "is a symbolic link that leads out of the template")


def _run(folder: Path, go_on: Callable[[], None]) -> None:
    home = folder / "home"
    home.mkdir()
    environment = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LANG": "C.UTF-8", "TZ": "UTC"}
    command = [sys.executable, "-I", "-m", f"{__package__}.cookiecutter_child", str(folder)]
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen(  # noqa: S603 - our own module, in the interpreter that runs us
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            _wait(child, go_on)
        finally:
            _end(child)


def _wait(child: "subprocess.Popen[bytes]", go_on: Callable[[], None]) -> None:
    end = time.monotonic() + _TIMEOUT
    while True:
        try:
            child.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            go_on()
            if time.monotonic() > end:
                raise InvalidInputError(f"cookiecutter took longer than {_TIMEOUT} seconds; it was stopped") from None
        else:
            return


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Stop the process and those that its hooks started."""
    try:
        os.killpg(child.pid, 9)
    except ProcessLookupError:
        return
    finally:
        child.wait()


def _project(folder: Path) -> str:
    try:
        answer = json.loads((folder / "answer.json").read_text())
    except (OSError, ValueError):
        raise InvalidInputError(
            "cookiecutter ended without an answer: it needed too much time, memory or disk"
        ) from None
    if "error" in answer:
        raise InvalidInputError(f"cookiecutter: {answer['error']}".replace(str(folder), ""))
    return str(answer["project"])


def _read(root: Path, go_on: Callable[[], None]) -> Iterator[tuple[str, bytes, Kind]]:
    for place, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f != ".git" and not Path(place, f).is_symlink())
        for name in sorted(names):
            go_on()
            path = Path(place, name)
            if path.is_symlink() or not path.is_file():
                continue
            kind = Kind.EXECUTABLE if path.stat().st_mode & 0o100 else Kind.FILE
            yield path.relative_to(root).as_posix(), path.read_bytes(), kind
