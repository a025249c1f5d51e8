"""A pipeline, described once and for every CI system.

A dialect (`shiftdown.pipelines.dialect`) renders it. What a job does is said in commands; where a CI system's
ecosystem has a ready-made part for a step, the step names it beside the command. What only the CI system knows is
said by `shiftdown.pipelines.values`, so that nothing here holds an expression of any of them.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import Field, model_validator

from shiftdown.model.base import Model
from shiftdown.pipelines.values import Condition, Key, Output, Text, pieces
from shiftdown.repository.changeset import SecretReference
from shiftdown.repository.stack import Language

VARIABLE = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
"""The name of an environment variable or secret."""
TIMEOUT = 30
"""After how many minutes a job is ended that nothing is known of."""


class Stage(StrEnum):
    """The five stages of a pipeline, in their order."""

    CODE_QUALITY = "code-quality"
    """Lint, format, types, complexity."""
    TEST = "test"
    SECURITY = "security"
    BUILD = "build"
    DEPLOY = "deploy"


class Trigger(StrEnum):
    """What starts a pipeline or job."""

    CHANGE_REQUEST = "change-request"
    """A change request was opened or updated (pull request, merge request)."""
    DEFAULT_BRANCH = "default-branch"
    """A commit arrived on the default branch."""
    MERGE_QUEUE = "merge-queue"
    """Change requests are about to be merged, one after the other: their checks have to be there, too."""
    SCHEDULE = "schedule"
    """The time has come."""
    MANUAL = "manual"
    """A person asked for it."""


class Permission(StrEnum):
    """What a job may do with the identity that the CI system gives it. Reading the code is always allowed."""

    WRITE_CODE = "write-code"
    """Push commits and tags."""
    READ_CHANGE_REQUESTS = "read-change-requests"
    """Read change requests."""
    WRITE_CHANGE_REQUESTS = "write-change-requests"
    """Comment on change requests and label them."""
    WRITE_PACKAGES = "write-packages"
    """Publish packages and container images to the forge's registry."""
    WRITE_FINDINGS = "write-findings"
    """Upload results of security scanners."""
    IDENTITY_TOKEN = "identity-token"  # noqa: S105 - a name, not a secret
    """Ask for a token that proves to others which job this is (OpenID Connect)."""
    ATTEST = "attest"
    """Store attestations of what was built."""


class ReportKind(StrEnum):
    """Formats of reports that CI systems show."""

    JUNIT = "junit"
    """Test results, JUnit XML."""
    COBERTURA = "cobertura"
    """Coverage, Cobertura XML."""
    SARIF = "sarif"
    """Findings of static analysis, SARIF 2.1.0."""


class Runtime(Model):
    """A language that a job needs, with its package manager and the cache of downloaded dependencies."""

    language: Language
    """The language."""
    version: str | None = None
    """Its version ("20", "3.12"). Beside `version_file` what that file says now, for CI systems that do not read it."""
    beside: tuple[str, ...] = ()
    """Versions that are needed beside it: the runtimes of .NET that tests run on, the JDK of a toolchain."""
    version_file: str | None = None
    """The file of the repository that says the version (`.nvmrc`, `go.mod`, …), from its root."""
    version_axis: Key | None = None
    """The axis of the job's matrix that says the version."""
    package_manager: str | None = None
    """"npm", "pnpm", "yarn", "bun"; "pip", "uv", "poetry", "pdm", "hatch", "pipenv"; "maven", "gradle"; …"""
    package_manager_version: str | None = None
    """Its version, where the repository does not say it in a file that the package manager's set-up reads."""
    package_manager_file: str | None = None
    """The file that says its version (`package.json` with "packageManager"), from the root."""
    cache_files: tuple[str, ...] = ()
    """The lock files that the cache is keyed by, from the root; without any, nothing is cached."""

    @model_validator(mode="after")
    def _one_version(self) -> "Runtime":
        given = [v for v in (self.version_file, self.version_axis) if v is not None]
        if len(given) > 1:
            raise ValueError("a runtime takes its version from a file or from a matrix axis, not from both")
        return self


class Container(Model):
    """An image that the steps of a job run in, in place of the CI system's own machine."""

    image: str
    """Its name and tag or digest."""
    env: Mapping[str, str] = Field(default_factory=dict)
    """Its environment. Nothing here is secret."""


class Submodules(StrEnum):
    """Which submodules are checked out."""

    DIRECT = "direct"
    """Those of the repository."""
    RECURSIVE = "recursive"
    """Those of the repository, and theirs."""


class Service(Model):
    """A program that runs beside the job, in a container, and is reached as `localhost`."""

    name: Key
    """Its name."""
    image: str
    """Its image, by exact version or digest."""
    ports: tuple[int, ...] = ()
    """The ports that it listens on."""
    env: Mapping[str, str] = Field(default_factory=dict)
    """Its environment. Test credentials only: nothing here is secret."""
    health_command: str | None = None
    """The command that tells, inside the container, whether it is ready."""


class Part(Model):
    """A ready-made step of one CI system's ecosystem."""

    name: str
    """Its name without a version: the dialect pins it ("docker/build-push-action")."""
    inputs: Mapping[str, Text | int | bool] = Field(default_factory=dict)
    """Its inputs."""


class Step(Model):
    """A step of a job: a command, and perhaps a better way in one CI system or another."""

    name: str
    """What it does, for people."""
    run: str = Field(min_length=1)
    """A POSIX shell script; it ends at the first command that fails. Every CI system can do the step by it."""
    parts: Mapping[str, Part] = Field(default_factory=dict)
    """Ready-made parts by dialect ("github-actions", …): that dialect uses the part in place of `run`."""
    programs: tuple[str, ...] = ()
    """The programs that `run` calls beside those of the job's languages: "docker", "cosign", "syft", …"""
    key: Key | None = None
    """An identifier, where other steps refer to it."""
    working_directory: str | None = None
    """The directory that `run` runs in, from the root; `None` is the job's."""
    env: Mapping[str, Text] = Field(default_factory=dict)
    """Environment variables of `run`: the way for a value of the CI system into a script. A part has its inputs."""
    secrets: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables that are filled from secrets, of `run` and parts: variable → name of the secret."""
    outputs: tuple[str, ...] = ()
    """Values for later steps, by name: the command leaves each as a shell variable, a ready-made part by itself."""
    only_if: Condition | None = None
    """The only case in which it runs."""
    always: bool = False
    """Whether it runs even when a step before it has failed."""
    allow_failure: bool = False
    """Whether the job goes on, and stays green, when it fails."""

    @model_validator(mode="after")
    def _consistent(self) -> "Step":
        _check_names(self.env, self.secrets, dict.fromkeys(self.outputs, ""))
        if self.outputs and self.key is None:
            raise ValueError(f"step {self.name!r} has outputs, but no key that others could refer to it by")
        return self


class Artefact(Model):
    """Files that a job keeps."""

    name: str
    """Its name, unique in the pipeline."""
    paths: tuple[str, ...] = Field(min_length=1)
    """Files, directories and globs, from the root."""
    days: int = Field(default=7, ge=1, le=90)
    """How many days they are kept."""
    always: bool = False
    """Whether they are kept also when the job fails."""


class Report(Model):
    """A report that a job writes and the CI system shows or keeps, whether the job fails or not."""

    kind: ReportKind
    """Its format."""
    path: str
    """The file, from the root."""
    name: str | None = None
    """What it is about, where a job has several of one kind."""


class Environment(Model):
    """A place that a job deploys to; it can ask for an approval."""

    name: str
    """Its name: "production", …"""
    url: str | None = None
    """Where it is reached."""


class Area(Model):
    """A part of the repository whose jobs run only when a change touches it."""

    key: Key
    """Its identifier."""
    paths: tuple[str, ...] = Field(min_length=1)
    """Files and directories, from the root; a directory ends with `/`; `*`, `?` and `**` as in `.gitignore`."""


class Job(Model):
    """A job: the unit that succeeds or fails. It runs on Linux, on a fresh checkout of the repository."""

    id: Key
    """Its identifier, unique in the pipeline."""
    name: str
    """Its name, for people and for required checks."""
    stage: Stage
    """The stage that it belongs to."""
    setup: tuple[Runtime, ...] = ()
    """The languages that it needs."""
    preparation: tuple[Step, ...] = ()
    """What comes after the checkout and before the languages: packages of the system, programs that tools need."""
    steps: tuple[Step, ...] = Field(min_length=1)
    """What it does, after the checkout and the set-up."""
    native: Mapping[str, Any] = Field(default_factory=dict)
    """The set-up of a job that is there, by dialect, as the dialect took it over (see `Dialect.set_up_like`): that
    dialect uses it in place of the checkout, the languages and what else it says."""
    working_directory: str = ""
    """The directory that its commands run in, from the root; `""` is the root."""
    env: Mapping[str, Text] = Field(default_factory=dict)
    """Environment variables of all its steps."""
    services: tuple[Service, ...] = ()
    """Programs that run beside it."""
    matrix: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    """Axes and their values: the job runs once for every combination."""
    fail_fast: bool = False
    """Whether the other combinations of the matrix are cancelled when one fails."""
    artefacts: tuple[Artefact, ...] = ()
    """Files that it keeps."""
    reports: tuple[Report, ...] = ()
    """Reports that it writes."""
    permissions: frozenset[Permission] = frozenset()
    """What it may do beyond reading the code."""
    needs: tuple[Key, ...] = ()
    """The jobs that must have succeeded before; without any it starts at once."""
    timeout_minutes: int = Field(default=TIMEOUT, ge=1, le=360)
    """After how many minutes it is ended."""
    area: Key | None = None
    """The area whose changes it is for; `None`: it always runs."""
    only: Trigger | None = None
    """The only trigger that it runs for; `None`: every trigger of the pipeline."""
    environment: Environment | None = None
    """Where it deploys to."""
    runner: tuple[str, ...] = ()
    """The labels of the machine that it runs on; empty: the usual Linux machine of the CI system."""
    container: Container | None = None
    """The image that its steps run in; `None`: what the CI system runs jobs in by itself."""
    full_history: bool = False
    """Whether it needs all commits and tags, not only the last commit."""
    submodules: Submodules | None = None
    """The submodules that it needs; `None`: none."""
    lfs: bool = False
    """Whether it needs the contents of files that Git LFS keeps."""
    keep_credentials: bool = False
    """Whether git in its steps may use the job's identity; off unless it pushes."""
    secrets: tuple[SecretReference, ...] = ()
    """Secrets that somebody has to create before it can succeed; steps name them in `Step.secrets`."""
    notes: tuple[str, ...] = ()
    """What a person should know or check of it, one sentence each."""

    @model_validator(mode="after")
    def _consistent(self) -> "Job":
        axes = {r.version_axis for r in self.setup if r.version_axis}
        if missing := axes - set(self.matrix):
            raise ValueError(f"job {self.id!r} takes a version from {sorted(missing)}, which its matrix lacks")
        _check_names(self.env)
        left: set[tuple[str, str]] = set()
        for step in (*self.preparation, *self.steps):
            if unknown := {(o.step, o.name) for o in _outputs_in(step)} - left:
                raise ValueError(f"step {step.name!r} takes {sorted(unknown)}, which no step before it leaves")
            left |= {(step.key or "", name) for name in step.outputs}
        return self


class Pipeline(Model):
    """A pipeline: jobs, and what starts them."""

    name: str = "CI"
    """Its name."""
    default_branch: str = "main"
    """The branch that change requests go to."""
    triggers: tuple[Trigger, ...] = (Trigger.DEFAULT_BRANCH, Trigger.CHANGE_REQUEST)
    """What starts it."""
    cron: str | None = None
    """When it starts, five fields, UTC; with `Trigger.SCHEDULE`."""
    env: Mapping[str, str] = Field(default_factory=dict)
    """Environment variables of all jobs."""
    jobs: tuple[Job, ...] = Field(min_length=1)
    """Its jobs, in the order of their stages."""
    areas: tuple[Area, ...] = ()
    """The areas that jobs name. With any, one last job sums up all others: the one check to require."""
    shared_paths: tuple[str, ...] = ()
    """What concerns every area: lock file and configuration at the root; written as the paths of an area."""

    @model_validator(mode="after")
    def _consistent(self) -> "Pipeline":
        ids = [job.id for job in self.jobs]
        if twice := {i for i in ids if ids.count(i) > 1}:
            raise ValueError(f"two jobs are called {sorted(twice)}")
        areas = {area.key for area in self.areas}
        for job in self.jobs:
            if missing := set(job.needs) - set(ids):
                raise ValueError(f"job {job.id!r} needs {sorted(missing)}, which the pipeline lacks")
            if job.area is not None and job.area not in areas:
                raise ValueError(f"job {job.id!r} is for area {job.area!r}, which the pipeline lacks")
        if (Trigger.SCHEDULE in self.triggers) != (self.cron is not None):
            raise ValueError("a schedule needs a cron line, and a cron line a schedule")
        return self


def _outputs_in(step: Step) -> Iterator[Output]:
    given = [*step.env.values(), *(value for part in step.parts.values() for value in part.inputs.values())]
    for value in given:
        if not isinstance(value, int):
            yield from (piece for piece in pieces(value) if isinstance(piece, Output))


def _check_names(*variables: Mapping[str, object]) -> None:
    for name in (name for mapping in variables for name in mapping):
        if not VARIABLE.match(name):
            raise ValueError(f"{name!r} cannot be the name of an environment variable")
