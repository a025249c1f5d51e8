"""What the programs that pipelines run are for."""

import re
from collections.abc import Sequence

from shiftdown.pipelines._tool_rules import never_tells
from shiftdown.pipelines._tool_table import TOOLS, Tool
from shiftdown.repository.stack import Purpose

__all__ = ["TOOLS", "Tool", "also_for", "never_tells", "purpose_of", "purpose_of_name"]

P = Purpose


def purpose_of(tool: str, arguments: Sequence[str]) -> Purpose | None:
    """What a program is run for; `None` when that is not known or it is nothing of note."""
    known = TOOLS.get(tool)
    if known is None or {"--version", "-V", "--help", "version", "help"} & set(arguments[:1]):
        return None
    return known.purpose if isinstance(known.purpose, Purpose) else known.purpose(arguments)


def also_for(tool: str, arguments: Sequence[str], purpose: Purpose) -> set[Purpose]:
    """What a program does besides what it is run for: Maven and Gradle build before they test, tsc checks types."""
    words = {word.rpartition(":")[2] for word in arguments}
    if tool in ("mvn", "gradle") and words & {
        "package",
        "verify",
        "install",
        "deploy",
        "build",
        "assemble",
        "jar",
        "bootJar",
    }:
        return {P.BUILD}
    if tool == "biome" and {"ci", "check"} & set(arguments[:1]):
        return {P.FORMAT}
    return {P.TYPECHECK} if tool == "tsc" and purpose is P.BUILD else set()


def purpose_of_name(name: str) -> Purpose | None:
    """What a script, target or session is for by its name; `None` when the name does not tell."""
    words = [word for word in re.split(r"[^a-z0-9]+", re.sub(r"\.\w+$", "", name.lower())) if word]
    if words[:1] in (["run"], ["ci"]):
        words = words[1:]
    if words[:1] and _DEPLOYS.fullmatch(words[0]):
        return P.DEPLOY
    if {"format", "fmt", "prettier", "black"} & set(words) and {"check", "verify", "ci", "diff"} & set(words):
        return P.FORMAT
    for purpose, pattern in _NAMES:
        telling = {*words[:1], "-".join(words)} if purpose is P.BUILD else {*words[:1], *words[-1:], "-".join(words)}
        if any(pattern.fullmatch(word) for word in telling):
            return purpose
    return None


_DEPLOYS = re.compile("deploy|publish|release|upload|preversion|postversion")
_OTHER = (
    "watch|fix|write|update|dev|serve|start|clean|docs?|docker|setup|deps|data|fixtures?|images?|generate|generated|"
    "report|view|debug|format|fmt"
)
_NAMES = tuple(
    (purpose, re.compile(pattern))
    for purpose, pattern in (
        (None, _OTHER),
        (P.E2E, "e2e|playwright|cypress|browser"),
        (P.LOAD_TEST, "load-?test|bench(marks?)?|perf(ormance)?"),
        (P.TYPECHECK, "type-?check|types|typing|tsc|mypy|pyright|check-types|types-check"),
        (P.LINT, "lint|linter|linting|eslint|dtslint|flake8|style|stylelint|standard|checkstyle|vet|pre-commit"),
        (P.COVERAGE, "cov|coverage|test-cov|test-coverage"),
        (P.TEST, "tests?|spec|unit|unittests?|integration|jest|vitest|mocha|karma|pytest|testall"),
        (P.SCAN, "audit|security|scan|bandit|sast"),
        (P.BUILD, "build|compile|bundle|package|dist|assemble"),
        (P.INSTALL, "install|bootstrap|ci-install"),
    )
)
