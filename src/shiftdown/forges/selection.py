"""Which repositories of a forge are meant: by owner, topic, language, files or a search, instead of one by one."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from shiftdown.errors import UnsafePathError
from shiftdown.model.base import Model, Moment
from shiftdown.repository.paths import safe_path

_OWNER = re.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


def _owner(name: str) -> str:
    """Anything else could mean more than a name in a search."""
    if not _OWNER.fullmatch(name):
        raise ValueError("a user, organisation or group is named with letters, digits, `-`, `_` and `.`")
    return name


def _word(text: str) -> str:
    """In a search it stands between quotation marks, where these would end it."""
    if '"' in text or "\\" in text:
        raise ValueError('neither `"` nor `\\` can be in it')
    return text


_Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Word = Annotated[_Text, AfterValidator(_word)]
_Owner = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_owner)]


class Selection(Model):
    """What repositories must be like. Everything that is given must hold."""

    owner: _Owner | None = None
    """Whose they are: an organisation, a user, or a group with all groups below it (`acme/platform`)."""
    topics: tuple[_Word, ...] = Field(default=(), max_length=20)
    """Topics; they have all of them."""
    languages: tuple[_Word, ...] = Field(default=(), max_length=20)
    """Main languages, as the forge names them; theirs is one of them, in upper or lower case."""
    has_files: tuple[_Text, ...] = Field(default=(), max_length=20)
    """Paths of files, or of folders, which end with `/`; the default branch has all of them."""
    search: _Text | None = None
    """Words and, on GitHub, qualifiers of the forge's own search."""
    exclude: tuple[_Text, ...] = Field(default=(), max_length=100)
    """Shell patterns of names to leave out, `*-archive` or `acme/legacy-*`."""
    include_archived: bool = False
    """Whether read-only ones belong to it."""
    include_forks: bool = False
    """Whether forks belong to it."""

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not (self.owner or self.search or self.topics or self.languages):
            raise ValueError("say whose repositories, or which topic, language or search")
        for path in self.has_files:
            try:
                safe_path(path.removesuffix("/"))
            except UnsafePathError as error:
                raise ValueError(str(error)) from None
        return self

    def takes(self, found: "FoundRepository") -> bool:
        """Whether a repository is meant, as far as can be told without its files and the forge's search."""
        return (
            (self.include_archived or not found.archived)
            and (self.include_forks or not found.fork)
            and (self.owner is None or found.name.lower().startswith(f"{self.owner.lower()}/"))
            and {topic.lower() for topic in self.topics} <= {topic.lower() for topic in found.topics}
            and (not self.languages or (found.language or "").lower() in {name.lower() for name in self.languages})
            and not _fits_any(found.name, self.exclude)
        )


class FoundRepository(Model):
    """A repository, as its forge lists it."""

    location: str
    """Its URL."""
    name: str
    """Its full name on the forge, owner included."""
    default_branch: str | None
    """Its default branch; `None` when it has no commits."""
    archived: bool
    """Whether it is read-only."""
    fork: bool
    """Whether it is a fork."""
    visibility: str
    """"public", "internal" or "private"."""
    language: str | None
    """Its main language."""
    topics: tuple[str, ...]
    """Its topics."""
    changed_at: Moment | None
    """When it last changed, as far as the forge tells."""


def _fits_any(name: str, patterns: Iterable[str]) -> bool:
    """A pattern with a slash is about the whole name, another one about its last part."""
    short = name.rpartition("/")[2].lower()
    return any(fnmatchcase(name.lower() if "/" in pattern else short, pattern.lower()) for pattern in patterns)
