"""Day two: newer versions of its template reach a repository as three-way merged change requests."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from shiftdown.creation.engines import Ask, Engines, Renderable, complete_asking
from shiftdown.creation.places import Place, place_of
from shiftdown.creation.proposals import ATTEMPTS, TemplateChange, TemplateProposer, beside
from shiftdown.creation.rendered import Mode, Rendered, belonging
from shiftdown.creation.update_text import UpdateWords, update_message, update_text
from shiftdown.delivery import BranchHeldError, ClosedError, Delivery
from shiftdown.errors import NotFoundError, RepositoryError, ShiftdownError
from shiftdown.forges.delivery import despite_others
from shiftdown.forges.proposal import Proposed
from shiftdown.git import GitOptions, GitRepository, Head
from shiftdown.git.commits import signed_off
from shiftdown.git.temporary import File, TemporaryRepository
from shiftdown.model import ChangeRequest
from shiftdown.model.base import Model
from shiftdown.scaffolder.origin import RECORD, REFERENCE, Origin, TemplateSource, parse_origin, write_origin
from shiftdown.scaffolder.parameters import ParametersError

log = logging.getLogger(__name__)

UPDATE = "UPDATE_FROM_TEMPLATE"
"""The type of change under which the registry keeps updates."""
BRANCH = "shiftdown/update-from-template"
"""The branch of updates."""


class UpdateOutcome(StrEnum):
    """What became of a repository."""

    OPENED = "OPENED"
    """A change request was opened."""
    UPDATED = "UPDATED"
    """The open change request was brought up to date."""
    UNCHANGED = "UNCHANGED"
    """The open change request is up to date."""
    UP_TO_DATE = "UP_TO_DATE"
    """The repository is at that version already."""
    LEFT_ALONE = "LEFT_ALONE"
    """A person decided or changed something; the reason says what."""
    NOT_APPLICABLE = "NOT_APPLICABLE"
    """The repository remembers no template."""
    FAILED = "FAILED"
    """An error; the reason is its message."""


class UpdateConflict(Model):
    """A file that could not be merged."""

    path: str
    """The file."""
    kind: str
    """What git calls it: "contents", "modify/delete", "binary", …"""
    message: str
    """What git says about it."""


class UpdateResult(Model):
    """What an update or adoption did with one repository."""

    repository: str
    """The repository, as its location is known."""
    outcome: UpdateOutcome
    """What was done."""
    template: str | None = None
    """Name of the template."""
    before: str | None = None
    """The version, or the commit of the template, that the repository is at."""
    after: str | None = None
    """The one that it comes to."""
    conflicts: tuple[UpdateConflict, ...] = ()
    """What could not be merged; the change request is a draft then."""
    notes: tuple[str, ...] = ()
    """What a person should look at."""
    reason: str | None = None
    """Why, where the outcome alone does not say."""
    change_request: ChangeRequest | None = None
    """The change request, where there is one."""


class NoRecordError(NotFoundError):
    """A repository that remembers no template."""


class NoBaseError(RepositoryError):
    """What the template made at the version of the repository can no longer be found out."""


@dataclass(frozen=True)
class UpdateRequest:
    """What is wanted of an update."""

    version: str | None = None
    """The version to come to: a branch, tag or commit of the template's repository; `None` is the newest."""
    template: str | None = None
    """Where the template is now, when it has moved."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Parameters to change or add, as texts that are read by their schema."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The same as values."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets that the template needs."""


class Updates:
    """Updates repositories from their templates."""

    def __init__(
        self, engines: Engines, delivery: Callable[[], Delivery], options: Callable[[str], GitOptions]
    ) -> None:
        self._engines = engines
        self._delivery = delivery
        self._options = options

    def update(
        self,
        repositories: Sequence[str],
        request: UpdateRequest | None = None,
        *,
        ask: Ask = lambda _, __: {},
        workers: int = 4,
        on_result: Callable[[UpdateResult], None] = lambda _: None,
    ) -> list[UpdateResult]:
        """Propose a newer version of its template to each repository, `workers` at a time; results in their order.

        An error with one repository is its result; the others go on.

        Args:
            repositories: paths and URLs of repositories.
            request: what is wanted; default the newest version.
            ask: asks for parameters that are new.
            workers: how many repositories at the same time.
            on_result: called with each result as it comes.
        """
        delivery, wanted = self._delivery(), request or UpdateRequest()
        delivery.author()  # Before anything is done: nobody may be configured.
        ordered = list(dict.fromkeys(repositories))
        done: dict[str, UpdateResult] = {}
        with ThreadPoolExecutor(max_workers=workers) as pool:
            jobs = {pool.submit(self._safely, delivery, one, wanted, ask): one for one in ordered}
            for job in as_completed(jobs):
                done[jobs[job]] = job.result()
                on_result(job.result())
        return [done[one] for one in ordered]

    def _safely(self, delivery: Delivery, location: str, request: UpdateRequest, ask: Ask) -> UpdateResult:
        try:
            with delivery.open_repository(location) as git:
                return despite_others(lambda: self._one(delivery, git, request, ask), times=ATTEMPTS)
        except (BranchHeldError, ClosedError) as error:
            return UpdateResult(repository=location, outcome=UpdateOutcome.LEFT_ALONE, reason=str(error))
        except NoRecordError as error:
            return UpdateResult(repository=location, outcome=UpdateOutcome.NOT_APPLICABLE, reason=str(error))
        except ShiftdownError as error:
            return UpdateResult(repository=location, outcome=UpdateOutcome.FAILED, reason=str(error))
        except Exception as error:
            log.exception("update of %s", location)
            reason = f"unexpected {type(error).__name__}: {error}"
            return UpdateResult(repository=location, outcome=UpdateOutcome.FAILED, reason=reason)

    def _one(self, delivery: Delivery, git: GitRepository, request: UpdateRequest, ask: Ask) -> UpdateResult:
        head = git.head()
        origin = origin_of(git, head)
        options = self._options(git.location)
        with beside(delivery, git, head, options) as workshop:
            update = _Update(self._engines, delivery, workshop, git, head, origin)
            new, notes = update.newest(request, ask)
            labels = {"template": new.template.name, "before": _version(origin), "after": _version(new)}
            if same(origin, new):
                repository = delivery.registry.ensure_repository(git.location)
                delivery.withdraw(repository, UPDATE, "The repository is at that version already.")
                return UpdateResult(repository=git.location, outcome=UpdateOutcome.UP_TO_DATE, **labels)
            proposed, words = update.propose(new, notes, options)
        return UpdateResult(
            repository=git.location,
            outcome=UpdateOutcome(proposed.outcome),
            conflicts=tuple(UpdateConflict(path=c.path, kind=c.kind, message=c.message) for c in words.conflicts),
            notes=tuple(words.notes),
            change_request=proposed.change_request,
            **labels,
        )


class _Update:
    """The update of one repository."""

    def __init__(
        self,
        engines: Engines,
        delivery: Delivery,
        workshop: TemporaryRepository,
        git: GitRepository,
        head: Head,
        origin: Origin,
    ) -> None:
        self._engines = engines
        self._delivery = delivery
        self._workshop = workshop
        self._git = git
        self._head = head
        self._origin = origin

    def newest(self, request: UpdateRequest, ask: Ask) -> tuple[Origin, Sequence[str]]:
        """The record that the repository comes to, and what to tell about it."""
        place = self._engines.place(request.template) if request.template else place_of(self._origin.template)
        with self._engines.open(place, request.version) as template:
            values = self._values(template, request, ask)
            rendered = template.render(values, request.secrets, Mode.AGAIN)
            tree = self._tree(rendered)
            source = template.source
            if source.version is None and request.version and source.commit != request.version:
                source = source.model_copy(update={"version": request.version})
            kept = {"template": source, "parameters": template.remembered(values), "tree": tree}
            return self._origin.model_copy(update=kept), rendered.notes

    def propose(self, new: Origin, told: Sequence[str], options: GitOptions) -> tuple[Proposed, UpdateWords]:
        """Merge, and propose what comes out."""
        base, base_commit, notes = self._base()
        present = self._workshop.tree_of(self._head.commit)
        ours = self._workshop.edited(present, {RECORD: None})
        merge = self._workshop.merge(base, ours, new.tree)
        record = {RECORD: File(RECORD, write_origin(new))}
        tree = self._workshop.edited(merge.tree, record)
        words = UpdateWords(
            before=self._origin.template,
            after=new.template,
            changed=self._workshop.differences(present, tree),
            conflicts=merge.conflicts,
            parameters=[n for n, v in new.parameters.items() if self._origin.parameters.get(n) != v],
            notes=[*notes, *told],
        )
        message = update_message(words, UPDATE)
        proposal = TemplateChange(
            type=UPDATE,
            branch=BRANCH,
            message=signed_off(message, self._delivery.author()) if options.sign_off else message,
            text=update_text(words),
            tree=tree,
            template_tree=self._workshop.edited(new.tree, record),
            draft=bool(merge.conflicts),
        )
        proposer = TemplateProposer(self._delivery, self._git, self._workshop, self._head, base_commit)
        proposed = proposer.propose(proposal)
        return proposed, replace(words, notes=[*words.notes, *proposer.notes])

    def _tree(self, rendered: Rendered) -> str:
        """The tree of what a template made for the repository."""
        files = rendered.below(self._origin.folder)
        return self._workshop.tree(belonging(files, self._workshop, self._git.snapshot(self._head.commit)))

    def _values(self, template: Renderable, request: UpdateRequest, ask: Ask) -> dict[str, Any]:
        """The remembered parameters, with what was given and asked for."""
        given = {**self._origin.parameters, **request.values}
        values = complete_asking(template, given, request.texts, ask, self._git.location)
        try:
            template.check(values, request.secrets)
        except ParametersError:
            known = {q.name for q in template.questions(values)}
            values = {name: value for name, value in values.items() if name in known}
            template.check(values, request.secrets)
        return values

    def _base(self) -> tuple[str, str | None, list[str]]:
        """What the template made for the record: its tree, the commit that has it, and what to tell about it.

        Looked for where it is certain first: the commits that `REFERENCE` keeps, then the history of the repository
        (its first commit is what the template made), each told by the id of the tree. Else it is rendered again.

        Raises:
            NoBaseError: it cannot be found out.
        """
        kept = self._workshop.references([REFERENCE]).tips.get(REFERENCE)
        for start in filter(None, (kept, self._head.commit)):
            for commit in self._workshop.history(start, RECORD):
                tree = self._workshop.edited(self._workshop.tree_of(commit), {RECORD: None})
                if tree == self._origin.tree:
                    return tree, commit, []
        tree = self._rendered_again()
        if tree == self._origin.tree:
            return tree, None, []
        note = (
            "What the template made at first is not kept, and rendering it again gave something slightly different "
            "(another version of shiftdown, say): more may show as a conflict than is one."
        )
        return tree, None, [note]

    def _rendered_again(self) -> str:
        source = self._origin.template
        problem = f"{source.label} of {source.location} is gone"
        try:
            with self._engines.open(_at_commit(source), source.commit) as template:
                known = source.commit is not None or template.source.version == source.version is not None
                if known:
                    values = template.complete(self._origin.parameters, {})
                    rendered = template.render(values, {}, Mode.AGAIN)
                    return self._tree(rendered)
                problem = f"only {template.source.label} is at {source.location}, not {source.label}"
        except ShiftdownError as error:
            problem = str(error)
        raise NoBaseError(
            self._git.location,
            f"what its template made for it is neither kept by {REFERENCE} nor in its history, and cannot be rendered "
            f"again: {problem}. Fetch {REFERENCE} from the repository that has it; or delete {RECORD}, and "
            "`shiftdown adopt` the version that it is at",
        )


def origin_of(git: GitRepository, head: Head) -> Origin:
    """What a repository remembers of its template.

    Raises:
        NoRecordError: it remembers none.
        OriginError: its record cannot be used.
    """
    snapshot = git.snapshot(head.commit)
    if not snapshot.is_file(RECORD):
        hint = f"{git.location} has no {RECORD}; `shiftdown adopt` records where it comes from"
        raise NoRecordError("record of a template in", git.name, hint)
    return parse_origin(snapshot.read(RECORD), git.location)


def same(present: Origin, wanted: Origin) -> bool:
    """Whether a repository is at the wanted version: equal files, parameters and place, and no other version's name."""
    here, there = present.template, wanted.template
    named = {"commit": None, "version": here.version if there.version is None else there.version}
    return (
        present.tree == wanted.tree
        and dict(present.parameters) == dict(wanted.parameters)
        and here.model_copy(update={"commit": None}) == there.model_copy(update=named)
    )


def _at_commit(source: TemplateSource) -> Place:
    return replace(place_of(source), ref=None) if source.commit else place_of(source)


def _version(origin: Origin) -> str | None:
    return origin.template.version or origin.template.commit
