"""PHP: projects of Composer."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect.backing import Sources, preparing, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import (
    beside,
    container_files,
    detected,
    exposed_port,
)
from shiftdown.repository.detect.scripts import candidates
from shiftdown.repository.detect.tree import Tree, owners, parent
from shiftdown.repository.detect.version_files import base_image, pins, runtime, stated
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose
from shiftdown.repository.versions import Choice, Rank, Statement, solve

TOOLS: tuple[tuple[str, str, Purpose, str, str], ...] = (
    ("phpcs", "squizlabs/php_codesniffer", Purpose.LINT, "phpcs", "phpcs.xml phpcs.xml.dist .phpcs.xml.dist"),
    ("pint", "laravel/pint", Purpose.FORMAT, "pint --test", "pint.json"),
    (
        *("php-cs-fixer", "friendsofphp/php-cs-fixer", Purpose.FORMAT, "php-cs-fixer fix --dry-run --diff"),
        ".php-cs-fixer.php .php-cs-fixer.dist.php",
    ),
    (
        *("phpstan", "phpstan/phpstan", Purpose.TYPECHECK, "phpstan analyse"),
        "phpstan.neon phpstan.neon.dist phpstan.dist.neon",
    ),
    ("psalm", "vimeo/psalm", Purpose.TYPECHECK, "psalm", "psalm.xml psalm.xml.dist"),
    ("pest", "pestphp/pest", Purpose.TEST, "pest", ""),
    ("phpunit", "phpunit/phpunit", Purpose.TEST, "phpunit", "phpunit.xml phpunit.xml.dist phpunit.dist.xml"),
)
"""Tools: name, package, purpose, command below `vendor/bin`, configuration files."""

FRAMEWORKS = {
    "laravel/framework": "laravel",
    "symfony/framework-bundle": "symfony",
    "slim/slim": "slim",
    "cakephp/cakephp": "cakephp",
}
"""Frameworks by package."""


def components(tree: Tree) -> list[Component]:
    """The projects with a `composer.json` that have code of their own."""
    manifests = {parent(p): d for p in tree.manifests("composer.json") if (d := tree.json(p))}
    files = owners(tree, manifests, (".php",))
    return [
        _component(tree, d, manifests[d], files[d])
        for d in sorted(manifests)
        if files[d] and (manifests[d].table("require") or manifests[d].table("require-dev"))
    ]


def _component(tree: Tree, directory: str, manifest: Document, files: list[str]) -> Component:
    packages = {
        n: manifest.evidence(f"{n} is in {s}", s, n) for s in ("require-dev", "require") for n in manifest.table(s)
    }
    name = manifest.string("name")
    framework = next((detected(v, packages[k]) for k, v in FRAMEWORKS.items() if k in packages and k != name), None)
    tools = list(_tools(tree, directory, manifest, packages))
    tests = any(re.search(r"(?:Test|Cest|\.phpt)(?:\.php)?$", f) for f in files)
    kind = "service" if framework and tree.first(directory, "public/index.php") else "library"
    containers = container_files(tree, directory)
    choice = _choice(tree, directory, manifest, containers)
    evidence = manifest.evidence(f"{manifest.path} is read by Composer")
    entry = tree.first(directory, "public/index.php") if kind == "service" else None
    return Component(
        path=directory,
        name=name or directory.rpartition("/")[2] or tree.snapshot.name,
        language=Language.PHP,
        manifest=manifest.path,
        package_manager=detected("composer", evidence),
        lock_file=tree.first(directory, "composer.lock"),
        runtime=runtime(choice)[0],
        runtimes=choice.lines,
        versions=choice,
        framework=framework,
        kind=kind,
        entry_point=detected(entry, Evidence(fact=f"{entry} answers requests", path=entry)) if entry else None,
        commands=(*_commands(manifest, evidence, tools, framework), *preparing.laravel(tree, directory).commands),
        test_runner=next((detected(t, e) for t, p, _, e, _ in tools if p is Purpose.TEST), None),
        has_tests=tests,
        linters=tuple(detected(t, e) for t, p, _, e, _ in tools if p is Purpose.LINT),
        formatters=tuple(detected(t, e) for t, p, _, e, _ in tools if p is Purpose.FORMAT),
        type_checkers=tuple(detected(t, e) for t, p, _, e, _ in tools if p is Purpose.TYPECHECK),
        port=exposed_port(tree, containers) if kind == "service" else None,
        services=services(tree, Sources(Language.PHP, directory, packages, {}, files, listens=kind == "service")),
        dependencies=tuple(sorted(packages)),
        container_files=containers,
        evidence=(evidence,),
    )


def _tools(
    tree: Tree, directory: str, manifest: Document, packages: dict[str, Evidence]
) -> Iterator[tuple[str, Purpose, str, Evidence, bool]]:
    for tool, package, purpose, run, files in TOOLS:
        path = tree.first(directory, *files.split())
        configured = Evidence(fact=f"{path} configures {tool}", path=path) if path else None
        found = packages.get(package) or configured
        if found:
            yield tool, purpose, f"vendor/bin/{run}", configured or found, package in packages


def _commands(
    manifest: Document,
    evidence: Evidence,
    tools: list[tuple[str, Purpose, str, Evidence, bool]],
    framework: Detected | None,
) -> Iterator[Command]:
    install = "composer install --no-interaction --prefer-dist"
    yield Command(purpose=Purpose.INSTALL, run=install, tool="composer", evidence=evidence)
    scripts = {k: _text(v) for k, v in manifest.table("scripts").items()}
    for purpose in (Purpose.LINT, Purpose.FORMAT, Purpose.TYPECHECK, Purpose.TEST, Purpose.COVERAGE):
        found = [s for s in candidates(scripts, purpose) if s.tool(purpose)]
        for script in found[:1]:
            where = manifest.evidence(f"the script {script.name}", "scripts", script.name)
            yield Command(
                purpose=purpose, run=f"composer run-script {script.name}", tool=script.tool(purpose), evidence=where
            )
        for tool, of, run, where, installed in tools:
            if of is purpose and installed and not any(tool in s.whole for s in found):
                yield Command(purpose=purpose, run=run, tool=tool, evidence=where)
    if framework and framework.value == "laravel":
        yield Command(purpose=Purpose.START, run="php artisan serve", tool="artisan", evidence=framework.evidence)


def _text(value: object) -> str:
    parts = value if isinstance(value, list) else [value]
    return " && ".join(
        re.sub(r"^@(?!php|putenv|composer)", "composer run-script ", p) for p in parts if isinstance(p, str)
    )


def _choice(tree: Tree, directory: str, manifest: Document, containers: tuple[str, ...]) -> Choice:
    said = [*pins(tree, directory, "php"), *base_image(tree, beside(containers, directory), "php", "php")]
    required = manifest.string("require", "php")
    if required:
        said.append(
            stated(manifest, "php", required, f"it needs PHP {required}", "require", "php", notation="composer")
        )
    platform = re.match(r"\d+\.\d+", manifest.string("config", "platform", "php") or "")
    if platform:
        fact = f"the platform is PHP {platform[0]}"
        more = {"rank": Rank.PIN, "bounds": False}
        said.append(stated(manifest, "php", platform[0], fact, "config", "platform", "php", **more))
    return solve("php", [*said, *_locked(tree, directory)])


def _locked(tree: Tree, directory: str) -> Iterator[Statement]:
    """What locked packages say they need, each text once."""
    document = tree.text(tree.first(directory, "composer.lock"))
    seen: set[str] = set()
    for match in re.finditer(r'"require": \{\s*"php": "([^"\n]+)"', document.text if document else ""):
        if document and match[1] not in seen:
            seen.add(match[1])
            evidence = document.at(f"a locked package needs PHP {match[1]}", match.start(1))
            yield Statement(subject="php", wants=match[1], notation="composer", rank=Rank.LOCKED, evidence=evidence)
