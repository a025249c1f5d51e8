"""Templates: read, check and run them."""

import posixpath
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.extensions import Plugins
from shiftdown.git import GitRepository
from shiftdown.git.directory import folder_snapshot
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.action import Action
from shiftdown.scaffolder.dry_run import DryRun, dry_run
from shiftdown.scaffolder.runner import Host, RunInput
from shiftdown.scaffolder.sources import EntityList, TemplateContents, split_tree_url
from shiftdown.scaffolder.template import Template, TemplateError, parse_template
from shiftdown.transformations import Plan, plan

DEFAULT_NAMES = ("template.yaml", "template.yml")
"""The names of a template's file that are looked for in a folder."""


class LoadedTemplate:
    """A template with the files beside it."""

    def __init__(self, template: Template, contents: TemplateContents) -> None:
        self.template = template
        """The template."""
        self.contents = contents
        """Reads what it fetches."""


class Templates:
    """Read templates from folders and URLs, check them, and run them."""

    def __init__(
        self,
        plugins: Plugins,
        open_repository: Callable[[str], GitRepository],
        *,
        new_id: Callable[[], str],
    ) -> None:
        self._plugins = plugins
        self._open = open_repository
        self._new_id = new_id

    @property
    def actions(self) -> Mapping[str, Action]:
        """The actions that are installed, by id."""
        return self._plugins.actions

    def load(self, location: str) -> LoadedTemplate:
        """Read a template: a file, a folder with a `template.yaml`, or the URL of one of them.

        Raises:
            TemplateError: it is not valid; names file, line, path and what was expected.
            InvalidInputError: there is nothing to read.
        """
        root, path = self._read(location) if "://" in location else _local(location)
        folder, text = posixpath.dirname(path), root.read(path)
        contents = TemplateContents(root, folder, self._read)
        try:
            decoded = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise TemplateError(path, None, "", "is not text in UTF-8") from error
        return LoadedTemplate(parse_template(decoded, name=path, read=contents.text), contents)

    def dry_run(
        self,
        location: str,
        values: Mapping[str, Any],
        *,
        secrets: Mapping[str, str] | None = None,
        entities: Sequence[Mapping[str, Any]] = (),
        skip_unknown_actions: bool = False,
    ) -> DryRun:
        """Run a template with every effect left out, and show what it would make and do.

        Args:
            location: as `load`.
            values: the parameters.
            secrets: the secrets.
            entities: what the software catalog holds.
            skip_unknown_actions: whether steps whose action is not installed are skipped.

        Raises:
            ShiftdownError: as `load`; the values do not fit; a step fails.
        """
        loaded = self.load(location)
        run = RunInput(
            template=loaded.template,
            parameters=values,
            task_id=self._new_id(),
            secrets=secrets or {},
            dry_run=True,
            skip_unknown_actions=skip_unknown_actions,
        )
        return dry_run(run, self._host(loaded, entities))

    def _host(self, loaded: LoadedTemplate, entities: Sequence[Mapping[str, Any]]) -> Host:
        return Host(
            actions=self.actions,
            contents=loaded.contents,
            catalog=EntityList(entities),
            plan=self._plan,
            filters=self._plugins.template_filters,
        )

    def _plan(self, type_: str, parameters: Mapping[str, Any], snapshot: Snapshot) -> Plan:
        transformation = self._plugins.transformation(type_)
        return plan(
            transformation,
            self._plugins.check(transformation.verified_by),
            snapshot,
            transformation.parse(parameters),
        )

    def _read(self, url: str) -> tuple[Snapshot, str]:
        repository, branch, path = split_tree_url(url)
        with self._open(repository) as git:
            revision = git.tip(branch) if branch else None
            if branch and revision is None:
                raise InvalidInputError(f"{url}: {repository} has no branch {branch}")
            snapshot = git.snapshot(revision)
            snapshot.prefetch([p for p in snapshot.entries() if p.startswith(f"{path}/" if path else "")])
            return snapshot, path


def _local(location: str) -> tuple[Snapshot, str]:
    given = Path(location)
    if given.is_dir():
        found = next((given / name for name in DEFAULT_NAMES if (given / name).is_file()), None)
        if found is None:
            raise InvalidInputError(f"{location}: there is no {DEFAULT_NAMES[0]} in it")
        given = found
    if not given.is_file():
        raise InvalidInputError(f"{location}: there is no such file; give a template.yaml or its folder")
    return folder_snapshot(str(given.parent)), given.name
