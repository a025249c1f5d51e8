"""The main job: program, plan, change requests, merge, sync, verified."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from shiftdown import DORAMetrics, PhaseStatus, PlanStatus, ProgramStatus, RunOutcome, Shiftdown, TransformationStatus
from shiftdown.errors import ConflictError, InvalidInputError, NotFoundError

from .conftest import Clock, git

Make = Callable[..., Path]


def start(sd: Shiftdown, *repositories: Path) -> str:
    program = sd.programs.start(
        playbook="mottos", name="Words", organization="acme", repositories=[str(r) for r in repositories]
    )
    return program.id


def statuses(sd: Shiftdown, program: str, order: int = 1) -> dict[str, str]:
    phase = sd.programs.phase(sd.programs.get(program), order)
    return {f"{Path(r.repository).name} {r.transformation_type}": r.status.value for r in phase.transformations}


def run(sd: Shiftdown, program: str, order: int = 1) -> dict[str, RunOutcome]:
    phase = sd.programs.phase(sd.programs.get(program), order)
    return {f"{Path(r.repository).name} {r.type}": r.outcome for r in sd.run(phase)}


def test_from_start_to_verified(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    program = sd.programs.get(start(sd, repository))
    assert program.status is ProgramStatus.ACTIVE
    assert [p.status for p in program.phases] == [PhaseStatus.PENDING, PhaseStatus.PENDING]

    plans = sd.plan(program.phases[0])
    assert [(p.type, p.status) for p in plans] == [("ADD_MOTTO", PlanStatus.CHANGES)]
    assert git(repository, "branch", "--list").split() == ["*", "main"]

    assert run(sd, program.id) == {
        "orders ADD_MOTTO": RunOutcome.OPENED,
        "orders ADD_CREDO": RunOutcome.NO_PLUGIN,
    }
    assert statuses(sd, program.id) == {"orders ADD_MOTTO": "IN_REVIEW", "orders ADD_CREDO": "PENDING"}
    (request,) = sd.change_requests.list()
    assert (request.branch, request.base, request.title) == ("shiftdown/add-motto", "main", "Add a motto")
    assert git(repository, "show", "--no-patch", "--format=%an <%ae>", request.head) == "Ada Example <ada@example.org>"
    for part in (
        "A motto.",
        "create `MOTTO`",
        "Is it yours?",
        "Is there a motto?",
        "Revert the merge commit",
        "ADD_CREDO",
    ):
        assert part in request.body
    assert "+Onwards" in sd.change_requests.diff(request.id)

    approved = sd.change_requests.approve(request.id)
    assert approved.review == "APPROVED"
    merged = sd.change_requests.merge(request.id)
    assert merged.status == "MERGED"
    assert merged.merge_commit == git(repository, "rev-parse", "main")
    assert (repository / "MOTTO").read_text() == "Onwards\n"

    assert [(r.type, r.before, r.after) for r in sd.sync(program)] == [
        ("ADD_MOTTO", "IN_REVIEW", "VERIFIED"),
        ("ADD_CREDO", "PENDING", "PENDING"),
        ("ADD_DEED", "PENDING", "PENDING"),
    ]
    progress = sd.progress(program)
    assert (progress.done, progress.total, progress.percent) == (1, 4, 25.0)
    assert progress.by_status == {"PENDING": 3, "VERIFIED": 1}
    phase = sd.programs.get(program.id).phases[0]
    assert phase.status is PhaseStatus.IN_PROGRESS
    assert {r.transformation_type: r.reason for r in phase.transformations}["ADD_CREDO"] == "no plugin for ADD_CREDO"
    record = next(r for r in phase.transformations if r.transformation_type == "ADD_MOTTO")
    assert record.evidence == ("MOTTO:1: a motto",)


def test_running_again_does_nothing_twice(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    program = start(sd, repository)
    run(sd, program)
    head = git(repository, "rev-parse", "shiftdown/add-motto")
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.UNCHANGED
    assert git(repository, "rev-parse", "shiftdown/add-motto") == head
    assert len(sd.change_requests.list()) == 1


def test_a_moved_base_updates_the_same_change_request(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    program = start(sd, repository)
    run(sd, program)
    (repository / "WORDS").write_text("Sideways\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Other words")
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.UPDATED
    (request,) = sd.change_requests.list()
    assert git(repository, "rev-parse", f"{request.head}^") == git(repository, "rev-parse", "main")
    assert git(repository, "show", f"{request.head}:MOTTO") == "Sideways"


def test_a_needless_change_request_is_withdrawn(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    program = start(sd, repository)
    run(sd, program)
    (repository / "MOTTO").write_text("By hand\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "A motto of our own")
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.ALREADY_SATISFIED
    assert [c.status for c in sd.change_requests.list()] == ["SUPERSEDED"]
    assert sd.change_requests.get(sd.change_requests.list()[0].id).status == "SUPERSEDED"
    assert statuses(sd, program)["orders ADD_MOTTO"] == "ALREADY_SATISFIED"


def test_a_persons_commit_on_the_branch_is_left_alone(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    program = start(sd, repository)
    run(sd, program)
    git(repository, "checkout", "--quiet", "shiftdown/add-motto")
    (repository / "MOTTO").write_text("Better\n")
    git(repository, "commit", "--quiet", "--all", "--message", "A better motto")
    theirs = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "--quiet", "main")
    phase = sd.programs.get(program).phases[0]
    result = next(r for r in sd.run(phase) if r.type == "ADD_MOTTO")
    assert result.outcome is RunOutcome.LEFT_ALONE
    assert "did not make" in (result.reason or "")
    assert git(repository, "rev-parse", "shiftdown/add-motto") == theirs
    (request,) = sd.change_requests.list()
    sd.change_requests.merge(request.id)
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == "VERIFIED"


def persons_commit(repository: Path) -> None:
    git(repository, "checkout", "--quiet", "-B", "shiftdown/add-motto")
    (repository / "MOTTO").write_text("Mine\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "A motto of mine")
    git(repository, "checkout", "--quiet", "main")


def test_a_branch_that_is_a_persons_from_the_start_is_not_in_review(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    persons_commit(repository)
    program = start(sd, repository)
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.LEFT_ALONE
    assert statuses(sd, program)["orders ADD_MOTTO"] == "PLANNED"
    assert not sd.change_requests.list()


def test_a_change_request_that_a_person_went_on_with_is_in_review_in_every_program(
    sd: Shiftdown, new_repository: Make
) -> None:
    repository = new_repository("orders")
    sd.run_type("ADD_MOTTO", [str(repository)])
    git(repository, "checkout", "--quiet", "shiftdown/add-motto")
    persons_commit(repository)
    program = start(sd, repository)
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.LEFT_ALONE
    assert statuses(sd, program)["orders ADD_MOTTO"] == "IN_REVIEW"


def test_a_closed_change_request_is_a_rejection_and_stays_one(sd: Shiftdown, new_repository: Make) -> None:
    program = start(sd, new_repository("orders"))
    run(sd, program)
    (request,) = sd.change_requests.list()
    sd.change_requests.close(request.id, reason="not our style")
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == "REJECTED"
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.LEFT_ALONE
    assert len(sd.change_requests.list()) == 1


def test_merged_is_not_done_until_the_check_passes(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    program = start(sd, repository)
    run(sd, program)
    (request,) = sd.change_requests.list()
    sd.change_requests.merge(request.id)
    git(repository, "rm", "--quiet", "MOTTO")
    git(repository, "commit", "--quiet", "--message", "No motto after all")
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == "MERGED"
    record = sd.programs.get(program).phases[0].transformations[0]
    assert record.reason == "merged, but not verified: There is no MOTTO."
    assert sd.progress(sd.programs.get(program)).done == 0
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.OPENED
    assert [c.status for c in sd.change_requests.list()] == ["MERGED", "OPEN"]


def test_what_was_verified_can_regress(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders", {"MOTTO": "There\n"})
    program = start(sd, repository)
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.ALREADY_SATISFIED
    git(repository, "rm", "--quiet", "MOTTO")
    git(repository, "commit", "--quiet", "--message", "Away with it")
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == "REGRESSED"
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.OPENED


def test_one_error_stops_nothing_else(sd: Shiftdown, new_repository: Make) -> None:
    broken, shy, fine = (
        new_repository("broken", {"BUG": ""}),
        new_repository("shy", {"SHY": ""}),
        new_repository("fine", bare=True),
    )
    gone = new_repository("gone")
    program = start(sd, broken, shy, fine, gone)
    gone.rename(gone.with_name("elsewhere"))
    outcomes = run(sd, program)
    assert {k: v for k, v in outcomes.items() if "MOTTO" in k} == {
        "broken ADD_MOTTO": RunOutcome.FAILED,
        "shy ADD_MOTTO": RunOutcome.NOT_APPLICABLE,
        "fine ADD_MOTTO": RunOutcome.OPENED,
        "gone ADD_MOTTO": RunOutcome.FAILED,
    }
    found = sd.programs.get(program).phases[0]
    reasons = {Path(r.repository).name: r.reason for r in found.transformations if r.transformation_type == "ADD_MOTTO"}
    assert "ZeroDivisionError" in (reasons["broken"] or "")
    assert reasons["shy"] == "shy repositories have no motto"
    progress = sd.registry.phase_progress(program)[1]
    assert progress.total == 7
    assert progress.by_status["NOT_APPLICABLE"] == 1
    gone.with_name("elsewhere").rename(gone)
    assert run(sd, program)["gone ADD_MOTTO"] is RunOutcome.OPENED


def test_a_phase_waits_for_the_one_before(sd: Shiftdown, new_repository: Make) -> None:
    program = start(sd, new_repository("orders"))
    second = sd.programs.phase(sd.programs.get(program), 2)
    with pytest.raises(InvalidInputError, match=r"phase 2 \(Deeds\) depends on phase 1 \(Words\), which is PENDING"):
        sd.run(second)
    assert [r.outcome for r in sd.run(second, override="the board insists")] == [RunOutcome.NO_PLUGIN]
    assert sd.programs.phase(sd.programs.get(program), 2).override == "the board insists"
    sd.programs.skip_phase(program, 1, reason="no words needed")
    assert sd.programs.get(program).phases[0].status is PhaseStatus.SKIPPED


def test_pause_resume_cancel(sd: Shiftdown, new_repository: Make) -> None:
    program = start(sd, new_repository("orders"))
    assert sd.programs.pause(program).status is ProgramStatus.PAUSED
    with pytest.raises(InvalidInputError, match="is PAUSED"):
        run(sd, program)
    assert sd.programs.resume(program).status is ProgramStatus.ACTIVE
    assert sd.programs.cancel(program).status is ProgramStatus.CANCELLED
    with pytest.raises(InvalidInputError, match="is CANCELLED"):
        run(sd, program)


def test_an_exemption_holds_until_its_day(sd: Shiftdown, new_repository: Make, clock: Clock) -> None:
    program = start(sd, new_repository("orders"))
    record = sd.programs.get(program).phases[0].transformations[0]
    sd.programs.exempt(record, until=date(2026, 3, 10), reason="freeze")
    assert run(sd, program)["orders ADD_MOTTO"] is RunOutcome.LEFT_ALONE
    assert sd.registry.phase_progress(program)[1].total == 1
    for days in (7, 1):  # the day before, and its very day
        clock.days(days)
        sd.sync(sd.programs.get(program))
        assert statuses(sd, program)["orders ADD_MOTTO"] == TransformationStatus.EXEMPT
    clock.days(1)
    sd.sync(sd.programs.get(program))
    assert statuses(sd, program)["orders ADD_MOTTO"] == TransformationStatus.PENDING


def test_any_past_day_can_be_shown(sd: Shiftdown, new_repository: Make, clock: Clock) -> None:
    program = sd.programs.get(start(sd, new_repository("orders")))
    monday = clock()
    clock.days(1)
    run(sd, program.id)
    (request,) = sd.change_requests.list()
    sd.change_requests.merge(request.id)
    sd.sync(program)
    assert sd.progress(program).done == 1
    assert sd.progress(program, at=monday).by_status == {"PENDING": 4}
    assert sd.registry.verify() == ()


def test_a_conflict_names_the_file_and_changes_nothing(sd: Shiftdown, new_repository: Make) -> None:
    repository = new_repository("orders")
    run(sd, start(sd, repository))
    (repository / "MOTTO").write_text("Mine\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", "Mine")
    main = git(repository, "rev-parse", "main")
    (request,) = sd.change_requests.list()
    with pytest.raises(ConflictError, match="MOTTO"):
        sd.change_requests.merge(request.id)
    assert git(repository, "rev-parse", "main") == main
    assert sd.change_requests.get(request.id).status == "OPEN"


def test_bad_starts_record_nothing(sd: Shiftdown, new_repository: Make, tmp_path: Path) -> None:
    repository = str(new_repository("orders"))
    with pytest.raises(NotFoundError, match=r"no playbook 'nope'.*mottos"):
        sd.programs.start(playbook="nope", name="X", organization="acme", repositories=[repository])
    with pytest.raises(InvalidInputError):
        sd.programs.start(playbook="mottos", name="X", organization="acme", repositories=[repository, str(tmp_path)])
    assert sd.programs.list() == []


def test_a_program_keeps_its_baseline_and_takes_a_playbook_file(
    sd: Shiftdown, new_repository: Make, tmp_path: Path
) -> None:
    book = tmp_path / "own.yaml"
    book.write_text(
        "name: own\nphases:\n  - {name: One, phase_type: OBSERVABILITY, duration: 2 weeks, activities: [Talk]}\n"
    )
    program = sd.programs.start(
        playbook=str(book),
        name="Own",
        organization="acme",
        repositories=[str(new_repository("orders"))],
        baseline=DORAMetrics(lead_time_for_changes=336),
    )
    stored = sd.programs.get(program.id)
    assert stored.baseline_dora == DORAMetrics(lead_time_for_changes=336, deployment_frequency=None)
    activity = stored.phases[0].activities[0]
    sd.programs.set_activity(activity, activity.status.DONE, assignee="ada", evidence=["minutes of 2 March"])
    done = sd.programs.get(program.id)
    assert (done.status, done.phases[0].status) == (ProgramStatus.COMPLETED, PhaseStatus.COMPLETED)


def test_run_type_without_a_program(sd: Shiftdown, new_repository: Make) -> None:
    one, two = new_repository("one"), new_repository("two", bare=True)
    results = sd.run_type("ADD_MOTTO", [str(one), str(two), str(one)])
    assert [r.outcome for r in results] == [RunOutcome.OPENED, RunOutcome.OPENED]
    assert {c.repository for c in sd.change_requests.list()} == {str(one), str(two)}
    with pytest.raises(NotFoundError, match="no plugin for 'ADD_NOTHING'"):
        sd.run_type("ADD_NOTHING", [str(one)])
