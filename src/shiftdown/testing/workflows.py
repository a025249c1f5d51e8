"""Judge GitHub Actions workflows with the linters that their users run."""

from pathlib import Path

from shiftdown.testing.tools import run_tool

LINTERS = (
    ("actionlint", "-no-color"),
    (
        "zizmor",
        "--offline",
        "--format=plain",
        "--no-progress",
        "--no-config",
        "--no-ignores",
        "--min-severity=medium",
    ),
    ("check-jsonschema", "--builtin-schema", "vendor.github-workflows"),
)
"""Each is called with the workflow's path; anything but exit code 0 is a complaint."""


def workflow_files(place: Path) -> list[Path]:
    """Return the workflows of a repository on disk, or `place` itself when it is a file."""
    if place.is_file():
        return [place]
    folder = place / ".github" / "workflows"
    return sorted(path for path in folder.glob("*") if path.suffix in {".yml", ".yaml"})


def check_workflow(place: Path) -> None:
    """Assert that a workflow, or every workflow of a repository on disk, is accepted by each linter.

    actionlint judges meaning, zizmor (offline) security from severity "medium" up, check-jsonschema the
    shape. Raises AssertionError with what they said, also when there is no workflow at all, and
    `MissingToolError` when one of them is not installed.
    """
    files = workflow_files(place)
    if not files:
        raise AssertionError(f"{place}: no workflow in .github/workflows")
    complaints = []
    for file in files:
        for linter in LINTERS:
            code, output = run_tool([*linter, str(file)])
            if code != 0:
                complaints.append(f"{linter[0]} rejects {file} (exit code {code}):\n{output.rstrip()}")
    if complaints:
        raise AssertionError("\n\n".join(complaints))
