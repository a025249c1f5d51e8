"""The hooks that a plugin can implement. All are optional; each returns values and changes nothing."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pluggy

from shiftdown.capabilities import CapabilityCheck
from shiftdown.transformations import Transformation

if TYPE_CHECKING:
    from shiftdown.forges.hosted import ForgeKind
    from shiftdown.scaffolder.action import Action

PROJECT = "shiftdown"
"""The pluggy project name, and the entry-point group in which plugins are looked for."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function of a plugin as the implementation of the hook of that name."""


class Hooks:
    """The hook specifications."""

    @hookspec
    def shiftdown_transformations(self) -> Iterable[Transformation]:
        """The transformations that the plugin adds. A type belongs to one plugin only."""
        return ()

    @hookspec
    def shiftdown_capability_checks(self) -> Iterable[CapabilityCheck]:
        """The capability checks that the plugin adds. An id belongs to one plugin only."""
        return ()

    @hookspec
    def shiftdown_playbooks(self) -> Mapping[str, str]:
        """The playbooks that the plugin adds: YAML text by name. A name belongs to one plugin only."""
        return {}

    @hookspec
    def shiftdown_actions(self) -> "Iterable[Action]":
        """The actions that the plugin adds for templates. An id belongs to one plugin only."""
        return ()

    @hookspec
    def shiftdown_template_filters(self) -> Mapping[str, Callable[..., Any]]:
        """The filters that the plugin adds to the language of templates. A name belongs to one plugin only."""
        return {}

    @hookspec
    def shiftdown_golden_paths(self) -> Mapping[str, str]:
        """The golden paths that the plugin adds: the folder or URL of a template by name, for `shiftdown new`.

        A name belongs to one plugin only.
        """
        return {}

    @hookspec
    def shiftdown_forges(self) -> Iterable["ForgeKind[Any]"]:
        """The kinds of forges that the plugin adds: a `shiftdown.forges.hosted.ForgeKind` each. Its name belongs to one
        plugin only.

        It says what can be configured for a host in `shiftdown.toml` and in the environment, and makes the forge of a
        host: anything with the methods of `HostedForge`. Forges with an API may derive theirs from
        `shiftdown.forges.api_forge.ApiForge`, as GitHub's and GitLab's do.
        """
        return ()
