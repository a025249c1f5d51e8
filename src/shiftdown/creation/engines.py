"""What renders templates: one class for each kind of template, all alike to whoever creates or updates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol

from shiftdown.creation.foreign_engines import CookiecutterTemplate, CopierTemplate
from shiftdown.creation.places import Found, Place, Places, source_of
from shiftdown.creation.rendered import Mode, Rendered
from shiftdown.creation.templates import Templates
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.git.temporary import File
from shiftdown.scaffolder.action import Action, ActionContext, NoInput
from shiftdown.scaffolder.action import action as make_action
from shiftdown.scaffolder.origin import RECORD, Engine, TemplateSource, remembered
from shiftdown.scaffolder.parameters import check_parameters, check_secrets, with_defaults
from shiftdown.scaffolder.questions import Question, questions, typed
from shiftdown.scaffolder.runner import LogEvent, RunInput, Runner
from shiftdown.scaffolder.work import unknown_action
from shiftdown.scaffolder.workspace import Workspace

_WITHOUT_FILES = ("publish:", "github:", "gitlab:", "catalog:register", "debug:", "program:")
"""What the ids of actions begin with that make no files."""
_CHANGE_REQUESTS = (":pull-request", ":merge-request")
"""What the ids of actions end with that publish to a repository that is there."""


class Renderable(Protocol):
    """A template at one version that can be asked and rendered."""

    source: TemplateSource
    """What a repository remembers of it."""
    kind: str | None
    """What it makes: "service", "library", …; `None` where it does not say."""
    publishes: Sequence[str]
    """The ids of those of its actions that make a repository."""

    def complete(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
        """All values: given ones, those that texts mean, and defaults. Raises `InvalidInputError`."""
        ...

    def questions(self, values: Mapping[str, Any]) -> list[Question]:
        """Every parameter that applies when some values are given."""
        ...

    def missing_secrets(self, secrets: Mapping[str, str]) -> list[str]:
        """The names of the secrets that it needs and that are not given."""
        ...

    def check(self, values: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        """See that it accepts them. Raises `ParametersError`."""
        ...

    def remembered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values that a repository remembers: never a secret."""
        ...

    def render(
        self,
        values: Mapping[str, Any],
        secrets: Mapping[str, str],
        mode: Mode,
        *,
        on_event: Callable[[LogEvent], None] = lambda _: None,
    ) -> Rendered:
        """Make its files. Raises `ShiftdownError`."""
        ...


class BackstageTemplate:
    """A `template.yaml`."""

    def __init__(self, found: Found, templates: Templates, new_id: Callable[[], str]) -> None:
        self._loaded = templates.parse(found.root, found.file)
        self._template = self._loaded.template
        self._templates = templates
        self._new_id = new_id
        metadata = self._template.metadata
        self.source = source_of(found, name=metadata.name, version=self._template.version)
        self.kind: str | None = self._template.spec.type
        self.publishes: Sequence[str] = [s.action for s in self._template.steps if _makes_repository(s.action)]

    def complete(self, values: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
        """See `Renderable`: in the order of the form, so that equal values render alike however they were given."""
        found = with_defaults(self._template, typed(self._template, values, texts))
        order = {q.name: number for number, q in enumerate(self.questions(found))}
        return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))

    def questions(self, values: Mapping[str, Any]) -> list[Question]:
        """See `Renderable`."""
        return questions(self._template, values)

    def missing_secrets(self, secrets: Mapping[str, str]) -> list[str]:
        """See `Renderable`."""
        schema = (self._template.spec.secrets and self._template.spec.secrets.definition) or {}
        required = schema.get("required")
        return [n for n in required if n not in secrets] if isinstance(required, list) else []

    def check(self, values: Mapping[str, Any], secrets: Mapping[str, str]) -> None:
        """See `Renderable`."""
        check_parameters(self._template, values)
        check_secrets(self._template, secrets)

    def remembered(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """See `Renderable`."""
        return remembered(self._template, values)

    def render(
        self,
        values: Mapping[str, Any],
        secrets: Mapping[str, str],
        mode: Mode,
        *,
        on_event: Callable[[LogEvent], None] = lambda _: None,
    ) -> Rendered:
        """See `Renderable`."""
        self.check(values, secrets)
        run = RunInput(
            template=self._template,
            parameters=values,
            task_id=self._new_id(),
            secrets=secrets,
            dry_run=mode is not Mode.REAL,
            template_ref=self._template.ref,
        )
        host = self._templates.host(self._loaded)
        notes: tuple[str, ...] = ()
        if mode is Mode.AGAIN:
            actions = {s.action: self._again(s.action) for s in self._template.steps}
            host, notes = replace(host, actions=actions), _notes(actions)
        runner = Runner(run, host, on_event=on_event)
        output = runner.execute()
        return Rendered(files_of(runner.progress.workspace), output, tuple(runner.progress.effects), notes)

    def _again(self, id_: str) -> Action:
        """An action as it is run to compare files: what fetches makes files only; what publishes is skipped.

        Raises:
            NotFoundError: it is not installed and may make files: they would seem to be deleted.
        """
        action = self._templates.actions.get(id_)
        if id_.startswith(_WITHOUT_FILES):
            return _NOTHING
        if action is None:
            raise unknown_action(id_, self._templates.actions)
        return replace(action, dry_run=True) if id_.startswith("fetch:") else action


def _makes_repository(id_: str) -> bool:
    makes = id_.startswith("publish:") and not id_.endswith(_CHANGE_REQUESTS)
    return makes or id_ in ("github:repo:create", "github:repo:push")


def _notes(actions: Mapping[str, Action]) -> tuple[str, ...]:
    """What to tell about actions that a dry-run skips."""
    silent = [id_ for id_, action in actions.items() if not action.dry_run and action is not _NOTHING]
    return tuple(f"`{id_}` was left out, since it has no dry-run: files that it makes are missing" for id_ in silent)


@make_action("shiftdown:nothing", title="Do nothing", dry_run=False)
def _NOTHING(given: NoInput, context: ActionContext) -> None:  # noqa: N802 - a constant, made by the decorator
    """Stand in for an action that publishes."""


class MissingParametersError(InvalidInputError):
    """A template needs parameters that nobody gave."""

    def __init__(self, template: str, questions: Sequence[Question]) -> None:
        self.template = template
        """The template."""
        self.questions = tuple(questions)
        """What is missing."""
        names = ", ".join(f"--set {q.name}=…" for q in questions)
        super().__init__(f"{template} needs parameters that this repository does not remember: {names}")


Ask = Callable[[str, Sequence[Question]], Mapping[str, Any]]
"""Asks a person, for a repository, and gives values by name; none when nobody answers."""


def complete(template: Renderable, given: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """All values: given ones, those that texts mean, and defaults.

    Raises:
        InvalidInputError: a text means no value that the template allows, or it has no such parameter.
    """
    values = template.complete(given, texts)
    known = {q.name for q in template.questions(values)}
    if unknown := [n for n in texts if n not in known]:
        listed = ", ".join(sorted(known)) or "none"
        raise InvalidInputError(f"{template.source.name} has no parameter {', '.join(unknown)}; it has: {listed}")
    return values


def complete_asking(
    template: Renderable, given: Mapping[str, Any], texts: Mapping[str, str], ask: Ask, repository: str
) -> dict[str, Any]:
    """The same, where a person is asked for what is missing. Raises `MissingParametersError` when nobody answers."""
    values = complete(template, given, texts)
    while open_ := missing(template, values):
        answers = ask(repository, open_)
        if not answers:
            raise MissingParametersError(template.source.label, open_)
        values = template.complete({**values, **answers}, {})
    return values


def missing(template: Renderable, values: Mapping[str, Any]) -> list[Question]:
    """The parameters that a template needs and that have no value."""
    return [q for q in template.questions(values) if q.required and values.get(q.name) is None]


class Engines:
    """Opens templates, whatever renders them."""

    def __init__(self, places: Places, templates: Templates, new_id: Callable[[], str]) -> None:
        self._places = places
        self._templates = templates
        self._new_id = new_id

    def place(self, text: str) -> Place:
        """What a person means by a text. Raises as `Places.place`."""
        return self._places.place(text)

    @contextmanager
    def open(self, place: Place, version: str | None = None) -> Iterator[Renderable]:
        """A template, at a version as of `Places.open`.

        Raises:
            NotFoundError: there is no template, or no such version.
            TemplateError: it is not valid.
            InvalidInputError: what renders it is not installed.
        """
        with self._places.open(place, version=version) as found:
            template = self._renderable(found)
            own = template.source.version
            if version is not None and found.commit is None and own not in (version, version.removeprefix("v")):
                raise NotFoundError(f"version of {template.source.name}", version, f"only {own or 'one'} is there")
            yield template

    def _renderable(self, found: Found) -> Renderable:
        match found.engine:
            case Engine.COOKIECUTTER:
                return CookiecutterTemplate(found)
            case Engine.COPIER:
                return CopierTemplate(found)
            case Engine.BACKSTAGE:
                return BackstageTemplate(found, self._templates, self._new_id)


def files_of(workspace: Workspace) -> list[File]:
    """Every file and symbolic link of a workspace but the record."""
    return [File(e.path, workspace.read(e.path), e.kind) for e in workspace.entries() if e.path != RECORD]
