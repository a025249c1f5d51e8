"""`update` and `adopt`: repositories follow their templates."""

import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftdown.cli.inputs import Secrets, Set, Values, read_mapping, read_secrets, texts
from shiftdown.cli.output import Json, Settings, emit, table
from shiftdown.cli.transformations import NOT_APPLICABLE, Author, SignOff, identity

if TYPE_CHECKING:
    from shiftdown.creation.updates import UpdateResult
    from shiftdown.scaffolder.questions import Question

Repos = Annotated[list[str], typer.Argument(metavar="REPO...", help="Paths of git repositories.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("update")(update)
    app.command("adopt")(adopt)


def update(
    context: typer.Context,
    repos: Repos,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="A tag, branch or commit; default the newest.")
    ] = None,
    template: Annotated[str | None, typer.Option(help="Where the template is now, when it has moved.")] = None,
    set_: Set = None,
    values: Values = None,
    secrets: Secrets = None,
    workers: Annotated[int, typer.Option(min=1, help="Repositories at the same time.")] = 4,
    author: Author = None,
    sign_off: SignOff = False,
    json: Json = False,
) -> None:
    """Propose a newer version of its template to each repository, merged with what was changed there."""
    from shiftdown.creation.updates import UpdateRequest

    settings: Settings = context.obj
    request = UpdateRequest(
        version=to,
        template=template,
        texts=texts(set_),
        values=read_mapping(values) if values else {},
        secrets=read_secrets(secrets),
    )
    with settings.open(author=identity(author), sign_off=sign_off) as sd:
        results = sd.updates.update(repos, request, ask=_asker(), workers=workers)
    if json:
        from shiftdown.responses import UpdateResponse

        emit([UpdateResponse.of(r) for r in results])
    else:
        _print(results)
    _exit(results)


def adopt(
    context: typer.Context,
    repo: Annotated[str, typer.Argument(metavar="REPO", help="Path of a git repository.")],
    template: Annotated[
        str | None, typer.Option(help="What made it; default what .cruft.json or .copier-answers.yml says.")
    ] = None,
    version: Annotated[
        str | None, typer.Option(help="The version that it is at: a tag, branch or commit; default the newest.")
    ] = None,
    set_: Set = None,
    values: Values = None,
    secrets: Secrets = None,
    author: Author = None,
    sign_off: SignOff = False,
    json: Json = False,
) -> None:
    """Propose to record that a repository was made from a template, so that `update` works from there."""
    from shiftdown.creation.adoption import AdoptRequest

    settings: Settings = context.obj
    request = AdoptRequest(
        template=template,
        version=version,
        texts=texts(set_),
        values=read_mapping(values) if values else {},
        secrets=read_secrets(secrets),
    )
    with settings.open(author=identity(author), sign_off=sign_off) as sd:
        result = sd.adoption.adopt(repo, request, ask=_asker())
    if json:
        from shiftdown.responses import UpdateResponse

        emit(UpdateResponse.of(result))
    else:
        _print([result])


def _asker() -> Any:
    """Asks on the terminal, for one repository at a time; without one, nobody answers."""
    from shiftdown.cli.asking import ask, is_terminal

    turn = threading.Lock()

    def answers(repository: str, questions: "Sequence[Question]") -> Mapping[str, Any]:
        if not is_terminal():
            return {}
        with turn:
            typer.echo(f"\n{repository}:", err=True)
            return {q.name: ask(q) for q in questions}

    return answers


def _print(results: "Sequence[UpdateResult]") -> None:
    rows = [
        (
            r.repository,
            r.outcome,
            r.template,
            _short(r.before),
            _short(r.after),
            r.change_request and r.change_request.id,
            _why(r),
        )
        for r in results
    ]
    columns = ("REPOSITORY", "OUTCOME", "TEMPLATE", "FROM", "TO", "CHANGE REQUEST", "WHY")
    table(columns, rows, empty="nothing to do")
    if len(results) > 1:
        counts = {o: sum(r.outcome == o for r in results) for o in dict.fromkeys(r.outcome for r in results)}
        typer.echo(f"{len(results)} repositories: " + ", ".join(f"{n} {o}" for o, n in counts.items()))


def _why(result: "UpdateResult") -> str:
    conflicts = [f"conflict in {c.path} ({c.kind})" for c in result.conflicts]
    return "; ".join([*([result.reason] if result.reason else []), *conflicts, *result.notes])


def _short(version: str | None) -> str | None:
    return version[:10] if version and len(version) == 40 else version


def _exit(results: "Sequence[UpdateResult]") -> None:
    from shiftdown.creation.updates import UpdateOutcome

    outcomes = {r.outcome for r in results}
    if UpdateOutcome.FAILED in outcomes:
        raise typer.Exit(1)
    if outcomes == {UpdateOutcome.NOT_APPLICABLE}:
        raise typer.Exit(NOT_APPLICABLE)
