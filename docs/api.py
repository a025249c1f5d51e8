"""The reference of the Python API, read from signatures and docstrings. Run by cog (`make docs`)."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from types import FunctionType
from typing import cast

import griffe

ROOT = Path(__file__).parents[1]
_STARS = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}
CALLED = re.compile(r"\b(Args|Raises|Returns|Yields):\n")


def _package() -> griffe.Object:
    return cast("griffe.Object", griffe.load("shiftdown", search_paths=[str(ROOT / "src")], resolve_aliases=True))


def module(name: str) -> None:
    """Every public name of a module: what it means, its fields, members or parameters, what it raises."""
    package = _package()
    names = sorted(import_module(name).__all__, key=str.lower)
    reached = [_target(package, name, each) for each in names if each != "__version__"]
    for each, found in reached:
        _describe(each, found)
    if name == "shiftdown":
        front = next(found for each, found in reached if each == "Shiftdown")
        for title, part in _parts(package, front, {found.path for _, found in reached}):
            _describe(title, part)


def fields(path: str) -> None:
    """The fields that a model has itself, without those of the model that it extends."""
    found = cast("griffe.Class", _at(_package(), path))
    _table(found, list(found.members.items()))


def _target(package: griffe.Object, module_name: str, name: str) -> tuple[str, griffe.Object]:
    value = getattr(import_module(module_name), name)
    home, qualified = getattr(value, "__module__", None), getattr(value, "__qualname__", None)
    known = home and qualified and str(home).startswith("shiftdown") and isinstance(value, type | FunctionType)
    path = f"{home}.{qualified}" if known else f"{module_name}.{name}"
    found = _at(package, path)
    if found is None:
        raise LookupError(path)
    return name, found


def _at(package: griffe.Object, path: str) -> griffe.Object | None:
    """What a dotted path means, behind all imports."""
    try:
        found = package[path.removeprefix("shiftdown.").split(".")]
    except KeyError:
        return None
    return found.final_target if isinstance(found, griffe.Alias) else found


def _parts(package: griffe.Object, front: griffe.Object, seen: set[str]) -> Iterator[tuple[str, griffe.Object]]:
    """What the attributes of the front door lead to: `sd.programs`, `sd.tasks` and so on."""
    for name, member in front.all_members.items():
        annotation = _annotation(member)
        if name.startswith("_") or not _is_attribute(member) or not hasattr(annotation, "canonical_path"):
            continue
        path = annotation.canonical_path  # type: ignore[union-attr]
        found = _at(package, path) if path.startswith("shiftdown.") and path not in seen else None
        if found is not None and found.is_class:
            yield f"Shiftdown.{name}", found


def _describe(title: str, found: griffe.Object) -> None:
    print(f"\n## {title}\n")
    if isinstance(found, griffe.Function):
        _signature(found)
    print(_prose(found))
    if isinstance(found, griffe.Module):
        for name, member in found.functions.items():
            if not name.startswith("_") and not member.is_alias:
                print(f"\n### {title}.{name}\n")
                _signature(member)
                print(_prose(member))
    if isinstance(found, griffe.Class):
        _attributes(found)
        for name, member in found.all_members.items():
            target = member.final_target if isinstance(member, griffe.Alias) else member
            if isinstance(target, griffe.Function) and not name.startswith("_") and not _is_attribute(target):
                print(f"\n### {title}.{name}\n")
                _signature(target)
                print(_prose(target))


def _attributes(found: griffe.Class) -> None:
    _table(found, list(found.all_members.items()))


def _table(found: griffe.Class, members: list[tuple[str, griffe.Object | griffe.Alias]]) -> None:
    rows = [
        (name, member)
        for name, member in members
        if not name.startswith("_") and _is_attribute(member) and name != "model_config"
    ]
    if not rows:
        return
    enumeration = any(str(base).rpartition(".")[2] in ("StrEnum", "Enum", "IntEnum") for base in found.bases)
    if enumeration and not any(member.docstring for _, member in rows):
        print(f"\nOne of {', '.join(f'`{name}`' for name, _ in rows)}.")
        return
    print("\n| value | meaning |\n|---|---|" if enumeration else "\n| attribute | type | meaning |\n|---|---|---|")
    for name, member in rows:
        meaning = _cell(member.docstring.value.split("\n\n")[0] if member.docstring else "")
        if enumeration:
            print(f"| `{name}` | {meaning} |")
        else:
            default = f" Default `{_cell(str(member.value))}`." if _has_default(member) else ""
            shown = _annotation(member)
            kind = f"`{_cell(str(shown))}`" if shown is not None else ""
            print(f"| `{name}` | {kind} | {meaning}{default} |")


def _has_default(member: griffe.Object | griffe.Alias) -> bool:
    value = getattr(member, "value", None)
    bound = "instance-attribute" in member.labels and "class-attribute" not in member.labels
    return value is not None and not str(value).startswith("Field(") and "property" not in member.labels and not bound


def _is_attribute(member: griffe.Object | griffe.Alias) -> bool:
    target = member.final_target if isinstance(member, griffe.Alias) else member
    if target.is_attribute:
        return True
    plain = {"classmethod", "staticmethod", "contextmanager", "overload"}
    decorators = {str(d.value).rpartition(".")[2] for d in target.decorators} if target.is_function else set()
    return bool(decorators - plain) and len(target.parameters) == 1


def _annotation(member: griffe.Object | griffe.Alias) -> object:
    target = member.final_target if isinstance(member, griffe.Alias) else member
    return target.annotation if target.is_attribute else target.returns


def _signature(function: griffe.Function) -> None:
    shown = []
    for parameter in function.parameters:
        if parameter.name in ("self", "cls"):
            continue
        kind = _STARS.get(parameter.kind, "")
        if parameter.kind is griffe.ParameterKind.keyword_only and not any(each.startswith("*") for each in shown):
            shown.append("*")
        hint = f": {parameter.annotation}" if parameter.annotation else ""
        value = f" = {parameter.default}" if parameter.default is not None and not kind else ""
        shown.append(f"{kind}{parameter.name}{hint}{value}")
    line = f"{function.name}({', '.join(shown)}) -> {function.returns}"
    if len(line) > 110:
        line = f"{function.name}(\n" + "".join(f"    {each},\n" for each in shown) + f") -> {function.returns}"
    print(f"```text\n{line}\n```\n")


def _prose(found: griffe.Object) -> str:
    """A docstring as Markdown: its sections become lists."""
    text = found.docstring.value if found.docstring else ""
    lines: list[str] = []
    section = False
    for line in text.splitlines():
        if CALLED.fullmatch(f"{line.strip()}\n"):
            section = True
            lines += [f"**{line.strip().removesuffix(':')}**", ""]
        elif section and re.match(r"    \S", line):
            name, colon, rest = line.strip().partition(": ")
            lines.append(f"- `{name}`: {rest}" if colon else f"- {line.strip()}")
        elif section and line.startswith("     "):
            lines.append(f"  {line.strip()}")
        else:
            section = section and not line
            lines.append(line)
    return _fenced("\n".join(lines).strip())


def _fenced(text: str) -> str:
    """Examples of an interpreter's session as blocks of code."""
    shown = re.sub(r"(?m)(?:^    .*\n?)+", lambda block: f"```pycon\n{dedent(block[0]).rstrip()}\n```\n", text)
    return shown if ">>>" in text else text


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
