"""Templates: read, check and run them."""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shiftdown.creation.golden import run_cases
from shiftdown.errors import InvalidInputError
from shiftdown.extensions import Plugins
from shiftdown.git import GitRepository
from shiftdown.git.directory import folder_snapshot
from shiftdown.model.base import Model
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.dry_run import DryRun, dry_run
from shiftdown.scaffolder.expressions import Expressions
from shiftdown.scaffolder.filters import default_filters
from shiftdown.scaffolder.golden import GoldenCase, GoldenResult
from shiftdown.scaffolder.parameters import with_defaults
from shiftdown.scaffolder.questions import typed
from shiftdown.scaffolder.runner import Host, RunInput
from shiftdown.scaffolder.services import Recorder, Services
from shiftdown.scaffolder.sources import EntityList, TemplateContents, split_tree_url
from shiftdown.scaffolder.template import Template, TemplateError, error_at, parse_template
from shiftdown.scaffolder.validation import problems
from shiftdown.scaffolder.work import unknown_action
from shiftdown.transformations import Plan
from shiftdown.user_paths import user_path

DEFAULT_NAMES = ("template.yaml", "template.yml")
"""The names of a template's file that are looked for in a folder."""


class Problem(Model):
    """Something that is wrong with a template."""

    file: str
    """The template's file."""
    line: int | None
    """1-based line; `None` when it is not known."""
    path: str
    """Where in the document, `spec.steps.0.action`."""
    expected: str
    """What is wrong, and what was expected."""
    text: str
    """All of it as one line."""


class LoadedTemplate:
    """A template with the files beside it."""

    def __init__(self, template: Template, contents: TemplateContents, text: str, name: str) -> None:
        self.template = template
        """The template."""
        self.contents = contents
        """Reads what it fetches."""
        self.text = text
        """The text that it was read from."""
        self.name = name
        """Path of its file, for messages."""

    def complete(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
        """All parameters, as the form would give them: those given, those that texts mean, and the form's defaults.

        Raises:
            InvalidInputError: a text means no value that the schema of its parameter allows.
        """
        return with_defaults(self.template, typed(self.template, values, texts))


class Templates:
    """Read templates from folders and URLs, check them, and run them."""

    def __init__(
        self,
        plugins: Plugins,
        open_repository: Callable[[str, SecretStr | None], GitRepository],
        *,
        new_id: Callable[[], str],
        services: Services,
    ) -> None:
        self._plugins = plugins
        self._open = open_repository
        self._new_id = new_id
        self._services = services

    @property
    def actions(self) -> Mapping[str, Action]:
        """The actions that are installed, by id."""
        return self._plugins.actions

    @property
    def golden_paths(self) -> Mapping[str, str]:
        """The folder or URL of each golden path, by name."""
        return self._plugins.golden_paths

    def load(self, location: str) -> LoadedTemplate:
        """Read a template: a golden path's name, a file, a folder with a `template.yaml`, or the URL of one of them.

        Raises:
            TemplateError: it is not valid; names file, line, path and what was expected.
            InvalidInputError: there is nothing to read.
        """
        location = self.golden_paths.get(location, location)
        if "://" in location:
            root, path = self._read(location, None)
            return self.parse(root, _file_in(root, path, location), name=location)
        file = _local_file(location)
        return self.parse(folder_snapshot(str(file.parent)), file.name, name=str(file))

    def parse(self, root: Snapshot, path: str, *, name: str | None = None) -> LoadedTemplate:
        """The template in a file of a tree; it may fetch what is in that tree. Raises as `load`.

        Args:
            root: the tree.
            path: path of the file in it.
            name: what messages call the file; its path unless given.
        """
        name, text = name or path, root.read(path)
        contents = TemplateContents(root, path, self._fetch)
        try:
            decoded = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TemplateError(name, None, "", "is not text in UTF-8") from error
        return LoadedTemplate(parse_template(decoded, name=name, read=contents.text), contents, decoded, name)

    def action(self, id_: str) -> Action:
        """The action with an id. Raises `NotFoundError`."""
        if id_ not in self.actions:
            raise unknown_action(id_, self.actions)
        return self.actions[id_]

    def validate(self, location: str) -> list[Problem]:
        """Everything that can be told to be wrong with a template before it runs; empty when it is valid.

        Raises:
            InvalidInputError: there is nothing to read.
        """
        try:
            loaded = self.load(location)
        except TemplateError as error:
            return [_problem(error)]
        filters = {**default_filters(), **self._plugins.template_filters}
        found = problems(loaded.template, self.actions, Expressions(filters=filters))
        return [_problem(error_at(loaded.text, loaded.name, path, expected)) for path, expected in found]

    def test(self, folder: str, *, update: bool = False) -> list[GoldenResult]:
        """Run the golden cases in `tests/` beside a template: each a `case.yaml` with `expected/` files.

        Args:
            folder: the template's folder.
            update: whether what is made now is written as what is expected.

        Raises:
            InvalidInputError: there are no cases, or a case or the template is malformed.
        """
        loaded = self.load(folder)

        def run(case: GoldenCase) -> DryRun:
            given = {name: value.get_secret_value() for name, value in case.secrets.items()}
            return self._dry_run(loaded, case.values, given, case.entities, case.skip_unknown_actions, "test")

        return run_cases(user_path(folder), run, update=update)

    def dry_run(
        self,
        location: str,
        values: Mapping[str, Any],
        *,
        texts: Mapping[str, str] | None = None,
        secrets: Mapping[str, str] | None = None,
        entities: Sequence[Mapping[str, Any]] = (),
        skip_unknown_actions: bool = False,
    ) -> DryRun:
        """Run a template with every effect left out, and show what it would make and do.

        Args:
            location: as `load`.
            values: the parameters.
            texts: further ones, as texts that are read by their schema; with them, the form's defaults are added.
            secrets: the secrets.
            entities: what the software catalog holds.
            skip_unknown_actions: whether steps whose action is not installed are skipped.

        Raises:
            ShiftdownError: as `load`; the values do not fit; a step fails.
        """
        loaded = self.load(location)
        loaded.contents = loaded.contents.as_sent()
        given = loaded.complete(values, texts) if texts else values
        return self._dry_run(loaded, given, secrets or {}, entities, skip_unknown_actions, self._new_id())

    def _dry_run(
        self,
        loaded: LoadedTemplate,
        values: Mapping[str, Any],
        secrets: Mapping[str, str],
        entities: Sequence[Mapping[str, Any]],
        skip_unknown_actions: bool,
        task_id: str,
    ) -> DryRun:
        run = RunInput(
            template=loaded.template,
            parameters=values,
            task_id=task_id,
            secrets=secrets,
            dry_run=True,
            skip_unknown_actions=skip_unknown_actions,
        )
        return dry_run(run, self.host(loaded, entities))

    def host(
        self,
        loaded: LoadedTemplate,
        entities: Sequence[Mapping[str, Any]] = (),
        *,
        record: Recorder | None = None,
    ) -> Host:
        """What a run of a template takes from around it.

        With `record`, a repository that it publishes remembers the template.
        """
        return Host(
            actions=self.actions,
            contents=loaded.contents,
            catalog=EntityList(entities),
            plan=self._plan,
            services=replace(self._services, record=record),
            filters=self._plugins.template_filters,
        )

    def _plan(self, type_: str, parameters: Mapping[str, Any], snapshot: Snapshot) -> Plan:
        transformation = self._plugins.transformation(type_)
        return self._plugins.plan(transformation, snapshot, transformation.parse(parameters))

    def _fetch(self, url: str, token: SecretStr | None) -> tuple[Snapshot, str]:
        """What a template asks for: it comes from anywhere, and must not read what is on this machine."""
        if not url.startswith(("https://", "http://")):
            raise InvalidInputError(f"{url}: templates fetch from https:// URLs, and from folders beside them")
        return self._read(url, token)

    def _read(self, url: str, token: SecretStr | None) -> tuple[Snapshot, str]:
        repository, revision, path = split_tree_url(url)
        with self._open(repository, token) as git:
            snapshot = git.snapshot(git.find_commit(revision) if revision else None)
            snapshot.prefetch([p for p in snapshot.entries() if p.startswith(f"{path}/" if path else "")])
            return snapshot, path


def _problem(error: TemplateError) -> Problem:
    return Problem(file=error.file, line=error.line, path=error.path, expected=error.expected, text=str(error))


def _file_in(root: Snapshot, path: str, location: str) -> str:
    names = [path, *(posixpath.join(path, name) for name in DEFAULT_NAMES)]
    found = next((name for name in names if name and root.is_file(name)), None)
    if found is None:
        raise InvalidInputError(f"{location}: there is no {DEFAULT_NAMES[0]} in it")
    return found


def _local_file(location: str) -> Path:
    given = user_path(location)
    if given.is_dir():
        found = next((given / name for name in DEFAULT_NAMES if (given / name).is_file()), None)
        if found is None:
            raise InvalidInputError(f"{location}: there is no {DEFAULT_NAMES[0]} in it")
        return found
    if not given.is_file():
        raise InvalidInputError(f"{location}: there is no such file; give a template.yaml or its folder")
    return given
