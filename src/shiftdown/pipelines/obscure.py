"""Which of the programs that a script runs are not understood, and why."""

import re
from collections.abc import Iterable

from shiftdown.pipelines._harmless import ACTIONS, OWNERS, PROGRAMS
from shiftdown.pipelines.hints import hints_of, language_of
from shiftdown.pipelines.resolve import Found
from shiftdown.pipelines.shell import UNKNOWN
from shiftdown.pipelines.tools import TOOLS, never_tells
from shiftdown.repository.stack import Language, Purpose

_INTERPRETERS = {
    "python",
    "node",
    "ruby",
    "php",
    "perl",
    "deno",
    "tsx",
    "ts-node",
    "bun",
    "bash",
    "sh",
    "pwsh",
    "swift",
}
_SCRIPT = re.compile(r"[\w./@-]+\.(py|m?[jt]s|cjs|rb|php|pl|sh|ps1|bash)|(\./|\.\./)[\w./-]+|[\w.-]+(/[\w.-]+)+")
_NAME = re.compile(r"[\w./@+:-]+")
"""What a program can be called; anything else is a part of a script in another language."""
_ASSIGNS = re.compile(r"\S*=|…(\.\w+)? ?(\+?=|-(eq|ne|not|match)\b)|…(\.\w+|\+\+)$")
"""How scripts of PowerShell set and compare variables."""
_RUN = {"run", "test", "exec"}
_LAUNCHES = {
    *("make", "gmake", "just", "task", "npm", "pnpm", "yarn", "bun", "composer", "rake", "invoke", "inv", "poe"),
    *("mise", "nx", "turbo", "moon", "rush", "lerna", "bazel", "bazelisk", "earthly", "pants", "please", "dagger"),
    *("docker", "podman", "nix", "nix-shell", "devenv", "skaffold", "tox", "nox", "hatch", "pipenv", "act", "eval"),
}
"""Programs that lead to others: what they run is told by files, where these can be followed."""
_CONTAINER = {"run", "exec", "up", "start"}


def why_obscure(found: Found) -> str | None:
    """Why it cannot be told what a program does, as the end of a sentence; `None` when it can, or is harmless."""
    words = [word.replace(UNKNOWN, "…") for word in found.call.words]
    shown = " ".join(words)
    shown = f"`{shown if len(shown) <= 80 else f'{shown[:79]}…'}`"
    if found.purpose is not None:
        return f"runs {shown} in a directory that only the run knows" if found.call.directory is None else None
    if any(step.startswith("pre-commit") for step in found.call.via):
        return None  # a hook: pre-commit as a whole is a linter
    name, arguments = words[0], words[1:]
    if _ASSIGNS.match(" ".join(words[:2])):
        return None
    if "…" in name:
        return f"runs {shown}, a program that only the run knows"
    if name in _LAUNCHES:
        return f"runs {shown}, which cannot be followed" if _leads_somewhere(name, arguments) else None
    if name in _INTERPRETERS:
        script = next((a for a in arguments[:4] if _SCRIPT.fullmatch(a)), None)
        inline = {"-c", "-e", "-", "--version", "-v", "-V"} & set(arguments[:2])
        return f"runs {shown}, a script that is not followed" if script and not inline else None
    known = TOOLS.get(name)
    if known is not None:
        return f"runs {shown}, which cannot be followed" if known.purpose is never_tells else None
    if name.lower() in PROGRAMS or re.fullmatch(r"[A-Z]\w*-\w+|\W.*", name) or not _NAME.fullmatch(name):
        return None
    return f"runs {shown}, of which nothing is known"


def hints_of_call(found: Found, names: Iterable[str] = ()) -> tuple[Purpose, ...] | None:
    """What a command's words suggest; else what the names of what leads to it do, the nearest first."""
    if found.purpose is not None:
        return (found.purpose,)
    command = " ".join(found.call.words[:5]).replace(UNKNOWN, " ")
    texts = (command, *reversed(found.call.via), *names)
    return next((hints for text in texts if (hints := hints_of(text)) is not None), None)


def is_harmless_action(uses: str) -> bool:
    """Whether an action, by its reference, is known to test, lint and build nothing."""
    name = uses.partition("@")[0].lower().strip("/")
    prepares = "/setup-" in name or name.startswith("github/codeql-action/")
    return prepares or name in ACTIONS or name.partition("/")[0] in OWNERS


def language_of_call(found: Found) -> Language | None:
    """The stack of the tools that a command names, its interpreter aside."""
    words = found.call.words
    return language_of(" ".join(words[1:] if words[0] in _INTERPRETERS else words))


def _leads_somewhere(name: str, arguments: list[str]) -> bool:
    """Whether a program that leads to others does so here: `docker pull` does not, `npm install` neither."""
    words = [a for a in arguments if not a.startswith("-")]
    if name == "eval":
        return True
    if name in ("docker", "podman"):
        words = words[1:] if words[:1] == ["compose"] else words
        return bool(_CONTAINER & set(words[:1]))
    if name in ("npm", "pnpm", "yarn", "bun"):
        return bool(words) and (words[0] in _RUN or "…" in words[0])
    if name in ("mise", "pipenv", "nix", "hatch", "moon", "rush"):
        return bool(
            {"run", "r", "build", "test", "check", "develop", "shell", "flake", "ci", "rebuild"} & set(words[:1])
        )
    if name in ("bazel", "bazelisk"):
        return bool({"test", "build", "run", "coverage"} & set(words[:1]))
    return True
