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
from shiftdown.transformations import Plan, PlanStatus, plan

sys.path.insert(0, str(Path(__file__).parent))
import _field_reading as second

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
WRAPPERS = {"pre-commit", "prek", "tox", "nox", "lefthook", "make", "just", "mise"}
"""Programs that run others: those count."""
IDENTITY = ("-c", "user.name=Field", "-c", "user.email=field@example.com", "-c", "commit.gpgSign=false")
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
            case.runs = [*executed(bare, written, "written"), *executed(there, pipelines, "own")]
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
    """By shiftdown's own reading: what is run for each component and purpose; a command for several counts once."""
    wanted, blocking = gates(before, components), gates(after, components)
    shown_too = gates(after, components, reporting=True)
    for (purpose, tool), places in scopes(wanted).items():
        case.count[f"{purpose} wanted"] += 1
        missing = sorted(place for place in places if not is_among((place, purpose, tool), shown_too))
        case.count[f"{purpose} found"] += not missing
        if missing:
            call = wanted[missing[0], purpose, tool]
            instead = sorted({g[2] for g in shown_too if g[:2] == (missing[0], purpose)})
            where = f"{len(missing)} of {len(places)} components, {missing[0] or '.'}"
            case.misses.append(
                f"{purpose} ({where}): {call.evidence.fact} ({call.path}:{call.line}); written: {instead}"
            )
    words = set(second.re.findall(r"[\w-]+", elsewhere))
    for (purpose, tool), places in scopes(blocking).items():
        case.count[f"{purpose} written"] += 1
        known = any(is_among((place, purpose, tool), wanted) for place in places)
        founded = known or tool.rpartition(" ")[2] in words or purpose in (Purpose.TEST, Purpose.BUILD)
        case.count[f"{purpose} right"] += founded
        case.count["gates that its CI had"] += known
        if not founded:
            case.wrong.append(f"{purpose} of {len(places)} components, {min(places) or '.'}: {tool}")


def scopes(found: Iterable[Gate]) -> dict[tuple[Purpose, str], set[str]]:
    """The components of each purpose and program."""
    places: dict[tuple[Purpose, str], set[str]] = {}
    for component, purpose, tool in found:
        places.setdefault((purpose, tool), set()).add(component)
    return places


def is_among(gate: Gate, others: Iterable[Gate]) -> bool:
    """Whether the same is done there: a build by another command of the same program, or by a test that compiles."""
    others = set(others)
    component, purpose, tool = gate
    if gate in others or purpose is not Purpose.BUILD:
        return gate in others
    compiled = {Purpose.BUILD, Purpose.TEST} if tool.split()[0] in ("cargo", "go", "dotnet") else {Purpose.BUILD}
    same = {(c, p, t.split()[0]) for c, p, t in others}
    return any((component, p, tool.split()[0]) in same for p in compiled)


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
    """The jobs that test and lint, executed with act; of each matrix the combinations run one after the other."""
    for pipeline in pipelines:
        for job in pipeline.jobs if pipeline.starts_for() else ():
            purposes = {p for call in job.invocations for p in PURPOSES[:4] if call.serves(p)}
            if not job.on_changes or not purposes:
                continue
            result = {"whose": whose, "job": f"{pipeline.path}:{job.id}", "for": ", ".join(sorted(purposes))}
            try:
                run = run_workflow(root, job.id, workflow=pipeline.path, event="pull_request", timeout=420)
                found = run.jobs[job.id]
                yield {
                    **result,
                    "result": found.result,
                    "failed": "; ".join(found.failed_steps),
                    "tail": tail(run.output),
                }
            except (ShiftdownError, OSError) as error:
                yield {**result, "result": "not run", "failed": "", "tail": tail(str(error))}


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
    git(root, "init", "-q", "-b", "main")
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
    kinds = [*(p.value for p in PURPOSES), "tools", "versions", "services", "variables", "preparations"]
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
    """Print how many of the written jobs are green where the repository's own are."""
    ran = [c for c in cases if any(r["whose"] == "written" and r["result"] != "not run" for r in c.runs)]
    own = [c for c in ran if any(r["whose"] == "own" and r["result"] == "success" for r in c.runs)]
    for name, group in (("all", ran), ("whose own is green", own)):
        green = [c for c in group if all(r["result"] == "success" for r in c.runs if r["whose"] == "written")]
        print(f"executed, {name}: {len(green)} of {len(group)} green")


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
