"""Existing repositories are recorded as made from a template, so that updates work from there."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shiftdown.creation.engines import Ask, Engines, complete_asking
from shiftdown.creation.places import Place
from shiftdown.creation.proposals import ATTEMPTS, TemplateChange, TemplateProposer, beside
from shiftdown.creation.rendered import Mode, belonging
from shiftdown.creation.update_text import Fit, adopt_message, adopt_text
from shiftdown.creation.updates import UpdateOutcome, UpdateResult
from shiftdown.delivery import Delivery
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.forges.delivery import despite_others
from shiftdown.git import GitOptions, GitRepository, is_local
from shiftdown.git.commits import signed_off
from shiftdown.git.temporary import File, TemporaryRepository
from shiftdown.repository import Snapshot
from shiftdown.scaffolder.origin import RECORD, Origin, OriginError, write_origin
from shiftdown.scaffolder.origin_foreign import ForeignRecord, foreign_record

ADOPT = "ADOPT_TEMPLATE"
"""The type of change under which the registry keeps adoptions."""
BRANCH = "shiftdown/adopt-template"
"""The branch of adoptions."""
_CUT_SHORT = re.compile(r"^[0-9a-f]{7,39}$")


class NothingAlikeError(InvalidInputError):
    """No file of the repository is as the template makes it."""

    def __init__(self, repository: str, template: str, files: int) -> None:
        self.repository = repository
        """The repository."""
        self.template = template
        """The template."""
        self.files = files
        """How many files the template makes."""
        super().__init__(
            f"{repository}: none of the {files} files that {template} makes is there, not even with other contents; is "
            "it the right template, version and parameters?"
        )


@dataclass(frozen=True)
class AdoptRequest:
    """What a repository is to be recorded as."""

    template: str | None = None
    """The template; `None` for the one that cruft or copier recorded."""
    version: str | None = None
    """The version that the repository is at: a branch, tag or commit; default the recorded one, else the newest."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Parameters, as texts that are read by their schema."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """The same as values."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Secrets that the template needs."""


class Adoption:
    """Records where repositories come from."""

    def __init__(
        self, engines: Engines, delivery: Callable[[], Delivery], options: Callable[[str], GitOptions]
    ) -> None:
        self._engines = engines
        self._delivery = delivery
        self._options = options

    def adopt(self, location: str, request: AdoptRequest, *, ask: Ask = lambda _, __: {}) -> UpdateResult:
        """Propose the record of a template to a repository that has none.

        Raises:
            InvalidInputError: it has one already, nobody says which template, or nothing in it is alike.
            OriginError: what cruft or copier recorded cannot be used.
            BranchHeldError, ClosedError: a person decided or changed something.
            ShiftdownError: the template cannot be rendered.
        """
        delivery = self._delivery()
        with delivery.open_repository(location) as git:
            return despite_others(lambda: self._adopt(delivery, git, request, ask), times=ATTEMPTS)

    def _adopt(self, delivery: Delivery, git: GitRepository, request: AdoptRequest, ask: Ask) -> UpdateResult:
        head = git.head()
        with beside(delivery, git, head, self._options(git.location)) as workshop:
            return self._proposed(TemplateProposer(delivery, git, workshop, head), request, ask)

    def _proposed(self, proposer: TemplateProposer, request: AdoptRequest, ask: Ask) -> UpdateResult:
        git, workshop, head = proposer.git, proposer.workshop, proposer.head
        snapshot = git.snapshot(head.commit)
        if snapshot.exists(RECORD):
            raise InvalidInputError(f"{git.location}: has {RECORD} already: `shiftdown update` works from there")
        known = foreign_record(snapshot) if request.template is None else None
        place, version = self._place(git, request, known)
        with self._engines.open(place, version) as template:
            given = {**(known.parameters if known else {}), **request.values}
            values = complete_asking(template, given, request.texts, ask, git.location)
            rendered = template.render(values, request.secrets, Mode.AGAIN)
            source, parameters = template.source, template.remembered(values)
        if source.version is None and version is not None and version != source.commit:
            source = source.model_copy(update={"version": version})
        files = belonging(rendered.files, workshop, snapshot)
        tree, present = workshop.tree(files), workshop.tree_of(head.commit)
        fit = _fit([f.path for f in files], snapshot, workshop.differences(tree, present))
        if files and len(fit.absent) == len(files):
            raise NothingAlikeError(git.location, source.label, len(files))
        record = {RECORD: File(RECORD, write_origin(Origin(template=source, parameters=parameters, tree=tree)))}
        message = adopt_message(source, ADOPT)
        if self._options(git.location).sign_off:
            message = signed_off(message, proposer.delivery.author())
        proposal = TemplateChange(
            type=ADOPT,
            branch=BRANCH,
            message=message,
            text=adopt_text(source, fit, f"as `{known.file}` says" if known else "as was said when it was adopted"),
            tree=workshop.edited(present, record),
            template_tree=workshop.edited(tree, record),
            draft=False,
        )
        proposed = proposer.propose(proposal)
        return UpdateResult(
            repository=git.location,
            outcome=UpdateOutcome(proposed.outcome),
            template=source.name,
            after=source.version or source.commit,
            notes=(str(fit), *rendered.notes, *proposer.notes),
            change_request=proposed.change_request,
        )

    def _place(
        self, git: GitRepository, request: AdoptRequest, known: ForeignRecord | None
    ) -> tuple[Place, str | None]:
        """Where the template is, and the version that the repository is at."""
        if request.template is not None:
            return self._engines.place(request.template), request.version
        if known is None:
            raise InvalidInputError(
                f"{git.location}: has neither .cruft.json nor .copier-answers.yml: say with --template what made it"
            )
        try:
            place = self._engines.place(known.template)
        except NotFoundError as error:
            raise OriginError(git.name, f"{known.file} names a template that cannot be found: {error}") from error
        version = request.version or known.version
        return Place(place.location, known.folder or place.path, place.ref), version and self._full(place, version)

    def _full(self, place: Place, version: str) -> str:
        """A commit id that is cut short, in full; other names as they are."""
        if not _CUT_SHORT.match(version) or not is_local(place.location):
            return version
        with TemporaryRepository.at(place.location, self._options(place.location)) as workshop:
            return workshop.full_id(version) or version


def _fit(made: Sequence[str], present: Snapshot, differences: Sequence[tuple[str, str]]) -> Fit:
    """How what a template makes fits what is there."""
    entries, different = present.entries(), {path for _, path in differences}
    absent = tuple(sorted(p for p in made if p not in entries))
    changed = tuple(sorted(p for p in made if p in entries and p in different))
    return Fit(len(made) - len(absent) - len(changed), changed, absent)
