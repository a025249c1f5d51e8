"""npm, pnpm, Yarn, Bun and the task runners of their workspaces: the scripts of `package.json`."""

import fnmatch
import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.launchers.wrappers import option, rest
from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver
from shiftdown.pipelines.tools import purpose_of_name
from shiftdown.repository.stack import Purpose

MAX_MEMBERS = 300
"""How many packages of a workspace are looked at."""

_ALIASES = {"t": "test", "tst": "test", "run-script": "run", "rum": "run", "urn": "run", "x": "exec"}
_IMPLICIT = {"test", "start", "stop", "restart"}
_PLACES = "--prefix -C --dir --cwd"
_VALUES = "--prefix -C --dir --cwd -w --workspace -F --filter --reporter --loglevel --workspace-concurrency"
_TOOLS = {"@biomejs/biome": "biome", "@playwright/test": "playwright", "@angular/cli": "ng", "@nestjs/cli": "nest"}


def _package(resolver: Resolver, directory: str | None) -> dict[str, Any]:
    text = resolver.read(directory, "package.json")
    try:
        data = json.loads(text) if text else {}
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _scripts(resolver: Resolver, directory: str | None) -> dict[str, str]:
    scripts = resolver.once(_package, directory).get("scripts")
    return {k: v for k, v in scripts.items() if isinstance(v, str)} if isinstance(scripts, dict) else {}


def _script(resolver: Resolver, call: Call, name: str, arguments: Sequence[str] = ()) -> Iterator[Found]:
    """What the script of the nearest package runs, with those that npm runs before and after it."""
    here = resolver.above(call.directory, "package.json")
    yield from _script_in(resolver, call, here, name, arguments, fallback=True)


def _script_in(
    resolver: Resolver,
    call: Call,
    directory: str | None,
    name: str,
    arguments: Sequence[str],
    *,
    fallback: bool = False,
) -> Iterator[Found]:
    scripts = _scripts(resolver, directory)
    if name not in scripts:
        if fallback:
            yield Found(call, None)
        return
    step = f"{call.words[0]} run {name}"
    itself = directory == resolver.above(call.directory, "package.json")  # and not the root's for its members
    if call.via.count(step) >= (1 if itself else 2):
        return
    inside = replace(call, directory=directory)
    for script in (f"pre{name}", name, f"post{name}"):
        if script in scripts:
            text = " ".join([scripts[script], *(f"'{a}'" for a in arguments)]) if script == name else scripts[script]
            yield from resolver.named(inside, script, text, step)


def _members(resolver: Resolver, root: str | None) -> list[str]:
    """The directories of a workspace's packages, the root left out."""
    if root is None:
        return []
    workspaces = resolver.once(_package, root).get("workspaces")
    patterns = workspaces.get("packages") if isinstance(workspaces, dict) else workspaces
    text = resolver.read(root, "pnpm-workspace.yaml")
    if text:
        try:
            data = yaml.load(text)
        except CannotEditError:
            data = None
        patterns = data.get("packages") if isinstance(data, dict) else patterns
    found: list[str] = []
    for pattern in patterns if isinstance(patterns, list) else []:
        if not isinstance(pattern, str):
            continue
        place = posixpath.normpath(posixpath.join(root, pattern.lstrip("!"), "package.json"))
        matches = [p.rpartition("/")[0] for p in resolver.snapshot.glob(place) if "node_modules" not in p]
        found = [f for f in found if f not in matches] if pattern.startswith("!") else [*found, *matches]
    return [m for m in dict.fromkeys(found) if m != root][:MAX_MEMBERS]


def _in_members(resolver: Resolver, call: Call, names: Sequence[str], filters: Sequence[str]) -> Iterator[Found]:
    """What scripts run in the packages of the workspace that the filters choose."""
    root = resolver.above(call.directory, "package.json")
    for member in resolver.once(_members, root):
        if not any(name in _scripts(resolver, member) for name in names):
            continue
        if not filters or any(_chosen(resolver, member, root or "", f) for f in filters):
            for name in names:
                yield from _script_in(resolver, call, member, name, ())


def _chosen(resolver: Resolver, member: str, root: str, wanted: str) -> bool:
    if wanted.startswith("!"):
        return False
    wanted = wanted.replace("...", "").strip("^{}")
    if not wanted or "[" in wanted:
        return True
    name = str(resolver.once(_package, member).get("name", ""))
    place = posixpath.normpath(posixpath.join(root, wanted))
    return fnmatch.fnmatch(name, wanted) or fnmatch.fnmatch(member, place) or name.rpartition("/")[2] == wanted


def _filters(words: Sequence[str]) -> list[str]:
    found = []
    for number, word in enumerate(words):
        if word in ("-w", "--workspace", "-F", "--filter", "--scope", "--projects", "-p") and number + 1 < len(words):
            found += words[number + 1].split(",")
        elif match := re.match(r"(?:--workspace|--filter|--scope|--projects)=(.+)", word):
            found += match[1].split(",")
    return found


def _manager(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """`npm`, `pnpm`, `yarn`, `bun`."""
    manager, words = call.words[0], call.words[1:]
    before, _, after = _cut(words)
    if place := option(before, _PLACES):
        call = replace(call, directory=resolver.join(call.directory, place))
    everywhere = bool({"--workspaces", "-ws", "-r", "--recursive"} & set(before))
    filters = [] if manager == "yarn" or (manager == "pnpm" and "-w" in before) else _filters(before)
    command, arguments = _command(manager, before)
    if manager == "yarn" and command in ("workspace", "workspaces"):
        return _yarn_workspaces(resolver, call, command, arguments)
    if command == "run":
        command, arguments = _command("", arguments)
        run = True
    else:
        own = manager == "bun" and command in ("test", "build")  # Bun's own, whatever the scripts are called
        run = (command in _IMPLICIT and not own) or (
            manager in ("yarn", "pnpm", "bun")
            and not own
            and command in _scripts(resolver, resolver.above(call.directory, "package.json"))
        )
    if run and command:
        if filters or everywhere:
            return _in_members(resolver, call, [command], filters)
        scripts = _scripts(resolver, resolver.above(call.directory, "package.json"))
        if manager in ("yarn", "bun") and command not in scripts and resolver.knows(command):
            return resolver.resolve(call.become([command, *arguments, *after]))  # an installed program
        return _script(resolver, call, command, [*(() if manager == "npm" else arguments), *after])
    if command in ("exec", "dlx", "node") or (manager in ("npm", "bun") and command == "x"):
        return resolver.resolve(call.become([*arguments, *after]))
    if manager in ("yarn", "pnpm") and command and command not in _BUILT_IN:
        return resolver.resolve(call.become([command, *arguments, *after]))
    return None


_BUILT_IN_WORDS = (
    "install i ci add remove up upgrade update publish pack audit config cache init link list ls why "
    "dedupe prune set version info store import patch rebuild fetch deploy approve-builds create global "
    "login npm plugin unlink"
)
_BUILT_IN = frozenset(_BUILT_IN_WORDS.split())
"""Subcommands of pnpm and Yarn that are no scripts and no programs."""


def _cut(words: Sequence[str]) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    if "--" not in words:
        return tuple(words), "", ()
    at = list(words).index("--")
    return tuple(words[:at]), "--", tuple(words[at + 1 :])


def _command(manager: str, words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    values = _VALUES.replace("-w ", "") if manager in ("pnpm", "yarn") else _VALUES
    left = rest(words, values)
    name = left[0] if left else ""
    return (_ALIASES.get(name, name) if manager in ("npm", "pnpm") else name), left[1:]


def _yarn_workspaces(
    resolver: Resolver, call: Call, command: str, arguments: tuple[str, ...]
) -> Iterator[Found] | None:
    if command == "workspace":
        words = arguments[2:] if arguments[1:2] == ("run",) else arguments[1:]
        return _in_members(resolver, call, words[:1], arguments[:1])
    words = rest(arguments[1:] if arguments[:1] == ("foreach",) else arguments, "--include --exclude --from --jobs -j")
    return _in_members(resolver, call, words[1:2], ()) if words[:1] == ("run",) else None


def _npx(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "-p --package -c --call")
    if (script := option(call.words[1:], "-c --call")) is not None:
        return resolver.script(script, call.inside("npx"))
    if not words:
        return None
    name = re.sub(r"(?<=.)@[^/]*$", "", words[0])
    name = _TOOLS.get(name, name.rpartition("/")[2] if name.startswith("@") else name)
    return resolver.resolve(call.become([name, *words[1:]]))


def _run_all(resolver: Resolver, call: Call) -> Iterator[Found]:
    """`npm-run-all`, `run-s`, `run-p`: names of scripts, with `*` for parts of a name."""
    scripts = _scripts(resolver, resolver.above(call.directory, "package.json"))
    for wanted in call.words[1:]:
        pattern = wanted.split(" ")[0]
        if pattern.startswith("-"):
            continue
        for name in fnmatch.filter(scripts, pattern.replace("**", "*")):
            yield from _script(resolver, call, name)


def _turbo(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = call.words[1:]
    names = [w for w in rest(words, "--filter -F --concurrency --cache-dir") if not w.startswith("-")]
    names = [n for n in names if n != "run"]
    return _workspace_tasks(resolver, call, names, _filters(words))


def _nx(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = call.words[1:]
    if words[:1] in (("run-many",), ("affected",)):
        names: list[str] = []
        for number, word in enumerate(words):
            if word in ("-t", "--target", "--targets"):
                for following in words[number + 1 :]:
                    if following.startswith("-"):
                        break
                    names += following.split(",")
            elif word.startswith(("--target=", "--targets=", "-t=")):
                names += word.partition("=")[2].split(",")
        return _workspace_tasks(resolver, call, names, _filters(words) if words[0] == "run-many" else [])
    if words[:1] == ("run",) and len(words) > 1:
        project, _, target = words[1].partition(":")
        return _workspace_tasks(resolver, call, [target], [project])
    if len(words) > 1 and not words[0].startswith("-"):
        return _workspace_tasks(resolver, call, [words[0]], [words[1]])
    return None


def _lerna(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = call.words[1:]
    if words[:1] != ("run",):
        return None
    return _workspace_tasks(resolver, call, list(rest(words[1:], "--scope"))[:1], _filters(words))


def _workspace_tasks(resolver: Resolver, call: Call, names: Sequence[str], filters: Sequence[str]) -> Iterator[Found]:
    """What the tasks run in the workspace; what is defined elsewhere than in scripts is told by its name."""
    found = list(_in_members(resolver, call, names, filters))
    yield from found
    if not found:
        for name in names:
            yield Found(call, purpose_of_name(name))


def _tsc(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """The compiler only checks types when its configuration says that it writes nothing."""
    place = option(call.words[1:], "-p --project") or "tsconfig.json"
    text = resolver.read(call.directory, place if place.endswith(".json") else f"{place}/tsconfig.json") or ""
    if re.search(r'"(noEmit|emitDeclarationOnly)"\s*:\s*true', re.sub(r"//.*", "", text)):
        return iter([Found(call, Purpose.TYPECHECK)])
    return None


LAUNCHERS: Mapping[str, Launcher] = {
    "tsc": _tsc,
    "npm": _manager,
    "pnpm": _manager,
    "yarn": _manager,
    "yarnpkg": _manager,
    "bun": _manager,
    "npx": _npx,
    "bunx": _npx,
    "pnpx": _npx,
    "npm-run-all": _run_all,
    "run-s": _run_all,
    "run-p": _run_all,
    "turbo": _turbo,
    "nx": _nx,
    "lerna": _lerna,
}
"""By name."""
