"""What the pipeline of a repository says, and what its jobs run."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError, UnreadableFileError
from shiftdown.pipelines.existing import PipelineStep, pushes_image
from shiftdown.pipelines.gitlab_ci.areas import area_of
from shiftdown.pipelines.gitlab_ci.conditions import Values, can_start, can_start_by_refs, contexts
from shiftdown.pipelines.gitlab_ci.model import GitLabJob, GitLabPipeline
from shiftdown.pipelines.hints import WORK, hints_of
from shiftdown.pipelines.invocations import Invocation, shown
from shiftdown.pipelines.launchers import resolver
from shiftdown.pipelines.opaque import Opaque
from shiftdown.pipelines.resolve import Call, Resolver
from shiftdown.pipelines.shell import WORKSPACE
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.snapshot import Snapshot

PATH = ".gitlab-ci.yml"
MAX_FILES = 50
"""How many files of the repository are taken in."""
STAGES = ("build", "test", "deploy")
"""The stages of a pipeline that names none."""
GLOBAL = frozenset(
    ("default", "include", "stages", "variables", "workflow", "spec", "image", "services", "cache", "before_script",
     "after_script", "types")
)  # fmt: skip
"""Keys at the top that are no jobs."""

_BEFORE = {"merge-request", "branch"}
"""The pipelines that check a change before its merge."""
_PIPELINES = {*_BEFORE, "default-branch"}

Place = tuple[str | int, ...]


@dataclass
class _Files:
    """The files of a pipeline, the including one before the included."""

    located: dict[str, yaml.Located] = field(default_factory=dict)
    opaque: list[Opaque] = field(default_factory=list)
    problem: Evidence | None = None

    def top(self, key: str) -> Any:
        """A key at the top: that of the file that includes wins."""
        return next((f.data[key] for f in self.located.values() if key in f.data), None)

    def homes(self, key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The files that say something of a job, and what."""
        for path, file in self.located.items():
            if isinstance(value := file.data.get(key), dict):
                yield path, value


def read(snapshot: Snapshot) -> tuple[GitLabPipeline, ...]:
    """The pipeline of a repository, if it has one; one that cannot be read has a `problem`.

    Followed are: files of the repository that it includes, jobs that others extend, defaults, references, variables
    with literal values, and what scripts lead to. What is included from elsewhere is named as opaque.
    """
    if not snapshot.is_file(PATH):
        return ()
    files = _Files()
    _load(snapshot, PATH, files)
    if files.problem:
        return (GitLabPipeline(path=PATH, problem=files.problem),)
    return (_Reader(snapshot, files).pipeline(),)


def _load(snapshot: Snapshot, path: str, files: _Files) -> None:
    if path in files.located or len(files.located) >= MAX_FILES:
        return
    try:
        located = yaml.locate(snapshot.text(path))
    except UnreadableFileError as error:
        files.problem = files.problem or Evidence(fact=error.problem, path=path)
        return
    except CannotEditError as error:
        files.problem = files.problem or Evidence(fact=error.reason, path=path, line=error.line)
        return
    if not isinstance(located.data, dict):
        files.problem = files.problem or Evidence(fact="has no jobs", path=path)
        return
    files.located[path] = located
    for place, entry in _includes(located.data.get("include")):
        local = entry if isinstance(entry, str) else entry.get("local") if isinstance(entry, dict) else None
        if isinstance(local, str) and "://" not in local and "$" not in local:
            found = snapshot.glob(local.lstrip("/")) if "*" in local else [local.lstrip("/")]
            for name in found:
                if snapshot.is_file(name):
                    _load(snapshot, name, files)
                else:
                    files.problem = files.problem or Evidence(
                        fact=f"includes {name}, which is not there", path=path, line=located.line_of(place)
                    )
        else:
            what = f"includes {_shown(entry)}, which the repository does not hold"
            told = hints_of(_shown(entry))
            hints = WORK if told is None else told
            line = located.line_of(place)
            files.opaque.append(Opaque(path=path, line=line, what=what, hints=hints))


def _includes(value: Any) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, list):
        yield from ((("include", number), entry) for number, entry in enumerate(value))
    elif value is not None:
        yield ("include",), value


def _shown(entry: Any) -> str:
    if not isinstance(entry, dict):
        return str(entry)
    kind = next((k for k in ("project", "remote", "template", "component", "artifact") if k in entry), None)
    return f"{kind} {entry[kind]}" if kind else str(entry.get("local", "something"))


class _Reader:
    """Reads the jobs of one pipeline."""

    def __init__(self, snapshot: Snapshot, files: _Files) -> None:
        self._files = files
        self._resolver: Resolver = resolver(snapshot)
        self._workflow = files.top("workflow")
        keys = dict.fromkeys(str(k) for f in files.located.values() for k in f.data)
        self._names = [k for k in keys if k not in GLOBAL and not k.startswith(".") and any(files.homes(k))]
        merge_request, branch, after = contexts(snapshot.default_branch)
        self._sources: dict[str, Values] = {
            "merge-request": merge_request,
            "branch": branch,
            "default-branch": after,
            "schedule": {**after, "CI_PIPELINE_SOURCE": "schedule"},
            "manual": {**after, "CI_PIPELINE_SOURCE": "web"},
        }

    def pipeline(self) -> GitLabPipeline:
        names = self._names
        started = {n: {s for s, values in self._sources.items() if self._starts(n, values)} for n in names}
        stages = self._files.top("stages")
        return GitLabPipeline(
            path=PATH,
            name=_name(self._workflow),
            jobs=tuple(self._job(n, started) for n in names),
            stages=tuple(str(s) for s in stages) if isinstance(stages, list) else STAGES,
            starts=frozenset().union(*started.values()),
            opaque=tuple(self._files.opaque),
        )

    def _starts(self, name: str, values: Values) -> bool:
        """Whether a job starts by itself in such a pipeline, if there is one."""
        rules = self._workflow.get("rules") if isinstance(self._workflow, dict) else None
        if rules is not None and not can_start(rules, values, default="always"):
            return False
        if self.value(name, "when") in ("manual", "never"):
            return False
        own = self.value(name, "rules")
        if own is not None:
            return can_start(own, values)
        refs = {key: self.value(name, key) for key in ("only", "except")}
        if rules is not None and refs["only"] is None and refs["except"] is None:
            return True
        return can_start_by_refs(refs, values)

    def _job(self, name: str, started: Mapping[str, set[str]]) -> GitLabJob:
        path, place = self._home(name)
        needs = [(n, o) for n, o in _needs(self.value(name, "needs")) if n in started]
        needed = [started[need] for need, optional in needs if not optional]
        on_changes = all(_BEFORE & there for there in (started[name], *needed))
        present = _PIPELINES & set().union(*started.values())
        always = present <= started[name]
        rules = self.value(name, "rules")
        condition = rules if rules is not None else self.value(name, "only") or self.value(name, "except")
        located = self._files.located[path]
        trigger = self.value(name, "trigger")
        hints = hints_of(name)
        calls = Opaque(
            path=path,
            line=located.line_of(place),
            what="starts another pipeline",
            hints=WORK if hints is None else hints,
        )
        return GitLabJob(
            id=name,
            line=located.line_of(place),
            stage=str(self.value(name, "stage") or "test"),
            needs=tuple(need for need, _ in needs),
            condition=None if always and not _told(condition) else str(condition),
            area=area_of(rules, self.value(name, "variables")),
            on_changes=on_changes,
            steps=tuple(self._steps(name)),
            invocations=tuple(dict.fromkeys(self._invocations(name))),
            opaque=(calls,) if trigger else (),
        )

    def _steps(self, name: str) -> Iterator[PipelineStep]:
        for _, line, text in self._lines(name):
            yield PipelineStep(line=line, run=text, pushes_image=pushes_image(text))

    def _invocations(self, name: str) -> Iterator[Invocation]:
        where: list[tuple[str, int]] = []
        texts = []
        for path, line, text in self._lines(name):
            first = line + 1 if "\n" in text.strip("\n") else line
            where += [(path, first + number) for number in range(text.count("\n") + 1)]
            texts.append(text)
        call = Call((), "", env=self._env(name), ignored=self.value(name, "allow_failure") is True)
        for found in self._resolver.script("\n".join(texts), call):
            path, line = where[min(found.call.line, len(where) - 1)]
            words = shown(found.call.words)
            yield Invocation(
                tool=words[0],
                args=words[1:],
                directory=found.call.directory,
                project=self._resolver.project(found.call.directory),
                path=path,
                line=line,
                purpose=found.purpose,
                via=shown(found.call.via),
                ignored=found.call.ignored,
            )

    def _lines(self, name: str) -> Iterator[tuple[str, int, str]]:
        """The items of a job's scripts, each with its file and line."""
        for key in ("before_script", "script"):
            found = self._source(name, key)
            if found is None:
                continue
            path, place = found
            located = self._files.located[path]
            value = located.data
            for part in place:
                value = value[part]
            if isinstance(value, str):
                yield path, located.line_of(place), value
                continue
            for number, item in enumerate(value if isinstance(value, list) else ()):
                line = located.line_of((*place, number))
                for text in self._texts(item, set()):
                    yield path, line, text

    def _texts(self, item: Any, seen: set[tuple[str, str]]) -> Iterator[str]:
        """An item of a script: a text, a list of them, or a reference to that of another job, followed once."""
        if isinstance(item, str):
            yield item
        elif isinstance(item, list):
            if len(item) == 2 and item[1] in ("script", "before_script") and any(self._files.homes(str(item[0]))):
                reference = (str(item[0]), str(item[1]))
                if reference not in seen:
                    seen.add(reference)
                    yield from self._texts(self.value(*reference), seen)
            else:
                for inner in item:
                    yield from self._texts(inner, seen)

    def _env(self, name: str) -> dict[str, str]:
        env = {"CI_PROJECT_DIR": WORKSPACE}
        homes = [self._files.top("variables"), *(v.get("variables") for v in reversed(list(self._chain(name))))]
        for variables in homes:
            for key, value in variables.items() if isinstance(variables, dict) else ():
                text = str(value.get("value", "") if isinstance(value, dict) else value)
                text = re.sub(r"\$\{?CI_PROJECT_DIR\}?", WORKSPACE, text)
                if "$" not in text:
                    env[str(key)] = text
        return env

    def value(self, name: str, key: str) -> Any:
        """What a job says, itself or by what it extends; for some keys, by the defaults."""
        found = self._source(name, key)
        if found is None:
            return None
        path, place = found
        value = self._files.located[path].data
        for part in place:
            value = value[part]
        return value

    def _source(self, name: str, key: str) -> tuple[str, Place] | None:
        for path, job in self._homes_above(name):
            if key in self._files.located[path].data[job]:
                return path, (job, key)
        if key not in ("before_script", "allow_failure"):
            return None
        for path, located in self._files.located.items():
            default = located.data.get("default")
            if isinstance(default, dict) and key in default:
                return path, ("default", key)
            if key in located.data and key in GLOBAL:
                return path, (key,)
        return None

    def _homes_above(self, name: str) -> Iterator[tuple[str, str]]:
        """A job and the jobs that it extends, the nearest first, with their files."""
        waiting, found = [name], {name}
        while waiting:
            current = waiting.pop()
            for path, job in self._files.homes(current):
                yield path, current
                bases = job.get("extends")
                for base in [bases] if isinstance(bases, str) else bases if isinstance(bases, list) else []:
                    if str(base) not in found:
                        found.add(str(base))
                        waiting.append(str(base))

    def _chain(self, name: str) -> Iterator[Mapping[str, Any]]:
        return (self._files.located[path].data[job] for path, job in self._homes_above(name))

    def _home(self, name: str) -> tuple[str, Place]:
        return next(path for path, _ in self._files.homes(name)), (name,)


def _told(condition: Any) -> bool:
    """Whether rules say for which changes a job is."""
    return re.search("changes|exists", str(condition)) is not None


def _needs(value: Any) -> Iterator[tuple[str, bool]]:
    """The jobs that are waited for, and whether they may be missing."""
    for need in value if isinstance(value, list) else [value] if isinstance(value, str) else ():
        if isinstance(need, str):
            yield need, False
        elif isinstance(need, dict) and isinstance(need.get("job"), str) and "project" not in need:
            yield need["job"], need.get("optional") is True


def _name(workflow: Any) -> str | None:
    name = workflow.get("name") if isinstance(workflow, dict) else None
    return name if isinstance(name, str) and "$" not in name else None
