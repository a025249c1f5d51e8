"""ADD_BUILD_STAGE: every component and image is built on every change; images are published where that is asked for."""

from dataclasses import dataclass

from shiftdown.kits import (
    Answer,
    StageParams,
    StageTarget,
    Unit,
    answer,
    answered,
    build_job,
    build_of,
    evidence_of,
    guesses,
    image_publisher,
    listed,
    nothing_found,
    pipelines_of,
    stage_check,
    stage_for,
    undone,
    units_of,
)
from shiftdown.pipelines import Job, Trigger
from shiftdown.plugin import (
    ChangeSet,
    Evidence,
    NotApplicable,
    Purpose,
    Snapshot,
    stack_of,
    transformation,
)
from shiftdown_plugins.cicd.add_build_stage.images import Image, built, image_job, images_of, publish_job

_BEFORE = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK, Purpose.TEST)


class BuildStageParams(StageParams):
    """What may be asked of ADD_BUILD_STAGE beside building."""

    publish: bool = False
    """Whether images are also pushed to the forge's registry after each merge, with labels, bill of materials,
    provenance and keyless signature. A repository whose pipelines publish images already keeps its own way."""
    keep_packages: bool = False
    """Whether what a build of a package leaves is kept for a week with its bill of materials (SPDX), where it is known
    what that is."""


def _builds(repo: Snapshot, params: BuildStageParams) -> dict[str, Answer]:
    wanted = _wanted(repo, params)
    found = {u.shown: a for u, a in wanted.units.items()} | {i.file: a for i, a in wanted.images.items()}
    found |= {f"published image of {i.file}": a for i, a in wanted.published.items()}
    if not found:
        raise NotApplicable(_nothing_to_build(repo, wanted.left_out), *wanted.left_out)
    return found


build_runs_on_changes = stage_check(
    "build-runs-on-changes",
    question="Does CI build every component and container image on every change?",
    wanted=_builds,
    failure="No workflow builds on pull requests",
)


@transformation("ADD_BUILD_STAGE", title="Build on every change", family="ci-cd", verified_by="build-runs-on-changes")
def add_build_stage(repo: Snapshot, params: BuildStageParams) -> ChangeSet:
    """Add a build job for every component and container file that no workflow builds on pull requests.

    Images are built with a cache of their layers and pushed nowhere. With `publish`, a job of its own pushes them
    from the default branch alone to the forge's registry, with labels, bill of materials, provenance and keyless
    signature, unless a pipeline publishes images already. With `keep_packages`, packages are kept with a bill of
    materials.
    """
    stage = stage_for(repo)
    wanted = _wanted(repo, params)
    undone({**wanted.units, **wanted.images}, params)
    undone(wanted.published, params)
    publishing = bool(wanted.unpublished)
    jobs = _jobs(repo, wanted, stage, params)
    change = stage.add(jobs, wanted.touched, triggers=[Trigger.DEFAULT_BRANCH] if publishing else [])
    stay = "Images that were pushed stay under the repository's packages until someone deletes them."
    return change.explained(
        summary=_summary(repo, wanted, jobs, change.path, new=change.new),
        evidence=(
            *evidence_of(wanted.units_left, [Purpose.BUILD]),
            *(Evidence(fact="describes a container image", path=i.file) for i in wanted.images_left),
            *(i.prepared for i in wanted.images_left if i.prepared),
        ),
        notes=(
            *guesses(wanted.units_left, [Purpose.BUILD]),
            *_notes(repo, wanted),
            *([] if change.new or not publishing else _started(repo, change.path)),
        ),
        verify=_verify(publish=publishing),
        rollback=f"{change.rollback}. {stay}" if publishing else None,
    )


@dataclass(frozen=True)
class _Wanted:
    """What there is to build, and what of it is built."""

    units: dict[Unit, Answer]
    images: dict[Image, Answer]
    published: dict[Image, Answer]
    """The images that are to be published, and where something publishes images."""
    left_out: tuple[Evidence, ...]
    """What is not known of images that are left out therefore."""

    @property
    def units_left(self) -> list[Unit]:
        return [u for u, a in self.units.items() if a.evidence is None]

    @property
    def images_left(self) -> list[Image]:
        return [i for i, a in self.images.items() if a.evidence is None]

    @property
    def unpublished(self) -> list[Image]:
        """The images that get a job that publishes them."""
        return [i for i, a in self.published.items() if a.evidence is None]

    @property
    def touched(self) -> list[Unit]:
        """The units that get a job."""
        images = [*self.images_left, *self.unpublished]
        return list(dict.fromkeys([*self.units_left, *(i.unit for i in images if i.unit)]))


def _wanted(repo: Snapshot, params: BuildStageParams) -> _Wanted:
    stack = stack_of(repo)
    units = units_of(stack)
    images = images_of(repo, stack, units)
    return _Wanted(
        {u: answer(repo, u, Purpose.BUILD) for u in units if build_of(u)},
        {i: _built(repo, i, images.known) for i in images.known},
        dict.fromkeys(images.known, image_publisher(repo)) if params.publish else {},
        images.left_out,
    )


def _built(repo: Snapshot, image: Image, images: tuple[Image, ...]) -> Answer:
    where = built(pipelines_of(repo), image, images, repo.default_branch)
    return answered(repo, where, [Purpose.BUILD], image.unit.component if image.unit else None)


def _jobs(repo: Snapshot, wanted: _Wanted, stage: StageTarget, params: BuildStageParams) -> list[Job]:
    jobs: list[Job] = []
    for unit in wanted.units_left:
        job = build_job(repo, unit, stage.jobs_doing(unit, *_BEFORE), keep=params.keep_packages)
        jobs += [job] if job else []
    for image in dict.fromkeys([*wanted.images_left, *wanted.unpublished]):
        needs = list(stage.jobs_doing(image.unit, *_BEFORE))
        if image in wanted.images_left:
            job = image_job(image, needs)
            jobs.append(job)
            needs.append(job.id)
        if image in wanted.unpublished:
            jobs.append(publish_job(image, needs))
    return jobs


def _nothing_to_build(repo: Snapshot, left_out: tuple[Evidence, ...]) -> str:
    components = stack_of(repo).components
    if left_out:
        return f"{left_out[0]}; say it in the file, or build the image in CI by hand"
    if not components:
        manifests = "no package.json, pyproject.toml, go.mod, pom.xml, Dockerfile or the like was found"
        return nothing_found(repo, f"{manifests}: there is nothing known to build")
    manifests = ", ".join(c.manifest for c in components[:3])
    if any(c.command(Purpose.BUILD) for c in components):
        return f"{manifests}: the tests of this library compile all of it, and it makes nothing else"
    image = "CREATE_DOCKERFILES adds an image, or " if any(c.kind == "service" for c in components) else ""
    return (
        f"{manifests}: there is neither a build command nor a Dockerfile of a product; {image}define a build "
        "(a script `build`, a `[build-system]`) and try again"
    )


def _summary(repo: Snapshot, wanted: _Wanted, jobs: list[Job], path: str, *, new: bool) -> str:
    where = f"a new workflow, `{path}`" if new else f"`{path}`, the workflow that runs on every change"
    images = [i.file for i in wanted.images_left]
    runs = [f"`{c.run}`" for u in wanted.units_left if (c := build_of(u))]
    words = [*([f"runs {listed(dict.fromkeys(runs))}"] if runs else [])]
    words += [f"builds the image{'s' * (len(images) > 1)} of {listed(f'`{i}`' for i in images)}"] if images else []
    sentences = [f"Every pull request {' and '.join(words)}, in {where}."] if words else []
    if any(job.artefacts for job in jobs):
        sentences.append("What the build makes is kept for a week, with its bill of materials (SPDX).")
    if images:
        sentences.append("Layers of images are cached between runs; pull requests push nothing and may only read.")
    if wanted.unpublished:
        sentences.append(
            f"After a merge to `{repo.default_branch}` the image is pushed to GitHub's registry (ghcr.io) with OCI "
            f"labels, bill of materials, provenance and a keyless signature, by a job of its own in `{path}`."
        )
    if not new:
        sentences.append("The jobs that are there stay as they are.")
    return " ".join(sentences)


def _notes(repo: Snapshot, wanted: _Wanted) -> list[str]:
    images = wanted.images_left
    notes = [_unknown(e) for e in wanted.left_out]
    notes += [
        f"{i.prepared.path}:{i.prepared.line} {i.prepared.fact}: the job builds it first." for i in images if i.prepared
    ]
    notes += dict.fromkeys(
        f"{e.path}:{e.line} publishes images already, so nothing new does."
        for answer in wanted.published.values()
        if (e := answer.evidence)
    )
    if wanted.unpublished:
        notes += [
            f"The first push makes the package ghcr.io/<owner>/{repo.name}; its visibility is set on its own page.",
            "Signatures and provenance are recorded in Sigstore's public log, the repository's name with them; in a "
            "private repository the attestation of GitHub is left out, for it needs Enterprise Cloud there.",
        ]
    return notes


def _unknown(fact: Evidence) -> str:
    """Why the image of a container file is left out."""
    return f"The image of {fact.path} gets no job ({fact}): say it in the file, or write the job by hand."


def _started(repo: Snapshot, path: str) -> list[str]:
    """A note when the workflow did not start for pushes, and now does."""
    pipeline = next(p for p in pipelines_of(repo) if p.path == path)
    if pipeline.starts_on(Trigger.DEFAULT_BRANCH):
        return []
    return [
        f"{path} now starts on pushes to {repo.default_branch}, too: all its jobs run there, and images are pushed."
    ]


def _verify(*, publish: bool) -> tuple[str, ...]:
    if not publish:
        return ()
    return (
        "The job that publishes is skipped on this change request; after the merge look at the packages of the "
        "repository.",
        "Check a pushed image: `cosign verify ghcr.io/OWNER/NAME@DIGEST --certificate-oidc-issuer "
        "https://token.actions.githubusercontent.com --certificate-identity-regexp "
        "'^https://github.com/OWNER/NAME/'`.",
    )
