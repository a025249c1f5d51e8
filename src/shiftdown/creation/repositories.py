"""New repositories from templates."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pydantic import Field, JsonValue

from shiftdown.creation.engines import Engines, Renderable, complete, missing
from shiftdown.creation.rendered import Mode, Rendered
from shiftdown.creation.targets import Forges, Target, target_of
from shiftdown.errors import InvalidInputError
from shiftdown.forges.repository_maker import Visibility
from shiftdown.git import GitOptions, Identity
from shiftdown.git.commits import signed_off
from shiftdown.git.new_repository import FirstCommit
from shiftdown.git.temporary import File, scratch
from shiftdown.model.base import Model
from shiftdown.scaffolder.action import Effect
from shiftdown.scaffolder.origin import RECORD, REFERENCE, Origin, TemplateSource, write_origin
from shiftdown.scaffolder.questions import Question
from shiftdown.scaffolder.runner import LogEvent

KINDS: Mapping[str, frozenset[str]] = {
    "service": frozenset({"service", "backend", "api", "microservice", "grpc"}),
    "library": frozenset({"library", "package", "module"}),
    "website": frozenset({"website", "frontend", "app", "web"}),
    "infrastructure": frozenset({"infrastructure", "resource", "terraform", "terraform-module"}),
    "pipeline": frozenset({"pipeline", "data-pipeline"}),
}
"""The kinds that `shiftdown new` knows, and the values of a template's `spec.type` that mean them."""


class Created(Model):
    """A repository that was created, or in a dry-run would be."""

    name: str
    """Its name."""
    template: str
    """The template, as it is remembered: `golden-path:node-api`, or URL or path."""
    version: str | None
    """The version of the template, where it says one."""
    path: str
    """Where it is: its folder, or its URL on a forge."""
    url: str | None = None
    """Where people and git find it on a forge; `None` for a folder."""
    files: tuple[str, ...]
    """The paths of its files, sorted."""
    commit: str | None
    """Its one commit; `None` in a dry-run."""
    outputs: Mapping[str, JsonValue] = Field(default_factory=dict)
    """What the template gives besides files."""
    effects: tuple[Effect, ...] = ()
    """What was done outside of it, or would be."""
    dry_run: bool = False
    """Whether nothing was done."""


class Draft:
    """A template that is about to become a repository."""

    def __init__(self, template: Renderable, creation: "Creation") -> None:
        self._template = template
        self._creation = creation

    @property
    def source(self) -> TemplateSource:
        """The template."""
        return self._template.source

    def check_kind(self, kind: str) -> None:
        """See that the template makes a thing of that kind.

        Raises:
            InvalidInputError: it makes something else.
        """
        made = self._template.kind
        if made is not None and made != kind and made not in KINDS.get(kind, ()):
            fitting = next((k for k, types in KINDS.items() if made in types), made)
            raise InvalidInputError(
                f"{self.source.name} makes {_a(made)}, not {_a(kind)}: use `shiftdown new {fitting}`"
            )

    def values(
        self, name: str, texts: Mapping[str, str], values: Mapping[str, Any], *, owner: str | None = None
    ) -> dict[str, Any]:
        """The parameters: those given, those that texts mean by their schema, and the template's defaults.

        The name is a parameter of templates that have one of that name.

        Raises:
            InvalidInputError: a text means no value that the template allows, or it has no such parameter.
        """
        asked = {**texts} | ({} if owner is None else {"owner": owner})
        if any(q.name == "name" for q in self._template.questions(values)):
            asked["name"] = name
        return complete(self._template, values, asked)

    def missing(self, values: Mapping[str, Any]) -> list[Question]:
        """The parameters that the template needs and that have no value yet."""
        return missing(self._template, values)

    def missing_secrets(self, secrets: Mapping[str, str]) -> list[str]:
        """The secrets that the template needs and that are not given yet."""
        return self._template.missing_secrets(secrets)

    def create(
        self,
        name: str,
        values: Mapping[str, Any],
        target: Target,
        *,
        secrets: Mapping[str, str] | None = None,
        dry_run: bool = False,
        on_event: Callable[[LogEvent], None] = lambda _: None,
    ) -> Created:
        """Run the template, and put what it makes under git at `target`: all of it or nothing.

        On a forge, a repository is made first, and stays without a commit when its commit does not get there: again, it
        is finished.

        Raises:
            ParametersError: the template does not accept the values.
            InvalidInputError: something is at the target already, or the template publishes by itself.
            NotFoundError: the forge has no such owner.
            StepFailedError: a step failed.
            RepositoryError: the repository cannot be made, or its commit does not get there.
        """
        if target.url is not None and self._template.publishes:
            raise InvalidInputError(
                f"{self.source.name} publishes by itself ({', '.join(self._template.publishes)}), and would make a "
                "repository beside this one: run it with `shiftdown templates run`, or leave --publish out"
            )
        self._template.check(values, secrets or {})
        target.check()
        mode = Mode.DRY_RUN if dry_run else Mode.REAL
        rendered = self._template.render(values, secrets or {}, mode, on_event=on_event)
        return self._creation.put(self._template, name, values, rendered, target, dry_run=dry_run)


class Creation:
    """Creates repositories from templates."""

    def __init__(
        self,
        engines: Engines,
        forges: Forges,
        *,
        author: Callable[[], Identity],
        clock: Callable[[], datetime],
        options: GitOptions,
    ) -> None:
        self._engines = engines
        self._forges = forges
        self._author = author
        self._clock = clock
        self._options = options

    @contextmanager
    def draft(self, template: str, *, version: str | None = None) -> Iterator[Draft]:
        """Open a template: the name of a golden path, a folder or file, or a URL.

        Raises:
            NotFoundError: there is no such template.
            TemplateError: it is not valid.
        """
        with self._engines.open(self._engines.place(template), version) as opened:
            yield Draft(opened, self)

    def target(
        self, name: str, *, to: str | None = None, publish: str | None = None, visibility: Visibility | None = None
    ) -> Target:
        """Where a repository goes. Nothing is asked or changed. See `target_of`."""
        return target_of(name, to=to, publish=publish, visibility=visibility, forges=self._forges)

    def create(
        self,
        template: str,
        name: str,
        parameters: Mapping[str, Any],
        *,
        to: str | None = None,
        publish: str | None = None,
        visibility: Visibility | None = None,
        secrets: Mapping[str, str] | None = None,
        version: str | None = None,
        dry_run: bool = False,
    ) -> Created:
        """Make a repository from a template, with one commit: all of it or nothing.

        Args:
            template: the name of a golden path, a folder or file, or a URL.
            name: what the repository is called; the parameter `name`, where the template has one.
            parameters: the other parameters; what is not given has the form's default.
            to: the folder that it goes to, which must not exist or be empty; default `name` in the working directory.
            publish: instead, the path of a bare repository, or its address on a forge: `github.com/acme/orders`.
            visibility: who sees it on a forge; default those with a role in it.
            secrets: the secrets.
            version: a branch, tag or commit of the template's repository; default the newest.
            dry_run: whether nothing is made.

        Raises:
            ShiftdownError: as `target`, `draft` and `Draft.create`.
        """
        target = self.target(name, to=to, publish=publish, visibility=visibility)
        with self.draft(template, version=version) as draft:
            values = draft.values(name, {}, parameters)
            return draft.create(name, values, target, secrets=secrets, dry_run=dry_run)

    def put(
        self,
        template: Renderable,
        name: str,
        values: Mapping[str, Any],
        rendered: Rendered,
        target: Target,
        *,
        dry_run: bool,
    ) -> Created:
        """Put what a template made under git, with the record of where it comes from. Raises as `Draft.create`."""
        source = template.source
        files = [*rendered.files, self._record(template, values, rendered.files)]
        author = self._author()
        message = f"Create {name} from {source.label}\n"
        if self._options.sign_off:
            message = signed_off(message, author)
        first = FirstCommit(message, author, self._clock(), target.branch, (REFERENCE,))
        description = template.remembered(values).get("description")
        words = description if isinstance(description, str) else None
        made = Effect(
            action="shiftdown:new",
            kind="repository",
            target=target.place,
            details={**target.details, "message": message.strip(), "author": str(author)},
        )
        commit = None if dry_run else target.put(files, first, words)
        return Created(
            name=name,
            template=source.location,
            version=source.version,
            path=target.place,
            url=target.url,
            files=tuple(sorted(f.path for f in files)),
            commit=commit,
            outputs=rendered.output,
            effects=(*rendered.effects, made),
            dry_run=dry_run,
        )

    def record(self, location: str, parameters: Mapping[str, Any], files: Sequence[File], folder: str) -> File:
        """The record of a repository that a task makes of files, from a folder of its workspace. Raises as `draft`."""
        with self._engines.open(self._engines.place(location)) as template:
            return self._record(template, template.complete(parameters, {}), files, folder)

    def _record(self, template: Renderable, values: Mapping[str, Any], files: Sequence[File], folder: str = "") -> File:
        with scratch(self._options) as workshop:
            tree = workshop.tree(files)
        kept = template.remembered(values)
        return File(RECORD, write_origin(Origin(template=template.source, parameters=kept, folder=folder, tree=tree)))


def _a(noun: str) -> str:
    return f"{'an' if noun.startswith(tuple('aeiou')) else 'a'} {noun}"
