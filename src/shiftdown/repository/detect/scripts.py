"""What named scripts (npm, PDM, Hatch, make, just) are for, and which tool does the work behind them."""

import fnmatch
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from shiftdown.repository.stack import Purpose


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


NAMES: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.LINT: _words(
        "lint lint:check lint-check lint:ci ci:lint check:lint check-lint eslint lint:eslint lint:js lint:ts "
        "test:eslint lint:code lint:src lint:all standard lint:standard xo oxlint biome test:lint linter flake8 ruff"
    ),
    Purpose.FORMAT: _words(
        "format:check check:format format-check check-format check_format formatcheck prettier:check check:prettier "
        "check-prettier format:ci fmt:check fmt-check check-fmt check:fmt lint:format lint:prettier lint:fmt "
        "prettier:ci style:check lint:style format:verify format:test test:format test:prettier prettier format fmt"
    ),
    Purpose.TYPECHECK: _words(
        "typecheck type-check check-types check:types check:type type:check types:check typescript:check "
        "ts:check check:ts tsc:check lint:types lint:tsc lint:ts typecheck:ci test:types test:type "
        "test:tsc test:typescript tsc check-typing typing types mypy pyright ts vue-tsc svelte-check"
    ),
    Purpose.TEST: _words(
        "test test:ci ci:test test:run test-ci test:unit test-unit unit-test unit-tests unit test:all tests test:node "
        "test:once test:backend test-backend test:server test:api test:js jest vitest mocha pytest check-test"
    ),
    Purpose.COVERAGE: _words(
        "coverage test:coverage test:cov test-coverage test-cov coverage:ci cov test:ci-coverage test:coverage:ci "
        "unit:coverage test:unit:coverage coverage:test cover test:cover test:ci ci:coverage test_cov testcov"
    ),
    Purpose.BUILD: _words(
        "build build:prod build:production build:ci build:all build-all compile bundle dist build:lib"
    ),
    Purpose.START: _words("start start:prod start:production serve server start:server"),
    Purpose.E2E: _words(
        "e2e test:e2e e2e:test test-e2e e2e:ci test:e2e:ci e2e:run test:playwright playwright test:browser cy:run "
        "cypress:run test:cypress cypress test:integration:browser test test:all test:ci"
    ),
}
"""The names that people give to scripts, by what they are for, the usual first."""

TOOLS: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.LINT: _words(
        "eslint biome xo standard ts-standard semistandard oxlint tslint jshint neostandard next ng ruff flake8 "
        "pylint pre-commit prek golangci-lint staticcheck revive clippy rubocop standardrb phpcs phpstan psalm pint "
        "stylelint ktlint detekt checkstyle deno vue-cli-service react-scripts gts kcd-scripts tsdx aegir rslint "
        "jsonlint prettier web-ext markdownlint"
    ),
    Purpose.FORMAT: _words(
        "prettier biome dprint oxfmt gofmt gofumpt goimports black ruff isort yapf rustfmt php-cs-fixer pint deno "
        "eslint pre-commit"
    ),
    Purpose.TYPECHECK: _words(
        "tsc vue-tsc svelte-check tsgo glint flow mypy pyright basedpyright ty pytype pyre tsd attw vitest tstyche "
        "astro sorbet srb"
    ),
    Purpose.TEST: _words(
        "jest vitest mocha ava tap tape jasmine karma lab uvu qunit react-scripts playwright cypress wdio borp "
        "node:test bun:test deno pytest unittest tox nox nose2 stestr trial go gotestsum cargo dotnet rspec rake "
        "minitest phpunit artisan ng vue-cli-service web-test-runner wtr tsd aegir tsdx kcd-scripts kode testem "
        "brittle poku pest twd zora c8 nyc"
    ),
    Purpose.BUILD: _words(
        "tsc vite webpack rollup tsup esbuild next nuxt nest ng parcel rspack rsbuild swc babel unbuild tsdown rslib "
        "astro gatsby remix react-router react-scripts svelte-kit vue-cli-service microbundle bunchee browserify grunt "
        "gulp preconstruct father ncc pkgroll zshy obuild docusaurus vitepress storybook electron-builder bob tshy make"
    ),
    Purpose.START: _words(
        "next nuxt nest node vite nodemon pm2 ng react-scripts serve uvicorn gunicorn flask astro tsx ts-node bun"
    ),
}
"""The programs that do the work, by purpose; the first one in this order that a script names is its tool."""

BROWSER_TOOLS = _words("playwright cypress wdio nightwatch testcafe codeceptjs")
"""Programs that test through a browser."""

ORCHESTRATORS = _words("turbo nx lerna wireit wsrun ultra moon rush lage gulp grunt make just task mage hereby")
"""Programs that run other scripts."""

MAX_SCRIPT = 4_000
"""How much of a script is looked at, in characters."""

_RUN = re.compile(
    r"(?<![\w./-])(?:(?:npm|pnpm|yarn|bun)(?:\s+(?:--silent|-s|--if-present))*\s+(?:run(?:-script)?\s+)?(?:-s\s+|--silent\s+)?"
    r"|node\s+--run\s+|composer\s+(?:run(?:-script)?\s+)?|(?:make|just|\$\(MAKE\))\s+)(?P<name>[\w:.@/-]+)"
)
_RUN_MANY = re.compile(r"(?<![\w./-])(?:run-[sp]|npm-run-all2?|concurrently)\s+(?P<rest>[^&|;]*)")
_TOKEN = re.compile(r"[^\s;&|()'\"`=<>]+")
_WATCH = re.compile(r"(?<!\S)(?:--watch(?:All|-all)?(?:=true)?|-w|watch|dev)(?!\S)")
_WRITES = re.compile(
    r"(?<!\S)(?:--fix(?:=true)?|--write|--apply(?:-unsafe)?|--fix-type\s+\S+|--in-place|--autocorrect(?:-all)?|-a)(?!\S)"
    r"|\bprettier\s(?:[^&|;]*\s)?-w(?!\S)"
)
_CHECKS = re.compile(
    r"(?<!\S)(?:--check(?:=\S+)?|-[a-z]*[cl][a-z]*|--list-different|--diff|--dry-run|--exit-non-zero-on-fix)(?!\S)"
)
_NO_TEST = re.compile(r"no tests? (?:specified|yet|defined|configured|found)|^\s*(?:exit 0|true|:)\s*$", re.I)


_TALK = re.compile(r"^\s*(?:echo|true|exit 0)\b[^&|;]*$")
_COVERAGE = re.compile(r"(?<![\w-])(?:--?cov\w*|c8|nyc|istanbul|coverage|jest|vitest|tap|lab)(?![\w-])")


@dataclass(frozen=True, slots=True)
class Script:
    """A named script with everything that it runs."""

    name: str
    """Its name."""
    text: str
    """What it says."""
    whole: str
    """What it says, with the scripts that it runs appended."""

    def tool(self, purpose: Purpose) -> str | None:
        """The program that does the work."""
        return tool_of(self.whole, purpose)

    @property
    def watches(self) -> bool:
        """Whether it keeps running and waits for changes."""
        return bool(_WATCH.search(self.text))

    @property
    def writes(self) -> bool:
        """Whether it changes the files that it looks at."""
        return bool(_WRITES.search(self.whole))

    @property
    def checks(self) -> bool:
        """Whether it is a formatter that only reports."""
        return bool(_CHECKS.search(self.whole)) and not self.writes


def tool_of(text: str, purpose: Purpose) -> str | None:
    """The program that a shell text runs for a purpose, if it is a known one."""
    words = {_program(t) for t in _TOKEN.findall(text[:MAX_SCRIPT])}
    if re.search(r"(?<!\S)(?:node|tsx)\s(?:[^&|;]*\s)?--test(?!\S)", text):
        words.add("node:test")
    if re.search(r"(?<!\S)bun\s+test(?!\S)", text):
        words.add("bun:test")
    kind = Purpose.TEST if purpose is Purpose.COVERAGE else purpose
    return next((t for t in (*TOOLS.get(kind, ()), *ORCHESTRATORS) if t in words), None)


def _program(token: str) -> str:
    name = token.rpartition("node_modules/.bin/")[2]
    if name.startswith(("node_modules/", "./node_modules/")):
        name = name.rpartition("/")[2].removesuffix(".js").removeprefix("_")
    return name.partition("@")[0] if not name.startswith("@") else name


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another package of the repository, whose scripts a script may run."""

    name: str
    """Its name in its manifest."""
    path: str
    """Its directory, from that of the package whose scripts are read."""
    scripts: Mapping[str, str]
    """Its scripts."""

    def chosen(self, wanted: str) -> bool:
        """Whether a filter of a package manager names it."""
        plain = wanted.replace("...", "").strip("^{}")
        if wanted.startswith("!"):
            return False
        path = posixpath.normpath(plain or ".")
        short = self.name.rpartition("/")[2]
        return not plain or fnmatch.fnmatch(self.name, plain) or fnmatch.fnmatch(self.path, path) or short == plain


def resolve(scripts: Mapping[str, str], name: str, others: Sequence[Neighbour] = ()) -> Script:
    """A script with those that it runs, directly and indirectly, each once; those of other packages, too."""
    known = {"": scripts, **{n.path: n.scripts for n in others}}
    seen: dict[tuple[str, str], str] = {}
    waiting = [("", name)]
    while waiting and len(seen) < 50:
        place, current = waiting.pop(0)
        if (place, current) in seen or current not in known.get(place, {}):
            continue
        text = known[place][current][:MAX_SCRIPT]
        seen[place, current] = text
        for part in _PARTS.split(text):
            call = _across(part.split(), others)
            waiting += call if call is not None else [(place, n) for n in _called(part, known[place])]
    return Script(name, scripts[name][:MAX_SCRIPT], " && ".join(seen.values()))


_PARTS = re.compile(r"&&|\|\||[;|&\n]")
_FILTERS = _words("-w --workspace -F --filter --scope --projects")
_PLACES = _words("-C --dir --cwd --prefix")
_EVERYWHERE = frozenset(_words("-r --recursive -ws --workspaces"))
_OVER_ALL = frozenset(_words("turbo lerna nx"))
_SKIPPED = frozenset(_words("run run-script run-many affected foreach exec"))


def _across(words: Sequence[str], others: Sequence[Neighbour]) -> list[tuple[str, str]] | None:
    """The scripts of other packages that a command runs; `None` when it does not choose packages."""
    while words and (re.match(r"\w+=", words[0]) or words[0] in ("npx", "cross-env", "pnpx", "bunx")):
        words = words[1:]
    program = words[0] if words else ""
    if not others or program not in ("npm", "pnpm", "yarn", "bun", *_OVER_ALL):
        return None
    filters: list[str] = []
    names: list[str] = []
    everywhere = program in _OVER_ALL
    left = [w for word in words[1:] for w in (word.split("=", 1) if word.startswith("--") else [word])]
    while left and left[0] != "--":
        word = left.pop(0)
        if word in _EVERYWHERE or word == "workspaces":
            everywhere = True
        elif word == "-w" and program in ("pnpm", "yarn"):
            continue  # the root of the workspace
        elif (word in _FILTERS or word in _PLACES or word == "workspace") and left:
            filters.append(left.pop(0))
        elif word in ("-t", "--target", "--targets") and program == "nx" and left:
            names += left.pop(0).split(",")
        elif not word.startswith("-") and word not in _SKIPPED:
            names.append(word)
    if not (filters or everywhere):
        return None
    chosen = [n for n in others if not filters or any(n.chosen(f) for f in filters)]
    wanted = names if program in _OVER_ALL else names[:1]
    return [(n.path, name) for name in wanted for n in chosen]


def _called(text: str, scripts: Mapping[str, str]) -> Iterator[str]:
    yield from (m["name"] for m in _RUN.finditer(text))
    for match in _RUN_MANY.finditer(text):
        for word in _TOKEN.findall(match["rest"]):
            pattern = word.removeprefix("npm:")
            if pattern.endswith("*"):
                yield from (n for n in scripts if n.startswith(pattern.rstrip("*")))
            else:
                yield pattern


def candidates(scripts: Mapping[str, str], purpose: Purpose, others: Sequence[Neighbour] = ()) -> list[Script]:
    """The scripts that serve a purpose and can run unattended in a clean checkout, the preferred first."""
    found = [resolve(scripts, n, others) for n in NAMES.get(purpose, ()) if scripts.get(n, "").strip()]
    return [s for s in found if not _TALK.match(s.text) and _serves(s, purpose)]


def _serves(script: Script, purpose: Purpose) -> bool:
    tool = script.tool(purpose)
    if purpose is Purpose.START:
        return True
    if purpose is Purpose.TEST:
        browser = any(_program(t) in BROWSER_TOOLS for t in _TOKEN.findall(script.whole[:MAX_SCRIPT]))
        return not _NO_TEST.search(script.text) and tool != "tsc" and not browser
    if purpose is Purpose.E2E:
        return script.tool(Purpose.TEST) in BROWSER_TOOLS and not re.search(r"\bcypress open\b|--ui(?!\S)", script.text)
    if script.watches:
        return False
    match purpose:
        case Purpose.LINT:
            return not script.writes and not _NO_TEST.search(script.text)
        case Purpose.FORMAT:
            return script.checks and tool is not None
        case Purpose.TYPECHECK:
            return tool is not None and not re.search(r"emitDeclarationOnly|--declaration(?!\S)", script.whole)
        case Purpose.COVERAGE:
            return _measures(script)
    return True


def _measures(script: Script) -> bool:
    """Whether it runs tests under coverage; reports and uploads of what was measured before do not."""
    if not _COVERAGE.search(script.whole):
        return False
    runs = re.sub(r"(?<!\S)(?:c8|nyc|coverage)\s+(?:report|xml|html|combine|check-coverage)[^&|;]*", "", script.whole)
    tool = tool_of(runs, Purpose.TEST)
    return tool is not None or bool(re.search(r"(?<!\S)(?:npm|yarn|pnpm)\s+(?:run\s+)?t(?:est\S*)?", runs))


def without(text: str, flags: Iterable[str]) -> str | None:
    """A simple command without some of its flags; `None` when it is a chain or starts other things."""
    if re.search(r"[;&|<>`$\n]", text):
        return None
    words = text.split()
    return " ".join(w for w in words if w.split("=")[0] not in set(flags))
