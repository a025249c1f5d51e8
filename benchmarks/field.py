"""Take the CI of public repositories away, plan it anew, and compare it with what was there.

    python -m benchmarks.field FOLDER_OF_MIRRORS [--only NAME …] [--limit 10] [--list FILE] [--json FILE] [--run]

The folder holds git mirrors, bare or not, at any depth of two. For each with workflows: what its CI runs is read twice,
by shiftdown and by patterns over the text (`_field_reading.py`); then every CI system's files are removed in a scratch
copy, `ADD_GITHUB_ACTIONS` and the types of stages are applied, and what they wrote is read the same two ways. Beside
that each type is planned on the repository as it is, where nothing may be doubled. `--run` executes the written jobs
that test and check, and the repository's own, with act on this machine. Without a folder nothing is done.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shiftdown.errors import ShiftdownError
from shiftdown.extensions import Plugins
from shiftdown.git.directory import apply_changes, directory_snapshot
from shiftdown.pipelines import GITHUB_ACTIONS, Invocation, PipelineFile, opaque_on_changes
from shiftdown.plugin import Component, Purpose, stack_of
from shiftdown.testing import run_workflow
from shiftdown.testing.actions import load_yaml
from shiftdown.transformations import Plan, PlanStatus, plan

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks import _field_reading as second

TYPES = ("ADD_GITHUB_ACTIONS", "ADD_LINT_STAGE", "ADD_TEST_STAGE", "ADD_BUILD_STAGE")
PURPOSES = (Purpose.TEST, Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK, Purpose.BUILD)
CI_FILES = (
    *(".github/workflows", ".github/actions", ".gitlab-ci.yml", ".gitlab/ci", ".circleci", ".travis.yml"),
    *("appveyor.yml", ".appveyor.yml", "azure-pipelines.yml", ".azure-pipelines", "Jenkinsfile", ".buildkite"),
    *(".drone.yml", ".cirrus.yml", "bitbucket-pipelines.yml", ".woodpecker.yml", ".woodpecker", ".semaphore"),
    *(".builds", ".build.yml"),
)
"""Files and folders of CI systems."""
FAMILIES = {"go", "cargo", "dotnet", "rails", "rake", "node", "bun", "deno", "mvn", "gradle", "composer", "uv"}
"""Programs whose first argument says what they do."""
WRAPPERS = {"pre-commit", "prek", "tox", "nox", "lefthook", "make", "just", "mise", "composer", "pnpm", "yarn", "npm"}
"""Programs that run others: those count."""
IDENTITY = ("-c", "user.name=Field", "-c", "user.email=field@example.com", "-c", "commit.gpgSign=false")
SECONDS = 300
"""After how many seconds an executed job is ended."""
BUILDERS = {"pip", "build", "uv build", "poetry build", "hatch build", "pdm build", "flit"}
"""Programs that make the same package of a Python project."""
Gate = tuple[str, Purpose, str]
"""Component, purpose, program."""


@dataclass
class Case:
    """What was found in one repository."""

    name: str
    """Its name."""
    stack: str = ""
    """The language of most of its components."""
    count: Counter[str] = field(default_factory=Counter)
    """Facts: `KIND wanted`, `KIND found`, `KIND written`, `KIND right`."""
    misses: list[str] = field(default_factory=list)
    """Facts of its CI that were not written, with their places."""
    wrong: list[str] = field(default_factory=list)
    """What was written and is not founded on anything."""
    doubled: list[str] = field(default_factory=list)
    """What was proposed although it runs."""
    opaque: list[str] = field(default_factory=list)
    """What shiftdown's own reading cannot follow in its CI."""
    as_it_is: dict[str, str] = field(default_factory=dict)
    """What each type answers with its CI in place."""
    anew: dict[str, str] = field(default_factory=dict)
    """What each type answers with its CI removed."""
    runs: list[dict[str, str]] = field(default_factory=list)
    """Executed jobs and their results."""
    seconds: float = 0
    """What detection and all plans took."""


class Study:
    """Studies one repository after the other."""

    def __init__(self) -> None:
        self._plugins = Plugins.installed()

    def case(self, name: str, mirror: Path, scratch: Path, *, execute: bool) -> Case:
        """Study one repository.

        Raises:
            ShiftdownError, subprocess.CalledProcessError: it cannot be studied.
        """
        case, there, bare = Case(name), scratch / "there", scratch / "bare"
        check_out(mirror, there)
        shutil.copytree(there, bare, symlinks=True)
        start = time.perf_counter()
        snapshot = directory_snapshot(str(there))
        components = stack_of(snapshot).components
        case.stack = Counter(c.language.value for c in components).most_common(1)[0][0] if components else "none"
        pipelines, text = GITHUB_ACTIONS.read(snapshot), second.read(there)
        case.opaque = [f"{o.path}:{o.line} {o.what}" for o in opaque_on_changes(pipelines)]
        self._as_it_is(case, there, pipelines, components, text)
        for file in CI_FILES:
            path = bare / file
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        commit(bare, "Remove CI")
        anew = git(bare, "rev-parse", "HEAD").strip()
        for type_ in TYPES:
            planned = self._plan(type_, bare)
            case.anew[type_] = shown(planned)
            if planned.status is PlanStatus.CHANGES:
                apply_changes(str(bare), planned.changes)
                commit(bare, type_)
        case.seconds = time.perf_counter() - start
        written = GITHUB_ACTIONS.read(directory_snapshot(str(bare)))
        said = everything(there)
        compare_gates(case, pipelines, written, components, said)
        text.variables = {name for name in text.variables if is_named(name, bare, anew)}
        compare_text(case, text, second.read(bare), second.tools_in(said))
        if execute:
            case.runs = list(executed(bare, written, "written"))
            if any(run["result"] != "success" for run in case.runs):
                case.runs += executed(there, pipelines, "own")
        return case

    def _plan(self, type_: str, root: Path) -> Plan:
        chosen = self._plugins.transformation(type_)
        return plan(chosen, self._plugins.check(chosen.verified_by), directory_snapshot(str(root)))

    def _as_it_is(
        self,
        case: Case,
        root: Path,
        pipelines: Sequence[PipelineFile],
        components: Sequence[Component],
        text: second.Reading,
    ) -> None:
        before = set(gates(pipelines, components))
        for type_ in TYPES:
            planned = self._plan(type_, root)
            case.as_it_is[type_] = shown(planned)
            if planned.status is not PlanStatus.CHANGES or not list((root / ".github").glob("workflows/*")):
                continue
            apply_changes(str(root), planned.changes)
            after = gates(GITHUB_ACTIONS.read(directory_snapshot(str(root))), components)
            plain = {t for w in second.workflows(root) for t in second.tools_in(scripts_text(w))}
            git(root, "checkout", "-q", ".")
            git(root, "clean", "-qfd")
            old = {t for w in second.workflows(root) for t in second.tools_in(scripts_text(w))}
            twice = {f"{type_}: {tool}" for tool in (plain - old) & text.tools}
            known = {(c, p) for c, p, _ in before}
            twice |= {f"{type_}: {g[2]} in {g[0] or '.'}" for g in after if g not in before and (g[0], g[1]) in known}
            case.doubled += sorted(twice)


def gates(
    pipelines: Iterable[PipelineFile], components: Sequence[Component], *, reporting: bool = False
) -> dict[Gate, Invocation]:
    """What pipelines run on changes, by component and purpose; with `reporting` also what does not block."""
    found: dict[Gate, Invocation] = {}
    for component in components:
        for pipeline in pipelines:
            if not pipeline.starts_for(component.path):
                continue
            for job in pipeline.jobs:
                for call in job.invocations if job.on_changes else ():
                    firm = call.model_copy(update={"ignored": False}) if reporting else call
                    if call.tool not in WRAPPERS and firm.covers(component):
                        for purpose in PURPOSES:
                            if firm.serves(purpose):
                                found.setdefault((component.path, purpose, label(call)), call)
    return found


def label(call: Invocation) -> str:
    """The program, with what tells its work apart: `cargo clippy`, `go vet`."""
    words = [a for a in call.args if not a.startswith(("-", "+", "."))]
    return f"{call.tool} {words[0]}" if call.tool in FAMILIES - {"mvn", "gradle"} and words else call.tool


def compare_gates(
    case: Case,
    before: Sequence[PipelineFile],
    after: Sequence[PipelineFile],
    components: Sequence[Component],
    elsewhere: str,
) -> None:
    """By shiftdown's own reading: what is run for each component and purpose; components alike count once.

    A purpose is found where one of the programs that its CI has for it is written. Which of the others are, is counted
    as `further`.
    """
    wanted, blocking = gates(before, components), gates(after, components)
    shown_too = gates(after, components, reporting=True)
    by_place: dict[tuple[str, Purpose], list[Gate]] = {}
    for gate in wanted:
        by_place.setdefault(gate[:2], []).append(gate)
    kinds = {(purpose, tuple(g[2] for g in group)): group for (_, purpose), group in by_place.items()}
    for (purpose, _), group in kinds.items():
        found = [gate for gate in group if is_among(gate, shown_too)]
        case.count[f"{purpose} wanted"] += 1
        case.count[f"{purpose} found"] += bool(found)
        case.count["further wanted"] += len(group) - 1
        case.count["further found"] += max(len(found) - 1, 0)
        for gate in group:
            if gate not in found:
                call, kind = wanted[gate], "further" if found else "misses"
                instead = sorted({g[2] for g in shown_too if g[:2] == gate[:2]})
                where = f"{purpose} of {gate[0] or '.'}: {call.evidence.fact} ({call.path}:{call.line})"
                case.misses.append(f"{kind}: {where}; written: {instead}")
    words = set(re.findall(r"\w+", elsewhere) + re.findall(r"[\w-]+", elsewhere))
    for (purpose, tool), places in scopes(blocking).items():
        case.count[f"{purpose} written"] += 1
        known = any(is_among((place, purpose, tool), wanted) for place in places)
        founded = known or tool.rpartition(" ")[2] in words or purpose in (Purpose.TEST, Purpose.BUILD)
        case.count[f"{purpose} right"] += founded
        if not founded:
            case.wrong.append(f"{purpose} of {len(places)} components, {min(places) or '.'}: {tool}")


def scopes(found: Iterable[Gate]) -> dict[tuple[Purpose, str], set[str]]:
    """The components of each purpose and program."""
    places: dict[tuple[Purpose, str], set[str]] = {}
    for component, purpose, tool in found:
        places.setdefault((purpose, tool), set()).add(component)
    return places


def is_among(gate: Gate, others: Iterable[Gate]) -> bool:
    """Whether the same is done there, by this program or by one that does at least as much.

    Rake runs RSpec and Minitest; a crate, module or project that is tested or linted by its compiler is compiled; a
    Python package is the same by whatever builds it.
    """
    others = set(others)
    component, purpose, tool = gate
    program = tool.split()[0]
    there = {(p, t) for c, p, t in others if c == component}
    if gate in others:
        return True
    if purpose is Purpose.TEST and program in ("rake", "rails", "rspec", "cargo"):
        return bool({p for p, t in there if t.split()[0] in ("rake", "rails", "rspec", "cargo")} & {purpose})
    if purpose is Purpose.BUILD and tool in BUILDERS:
        return bool({t for p, t in there if p is purpose} & BUILDERS)
    if purpose in (Purpose.BUILD, Purpose.TYPECHECK) and program in ("cargo", "go", "dotnet"):
        return any(t.split()[0] == program and p is not Purpose.FORMAT for p, t in there)
    return purpose is Purpose.BUILD and any(p is purpose and t.split()[0] == program for p, t in there)


def compare_text(case: Case, before: second.Reading, after: second.Reading, anywhere: set[str]) -> None:
    """By the second reading: programs, versions, services, variables, preparations."""
    sets: dict[str, tuple[set[str], set[str]]] = {
        "tools": (before.tools - {"maven", "gradle"}, after.tools - {"maven", "gradle"}),
        "services": (before.services, after.services),
        "variables": (before.variables, after.variables),
        "preparations": (before.preparations, after.preparations),
    }
    for kind, (wanted, found) in sets.items():
        case.count[f"{kind} wanted"] += len(wanted)
        case.count[f"{kind} found"] += len(wanted & found)
        believed = after.gates & set(second.TOOLS) - {"maven", "gradle"} if kind == "tools" else found
        founded = wanted | anywhere if kind == "tools" else wanted
        case.count[f"{kind} written"] += len(believed)
        case.count[f"{kind} right"] += len(believed & founded)
        case.wrong += [f"{kind}: {name}" for name in sorted(believed - founded)]
        case.misses += [f"{kind}: {name}" for name in sorted(wanted - found)]
    for language, wanted in before.versions.items():
        case.count["versions wanted"] += 1
        found = after.versions.get(language, set())
        hit = bool(found & wanted) or (bool(found) and "*" in wanted | found)
        case.count["versions found"] += hit
        if not hit:
            case.misses.append(f"versions of {language}: {sorted(wanted)}; written: {sorted(found)}")
        for version in found:
            right = version in wanted or "*" in wanted or version == "*"
            case.count["versions written"] += 1
            case.count["versions right"] += right
            if not right:
                case.wrong.append(f"version {version} of {language}; its CI: {sorted(wanted)}")


def executed(root: Path, pipelines: Sequence[PipelineFile], whose: str) -> Iterator[dict[str, str]]:
    """The jobs that test and lint, executed with act: one combination of each matrix, one job after the other."""
    known: set[Purpose] = set()
    for pipeline in pipelines:
        for job in pipeline.jobs if pipeline.starts_for() else ():
            purposes = {p for call in job.invocations for p in PURPOSES[:4] if call.serves(p)}
            if not job.on_changes or not purposes or (whose == "own" and purposes <= known):
                continue
            known |= purposes
            result = {"whose": whose, "job": f"{pipeline.path}:{job.id}", "for": ", ".join(sorted(purposes))}
            matrix = combination(root / pipeline.path, job.id)
            try:
                run = run_workflow(
                    root, job.id, workflow=pipeline.path, event="pull_request", matrix=matrix, timeout=SECONDS
                )
                found = run.jobs[job.id]
                failed = "; ".join(found.failed_steps)
                yield {**result, "result": found.result, "failed": failed, "tail": tail(run.output)}
            except (ShiftdownError, OSError) as error:
                yield {**result, "result": "not run", "failed": "", "tail": tail(str(error))}


def combination(workflow: Path, job: str) -> dict[str, str]:
    """One value of each axis of a job's matrix: Linux, and the newest release."""
    data = load_yaml(workflow)["jobs"][job]
    matrix = (data.get("strategy") or {}).get("matrix")
    chosen = {}
    for axis, values in matrix.items() if isinstance(matrix, dict) else ():
        plain = [str(v) for v in values if isinstance(v, (str, int, float))] if isinstance(values, list) else []
        if axis not in ("include", "exclude") and plain:
            linux = [v for v in plain if "ubuntu" in v or "linux" in v]
            releases = [v for v in plain if re.fullmatch(r"v?[\d.x]+", v)]
            chosen[str(axis)] = (linux or releases or plain)[-1]
    included = matrix.get("include") if isinstance(matrix, dict) else None
    if not chosen and isinstance(included, list):
        chosen = {str(k): str(v) for k, v in included[0].items() if isinstance(v, (str, int, float))}
    return chosen


def tail(text: str) -> str:
    """The last lines of an output."""
    return "\n".join(line[:200] for line in text.splitlines()[-25:])


def shown(planned: Plan) -> str:
    """The status of a plan, with the reason where there is one."""
    return f"{planned.status}: {planned.reason}" if planned.reason else planned.status.value


def everything(root: Path) -> str:
    """What a repository says of how it is checked: scripts, hooks, contributing guides and workflows."""
    guides = [
        f for f in root.glob("*.md") if f.name.upper().startswith(("CONTRIBUTING", "DEVELOP", "HACKING", "README"))
    ]
    guides += [
        *root.glob(".github/*.md"),
        *root.glob(".github/workflows/*.y*ml"),
        *root.glob(".github/actions/**/*.yml"),
    ]
    return "\n".join(
        [*second.scripts_of(root).values(), *(f.read_text("utf-8", "replace") for f in guides if f.is_file())]
    )


def scripts_text(workflow: Mapping[str, Any]) -> str:
    """All commands and actions of a workflow."""
    jobs = [job for job in (workflow.get("jobs") or {}).values() if isinstance(job, dict)]
    steps = [step for job in jobs for step in job.get("steps") or [] if isinstance(step, dict)]
    return "\n".join(f"{step.get('run') or ''} {step.get('uses') or ''}" for step in steps)


def check_out(mirror: Path, root: Path) -> None:
    """Write the newest commit of a mirror into a work tree of its own; files that the mirror lacks are left out."""
    root.mkdir()
    branch = git(mirror, "rev-parse", "--abbrev-ref", "HEAD").strip()
    git(root, "init", "-q", "-b", branch if branch != "HEAD" else "main")
    listing = git(mirror, "ls-tree", "-r", "-z", "HEAD").split("\0")
    with subprocess.Popen(
        ["git", "-C", str(mirror), "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in filter(None, listing):
            (mode, kind, oid), path = line.partition("\t")[0].split(), root / line.partition("\t")[2]
            process.stdin.write(f"{oid}\n".encode())
            process.stdin.flush()
            header = process.stdout.readline().split()
            if header[-1] == b"missing":
                continue
            content = process.stdout.read(int(header[2]) + 1)[:-1]
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "blob" and mode == "120000":
                path.symlink_to(content.decode())
            elif kind == "blob":
                path.write_bytes(content)
                path.chmod(0o755 if mode == "100755" else 0o644)
        process.stdin.close()
    commit(root, "Start")


def commit(root: Path, message: str) -> None:
    """Commit all that is in a work tree."""
    git(root, "add", "-A", "-f")
    git(root, *IDENTITY, "commit", "-q", "--allow-empty", "--no-verify", "-m", message)


def is_named(variable: str, root: Path, commit: str) -> bool:
    """Whether a commit without CI names a variable: only then can anybody know it."""
    command = ["git", "-C", str(root), "grep", "-q", "-w", "-F", variable, commit]
    return subprocess.run(command, capture_output=True, timeout=60).returncode == 0


def git(directory: Path, *arguments: str) -> str:
    """Run git, which has to succeed, and return what it printed."""
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, check=True, capture_output=True, timeout=300, text=True).stdout


def mirrors(folder: Path, only: Sequence[str], listing: str | None) -> Iterator[tuple[str, Path]]:
    """Git directories in a folder, or in its folders; those of a list in its order."""
    names = sorted(place.name for place in folder.iterdir())
    if listing:
        lines = Path(listing).read_text("utf-8").splitlines()
        names = [line.split()[0].replace("/", "+") for line in lines if line.strip() and not line.startswith("#")]
    for name in names:
        places = (folder / name / "repo", folder / name, folder / name / ".git")
        mirror = next((p for p in places if (p / "HEAD").is_file() or (p / ".git").exists()), None)
        if mirror and (not only or any(o.replace("/", "+") in name for o in only)):
            yield name.replace("+", "/"), mirror


def report(cases: Sequence[Case]) -> None:
    """Print recall and precision per kind of fact and per stack."""
    stacks = sorted({case.stack for case in cases})
    totals = {stack: sum((c.count for c in cases if c.stack == stack), Counter()) for stack in stacks}
    totals["all"] = sum((c.count for c in cases), Counter())
    kinds = [*(p.value for p in PURPOSES), "further", "tools", "versions", "services", "variables", "preparations"]
    for title, found, wanted in (("recall", "found", "wanted"), ("precision", "right", "written")):
        print(f"\n| {title} | " + " | ".join(totals) + " |\n|---|" + "---|" * len(totals))
        for kind in kinds:
            cells = [(c[f"{kind} {found}"], c[f"{kind} {wanted}"]) for c in totals.values()]
            print(f"| {kind} | " + " | ".join(f"{a}/{b}" if b else "–" for a, b in cells) + " |")
    statuses = Counter(f"{t}: {s.partition(':')[0]}" for c in cases for t, s in c.as_it_is.items())
    print(f"\nas they are: {dict(sorted(statuses.items()))}")
    print(f"{len(cases)} repositories, {sum(len(c.opaque) for c in cases)} places that cannot be followed in")
    print(f"{sum(bool(c.opaque) for c in cases)} of them; doubled: {sum(len(c.doubled) for c in cases)}")
    if any(c.runs for c in cases):
        report_runs(cases)


def report_runs(cases: Sequence[Case]) -> None:
    """Print how many repositories' written jobs are green, and of the rest which have red jobs of their own here."""
    ran = [c for c in cases if c.runs]
    red = [c for c in ran if any(r["result"] != "success" for r in c.runs if r["whose"] == "written")]
    own = [c for c in red if all(r["result"] == "success" for r in c.runs if r["whose"] == "own")]
    print(f"executed: {len(ran) - len(red)} of {len(ran)} green; red though their own are green: {len(own)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="where the mirrors are")
    parser.add_argument("--only", nargs="*", default=[], help="parts of names")
    parser.add_argument("--list", help="a file that names the repositories, one a line")
    parser.add_argument("--limit", type=int, help="at most so many repositories")
    parser.add_argument("--json", type=Path, help="where to write everything that was found")
    parser.add_argument("--run", action="store_true", help="execute jobs with act")
    args = parser.parse_args()
    cases: list[Case] = []
    chosen = list(mirrors(args.folder, args.only, args.list))[: args.limit] if args.folder else []
    study = Study()
    for name, mirror in chosen:
        with tempfile.TemporaryDirectory(prefix="shiftdown-field-", ignore_cleanup_errors=True) as scratch:
            try:
                case = study.case(name, mirror, Path(scratch), execute=args.run)
            except (ShiftdownError, subprocess.SubprocessError, OSError) as error:
                print(f"! {name}: {str(error)[:200]}", flush=True)
                continue
        cases.append(case)
        print(f"{name} ({case.stack}, {case.seconds:.1f} s)", flush=True)
        for title in ("misses", "wrong", "doubled"):
            for line in getattr(case, title):
                print(f"    {title}: {line}", flush=True)
        for run in case.runs:
            print(f"    {run['whose']} {run['job']} ({run['for']}): {run['result']} {run['failed']}", flush=True)
        if args.json:
            args.json.write_text(json.dumps([vars(c) for c in cases], indent=1, default=str), "utf-8")
    report(cases)


if __name__ == "__main__":
    main()
