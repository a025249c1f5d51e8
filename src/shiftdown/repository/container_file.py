"""Container files (Dockerfile, Containerfile) as instructions: what they are built from, copy, run, expose and start.

Reads what BuildKit reads: parser directives, continuation lines, the exec form, flags, heredocs and build arguments.
Nothing is executed, and nothing fails: what is no instruction is left out.
"""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

AUTOMATIC = frozenset(
    f"{side}{what}" for side in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT")
) | {"TARGETSTAGE", "SOURCE_DATE_EPOCH"}
"""Build arguments that BuildKit fills itself once they are declared."""
_PROXIES = frozenset(f"{name}_PROXY" for name in ("HTTP", "HTTPS", "FTP", "NO", "ALL"))
_INSTRUCTION = re.compile(r"^\s*([A-Za-z]+)(?:[ \t]+(.*))?$", re.S)
_FLAG = re.compile(r"^--([\w-]+)(?:=(\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_WITH_HEREDOC = ("RUN", "COPY", "ADD")
_VARIABLE = re.compile(r"(\\)?\$(?:(\w+)|\{(\w+)(?:(:?[-+?])((?:[^{}]|\{[^{}]*\})*)|[^}]*)?\})")


@dataclass(frozen=True)
class Instruction:
    """An instruction, continuation lines joined."""

    name: str
    """Its name in capitals: "FROM", "COPY", …"""
    text: str
    """What follows its name and flags."""
    line: int
    """The 1-based line on which it begins."""
    flags: tuple[tuple[str, str], ...] = ()
    """Its flags: `("from", "build")` for `--from=build`."""
    heredocs: tuple[str, ...] = ()
    """The bodies of its heredocs."""

    def flag(self, name: str) -> str | None:
        """The value of a flag; `None` when it is not given."""
        return next((value for key, value in self.flags if key == name), None)

    @property
    def exec_form(self) -> tuple[str, ...] | None:
        """Its words in the exec form (`["node", "server.js"]`); `None` in the shell form."""
        if not self.text.lstrip().startswith("["):
            return None
        try:
            words = json.loads(self.text)
        except ValueError:
            return None
        return tuple(words) if isinstance(words, list) and all(isinstance(w, str) for w in words) else None

    @property
    def words(self) -> tuple[str, ...]:
        """Its words, whatever its form; heredocs left out."""
        found = self.exec_form
        if found is not None:
            return found
        text = _HEREDOC.sub(" ", self.text) if self.heredocs else self.text
        try:
            return tuple(shlex.split(text))
        except ValueError:
            return tuple(text.split())

    @property
    def assignments(self) -> tuple[tuple[str, str | None], ...]:
        """The names and values of ARG, ENV and LABEL; `None` for an argument without a default."""
        words = self.words
        if self.name == "ENV" and words and "=" not in words[0]:
            return ((words[0], " ".join(words[1:])),)
        return tuple((name, value if equals else None) for name, equals, value in (w.partition("=") for w in words))

    @property
    def mounts(self) -> tuple[Mapping[str, str], ...]:
        """The mounts of a RUN: `{"type": "secret", "id": "token"}`."""
        return tuple(
            dict(part.partition("=")[::2] for part in value.split(",")) for key, value in self.flags if key == "mount"
        )


@dataclass(frozen=True)
class BuildStage:
    """A build stage: a FROM and what follows it."""

    start: Instruction
    """Its FROM."""
    image: str
    """What it starts from, as it is written: an image, or the name of a stage before it."""
    name: str | None = None
    """Its name in lower case."""
    instructions: tuple[Instruction, ...] = ()
    """What follows its FROM."""

    def last(self, *names: str) -> Instruction | None:
        """The last instruction of one of several names."""
        return next((i for i in reversed(self.instructions) if i.name in names), None)


@dataclass(frozen=True)
class ContainerFile:
    """A container file."""

    arguments: Mapping[str, str | None] = field(default_factory=dict)
    """The build arguments before the first FROM, with their defaults."""
    declared: Mapping[str, int] = field(default_factory=dict)
    """The line on which each of these is declared."""
    stages: tuple[BuildStage, ...] = ()
    """Its stages."""

    def stage(self, name: str | None) -> BuildStage | None:
        """The stage of a name or number; without a name the last one."""
        if name is None:
            return self.stages[-1] if self.stages else None
        numbered = self.stages[int(name)] if name.isdecimal() and int(name) < len(self.stages) else None
        return next((s for s in reversed(self.stages) if s.name == name.lower()), numbered)

    def built(self, target: str | None = None) -> tuple[BuildStage, ...]:
        """The stages that a target is built of, in their order: it, what it starts from, and what it copies from."""
        wanted: list[BuildStage] = []
        waiting = [s for s in [self.stage(target)] if s]
        while waiting:
            stage = waiting.pop()
            if stage not in wanted:
                wanted.append(stage)
                waiting += [s for name in _sources(stage) if (s := self._before(stage, name))]
        return tuple(s for s in self.stages if s in wanted)

    def _before(self, stage: BuildStage, name: str) -> BuildStage | None:
        earlier = self.stages[: self.stages.index(stage)]
        numbered = earlier[int(name)] if name.isdecimal() and int(name) < len(earlier) else None
        return next((s for s in reversed(earlier) if s.name == name.lower()), numbered)

    def lineage(self, target: str | None = None) -> tuple[BuildStage, ...]:
        """A target and the stages that it starts from, itself first: what its image inherits."""
        found: list[BuildStage] = []
        stage = self.stage(target)
        while stage:
            found.append(stage)
            stage = self._before(stage, stage.image)
        return tuple(found)

    def is_stage(self, stage: BuildStage, name: str) -> bool:
        """Whether a name that a stage uses is one of the stages before it."""
        return self._before(stage, name) is not None


def _sources(stage: BuildStage) -> Iterator[str]:
    yield stage.image
    for instruction in stage.instructions:
        if (name := instruction.flag("from")) is not None:
            yield name
        yield from (m["from"] for m in instruction.mounts if "from" in m)


def parse(text: str) -> ContainerFile:
    """Read a container file."""
    arguments: dict[str, str | None] = {}
    declared: dict[str, int] = {}
    stages: list[tuple[Instruction, list[Instruction]]] = []
    for instruction in _instructions(text):
        if instruction.name == "FROM":
            stages.append((instruction, []))
        elif stages:
            stages[-1][1].append(instruction)
        elif instruction.name == "ARG":
            arguments |= dict(instruction.assignments)
            declared |= {name: instruction.line for name, _ in instruction.assignments}
    return ContainerFile(arguments, declared, tuple(_stage(start, inner) for start, inner in stages if start.words))


def _stage(start: Instruction, inner: list[Instruction]) -> BuildStage:
    words = start.words
    name = words[2].lower() if len(words) > 2 and words[1].lower() == "as" else None
    return BuildStage(start, words[0], name, tuple(inner))


def _instructions(text: str) -> Iterator[Instruction]:
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    escape = _escape(lines)
    at = 0
    while at < len(lines):
        start = at
        parts: list[str] = []
        while at < len(lines):
            line = lines[at]
            at += 1
            if line.lstrip().startswith("#") or (parts and not line.strip()):
                continue
            continued = line.rstrip().endswith(escape)
            parts.append(line.rstrip()[:-1] if continued else line)
            if not continued:
                break
        match = _INSTRUCTION.match(" ".join(parts))
        if not match:
            continue
        name, rest = match[1].upper(), match[2] or ""
        while not lines[start].strip() or lines[start].lstrip().startswith("#"):
            start += 1
        bodies: list[str] = []
        for delimiter in [m[2] for m in _HEREDOC.finditer(rest)] if name in _WITH_HEREDOC else ():
            end = next((n for n in range(at, len(lines)) if lines[n].strip() == delimiter), None)
            if end is not None:
                bodies.append("\n".join(lines[at:end]))
                at = end + 1
        flags, rest = _flags(rest)
        yield Instruction(name, rest.strip(), start + 1, flags, tuple(bodies))


def _escape(lines: list[str]) -> str:
    """The character that continues a line: a directive at the very top may choose the back quote."""
    for line in lines:
        directive = re.match(r"^#\s*(\w+)\s*=\s*(\S+)", line)
        if directive is None:
            return "\\"
        if directive[1].lower() == "escape":
            return directive[2]
    return "\\"


def _flags(rest: str) -> tuple[tuple[tuple[str, str], ...], str]:
    found = []
    rest = rest.lstrip()
    while match := _FLAG.match(rest):
        found.append((match[1], (match[2] or "").strip("\"'")))
        rest = rest[match.end() :]
    return tuple(found), rest


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """A text with its variables filled in; those without a known value stay as they are."""

    def value(match: re.Match[str]) -> str:
        name, operator, word = match[2] or match[3], match[4] or "", match[5] or ""
        if match[1]:
            return match[0]
        known = values.get(name)
        if operator.endswith("-"):
            return known if known or (known is not None and operator == "-") else word
        if operator.endswith("+"):
            return word if known else ""
        return known if known is not None else match[0]

    return _VARIABLE.sub(value, text)


def variables(text: str) -> Iterator[str]:
    """The variables that a text uses without a default of its own."""
    for match in _VARIABLE.finditer(text):
        if not match[1] and not (match[4] or "").endswith(("-", "+")):
            yield match[2] or match[3]


def automatic(name: str) -> bool:
    """Whether BuildKit or a proxy's setting fills a build argument."""
    return name in AUTOMATIC or name.upper() in _PROXIES or name.startswith("BUILDKIT_")
