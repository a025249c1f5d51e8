"""How a repository builds its images today: by which command of CI, bake file, Makefile, script or Compose file."""

import posixpath
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from shiftdown.edits import json, yaml
from shiftdown.kits import filled, text_of
from shiftdown.pipelines import PipelineFile
from shiftdown.plugin import CannotEditError, Evidence, Snapshot, Stack

BUILDERS = ("docker", "podman", "buildah", "pack")
"""Programs that build images."""
_BUILD = re.compile(r"\b(?:docker|podman|buildah)\b[^\n|;&]*?\s(?:build|bud)\b([^\n|;&]*)")
_WITH_VALUE = re.compile(
    r"-[ftom]|--(?:file|tag|build-arg|target|secret|ssh|build-context|platform|label|cache-from|cache-to|output|network|"
    r"progress|builder|add-host|iidfile|metadata-file|shm-size|ulimit|memory|allow|annotation|attest|provenance|sbom|"
    r"no-cache-filter|isolation|format)"
)
"""Options that are followed by a value."""
_RUNNERS = ("Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Taskfile.yml", "Taskfile.yaml")
_HERE = re.compile(r"\$\((?:CURDIR|PWD|shell pwd)\)|\$\{?PWD\}?|\$\(pwd\)|`pwd`|\$\{\{ *github\.workspace *\}\}")
_MAKE_VARIABLE = re.compile(r"^([A-Za-z_]\w*)\s*[:?]?=[ \t]*([^\n#]*?)[ \t]*(?:#.*)?$", re.M)
UNKNOWN = re.compile(r"[$…`{]")
"""What a word holds that is only known when it runs."""


@dataclass(frozen=True)
class Call:
    """A place that builds an image."""

    context: str | None
    """The directory that is sent to the build, from the root; `None` when it is not known."""
    file: str | None
    """The container file, from the root; `None` when it is not known."""
    evidence: Evidence
    """Where it is."""
    target: str | None = None
    """The stage that is built; `None`: the last one."""
    arguments: Mapping[str, str | None] = field(default_factory=dict)
    """Its build arguments; `None` for a value that is only known when it runs."""
    contexts: tuple[str, ...] = ()
    """The names of further contexts that it gives."""
    tags: tuple[str, ...] = ()
    """What the image is called."""


def calls_of(repo: Snapshot, stack: Stack, pipelines: Iterable[PipelineFile]) -> tuple[Call, ...]:
    """The places that build images, those that are nearest to what is shipped first."""
    found = [
        *_in_pipelines(pipelines),
        *_in_bake_files(repo),
        *_in_tasks(repo),
        *(call for path in stack.compose_files for call in _in_compose(repo, path)),
    ]
    return tuple(found)


def call_of(words: Iterable[str], directory: str, evidence: Evidence) -> Call | None:
    """The build that the words after `docker build` ask for."""
    given: dict[str, list[str]] = {}
    places: list[str] = []
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.partition("=")
        if word.startswith("-") and word != "-":
            if not equals and _WITH_VALUE.fullmatch(name):
                value = waiting.pop(0) if waiting else ""
            given.setdefault(name, []).append(value)
        elif word:
            places.append(word)
    if not places:
        return None
    context = _within(directory, places[0])
    files = [*given.get("-f", []), *given.get("--file", [])]
    file = (
        _within(directory, files[-1]) if files else None if context is None else posixpath.join(context, "Dockerfile")
    )
    target = next(iter(given.get("--target", [])), None)
    if target and UNKNOWN.search(target):
        return None
    return Call(
        context,
        file,
        evidence,
        target,
        _arguments(given.get("--build-arg", [])),
        tuple(c.partition("=")[0] for c in given.get("--build-context", [])),
        tuple(t for t in (*given.get("-t", []), *given.get("--tag", [])) if not UNKNOWN.search(t)),
    )


def _arguments(pairs: Iterable[str]) -> dict[str, str | None]:
    split = (pair.partition("=") for pair in pairs)
    return {name: value if equals and not UNKNOWN.search(value) else None for name, equals, value in split}


def _within(directory: str, path: str) -> str | None:
    """A path from the root; `None` where it is not known or outside."""
    path = _HERE.sub(".", path)
    if UNKNOWN.search(path) or path.startswith("/") or "://" in path or path == "-":
        return None
    found = posixpath.normpath(posixpath.join(directory, path))
    return None if found.startswith("..") else "" if found == "." else found


def _in_pipelines(pipelines: Iterable[PipelineFile]) -> Iterator[Call]:
    for pipeline in pipelines:
        for run in (i for job in pipeline.jobs for i in job.invocations if i.tool in BUILDERS):
            words = list(run.args)
            start = next((n for n, w in enumerate(words) if w in ("build", "bud")), None)
            if start is None or run.directory is None or "compose" in words[:start]:
                continue
            call = call_of(words[start + 1 :], run.directory, run.evidence)
            if call:
                yield call


def _in_tasks(repo: Snapshot) -> Iterator[Call]:
    scripts = repo.glob("*.sh", *(f"{d}/*.sh" for d in ("scripts", "script", "hack", "bin", "build", "docker", "ci")))
    paths = [p for name in _RUNNERS for p in repo.glob(name, f"*/{name}", f"*/*/{name}")]
    for path in dict.fromkeys([*paths, *scripts, *repo.glob("package.json")]):
        text = text_of(repo, path)
        if "build" not in text or not any(program in text for program in BUILDERS):
            continue
        values: dict[str, str | None] = (
            dict(_MAKE_VARIABLE.findall(text)) if path.rpartition("/")[2] in _RUNNERS else {}
        )
        plain = {name: value for name, value in values.items() if value and "$" not in value}
        joined = re.sub(r"\\\r?\n", lambda m: " " * len(m[0]), text)
        for match in _BUILD.finditer(joined):
            command = filled(re.sub(r"\$\((\w+)\)", r"${\1}", match[1].rstrip('",')), plain)
            evidence = Evidence(fact="builds an image", path=path, line=text.count("\n", 0, match.start()) + 1)
            for directory in dict.fromkeys((posixpath.dirname(path), "")):
                call = call_of(_words(command), directory, evidence)
                if call and call.file and repo.is_file(call.file):
                    yield call
                    break


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command, comments=True)
    except ValueError:
        return command.split()


def _in_compose(repo: Snapshot, path: str) -> Iterator[Call]:
    services = _table(_data(repo, path).get("services"))
    for name, service in services.items():
        build = _table(service).get("build")
        options = {"context": build} if isinstance(build, str) else _table(build)
        if not options or "dockerfile_inline" in options:
            continue
        context = _within(posixpath.dirname(path), _filled(options.get("context", ".")))
        file = _within(context, _filled(options.get("dockerfile", "Dockerfile"))) if context is not None else None
        evidence = Evidence(fact=f"builds the service {name}", path=path)
        tags = [_table(service).get("image")]
        yield Call(
            context,
            file,
            evidence,
            _filled(options["target"]) if options.get("target") else None,
            _pairs(options.get("args")),
            tuple(_table(options.get("additional_contexts"))),
            tuple(t for t in tags if isinstance(t, str)),
        )


def _in_bake_files(repo: Snapshot) -> Iterator[Call]:
    for path in repo.glob("docker-bake.json", "docker-bake.hcl"):
        targets = (
            _table(_data(repo, path).get("target")) if path.endswith(".json") else _hcl_targets(text_of(repo, path))
        )
        for name, target in targets.items():
            options = _table(target)
            context = _within("", str(options.get("context", ".")))
            file = _within(context, str(options.get("dockerfile", "Dockerfile"))) if context is not None else None
            evidence = Evidence(fact=f"describes the image {name}", path=path)
            stage = options.get("target")
            yield Call(context, file, evidence, str(stage) if stage else None, _pairs(options.get("args")))


_HCL_TARGET = re.compile(r'^target\s+"([\w-]+)"\s*\{\n(.*?)^\}', re.M | re.S)
_HCL_TEXT = re.compile(r'^\s*"?([\w-]+)"?\s*=\s*"([^"\n]*)"', re.M)
_HCL_ARGS = re.compile(r"^\s*args\s*=\s*\{(.*?)\}", re.M | re.S)


def _hcl_targets(text: str) -> dict[str, object]:
    """The targets of a bake file in HCL, as far as their values are plain texts."""
    found: dict[str, object] = {}
    for name, body in _HCL_TARGET.findall(text):
        args = _HCL_ARGS.search(body)
        outside = body.replace(args[0], "") if args else body
        found[name] = dict(_HCL_TEXT.findall(outside)) | {"args": dict(_HCL_TEXT.findall(args[1])) if args else {}}
    return found


def _data(repo: Snapshot, path: str) -> dict[str, object]:
    text = text_of(repo, path)
    try:
        return _table(json.load(text) if path.endswith(".json") else yaml.load(text))
    except CannotEditError:
        return {}


def _table(value: object) -> dict[str, object]:
    return {str(k): v for k, v in value.items()} if isinstance(value, dict) else {}


def _filled(value: object) -> str:
    return filled(str(value), {})


def _pairs(value: object) -> dict[str, str | None]:
    """Build arguments as a mapping, written as one or as a list."""
    if isinstance(value, list):
        return _arguments(_filled(v) for v in value)
    return _arguments(f"{k}={_filled(v)}" if v is not None else k for k, v in _table(value).items())
