"""Where a repository is: what is accepted as its address, and what is not."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from shiftdown.errors import InvalidInputError
from shiftdown.user_paths import LONGEST_NAME, user_path

Scheme = Literal["https", "http", "ssh", "file"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_URL = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*)://")
_HELPER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9+.-]*::")
_SCP = re.compile(r"^(?:(?P<user>[^@/:]+)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^@/:\[\]]+):(?P<path>.+)$")
_USERINFO = re.compile(r"(?<=://)(?:[^/\s]*@|[^\s@]*:[^\s@]*@)")
_PLAIN_WORD = re.compile(r"^[A-Za-z0-9_.][A-Za-z0-9_.-]*$")


@dataclass(frozen=True, slots=True)
class Location:
    """A checked address, without credentials."""

    scheme: Scheme
    """How to reach it."""
    address: str
    """Normalised URL, or for `file` an absolute path."""
    host: str | None = None
    """Host name and, if given, port; `None` for `file`."""

    @property
    def name(self) -> str:
        """Short name for people: the last part, without `.git`."""
        return remote_name(self.address)

    @property
    def path(self) -> Path:
        """Where it is on this machine; only for `file`."""
        return Path(self.address)

    @property
    def may_authenticate(self) -> bool:
        """Whether credentials may be sent there: they would be readable on plain http to another machine."""
        return self.scheme == "https" or (self.scheme == "http" and _is_loopback(self.host or ""))


def redact(text: str) -> str:
    """`text` without the user name and password of any URL in it."""
    return _USERINFO.sub("", text)


def remote_name(location: str) -> str:
    """The name by which people know the repository at a URL or path: its last part, without `.git`."""
    path = redact(location).partition("://")[2].partition("/")[2] or location
    scp = _SCP.match(path)
    path = scp["path"] if scp else path
    name = path.rstrip("/").removesuffix("/.git").rpartition("/")[2].removesuffix(".git")
    return name or "repository"


def is_local(location: str) -> bool:
    """Whether an address is a path or file URL; what is not allowed as an address is not."""
    try:
        return parse_location(location, allow_http=True).scheme == "file"
    except InvalidInputError:
        return False


def parse_location(location: str, *, allow_http: bool = False) -> Location:
    """Check and normalise what a caller gave as the address of a repository.

    Accepted are `https://`, `ssh://`, `user@host:path`, `file://` and paths; `http://` for this machine, or
    for any with `allow_http`. Nothing is looked up but a path.

    Raises:
        InvalidInputError: it could be taken for an option, runs a program (`ext::`), carries a password,
            holds control characters, uses another protocol, or is a path that cannot be looked at. The message
            never shows a password.
    """
    shown = redact(_CONTROL.sub("?", location))[:200]
    if not location.strip():
        raise InvalidInputError("the location of a repository is empty: give a URL or a path")
    if _CONTROL.search(location) or _CONTROL.search(unquote(location)):
        raise InvalidInputError(f"{shown}: contains a control character")
    if location.startswith("-"):
        raise InvalidInputError(f"{shown}: starts with `-`; for a path, write ./{shown}")
    if _HELPER.match(location):
        raise InvalidInputError(f"{shown}: remote helpers (`{shown.split('::')[0]}::`) are not allowed")
    if scheme := _URL.match(location):
        try:
            url = urlsplit(location)
        except ValueError:
            raise InvalidInputError(f"{shown}: is not a valid URL") from None
        return _of_url(scheme[1].lower(), url, shown, allow_http=allow_http)
    scp = _SCP.match(location)
    if scp and not _is_there(location):
        return _of_scp(scp, shown)
    return Location("file", str(user_path(location).absolute()))


def _is_there(location: str) -> bool:
    """Whether an address that reads `host:path` is the path of something on this machine."""
    try:
        return user_path(location).exists()
    except InvalidInputError:
        return False


def _of_url(scheme: str, url: SplitResult, shown: str, *, allow_http: bool) -> Location:
    if url.query or url.fragment:
        raise InvalidInputError(f"{shown}: a repository's URL has no `?` and no `#`")
    if scheme == "file":
        if url.netloc not in ("", "localhost"):
            raise InvalidInputError(f"{shown}: a file URL names no host; write file:///path")
        return Location("file", str(user_path(unquote(url.path)).absolute()))
    if scheme == "ssh":
        return _of_ssh(url, shown)
    if scheme not in ("https", "http"):
        raise InvalidInputError(f"{shown}: {scheme} is not allowed; use https, ssh or a path")
    return _of_http(scheme, url, shown, allow_http=allow_http)


def _of_http(scheme: str, url: SplitResult, shown: str, *, allow_http: bool) -> Location:
    if "@" in url.netloc:
        raise InvalidInputError(
            f"{shown}: credentials do not belong into a URL, where logs and process lists show them; "
            "give the URL without them and the token by environment, or use a git credential helper"
        )
    host = _host(url, shown)
    if scheme == "http" and not (allow_http or _is_loopback(host)):
        raise InvalidInputError(f"{shown}: plain http is not encrypted; use https, or allow it explicitly")
    if not url.path.strip("/"):
        raise InvalidInputError(f"{shown}: names a server, not a repository on it")
    address = urlunsplit((scheme, host, url.path.rstrip("/"), "", ""))
    return Location("https" if scheme == "https" else "http", address, host)


def _of_ssh(url: SplitResult, shown: str) -> Location:
    if url.password is not None:
        raise InvalidInputError(f"{shown}: a password does not belong into a URL; use an SSH key or agent")
    host = _host(url, shown)
    path = url.path.rstrip("/")
    if not path or path.startswith("/-"):
        raise InvalidInputError(f"{shown}: names no repository on the server")
    user = _word(url.username, shown)
    return Location("ssh", f"ssh://{user}@{host}{path}" if user else f"ssh://{host}{path}", host)


def _of_scp(match: re.Match[str], shown: str) -> Location:
    host, path = match["host"].lower(), match["path"].rstrip("/")
    if "@" in path.partition("/")[0] and not match["user"]:
        raise InvalidInputError("a location with a password is refused; use an SSH key or agent")
    if not host.startswith("["):
        _word(host, shown)
    if not path or path.startswith("-"):
        raise InvalidInputError(f"{shown}: names no repository on the server")
    if any(len(name.encode(errors="surrogatepass")) > LONGEST_NAME for name in path.split("/")):
        raise InvalidInputError(f"{shown}: has a name of more than {LONGEST_NAME} bytes, which no file can have")
    user = _word(match["user"], shown)
    return Location("ssh", f"{user}@{host}:{path}" if user else f"{host}:{path}", host)


def _host(url: SplitResult, shown: str) -> str:
    try:
        host, port = url.hostname or "", url.port
    except ValueError:
        raise InvalidInputError(f"{shown}: the port is not a number up to 65535") from None
    if ":" in host:
        host = f"[{host}]"
    elif not host:
        raise InvalidInputError(f"{shown}: names no host")
    else:
        _word(host, shown)
    return f"{host}:{port}" if port else host


def _word(value: str | None, shown: str) -> str | None:
    """`value` if it cannot be taken for an option or for more than a name."""
    if value is not None and not _PLAIN_WORD.match(value):
        raise InvalidInputError(f"{shown}: the host or user name holds characters that are not allowed")
    return value


def _is_loopback(host: str) -> bool:
    """Whether a host name or address, with or without a port, means this machine."""
    host = urlsplit(f"//{host}").hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
