"""A run's progress as it is stored, and back. What a step makes of a secret is never stored."""

import hashlib
import json
from collections.abc import Mapping

from pydantic import ValidationError

from shiftdown.errors import InvalidInputError, StoredDataError
from shiftdown.model.tasks import SavedFile, TaskProgress
from shiftdown.repository import Kind
from shiftdown.scaffolder.action import Effect
from shiftdown.scaffolder.redaction import Redactor
from shiftdown.scaffolder.runner import Progress
from shiftdown.scaffolder.tasks.store import TaskStore
from shiftdown.scaffolder.workspace import Workspace


def load_progress(store: TaskStore, task_id: str) -> tuple[Progress, TaskProgress]:
    """How far a task came: for the runner, and as it is stored.

    Raises:
        StoredDataError: the store fails, or what it holds is incomplete.
    """
    saved = store.task_progress(task_id)
    contents = store.task_contents(task_id, (f.digest for f in saved.files))
    workspace = Workspace()
    try:
        for folder in saved.folders:
            workspace.make_folder(folder)
        for file in saved.files:
            workspace.write(file.path, contents[file.digest], Kind(file.kind))
        effects = [Effect.model_validate(dict(effect)) for effect in saved.effects]
    except (KeyError, ValueError, ValidationError, InvalidInputError) as error:
        raise StoredDataError(
            f"the workspace of task {task_id} is malformed in the registry ({type(error).__name__}): "
            "something else wrote to it"
        ) from None
    progress = Progress(
        workspace=workspace,
        outputs=dict(saved.outputs),
        checkpoints=dict(saved.checkpoints),
        effects=effects,
    )
    return progress, saved


class Saver:
    """Follows a run's progress, and tells what of it is to be stored."""

    def __init__(self, progress: Progress, saved: TaskProgress, redactor: Redactor) -> None:
        self._progress = progress
        self._saved = saved
        self._redactor = redactor
        self._stored = {f.digest for f in saved.files}
        self._files_before: dict[str, tuple[bytes, SavedFile]] = {}
        self._held_back = False
        self.contents: Mapping[str, bytes] = {}
        """Contents that `progress` needs and that are not stored yet, by digest."""
        self.unused: set[str] = set()
        """Digests of stored contents that `progress` does not need any more."""

    @property
    def progress(self) -> TaskProgress:
        """What is to be stored now."""
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
        self._update(checkpoints=self._redactor.data(self._progress.checkpoints), effects=tuple(effects))

    def complete(self, step_id: str) -> None:
        """Take in a completed step, unless it made something of a secret: then it is held back, and all after it."""
        self.note_effects()
        if self._held_back:
            return
        files, contents = self._files()
        folders = tuple(self._progress.workspace.folders())
        names = [*(files.keys() - self._files_before.keys()), *(set(folders) - set(self._saved.folders))]
        if self._is_secret(step_id, names, contents):
            self._held_back = True
            return
        self._files_before = files
        saved = tuple(file for _, file in files.values())
        self.contents, self.unused = contents, self._stored - {file.digest for file in saved}
        outputs = {**self._saved.outputs, step_id: self._progress.outputs[step_id]}
        self._update(outputs=outputs, files=saved, folders=folders)

    def written(self) -> None:
        """What was to be stored is stored."""
        self._stored = (self._stored | set(self.contents)) - self.unused
        self.contents, self.unused = {}, set()

    def _update(self, **changes: object) -> None:
        kept = {name: getattr(self._saved, name) for name in TaskProgress.model_fields}
        try:
            self._saved = TaskProgress.model_validate({**kept, **changes})
        except ValidationError as error:
            place = ".".join(map(str, error.errors()[0]["loc"][:2]))
            raise InvalidInputError(
                f"{place} is not data that can be kept as JSON: give text, numbers, lists…"
            ) from None

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
