"""The languages of components and tools, as jobs set them up."""

import posixpath
import re
from collections.abc import Iterator

from shiftdown.pipelines import Runtime, pins
from shiftdown.repository import Evidence
from shiftdown.repository.stack import Component, Language, Purpose
from shiftdown.repository.versions import Why

_READS_MANIFESTS = ("pnpm", "bun")
"""Package managers whose set-up reads `packageManager` from a manifest."""
_REQUIREMENTS = re.compile(r"(?:^|\s)(?:-r|-c|--requirement|--constraint)[ =]*['\"]?([^\s'\"]+)")
_WHOLE = re.compile(r"(?:^|\s)['\"]?\.(?:\[|['\"]|\s|$)")
PNPM = "10"
"""The pnpm for repositories that name none: it reads the lock files of pnpm 9 and 10."""


def runtime_of(component: Component) -> Runtime:
    """The language set-up of a component; an unsaid version is the newest stable one (see `doubts_of`)."""
    manager = component.package_manager
    version = component.runtime.value if component.runtime else None
    newest = component.runtimes[-1] if component.runtimes else None
    return Runtime(
        language=component.language,
        version=version or newest or default_version(component.language),
        version_file=component.runtime_file,
        beside=component.beside,
        package_manager=manager.value if manager else None,
        package_manager_version=None if _says_its_manager(component) else manager_version(component),
        package_manager_file=_manager_file(component),
        cache_files=_cache_files(component),
    )


def _says_its_manager(component: Component) -> bool:
    """Whether a manifest says the version where the package manager's set-up reads it: written twice, it drifts."""
    version, manager = component.package_manager_version, component.package_manager
    return bool(manager and manager.value in _READS_MANIFESTS and version and "packageManager" in version.evidence.fact)


def _manager_file(component: Component) -> str | None:
    """The manifest that the set-up of the package manager is to read, and no other: that of the root says its own."""
    if component.package_manager is None or component.package_manager.value not in _READS_MANIFESTS:
        return None
    if _says_its_manager(component) and component.package_manager_version:
        return component.package_manager_version.evidence.path
    folder = component.path if component.workspace_root is None else component.workspace_root
    return f"{folder}/package.json" if folder and component.package_manager.value == "pnpm" else None


def manager_version(component: Component) -> str | None:
    """The version of the package manager; pnpm's set-up action has no default of its own (see `doubts_of`)."""
    if component.package_manager_version:
        return component.package_manager_version.value
    return PNPM if component.package_manager and component.package_manager.value == "pnpm" else None


def doubts_of(component: Component, *, said: bool) -> tuple[str, ...]:
    """What of its set-up was not read from the repository or contradicts itself there, for a person to check.

    Args:
        component: The component.
        said: Whether a job of the repository says which version of the language it is set up with.
    """
    language = () if said else (*_guesses(component), *_contradictions(component))
    if manager_version(component) == PNPM and not component.package_manager_version:
        unsaid = f"{component.manifest} does not say which pnpm to use (packageManager): version {PNPM} is a guess."
        return (*language, unsaid)
    return language


def _guesses(component: Component) -> Iterator[str]:
    choice = component.versions
    version = (component.runtime and component.runtime.value) or default_version(component.language)
    unsaid = choice.why is Why.GUESS if choice else component.runtime is None and not component.runtimes
    if unsaid and version:
        limit = f" ({choice.because.evidence.fact})" if choice and choice.because else ""
        newest = component.language in NEWEST and component.runtime is None
        yield (
            f"{component.manifest} does not say which version of {component.language} to use: "
            f"{'the newest' if newest else version} is a guess{limit}."
        )


def _contradictions(component: Component) -> Iterator[str]:
    choice = component.versions
    for conflict in choice.conflicts if choice else ():
        yield (
            f"No version satisfies both {_place(conflict.kept.evidence)} and {_place(conflict.dropped.evidence)}: "
            f"{choice.version if choice else ''} is set up, as the first says; decide which of them is right."
        )


def _place(evidence: Evidence) -> str:
    return f"`{evidence}`"


def _cache_files(component: Component) -> tuple[str, ...]:
    """What the cache of downloads is keyed by: the lock file, else the files that are installed from."""
    manager = component.package_manager.value if component.package_manager else None
    if component.lock_file:
        return (component.lock_file,)
    install = component.command(Purpose.INSTALL)
    named = _REQUIREMENTS.findall(install.run) if install and manager == "pip" else []
    if install and named:
        whole = component.manifest.endswith(".txt") or _WHOLE.search(install.run)
        files = [posixpath.normpath(posixpath.join(component.path, name)) for name in named]
        return tuple(dict.fromkeys([*([component.manifest] if whole else []), *files]))
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
