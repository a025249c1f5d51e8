"""The languages of components and tools, as jobs set them up."""

from shiftdown.pipelines import Runtime, pins
from shiftdown.repository.stack import Component, Language

PNPM = "10"
"""The pnpm for repositories that name none: it reads the lock files of pnpm 9 and 10."""


def runtime_of(component: Component) -> Runtime:
    """The language set-up of a component; an unsaid version is the newest stable one (see `guesses`)."""
    manager = component.package_manager
    version = component.runtime.value if component.runtime else None
    newest = component.runtimes[-1] if component.runtimes else None
    return Runtime(
        language=component.language,
        version=version or newest or default_version(component.language),
        version_file=component.runtime_file,
        package_manager=manager.value if manager else None,
        package_manager_version=manager_version(component),
        cache_files=_cache_files(component),
    )


def manager_version(component: Component) -> str | None:
    """The version of the package manager; pnpm's set-up action has no default of its own (see `guesses`)."""
    if component.package_manager_version:
        return component.package_manager_version.value
    return PNPM if component.package_manager and component.package_manager.value == "pnpm" else None


def doubts_of(component: Component, *, said: bool) -> tuple[str, ...]:
    """What of its set-up was not read from the repository, for a person to check.

    Args:
        component: The component.
        said: Whether a job of the repository says which version of the language it is set up with.
    """
    notes = []
    version = default_version(component.language)
    if component.runtime is None and not component.runtimes and not said and version:
        notes.append(
            f"{component.manifest} does not say which version of {component.language} to use: "
            f"{'the newest' if component.language in NEWEST else version} is a guess."
        )
    if manager_version(component) == PNPM and not component.package_manager_version:
        notes.append(
            f"{component.manifest} does not say which pnpm to use (packageManager): version {PNPM} is a guess."
        )
    return tuple(notes)


def _cache_files(component: Component) -> tuple[str, ...]:
    """What the cache of downloads is keyed by: the lock file, else the manifest where that names exact needs."""
    manager = component.package_manager.value if component.package_manager else None
    if component.lock_file:
        return (component.lock_file,)
    return (component.manifest,) if manager in ("pip", "maven", "gradle") else ()


NEWEST = {Language.RUBY: "ruby", Language.PHP: "latest"}
"""How set-up actions call the newest stable version, where they have a word for it."""


def default_version(language: Language) -> str | None:
    """The newest stable version of a language, as set-up actions write it."""
    if language in NEWEST:
        return NEWEST[language]
    tool, parts = {
        Language.NODE: ("node-lts", 1),
        Language.PYTHON: ("python", 2),
        Language.GO: ("go", 2),
        Language.JAVA: ("java-lts", 1),
    }.get(language, (None, 0))
    return ".".join(pins.shipped().tools[tool].version.split(".")[:parts]) if tool else None
