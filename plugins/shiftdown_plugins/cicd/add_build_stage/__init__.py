"""ADD_BUILD_STAGE: every component is built on every change; images are published from the default branch alone."""

from dataclasses import dataclass

from shiftdown.kits import (
    StageTarget,
    Unit,
    build_job,
    evidence_of,
    guesses,
    listed,
    pipelines_of,
    stage_check,
    stage_for,
    unit_in_ci,
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
from shiftdown_plugins.cicd.add_build_stage.images import Image, built, image_job, images_of, publish_job, publishers

_BEFORE = (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK, Purpose.TEST)


def _builds(repo: Snapshot) -> dict[str, Evidence | None]:
    wanted = _wanted(repo)
    found = {u.shown: e for u, e in wanted.units.items()} | {i.file: e for i, e in wanted.images.items()}
    if not found:
        raise NotApplicable(_nothing_to_build(repo))
    return found


build_runs_on_changes = stage_check(
    "build-runs-on-changes",
    question="Does CI build every component and container image on every change?",
    wanted=_builds,
    failure="No workflow builds on pull requests",
)


@transformation("ADD_BUILD_STAGE", title="Build on every change", family="ci-cd", verified_by="build-runs-on-changes")
def add_build_stage(repo: Snapshot) -> ChangeSet:
    """Add a build job for every component and container file that no workflow builds on pull requests.

    Packages are kept with a bill of materials. Images are built with a cache of their layers; from the default branch
    alone they are pushed to GitHub's registry, with labels, bill of materials, provenance and keyless signature.
    """
    stage = stage_for(repo)
    wanted = _wanted(repo)
    publisher = publishers(pipelines_of(repo))
    publish = bool(wanted.images_left) and publisher is None
    jobs = _jobs(repo, wanted, stage, publish=publish)
    change = stage.add(jobs, wanted.touched, triggers=[Trigger.DEFAULT_BRANCH] if publish else [])
    stay = "Images that were pushed stay under the repository's packages until someone deletes them."
    return change.explained(
        summary=_summary(repo, wanted, jobs, change.path, publish=publish, new=change.new),
        evidence=(
            *evidence_of(wanted.units_left, [Purpose.BUILD]),
            *(Evidence(fact="describes a container image", path=i.file) for i in wanted.images_left),
            *(i.prepared for i in wanted.images_left if i.prepared),
        ),
        notes=(
            *guesses(wanted.units_left, [Purpose.BUILD]),
            *_notes(repo, wanted, publisher),
            *([] if change.new or not publish else _started(repo, change.path)),
        ),
        verify=_verify(repo, publish=publish),
        rollback=f"{change.rollback}. {stay}" if publish else None,
    )


@dataclass(frozen=True)
class _Wanted:
    """What there is to build, and what of it is built."""

    units: dict[Unit, Evidence | None]
    images: dict[Image, Evidence | None]

    @property
    def units_left(self) -> list[Unit]:
        return [u for u, e in self.units.items() if e is None]

    @property
    def images_left(self) -> list[Image]:
        return [i for i, e in self.images.items() if e is None]

    @property
    def touched(self) -> list[Unit]:
        """The units that get a job."""
        return list(dict.fromkeys([*self.units_left, *(i.unit for i in self.images_left if i.unit)]))


def _wanted(repo: Snapshot) -> _Wanted:
    stack = stack_of(repo)
    units = units_of(stack)
    images = images_of(repo, stack, units)
    pipelines, branch = pipelines_of(repo), repo.default_branch
    return _Wanted(
        {u: unit_in_ci(repo, u, Purpose.BUILD) for u in units if u.component.command(Purpose.BUILD)},
        {i: built(pipelines, i, images, branch) for i in images},
    )


def _jobs(repo: Snapshot, wanted: _Wanted, stage: StageTarget, *, publish: bool) -> list[Job]:
    jobs: list[Job] = []
    for unit in wanted.units_left:
        job = build_job(repo, unit, stage.jobs_doing(unit, *_BEFORE))
        jobs += [job] if job else []
    for image in wanted.images_left:
        needs = stage.jobs_doing(image.unit, *_BEFORE)
        job = image_job(image, needs)
        jobs.append(job)
        if publish:
            jobs.append(publish_job(image, [*needs, job.id]))
    return jobs


def _nothing_to_build(repo: Snapshot) -> str:
    components = stack_of(repo).components
    if not components:
        return (
            "no package.json, pyproject.toml, go.mod, pom.xml, Dockerfile or the like was found: "
            "there is nothing known to build"
        )
    manifests = ", ".join(c.manifest for c in components[:3])
    return (
        f"{manifests}: there is neither a build command nor a Dockerfile; CREATE_DOCKERFILES adds an image, or define "
        "a build (a script `build`, a `[build-system]`) and try again"
    )


def _summary(repo: Snapshot, wanted: _Wanted, jobs: list[Job], path: str, *, publish: bool, new: bool) -> str:
    where = f"a new workflow, `{path}`" if new else f"`{path}`, the workflow that runs on every change"
    images = [i.file for i in wanted.images_left]
    runs = [f"`{c.run}`" for u in wanted.units_left if (c := u.component.command(Purpose.BUILD))]
    words = [*([f"runs {listed(dict.fromkeys(runs))}"] if runs else [])]
    words += [f"builds the image{'s' * (len(images) > 1)} of {listed(f'`{i}`' for i in images)}"] if images else []
    sentences = [f"Every pull request {' and '.join(words)}, in {where}."]
    if any(job.artefacts for job in jobs):
        sentences.append("What the build makes is kept for a week, with its bill of materials (SPDX).")
    if images:
        sentences.append("Layers of images are cached between runs; pull requests push nothing and may only read.")
    if publish:
        sentences.append(
            f"After a merge to `{repo.default_branch}` the image is pushed to GitHub's registry (ghcr.io) with OCI "
            "labels, bill of materials, provenance and a keyless signature, by a job of its own: it alone may write "
            "packages."
        )
    if not new:
        sentences.append("Everything else in that file is as it was.")
    return " ".join(sentences)


def _notes(repo: Snapshot, wanted: _Wanted, publisher: Evidence | None) -> list[str]:
    images = wanted.images_left
    notes = [i.doubt for i in images if i.doubt]
    notes += [
        f"{i.prepared.path}:{i.prepared.line} {i.prepared.fact}: the job builds it first." for i in images if i.prepared
    ]
    if images and publisher:
        notes.append(f"{publisher.path}:{publisher.line} publishes images already, so the new jobs publish none.")
    elif images:
        notes += [
            f"The first push makes the package ghcr.io/<owner>/{repo.name}; its visibility is set on its own page.",
            "Signatures and provenance are recorded in Sigstore's public log, the repository's name with them; in a "
            "private repository the attestation of GitHub is left out, for it needs Enterprise Cloud there.",
        ]
    return notes


def _started(repo: Snapshot, path: str) -> list[str]:
    """A note when the workflow did not start for pushes, and now does."""
    pipeline = next(p for p in pipelines_of(repo) if p.path == path)
    if pipeline.starts_on(Trigger.DEFAULT_BRANCH):
        return []
    return [
        f"{path} now starts on pushes to {repo.default_branch}, too: all its jobs run there, and images are pushed."
    ]


def _verify(repo: Snapshot, *, publish: bool) -> tuple[str, ...]:
    if not publish:
        return ()
    return (
        "The job that publishes is skipped on this change request; after the merge look at the packages of the "
        "repository.",
        "Check a pushed image: `cosign verify ghcr.io/OWNER/NAME@DIGEST --certificate-oidc-issuer "
        "https://token.actions.githubusercontent.com --certificate-identity-regexp "
        "'^https://github.com/OWNER/NAME/'`.",
    )
