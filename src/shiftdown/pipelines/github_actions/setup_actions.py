"""Actions that set up a language or a package manager, and what of their inputs says the version."""

from collections.abc import Mapping
from dataclasses import dataclass

from shiftdown.repository.stack import Language


@dataclass(frozen=True)
class SetUp:
    """What an action sets up."""

    language: Language | None = None
    """The language."""
    versions: tuple[str, ...] = ()
    """Inputs that say its version, or name a file that does."""
    manager: str | None = None
    """The package manager."""
    manager_versions: tuple[str, ...] = ()
    """Inputs that say the package manager's version, or name a file that does."""
    ref: bool = False
    """Whether the version is what stands after the `@`."""


_SET_UPS: Mapping[str, SetUp] = {
    "actions/setup-node": SetUp(Language.NODE, ("node-version", "node-version-file")),
    "volta-cli/action": SetUp(Language.NODE, ("node-version",)),
    "pnpm/action-setup": SetUp(manager="pnpm", manager_versions=("version", "package_json_file")),
    "oven-sh/setup-bun": SetUp(Language.NODE, manager="bun", manager_versions=("bun-version", "bun-version-file")),
    "actions/setup-python": SetUp(Language.PYTHON, ("python-version", "python-version-file")),
    "conda-incubator/setup-miniconda": SetUp(Language.PYTHON, ("python-version",), "conda", ("environment-file",)),
    "mamba-org/setup-micromamba": SetUp(Language.PYTHON, (), "conda", ("environment-file",)),
    "astral-sh/setup-uv": SetUp(Language.PYTHON, ("python-version",), "uv", ("version", "version-file")),
    "pdm-project/setup-pdm": SetUp(Language.PYTHON, ("python-version",), "pdm", ("version",)),
    "snok/install-poetry": SetUp(manager="poetry", manager_versions=("version",)),
    "prefix-dev/setup-pixi": SetUp(Language.PYTHON, (), "pixi", ("pixi-version",)),
    "actions/setup-go": SetUp(Language.GO, ("go-version", "go-version-file")),
    "actions/setup-java": SetUp(Language.JAVA, ("java-version", "java-version-file")),
    "graalvm/setup-graalvm": SetUp(Language.JAVA, ("java-version",)),
    "gradle/actions/setup-gradle": SetUp(manager="gradle", manager_versions=("gradle-version",)),
    "actions/setup-dotnet": SetUp(Language.DOTNET, ("dotnet-version", "global-json-file")),
    "ruby/setup-ruby": SetUp(Language.RUBY, ("ruby-version",)),
    "shivammathur/setup-php": SetUp(Language.PHP, ("php-version",)),
    "dtolnay/rust-toolchain": SetUp(Language.RUST, ("toolchain",), ref=True),
    "actions-rs/toolchain": SetUp(Language.RUST, ("toolchain",)),
    "actions-rust-lang/setup-rust-toolchain": SetUp(Language.RUST, ("toolchain",)),
    "moonrepo/setup-rust": SetUp(Language.RUST, ("channel",)),
}


def set_up_by(uses: str) -> SetUp | None:
    """What an action sets up; `None` when it is not known to set up a language."""
    return _SET_UPS.get(uses.partition("@")[0])
