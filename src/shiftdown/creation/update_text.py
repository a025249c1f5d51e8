"""The words of change requests that concern a repository's template."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shiftdown.git.temporary import Conflict
from shiftdown.scaffolder.origin import RECORD, REFERENCE, TemplateSource
from shiftdown.transformations.text import TRAILER

_MAX_LISTED = 200
"""How many files a text lists."""
_LETTERS = {"A": "create", "M": "modify", "D": "delete", "T": "change the type of"}

_CONFLICTS = {
    "contents": "both sides changed the same lines: they are between `<<<<<<< repository` and `>>>>>>> template`",
    "add/add": "both sides added it, with different contents: they are between `<<<<<<< repository` and "
    "`>>>>>>> template`",
    "binary": "both sides changed it, and it is not text: the repository's content stays",
    "rename/rename": "both sides renamed it, to different names: both are there",
    "distinct modes": "one side made something else of it than a file",
    "file/directory": "it is a file on one side and a folder on the other: the file was given another name",
}


@dataclass(frozen=True)
class UpdateWords:
    """What an update is about."""

    before: TemplateSource
    """The version that the repository was at."""
    after: TemplateSource
    """The version that it comes to."""
    changed: Sequence[tuple[str, str]]
    """The files of the repository that change: git's letter and path."""
    conflicts: Sequence[Conflict]
    """What could not be merged."""
    parameters: Sequence[str]
    """Names of parameters that are new or have other values."""
    notes: Sequence[str]
    """What a reviewer should look at."""


@dataclass(frozen=True)
class Fit:
    """How what a template makes fits a repository."""

    equal: int
    """How many of its files are there as it makes them."""
    changed: Sequence[str]
    """Those that are there with other contents."""
    absent: Sequence[str]
    """Those that are not there."""

    def __str__(self) -> str:
        """The same in words."""
        return (
            f"{self.equal} files are as the template makes them, {len(self.changed)} have other contents, "
            f"{len(self.absent)} are not there"
        )


def update_message(words: UpdateWords, type_: str) -> str:
    """The commit message."""
    before, after = words.before.label, words.after.label
    title = f"Update from template {after}" if before == after else f"Update from template {before} to {after}"
    if words.before.name == words.after.name and before != after:
        title = f"Update template {words.after.name} from {_version(words.before)} to {_version(words.after)}"
    where = f"Template: {words.after.location}" + (f", {words.after.path}" if words.after.path else "")
    return f"{title}\n\n{where}\n\n{TRAILER}: {type_}\n"


def update_text(words: UpdateWords) -> str:
    """The text of the change request, Markdown."""
    intro = (
        f"The template of this repository, `{words.after.name}`, has changed. This brings the change here: what the "
        f"template made before ({words.before.label}) was compared with what it makes now ({words.after.label}), and "
        "the difference was merged into this repository line by line. What was changed here stays."
    )
    resolve = (
        "Decide each of these on this branch, commit, and mark the change request as ready. It is a draft until "
        "then.\n\n" + _list(f"`{c.path}`: {_explain(c)}" for c in words.conflicts)
    )
    sections = [
        ("", intro),
        ("Conflicts", resolve if words.conflicts else ""),
        ("Files", _files(words.changed)),
        ("Parameters that are new or changed", _list(f"`{n}`" for n in words.parameters)),
        ("Please check", _list(words.notes)),
        ("How to verify", _list(["The pipeline of this branch passes.", "What you changed yourself is still there."])),
        ("How to roll back", "Revert the merge commit: the next update proposes the same again."),
    ]
    return _joined(sections, f"Opened by shiftdown. `{RECORD}` says which version the repository is at.")


def adopt_message(source: TemplateSource, type_: str) -> str:
    """The commit message of an adoption."""
    return f"Record that this comes from template {source.label}\n\nTemplate: {source.location}\n\n{TRAILER}: {type_}\n"


def adopt_text(source: TemplateSource, fit: Fit, why: str) -> str:
    """The text of an adoption's change request, Markdown."""
    sections = [
        (
            "",
            f"This adds `{RECORD}`: it records that the repository was made from the template {source.label} "
            f"({source.location}), {why}. Nothing else changes. `shiftdown update` then brings later versions of the "
            "template as change requests.",
        ),
        ("How well it fits", f"{fit}. What is not there counts as deleted on purpose."),
        ("With other contents", _list(f"`{p}`" for p in fit.changed[:_MAX_LISTED])),
        ("Not there", _list(f"`{p}`" for p in fit.absent[:_MAX_LISTED])),
        ("How to verify", f"Look at the parameters in `{RECORD}`: they are what updates are rendered with."),
        ("How to roll back", f"Revert the merge commit, and delete the reference `{REFERENCE}`."),
    ]
    return _joined(sections, "Opened by shiftdown.")


def _version(source: TemplateSource) -> str:
    return source.label.removeprefix(source.name).strip() or "what it was"


def _explain(conflict: Conflict) -> str:
    if conflict.kind == "modify/delete":
        here = f"{conflict.path} deleted in repository" in conflict.message
        return (
            "it was deleted here and the template changed it: it stays deleted"
            if here
            else "it was changed here and the template deleted it: it stays"
        )
    return _CONFLICTS.get(conflict.kind, conflict.message)


def _files(changed: Sequence[tuple[str, str]]) -> str:
    rest = len(changed) - _MAX_LISTED
    more = [f"and {rest} more"] if rest > 0 else []
    return _list([*(f"{_LETTERS.get(letter, letter)} `{path}`" for letter, path in changed[:_MAX_LISTED]), *more])


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _joined(sections: Sequence[tuple[str, str]], end: str) -> str:
    parts = [f"## {heading}\n\n{text}" if heading else text for heading, text in sections if text]
    return "\n\n".join([*parts, f"---\n{end}"]) + "\n"
