"""What surrounds the code: CI systems, infrastructure as code, the forge. By presence only."""

import re
from collections.abc import Iterator

from shiftdown.repository.detect.facts import detected, words
from shiftdown.repository.detect.tree import Tree, foreign, illustration, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Detected

CI: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("github-actions", re.compile(r"\.github/workflows/[^/]+\.ya?ml")),
    ("gitlab-ci", re.compile(r"\.gitlab-ci\.ya?ml")),
    ("jenkins", re.compile(r"(?:[\w.-]+/)?Jenkinsfile(?:[.-][\w.-]+)?")),
    ("circleci", re.compile(r"\.circleci/config\.ya?ml")),
    ("azure-pipelines", re.compile(r"\.?azure-pipelines?(?:[\w.-]*\.ya?ml|/[\w./-]+\.ya?ml)|\.azuredevops/.+\.ya?ml")),
    ("bitbucket-pipelines", re.compile(r"bitbucket-pipelines\.ya?ml")),
    ("travis", re.compile(r"\.travis\.ya?ml")),
    ("drone", re.compile(r"\.drone\.(?:ya?ml|jsonnet|star)")),
    ("woodpecker", re.compile(r"\.woodpecker(?:\.ya?ml|/[^/]+\.ya?ml)")),
    ("buildkite", re.compile(r"\.buildkite/[\w.-]+\.ya?ml")),
    ("appveyor", re.compile(r"\.?appveyor\.ya?ml")),
    ("cirrus", re.compile(r"\.cirrus\.(?:ya?ml|star)")),
    ("semaphore", re.compile(r"\.semaphore/[\w.-]+\.ya?ml")),
    ("teamcity", re.compile(r"\.teamcity/settings\.kts")),
    ("tekton", re.compile(r"\.tekton/[\w.-]+\.ya?ml")),
    ("forgejo-actions", re.compile(r"\.(?:forgejo|gitea)/workflows/[^/]+\.ya?ml")),
)
"""CI systems by the files that configure them."""

_INFRASTRUCTURE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("terraform", re.compile(r"\.tf(?:\.json)?$")),
    ("pulumi", re.compile(r"(?:^|/)Pulumi\.ya?ml$")),
    (
        "ansible",
        re.compile(r"(?:^|/)(?:ansible\.cfg|roles/[\w.-]+/tasks/main\.ya?ml|site\.ya?ml|playbook[\w.-]*\.ya?ml)$"),
    ),
    ("helm", re.compile(r"(?:^|/)Chart\.ya?ml$")),
    ("kustomize", re.compile(r"(?:^|/)kustomization\.ya?ml$")),
    ("cdk", re.compile(r"(?:^|/)cdk\.json$")),
    ("serverless", re.compile(r"(?:^|/)serverless\.(?:ya?ml|ts)$")),
    ("sam", re.compile(r"(?:^|/)samconfig\.toml$")),
    ("bicep", re.compile(r"\.bicep$")),
    ("skaffold", re.compile(r"(?:^|/)skaffold\.ya?ml$")),
    ("nix", re.compile(r"(?:^|/)flake\.nix$")),
)
_MANIFEST_FOLDERS = frozenset(
    words(
        "k8s kubernetes kube manifests deploy deployment deployments kustomize base overlays argocd "
        "kubernetes-manifests"
    )
)
_MAX_MANIFESTS = 40


def ci_systems(tree: Tree) -> Iterator[Detected]:
    """The CI systems that are configured, each with its first file."""
    for name, pattern in CI:
        path = next((p for p in tree.paths if pattern.fullmatch(p)), None)
        if path:
            yield detected(name, Evidence(fact=f"{path} configures {name}", path=path))


def infrastructure(tree: Tree) -> Iterator[Detected]:
    """The kinds of infrastructure as code, each with its first file."""
    own = [p for p in tree.paths if not foreign(parent(p)) and not illustration(parent(p))]
    for name, pattern in _INFRASTRUCTURE:
        path = next((p for p in own if pattern.search(p)), None)
        if path:
            yield detected(name, Evidence(fact=f"{path} belongs to {name}", path=path))
    folders = [p for p in own if p.endswith((".yaml", ".yml")) and _MANIFEST_FOLDERS & set(p.split("/")[:-1])]
    for document in tree.texts(folders, limit=_MAX_MANIFESTS):
        match = document.find(r"^apiVersion:\s*\S+")
        if match and document.find(r"^kind:\s*(?!Kustomization|Chart)\w+") and "{{" not in document.text:
            yield detected("kubernetes", document.at(f"{document.path} is a manifest of Kubernetes", match.start()))
            return


def forge(tree: Tree) -> str | None:
    """The forge: by the URL, else by the files that only one of them reads."""
    host = re.match(r"(?:\w+://)?(?:[^@/]*@)?([\w.-]+)", tree.snapshot.url or "")
    for name in ("github", "gitlab"):
        if host and name in host[1].lower():
            return name
    found = {"github" for p in tree.paths if p.startswith(".github/")}
    found |= {"gitlab" for p in tree.paths if p == ".gitlab-ci.yml" or p.startswith(".gitlab/")}
    return found.pop() if len(found) == 1 else None
