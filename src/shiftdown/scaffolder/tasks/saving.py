"""A run's progress as it is stored, and back.

What a step makes of a secret, and everything after it, is stored under the operator's key only, and only while the
task runs. Without a key it is held back: a run that is taken over, or a retry, does these steps again.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from shiftdown.errors import InvalidInputError, StoredDataError
from shiftdown.model.tasks import SavedFile, TaskProgress
from shiftdown.repository import Kind
from shiftdown.scaffolder.action import Effect
from shiftdown.scaffolder.redaction import Redactor
from shiftdown.scaffolder.runner import Progress
from shiftdown.scaffolder.tasks.sealing import Sealer
from shiftdown.scaffolder.tasks.store import TaskStore
from shiftdown.scaffolder.workspace import Workspace

MAX_SEALED = 32 * 1024 * 1024
"""How many bytes of files are sealed at most; beyond that, steps are held back."""


@dataclass(frozen=True)
class Loaded:
    """How far a task came."""

    progress: Progress
    """For the runner."""
    saved: TaskProgress
    """What is stored in clear."""
    sealed: TaskProgress | None
    """What is stored under the key, which is further; `None` when nothing is."""
    contents: Mapping[str, bytes]
    """The contents that are stored under the key, by digest."""


def load_progress(store: TaskStore, task_id: str, sealer: Sealer | None) -> Loaded:
    """How far a task came.

    Raises:
        StoredDataError: what the store holds is incomplete.
        SealError: what is sealed cannot be opened.
        RegistryError: the store fails.
    """
    saved = store.task_progress(task_id)
    text = store.sealed_progress(task_id) if sealer else None
    opened = sealer.open(task_id, text) if sealer and text else None
    try:
        sealed = TaskProgress.model_validate(opened["progress"]) if opened else None
        hidden = {digest: b64decode(content) for digest, content in (opened["contents"] if opened else {}).items()}
        return Loaded(_progress(store, task_id, saved, sealed or saved, hidden), saved, sealed, hidden)
    except (KeyError, ValueError, InvalidInputError) as error:
        raise StoredDataError(
            f"the workspace of task {task_id} is malformed in the registry ({type(error).__name__}): "
            "something else wrote to it"
        ) from None


def _progress(
    store: TaskStore, task_id: str, saved: TaskProgress, furthest: TaskProgress, hidden: Mapping[str, bytes]
) -> Progress:
    stored = store.task_contents(task_id, (f.digest for f in furthest.files if f.digest not in hidden))
    contents = {**stored, **hidden}
    workspace = Workspace()
    for folder in furthest.folders:
        workspace.make_folder(folder)
    for file in furthest.files:
        workspace.write(file.path, contents[file.digest], Kind(file.kind))
    return Progress(
        workspace=workspace,
        outputs=dict(furthest.outputs),
        checkpoints={**saved.checkpoints, **furthest.checkpoints},
        effects=[Effect.model_validate(dict(effect)) for effect in saved.effects],
    )


class Saver:
    """Follows a run's progress, and tells what of it is to be stored."""

    def __init__(self, loaded: Loaded, redactor: Redactor, seal: Callable[[Any], str] | None) -> None:
        self._progress = loaded.progress
        self._saved = loaded.saved
        self._full = loaded.sealed
        self._hidden = dict(loaded.contents)
        self._redactor = redactor
        self._seal = seal
        self._stored = {f.digest for f in loaded.saved.files}
        self._files_before: dict[str, tuple[bytes, SavedFile]] = {}
        self._held_back = False
        self.contents: Mapping[str, bytes] = {}
        """Contents that `progress` needs and that are not stored yet, by digest."""
        self.unused: set[str] = set()
        """Digests of stored contents that nothing needs any more."""
        self.sealed: str | None = None
        """What is to be stored under the key now; `None` when that did not change."""

    @property
    def progress(self) -> TaskProgress:
        """What is to be stored in clear."""
        return self._saved

    def hold_back(self) -> None:
        """From now on, steps do not count as completed: one before them failed, and a retry begins with that."""
        self._held_back = True

    def note_effects(self) -> None:
        """Take in what was done outside the workspace."""
        effects: list[dict[str, object]] = []
        for effect in self._progress.effects:
            data = json.loads(json.dumps(effect.model_dump(by_alias=True), default=str))
            shown = self._redactor.data(data)
            if shown not in effects:
                effects.append(shown)
        checkpoints = self._redactor.data(self._progress.checkpoints)
        self._saved = _changed(self._saved, checkpoints=checkpoints, effects=tuple(effects))
        if checkpoints != self._progress.checkpoints and self._seal:
            self._keep_sealed(self._full or self._saved)

    def complete(self, step_id: str) -> None:
        """Take in a completed step; when it made something of a secret, it and all after it are sealed or held back."""
        self.note_effects()
        if self._held_back:
            return
        files, contents = self._files()
        folders = tuple(self._progress.workspace.folders())
        names = [*(files.keys() - self._files_before.keys()), *(set(folders) - set(self._saved.folders))]
        before = self._full or self._saved
        after = _changed(
            before,
            outputs={**before.outputs, step_id: self._progress.outputs[step_id]},
            files=tuple(file for _, file in files.values()),
            folders=folders,
        )
        if self._full is not None or self._is_secret(step_id, names, contents):
            self._complete_in_secret(after, contents)
        else:
            self._saved, self.contents = after, contents
            self.unused = self._stored - {file.digest for file in after.files}
        self._files_before = files

    def written(self) -> None:
        """What was to be stored is stored."""
        self._stored = (self._stored | set(self.contents)) - self.unused
        self.contents, self.unused, self.sealed = {}, set(), None

    def _complete_in_secret(self, after: TaskProgress, contents: Mapping[str, bytes]) -> None:
        needed = {file.digest for file in after.files} - self._stored
        hidden = {digest: content for digest, content in {**self._hidden, **contents}.items() if digest in needed}
        if self._seal is None or sum(map(len, hidden.values())) > MAX_SEALED:
            self._held_back = True
            return
        self._hidden = hidden
        self._keep_sealed(after)

    def _keep_sealed(self, full: TaskProgress) -> None:
        assert self._seal is not None  # noqa: S101 - callers look
        self._full = _changed(full, checkpoints=dict(self._progress.checkpoints), effects=())
        contents = {digest: b64encode(content).decode() for digest, content in self._hidden.items()}
        self.sealed = self._seal({"progress": self._full.model_dump(mode="json"), "contents": contents})

    def _files(self) -> tuple[dict[str, tuple[bytes, SavedFile]], dict[str, bytes]]:
        """The files of the workspace, and the contents that are not stored yet."""
        files, contents = dict[str, tuple[bytes, SavedFile]](), dict[str, bytes]()
        for entry in self._progress.workspace.entries():
            content = self._progress.workspace.read(entry.path)
            known = self._files_before.get(entry.path)
            if known and known[0] is content and known[1].kind == entry.kind.value:
                files[entry.path] = known
                continue
            digest = hashlib.sha256(content).hexdigest()
            files[entry.path] = content, SavedFile(path=entry.path, kind=entry.kind.value, digest=digest)
            if digest not in self._stored:
                contents[digest] = content
        return files, contents

    def _is_secret(self, step_id: str, names: list[str], contents: Mapping[str, bytes]) -> bool:
        """Whether a step made something of a secret: in its output, the names of new files, or new contents."""
        if contents and step_id in self._progress.secretive:
            return True
        shown = [self._progress.outputs[step_id], names]
        return self._redactor.data(shown) != shown or any(map(self._redactor.is_in, contents.values()))


def _changed(progress: TaskProgress, **changes: object) -> TaskProgress:
    kept = {name: getattr(progress, name) for name in TaskProgress.model_fields}
    try:
        return TaskProgress.model_validate({**kept, **changes})
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"][:2]))
        raise InvalidInputError(f"{place} cannot be kept as JSON: {error.errors()[0]['msg']}") from None
