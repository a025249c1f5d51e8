"""Who commits, and how repositories are reached."""

import re
from typing import Self

from pydantic import Field, SecretStr, ValidationError, field_validator

from shiftdown.errors import InvalidInputError
from shiftdown.model.base import Model

_WRITTEN = re.compile(r"^(?P<name>[^<>\x00-\x1f\x7f]*[^<>\s]) *<(?P<email>[^<>\s]+)>$")
_NOT_IN_IDENTITY = re.compile(r"[<>\x00-\x1f\x7f]")


class Identity(Model):
    """The author and committer of commits."""

    name: str = Field(min_length=1, max_length=200)
    """Name, without `<`, `>` and control characters, which git does not allow."""
    email: str = Field(min_length=1, max_length=200)
    """E-mail address, with the same limits."""

    @field_validator("name", "email")
    @classmethod
    def _plain(cls, value: str) -> str:
        if _NOT_IN_IDENTITY.search(value):
            raise ValueError("must not contain `<`, `>` or control characters")
        if not value.strip():
            raise ValueError("must not be blank")
        return value.strip()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `Name <email>`.

        Raises:
            InvalidInputError: it is not that.
        """
        match = _WRITTEN.match(text.strip())
        try:
            return cls.model_validate(match.groupdict() if match else {})
        except ValidationError as error:
            raise InvalidInputError(f"{text[:200]!r} is not an author; write `Name <email>`") from error

    def __str__(self) -> str:
        """`Name <email>`, as git writes it."""
        return f"{self.name} <{self.email}>"


class GitOptions(Model):
    """How repositories are read and written."""

    token: SecretStr | None = None
    """Password or token for https, sent as Basic authentication; never for plain http to another machine."""
    username: str = "x-access-token"
    """User name that goes with the token; forges accept any, GitLab's deploy tokens need their own."""
    author: Identity | None = None
    """Author and committer; `None` asks git's configuration."""
    sign_off: bool = False
    """Whether commit messages end with `Signed-off-by`."""
    allow_http: bool = False
    """Whether plain http to other machines is allowed; this machine always is."""
    timeout: float = Field(default=60, gt=0)
    """Seconds without an answer after which a server or program is given up."""
    max_download: int = Field(default=512 * 1024 * 1024, gt=0)
    """The most bytes that one answer of a server may have."""
    branch_prefix: str = "shiftdown/"
    """What our own branches start with: they are looked up together with the default branch."""
