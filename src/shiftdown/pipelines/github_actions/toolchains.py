"""The steps that install a job's languages, with the caches that the set-up actions have built in."""

from collections.abc import Callable, Mapping
from typing import Any

from shiftdown.errors import InvalidInputError
from shiftdown.pipelines.model import Runtime
from shiftdown.pipelines.pins import Pins
from shiftdown.repository.stack import Language

StepData = dict[str, Any]
"""A step as the workflow file says it."""

_RUSTUP = """\
rustup toolchain install "$RUST" --profile minimal --component clippy,rustfmt
rustup default "$RUST"
"""
_RUSTUP_FILE = """\
rustup toolchain install
rustup component add clippy rustfmt
"""
_PYTHON_TOOLS = ("poetry", "pdm", "hatch", "pipenv")


def setup_steps(runtime: Runtime, pins: Pins) -> list[StepData]:
    """The steps for one language.

    Raises:
        InvalidInputError: its package manager is not one that the language has.
    """
    return _LANGUAGES[runtime.language](runtime, pins)


def _node(runtime: Runtime, pins: Pins) -> list[StepData]:
    manager = runtime.package_manager or "npm"
    if manager == "bun":
        return _bun(runtime, pins)
    steps: list[StepData] = []
    if manager == "pnpm":
        with_: StepData = {}
        if runtime.package_manager_version:
            with_["version"] = runtime.package_manager_version
        if runtime.package_manager_file not in (None, "package.json"):
            with_["package_json_file"] = runtime.package_manager_file
        steps.append(_use(pins, "Set up pnpm", "pnpm/action-setup", with_))
    elif manager == "yarn" and _is_modern_yarn(runtime):
        steps.append({"name": "Set up Yarn", "run": "\n".join(_corepack(runtime))})
    elif manager not in ("npm", "yarn"):
        raise _unknown(runtime)
    with_ = _version(runtime, "node-version")
    if runtime.cache_files:
        with_ |= {"cache": manager} | _cache_path(runtime)
    else:
        with_["package-manager-cache"] = False
    return [*steps, _use(pins, "Set up Node.js", "actions/setup-node", with_)]


def _bun(runtime: Runtime, pins: Pins) -> list[StepData]:
    steps = []
    if runtime.version or runtime.version_file or runtime.version_axis:
        with_ = _version(runtime, "node-version") | {"package-manager-cache": False}
        steps.append(_use(pins, "Set up Node.js", "actions/setup-node", with_))
    with_ = {}
    if runtime.package_manager_version:
        with_["bun-version"] = runtime.package_manager_version
    elif runtime.package_manager_file:
        with_["bun-version-file"] = runtime.package_manager_file
    steps.append(_use(pins, "Set up Bun", "oven-sh/setup-bun", with_))
    return [*steps, *_cache(runtime, pins, "bun", ["~/.bun/install/cache"])]


def _corepack(runtime: Runtime) -> list[str]:
    """What makes a modern Yarn the one that is called: where no file names a release, that of the lock file's time."""
    version = runtime.package_manager_version
    if version is None or "." in version:
        return ["corepack enable"]
    return ["corepack enable", f"corepack prepare yarn@{version} --activate"]


def _is_modern_yarn(runtime: Runtime) -> bool:
    version = runtime.package_manager_version
    return runtime.package_manager_file is not None if version is None else not version.startswith(("0.", "1."))


def _python(runtime: Runtime, pins: Pins) -> list[StepData]:
    manager = runtime.package_manager or "pip"
    if manager == "uv":
        return _uv(runtime, pins)
    steps: list[StepData] = []
    if manager in _PYTHON_TOOLS:
        version = f"=={runtime.package_manager_version}" if runtime.package_manager_version else ""
        steps.append({"name": f"Install {manager}", "run": f"pipx install {manager}{version}"})
    elif manager != "pip":
        raise _unknown(runtime)
    with_ = _version(runtime, "python-version")
    if runtime.cache_files and manager in ("pip", "poetry", "pipenv"):
        with_ |= {"cache": manager} | _cache_path(runtime, always=manager == "pip")
    return [*steps, _use(pins, "Set up Python", "actions/setup-python", with_)]


def _uv(runtime: Runtime, pins: Pins) -> list[StepData]:
    with_: StepData = {}
    if runtime.package_manager_version:
        with_["version"] = runtime.package_manager_version
    if runtime.version_file is None:  # otherwise uv itself reads the file
        with_ |= _version(runtime, "python-version")
    with_["enable-cache"] = bool(runtime.cache_files)
    with_ |= _cache_path(runtime, "cache-dependency-glob")
    return [_use(pins, "Set up uv", "astral-sh/setup-uv", with_)]


def _go(runtime: Runtime, pins: Pins) -> list[StepData]:
    with_ = _version(runtime, "go-version")
    with_ |= _cache_path(runtime) if runtime.cache_files else {"cache": False}
    return [_use(pins, "Set up Go", "actions/setup-go", with_)]


def _java(runtime: Runtime, pins: Pins) -> list[StepData]:
    manager = runtime.package_manager
    if manager not in ("maven", "gradle", "sbt", None):
        raise _unknown(runtime)
    with_ = {"distribution": "temurin"} | _versions(runtime, "java-version")
    if runtime.cache_files and manager:
        with_ |= {"cache": manager} | _cache_path(runtime)
    return [_use(pins, "Set up Java", "actions/setup-java", with_)]


def _rust(runtime: Runtime, pins: Pins) -> list[StepData]:
    if runtime.version_file:  # rustup reads it by itself
        step: StepData = {"name": "Set up Rust", "run": _RUSTUP_FILE}
    else:
        version = _axis(runtime) or runtime.version or "stable"
        step = {"name": "Set up Rust", "env": {"RUST": version}, "run": _RUSTUP}
    return [step, *_cache(runtime, pins, "cargo", ["~/.cargo/registry", "~/.cargo/git", "target"])]


def _dotnet(runtime: Runtime, pins: Pins) -> list[StepData]:
    with_ = _versions(runtime, "dotnet-version", file_key="global-json-file")
    if runtime.cache_files:
        with_ |= {"cache": True, "cache-dependency-path": _lines(runtime.cache_files)}
    return [_use(pins, "Set up .NET", "actions/setup-dotnet", with_)]


def _ruby(runtime: Runtime, pins: Pins) -> list[StepData]:
    with_: StepData = {}
    if runtime.version_file is None:
        with_ = _version(runtime, "ruby-version")
    elif "/" in runtime.version_file:
        with_["working-directory"] = runtime.version_file.rpartition("/")[0]
    if runtime.cache_files:
        with_["bundler-cache"] = True
        if "/" in runtime.cache_files[0]:
            with_["working-directory"] = runtime.cache_files[0].rpartition("/")[0]
    return [_use(pins, "Set up Ruby", "ruby/setup-ruby", with_)]


def _php(runtime: Runtime, pins: Pins) -> list[StepData]:
    with_ = _version(runtime, "php-version")
    return [
        _use(pins, "Set up PHP", "shivammathur/setup-php", with_),
        *_cache(runtime, pins, "composer", ["~/.cache/composer"]),
    ]


_LANGUAGES: Mapping[Language, Callable[[Runtime, Pins], list[StepData]]] = {
    Language.NODE: _node,
    Language.PYTHON: _python,
    Language.GO: _go,
    Language.JAVA: _java,
    Language.RUST: _rust,
    Language.DOTNET: _dotnet,
    Language.RUBY: _ruby,
    Language.PHP: _php,
}


def _use(pins: Pins, name: str, action: str, inputs: StepData) -> StepData:
    step: StepData = {"name": name, "uses": pins.uses(action)}
    return step | {"with": inputs} if inputs else step


def _version(runtime: Runtime, key: str, file_key: str | None = None) -> StepData:
    if runtime.version_file:
        return {file_key or f"{key}-file": runtime.version_file}
    version = _axis(runtime) or runtime.version
    return {key: version} if version else {}


def _versions(runtime: Runtime, key: str, file_key: str | None = None) -> StepData:
    """As `_version`, with those that are installed beside it; the last is the one that is used."""
    with_ = _version(runtime, key, file_key)
    if runtime.beside:
        with_[key] = _lines((*runtime.beside, *((str(with_[key]),) if key in with_ else ())))
    return with_


def _axis(runtime: Runtime) -> str | None:
    return f"${{{{ matrix.{runtime.version_axis} }}}}" if runtime.version_axis else None


def _cache_path(runtime: Runtime, key: str = "cache-dependency-path", *, always: bool = False) -> StepData:
    """Where the lock files are, unless they are where the action looks by itself."""
    if not runtime.cache_files or (not always and not any("/" in file for file in runtime.cache_files)):
        return {}
    return {key: _lines(runtime.cache_files)}


def _cache(runtime: Runtime, pins: Pins, name: str, paths: list[str]) -> list[StepData]:
    if not runtime.cache_files:
        return []
    files = ", ".join(f"'{file}'" for file in runtime.cache_files)
    key = f"{name}-${{{{ runner.os }}}}-"
    with_ = {
        "path": _lines(paths),
        "key": f"{key}${{{{ hashFiles({files}) }}}}",
        "restore-keys": key,
    }
    return [_use(pins, "Cache dependencies", "actions/cache", with_)]


def _lines(paths: tuple[str, ...] | list[str]) -> str:
    return paths[0] if len(paths) == 1 else "\n".join(paths) + "\n"


def _unknown(runtime: Runtime) -> InvalidInputError:
    return InvalidInputError(
        f"no set-up is known for package manager {runtime.package_manager!r} of {runtime.language}: leave it out"
    )
