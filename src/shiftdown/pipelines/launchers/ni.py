"""@antfu/ni: `nr`, `nci` and the like, which call whatever package manager the repository has."""

from collections.abc import Iterator, Mapping

from shiftdown.pipelines.resolve import Call, Found, Launcher, Resolver

_MEANING = {
    "ni": ("npm", "install"),
    "nci": ("npm", "ci"),
    "nr": ("npm", "run"),
    "nlx": ("npx",),
    "na": ("npm", "exec"),
}


def _ni(resolver: Resolver, call: Call) -> Iterator[Found] | None:
    name, *words = call.words
    if name == "nr" and not words:
        return None
    return resolver.resolve(call.become([*_MEANING[name], *words]))


LAUNCHERS: Mapping[str, Launcher] = dict.fromkeys(_MEANING, _ni)
"""By name."""
