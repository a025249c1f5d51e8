"""Actions that stand for a program: what they run."""

import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shiftdown.pipelines.tools import TOOLS

Inputs = Mapping[str, Any]


@dataclass(frozen=True)
class Stand:
    """What an action runs."""

    words: Callable[[Inputs], str]
    """The command."""
    directory: str | None = None
    """The input that says where."""


def _plain(command: str) -> Callable[[Inputs], str]:
    return lambda inputs: command


def _from(name: str, prefix: str = "", default: str = "") -> Callable[[Inputs], str]:
    """The command is, or ends with, an input."""
    return lambda inputs: f"{prefix} {inputs.get(name, default)}".strip() if inputs.get(name, default) else ""


def _ruff(inputs: Inputs) -> str:
    arguments = str(inputs.get("args", "check"))
    return f"ruff {arguments if re.match('check|format', arguments) else f'check {arguments}'} {inputs.get('src', '')}"


def _black(inputs: Inputs) -> str:
    return f"black {inputs.get('options', '--check --diff')} {inputs.get('src', '')}"


def _image(inputs: Inputs) -> str:
    """The command that the action stands for, with what it gives to the build."""
    words = [f"--{name} {shlex.quote(str(inputs[name]))}" for name in ("file", "target") if inputs.get(name)]
    for name, option in (("build-args", "build-arg"), ("build-contexts", "build-context"), ("secrets", "secret")):
        lines = str(inputs.get(name) or "").splitlines()
        words += [f"--{option} {shlex.quote(line.strip())}" for line in lines if line.strip()]
    return " ".join(["docker build", *words, str(inputs.get("context") or ".")])


def _cypress(inputs: Inputs) -> str:
    return "" if str(inputs.get("runTests", "true")).lower() == "false" else "cypress run"


def _cargo(inputs: Inputs) -> str:
    return f"cargo {inputs.get('command', '')} {inputs.get('args', '')}"


def _node_manager(inputs: Inputs) -> str:
    return f"yarn {inputs.get('cmd', 'install')}"


_WD = "working-directory"
_REVIEWERS = {
    "golangci-lint": "golangci-lint run",
    "black": "black --check",
    "biome": "biome check",
    "tsc": "tsc --noEmit",
}
"""The commands behind actions of reviewdog, where the name of the tool is not enough."""

_ACTIONS: Mapping[str, Stand] = {
    # linters, formatters, type checkers
    "golangci/golangci-lint-action": Stand(_plain("golangci-lint run"), _WD),
    "pre-commit/action": Stand(_from("extra_args", "pre-commit run", "--all-files")),
    "pre-commit-ci/lite-action": Stand(_plain("")),
    "psf/black": Stand(_black),
    "rickstaa/action-black": Stand(_plain("black --check")),
    "astral-sh/ruff-action": Stand(_ruff),
    "chartboost/ruff-action": Stand(_ruff),
    "super-linter/super-linter": Stand(_plain("super-linter")),
    "github/super-linter": Stand(_plain("super-linter")),
    "oxsecurity/megalinter": Stand(_plain("megalinter")),
    "crate-ci/typos": Stand(_plain("typos")),
    "codespell-project/actions-codespell": Stand(_plain("codespell")),
    "ludeeus/action-shellcheck": Stand(_plain("shellcheck")),
    "hadolint/hadolint-action": Stand(_plain("hadolint")),
    "jakebailey/pyright-action": Stand(_plain("pyright"), _WD),
    "dominikh/staticcheck-action": Stand(_plain("staticcheck ./..."), _WD),
    "py-actions/flake8": Stand(_plain("flake8")),
    "isort/isort-action": Stand(_plain("isort --check")),
    "davidanson/markdownlint-cli2-action": Stand(_plain("markdownlint-cli2")),
    "ibiqlik/action-yamllint": Stand(_plain("yamllint .")),
    "raven-actions/actionlint": Stand(_plain("actionlint")),
    "terraform-linters/tflint": Stand(_plain("tflint")),
    "ansible/ansible-lint": Stand(_plain("ansible-lint")),
    # scanners
    "github/codeql-action/analyze": Stand(_plain("codeql database analyze")),
    "aquasecurity/trivy-action": Stand(_from("scan-type", "trivy", "image")),
    "anchore/scan-action": Stand(_plain("grype")),
    "anchore/sbom-action": Stand(_plain("syft")),
    "gitleaks/gitleaks-action": Stand(_plain("gitleaks")),
    "trufflesecurity/trufflehog": Stand(_plain("trufflehog")),
    "actions/dependency-review-action": Stand(_plain("dependency-review")),
    "google/osv-scanner-action/osv-scanner-action": Stand(_plain("osv-scanner")),
    "ossf/scorecard-action": Stand(_plain("scorecard")),
    "returntocorp/semgrep-action": Stand(_plain("semgrep ci")),
    "semgrep/semgrep-action": Stand(_plain("semgrep ci")),
    "sonarsource/sonarqube-scan-action": Stand(_plain("sonar-scanner"), "projectBaseDir"),
    "sonarsource/sonarcloud-github-action": Stand(_plain("sonar-scanner"), "projectBaseDir"),
    "bridgecrewio/checkov-action": Stand(_plain("checkov"), "directory"),
    "aquasecurity/tfsec-action": Stand(_plain("tfsec"), "working_directory"),
    "checkmarx/kics-github-action": Stand(_plain("kics")),
    "zaproxy/action-baseline": Stand(_plain("zap")),
    "zaproxy/action-full-scan": Stand(_plain("zap")),
    "zaproxy/action-api-scan": Stand(_plain("zap")),
    "zizmorcore/zizmor-action": Stand(_plain("zizmor")),
    "woodruffw/zizmor-action": Stand(_plain("zizmor")),
    "golang/govulncheck-action": Stand(_plain("govulncheck ./..."), "work-dir"),
    "securego/gosec": Stand(_from("args", "gosec", "./...")),
    "pypa/gh-action-pip-audit": Stand(_plain("pip-audit")),
    "rustsec/audit-check": Stand(_plain("cargo audit")),
    "actions-rs/audit-check": Stand(_plain("cargo audit")),
    "embarkstudios/cargo-deny-action": Stand(_plain("cargo deny")),
    "actions-rs/clippy-check": Stand(_plain("cargo clippy")),
    "giraffate/clippy-action": Stand(_plain("cargo clippy"), "workdir"),
    "actions-rs/cargo": Stand(_cargo),
    "clechasseur/rs-cargo": Stand(_cargo),
    # tests and builds
    "cypress-io/github-action": Stand(_cypress, _WD),
    "grafana/k6-action": Stand(_from("filename", "k6 run")),
    "grafana/run-k6-action": Stand(_from("path", "k6 run")),
    "gradle/gradle-build-action": Stand(_from("arguments", "gradle"), "build-root-directory"),
    "gradle/actions/setup-gradle": Stand(_from("arguments", "gradle"), "build-root-directory"),
    "docker/build-push-action": Stand(_image),
    "docker/bake-action": Stand(_plain("docker buildx bake")),
    "redhat-actions/buildah-build": Stand(_plain("buildah build")),
    "pypa/cibuildwheel": Stand(_plain("cibuildwheel")),
    "pyo3/maturin-action": Stand(_from("command", "maturin", "build"), _WD),
    "hynek/build-and-inspect-python-package": Stand(_plain("python -m build"), "path"),
    "bahmutov/npm-install": Stand(_plain("npm ci"), _WD),
    "borales/actions-yarn": Stand(_node_manager, "dir"),
    # deployments
    "pypa/gh-action-pypi-publish": Stand(_plain("twine upload")),
    "goreleaser/goreleaser-action": Stand(_from("args", "goreleaser"), "workdir"),
    "cycjimmy/semantic-release-action": Stand(_plain("semantic-release")),
    "actions/deploy-pages": Stand(_plain("deploy-pages")),
    "peaceiris/actions-gh-pages": Stand(_plain("deploy-pages")),
    # programs that are given a script
    "nick-fields/retry": Stand(_from("command")),
    "nick-invision/retry": Stand(_from("command")),
    "wandalen/wretry.action": Stand(_from("command")),
    "coactions/setup-xvfb": Stand(_from("run"), _WD),
    "gabrielbb/xvfb-action": Stand(_from("run"), _WD),
    "reactivecircus/android-emulator-runner": Stand(_from("script"), _WD),
    "uraimo/run-on-arch-action": Stand(_from("run")),
    "vmactions/freebsd-vm": Stand(_from("run")),
    "addnab/docker-run-action": Stand(_from("run")),
}


def action_pushes(uses: str, inputs: Any) -> bool:
    """Whether an action, by its reference, pushes a container image with these inputs."""
    given = inputs if isinstance(inputs, dict) else {}
    name = uses.partition("@")[0].lower()
    pushes = str(given.get("push", "false")).lower() != "false"
    return pushes and name in ("docker/build-push-action", "docker/bake-action")


def stand_for(uses: str) -> Stand | None:
    """What is known of an action, by its reference."""
    name = uses.partition("@")[0].lower().strip("/")
    if name.startswith("snyk/actions/"):
        return Stand(_plain("snyk test"))
    if name.startswith("reviewdog/action-"):
        tool = name.removeprefix("reviewdog/action-")
        known = TOOLS.get(tool)
        return Stand(_plain(_REVIEWERS.get(tool, tool)), "workdir") if known or tool in _REVIEWERS else None
    if name.startswith("oxsecurity/megalinter"):
        return _ACTIONS["oxsecurity/megalinter"]
    return _ACTIONS.get(name)
