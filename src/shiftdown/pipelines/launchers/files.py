"""Make, just, Task, Composer, pre-commit: runners of any stack that have a file of their own."""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shiftdown.edits import yaml
from shiftdown.errors import CannotEditError
from shiftdown.pipelines.launchers.wrappers import elsewhere, option, rest
from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver
from shiftdown.pipelines.shell import UNKNOWN
from shiftdown.pipelines.tools import purpose_of, purpose_of_name
from shiftdown.repository.stack import Purpose

_RULE = re.compile(r"^(?![ \t#])([^:=#]+?)\s*::?(?!=)\s*([^;#=]*?)(?:;\s*(.*))?\s*(?:##?.*)?$")
_VARIABLE = re.compile(r"^(?:export\s+|override\s+)*([\w.-]+)\s*(\?=|::?=|\+=|!=|=)\s*(.*)$")
_FORMATTERS = {"ruff", "black", "prettier", "biome", "gofmt", "gofumpt", "yapf", "rustfmt", "dprint"}
"""A hook that writes is a check: pre-commit fails when files change."""
_HOOKS = {
    "ruff-check": "ruff",
    "ruff-format": "ruff format --check",
    "black": "black --check",
    "black-jupyter": "black --check",
    "isort": "isort --check",
    "prettier": "prettier --check",
    "golangci-lint": "golangci-lint run",
    "mirrors-mypy": "mypy",
    "biome-check": "biome check",
    "gitleaks": "gitleaks",
    "detect-secrets": "detect-secrets",
}


@dataclass
class _Makefile:
    targets: dict[str, list[str]] = field(default_factory=dict)
    """Recipes by target."""
    needs: dict[str, list[str]] = field(default_factory=dict)
    """Prerequisites by target."""
    variables: dict[str, str] = field(default_factory=dict)
    """Variables, as they are written."""


def _make(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = list(call.words[1:])
    directory = call.directory
    for number, word in enumerate(words):
        if word in ("-C", "--directory") and number + 1 < len(words):
            directory = resolver.join(directory, words[number + 1])
        elif match := re.match(r"(?:-C|--directory=)(.+)", word):
            directory = resolver.join(directory, match[1])
    named = option(words, "-f --file --makefile")
    names = [named] if named else ["GNUmakefile", "makefile", "Makefile"]
    name = next((n for n in names if resolver.read(directory, n) is not None), None)
    if name is None:
        return None
    read = resolver.once(_makefile, directory, name)
    makefile = replace(read, variables=dict(read.variables))
    left = [w for w in _positional(words, "-C --directory -f --file --makefile -j -l -o -I") if not w.isdigit()]
    makefile.variables |= {k: v for k, _, v in (w.partition("=") for w in left if "=" in w)}
    goal = makefile.variables.get(".DEFAULT_GOAL") or next((t for t in makefile.targets if not t.startswith(".")), None)
    targets = [w for w in left if "=" not in w] or ([goal] if goal else [])
    return _targets(resolver, replace(call, directory=directory), makefile, targets)


def _makefile(resolver: Resolver, directory: str | None, name: str) -> _Makefile:
    makefile = _Makefile()
    _read_makefile(resolver, directory, name, makefile)
    return makefile


def _positional(words: Sequence[str], with_value: str) -> list[str]:
    takers, found, skip = set(with_value.split()), [], False
    for word in words:
        if skip or word.startswith("-"):
            skip = not skip and word in takers and word != "-j"
        else:
            found.append(word)
    return found


def _read_makefile(resolver: Resolver, directory: str | None, name: str, makefile: _Makefile, depth: int = 0) -> None:
    text = re.sub(r"\\\r?\n[ \t]*", " ", resolver.read(directory, name) or "")
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith("\t"):
            for target in current:
                makefile.targets[target].append(line.strip())
        elif (match := re.match(r"^[-s]?include\s+(.+)$", line)) and depth < 2:
            for pattern in match[1].split():
                place = posixpath.normpath(posixpath.join(directory or "", pattern))
                if "$" not in place and not place.startswith(("/", "..")):
                    for path in resolver.snapshot.glob(place)[:20]:
                        _read_makefile(resolver, "", path, makefile, depth + 1)
        elif match := _VARIABLE.match(line.strip()):
            if match[2] != "?=" or match[1] not in makefile.variables:
                known = makefile.variables.get(match[1], "") if match[2] == "+=" else ""
                makefile.variables[match[1]] = f"{known} {match[3].partition(' #')[0]}".strip()
        elif match := _RULE.match(line):
            current = _expand(match[1], makefile.variables).split()
            for target in current:
                makefile.targets.setdefault(target, []).extend([match[3]] if match[3] else [])
                makefile.needs.setdefault(target, []).extend(_expand(match[2], makefile.variables).split())


def _expand(text: str, variables: Mapping[str, str], depth: int = 0) -> str:
    """The text with the variables that are known; functions are unknown."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name == "MAKE":
            return "make"
        if name in variables and depth < 8:
            return _expand(variables[name], variables, depth + 1)
        return UNKNOWN

    text = re.sub(r"\$(?:\(([^()]*)\)|\{([^{}]*)\})", value, text)
    return re.sub(r"\$(?:\(.*?\)|\{.*?\})", UNKNOWN, text).replace("$$", "$")


def _targets(resolver: Resolver, call: Call, makefile: _Makefile, targets: Sequence[str]) -> Iterator[Found]:
    for target in targets:
        step = f"make {target}"
        if target not in makefile.targets:
            yield Found(call.become(["make", target]), None)
            continue
        if step in call.via or len(call.via) > 8:
            continue
        yield from _targets(
            resolver, call.inside(step), makefile, [n for n in makefile.needs[target] if n in makefile.targets]
        )
        found: list[Found] = []
        for line in makefile.targets[target]:
            ignored = bool(re.match(r"[@+]*-", line))
            script = _expand(line.lstrip("@-+ "), makefile.variables)
            found += resolver.script(script, replace(call, ignored=call.ignored or ignored).inside(step))
        yield from found
        if found and not any(f.purpose for f in found) and (purpose := purpose_of_name(target)):
            yield Found(call.become(["make", target]), purpose)


def _just(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    name = next(
        (n for n in ("justfile", "Justfile", ".justfile") if resolver.above(call.directory, n) is not None), None
    )
    if name is None:
        return None
    directory = resolver.above(call.directory, name)
    recipes: dict[str, tuple[list[str], list[str]]] = {}
    body: list[str] = []
    for line in (resolver.read(directory, name) or "").splitlines():
        if match := re.match(r"^@?([A-Za-z_][\w-]*)\b([^:=]*):(?!=)\s*(.*)$", line):
            body = []
            recipes[match[1]] = (re.sub(r"[()&]", " ", match[3].partition("#")[0]).split(), body)
        elif line.startswith((" ", "\t")):
            body.append(line.strip().lstrip("@"))
    wanted = [w for w in rest(call.words[1:], "-f --justfile -d --working-directory --set") if "=" not in w][:1]
    return _recipes(resolver, replace(call, directory=directory), recipes, wanted or list(recipes)[:1])


def _recipes(
    resolver: Resolver, call: Call, recipes: Mapping[str, tuple[list[str], list[str]]], wanted: Sequence[str]
) -> Iterator[Found]:
    for name in wanted:
        step = f"just {name}"
        if name not in recipes or step in call.via:
            continue
        needs, body = recipes[name]
        yield from _recipes(resolver, call.inside(step), recipes, [n for n in needs if n in recipes])
        script = re.sub(r"\{\{.*?\}\}", UNKNOWN, "\n".join(body))
        yield from resolver.named(call, name, script, step)


def _task(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    name = next((n for n in ("Taskfile.yml", "Taskfile.yaml") if resolver.above(call.directory, n) is not None), None)
    tasks = resolver.once(_yaml, resolver.above(call.directory, name), name).get("tasks") if name else None
    words = rest(call.words[1:], "-t --taskfile -d --dir")
    if not isinstance(tasks, dict):
        return None
    here = replace(call, directory=resolver.above(call.directory, name or ""))
    return _taskfile(resolver, here, tasks, [w for w in words if "=" not in w] or ["default"])


def _taskfile(resolver: Resolver, call: Call, tasks: Mapping[str, Any], wanted: Sequence[str]) -> Iterator[Found]:
    for name in wanted:
        step = f"task {name}"
        task = tasks.get(name)
        if task is None or step in call.via:
            continue
        table = task if isinstance(task, dict) else {"cmds": task}
        commands = table.get("cmds", table.get("cmd"))
        place = table.get("dir")
        inside = replace(call, directory=resolver.join(call.directory, place)) if isinstance(place, str) else call
        entries = [*(table.get("deps") or ()), *(commands if isinstance(commands, list) else [commands])]
        for number, entry in enumerate(entries):
            value = entry.get("task") if isinstance(entry, dict) else None
            if value is not None or number < len(table.get("deps") or ()):
                yield from _taskfile(resolver, call.inside(step), tasks, [str(value or entry)])
            else:
                text = entry.get("cmd", "") if isinstance(entry, dict) else entry
                yield from resolver.named(inside, name, re.sub(r"\{\{.*?\}\}", UNKNOWN, str(text or "")), step)


def _composer(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "-d --working-dir")
    if place := option(call.words[1:], "-d --working-dir"):
        call = replace(call, directory=resolver.join(call.directory, place))
    words = rest(words[1:]) if words[:1] in (("run",), ("run-script",)) else words
    if words[:1] == ("exec",):
        return resolver.resolve(call.become([word for word in rest(words[1:]) if word != "--"]))
    try:
        scripts = json.loads(resolver.read(call.directory, "composer.json") or "{}").get("scripts")
    except (ValueError, AttributeError):
        return None
    if not words or not isinstance(scripts, dict) or words[0] not in scripts or f"composer {words[0]}" in call.via:
        return None
    lines = scripts[words[0]] if isinstance(scripts[words[0]], list) else [scripts[words[0]]]
    text = "\n".join(re.sub(r"^@(?!php)", "composer ", str(line)).removeprefix("@php ") for line in lines)
    return resolver.named(call, words[0], text, f"composer {words[0]}")


def _pre_commit(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """Each hook is a program of its own; a run of named hooks is of these only."""
    if call.words[1:2] != ("run",):
        return None
    directory = resolver.above(call.directory, ".pre-commit-config.yaml")
    repositories = resolver.once(_yaml, directory, ".pre-commit-config.yaml").get("repos")
    wanted = [w for w in rest(call.words[2:], "--files --hook-stage --from-ref --to-ref -c --config") if w[:1] != "-"][
        :1
    ]
    return _hooks(resolver, call, repositories if isinstance(repositories, list) else [], wanted)


def _hooks(resolver: Resolver, call: Call, repositories: Sequence[Any], wanted: Sequence[str]) -> Iterator[Found]:
    yield Found(call, purpose_of("pre-commit", ["run"]))
    for repository in repositories:
        hooks = repository.get("hooks") if isinstance(repository, dict) else None
        for hook in hooks if isinstance(hooks, list) else ():
            name = str(hook.get("id", "")) if isinstance(hook, dict) else ""
            if name and (not wanted or name in wanted):
                own = hook.get("entry") if repository.get("repo") == "local" else None
                for found in resolver.script(_HOOKS.get(name, str(own or name)), call.inside("pre-commit run")):
                    writes = found.purpose is None and found.call.words[0] in _FORMATTERS
                    yield replace(found, purpose=Purpose.FORMAT) if writes else found


def _rake(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """`rake` alone runs what the Rakefile names as default."""
    if any(not w.startswith("-") for w in call.words[1:]):
        return None
    text = resolver.read(call.directory, "Rakefile") or ""
    match = re.search(r"^\s*task\s*\(?\s*(?::default|default:|\"default\")\s*(?:=>)?\s*(.+)$", text, re.MULTILINE)
    return resolver.resolve(call.become(["rake", *re.findall(r"[\w]+(?::\w+)*", match[1])])) if match else None


def _maven(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    """Without a goal, Maven runs the one that the project names as its default."""
    found = elsewhere("-f --file")(resolver, call)
    goals = _positional(call.words[1:], "-f --file -s --settings -pl --projects -P --threads -T -gs -D -l -rf -t")
    if found is not None or goals:
        return found
    match = re.search(r"<defaultGoal>([^<]*)</defaultGoal>", resolver.read(call.directory, "pom.xml") or "")
    words = [*call.words, *(match[1].split() if match else ())]
    return iter([Found(call.become(words), purpose_of("mvn", words[1:]))])


def _yaml(resolver: Resolver, directory: str | None, name: str) -> dict[str, Any]:
    try:
        data = yaml.load(resolver.read(directory, name) or "")
    except CannotEditError:
        return {}
    return data if isinstance(data, dict) else {}


LAUNCHERS: Mapping[str, Launcher] = {
    "make": _make,
    "gmake": _make,
    "just": _just,
    "task": _task,
    "go-task": _task,
    "composer": _composer,
    "pre-commit": _pre_commit,
    "prek": _pre_commit,
    "rake": _rake,
    "mvn": _maven,
}
"""By name."""
