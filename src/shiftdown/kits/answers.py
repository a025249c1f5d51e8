"""Three answers: CI does something, it does not, or that cannot be told.

Yes has evidence. No means that everything that runs on changes was understood, or is for something else. Where
something opaque may do it, the answer names the places; a transformation then adds nothing beside them unless it is
asked to go ahead all the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from shiftdown.kits.reading import text_of
from shiftdown.kits.stage import pipelines_of
from shiftdown.model.base import DescribedModel
from shiftdown.pipelines import Opaque, dialects, opaque_on_changes
from shiftdown.pipelines.hints import WORK
from shiftdown.repository import Evidence, Snapshot
from shiftdown.repository.detect import stack_of
from shiftdown.repository.stack import Component, Purpose
from shiftdown.transformations import NotApplicable

T = TypeVar("T")

_LIVING = frozenset(
    ("circleci", "appveyor", "cirrus", "jenkins", "azure-pipelines", "buildkite", "bitbucket-pipelines", "woodpecker")
)
"""CI systems that often work beside the one that can be read."""


class StageParams(DescribedModel):
    """What may be asked of every type that adds to a pipeline."""

    despite_unknown: bool = False
    """Whether to go ahead where it cannot be told what a pipeline that is there does: what only may be done by a called
    workflow elsewhere, an unknown program or another CI system then counts as not done."""


@dataclass(frozen=True)
class Answer:
    """Whether CI does something on every change."""

    evidence: Evidence | None = None
    """Where it does: the answer is yes."""
    opaque: tuple[Opaque, ...] = ()
    """What may do it, where nothing is known to: it cannot be told."""

    @property
    def known(self) -> bool:
        """Whether the answer is yes or no."""
        return self.evidence is not None or not self.opaque


def answered(
    repo: Snapshot, evidence: Evidence | None, purposes: Iterable[Purpose], component: Component | None = None
) -> Answer:
    """Yes with `evidence`; without it no, or that it cannot be told where something opaque may serve a purpose.

    Args:
        repo: The repository.
        evidence: Where CI does it, as far as that is known.
        purposes: What is asked for.
        component: For which component; by default for any.
    """
    if evidence is not None:
        return Answer(evidence)
    wanted = tuple(purposes)
    directory = component.path if component else ""
    found = [
        *opaque_on_changes(pipelines_of(repo), directory=directory, default_branch=repo.default_branch),
        *_beside(repo),
    ]
    return Answer(opaque=tuple(dict.fromkeys(o for o in found if any(o.may(p, component) for p in wanted))))


def _beside(repo: Snapshot) -> Iterator[Opaque]:
    """What may look at changes beside the pipelines that can be read: another CI system, pre-commit.ci."""
    if not pipelines_of(repo):
        return
    read = {dialect.key for dialect in dialects()}
    for ci in stack_of(repo).ci:
        if ci.value not in read and ci.value in _LIVING:
            what = f"configures {ci.value}, which cannot be read"
            yield Opaque(path=ci.evidence.path or "", line=ci.evidence.line, what=what, hints=WORK)
    lines = text_of(repo, ".pre-commit-config.yaml").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if re.match(r"ci\s*:", text)), None)
    if line is not None:
        what = "configures pre-commit.ci, which runs the hooks by itself"
        yield Opaque(path=".pre-commit-config.yaml", line=line, what=what, hints=(Purpose.LINT, Purpose.FORMAT))


def undone(answers: Mapping[T, Answer], params: StageParams) -> list[T]:
    """What CI does not do, and a transformation may add.

    Raises:
        NotApplicable: of something it cannot be told; names the places. Not with `despite_unknown`.
    """
    left = {key: answer for key, answer in answers.items() if answer.evidence is None}
    if (places := places_of(left.values())) and not params.despite_unknown:
        raise NotApplicable(
            f"{told(places)}; if it does none of this, ask for it with despite_unknown=true",
            *(o.evidence for o in places),
        )
    return list(left)


def places_of(answers: Iterable[Answer]) -> tuple[Opaque, ...]:
    """What is opaque, each once."""
    return tuple(dict.fromkeys(o for answer in answers for o in answer.opaque))


def told(places: tuple[Opaque, ...]) -> str:
    """A sentence about what is opaque, without a full stop."""
    first = str(places[0].evidence)
    others = len(places) - 1
    more = f" (and {others} {'others' if others > 1 else 'other'})" if others else ""
    return f"{first}{more}: what that does cannot be told"
