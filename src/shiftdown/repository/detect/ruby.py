"""Ruby: projects of Bundler and gems."""

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
from shiftdown.repository.detect.tree import Tree, illustration, owners, parent
from shiftdown.repository.detect.version_files import base_image, pins, runtime
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose
from shiftdown.repository.versions import Choice, Rank, Statement, solve

_GEM = re.compile(r"^\s*(?:gem|(?:\w+\.)?add_(?:development_|runtime_)?dependency)[\s(]+['\"]([\w.-]+)['\"]", re.M)
_TEST = re.compile(r"(?:^|/)test/(?:.*/)?(?:\w+_test|test_\w+)\.rb$")
_LINTERS = {"rubocop": "rubocop", "standard": "standardrb"}


def components(tree: Tree) -> list[Component]:
    """The projects with a Gemfile, and gems."""
    gemfiles = {parent(p): p for p in tree.manifests("Gemfile", "gems.rb")}
    gemspecs = {parent(p): p for p in tree.suffixed(".gemspec") if not illustration(parent(p))}
    for directory, path in gemspecs.items():
        gemfiles.setdefault(directory, path)
    files = owners(tree, gemfiles, (".rb",))
    return [
        _component(tree, d, gemfiles[d], gemspecs.get(d), files[d])
        for d in sorted(gemfiles)
        if files[d] and not re.search(r"(?:^|/)(?:docs?|gemfiles)(?:/|$)", d)
    ]


def _component(tree: Tree, directory: str, manifest: str, gemspec: str | None, files: list[str]) -> Component:
    documents = [d for p in dict.fromkeys((manifest, gemspec)) if (d := tree.text(p))]
    gems = {m[1]: d.at(f"{m[1]} is a gem", m.start(1)) for d in reversed(documents) for m in _GEM.finditer(d.text)}
    lock = tree.first(directory, "Gemfile.lock", "gems.locked")
    frameworks = (("rails", "rails"), ("sinatra", "sinatra"), ("hanami", "hanami"), ("grape", "grape"))
    framework = next((detected(n, gems[g]) for g, n in frameworks if g in gems), None)
    rack = tree.first(directory, "config.ru")
    kind = "service" if rack and not gemspec else "library"
    specs = [f for f in files if f.endswith("_spec.rb")]
    tests = [f for f in files if _TEST.search(f)]
    runner = _runner(tree, directory, gems, specs, tests)
    containers = container_files(tree, directory)
    choice = _choice(tree, directory, documents, containers)
    version, file = runtime(choice)
    evidence = Evidence(fact=f"{manifest} is read by Bundler", path=manifest)
    linters = tuple(_linters(tree, directory, gems))
    start = (
        ("bin/rails server" if framework and framework.value == "rails" else "bundle exec rackup")
        if kind == "service"
        else None
    )
    talks = services(tree, Sources(Language.RUBY, directory, gems, {}, files, tests, listens=kind == "service"))
    first = preparing.rails(tree, directory, framework, talks)
    return Component(
        path=directory,
        name=gemspec.rpartition("/")[2].removesuffix(".gemspec")
        if gemspec
        else directory.rpartition("/")[2] or tree.snapshot.name,
        language=Language.RUBY,
        manifest=manifest,
        package_manager=detected("bundler", evidence),
        lock_file=lock,
        runtime=version,
        runtime_file=file,
        runtimes=choice.lines,
        versions=choice,
        framework=framework,
        kind=kind,
        entry_point=detected(rack, Evidence(fact=f"{rack} starts it", path=rack)) if rack else None,
        commands=(*_commands(tree, directory, gems, evidence, runner, gemspec, start), *first.commands),
        test_runner=runner,
        has_tests=bool(specs or tests),
        linters=linters,
        coverage_tool=detected("simplecov", gems["simplecov"]) if "simplecov" in gems else None,
        port=_port(tree, containers, framework, evidence) if kind == "service" else None,
        services=talks,
        variables=first.variables,
        dependencies=tuple(sorted(gems)),
        container_files=containers,
        evidence=(evidence,),
    )


def _port(tree: Tree, containers: tuple[str, ...], framework: Detected | None, evidence: Evidence) -> Detected:
    found = exposed_port(tree, containers)
    port = "3000" if framework and framework.value == "rails" else "9292"
    fact = f"it listens on {port} by default"
    return found or detected(port, evidence.model_copy(update={"fact": fact}))


def _linters(tree: Tree, directory: str, gems: dict[str, Evidence]) -> Iterator[Detected]:
    for gem, name in _LINTERS.items():
        path = tree.first(directory, f".{gem}.yml")
        found = next((gems[g] for g in gems if g == gem or g.startswith(f"{gem}-")), None)
        if path or found:
            yield detected(
                name, Evidence(fact=f"{path} configures {name}", path=path) if path else found or Evidence(fact="")
            )


def _runner(
    tree: Tree, directory: str, gems: dict[str, Evidence], specs: list[str], tests: list[str]
) -> Detected | None:
    for gem in ("rspec", "rspec-rails", "rspec-core"):
        if gem in gems:
            return detected("rspec", gems[gem])
    path = tree.first(directory, ".rspec")
    if path or specs:
        return detected("rspec", Evidence(fact="there are specs", path=path or specs[0]))
    if "test-unit" in gems:
        return detected("test-unit", gems["test-unit"])
    return (
        detected("minitest", gems.get("minitest") or Evidence(fact="there are tests", path=tests[0])) if tests else None
    )


def _choice(tree: Tree, directory: str, documents: list[Document], containers: tuple[str, ...]) -> Choice:
    said = [*pins(tree, directory, "ruby"), *base_image(tree, beside(containers, directory), "ruby", "ruby")]
    for document in documents:
        needed = document.find(
            r"required_ruby_version\s*=\s*(?:Gem::Requirement\.new\()?\[?((?:['\"][^'\"\n]+['\"](?:,\s*)?)+)"
        )
        if needed:
            wants = " ".join(re.findall(r"['\"]([^'\"]+)['\"]", needed[1]))
            evidence = document.at(f"it needs Ruby {needed[1]}", needed.start())
            said.append(Statement(subject="ruby", wants=wants, notation="gem", rank=Rank.RANGE, evidence=evidence))
        match = document.find(r"^\s*ruby\s+((?:['\"][^'\"\n]+['\"](?:,\s*)?)+)")
        if match:
            wants = " ".join(re.findall(r"['\"]([^'\"]+)['\"]", match[1]))
            evidence = document.at(f"{document.path} says Ruby {wants}", match.start())
            exact = bool(re.fullmatch(r"(?:~>\s*)?\d+\.\d+(?:\.\d+)?", wants))
            said.append(
                Statement(
                    subject="ruby",
                    wants=wants.removeprefix("~>").strip() if exact else wants,
                    notation="gem",
                    rank=Rank.PIN if exact else Rank.RANGE,
                    bounds=not exact,
                    readable=exact,
                    evidence=evidence,
                )
            )
    return solve("ruby", said)


def _commands(
    tree: Tree,
    directory: str,
    gems: dict[str, Evidence],
    evidence: Evidence,
    runner: Detected | None,
    gemspec: str | None,
    start: str | None,
) -> Iterator[Command]:
    if not tree.first(directory, "Gemfile", "gems.rb"):
        yield Command(
            purpose=Purpose.BUILD, run=f"gem build {str(gemspec).rpartition('/')[2]}", tool="gem", evidence=evidence
        )
        return
    yield Command(purpose=Purpose.INSTALL, run="bundle install", tool="bundler", evidence=evidence)
    locked = tree.text(tree.first(directory, "Gemfile.lock"))
    for gem, name in _LINTERS.items():
        config = tree.first(directory, f".{gem}.yml")
        asked = next((gems[g] for g in gems if g == gem or g.startswith(f"{gem}-")), None)
        if asked or (config and locked and locked.find(rf"^ +{gem} \(")):
            found = asked or Evidence(fact=f"{config} configures {name}", path=config)
            repairs = gem == "standard" and (d := tree.yaml(config)) is not None and d.get("fix") is True
            run = f"bundle exec {name}{' --no-fix' if repairs else ''}"
            yield Command(purpose=Purpose.LINT, run=run, tool=name, evidence=found)
    rake = tree.first(directory, "Rakefile")
    if runner and runner.value == "rspec":
        yield Command(purpose=Purpose.TEST, run="bundle exec rspec", tool="rspec", evidence=runner.evidence)
    elif runner and tree.has(directory, "bin/rails"):
        yield Command(purpose=Purpose.TEST, run="bin/rails test", tool=runner.value, evidence=runner.evidence)
    elif runner and rake:
        yield Command(purpose=Purpose.TEST, run="bundle exec rake test", tool=runner.value, evidence=runner.evidence)
    if gemspec:
        run = f"gem build {gemspec.rpartition('/')[2]}"
        yield Command(purpose=Purpose.BUILD, run=run, tool="gem", evidence=Evidence(fact="it is a gem", path=gemspec))
    if start:
        yield Command(purpose=Purpose.START, run=start, tool=start.split()[-1], evidence=evidence)
