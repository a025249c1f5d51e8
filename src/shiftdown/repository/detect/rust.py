"""Rust: crates and workspaces of Cargo."""

from collections.abc import Iterator

from shiftdown.repository.detect.backing import Sources, services
from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.facts import container_files, detected
from shiftdown.repository.detect.tree import Tree, illustration, owners, parent
from shiftdown.repository.detect.workspaces import members as members_of
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Component, Detected, Language, Purpose

FRAMEWORKS = {
    "axum": "axum",
    "actix-web": "actix",
    "rocket": "rocket",
    "warp": "warp",
    "poem": "poem",
    "tonic": "tonic",
}
"""Web frameworks by crate."""


def components(tree: Tree) -> list[Component]:
    """The crates and workspaces of a repository."""
    crates = {parent(p): d for p in tree.manifests("Cargo.toml") if (d := tree.toml(p))}
    crates = {k: d for k, d in crates.items() if d.table("package") or d.table("workspace")}
    spaces = {d: _members(d, crates) for d in crates if crates[d].get("workspace") is not None}
    roots = {m: root for root in sorted(spaces, reverse=True) for m in spaces[root]}
    files = owners(tree, crates, (".rs",))
    return [_component(tree, d, crates[d], files[d], spaces.get(d, ()), roots.get(d), crates) for d in sorted(crates)]


def _members(root: str, crates: dict[str, Document]) -> tuple[str, ...]:
    patterns = crates[root].strings("workspace", "members")
    patterns += [f"!{e}" for e in crates[root].strings("workspace", "exclude")]
    return members_of(root, sorted(crates), patterns)


def _component(
    tree: Tree,
    directory: str,
    crate: Document,
    files: list[str],
    members: tuple[str, ...],
    root: str | None,
    crates: dict[str, Document],
) -> Component:
    needs = {
        n: crate.evidence(f"{n} is in {t}", t, n) for t in ("dev-dependencies", "dependencies") for n in crate.table(t)
    }
    framework = next((n for n in FRAMEWORKS if n in crate.table("dependencies")), None)
    binary = next((f for f in files if f.endswith("src/main.rs") and not illustration(parent(f))), None)
    kind = "service" if framework and binary else "application" if binary else "library"
    lock = tree.nearest(directory, "Cargo.lock")
    tests = _has_tests(tree, files) or any(f"{m}/tests/" in p for m in members for p in tree.below(m))
    runtime, file = _runtime(tree, directory, crate, crates.get(root or ""))
    evidence = crate.evidence(
        f"{crate.path} is a manifest of Cargo", "package" if crate.table("package") else "workspace"
    )
    commands = _commands(evidence, lock, members, binary if kind == "service" else None) if root is None else ()
    return Component(
        path=directory,
        name=crate.string("package", "name") or directory.rpartition("/")[2] or tree.snapshot.name,
        language=Language.RUST,
        manifest=crate.path,
        package_manager=detected("cargo", evidence),
        lock_file=lock,
        workspace_root=root,
        members=members,
        runtime=runtime,
        runtime_file=file,
        framework=detected(FRAMEWORKS[framework], needs[framework]) if framework else None,
        kind=kind,
        entry_point=detected(binary, Evidence(fact=f"{binary} is a binary", path=binary)) if binary else None,
        commands=tuple(commands),
        test_runner=detected("cargo test", evidence),
        has_tests=tests,
        linters=(detected("clippy", _config(tree, directory, "clippy.toml", ".clippy.toml") or evidence),),
        formatters=(detected("rustfmt", _config(tree, directory, "rustfmt.toml", ".rustfmt.toml") or evidence),),
        services=services(
            tree,
            Sources(Language.RUST, directory, _with_features(crate, needs), {}, files, listens=kind == "service"),
        ),
        dependencies=tuple(sorted(needs)),
        container_files=container_files(tree, directory, members),
        evidence=(evidence,),
    )


def _with_features(crate: Document, needs: dict[str, Evidence]) -> dict[str, Evidence]:
    """The dependencies, and beside each one its features: `sqlx/postgres`."""
    found = dict(needs)
    for table in ("dev-dependencies", "dependencies"):
        for name in crate.table(table):
            for feature in crate.strings(table, name, "features"):
                fact = f"{name} has the feature {feature}"
                found[f"{name}/{feature}"] = crate.entry(fact, feature, table, name)
    return found


def _has_tests(tree: Tree, files: list[str]) -> bool:
    if any("/tests/" in f"/{f}" for f in files):
        return True
    return any(d.find(r"#\[(?:cfg\(test\)|test|tokio::test)\]") for d in tree.texts(files, limit=30))


def _config(tree: Tree, directory: str, *names: str) -> Evidence | None:
    path = tree.nearest(directory, *names)
    return Evidence(fact=f"{path} configures it", path=path) if path else None


def _runtime(tree: Tree, directory: str, crate: Document, above: Document | None) -> tuple[Detected | None, str | None]:
    path = tree.nearest(directory, "rust-toolchain.toml", "rust-toolchain")
    document = tree.text(path)
    match = (
        document.find(r"^\s*(?:channel\s*=\s*)?[\"']?((?:\d+\.\d+(?:\.\d+)?|stable|beta|nightly)[\w.-]*)[\"']?\s*$")
        if document
        else None
    )
    if document and match:
        return detected(match[1], document.at(f"{document.path} says {match[1]}", match.start(1))), document.path
    for manifest in (crate, above):
        for keys in (("package", "rust-version"), ("workspace", "package", "rust-version")):
            value = manifest.string(*keys) if manifest else None
            if manifest and value:
                return detected("stable", manifest.evidence(f"rust-version is {value} or newer", *keys)), None
    return None, None


def _commands(evidence: Evidence, lock: str | None, members: tuple[str, ...], binary: str | None) -> Iterator[Command]:
    locked = " --locked" if lock else ""
    every = " --workspace" if members else ""
    yield Command(purpose=Purpose.INSTALL, run=f"cargo fetch{locked}", tool="cargo", evidence=evidence)
    assumed = "no file says that the code is checked with it; it comes with Rust"
    clippy = f"cargo clippy{locked}{every} --all-targets"
    yield Command(purpose=Purpose.LINT, run=clippy, tool="clippy", evidence=evidence, assumed=assumed, convention=True)
    yield Command(
        purpose=Purpose.FORMAT,
        run="cargo fmt --all --check",
        tool="rustfmt",
        evidence=evidence,
        assumed=assumed,
        convention=True,
    )
    yield Command(
        purpose=Purpose.TEST, run=f"cargo test{locked}{every}", tool="cargo", evidence=evidence, convention=True
    )
    build = f"cargo build{locked}{every} --release"
    yield Command(purpose=Purpose.BUILD, run=build, tool="cargo", evidence=evidence, convention=True)
    if binary:
        yield Command(purpose=Purpose.START, run=f"cargo run{locked} --release", tool="cargo", evidence=evidence)
