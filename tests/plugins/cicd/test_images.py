"""The commands by which images are built and published where no ready-made part does it."""

import os
import subprocess
from pathlib import Path

from shiftdown.edits import yaml
from shiftdown.pipelines import Job, Pipeline
from shiftdown.pipelines.gitlab_ci import GITLAB_CI
from shiftdown.testing.tools import find_tool
from shiftdown_plugins.cicd.add_build_stage.images import Image, image_job, publish_job

IMAGE = Image(file="Dockerfile", context="", unit=None, key="")
DOCKER = """\
#!/bin/sh
echo "docker $*" >> calls
case "$*" in
  login*) cat > password ;;
  *--metadata-file*) echo '{"containerimage.digest": "sha256:0af"}' > /tmp/image.json ;;
  *imagetools*) echo '{"buildType": "x"}' ;;
esac
"""
COSIGN = '#!/bin/sh\necho "cosign $*" >> calls\n'
GIVEN = {
    "CI_COMMIT_SHA": "c0ffee",
    "CI_COMMIT_REF_NAME": "feature/one",
    "CI_PROJECT_URL": "https://gitlab.example/Acme/Shop",
    "CI_REGISTRY": "registry.example",
    "CI_REGISTRY_IMAGE": "registry.example/Acme/Shop",
    "CI_REGISTRY_USER": "robot",
    "CI_REGISTRY_PASSWORD": "secret",
    "CI_PROJECT_VISIBILITY": "public",
}
"""What GitLab gives to a job."""


def calls(job: Job, folder: Path) -> list[str]:
    """The calls of Docker and cosign that a job makes on GitLab, with stand-ins for both."""
    for name, script in {"docker": DOCKER, "cosign": COSIGN}.items():
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    data = yaml.load(GITLAB_CI.render(Pipeline(jobs=(job.model_copy(update={"needs": ()}),)), path=".gitlab-ci.yml"))
    (written,) = (value for value in data.values() if isinstance(value, dict) and "script" in value)
    variables = [f'export {name}="{value}"' for name, value in written["variables"].items()]
    subprocess.run(
        [find_tool("sh"), "-eu", "-c", "\n".join([*variables, *written["script"]])],
        cwd=folder,
        env={**GIVEN, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
        check=True,
        timeout=60,
    )
    return (folder / "calls").read_text().splitlines()


def test_an_image_is_built(tmp_path: Path) -> None:
    assert calls(image_job(IMAGE, ()), tmp_path)[-1] == "docker buildx build --file Dockerfile ."


def test_an_image_is_pushed_signed_and_attested(tmp_path: Path) -> None:
    made = calls(publish_job(IMAGE, ()), tmp_path)
    assert made[2:] == [
        "docker login --username robot --password-stdin registry.example",
        "docker buildx build --tag registry.example/acme/shop:sha-c0ffee --tag registry.example/acme/shop:feature-one "
        "--label org.opencontainers.image.source=https://gitlab.example/Acme/Shop "
        "--label org.opencontainers.image.revision=c0ffee --push --provenance mode=max --sbom true "
        "--metadata-file /tmp/image.json --file Dockerfile .",
        "cosign version",
        "cosign sign --yes registry.example/acme/shop@sha256:0af",
        "docker buildx imagetools inspect registry.example/acme/shop@sha256:0af --format {{json .Provenance.SLSA}}",
        "cosign attest --yes --type slsaprovenance --predicate /tmp/provenance.json "
        "registry.example/acme/shop@sha256:0af",
    ]
    assert (tmp_path / "password").read_text() == "secret"
