"""The front door for scripts, portals and the command line."""

import os
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import SecretStr

from shiftdown.app.forges import Forges
from shiftdown.app.planning import Planning
from shiftdown.extensions import Plugins
from shiftdown.extensions.lazily import lazily
from shiftdown.forges.base import RequestOptions
from shiftdown.git import (
    Connections,
    GitOptions,
    GitRepository,
    Identity,
    default_identity,
    open_repository,
    parse_location,
)
from shiftdown.git.local import disk_folder

if TYPE_CHECKING:
    from shiftdown.app.change_requests import ChangeRequests
    from shiftdown.app.organizations import Organizations
    from shiftdown.app.programs import Programs
    from shiftdown.app.session import Session
    from shiftdown.app.shared_pace import SharedPace
    from shiftdown.app.tasks import Tasks
    from shiftdown.app.webhooks import Webhooks
    from shiftdown.campaigns import RunResult, SyncResult, Tools
    from shiftdown.creation.adoption import Adoption
    from shiftdown.creation.engines import Engines
    from shiftdown.creation.repositories import Creation
    from shiftdown.creation.templates import Templates
    from shiftdown.creation.updates import Updates
    from shiftdown.delivery import Delivery
    from shiftdown.forges.local import LocalForge
    from shiftdown.forges.selection import FoundRepository, Selection
    from shiftdown.model import DevOpsPhase, DevOpsProgram, Progress
    from shiftdown.registry import Registry
    from shiftdown.scaffolder.services import Services
    from shiftdown.scaffolder.tasks import TaskOptions

WORKERS = 4
"""How many repositories are worked on at the same time, unless told otherwise."""


class Shiftdown(Planning):
    """A registry, the installed plugins, and the forges: everything that shiftdown can do.

    Use it as a context manager, or call `close`, when nobody uses it any more. Threads may share it; processes may not,
    but may each have one with the same registry. Every error is a `ShiftdownError`.
    """

    def __init__(
        self,
        open_registry: "Callable[[], Registry]",
        plugins: Callable[[], Plugins],
        *,
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        git: GitOptions,
        actor: str,
        pace: "Callable[[], SharedPace]",
        task_options: "TaskOptions | None" = None,
        connections: Connections | None = None,
    ) -> None:
        self._making = threading.RLock()
        self._open_registry = open_registry
        self._make_pace = pace
        self._plugins = plugins
        self._clock = clock
        self._new_id = new_id
        self._git = git
        self._connections = connections or Connections()
        self._actor = actor
        self._task_options = task_options

    @classmethod
    def open(
        cls,
        registry: str | None = None,
        *,
        plugins: Plugins | None = None,
        author: Identity | None = None,
        sign_off: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], str] = lambda: secrets.token_hex(8),
        actor: str | None = None,
        task_options: "TaskOptions | None" = None,
    ) -> Self:
        """Say which registry and plugins to use; each is opened when it is first needed.

        Args:
            registry: `sqlite:///file.db` or `postgresql://…`, made when it does not exist; default
                `SHIFTDOWN_REGISTRY`, else SQLite in the user's data folder.
            plugins: the plugins to use; default all that are installed.
            author: who commits; default what git is configured with.
            sign_off: whether commits get a `Signed-off-by` trailer.
            clock: gives the time, with its zone.
            new_id: gives a new identifier.
            actor: who acts, for events and approvals, unless a `session` says otherwise; default the login name.
            task_options: limits of the tasks that this process runs.
        """

        def url() -> str:
            from shiftdown.registry import default_url

            return registry or default_url(os.environ)

        def shared_pace() -> "SharedPace":
            from shiftdown.app.shared_pace import SharedPace

            return SharedPace(url())

        def open_registry() -> "Registry":
            from shiftdown.registry import Registry

            return Registry.open(url(), clock=clock, new_id=new_id, actor=who)

        who = actor or os.environ.get("USER") or "shiftdown"
        return cls(
            open_registry,
            lambda: plugins or Plugins.installed(),
            clock=clock,
            new_id=new_id,
            git=GitOptions(author=author, sign_off=sign_off),
            actor=who,
            pace=shared_pace,
            task_options=task_options,
        )

    def close(self) -> None:
        """Stop the tasks that run here, and close the connections to servers, and the registry if it was used."""
        if "tasks" in self.__dict__:
            self.tasks.close()
        if "_forges" in self.__dict__:
            self._forges.close()
        if "_pace" in self.__dict__:
            self._pace.close()
        self._connections.close()
        if "registry" in self.__dict__:
            self.registry.close()

    def session(self, *, actor: str) -> "Session":
        """The same for somebody else: what is done through it is recorded, approved and submitted as theirs.

        It shares everything with this one, which closes what is shared.

        Args:
            actor: who acts.
        """
        from shiftdown.app.session import Session

        return Session(self, actor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @lazily
    def registry(self) -> "Registry":
        """The registry, opened when it is first used; planning alone needs none."""
        return self._open_registry()

    @lazily
    def plugins(self) -> Plugins:
        """The plugins that were found."""
        return self._plugins()

    @lazily
    def programs(self) -> "Programs":
        """Start, find and steer programs."""
        from shiftdown.app.programs import Programs

        return Programs(self.registry, self.plugins, clock=self._clock, new_id=self._new_id, locate=self.locate)

    @lazily
    def organizations(self) -> "Organizations":
        """See organisations, and say what their programs use."""
        from shiftdown.app.organizations import Organizations

        return Organizations(self.registry, self.plugins)

    @lazily
    def change_requests(self) -> "ChangeRequests":
        """Look at, approve, merge and close change requests."""
        from shiftdown.app.change_requests import ChangeRequests

        return ChangeRequests(self.registry, self._forges.forge, actor=self._actor)

    @lazily
    def templates(self) -> "Templates":
        """Check, try and run templates."""
        from shiftdown.creation.templates import Templates

        return Templates(self.plugins, self._open, new_id=self._new_id, services=self._services)

    @lazily
    def _services(self) -> "Services":
        from shiftdown.app.services import services

        return services(
            os.environ,
            forges=self._forges,
            open_repository=self._open,
            author=lambda: self.author,
            clock=self._clock,
            options=self._git,
            programs=lambda: self.programs,
            proposer=lambda: self._delivery,
        )

    @lazily
    def tasks(self) -> "Tasks":
        """Run templates, and watch, cancel, retry and recover the runs."""
        from shiftdown.app.tasks import Tasks
        from shiftdown.scaffolder.tasks import Sealer, TaskOptions

        return Tasks(
            self.registry,
            self.templates,
            self.creation.record,
            actor=self._actor,
            templates_of=lambda actor: self.session(actor=actor).templates,
            clock=self._clock,
            new_id=self._new_id,
            options=self._task_options or TaskOptions(),
            sealer=Sealer.from_environment(os.environ),
        )

    @lazily
    def creation(self) -> "Creation":
        """Make new repositories from templates."""
        from shiftdown.creation.repositories import Creation

        return Creation(self._engines, self._forges, author=lambda: self.author, clock=self._clock, options=self._git)

    @lazily
    def updates(self) -> "Updates":
        """Bring newer versions of their templates to repositories."""
        from shiftdown.creation.updates import Updates

        return Updates(self._engines, lambda: self._delivery, self._forges.options)

    @lazily
    def adoption(self) -> "Adoption":
        """Record that existing repositories were made from templates."""
        from shiftdown.creation.adoption import Adoption

        return Adoption(self._engines, lambda: self._delivery, self._forges.options)

    @lazily
    def webhooks(self) -> "Webhooks":
        """Take in what forges tell by webhooks, and do what follows from it."""
        from shiftdown.app.webhooks import Webhooks

        kinds = lambda: self.plugins.forges  # noqa: E731 - asked for when the first delivery comes
        return Webhooks(self.registry, self._tools, os.environ, kinds, clock=self._clock, new_id=self._new_id)

    @lazily
    def _engines(self) -> "Engines":
        from shiftdown.creation.engines import Engines
        from shiftdown.creation.places import Places

        return Engines(Places(self._open, lambda: self.plugins.golden_paths), self.templates, self._new_id)

    def run(
        self,
        phase: "DevOpsPhase",
        *,
        override: str | None = None,
        request: RequestOptions | None = None,
        workers: int = WORKERS,
        on_result: "Callable[[RunResult], None]" = lambda _: None,
    ) -> "list[RunResult]":
        """Open or update the change requests of a phase. Run again: nothing happens twice.

        What did not apply in another phase that is complete is looked at again where its repository has changed since.

        Args:
            phase: the phase.
            override: why it starts although the phase before is not complete; recorded.
            request: how change requests are opened, and with whom.
            workers: how many repositories at the same time.
            on_result: called with each result as it comes.

        Raises:
            InvalidInputError: the program is paused or over, the phase is skipped, or the phase before is not
                complete and there is no `override`.
        """
        from shiftdown.campaigns import Job, run

        program, phase = self.programs.begin(phase, override=override)
        repositories = {r.id: r for r in self.registry.repositories(program_id=program.id)}
        jobs = [
            Job(repository=repositories[r.repository_id], type=r.transformation_type, record=r, again=again)
            for again, records in ((True, self.programs.left_out(program, phase)), (False, phase.transformations))
            for r in records
        ]
        following = self.programs.following(program)
        return run(self._tools(following, request), jobs, workers=workers, on_result=on_result)

    def select(self, selection: "Selection", *, host: str | None = None) -> Iterator["FoundRepository"]:
        """The repositories of a forge that are meant, as the forge tells of them: for `run_type`, or to look at.

        Nothing is asked before the first one is wanted; a page is asked for when its first one is.

        Args:
            selection: what they must be like.
            host: `name` or `name:port` of the forge; default the only one that there are credentials for.

        Raises:
            InvalidInputError: the host is no forge that is known, there are no credentials for it, or it must be said.
            NotFoundError: there is no such owner; raised when the first one is wanted, as is all that follows.
            ShiftdownError: the forge refuses, or cannot be reached; what came before stays valid.
        """
        return self._forges.hosted(host).repositories(selection)

    def run_type(
        self,
        type_: str,
        repositories: Iterable[str],
        parameters: Mapping[str, Any] | None = None,
        *,
        request: RequestOptions | None = None,
        workers: int = WORKERS,
        on_result: "Callable[[RunResult], None]" = lambda _: None,
    ) -> "list[RunResult]":
        """Open or update one change request per repository, outside any program.

        Args:
            type_: the transformation type.
            repositories: URLs or paths. All of a list are looked at before anything is done. Others, such as those of
                `select`, are taken as they are worked on, and one that cannot be used is a result that says why.
            parameters: parameters of the transformation.
            request: how change requests are opened, and with whom.
            workers: how many repositories at the same time.
            on_result: called with each result as it comes.

        Raises:
            NotFoundError: no plugin provides the type.
            InvalidInputError: the parameters or a location of a list are wrong; nothing was done.
            ShiftdownError: raised by `repositories`; those before are done, and were told to `on_result`.
        """
        from shiftdown.app.selecting import jobs_for
        from shiftdown.campaigns import run_each

        parsed = self.plugins.transformation(type_).parse(parameters or {})
        jobs = jobs_for(type_, repositories, parsed, self.locate, lambda: self.registry)
        return run_each(self._tools(request=request), jobs, workers=workers, on_result=on_result)

    def sync(self, program: "DevOpsProgram") -> "list[SyncResult]":
        """Ask the forges what became of the change requests, and verify what was merged."""
        from shiftdown.campaigns import sync

        current = self.registry.program(program.id)
        return sync(self._tools(), [r for phase in current.phases for r in phase.transformations])

    def progress(self, program: "DevOpsProgram", *, at: datetime | None = None) -> "Progress":
        """How much of a program is done, now or at a moment in the past."""
        return self.registry.progress(program.id, at=at)

    def locate(self, repository: str) -> str:
        """The location of a repository as the registry knows it: absolute, normal, without credentials.

        Raises:
            InvalidInputError: it is not a repository's URL or path.
            NotARepositoryError: there is no repository at the path.
        """
        self._forges.check(repository)
        where = parse_location(repository, allow_http=self._git.allow_http)
        return where.address if where.scheme != "file" else str(disk_folder(where.path))

    def _open(self, location: str, token: SecretStr | None = None) -> GitRepository:
        options = self._forges.options(location)
        if token is not None and token.get_secret_value():
            return open_repository(location, options=options.model_copy(update={"token": token}))
        carrier = self._forges.carrier(location)
        return open_repository(location, options=options, connections=self._connections, carrier=carrier)

    @lazily
    def _forges(self) -> Forges:
        return Forges(
            os.environ,
            lambda: self.plugins.forges,
            lambda: self._local_forge,
            self._git,
            lambda limits: self._pace.of(limits),
        )

    @lazily
    def _pace(self) -> "SharedPace":
        return self._make_pace()

    @lazily
    def author(self) -> Identity:
        """Who commits. Raises `InvalidInputError` when nobody is configured."""
        return default_identity(self._git)

    @lazily
    def _local_forge(self) -> "LocalForge":
        from shiftdown.forges.local import LocalForge

        return LocalForge(clock=self._clock, author=self.author)

    def _tools(
        self, following: Callable[[str], Sequence[str]] = lambda _: (), request: RequestOptions | None = None
    ) -> "Tools":
        from shiftdown.campaigns import Tools

        self._delivery.author()  # Before anything is done: nobody may be configured.
        return Tools(self.plugins, self._delivery, following, request or RequestOptions())

    @lazily
    def _delivery(self) -> "Delivery":
        from shiftdown.delivery import Delivery

        return Delivery(
            registry=self.registry,
            forge=self._forges.forge,
            open_repository=self._open,
            author=lambda: self.author,
            clock=self._clock,
            new_id=self._new_id,
        )
