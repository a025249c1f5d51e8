"""What Prettier wants of the files that are added, where the repository checks its format with it."""

from shiftdown.plugin import FileChange, Language, Snapshot, stack_of, write
from shiftdown_plugins.cicd.lint_files import Style, requoted
from shiftdown_plugins.cicd.lint_node import chosen_style


def prettier_of(repo: Snapshot) -> Style | None:
    """How the repository's own Prettier wants workflows: that of the root, which looks at all files below it."""
    roots = (c for c in stack_of(repo).components if not c.path and c.language is Language.NODE)
    return next((s for c in roots if (s := chosen_style(repo, c))), None)


def in_style(repo: Snapshot, change: FileChange) -> FileChange:
    """The change with its new lines in the quotes that the repository's own Prettier wants."""
    prettier = prettier_of(repo)
    return quoted(repo, change) if prettier and prettier.single_quotes else change


def quoted(repo: Snapshot, change: FileChange) -> FileChange:
    """The change with single quotes around the values of its new lines."""
    before = repo.text(change.path) if repo.is_file(change.path) else ""
    return write(change.path, requoted(before, (change.content or b"").decode()))
