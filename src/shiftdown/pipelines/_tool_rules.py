"""How the arguments of a program tell what it is run for."""

import re
from collections.abc import Callable, Sequence

from shiftdown.repository.stack import Purpose

P = Purpose
Arguments = Sequence[str]
Rule = Callable[[Arguments], Purpose | None]
"""From the arguments of a program to what it is run for."""


def by_argument(pattern: str, purpose: Purpose, otherwise: Purpose | None = None) -> Rule:
    """`purpose` when an argument matches `pattern` from its start to its end."""
    wanted = re.compile(pattern)
    return lambda arguments: purpose if any(wanted.fullmatch(a) for a in arguments) else otherwise


def by_command(**commands: Purpose) -> Rule:
    """By the subcommand: the first argument that is no option; `_` in a name is `-`."""
    table = {name.rstrip("_").replace("_", "-"): purpose for name, purpose in commands.items()}

    def purpose(arguments: Arguments) -> Purpose | None:
        return table.get(next((a for a in arguments if not a.startswith(("-", "+"))), ""))

    return purpose


def tests(pattern: str) -> Rule:
    """Tests, with coverage when an argument matches."""
    return by_argument(pattern, P.COVERAGE, P.TEST)


def go(arguments: Arguments) -> Purpose | None:
    command = arguments[0] if arguments else ""
    if command == "test":
        if any(a.startswith(("-run=^$", "-bench")) for a in arguments):
            return P.LOAD_TEST
        return P.COVERAGE if any(a.startswith(("-cover", "--cover")) for a in arguments) else P.TEST
    return {"vet": P.LINT, "build": P.BUILD, "mod": P.INSTALL, "get": P.INSTALL}.get(command)


def cargo(arguments: Arguments) -> Purpose | None:
    words = [a for a in arguments if not a.startswith("+")]
    table = {
        "test": P.TEST,
        "t": P.TEST,
        "nextest": P.TEST,
        "hack": P.TEST,
        "miri": P.TEST,
        "clippy": P.LINT,
        "build": P.BUILD,
        "b": P.BUILD,
        "check": P.TYPECHECK,
        "tarpaulin": P.COVERAGE,
        "llvm-cov": P.COVERAGE,
        "audit": P.SCAN,
        "deny": P.SCAN,
        "publish": P.DEPLOY,
        "fetch": P.INSTALL,
        "bench": P.LOAD_TEST,
    }
    if "--no-run" in words:
        return P.BUILD
    if words[:1] == ["fmt"]:
        return P.FORMAT if "--check" in words else None
    if words[:1] == ["hack"]:
        return next((table[w] for w in words[1:] if w in table), None)
    return table.get(words[0]) if words else None


def jvm(arguments: Arguments) -> Purpose | None:
    """Maven goals and Gradle tasks, the most telling one first; `:module:task` and `plugin:goal` too."""
    words = [_PLUGIN_GOAL.sub(r"\1:", a) for a in arguments if not a.startswith("-")]
    text = " ".join(words)
    others = " ".join(w for w in words if not _CHECKS.fullmatch(w))
    skips = {"-DskipTests", "-DskipTests=true", "-Dmaven.test.skip=true", "-Dmaven.test.skip", "-xtest"}
    skipped = bool(skips & set(arguments)) or bool(
        re.search(r"(^| )(-x|--exclude-task) \S*test\b", " ".join(arguments))
    )
    for purpose, pattern in _JVM:
        goals = text if purpose in (P.FORMAT, P.LINT) else others
        if re.search(rf"(^|[ :])({pattern})(?= |$)", goals) and not (skipped and purpose in (P.TEST, P.COVERAGE)):
            return purpose
    return None


_JVM = (
    (P.DEPLOY, r"deploy|publish(?!ToMavenLocal)\w*|release:\w+|uploadArchives"),
    (P.COVERAGE, r"jacoco\w*|jacoco:report|koverXmlReport|koverVerify|\w*[cC]overage\w*"),
    (P.TEST, r"test|verify|check|build|install|\w*[tT]est|integrationTest|surefire:test|failsafe:\S+|allTests"),
    (
        P.FORMAT,
        r"spotless\w*[cC]heck\w*|spotless:check|fmt:check|formatter:validate|ktlintCheck|spring-javaformat:validate",
    ),
    (P.LINT, r"checkstyle\w*|checkstyle:check|pmd\w*|pmd:check|spotbugs\w*|spotbugs:check|detekt|lint\w*|errorprone"),
    (P.SCAN, r"dependency-check:\w+|dependencyCheck\w*|sonar|sonar:sonar|sonarqube"),
    (
        P.BUILD,
        r"package|compile|assemble|bootJar|bootBuildImage|jar|classes|testClasses|compile\w+|build|install|verify",
    ),
    (P.INSTALL, r"dependency:\S+|dependencies"),
)


_PLUGIN_GOAL = re.compile(r"^[\w.-]+:(?:maven-)?([\w-]+?)(?:-maven)?-plugin:(?:\d[\w.-]*:)?(?=[\w-]+$)")
"""A goal by the full name of its plugin: `org.apache.maven.plugins:maven-checkstyle-plugin:3.6.0:check`."""
_CHECKS = re.compile(
    r"(.*:)?((checkstyle|pmd|spotbugs|spotless|fmt|formatter|spring-javaformat|ktlint|detekt|lint)(:\w+|[A-Z]\w*)?)"
)
"""Goals and tasks of linters and formatters, whose names end like those of tests: `checkstyleTest`, `pmd:check`."""


def docker(arguments: Arguments) -> Purpose | None:
    words = [a for a in arguments if not a.startswith("-")]
    if words[:1] in (["compose"], ["buildx"], ["image"]):
        words = words[1:]
    return {"build": P.BUILD, "bake": P.BUILD, "push": P.DEPLOY}.get(words[0]) if words else None


def node(arguments: Arguments) -> Purpose | None:
    if "--test" in arguments:
        coverage = any(a.startswith("--experimental-test-coverage") for a in arguments)
        return P.COVERAGE if coverage else P.TEST
    return None


def python_file(arguments: Arguments) -> Purpose | None:
    """`python FILE …`: Django's and setuptools' own commands, and files whose name says that they run tests."""
    name = arguments[0].rpartition("/")[2] if arguments else ""
    if name in ("manage.py", "setup.py"):
        wanted = {"test": P.TEST, "build": P.BUILD, "sdist": P.BUILD, "bdist_wheel": P.BUILD, "install": P.INSTALL}
        return next((wanted[a] for a in arguments[1:] if a in wanted), None)
    if re.fullmatch(r"(run_?tests?|tests?|run_?test_?suite)\.py", name):
        return P.TEST
    return None


def prettier(arguments: Arguments) -> Purpose | None:
    """A check unless it writes."""
    if {"--write", "-w"} & set(arguments):
        return None
    return P.FORMAT if {"--check", "-c", "--list-different", "-l"} & set(arguments) else None


def rake(arguments: Arguments) -> Purpose | None:
    if any(re.fullmatch(r"(test|spec|ci)(:.*)?", a) for a in arguments):
        return P.TEST
    return P.BUILD if "build" in arguments else None


def never_tells(arguments: Arguments) -> None:
    """Never tells: what the program runs is looked up elsewhere."""


def ruff(arguments: Arguments) -> Purpose | None:
    if "format" in arguments[:1]:
        return P.FORMAT if {"--check", "--diff"} & set(arguments) else None
    return P.LINT


def dotnet(arguments: Arguments) -> Purpose | None:
    command = arguments[0] if arguments else ""
    if command == "test":
        return P.COVERAGE if any("overage" in a for a in arguments) else P.TEST
    if command == "format":
        return P.FORMAT if "--verify-no-changes" in arguments else None
    return {"build": P.BUILD, "publish": P.BUILD, "restore": P.INSTALL, "nuget": P.DEPLOY, "pack": P.BUILD}.get(command)
