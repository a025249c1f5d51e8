"""The filters that Backstage adds to the template language."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.expressions import UNDEFINED

_PARTS = ("owner", "repo", "organization", "workspace", "project")
_NEEDED = {"bitbucket.org": ("workspace", "project", "repo"), "dev.azure.com": ("project", "repo")}
"""What names a repository on hosts where it is not owner and repo."""
_PATH = re.compile(r"[^.\[\]]+|\[(?:(\d+)|([\"'])(.*?)\2)\]")


def default_filters() -> dict[str, Callable[..., Any]]:
    """`parseRepoUrl`, `parseEntityRef`, `projectSlug` and `pick`, by name."""
    return {
        "parseRepoUrl": parse_repo_url,
        "parseEntityRef": parse_entity_ref,
        "projectSlug": project_slug,
        "pick": pick,
    }


def parse_repo_url(value: Any, *_: Any) -> dict[str, str]:
    """The parts of a repository picker's value, `github.com?owner=acme&repo=shop`: host, owner, repo and others given.

    Raises:
        InvalidInputError: it has another shape, or lacks a part that its host needs.
    """
    parts = repo_url_parts(value)
    if missing := [key for key in _needed(parts["host"], parts) if not parts.get(key)]:
        raise InvalidInputError(f"{str(value)!r} lacks {', '.join(missing)}; expected {parts['host']}?owner=…&repo=…")
    return parts


def repo_url_parts(value: Any) -> dict[str, str]:
    """The parts that a repository picker's value has, none of them needed but the host.

    Raises:
        InvalidInputError: it names no host.
    """
    text = str(value)
    try:
        split = urlsplit(f"https://{text}")
        host = split.netloc.lower()
    except ValueError as error:
        raise InvalidInputError(f"{text!r} is no repository; expected host?owner=…&repo=…") from error
    if "." not in host and split.hostname != "localhost":
        raise InvalidInputError(f"{text!r} is no repository; expected host?owner=…&repo=…")
    query = {key: given[0] for key, given in parse_qs(split.query, keep_blank_values=True).items()}
    return {"host": host, **{key: query[key].strip("/") for key in _PARTS if key in query}}


def _needed(host: str, query: Mapping[str, str]) -> tuple[str, ...]:
    if "gitlab" in host and query.get("project"):
        return ()
    return _NEEDED.get(host, ("owner", "repo"))


def parse_entity_ref(value: Any, context: Any = None, *_: Any) -> dict[str, str]:
    """The kind, namespace and name of an entity reference: `component:default/shop`, or an object with these.

    `context` may give `defaultKind` and `defaultNamespace`; the namespace is else `default`.

    Raises:
        InvalidInputError: it has another shape, or no kind and no default for it.
    """
    defaults = context if isinstance(context, Mapping) else {}
    parts = value if isinstance(value, Mapping) else _entity_parts(str(value or ""))
    kind = _first(parts.get("kind"), defaults.get("defaultKind"))
    namespace = _first(parts.get("namespace"), defaults.get("defaultNamespace") or "default")
    name = parts.get("name")
    if not kind:
        raise InvalidInputError(f"{value!r} names no kind, and has no default; expected kind:namespace/name")
    if not namespace or not name:
        raise InvalidInputError(f"{value!r} is no entity reference; expected kind:namespace/name")
    return {"kind": str(kind), "namespace": str(namespace), "name": str(name)}


def _entity_parts(text: str) -> dict[str, str]:
    """The parts that a reference has. Only a colon before the first slash ends a kind."""
    before, slash, rest = text.partition("/")
    kind, colon, other = before.partition(":")
    if not colon:
        kind, other = "", before
    namespace, name = (other, rest) if slash else ("", other)
    if not name or (colon and not kind) or (slash and not namespace):
        raise InvalidInputError(f"{text!r} is no entity reference; expected kind:namespace/name")
    parts = {"kind": kind, "namespace": namespace, "name": name}
    return {key: part for key, part in parts.items() if part}


def _first(given: Any, default: Any) -> Any:
    return default if given is None else given


def project_slug(value: Any, *_: Any) -> str:
    """`owner/repo` of a repository picker's value. Raises as `parse_repo_url`."""
    parts = parse_repo_url(value)
    return f"{parts.get('owner', 'undefined')}/{parts.get('repo', 'undefined')}"


def pick(value: Any, path: Any = None, default: Any = UNDEFINED, *_: Any) -> Any:
    """The part of a value at a path, `a.b[0]`; the default, else undefined, if there is none."""
    text = str(path)
    if isinstance(value, Mapping) and text in value:
        return value[text]
    keys = [found[1] or found[3] or found[0] for found in _PATH.finditer(text)]
    for key in keys:
        value = _part(value, key)
    return default if value is UNDEFINED or not keys else value


def _part(value: Any, key: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(key, UNDEFINED)
    if isinstance(value, list | str):
        if key == "length":
            return len(value)
        if key.isascii() and key.isdigit() and int(key) < len(value):
            return value[int(key)]
    return UNDEFINED
