"""What an image needs to be built: build arguments, secrets, base images and files, and what of it is not known."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from shiftdown.kits import BuildStage, ContainerFile, Instruction, automatic, filled, variables
from shiftdown.plugin import Evidence, Snapshot
from shiftdown_plugins.cicd.add_build_stage.calls import Call

_PUBLIC = re.compile(
    r"^(?:(?:docker|ghcr|quay|gcr|lscr)\.io|registry\.k8s\.io|k8s\.gcr\.io|[\w-]+\.gcr\.io|mcr\.microsoft\.com|public\.ecr\.aws|"
    r"(?:index|registry-1)\.docker\.io|registry\.access\.redhat\.com|docker\.elastic\.co|nvcr\.io|cgr\.dev|"
    r"registry\.gitlab\.com|registry\.fedoraproject\.org|registry\.opensuse\.org|container-registry\.oracle\.com|"
    r"mirror\.gcr\.io|ecr-public\.aws\.com|registry\.suse\.com|docker\.n8n\.io)$"
)
"""Registries from which anybody may pull."""
_OPTIONAL = re.compile(r"\[\[?\s+-[nz]\s|\btest\s+-[nz]\s|(?<![\w-])-X[ =]|-ldflags")
"""A command that works without the value: it asks whether there is one, or writes it into a program as its version."""
_RUNNER = {
    f"{side}{what}": value
    for side in ("TARGET", "BUILD")
    for what, value in {"PLATFORM": "linux/amd64", "OS": "linux", "ARCH": "amd64", "VARIANT": ""}.items()
}
"""What BuildKit says on the machines that jobs run on."""
_WORKS_EMPTY = ("LABEL", "ENV", "MAINTAINER", "EXPOSE", "CMD", "ENTRYPOINT", "HEALTHCHECK", "ARG")
_UNREADABLE = re.compile(r"[$<\[{]|://|^git@")


def missing(file: ContainerFile, path: str, call: Call | None, local: Iterable[str]) -> Evidence | None:
    """What a build needs that the repository does not say; `None` when it says everything.

    Args:
        file: The container file.
        path: Where it is.
        call: How the repository builds it.
        local: The names of images that the repository builds itself.
    """
    given = dict(call.arguments) if call else {}
    values = {**file.arguments, **{k: v for k, v in given.items() if v is not None}}
    own = {_bare(name) for name in local}
    contexts = set(call.contexts) if call else set()
    for stage in file.built(call.target if call else None):
        found = [
            *_unset_in_base(stage, file, path, values),
            *_unset(stage, path, file.arguments, values),
            *_from_outside(stage, file, path, values, own, contexts),
            *_secrets(stage, path),
        ]
        if found:
            return found[0]
    return None


def _unset_in_base(
    stage: BuildStage, file: ContainerFile, path: str, values: Mapping[str, str | None]
) -> Iterator[Evidence]:
    for name in variables(stage.image):
        if values.get(name) is None and not automatic(name):
            line = file.declared.get(name, stage.start.line)
            yield Evidence(
                fact=f"the build argument {name}, which chooses the base image, has no value", path=path, line=line
            )


def _unset(
    stage: BuildStage, path: str, outside: Mapping[str, str | None], values: Mapping[str, str | None]
) -> Iterator[Evidence]:
    """The arguments of a stage that have no value where a command needs one."""
    unset: dict[str, int] = {}
    for instruction in stage.instructions:
        used = set(variables(" ".join([instruction.text, *instruction.heredocs]))) & set(unset)
        if instruction.name == "ARG":
            for name, default in instruction.assignments:
                known = values.get(name) if name in outside or values.get(name) is not None else default
                if known is None and default is None and not automatic(name):
                    unset[name] = instruction.line
                else:
                    unset.pop(name, None)
        elif instruction.name == "ENV":
            for name, value in instruction.assignments:
                unset.pop(name, None)
                if set(variables(value or "")) & set(unset) and name not in unset:
                    unset[name] = instruction.line
        elif used and instruction.name not in _WORKS_EMPTY and not _OPTIONAL.search(instruction.text):
            name = sorted(used)[0]
            fact = f"the build argument {name} has no value, and line {instruction.line} uses it"
            yield Evidence(fact=fact, path=path, line=unset[name])


def _from_outside(
    stage: BuildStage,
    file: ContainerFile,
    path: str,
    values: Mapping[str, str | None],
    local: set[str],
    contexts: set[str],
) -> Iterator[Evidence]:
    """Images that a runner may not be able to pull: a base, and what files are copied from."""
    used = [(stage.image, stage.start)]
    used += [(name, i) for i in stage.instructions if (name := i.flag("from")) and not name.isdecimal()]
    for written, instruction in used:
        image = filled(written, values)
        if file.is_stage(stage, written) or _UNREADABLE.search(image) or image == "scratch":
            continue
        if image in contexts:
            fact = f"needs the build context {image}, which is given from outside"
        elif _bare(image) in local:
            fact = f"needs the image {image}, which the repository builds first"
        elif not _public(image):
            fact = f"needs the image {image}, for which its registry may ask for a login"
        else:
            continue
        yield Evidence(fact=fact, path=path, line=instruction.line)


def _public(image: str) -> bool:
    host, slash, _ = image.partition("/")
    return not slash or not ("." in host or ":" in host or host == "localhost") or _PUBLIC.match(host) is not None


def _bare(image: str) -> str:
    return re.sub(r"(?::[\w.-]+)?(?:@.*)?$", "", image).removeprefix("docker.io/").removeprefix("library/")


def _secrets(stage: BuildStage, path: str) -> Iterator[Evidence]:
    for instruction in stage.instructions:
        for mount in instruction.mounts:
            if mount.get("type") in ("secret", "ssh"):
                name = mount.get("id") or mount.get("target") or mount["type"]
                what = f"the secret {name}" if mount["type"] == "secret" else "an SSH key of whoever builds it"
                yield Evidence(fact=f"is built with {what}", path=path, line=instruction.line)


def sources(file: ContainerFile, path: str, call: Call | None) -> Iterator[tuple[str, Evidence]]:
    """The paths and patterns that a build takes from its context, and where it says so."""
    given = {k: v for k, v in (call.arguments if call else {}).items() if v is not None}
    for stage in file.built(call.target if call else None):
        values: dict[str, str | None] = {}
        for instruction in stage.instructions:
            if instruction.name in ("ARG", "ENV"):
                for name, default in instruction.assignments:
                    value = file.arguments.get(name, _RUNNER.get(name)) if default is None else filled(default, values)
                    values[name] = given.get(name, value)
            for written in _taken(instruction):
                source = filled(written, values)
                if not _UNREADABLE.search(source):
                    fact = f"copies {source}, which the repository does not hold"
                    yield source, Evidence(fact=fact, path=path, line=instruction.line)


def _taken(instruction: Instruction) -> Iterator[str]:
    if instruction.name in ("COPY", "ADD") and instruction.flag("from") is None:
        words = instruction.words
        yield from words[:-1]
    for mount in instruction.mounts:
        if mount.get("type") == "bind" and "from" not in mount and (mount.get("source") or mount.get("src")):
            yield mount.get("source") or mount["src"]


def exists(repo: Snapshot, context: str, source: str) -> bool:
    """Whether a context holds what a build takes from it."""
    path = posixpath.normpath(posixpath.join(context, source.lstrip("/") or "."))
    if path == "." or path.startswith(".."):
        return path == "."
    return bool(repo.glob(path)) or _folder_matches(repo, path) if set(path) & set("*?[") else repo.exists(path)


def _folder_matches(repo: Snapshot, path: str) -> bool:
    """Whether a pattern matches a directory: `COPY packages/* ./`."""
    folder, _, name = path.rpartition("/")
    if set(folder) & set("*?["):
        return bool(repo.glob(f"{path}/**/*"))
    pattern = re.compile(re.escape(name).replace(r"\*", "[^/]*").replace(r"\?", "[^/]"))
    return any(pattern.fullmatch(entry.path.rpartition("/")[2]) for entry in repo.children(folder))
