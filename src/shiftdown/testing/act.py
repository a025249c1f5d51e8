"""Execute the `run:` steps of GitHub Actions workflows on this machine, with act and without containers."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shiftdown.errors import NotFoundError, ShiftdownError
from shiftdown.testing.actions import load_yaml, runner_labels, used_actions, write_stand_ins
from shiftdown.testing.installs import Sharing
from shiftdown.testing.tools import HungToolError, find_tool, run_tool
from shiftdown.testing.workflows import workflow_files

DEFAULT_TIMEOUT = 600.0
"""Seconds for all jobs of a run together."""

GRACE = 10.0
"""Seconds that act has to cancel its jobs before it is killed."""

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What jobs find on PATH before a step adds to it: no virtual environment, no tools of one user."""

NO_TERMINAL = {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat"}
"""act gives each step a terminal, which hosted runners do not."""

SLOW_END = """\
#!/bin/sh
{bash} "$@"
code=$?
sleep 0.1
exit $code
"""
"""The shell that steps get: act drops what a step prints in its last moment, unless the step lingers."""

PASSED_ON = ("HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "JAVA_HOME")
"""What jobs see of this machine's environment, beside PATH and the settings of package managers."""

PASSED_ON_PREFIXES = ("PIP_", "UV_", "npm_config_", "NPM_CONFIG_", "GOPROXY", "GOFLAGS", "MAVEN_")


@dataclass
class StepResult:
    """One step of one job that began to run."""

    name: str
    result: str = "unfinished"
    """`success`, `failure` or `unfinished`."""
    output: str = ""
    matrix: Mapping[str, Any] = field(default_factory=dict)
    """The values of the matrix that it ran with."""


@dataclass
class JobResult:
    """One job; the combinations of a matrix count as one, which fails when any of them does."""

    id: str
    result: str = "skipped"
    """`success`, `failure`, or `skipped` when it never ran."""
    steps: list[StepResult] = field(default_factory=list)

    @property
    def output(self) -> str:
        """What the steps printed, in the order they ran, each below its name."""
        return "".join(f"[{step.result}] {step.name}\n{step.output}" for step in self.steps)

    @property
    def failed_steps(self) -> list[str]:
        """Names of the steps that failed."""
        return [step.name for step in self.steps if step.result == "failure"]


@dataclass
class WorkflowRun:
    """All jobs of one run, by id."""

    jobs: dict[str, JobResult]
    """Its jobs, by id."""
    log: str
    """Everything that act printed, as JSON lines."""

    @property
    def succeeded(self) -> bool:
        """Whether at least one job ran and none failed."""
        results = {job.result for job in self.jobs.values()}
        return "success" in results and "failure" not in results

    @property
    def output(self) -> str:
        """The output of all jobs, for an assertion's message."""
        return "".join(f"=== {job.id}: {job.result}\n{job.output}" for job in self.jobs.values())


def run_workflow(
    directory: Path,
    job: str | None = None,
    *,
    workflow: str | None = None,
    event: str = "push",
    matrix: Mapping[str, str] | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> WorkflowRun:
    """Execute a repository's workflows, or one job and what it needs, as a runner would.

    Each job works in a copy of `directory` without the files that git ignores. Checkout becomes that copy,
    every other action a stand-in (see `shiftdown.testing.actions`), containers of jobs and services are left
    out; all `run:` steps are executed for real, with the system's programs and what earlier steps installed.
    Where the environment variable `SHIFTDOWN_TEST_INSTALLS` names a folder, jobs share there what `npm ci` and
    `pip install` put into place: the first with a lock file installs it, the others take its files.

    `workflow` is a path relative to `directory` (default: all workflows); `event` is what triggers the run;
    `matrix` keeps only the combinations with these values (a job without such an axis runs as it is);
    `timeout` is in seconds. A failing job is a result, not an error. Raises `NotFoundError` when there is no
    such job or workflow, `MissingToolError`, `HungToolError`, and `ShiftdownError` when act could not run.
    """
    files = workflow_files(directory / workflow if workflow else directory)
    if not all(file.is_file() for file in files) or not files:
        raise NotFoundError("workflow", workflow or ".github/workflows", f"nothing to run in {directory}")
    documents = [load_yaml(file) for file in files]
    jobs = {id_: JobResult(id_) for document in documents for id_ in document["jobs"]}
    if job is not None and job not in jobs:
        raise NotFoundError("job", job, f"{directory} has {', '.join(jobs)}")
    documents += [load_yaml(file) for file in directory.glob(".github/actions/**/action.y*ml")]
    with tempfile.TemporaryDirectory(prefix="shiftdown-act-") as name:
        scratch = Path(name)
        sharing = Sharing.within(scratch)
        options = write_stand_ins(used_actions(documents), scratch / "actions", sharing)
        options += [f"--platform={label}=-self-hosted" for label in sorted(runner_labels(documents))]
        options += ["--workflows", workflow] if workflow else []
        options += ["--job", job] if job else []
        options += [f"--matrix={axis}:{value}" for axis, value in (matrix or {}).items()]
        log = run_act([event, *options], as_repository(directory, scratch), scratch, timeout)
        changed = sharing.changed() if sharing else []
    if changed:
        raise ShiftdownError(f"a job of {directory} changed files in place that other jobs share: {', '.join(changed)}")
    collect(log, jobs)
    if all(found.result == "skipped" and not found.steps for found in jobs.values()) and "Error: " in log:
        raise ShiftdownError(f"act cannot run the workflows of {directory}:\n{log}")
    return WorkflowRun(jobs, log)


def as_repository(directory: Path, scratch: Path) -> Path:
    """Return `directory` when git knows it, else a copy with one commit: act reads branch and commit."""
    if (directory / ".git").exists():
        return directory
    copy = scratch / "repository"
    shutil.copytree(directory, copy, symlinks=True, ignore=shutil.ignore_patterns("node_modules", ".venv"))
    identity = [
        "-c",
        "user.name=shiftdown",
        "-c",
        "user.email=shiftdown@localhost",
        "-c",
        "commit.gpgSign=false",
    ]
    for command in (
        ["init", "-q", "-b", "main"],
        ["add", "-A"],
        [*identity, "commit", "-q", "-m", "Snapshot"],
    ):
        code, output = run_tool(["git", *command], directory=copy)
        if code != 0:
            raise ShiftdownError(f"cannot put a copy of {directory} under git:\n{output}")
    return copy


def run_act(arguments: list[str], directory: Path, scratch: Path, timeout: float) -> str:
    """Call act and return what it printed; its exit code says no more than the jobs' results do."""
    command = [find_tool("act"), *arguments, "--json", "--no-cache-server"]
    command += [
        "--action-cache-path",
        str(scratch / "cache"),
        "--env-file",
        os.devnull,
        "--secret-file",
        os.devnull,
    ]
    with subprocess.Popen(  # noqa: S603 - an argument list, no shell
        command,
        cwd=directory,
        env=runner_environment(scratch / "bin"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            return process.communicate(timeout=timeout)[0]
        except subprocess.TimeoutExpired as error:
            raise HungToolError("act", timeout, stop(process)) from error
        finally:
            end_orphans(scratch)


def stop(process: subprocess.Popen[str]) -> str:
    """Ask act to cancel its jobs, end it when it does not, and return what was printed meanwhile."""
    process.send_signal(signal.SIGINT)
    try:
        return process.communicate(timeout=GRACE)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        return process.communicate()[0]


def end_orphans(scratch: Path) -> None:
    """End what jobs left running, as a runner does at the end of a job: every process that works below `scratch`."""
    for link in Path("/proc").glob("[0-9]*/cwd"):
        with contextlib.suppress(OSError):
            if link.readlink().is_relative_to(scratch):
                os.kill(int(link.parent.name), signal.SIGKILL)


def runner_environment(first_on_path: Path) -> dict[str, str]:
    """Return what jobs inherit: the system's PATH and the settings of package managers, nothing else."""
    first_on_path.mkdir()
    shell = first_on_path / "bash"
    shell.write_text(SLOW_END.format(bash=find_tool("bash")), "utf-8")
    shell.chmod(0o755)
    kept = {
        key: value
        for key, value in os.environ.items()
        if key in PASSED_ON or key.startswith(PASSED_ON_PREFIXES) or key.lower().endswith("_proxy")
    }
    return {**kept, **NO_TERMINAL, "PATH": f"{first_on_path}{os.pathsep}{SYSTEM_PATH}"}


def collect(log: str, jobs: dict[str, JobResult]) -> None:
    """Read results and output from act's JSON lines."""
    steps: dict[tuple[str, str, str], StepResult] = {}
    for entry in json_lines(log):
        job = jobs.get(entry.get("jobID", ""))
        if job is None:
            continue
        if "jobResult" in entry:
            job.result = "failure" if "failure" in (job.result, entry["jobResult"]) else entry["jobResult"]
        if entry.get("stage") != "Main":
            continue
        key = (entry["job"], entry["stepID"][0], json.dumps(entry.get("matrix")))
        if key not in steps:
            steps[key] = StepResult(entry["step"], matrix=entry.get("matrix") or {})
            job.steps.append(steps[key])
        if entry.get("raw_output"):
            steps[key].output += entry["msg"].replace("\r\n", "\n")
        elif "stepResult" in entry and len(entry["stepID"]) == 1:
            steps[key].result = entry["stepResult"]


def json_lines(log: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects among the lines of a log."""
    for line in log.splitlines():
        if line.startswith("{"):
            yield json.loads(line)
