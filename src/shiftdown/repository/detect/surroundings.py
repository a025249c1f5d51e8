"""What surrounds the code: CI systems, infrastructure as code, the forge. By presence only."""

import re
from collections.abc import Iterable, Iterator

from shiftdown.repository.detect.facts import detected, words
from shiftdown.repository.detect.tree import Tree, illustration, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.snapshot import Snapshot
from shiftdown.repository.stack import Detected

CI = {
    "github-actions": r"\.github/workflows/[^/]+\.ya?ml",
    "gitlab-ci": r"\.gitlab-ci\.ya?ml",
    "jenkins": r"(?:[\w.-]+/)?Jenkinsfile(?:[.-][\w.-]+)?",
    "circleci": r"\.circleci/config\.ya?ml",
    "azure-pipelines": r"\.?azure-pipelines?(?:[\w.-]*\.ya?ml|/[\w./-]+\.ya?ml)|\.azuredevops/.+\.ya?ml",
    "bitbucket-pipelines": r"bitbucket-pipelines\.ya?ml",
    "travis": r"\.travis\.ya?ml",
    "drone": r"\.drone\.(?:ya?ml|jsonnet|star)",
    "woodpecker": r"\.woodpecker(?:\.ya?ml|/[^/]+\.ya?ml)",
    "buildkite": r"\.buildkite/[\w.-]+\.ya?ml",
    "appveyor": r"\.?appveyor\.ya?ml",
    "cirrus": r"\.cirrus\.(?:ya?ml|star)",
    "semaphore": r"\.semaphore/[\w.-]+\.ya?ml",
    "teamcity": r"\.teamcity/settings\.kts",
    "tekton": r"\.tekton/[\w.-]+\.ya?ml",
    "forgejo-actions": r"\.(?:forgejo|gitea)/workflows/[^/]+\.ya?ml",
}
"""CI systems by the files that configure them."""

INFRASTRUCTURE = {
    "terraform": r"\.tf(?:\.json)?$",
    "pulumi": r"(?:^|/)Pulumi\.ya?ml$",
    "ansible": r"(?:^|/)(?:ansible\.cfg|roles/[\w.-]+/tasks/main\.ya?ml|(?:site|playbook[\w.-]*)\.ya?ml)$",
    "helm": r"(?:^|/)Chart\.ya?ml$",
    "kustomize": r"(?:^|/)kustomization\.ya?ml$",
    "cdk": r"(?:^|/)cdk\.json$",
    "serverless": r"(?:^|/)serverless\.(?:ya?ml|ts)$",
    "sam": r"(?:^|/)samconfig\.toml$",
    "bicep": r"\.bicep$",
    "skaffold": r"(?:^|/)skaffold\.ya?ml$",
    "nix": r"(?:^|/)flake\.nix$",
}
"""Infrastructure as code by the files that it is written in."""


def _any(patterns: dict[str, str]) -> re.Pattern[str]:
    """One pattern for all, each a group named by its place."""
    return re.compile("|".join(f"(?P<n{i}>{p})" for i, p in enumerate(patterns.values())))


_CI = _any(CI)
_INFRASTRUCTURE = _any(INFRASTRUCTURE)
_MANIFEST_FOLDERS = frozenset(
    words(
        "k8s kubernetes kube manifests deploy deployment deployments kustomize base overlays argocd "
        "kubernetes-manifests"
    )
)
_MAX_MANIFESTS = 40


def ci_systems(snapshot: Snapshot) -> Iterator[Detected]:
    """The CI systems that are configured, each with its first file."""
    likely = (p for p in snapshot.files() if p.startswith((".", "a", "b")) or "Jenkinsfile" in p)
    for name, path in _first(CI, ((_CI.fullmatch(p), p) for p in likely)):
        yield detected(name, Evidence(fact=f"{path} configures {name}", path=path))


def _first(patterns: dict[str, str], matches: Iterable[tuple[re.Match[str] | None, str]]) -> Iterator[tuple[str, str]]:
    """The first path for each pattern, in the order of the patterns."""
    found: dict[str, str] = {}
    for match, path in matches:
        if match:
            found.setdefault(match.lastgroup or "", path)
    for place, name in enumerate(patterns):
        if f"n{place}" in found:
            yield name, found[f"n{place}"]


def infrastructure(tree: Tree) -> Iterator[Detected]:
    """The kinds of infrastructure as code, each with its first file."""
    endings = (".tf", ".tf.json", ".yml", ".yaml", ".cfg", ".json", "/serverless.ts", ".toml", ".bicep", ".nix")
    own = [p for p in tree.own if f"/{p}".endswith(endings) and not illustration(parent(p))]
    for name, path in _first(INFRASTRUCTURE, ((_INFRASTRUCTURE.search(p), p) for p in own)):
        yield detected(name, Evidence(fact=f"{path} belongs to {name}", path=path))
    folders = [p for p in own if p.endswith((".yaml", ".yml")) and _MANIFEST_FOLDERS & set(p.split("/")[:-1])]
    for document in tree.texts(folders, limit=_MAX_MANIFESTS):
        match = document.find(r"^apiVersion:\s*\S+")
        if match and document.find(r"^kind:\s*(?!Kustomization|Chart)\w+") and "{{" not in document.text:
            yield detected("kubernetes", document.at(f"{document.path} is a manifest of Kubernetes", match.start()))
            return


def forge(snapshot: Snapshot) -> str | None:
    """The forge: by the URL, else by the files that only one of them reads."""
    host = re.match(r"(?:\w+://)?(?:[^@/]*@)?([\w.-]+)", snapshot.url or "")
    for name in ("github", "gitlab"):
        if host and name in host[1].lower():
            return name
    github = bool(snapshot.children(".github"))
    gitlab = bool(snapshot.children(".gitlab")) or snapshot.is_file(".gitlab-ci.yml")
    return None if github == gitlab else "github" if github else "gitlab"
