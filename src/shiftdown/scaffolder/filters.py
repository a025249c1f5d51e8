"""The filters that Backstage adds to the template language."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from shiftdown.errors import InvalidInputError

_REF = re.compile(r"^(?:(?P<kind>[^:/]+):)?(?:(?P<namespace>[^:/]+)/)?(?P<name>[^:/]+)$")

_NEEDED = {"bitbucket.org": ("workspace", "project", "repo"), "dev.azure.com": ("project", "repo")}
"""What names a repository on hosts where it is not owner and repo."""


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
    text = str(value)
    split = urlsplit(f"https://{text}")
    if "." not in split.netloc and split.hostname != "localhost":
        raise InvalidInputError(f"{text!r} is no repository; expected host?owner=…&repo=…")
    query = {key: given[0].strip("/") for key, given in parse_qs(split.query).items()}
    parts = {key: query[key] for key in ("owner", "organization", "workspace", "project", "repo") if key in query}
    needed = _NEEDED.get(split.netloc, ("owner", "repo"))
    if missing := [key for key in needed if not parts.get(key)]:
        raise InvalidInputError(f"{text!r} lacks {', '.join(missing)}; expected {split.netloc}?owner=…&repo=…")
    return {"host": split.netloc, **parts}


def parse_entity_ref(value: Any, context: Any = None, *_: Any) -> dict[str, str]:
    """The kind, namespace and name of an entity reference, `component:default/shop`.

    `context` may give `defaultKind` and `defaultNamespace`; the namespace is else `default`.

    Raises:
        InvalidInputError: it has another shape, or no kind and no default for it.
    """
    defaults = context if isinstance(context, Mapping) else {}
    match = _REF.match(str(value))
    if not match:
        raise InvalidInputError(f"{value!r} is no entity reference; expected kind:namespace/name")
    kind = match["kind"] or defaults.get("defaultKind")
    if not kind:
        raise InvalidInputError(f"{value!r} names no kind, and has no default; expected kind:namespace/name")
    namespace = match["namespace"] or defaults.get("defaultNamespace") or "default"
    return {"kind": str(kind), "namespace": str(namespace), "name": match["name"]}


def project_slug(value: Any, *_: Any) -> str:
    """`owner/repo` of a repository picker's value. Raises as `parse_repo_url`."""
    parts = parse_repo_url(value)
    return f"{parts.get('owner', 'undefined')}/{parts['repo']}"


def pick(value: Any, path: Any, *_: Any) -> Any:
    """The part of a mapping at a dotted path; nothing if there is none."""
    for part in re.findall(r"[^.\[\]]+", str(path)):
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            return None
    return value
