"""Programs: started from a playbook, found, steered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.extensions import Plugins
from shiftdown.model import (
    Activity,
    ActivityStatus,
    DevOpsPhase,
    DevOpsProgram,
    DORAMetrics,
    MaturityLevel,
    PhaseStatus,
    ProgramStatus,
    TransformationRecord,
    TransformationStatus,
)
from shiftdown.model.base import Parameters
from shiftdown.playbooks import (
    Playbook,
    builtin_playbooks,
    in_effect,
    own_parameters,
    parse_playbook,
    program_from,
    records_for,
)
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from shiftdown.registry import ProgramSummary, Registry


class Programs:
    """The programs of a registry. An id may be cut short as long as it names one only."""

    def __init__(
        self,
        registry: "Registry",
        plugins: Plugins,
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        locate: Callable[[str], str],
    ) -> None:
        self._registry = registry
        self._plugins = plugins
        self._clock = clock
        self._new_id = new_id
        self._locate = locate

    def playbooks(self) -> Mapping[str, Playbook]:
        """The playbooks that a program can start from, by name: ours, then those of plugins."""
        own = builtin_playbooks()
        return dict(own) | {n: parse_playbook(t, n) for n, t in self._plugins.playbooks.items() if n not in own}

    def start(
        self,
        *,
        playbook: str,
        name: str,
        organization: str,
        repositories: Iterable[str],
        description: str = "",
        baseline: DORAMetrics | None = None,
        current_maturity: MaturityLevel | None = None,
        target_maturity: MaturityLevel = MaturityLevel.ELITE,
        parameters: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> DevOpsProgram:
        """Start a program: its phases, a record for each type and repository, and its activities.

        Args:
            playbook: name of a playbook, or path of a file with one.
            name: name of the program.
            organization: name of the organisation; recorded when it is new.
            repositories: URLs or paths.
            description: what it is for.
            baseline: DORA metrics at the start; immutable.
            current_maturity: maturity at the start, where it was assessed.
            target_maturity: maturity to reach.
            parameters: values of parameters by type, over those of the organisation and the playbook.

        Raises:
            NotFoundError: there is no such playbook.
            InvalidInputError: the playbook or a parameter is invalid, or a repository cannot be used; nothing was
                recorded.
        """
        book = self._playbook(playbook)
        locations = list(dict.fromkeys(self._locate(r) for r in repositories))
        with self._registry.transaction():
            owner = self._registry.ensure_organization(organization)
            program = program_from(
                book,
                new_id=self._new_id,
                now=self._clock(),
                organization=owner,
                name=name,
                description=description,
                repositories=[self._registry.ensure_repository(x, owner.id) for x in locations],
                transformations=self._plugins.transformations,
                baseline=baseline,
                current_maturity=current_maturity,
                target_maturity=target_maturity,
                parameters=parameters or {},
            )
            return self._registry.create_program(program)

    def find(self, program: str) -> str:
        """The id of a program, by its id, the beginning of one, or its name.

        Raises:
            NotFoundError, AmbiguousIdError: there is none, or more than one.
        """
        named = self._registry.program_ids_named(program)
        return named[0] if len(named) == 1 else self._registry.find_program_id(program)

    def add_repository(self, program: str, repository: str) -> int:
        """Let a repository join a program: a record for each type of each phase, so that the next run includes it.

        Again: nothing is added.

        Returns:
            How many records were added.

        Raises:
            NotFoundError: there is no such program.
            InvalidInputError: it was cancelled, it is no repository, or a parameter cannot be used any more.
        """
        known = self.get(self.find(program))
        location, types = self._locate(repository), self._plugins.transformations
        with self._registry.transaction():
            found = self._registry.ensure_repository(location, known.organization_id)
            records = records_for(known, found, transformations=types, now=self._clock(), new_id=self._new_id)
            return self._registry.add_to_program(known.id, found.location, records)

    def set_parameters(self, id_: str, parameters: Mapping[str, Mapping[str, Any]]) -> DevOpsProgram:
        """Let a program say something else about parameters, in place of what it said so far.

        What did not apply with other parameters is PENDING again; what is verified is asked anew by the next `sync`.

        Args:
            id_: the program.
            parameters: values by type; what is left out is as the playbook says, else as the type's default.

        Raises:
            NotFoundError: there is no such program.
            InvalidInputError: a parameter is wrong, or of a type that is not in the program; nothing was recorded.
        """
        program, types = self.get(id_), self._plugins.transformations
        with self._registry.transaction():
            self._registry.set_program_parameters(program.id, own := own_parameters(program, parameters, types))
            for phase in program.phases:
                for record in phase.transformations:
                    values = in_effect(record.transformation_type, types, phase.parameters, own)
                    if values != record.parameters:
                        self._change(record, values)
        return self.get(program.id)

    def _change(self, record: TransformationRecord, parameters: Parameters) -> None:
        self._registry.change_record(record.id, parameters=parameters)
        if record.status is TransformationStatus.NOT_APPLICABLE:
            reason = f"its parameters have changed; before: {record.reason}"
            self._registry.set_record_status(record.id, TransformationStatus.PENDING, reason=reason)

    def list(self, *, after: str | None = None, limit: int | None = None) -> "Sequence[ProgramSummary]":
        """Programs with their progress, oldest first, without what is in their phases. All, or a page.

        `after` and `limit` as of `Registry.programs`, which also says what is raised.
        """
        return self._registry.programs(after=after, limit=limit)

    def get(self, id_: str) -> DevOpsProgram:
        """One program with everything in it. Raises `NotFoundError`."""
        return self._registry.program(self._registry.find_program_id(id_))

    def pause(self, id_: str) -> DevOpsProgram:
        """Pause it: nothing is run until it is resumed."""
        return self._set(id_, ProgramStatus.PAUSED)

    def resume(self, id_: str) -> DevOpsProgram:
        """Resume it."""
        return self._set(id_, ProgramStatus.ACTIVE)

    def cancel(self, id_: str) -> DevOpsProgram:
        """Cancel it for good. Open change requests are left open."""
        return self._set(id_, ProgramStatus.CANCELLED)

    def skip_phase(self, id_: str, order: int, *, reason: str) -> DevOpsProgram:
        """Leave a phase out."""
        phase = self.phase(self.get(id_), order)
        self._registry.skip_phase(phase.id, reason)
        return self.get(id_)

    def exempt(self, record: TransformationRecord, *, until: date, reason: str) -> TransformationRecord:
        """Leave one repository out of one transformation until the end of a day (UTC)."""
        return self._registry.set_record_status(
            record.id, TransformationStatus.EXEMPT, reason=reason, exempt_until=until
        )

    def set_activity(
        self,
        activity: Activity,
        status: ActivityStatus,
        *,
        assignee: str | None = None,
        evidence: Sequence[str] = (),
        reason: str | None = None,
    ) -> Activity:
        """Record who works on an activity, or that it is done and how that shows."""
        return self._registry.set_activity_status(
            activity.id, status, assignee=assignee, evidence=evidence or None, reason=reason
        )

    @staticmethod
    def phase(program: DevOpsProgram, order: int) -> DevOpsPhase:
        """The phase at a place. Raises `NotFoundError`."""
        found = next((p for p in program.phases if p.order == order), None)
        if found is None:
            raise NotFoundError("phase", str(order), f"{program.name} has the phases 1 to {len(program.phases)}")
        return found

    @staticmethod
    def current_phase(program: DevOpsProgram) -> DevOpsPhase:
        """The first phase that is neither complete nor skipped, else the last one."""
        if not program.phases:
            raise NotFoundError("phase", "1", f"{program.name} has no phases")
        over = (PhaseStatus.COMPLETED, PhaseStatus.SKIPPED)
        return next((p for p in program.phases if p.status not in over), program.phases[-1])

    def begin(self, phase: DevOpsPhase, *, override: str | None) -> tuple[DevOpsProgram, DevOpsPhase]:
        """The program and phase as they are now, once it is certain that the phase may run.

        Raises:
            InvalidInputError: it may not; the message says why, and what to do.
        """
        program = self.get(phase.program_id)
        current = self.phase(program, phase.order)
        if program.status not in (ProgramStatus.ACTIVE, ProgramStatus.COMPLETED):
            raise InvalidInputError(f"program {program.name} ({program.id}) is {program.status}: resume or start one")
        if current.status is PhaseStatus.SKIPPED:
            raise InvalidInputError(f"phase {current.order} ({current.name}) is skipped: {current.skipped}")
        before = [p for p in program.phases if p.order < current.order]
        waiting = [p for p in before if p.status not in (PhaseStatus.COMPLETED, PhaseStatus.SKIPPED)]
        if waiting and current.override is None:
            if override is None:
                last = waiting[-1]
                raise InvalidInputError(
                    f"phase {current.order} ({current.name}) depends on phase {last.order} ({last.name}), which is "
                    f"{last.status}: complete or skip that one, or give a reason to start early (override)"
                )
            self._registry.override_phase(current.id, override)
        return program, current

    def left_out(self, program: DevOpsProgram, phase: DevOpsPhase) -> Sequence[TransformationRecord]:
        """What did not apply in other phases that are complete, of types that can be run and are not in `phase`."""
        types = self._plugins.transformations.keys() - set(phase.transformation_types)
        return [
            record
            for other in program.phases
            if other.order != phase.order and other.status is PhaseStatus.COMPLETED
            for record in other.transformations
            if record.status is TransformationStatus.NOT_APPLICABLE and record.transformation_type in types
        ]

    def following(self, program: DevOpsProgram) -> Callable[[str], Sequence[str]]:
        """What comes after a type in a program, for change requests: the next types, by title, at most four."""
        types = list(dict.fromkeys(t for p in program.phases for t in p.transformation_types))
        titles = {r.transformation_type: r.name for p in program.phases for r in p.transformations}

        def after(type_: str) -> Sequence[str]:
            rest = types[types.index(type_) + 1 :] if type_ in types else []
            return [f"{titles[t]} (`{t}`)" if titles.get(t, t) != t else f"`{t}`" for t in rest[:4]]

        return after

    def _set(self, id_: str, status: ProgramStatus) -> DevOpsProgram:
        program = self.get(id_)
        self._registry.set_program_status(program.id, status)
        return self.get(program.id)

    def _playbook(self, name: str) -> Playbook:
        known = self.playbooks()
        if name in known:
            return known[name]
        if name.endswith((".yaml", ".yml")) and (path := user_path(name)).is_file():
            try:
                return parse_playbook(path.read_text(encoding="utf-8"), name)
            except (OSError, UnicodeDecodeError) as error:
                raise InvalidInputError(f"{name}: cannot be read: {error}") from error
        raise NotFoundError("playbook", name, f"give a file (*.yaml), or one of {', '.join(known)}")
