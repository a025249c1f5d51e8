"""Which package manager a Node.js project uses, and how it is called. Workspaces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.tree import Tree, parent
from shiftdown.repository.detect.workspaces import members
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected

LOCKS: Mapping[str, str] = {
    "pnpm-lock.yaml": "pnpm",
    "bun.lock": "bun",
    "bun.lockb": "bun",
    "yarn.lock": "yarn",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
}
"""Lock files by the package manager that writes them; of several, the first is believed."""

_PACKAGE_MANAGER = re.compile(r"^(npm|pnpm|yarn|bun)@(\d+\.\d+\.\d+[\w.-]*)")


@dataclass(frozen=True, slots=True)
class Manager:
    """A package manager, as one project uses it."""

    name: str
    """"npm", "pnpm", "yarn" or "bun"."""
    chosen: Evidence
    """Why it is this one."""
    version: Detected | None = None
    """The version that the repository asks for."""
    lock: str | None = None
    """Path of the lock file."""
    berry: bool = False
    """Whether yarn is version 2 or newer."""
    doubt: str | None = None
    """What a person should check."""

    def with_version(self, version: Detected) -> "Manager":
        """The same, of a version."""
        return replace(self, version=version)

    def install(self) -> str:
        """How to install in a clean checkout."""
        match self.name, bool(self.lock):
            case "npm", locked:
                return "npm ci" if locked else "npm install"
            case "yarn", locked if self.berry:
                return "yarn install --immutable" if locked else "yarn install --no-immutable"
            case name, True:
                return f"{name} install --frozen-lockfile"
        return f"{self.name} install"

    def script(self, name: str, arguments: str = "") -> str:
        """How to run a script of `package.json`."""
        short = self.name == "npm" and name in ("test", "start")
        call = f"{self.name} {'' if short else 'run '}{name}"
        if not arguments:
            return call
        return f"{call} -- {arguments}" if self.name == "npm" else f"{call} {arguments}"

    def execute(self, command: str) -> str:
        """How to run an installed program, without ever downloading one."""
        prefix = {"npm": "npx --no-install", "pnpm": "pnpm exec", "yarn": "yarn run", "bun": "bun run"}[self.name]
        return f"{prefix} {command}"


def manager_of(tree: Tree, directory: str, manifest: Document | None) -> Manager:
    """The package manager of a project that stands alone or is the root of a workspace."""
    locks = [(name, path) for name in LOCKS if (path := tree.first(directory, name))]
    declared = _declared(manifest)
    if declared:
        name, evidence = declared.value.partition("@")[0], declared.evidence
        version: Detected | None = Detected(value=declared.value.partition("@")[2], evidence=evidence)
    else:
        name, evidence = _by_files(tree, directory, manifest, locks)
        version = None
    lock = next((path for file, path in locks if LOCKS[file] == name), None)
    others = [path for file, path in locks if LOCKS[file] != name]
    if name == "yarn" and version is None:
        version = _yarn_release(tree, directory) or _yarn_of_lock(tree, lock)
    return Manager(
        name,
        evidence,
        version,
        lock,
        berry=name == "yarn" and _is_berry(tree, directory, version, lock),
        doubt=f"{', '.join(others)} is there too, for another package manager" if others else None,
    )


def _declared(manifest: Document | None) -> Detected | None:
    value = manifest.string("packageManager") if manifest else None
    match = _PACKAGE_MANAGER.match(value or "")
    if not manifest or not match:
        return None
    fact = f"packageManager is {match[0]}"
    return Detected(value=match[0], evidence=manifest.evidence(fact, "packageManager"))


def _by_files(
    tree: Tree, directory: str, manifest: Document | None, locks: list[tuple[str, str]]
) -> tuple[str, Evidence]:
    if len({LOCKS[file] for file, _ in locks}) > 1:
        used = _installing(tree, directory, {LOCKS[file] for file, _ in locks})
        if used:
            return used
    if locks:
        name, path = locks[0]
        return LOCKS[name], Evidence(fact=f"{path} is the lock file of {LOCKS[name]}", path=path)
    for file, name in (("pnpm-workspace.yaml", "pnpm"), (".yarnrc.yml", "yarn"), ("bunfig.toml", "bun")):
        config = tree.first(directory, file)
        if config:
            return name, Evidence(fact=f"{config} configures {name}", path=config)
    if manifest:
        for name in ("pnpm", "yarn", "bun"):
            if manifest.string("engines", name):
                return name, manifest.evidence(f"engines asks for {name}", "engines", name)
        scripts = manifest.table("scripts").items()
        called = {m[1]: k for k, v in reversed(scripts) if (m := re.match(r"(npm|pnpm|yarn|bun) ", str(v)))}
        if "npm" not in called and called:
            name, script = next(reversed(called.items()))
            return name, manifest.evidence(f"the script {script} calls {name}", "scripts", script)
    return "npm", Evidence(
        fact="no lock file and no packageManager: npm comes with Node.js", path=manifest.path if manifest else None
    )


_INSTALLS = re.compile(
    r"(?<![\w./-])(?:(?P<npm>npm (?:ci|install|i)(?! +(?:-g|--global)))|(?P<pnpm>pnpm (?:install|i))|"
    r"(?P<bun>bun (?:install|ci))|(?P<yarn>yarn(?: install| --(?:frozen-lockfile|immutable)|(?=[ \t]*$))))(?![\w-])",
    re.M,
)


def _installing(tree: Tree, directory: str, managers: set[str]) -> tuple[str, Evidence] | None:
    """The one of several package managers that CI installs with, else that images are built with."""
    workflows = [f".github/workflows/{n}" for n in tree.files(".github/workflows") if n.endswith((".yml", ".yaml"))]
    other = [p for p in (".gitlab-ci.yml", ".circleci/config.yml", ".travis.yml") if tree.has("", p)]
    images = [p for n in ("Dockerfile", "Containerfile") if (p := tree.first(directory, n))]
    for paths in ([*workflows, *other], images):
        found: dict[str, Evidence] = {}
        for document in tree.texts(paths, limit=30):
            for match in _INSTALLS.finditer(document.text):
                name = str(match.lastgroup)
                if name in managers:
                    found.setdefault(name, document.at(f"{document.path} runs `{match[0]}`", match.start()))
        if len(found) == 1:
            return next(iter(found.items()))
    return None


def _yarn_release(tree: Tree, directory: str) -> Detected | None:
    document = tree.yaml(tree.first(directory, ".yarnrc.yml"))
    path = document.string("yarnPath") if document else None
    match = re.search(r"yarn-(\d+\.\d+\.\d+[\w.-]*?)\.c?js$", path or "")
    if not document or not match:
        return None
    return Detected(value=match[1], evidence=document.evidence(f"yarnPath is {path}", "yarnPath"))


_LOCKED_BY = {"4": "2", "5": "3", "6": "3", "7": "4", "8": "4", "9": "4"}
"""The major version of Yarn by the version of its lock file."""


def _yarn_of_lock(tree: Tree, lock: str | None) -> Detected | None:
    """The major version of a modern Yarn, by its lock file: nothing else says it."""
    document = tree.text(lock) if lock else None
    match = re.search(r"^__metadata:\s+version: [\"']?(\d+)", document.text[:1000], re.M) if document else None
    major = _LOCKED_BY.get(match[1]) if match else None
    if not document or not match or major is None:
        return None
    line = document.text[: match.end()].count("\n") + 1
    return Detected(value=major, evidence=Evidence(fact=f"{lock} was written by Yarn {major}", path=lock, line=line))


def _is_berry(tree: Tree, directory: str, version: Detected | None, lock: str | None) -> bool:
    if version:
        return not version.value.startswith(("0.", "1."))
    if lock:
        document = tree.text(lock)
        if document:
            return "__metadata:" in document.text[:1000]
    return tree.first(directory, ".yarnrc.yml") is not None


def workspaces(tree: Tree, manifests: Mapping[str, Document]) -> dict[str, tuple[str, ...]]:
    """The members of each workspace root, among the directories that have a `package.json`."""
    roots = {d for d, m in manifests.items() if m.get("workspaces") is not None}
    roots |= {parent(p) for p in tree.manifests("pnpm-workspace.yaml")}
    roots |= {parent(p) for p in tree.manifests("lerna.json")}
    found: dict[str, tuple[str, ...]] = {}
    directories = sorted(manifests)
    for root in sorted(roots):
        patterns = _patterns(tree, root, manifests.get(root))
        inner = members(root, directories, patterns)
        if inner:
            found[root] = inner
    return found


def _patterns(tree: Tree, root: str, manifest: Document | None) -> list[str]:
    document = tree.yaml(tree.first(root, "pnpm-workspace.yaml"))
    if document and document.strings("packages"):
        return document.strings("packages")
    if manifest:
        listed = manifest.strings("workspaces") or manifest.strings("workspaces", "packages")
        if listed:
            return listed
    lerna = tree.json(tree.first(root, "lerna.json"))
    return (lerna.strings("packages") or ["packages/*"]) if lerna else []
