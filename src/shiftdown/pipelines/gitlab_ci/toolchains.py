"""How jobs get their languages: an image for one of them, what it lacks, and the cache of downloads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shiftdown.pipelines.model import Job, Runtime, Stage
from shiftdown.pipelines.pins import Pins
from shiftdown.repository.stack import Language

DOCKER = "docker"
"""The program whose jobs run in an image of its own, beside a Docker engine."""


@dataclass(frozen=True)
class _Cache:
    """Where a package manager keeps what it downloads: below the project, for GitLab caches nothing else."""

    folder: str
    variables: Mapping[str, str] = field(default_factory=dict)


_CACHES: Mapping[str, _Cache] = {
    "npm": _Cache(".npm", {"npm_config_cache": "/.npm"}),
    "pnpm": _Cache(".pnpm-store", {"npm_config_store_dir": "/.pnpm-store"}),
    "yarn": _Cache(".cache/yarn", {"YARN_CACHE_FOLDER": "/.cache/yarn", "YARN_GLOBAL_FOLDER": "/.cache/yarn"}),
    "bun": _Cache(".cache/bun", {"BUN_INSTALL_CACHE_DIR": "/.cache/bun"}),
    "pip": _Cache(".cache/pip", {"PIP_CACHE_DIR": "/.cache/pip"}),
    "uv": _Cache(".cache/uv", {"UV_CACHE_DIR": "/.cache/uv"}),
    "poetry": _Cache(".cache/poetry", {"POETRY_CACHE_DIR": "/.cache/poetry"}),
    "pdm": _Cache(".cache/pdm", {"PDM_CACHE_DIR": "/.cache/pdm"}),
    "pipenv": _Cache(".cache/pipenv", {"PIPENV_CACHE_DIR": "/.cache/pipenv"}),
    "go": _Cache(".cache/go", {"GOMODCACHE": "/.cache/go"}),
    "maven": _Cache(".m2/repository", {"MAVEN_OPTS": "-Dmaven.repo.local=/.m2/repository"}),
    "gradle": _Cache(".cache/gradle", {"GRADLE_USER_HOME": "/.cache/gradle"}),
    "cargo": _Cache(".cache/cargo", {"CARGO_HOME": "/.cache/cargo"}),
    "dotnet": _Cache(".cache/nuget", {"NUGET_PACKAGES": "/.cache/nuget"}),
    "bundler": _Cache(".cache/bundle", {"BUNDLE_PATH": "/.cache/bundle"}),
    "composer": _Cache(".cache/composer", {"COMPOSER_CACHE_DIR": "/.cache/composer"}),
}
_MANAGERS: Mapping[Language, str] = {
    Language.NODE: "npm",
    Language.PYTHON: "pip",
    Language.GO: "go",
    Language.JAVA: "maven",
    Language.RUST: "cargo",
    Language.DOTNET: "dotnet",
    Language.RUBY: "bundler",
    Language.PHP: "composer",
}
_LOOKED_INTO = ("pnpm", "go")
"""Managers whose cache holds code that gofmt and Prettier would check."""
_VERSION = re.compile(r"\d+(\.\d+)*")
MAX_KEYS = 2
"""How many files GitLab lets a cache be keyed by."""


def axis_variable(axis: str) -> str:
    """The variable that holds the value of an axis of the matrix."""
    return f"MATRIX_{axis.upper().replace('-', '_')}"


def image_of(job: Job, pins: Pins) -> str:
    """The image that a job runs in: its own, that of its first language, of Docker, or a plain Linux.

    Raises:
        NotFoundError: the table of pins has none for it.
    """
    if job.container:
        return job.container.image
    if any(DOCKER in step.programs for step in job.steps):
        return pins.tool("image-docker")
    if not job.setup:
        return pins.tool("image-debian-slim")
    runtime = job.setup[0]
    version = f"${axis_variable(runtime.version_axis)}" if runtime.version_axis else exact(runtime)
    return pins.image(_image_name(job, runtime), version)


def exact(runtime: Runtime) -> str | None:
    """The version that an image can have in its tag; `None`: what is asked for is none."""
    return runtime.version if runtime.version and _VERSION.fullmatch(runtime.version) else None


def preparation(runtime: Runtime) -> list[str]:
    """What installs the package manager, where the image lacks it."""
    manager, version = runtime.package_manager, runtime.package_manager_version
    if runtime.language is Language.NODE and manager in ("pnpm", "yarn"):
        if manager == "yarn" and (version or "1").startswith(("0.", "1")) and not runtime.package_manager_file:
            return []
        if manager == "pnpm" and version:
            return [f"npm install --global {manager}@{version}"]
        modern = manager == "yarn" and version and "." not in version
        return ["corepack enable", *([f"corepack prepare yarn@{version} --activate"] if modern else [])]
    if runtime.language is Language.PYTHON and manager not in (None, "pip"):
        return [f"pip install {manager}{f'=={version}' if version else ''}"]
    return []


def cache_of(job: Job) -> tuple[dict[str, object], dict[str, str]]:
    """The cache of a job, and the variables that put it where GitLab can keep it; empty without lock files."""
    for runtime in job.setup:
        manager = runtime.package_manager or _MANAGERS[runtime.language]
        cache = _CACHES.get(manager)
        if cache is None or not runtime.cache_files:
            continue
        if manager in _LOOKED_INTO and job.stage is Stage.CODE_QUALITY:
            continue
        key = {"files": list(runtime.cache_files[:MAX_KEYS]), "prefix": manager}
        variables = {n: re.sub(r"(?:^|(?<==))/", "$CI_PROJECT_DIR/", v) for n, v in cache.variables.items()}
        return {"key": key, "paths": [f"{cache.folder}/"]}, variables
    return {}, {}


def _image_name(job: Job, runtime: Runtime) -> str:
    if runtime.package_manager == "bun" and runtime.language is Language.NODE:
        return "bun"
    if runtime.language is Language.JAVA:
        wrapped = any(re.search(r"(?:gradlew|mvnw)\b", step.run) for step in job.steps)
        return "java" if wrapped or runtime.package_manager not in ("maven", "gradle") else runtime.package_manager
    return runtime.language.value
