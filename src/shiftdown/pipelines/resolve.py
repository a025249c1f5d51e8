"""From a script to the programs that do the work: through wrappers, package scripts, targets and sessions."""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from shiftdown.errors import UnreadableFileError
from shiftdown.pipelines import shell
from shiftdown.pipelines.shell import UNKNOWN, WORKSPACE
from shiftdown.pipelines.tools import TOOLS, purpose_of, purpose_of_name
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Purpose

T = TypeVar("T")

MAX_DEPTH = 8
"""How many scripts that call scripts are followed."""
MAX_FOUND = 3000
"""How many programs of one script are listed."""

_IDLE = {
    "echo",
    "printf",
    "exit",
    "true",
    "false",
    ":",
    "set",
    "test",
    "[",
    "export",
    "source",
    ".",
    "sleep",
    "rm",
    "mkdir",
}
_SHELLS = {"bash", "sh", "zsh", "dash", "pwsh", "powershell"}
_ALIASES = {
    "mvnw": "mvn",
    "mvnw.cmd": "mvn",
    "gradlew": "gradle",
    "gradlew.bat": "gradle",
    "docker-compose": "docker",
    "richgo": "go",
    "gotip": "go",
}
_MANIFESTS = (
    "package.json", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "go.mod", "pom.xml", "build.gradle",
    "build.gradle.kts", "Cargo.toml", "Gemfile", "composer.json",
)  # fmt: skip
_ENDINGS = (".sln", ".slnx", ".csproj", ".fsproj", ".vbproj", ".gemspec")


@dataclass(frozen=True)
class Call:
    """A command on its way to the program that does the work."""

    words: tuple[str, ...]
    """Program and arguments."""
    directory: str | None
    """Where it runs, from the root; `None`: not known."""
    line: int = 0
    """0-based line in the script that the pipeline holds."""
    ignored: bool = False
    """Whether its failure is ignored."""
    env: Mapping[str, str] = field(default_factory=dict)
    """The variables that are known."""
    via: tuple[str, ...] = ()
    """The commands that led to it."""

    def become(self, words: Sequence[str]) -> "Call":
        """The same with other words: a wrapper taken off."""
        return replace(self, words=tuple(words))

    def inside(self, step: str) -> "Call":
        """The call of something that `step` leads to."""
        return replace(self, via=(*self.via, step))


@dataclass(frozen=True)
class Found:
    """A program that a script runs in the end."""

    call: Call
    """How it is called; its first word is the program's plain name."""
    purpose: Purpose | None
    """What it is for."""


Launcher = Callable[["Resolver", Call], Iterator[Found] | None]
"""Follows a call into what it runs; `None` when it is an end in itself."""


class Resolver:
    """Follows the scripts of one repository. What it has read is kept for its lifetime."""

    def __init__(self, snapshot: Snapshot, launchers: Mapping[str, Launcher]) -> None:
        self.snapshot = snapshot
        self._launchers = launchers
        self._projects: dict[str, str] = {}
        self._memory: dict[Any, Any] = {}

    def once(self, function: Callable[..., T], *key: Any) -> T:
        """`function(resolver, *key)`, worked out at the first call only: for files that many scripts lead to."""
        if (function, key) not in self._memory:
            self._memory[function, key] = function(self, *key)
        return self._memory[function, key]  # type: ignore[no-any-return]

    def script(self, text: str, call: Call) -> Iterator[Found]:
        """What a script runs that `call` leads to; lines count only for the outermost one."""
        if len(call.via) > MAX_DEPTH:
            return
        key = (text, tuple(sorted(call.env.items())))
        if key not in self._memory:
            self._memory[key] = shell.commands(text, call.env)[:MAX_FOUND]
        for command in self._memory[key]:
            for directory in self._directories(call.directory, command.directory):
                yield from self.resolve(
                    replace(
                        call,
                        words=command.words,
                        directory=directory,
                        line=call.line if call.via else command.line,
                        ignored=call.ignored or command.ignored,
                        env=command.env,
                    )
                )

    def _directories(self, directory: str | None, place: str | None) -> list[str | None]:
        """Where a command runs: with a pattern, each directory of a manifest that it matches."""
        joined = self.join(directory, place)
        if joined is None or "*" not in joined:
            return [joined]
        manifests = self.snapshot.glob(*(f"{joined}/{name}" for name in _MANIFESTS))
        return list(dict.fromkeys(path.rpartition("/")[0] for path in manifests)) or [None]

    def resolve(self, call: Call) -> Iterator[Found]:
        """What a command runs in the end."""
        if not call.words or len(call.via) > MAX_DEPTH:
            return
        name = self.program(call)
        if name in _SHELLS and (found := self._shell(call)) is not None:
            yield from found
        elif (script := self._file(call, call.words[0])) is not None:
            yield from self._script_file(call, call.words[0], script)
        elif (launcher := self._launchers.get(name)) and (
            found := launcher(self, call.become([name, *call.words[1:]]))
        ) is not None:
            yield from found
        elif name not in _IDLE:
            yield Found(call.become([name, *call.words[1:]]), purpose_of(name, call.words[1:]))

    def _script_file(self, call: Call, word: str, script: str) -> Iterator[Found]:
        """What a script of the repository runs, which may ask for its own place."""
        path = self.join(call.directory, word)
        env = {**call.env, "0": f"{WORKSPACE}/{path}"} if path else call.env
        return self.named(replace(call, env=env), word.rpartition("/")[2], script, word)

    def named(self, call: Call, name: str, script: str, step: str) -> Iterator[Found]:
        """What a script runs that has a name; the name tells what it is for when its programs do not."""
        found = list(self.script(script, call.inside(step)))
        if purpose_of_name(name) is Purpose.TYPECHECK:  # a compiler that is configured to write nothing
            found = [replace(f, purpose=Purpose.TYPECHECK) if f.call.words[0] == "tsc" else f for f in found]
        yield from found
        if found and not any(f.purpose for f in found) and (purpose := purpose_of_name(name)):
            yield Found(call, purpose)

    def program(self, call: Call) -> str:
        """The plain name of a command's program."""
        word = call.words[0]
        name = word.rpartition("/")[2]
        if UNKNOWN in name:
            return "python" if call.words[1:2] == ("-m",) else name
        name = re.sub(r"\.(exe|cmd)$", "", name) if name not in _ALIASES else name
        if re.fullmatch(r"(python|pypy|py)[\d.]*", name):
            return "python"
        if re.fullmatch(r"pip[\d.]+", name):
            return "pip"
        return _ALIASES.get(name, name)

    def knows(self, word: str) -> bool:
        """Whether a word is the name of a program that something is known of."""
        name = self.program(Call((word,), None))
        return name in self._launchers or name in TOOLS

    def join(self, directory: str | None, place: str | None) -> str | None:
        """A directory from the root, after going to `place`; `None` when it is not known or outside."""
        if place is None or directory is None:
            return directory
        if place.startswith(WORKSPACE):
            directory, place = "", place.removeprefix(WORKSPACE).lstrip("/")
        if UNKNOWN in place or place.startswith(("/", "~")):
            return None
        joined = posixpath.normpath(posixpath.join(directory, place))
        return None if joined.startswith("..") else "" if joined == "." else joined

    def project(self, directory: str | None) -> str | None:
        """The directory of the nearest manifest, at `directory` or above; the root when there is none."""
        if directory is None:
            return None
        if directory not in self._projects:
            here = any(self.snapshot.is_file(posixpath.join(directory, name)) for name in _MANIFESTS) or any(
                entry.path.endswith(_ENDINGS) for entry in self.snapshot.children(directory)
            )
            above = directory.rpartition("/")[0]
            self._projects[directory] = directory if here or not directory else self.project(above) or ""
        return self._projects[directory]

    def read(self, directory: str | None, name: str) -> str | None:
        """The text of a file below `directory`; `None` when there is none that can be read."""
        path = self.join(directory, name)
        if not path or not self.snapshot.is_file(path):
            return None
        try:
            return self.snapshot.text(path)
        except UnreadableFileError:
            return None

    def above(self, directory: str | None, name: str) -> str | None:
        """The nearest directory, at `directory` or above, that has a file of that name."""
        while directory is not None:
            if self.snapshot.is_file(posixpath.join(directory, name)):
                return directory
            directory = directory.rpartition("/")[0] if directory else None
        return None

    def _shell(self, call: Call) -> Iterator[Found] | None:
        for number, word in enumerate(call.words[1:], 1):
            if re.fullmatch(r"-([a-z]*c|[Cc]ommand)", word):
                return self.script("\n".join(call.words[number + 1 : number + 2]), call.inside(call.words[0]))
            if not word.startswith(("-", "+")):
                script = self._file(call, word, sure=True)
                return None if script is None else self._script_file(call, word, script)
        return None

    def _file(self, call: Call, word: str, *, sure: bool = False) -> str | None:
        """The text of a shell script of the repository; `sure` when it is known to be one."""
        if not sure and ("/" not in word or word.rpartition("/")[2] in _ALIASES):
            return None
        text = self.read(call.directory, word)
        if text is None or UNKNOWN in word:
            return None
        if word.endswith(".ps1"):  # close enough to see which programs it calls
            return re.sub(r"(?im)^\s*(?:(?:&|exec)\s*\{?\s*)+", "", re.sub(r"(?s)<#.*?#>", "", text))
        head = text.partition("\n")[0]
        return text if sure or word.endswith(".sh") or re.match(r"#!.*\b(ba|da|z|k)?sh\b", head) else None
