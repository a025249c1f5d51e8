"""A whole plugin: a transformation, the check that verifies it, and a playbook that uses it."""

from shiftdown.plugin import (
    CapabilityCheck,
    ChangeSet,
    CheckResult,
    Evidence,
    Model,
    NotApplicable,
    Snapshot,
    Transformation,
    capability_check,
    hookimpl,
    transformation,
    write,
)


@capability_check(
    "editors-are-configured", question="Do editors know the indentation and line endings of this project?"
)
def editors_are_configured(repo: Snapshot) -> CheckResult:
    """Look for an `.editorconfig` (https://editorconfig.org)."""
    if repo.is_file(".editorconfig"):
        return CheckResult.passed("They do.", Evidence(fact="configures editors", path=".editorconfig", line=1))
    return CheckResult.failed("There is no .editorconfig.")


class EditorConfigParams(Model):
    """Parameters of ADD_EDITORCONFIG."""

    indent: int = 2
    """Spaces to indent with, where the files do not show it."""


@transformation("ADD_EDITORCONFIG", title="Configure editors", family="testing", verified_by="editors-are-configured")
def add_editorconfig(repo: Snapshot, params: EditorConfigParams) -> ChangeSet:
    """Write an `.editorconfig` with the indentation that the project's files have."""
    sources = repo.glob("src/**/*", "*.js", "*.ts", "*.py")
    if not sources:
        raise NotApplicable("there are no source files to take the indentation from")
    python = any(path.endswith(".py") for path in sources)
    indent = 4 if python else params.indent
    lines = ["root = true", "", "[*]", "end_of_line = lf", "insert_final_newline = true"]
    lines += ["indent_style = space", f"indent_size = {indent}", ""]
    return ChangeSet(
        files=(write(".editorconfig", "\n".join(lines)),),
        summary="Editors read this file and keep to the project's indentation and line endings.",
        evidence=(Evidence(fact=f"indented with {indent} spaces", path=sources[0]),),
        notes=() if python else (f"An indentation of {indent} is a guess.",),
        verify=("Open a file in an editor and press Tab.",),
    )


@hookimpl
def shiftdown_transformations() -> list[Transformation]:
    """The transformation of this plugin."""
    return [add_editorconfig]


@hookimpl
def shiftdown_capability_checks() -> list[CapabilityCheck]:
    """The check that verifies it."""
    return [editors_are_configured]


@hookimpl
def shiftdown_playbooks() -> dict[str, str]:
    """A playbook that uses it."""
    return {"tidy-up": _PLAYBOOK}


_PLAYBOOK = """\
name: tidy-up
title: Tidy up
duration: 1-2 weeks
phases:
  - name: Editors
    phase_type: CI_CD_AUTOMATION
    duration: 1-2 weeks
    transformations: [ADD_EDITORCONFIG]
    deliverable: Every editor indents alike
"""
