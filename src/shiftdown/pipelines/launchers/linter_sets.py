"""super-linter and MegaLinter: many linters, of which the environment may choose some."""

from collections.abc import Iterator, Mapping

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver
from shiftdown.pipelines.tools import TOOLS

_COMMANDS = {
    "golangci-lint": "golangci-lint run",
    "black": "black --check",
    "isort": "isort --check",
    "prettier": "prettier --check",
    "es": "eslint",
    "go": "golangci-lint run",
    "modules": "golangci-lint run",
    "standard": "standard",
}
"""Commands by the last words of a linter's name, where they are not the program's own."""


def _super_linter(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """With any `VALIDATE_X: true` only these linters run."""
    others = ("VALIDATE_ALL_CODEBASE",)
    chosen = [k for k, v in call.env.items() if k.startswith("VALIDATE_") and v.lower() == "true" and k not in others]
    return _each(resolver, call, [name.removeprefix("VALIDATE_") for name in chosen]) if chosen else None


def _megalinter(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """With `ENABLE_LINTERS` or `ENABLE` only these run, as the environment or its own file says."""
    try:
        said = yaml.load(resolver.read("", ".mega-linter.yml") or "")
    except CannotEditError:
        said = None
    settings = {**(said if isinstance(said, dict) else {}), **call.env}
    chosen = settings.get("ENABLE_LINTERS") or settings.get("ENABLE")
    names = chosen.strip("[] ").split(",") if isinstance(chosen, str) else chosen
    return _each(resolver, call, [str(n).strip("\"' ") for n in names]) if isinstance(names, list) else None


def _each(resolver: Resolver, call: Call, names: list[str]) -> Iterator[Found]:
    for name in names:
        tool = name.lower().partition("_")[2].replace("_", "-") or name.lower()
        command = _COMMANDS.get(tool, tool)
        if command.split(" ")[0] in TOOLS:
            yield from resolver.script(command, call.inside(call.words[0]))


LAUNCHERS: Mapping[str, Launcher] = {"super-linter": _super_linter, "megalinter": _megalinter}
"""By name."""
