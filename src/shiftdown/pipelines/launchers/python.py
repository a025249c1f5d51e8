"""tox, nox, Hatch, PDM, Poetry, uv, Poe and `python -m`."""

import ast
import configparser
import posixpath
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shiftdown.pipelines.launchers.wrappers import measured, option, rest
from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver
from shiftdown.pipelines.shell import UNKNOWN
from shiftdown.pipelines.tools import purpose_of, purpose_of_name

_UV = (
    "--with --with-editable --with-requirements --extra --no-extra --group --only-group --no-group --python -p "
    "--project --directory --package --env-file --index --index-url --default-index --resolution --python-platform -i"
)


def _toml(resolver: Resolver, directory: str | None, name: str) -> dict[str, Any]:
    text = resolver.read(directory, name)
    try:
        return tomllib.loads(text) if text else {}
    except tomllib.TOMLDecodeError:
        return {}


def _at(data: Any, *keys: str) -> Any:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _tool(resolver: Resolver, call: Call, *keys: str) -> Any:
    directory = resolver.above(call.directory, "pyproject.toml")
    return _at(resolver.once(_toml, directory, "pyproject.toml"), "tool", *keys)


def _python(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "-W -X")
    flags = call.words[1 : len(call.words) - len(words)]
    module = next((n for n, w in enumerate(call.words[1:], 1) if w == "-m"), None)
    if module is not None and not any(not w.startswith("-") for w in call.words[1:module] if w not in flags):
        return resolver.resolve(call.become(call.words[module + 1 :]))
    return None


def _coverage(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    if call.words[1:2] != ("run",):
        return None
    words = list(call.words[2:])
    takers = "--source --rcfile --omit --include --context --concurrency --data-file --source-pkgs"
    left = [w for w in words if w not in ("-p", "-a", "--parallel-mode", "--append", "--branch", "--timid")]
    if "-m" in left and not [w for w in rest(left[: left.index("-m")], takers) if w]:
        inner = left[left.index("-m") + 1 :]
    else:
        inner = ["python", *rest(left, takers)]
    return measured(resolver, call.become(["coverage", *inner])) if inner else None


def _run(tool: str) -> Launcher:
    """`TOOL run COMMAND`, where the command may be a script of the project."""

    def run(resolver: Resolver, call: Call) -> Iterator[Found] | None:
        words = rest(call.words[1:], "-C --project -P --directory -p -q_ --python")
        if place := option(call.words[1 : len(call.words) - len(words) + 1], "-C --directory --project -P -p"):
            call = replace(call, directory=resolver.join(call.directory, place))
        scripts = _tool(resolver, call, "pdm", "scripts") if tool == "pdm" else None
        if words[:1] == ("run",):
            words = rest(words[1:], "-p --python -s_ --env")
        elif not (isinstance(scripts, dict) and words and words[0] in scripts):
            return None
        if isinstance(scripts, dict) and words and words[0] in scripts:
            return _task(resolver, call, words[0], scripts, words[1:])
        return resolver.resolve(call.become(words))

    return run


def _task(
    resolver: Resolver, call: Call, name: str, tasks: Mapping[str, Any], arguments: Sequence[str] = ()
) -> Iterator[Found]:
    """A task of PDM, Poe or taskipy: a command, or a table with one, or a list of others."""
    step = f"{call.words[0]} {name}"
    if step in call.via:
        return
    entry = tasks[name]
    keys = ("cmd", "shell", "script", "call", "composite", "sequence", "ref")
    value = next((entry[k] for k in keys if k in entry), None) if isinstance(entry, dict) else entry
    if isinstance(entry, dict):
        for dependency in entry.get("deps", ()) if isinstance(entry.get("deps"), list) else ():
            if dependency in tasks:
                yield from _task(resolver, call.inside(step), dependency, tasks)
    if isinstance(value, str):
        yield from resolver.named(call, name, " ".join([value, *arguments]), step)
    for item in value if isinstance(value, list) else ():
        text = next((v for v in item.values() if isinstance(v, str)), "") if isinstance(item, dict) else str(item)
        first = text.split(" ")[0]
        if first in tasks and first != name:
            yield from _task(resolver, call.inside(step), first, tasks)
        elif text:
            yield from resolver.named(call, name, text, step)


def _tasks(*keys: str) -> Launcher:
    """A runner of tasks that are a table of `pyproject.toml`."""

    def run(resolver: Resolver, call: Call) -> Iterator[Found] | None:
        words = rest(call.words[1:], "-C -e")
        tasks = _tool(resolver, call, *keys)
        if not words or not isinstance(tasks, dict) or words[0] not in tasks:
            return None
        return _task(resolver, call, words[0], tasks, words[1:])

    return run


def _hatch(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "-e --env -p --project")
    command = words[0] if words else ""
    if command == "test":
        tests = call.become(["pytest", *rest(words[1:], "--python -py --retries --retry-delay -i -x")])
        coverage = bool({"--cover", "-c", "--cover-quiet"} & set(words))
        return measured(resolver, tests.become(["hatch", *tests.words])) if coverage else resolver.resolve(tests)
    if command == "fmt":
        return iter([Found(call.become(["ruff", "check"]), purpose_of("ruff", ["check"]))])
    if command not in ("run", "env"):
        return None
    if command == "env":
        words = words[1:]
    words = rest(words[1:], "-i --include -x --exclude -f --filter")
    names = words[0].split(":") if words else []
    environment = names[0] if len(names) > 1 else option(call.words, "-e --env") or "default"
    script = names[-1] if names else ""
    scripts = _hatch_scripts(resolver, call, environment)
    if script not in scripts:
        return resolver.resolve(call.become([script, *words[1:]])) if script else None
    return _hatch_script(resolver, call, environment, script, scripts, words[1:])


def _hatch_scripts(resolver: Resolver, call: Call, environment: str) -> dict[str, Any]:
    own = resolver.once(_toml, resolver.above(call.directory, "hatch.toml"), "hatch.toml")
    tables = [_tool(resolver, call, "hatch", "envs"), own.get("envs")]
    scripts: dict[str, Any] = {}
    for table in tables:
        template = _at(table, environment, "template") or "default"
        for name in (template, environment):
            found = _at(table, name, "scripts")
            scripts |= found if isinstance(found, dict) else {}
    return scripts


def _hatch_script(
    resolver: Resolver, call: Call, environment: str, name: str, scripts: Mapping[str, Any], arguments: Sequence[str]
) -> Iterator[Found]:
    step = f"hatch run {name}"
    title = name if environment == "default" else f"{environment}-{name}"
    if step in call.via:
        return
    lines = scripts[name] if isinstance(scripts[name], list) else [scripts[name]]
    for line in lines:
        text = re.sub(r"\{args(?::([^}]*))?\}", lambda m: " ".join(arguments) or m[1] or "", str(line))
        text, ignored = text.removeprefix("- "), text.startswith("- ")
        first, _, others = text.partition(" ")
        inside = replace(call, ignored=call.ignored or ignored)
        if first in scripts and first != name:
            yield from _hatch_script(resolver, inside.inside(step), environment, first, scripts, others.split())
        else:
            yield from resolver.named(inside, title, text, step)


def _uv(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], "--project --directory --cache-dir --config-file")
    if place := option(call.words, "--directory --project"):
        call = replace(call, directory=resolver.join(call.directory, place))
    if words[:2] == ("tool", "run"):
        return _uvx(resolver, call.become(["uvx", *words[2:]]))
    if words[:1] != ("run",):
        return None
    inner = rest(words[1:], _UV)
    flags = words[1 : len(words) - len(inner)]
    module = {"-m", "--module"} & set(flags)
    inner = inner if not inner or not inner[0].endswith(".py") else ("python", *inner)
    return resolver.resolve(call.become(["python", "-m", *inner] if module else inner)) if inner else None


def _uvx(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    words = rest(call.words[1:], f"--from --spec --constraints {_UV}")
    if words[:1] == ("run",) and call.words[0] == "pipx":
        words = rest(words[1:], "--from --spec --python --pip-args --index-url")
    elif call.words[0] == "pipx":
        return None
    return resolver.resolve(call.become([re.sub(r"(@|==).*$", "", words[0]), *words[1:]])) if words else None


def _tox(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    config = _tox_config(resolver, call)
    if not config:
        return None
    words = call.words[1:]
    before = words[: words.index("--")] if "--" in words else words
    posargs = list(words[words.index("--") + 1 :]) if "--" in words else []
    wanted = option(before, "-e -f --env --environment")
    if wanted is None:
        short = next((w for w in before if re.match(r"-e\w", w)), None)
        wanted = short[2:] if short else None
    names = _names(wanted) if wanted and wanted != "ALL" else config.get("", [])
    return _tox_environments(resolver, call, names or ["py"], config, posargs)


def _tox_environments(
    resolver: Resolver, call: Call, names: Sequence[str], config: Mapping[str, list[str]], posargs: Sequence[str]
) -> Iterator[Found]:
    for name in dict.fromkeys(names):
        lines = config.get(f"testenv:{name}", config.get("testenv", []))
        step = f"tox -e {name}"
        for line in lines:
            factors, text = _factors(line)
            if step in call.via or not _matches(factors, name):
                continue
            text = re.sub(r"\{posargs:?([^{}]*)\}|\{posargs\}", lambda m: " ".join(posargs) or m[1] or "", text)
            text = re.sub(r"\{(toxinidir|tox_root)\}", ".", text)
            text = re.sub(r"\{env_?python\}|\{envbindir\}/python", "python", text)
            text = re.sub(r"\{[^{}]*\}", UNKNOWN, text)
            ignored, text = text.startswith("- ") or call.ignored, text.removeprefix("- ")
            title = "test" if name.startswith(("py", "3")) else name
            yield from resolver.named(replace(call, ignored=ignored), title, text, step)


def _tox_config(resolver: Resolver, call: Call) -> dict[str, list[str]]:
    """The commands of each section, and under `""` the environments that run by default."""
    here = next(
        (d for n in ("tox.ini", "pyproject.toml") if (d := resolver.above(call.directory, n)) is not None), None
    )
    if place := option(call.words[1:], "-c --conf"):
        here = resolver.join(call.directory, posixpath.dirname(place) if place.endswith((".ini", ".toml")) else place)
    native = resolver.once(_toml, here, "tox.toml") or _at(resolver.once(_toml, here, "pyproject.toml"), "tool", "tox")
    text = resolver.read(here, "tox.ini") or _at(native, "legacy_tox_ini") or resolver.read(here, "setup.cfg")
    if isinstance(native, dict) and ("env" in native or "env_run_base" in native):
        return _tox_native(native)
    parser = configparser.ConfigParser(interpolation=None, strict=False, allow_no_value=True)
    try:
        parser.read_string(text if isinstance(text, str) else "")
    except configparser.Error:
        return {}
    main: Mapping[str, str] = next((parser[name] for name in ("tox", "tox:tox") if name in parser), {})
    result = {"": _names(main.get("envlist") or main.get("env_list") or "")}
    for section in parser.sections():
        if section.startswith("testenv") and (commands := parser[section].get("commands")) is not None:
            commands = re.sub(r"\{\[(.+?)\](\w+)\}", lambda m: parser.get(m[1], m[2], fallback="") or "", commands)
            for name in _names(section.removeprefix("testenv:")) or [""]:
                lines = re.sub(r"\\\n\s*", "", commands).strip().split("\n")
                result[f"testenv:{name}" if ":" in section else "testenv"] = [x.strip() for x in lines if x.strip()]
    return result


def _tox_native(data: Mapping[str, Any]) -> dict[str, list[str]]:
    listed = data.get("env_list")
    result = {"": [e for e in listed if isinstance(e, str)] if isinstance(listed, list) else []}
    sections = {"testenv": data.get("env_run_base"), **{f"testenv:{k}": v for k, v in (data.get("env") or {}).items()}}
    for name, section in sections.items():
        commands = _at(section, "commands")
        if isinstance(commands, list):
            lines = [[w if isinstance(w, str) else _native_word(w) for w in c] for c in commands if isinstance(c, list)]
            result[name] = [" ".join(filter(None, line)) for line in lines]
    return result


def _native_word(word: Any) -> str:
    default = _at(word, "default")
    return " ".join(map(str, default)) if isinstance(default, list) else ""


def _names(text: str) -> list[str]:
    """The environments of a list such as `py{311,312}-{a,b}, lint`."""
    text = re.sub(r"#.*", "", text)
    names = []
    for part in re.findall(r"(?:[^\s,{}]|\{[^{}]*\})+", text):
        options = [
            p.strip("{}").split(",") if p.startswith("{") else [p] for p in re.findall(r"\{[^{}]*\}|[^{}]+", part)
        ]
        found = [""]
        for choices in options:
            found = [f + c.strip() for f in found for c in choices][:200]
        names += found
    return names


def _factors(line: str) -> tuple[str, str]:
    match = re.match(r"^([\w,.!{}-]+):\s+(.*)$", line, re.DOTALL)
    return (match[1], match[2]) if match else ("", line)


def _matches(factors: str, name: str) -> bool:
    """Whether a conditional line is for an environment."""
    if not factors:
        return True
    has = set(name.split("-"))
    return any(
        all((f.lstrip("!") in has) != f.startswith("!") for f in option.split("-")) for option in _names(factors)
    )


def _nox(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    file = option(call.words[1:], "-f --noxfile") or "noxfile.py"
    directory = call.directory if "/" in file else resolver.above(call.directory, file)
    sessions = resolver.once(_sessions, directory, file)
    wanted: list[str] = []
    for number, word in enumerate(call.words):
        if word in ("-s", "--session", "--sessions", "-e"):
            for following in call.words[number + 1 :]:
                if following.startswith("-"):
                    break
                wanted.append(following)
        elif re.match(r"(-s|--sessions?)[=\w]", word):
            wanted.append(re.sub(r"^-s=?|^--sessions?=", "", word))
    if not sessions:
        return None
    return _nox_sessions(resolver, replace(call, directory=directory), sessions, wanted)


def _nox_sessions(
    resolver: Resolver, call: Call, sessions: Mapping[str, ast.FunctionDef], wanted: Sequence[str]
) -> Iterator[Found]:
    known = {
        w: w if w in sessions else next((n for n in sessions if re.match(rf"{re.escape(n)}[-(]", w)), w) for w in wanted
    }
    for name, function in sessions.items():
        if wanted and name not in known.values():
            continue
        inside = call.inside(f"nox -s {name}")
        found: list[Found] = []
        for node in ast.walk(function):
            words = _session_run(node, function)
            if words:
                found += resolver.resolve(inside.become(words))
        yield from found
        if not any(f.purpose for f in found) and (purpose := purpose_of_name(name)):
            yield Found(call, purpose)


def _session_run(node: ast.AST, function: ast.FunctionDef) -> list[str]:
    """The words of `session.run("pytest", …)`; what is not literal is unknown."""
    session = function.args.args[0].arg if function.args.args else ""
    if not (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    ):
        return []
    if node.func.value.id != session or node.func.attr not in ("run", "run_always"):
        return []
    return [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else UNKNOWN for a in node.args]


def _sessions(resolver: Resolver, directory: str | None, file: str) -> dict[str, ast.FunctionDef]:
    try:
        tree = ast.parse(resolver.read(directory, file) or "")
    except (SyntaxError, ValueError):
        return {}
    found = {}
    for node in tree.body:
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            target = decorator.func if isinstance(decorator, ast.Call) else decorator
            if isinstance(node, ast.FunctionDef) and ast.unparse(target).endswith("session"):
                keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
                named = next((k.value for k in keywords if k.arg == "name"), None)
                name = named.value if isinstance(named, ast.Constant) else node.name
                found[str(name)] = node
    return found


LAUNCHERS: Mapping[str, Launcher] = {
    "python": _python,
    "coverage": _coverage,
    "poetry": _run("poetry"),
    "pdm": _run("pdm"),
    "pipenv": _run("pipenv"),
    "rye": _run("rye"),
    "conda": _run("conda"),
    "hatch": _hatch,
    "uv": _uv,
    "uvx": _uvx,
    "pipx": _uvx,
    "tox": _tox,
    "nox": _nox,
    "poe": _tasks("poe", "tasks"),
}
"""By name."""
