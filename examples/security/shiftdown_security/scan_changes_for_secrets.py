"""SCAN_CHANGES_FOR_SECRETS: no change brings a password or a key into the repository unseen."""

import shlex

from shiftdown.kits import (
    Answer,
    StageParams,
    answer_of_tools,
    stage_check,
    stage_for,
    tool_runtime,
    tool_step,
    undone,
)
from shiftdown.pipelines import Job, Stage
from shiftdown.plugin import ChangeSet, Snapshot, transformation

_SCANNERS = ("gitleaks", "betterleaks", "trufflehog", "detect-secrets")


def _wanted(repo: Snapshot) -> dict[str, Answer]:
    return {"scanner for secrets": answer_of_tools(repo, *_SCANNERS)}


changes_are_scanned_for_secrets = stage_check(
    "changes-are-scanned-for-secrets",
    question="Does CI look for secrets in every change?",
    wanted=_wanted,
    failure="On changes, CI runs no",
)


@transformation(
    "SCAN_CHANGES_FOR_SECRETS",
    title="Scan every change for secrets",
    family="security",
    verified_by="changes-are-scanned-for-secrets",
)
def scan_changes_for_secrets(repo: Snapshot, params: StageParams) -> ChangeSet:
    """Add a job that looks for passwords and keys in the commits that a change adds."""
    stage = stage_for(repo)
    undone(_wanted(repo), params)
    commits = shlex.quote(f"--log-opts=origin/{repo.default_branch}..HEAD")
    scan = tool_step("gitleaks", f"git --no-banner --redact {commits}", name="Scan the new commits")
    set_up = (tool_runtime("gitleaks"),)
    job = Job(id="secrets", name="Secrets", stage=Stage.SECURITY, setup=set_up, steps=(scan,), full_history=True)
    change = stage.add([job])
    return change.explained(
        summary=(
            f"gitleaks looks for passwords and keys in the commits of every pull request, in `{change.path}`. What the "
            "history holds already stops nobody."
        ),
        notes=("Look at the history once, too: `gitleaks git --redact`. What it finds has to be revoked.",),
        verify=("Commit a made-up key on a branch: its pull request must turn red.",),
    )
