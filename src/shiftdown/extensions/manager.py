"""The plugin manager: finds plugins, loads each by itself, and knows what they add."""

import importlib
import logging
import pkgutil
import threading
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy
from pydantic import BaseModel

from shiftdown.capabilities import CapabilityCheck
from shiftdown.errors import NotFoundError, PluginError, ShiftdownError
from shiftdown.extensions.hooks import PROJECT, Hooks
from shiftdown.extensions.lazily import lazily
from shiftdown.model.base import Model
from shiftdown.repository import Snapshot
from shiftdown.transformations import Plan, Transformation, cycle_among, plan

if TYPE_CHECKING:
    from shiftdown.forges.hosted import ForgeKind
    from shiftdown.scaffolder.action import Action

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class PluginInfo(Model):
    """A plugin that was found, loaded or not."""

    name: str
    """Name of its entry point."""
    package: str
    """The distribution that it comes from."""
    version: str | None
    """Version of that distribution."""
    transformations: tuple[str, ...] = ()
    """The types that it adds."""
    capability_checks: tuple[str, ...] = ()
    """The ids of the checks that it adds."""
    playbooks: tuple[str, ...] = ()
    """The names of the playbooks that it adds."""
    actions: tuple[str, ...] = ()
    """The ids of the actions that it adds."""
    template_filters: tuple[str, ...] = ()
    """The names of the filters that it adds to the language of templates."""
    golden_paths: tuple[str, ...] = ()
    """The names of the golden paths that it adds."""
    forges: tuple[str, ...] = ()
    """The names of the kinds of forges that it adds."""
    error: str | None = None
    """Why it could not be loaded, or a part of it; nothing of that is used then."""


class Plugins:
    """The plugins of one `Shiftdown`. Not a global: each instance has its own.

    A plugin that fails to load, or that adds a name that another one has, is left out whole and named in
    `infos`; the rest works.
    """

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(Hooks)
        self._transformations: dict[str, Transformation] = {}
        self._checks: dict[str, CapabilityCheck] = {}
        self._playbooks: dict[str, str] = {}
        self._making = threading.RLock()
        self._owner: dict[tuple[str, str], str] = {}
        """The plugin that adds a name, by the kind of what is named and the name."""
        self._packages: dict[str, str] = {}
        """The distribution of each plugin."""
        self._infos: list[PluginInfo] = []

    @classmethod
    def installed(cls) -> "Plugins":
        """All plugins that are installed: entry points of the group `shiftdown`, our own first."""
        plugins = cls()
        found = entry_points(group=PROJECT)
        for point in sorted(found, key=lambda p: (_package(p) != PROJECT, _package(p), p.name)):
            plugins._load(point)
        return plugins

    def register(self, plugin: object, *, name: str, package: str, version: str | None = None) -> None:
        """Add a plugin: a module or object with hook implementations.

        Raises:
            PluginError: it failed, or adds a name that another plugin has; nothing of it was added.
        """
        try:
            self._manager.register(plugin, name=name)
            self._packages[name] = package
            added = self._added_by(plugin, name)
        except Exception as error:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            message = str(error) if isinstance(error, ShiftdownError) else f"{type(error).__name__}: {error}"
            raise PluginError(f"plugin {name!r} of {package}: {message}") from error
        transformations, checks, playbooks = added
        self._transformations |= transformations
        self._checks |= checks
        self._playbooks |= playbooks
        for kind, names in zip(("type", "check", "playbook"), added, strict=True):
            self._owner |= dict.fromkeys(((kind, n) for n in names), name)
        self._infos.append(
            PluginInfo(
                name=name,
                package=package,
                version=version,
                transformations=tuple(sorted(transformations)),
                capability_checks=tuple(sorted(checks)),
                playbooks=tuple(sorted(playbooks)),
            )
        )

    @property
    def infos(self) -> tuple[PluginInfo, ...]:
        """Every plugin that was found, with what it adds; those that failed, in whole or in part, with their error."""
        actions, filters, paths, forges = self.actions, self.template_filters, self.golden_paths, self.forges
        return tuple(
            i.model_copy(
                update={
                    "actions": tuple(n for n in actions if self._owner["action", n] == i.name),
                    "template_filters": tuple(n for n in filters if self._owner["filter", n] == i.name),
                    "golden_paths": tuple(n for n in paths if self._owner["golden path", n] == i.name),
                    "forges": tuple(n for n in forges if self._owner["forge", n] == i.name),
                }
            )
            for i in self._infos
        )

    @property
    def transformations(self) -> Mapping[str, Transformation]:
        """All transformations, by type, sorted."""
        return dict(sorted(self._transformations.items()))

    @property
    def checks(self) -> Mapping[str, CapabilityCheck]:
        """All capability checks, by id, sorted."""
        return dict(sorted(self._checks.items()))

    @property
    def playbooks(self) -> Mapping[str, str]:
        """The playbooks that plugins add: YAML text by name, sorted."""
        return dict(sorted(self._playbooks.items()))

    @lazily
    def actions(self) -> "Mapping[str, Action]":
        """All actions, by id, sorted. They are asked for when first needed: most work needs none."""
        from shiftdown.scaffolder.action import Action

        def of(name: str) -> list[tuple[str, Action]]:
            return [(a.id, a) for a in _flat(self._call(name, "shiftdown_actions"), Action)]

        return self._owned("action", of)

    @lazily
    def template_filters(self) -> Mapping[str, Callable[..., Any]]:
        """The filters that plugins add to the language of templates, by name, sorted."""
        return self._owned("filter", lambda name: self._pairs(name, "shiftdown_template_filters"))

    @lazily
    def golden_paths(self) -> Mapping[str, str]:
        """The folder or URL of each golden path, by name, sorted."""
        return self._owned("golden path", lambda name: self._pairs(name, "shiftdown_golden_paths"))

    @lazily
    def forges(self) -> "Mapping[str, ForgeKind[Any]]":
        """The kinds of forges, by name, sorted."""
        from shiftdown.forges.hosted import ForgeKind

        def of(plugin: str) -> list[tuple[str, ForgeKind[Any]]]:
            return [(kind.name, kind) for kind in _flat(self._call(plugin, "shiftdown_forges"), ForgeKind)]

        return self._owned("forge", of)

    def transformation(self, type_: str) -> Transformation:
        """The transformation of a type. Raises `NotFoundError`."""
        if type_ not in self._transformations:
            known = ", ".join(sorted(self._transformations)) or "none"
            raise NotFoundError("plugin for", type_, f"available types: {known}")
        return self._transformations[type_]

    def check(self, id_: str) -> CapabilityCheck:
        """The capability check with an id. Raises `NotFoundError`."""
        if id_ not in self._checks:
            raise NotFoundError("capability check", id_, f"available: {', '.join(sorted(self._checks)) or 'none'}")
        return self._checks[id_]

    def fixes(self, check_id: str) -> tuple[str, ...]:
        """The types that fix a failing check: those that name it in `verified_by`, sorted."""
        return tuple(sorted(t.type for t in self._transformations.values() if t.verified_by == check_id))

    def plan(self, transformation: Transformation, snapshot: Snapshot, parameters: BaseModel) -> Plan:
        """Plan a transformation with its check, and with those of the types that it needs.

        Raises:
            PluginError: see `shiftdown.transformations.plan`.
        """
        installed = [self._transformations[n] for n in transformation.needs if n in self._transformations]
        needs = {needed.type: self.check(needed.verified_by) for needed in installed}
        return plan(transformation, self.check(transformation.verified_by), snapshot, parameters, needs=needs)

    def _load(self, point: EntryPoint) -> None:
        package = _package(point)
        version = point.dist.version if point.dist else None
        try:
            self.register(point.load(), name=point.name, package=package, version=version)
        except PluginError as error:
            self._infos.append(PluginInfo(name=point.name, package=package, version=version, error=str(error)))
        except Exception as error:  # noqa: BLE001 - a plugin may raise anything at import; it is reported, the rest works
            message = f"cannot be imported: {type(error).__name__}: {error}"
            self._infos.append(PluginInfo(name=point.name, package=package, version=version, error=message))

    def _call(self, name: str, hook: str) -> list[Any]:
        """What one plugin returns from a hook; an error names the plugin."""
        plugin = self._manager.get_plugin(name)
        others = [p for p in self._manager.get_plugins() if p is not plugin]
        try:
            return list(self._manager.subset_hook_caller(hook, others)())
        except Exception as error:
            raise PluginError(f"plugin {name!r}: {hook} failed: {type(error).__name__}: {error}") from error

    def _pairs(self, name: str, hook: str) -> list[tuple[str, Any]]:
        return [pair for mapping in self._call(name, hook) for pair in mapping.items()]

    def _owned(self, kind: str, of: Callable[[str], list[tuple[str, _T]]]) -> dict[str, _T]:
        """What all plugins add of a kind. A plugin that fails, or adds what another one has, adds nothing of it."""
        found: dict[str, _T] = {}
        for plugin, _ in self._manager.list_name_plugin():
            try:
                added = of(plugin)
                self._unclaimed(kind, plugin, (key for key, _ in added))
            except PluginError as error:
                self._fail(plugin, str(error))
                continue
            self._owner |= dict.fromkeys(((kind, key) for key, _ in added), plugin)
            found |= added
        return dict(sorted(found.items()))

    def _fail(self, plugin: str, error: str) -> None:
        _log.error("%s", error)
        self._infos = [i.model_copy(update={"error": error}) if i.name == plugin else i for i in self._infos]

    def _added_by(self, plugin: object, owner: str) -> tuple[dict[str, Any], dict[str, Any], dict[str, str]]:
        def call(hook: str) -> list[Any]:
            others = [p for p in self._manager.get_plugins() if p is not plugin]
            return list(self._manager.subset_hook_caller(hook, others)())

        transformations = self._named("type", owner, _flat(call("shiftdown_transformations"), Transformation), "type")
        checks = self._named("check", owner, _flat(call("shiftdown_capability_checks"), CapabilityCheck), "id")
        playbooks = {name: text for m in call("shiftdown_playbooks") for name, text in m.items()}
        self._unclaimed("playbook", owner, playbooks)
        known = self._checks | checks
        missing = [t.type for t in transformations.values() if t.verified_by not in known]
        if missing:
            raise PluginError(f"{', '.join(missing)}: no capability check of the id that verified_by names")
        for found in transformations.values():
            if misfit := known[found.verified_by].misfit(found.parameters):
                raise PluginError(
                    f"{found.type} cannot be verified by {found.verified_by}: {misfit}, which the check reads"
                )
        if cycle := cycle_among(self._transformations | transformations):
            raise PluginError(f"types need each other in a circle: {' needs '.join(cycle)}")
        return transformations, checks, playbooks

    def _named(self, kind: str, plugin: str, values: list[_T], attribute: str) -> dict[str, _T]:
        named: dict[str, _T] = {}
        for value in values:
            name = getattr(value, attribute)
            if name in named:
                raise PluginError(f"{kind} {name} is added twice by {self._packages[plugin]}")
            named[name] = value
        self._unclaimed(kind, plugin, named)
        return named

    def _unclaimed(self, kind: str, plugin: str, names: Iterable[str]) -> None:
        for name in names:
            owner = self._owner.get((kind, name))
            if owner:
                raise PluginError(f"{kind} {name} is added by both {self._pair(owner, plugin)}; remove one of them")

    def _pair(self, one: str, other: str) -> str:
        """Two plugins for people: by their distributions, and by their names where both come from one."""
        package, another = self._packages[one], self._packages[other]
        return f"{package} and {another}" if package != another else f"{one} and {other} of {package}"


def collect(package: ModuleType, kind: type[_T]) -> list[_T]:
    """All objects of a kind at the top level of a package's modules: dropping in a file adds it."""
    found: dict[int, _T] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        found |= {id(v): v for v in vars(module).values() if isinstance(v, kind)}
    return list(found.values())


def _flat(results: list[Iterable[Any]], kind: type[_T]) -> list[_T]:
    values = [value for result in results for value in result]
    wrong = next((v for v in values if not isinstance(v, kind)), None)
    if wrong is not None:
        raise PluginError(f"returned a {type(wrong).__name__} where a {kind.__name__} is expected")
    return values


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown"
