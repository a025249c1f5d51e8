"""Container images: which there are, whether CI builds them, and the jobs that do."""

import posixpath
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from shiftdown.kits import Unit, container_file_of, install_steps, pipelines_of, runtime_of
from shiftdown.pipelines import (
    GITHUB_ACTIONS,
    CiValue,
    Condition,
    Invocation,
    Job,
    Output,
    Part,
    Permission,
    PipelineFile,
    Stage,
    Step,
    Text,
    Trigger,
    invocations_on_changes,
)
from shiftdown.plugin import Evidence, Purpose, Snapshot, Stack
from shiftdown_plugins.cicd.add_build_stage.calls import BUILDERS, Call, calls_of
from shiftdown_plugins.cicd.add_build_stage.needs import exists, missing, sources

_HELPER = re.compile(
    r"(?:^|[._-])(?:dev|devel|development|tests?|testing|ci|local|debug|lint|docs?|base|builder|buildenv|toolchain|cross|"
    r"playwright|cypress|selenium|e2e|fuzz|bench(?:mark)?|perf|load|devcontainer|gitpod|codespaces|sandbox|mock|demo|"
    r"example|sample|integration)(?:$|[._-])"
)
_HELPER_FOLDER = re.compile(
    r"(?:^|/)(?:\.[^/]+|tests?|[\w-]+-tests?|testing|fixtures?|examples?|samples?|demos?|docs?|e2e|playwright|cypress|hack|"
    r"scripts|benchmarks?|loadtests?|fuzz|dev|devel|development|devcontainer|local|ci|tools?)/"
)
_MADE = re.compile(
    r"(?:^|/)(?:dist|build|target|out|output|\.next|\.output|publish|bin|_build|public|release)(?:/|$)|\.[jw]ar$"
)
"""Where builds leave what they make."""


@dataclass(frozen=True)
class Image:
    """An image that a container file describes."""

    file: str
    """The container file."""
    context: str
    """The directory that is sent to the build, from the root."""
    unit: Unit | None
    """What it ships."""
    key: str
    """What the ids of its jobs begin with; empty when it is the only one."""
    prepared: Evidence | None = None
    """A line that copies what the repository does not hold, so that the build has to run before."""
    target: str | None = None
    """The stage that is built; `None`: the last one."""
    arguments: tuple[tuple[str, str], ...] = ()
    """The build arguments that the repository gives it."""

    def id(self, name: str) -> str:
        """The id of one of its jobs."""
        return f"{self.key}-{name}" if self.key else name

    def title(self, words: str) -> str:
        """The name of one of its jobs."""
        return f"{words} ({self.label})" if self.key else words

    @property
    def label(self) -> str:
        """What tells it from the other images."""
        return self.unit.label if self.unit and self.unit.label and self.unit.id("") == f"{self.key}-" else self.key


@dataclass(frozen=True)
class Images:
    """The images that a repository ships."""

    known: tuple[Image, ...] = ()
    """Those of which everything is known that it takes to build them."""
    left_out: tuple[Evidence, ...] = ()
    """What is not known of the others."""


def images_of(repo: Snapshot, stack: Stack, units: tuple[Unit, ...]) -> Images:
    """The images that the repository ships: container files for development, tests and examples are left out."""
    files = [f for f in stack.container_files if not _is_helper(f)]
    calls = calls_of(repo, stack, pipelines_of(repo)) if files else ()
    found: list[Image] = []
    left_out: list[Evidence] = []
    for file in files:
        unit = _owner(file, units)
        key = "" if len(files) == 1 else _key(file, unit, {i.key for i in found})
        image = _image(repo, file, unit, key, calls)
        if isinstance(image, Image):
            found.append(image)
        else:
            left_out.append(image)
    return Images(tuple(found), tuple(left_out))


def _is_helper(file: str) -> bool:
    folder, _, name = file.rpartition("/")
    words = re.sub(r"^(?:Dockerfile|Containerfile)|\.[Dd]ockerfile$", "", name)
    return bool(_HELPER.search(words.lower()) or _HELPER_FOLDER.search(f"{folder}/".lower()))


def _owner(file: str, units: tuple[Unit, ...]) -> Unit | None:
    paths = [u for u in units if not u.component.path or file.startswith(f"{u.component.path}/")]
    return max(paths, key=lambda u: len(u.component.path), default=None)


def _key(file: str, unit: Unit | None, taken: set[str]) -> str:
    folder, _, name = file.rpartition("/")
    if unit and unit.key and folder == unit.component.path and unit.key not in taken:
        return unit.key
    special = re.sub(r"^(?:Dockerfile|Containerfile)[.-]?|\.[Dd]ockerfile$", "", name)
    words = re.sub(r"[^a-z0-9]+", "-", f"{folder}-{special}".lower()).strip("-") or "root"
    key = words if words[0].isalpha() else f"c-{words}"
    return key if key not in taken else f"{key}-{len(taken)}"


def _image(repo: Snapshot, file: str, unit: Unit | None, key: str, calls: tuple[Call, ...]) -> Image | Evidence:
    """The image of a container file, or what of it is not known."""
    content = container_file_of(repo, file)
    if not content.stages:
        return Evidence(fact="has no FROM", path=file)
    call = _call(file, calls)
    target = call.target if call else None
    if content.stage(target) is None:
        return Evidence(fact=f"has no stage {target}, which {call.evidence if call else ''} asks for", path=file)
    last = content.stages[-1]
    if target is None and last.name and _HELPER.search(last.name):
        return Evidence(
            fact=f"does not say which stage is shipped: the last is {last.name}", path=file, line=last.start.line
        )
    context = call.context if call and call.context is not None else None
    taken = list(sources(content, file, call))
    component = unit.component.path if unit else ""
    folder = posixpath.dirname(file)
    if context is None:
        if not taken and folder not in ("", component):
            return Evidence(fact="does not say which directory it is built from", path=file)
        places = list(dict.fromkeys((folder, component, "")))
        absent = {c: sum(not exists(repo, c, s) for s, _ in taken) for c in places}
        context = min(places, key=lambda c: (absent[c], places.index(c)))
    local = (name for c in calls if c.file != file for name in c.tags)
    unknown = missing(content, file, call, local)
    if unknown:
        return unknown
    left = [(s, e) for s, e in taken if not exists(repo, context, s)]
    builds = unit is not None and unit.component.command(Purpose.BUILD) is not None
    if left and not (builds and all(_MADE.search(s) for s, _ in left)):
        return left[0][1]
    given = tuple((k, v) for k, v in call.arguments.items() if v is not None) if call else ()
    return Image(file, context, unit, key, left[0][1] if left else None, target, given)


def _call(file: str, calls: tuple[Call, ...]) -> Call | None:
    """How the repository builds a container file: for shipping rather than for development, if it does both."""
    own = [c for c in calls if c.file == file]
    shipped = [c for c in own if not (c.target and _HELPER.search(c.target.lower()))]
    if shipped or not own:
        return next(iter(shipped), None)
    return replace(own[0], target=None, arguments={})


def built(pipelines: Iterable[PipelineFile], image: Image, images: tuple[Image, ...], branch: str) -> Evidence | None:
    """Where CI builds an image on changes; `None` when it does not."""
    directory = image.context if image.unit is None else image.unit.component.path
    for invocation in invocations_on_changes(pipelines, directory=directory, default_branch=branch):
        if invocation.tool in BUILDERS and invocation.serves(Purpose.BUILD) and _means(invocation, image, images):
            return invocation.evidence
    return None


def _means(invocation: Invocation, image: Image, images: tuple[Image, ...]) -> bool:
    words = list(invocation.args)
    if len(images) == 1 or "bake" in words or "compose" in words or invocation.directory is None:
        return True
    start = invocation.directory
    file = next((b for a, b in pairwise(words) if a in ("-f", "--file")), None)
    file = file or next((w.partition("=")[2] for w in words if w.startswith("--file=")), None)
    if file is not None:
        return "…" in file or posixpath.normpath(posixpath.join(start, file)) == image.file
    places = {posixpath.normpath(posixpath.join(start, w)) for w in words if not w.startswith("-")}
    return (posixpath.dirname(image.file) or ".") in places and posixpath.basename(image.file) in _DEFAULT_NAMES


_DEFAULT_NAMES = ("Dockerfile", "Containerfile")


def image_job(image: Image, needs: Iterable[str]) -> Job:
    """Build an image, push it nowhere: for every change."""
    build = {**_inputs(image), "cache-to": _cache(image, "mode=max")}
    steps = (
        *_preparation(image),
        _buildx(),
        _docker("Build the image", f"docker buildx build {_source(image)}", "docker/build-push-action", build),
    )
    return _job(image, "image", "Image", steps, needs)


def publish_job(image: Image, needs: Iterable[str]) -> Job:
    """Build an image from the layers that `image_job` has cached, push it, sign it and say where it is from.

    Only for the default branch: no change request gets its permissions.
    """
    steps = (
        *_preparation(image),
        _buildx(),
        _docker(
            "Log in to the registry",
            'printf "%s" "$TOKEN" | docker login --username "$USER_NAME" --password-stdin "$REGISTRY"',
            "docker/login-action",
            {
                "registry": CiValue.REGISTRY,
                "username": CiValue.REGISTRY_USER,
                "password": CiValue.REGISTRY_TOKEN,
            },
            env={
                "REGISTRY": CiValue.REGISTRY,
                "USER_NAME": CiValue.REGISTRY_USER,
                "TOKEN": CiValue.REGISTRY_TOKEN,
            },
        ),
        _names_step(image),
        _push_step(image),
        *_provenance(image),
    )
    job = _job(image, "publish-image", "Publish the image", steps, needs)
    granted = frozenset({Permission.WRITE_PACKAGES, Permission.ATTEST})
    return job.model_copy(update={"only": Trigger.DEFAULT_BRANCH, "permissions": granted})


def _names_step(image: Image) -> Step:
    return _docker(
        "Tags and labels (OCI)",
        """\
name="$(echo "$IMAGE" | tr '[:upper:]' '[:lower:]')"
tags="$name:sha-$COMMIT $name:$(echo "$BRANCH" | tr -c 'A-Za-z0-9_.\\n' '-')"
labels="org.opencontainers.image.source=$SOURCE org.opencontainers.image.revision=$COMMIT"
""",
        "docker/metadata-action",
        {"images": _name(image), "tags": "type=sha,format=long\ntype=ref,event=branch\n"},
        key="meta",
        outputs=("tags", "labels"),
        env={
            "IMAGE": _name(image),
            "COMMIT": CiValue.COMMIT,
            "BRANCH": CiValue.BRANCH,
            "SOURCE": CiValue.REPOSITORY_URL,
        },
    )


def _push_step(image: Image) -> Step:
    tags, labels = Output(step="meta", name="tags"), Output(step="meta", name="labels")
    return _docker(
        "Build and push the image",
        f"""\
set --
for tag in $TAGS; do set -- "$@" --tag "$tag"; done
for label in $LABELS; do set -- "$@" --label "$label"; done
docker buildx build "$@" --push --provenance mode=max --sbom true --metadata-file /tmp/image.json {_source(image)}
digest="$(sed -n 's/.*"containerimage.digest": *"\\([^"]*\\)".*/\\1/p' /tmp/image.json)"
""",
        "docker/build-push-action",
        {**_inputs(image), "push": True, "tags": tags, "labels": labels, "provenance": "mode=max", "sbom": True},
        key="push",
        outputs=("digest",),
        env={"TAGS": tags, "LABELS": labels},
    )


def _provenance(image: Image) -> tuple[Step, ...]:
    """Sign what was pushed, and say how it was made."""
    name, digest = _name(image), Output(step="push", name="digest")
    env = {"IMAGE": name, "DIGEST": digest}
    pushed = "\"$(echo \"$IMAGE\" | tr '[:upper:]' '[:lower:]')@$DIGEST\""
    attest = {
        "subject-name": name,
        "subject-digest": digest,
        "push-to-registry": True,
        "create-storage-record": False,
    }
    return (
        Step(
            name="Set up cosign",
            run="cosign version",
            programs=("cosign",),
            parts={GITHUB_ACTIONS.key: Part(name="sigstore/cosign-installer")},
        ),
        Step(name="Sign the image", env=env, run=f"cosign sign --yes {pushed}", programs=("cosign",)),
        Step(
            name="Attest where it is from",
            run=f"""\
image={pushed}
docker buildx imagetools inspect "$image" --format '{{{{json .Provenance.SLSA}}}}' > /tmp/provenance.json
cosign attest --yes --type slsaprovenance --predicate /tmp/provenance.json "$image"
""",
            env=env,
            programs=("docker", "cosign"),
            only_if=Condition.PUBLIC_REPOSITORY,
            parts={GITHUB_ACTIONS.key: Part(name="actions/attest", inputs=attest)},
        ),
    )


def _job(image: Image, id_: str, title: str, steps: tuple[Step, ...], needs: Iterable[str]) -> Job:
    unit = image.unit
    area = unit.area if unit else None
    prepared = image.prepared is not None and unit is not None
    fresh = {"cache_files": ()}  # what is published holds nothing of a cache that other jobs write
    return Job(
        id=image.id(id_),
        name=image.title(title),
        stage=Stage.BUILD,
        setup=(runtime_of(unit.component).model_copy(update=fresh),) if prepared and unit else (),
        steps=steps,
        working_directory=unit.component.path if prepared and unit else "",
        needs=tuple(needs),
        area=area.key if area else None,
        timeout_minutes=15,
    )


def _preparation(image: Image) -> tuple[Step, ...]:
    """The build of what the container file copies."""
    unit = image.unit
    command = unit.component.command(Purpose.BUILD) if unit and image.prepared else None
    if unit is None or command is None:
        return ()
    return (*install_steps(unit), Step(name="Build what the image holds", run=command.run))


def _name(image: Image) -> Text:
    """Its name in the registry."""
    return (CiValue.IMAGE, f"/{image.key}") if image.key else CiValue.IMAGE


def _inputs(image: Image) -> dict[str, Text | int | bool]:
    return {
        "context": image.context or ".",
        "file": image.file,
        **({"target": image.target} if image.target else {}),
        **({"build-args": "".join(f"{name}={value}\n" for name, value in image.arguments)} if image.arguments else {}),
        "cache-from": _cache(image),
    }


def _cache(image: Image, *more: str) -> str:
    return ",".join(["type=gha", f"scope={image.key or 'image'}", *more])


def _source(image: Image) -> str:
    """What it is built from, as arguments of `docker buildx build`."""
    words = ["--file", image.file, *(["--target", image.target] if image.target else [])]
    words += [word for name, value in image.arguments for word in ("--build-arg", f"{name}={value}")]
    return shlex.join([*words, image.context or "."])


def _buildx() -> Step:
    return _docker(
        "Set up Buildx", "docker context create ci\ndocker buildx create --use ci", "docker/setup-buildx-action"
    )


def _docker(
    name: str,
    run: str,
    action: str,
    inputs: Mapping[str, Text | int | bool] | None = None,
    *,
    key: str | None = None,
    outputs: tuple[str, ...] = (),
    env: Mapping[str, Text] | None = None,
) -> Step:
    """A step with Docker: by GitHub's action for it there, which caches layers, and by its command elsewhere."""
    part = Part(name=action, inputs=inputs or {})
    return Step(
        name=name,
        run=run,
        key=key,
        outputs=outputs,
        env=env or {},
        programs=("docker",),
        working_directory="",
        parts={GITHUB_ACTIONS.key: part},
    )
