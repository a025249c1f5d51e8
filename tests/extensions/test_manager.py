"""Plugins: loaded each by itself, clashes named, failures reported."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from shiftdown.capabilities import NoParameters
from shiftdown.errors import NotFoundError, PluginError
from shiftdown.extensions import Plugins
from shiftdown.plugin import CapabilityCheck, ChangeSet, CheckResult, Model, Snapshot, Transformation, hookimpl
from shiftdown.scaffolder.action import Action, NoInput, NoOutput


def check(id_: str) -> CapabilityCheck:
    return CapabilityCheck(id=id_, question="?", function=lambda repo: CheckResult.failed("no"))


def change(type_: str, verified_by: str) -> Transformation:
    def function(repo: Snapshot) -> ChangeSet:
        return ChangeSet()

    return Transformation(type_, type_.title(), "testing", verified_by, NoParameters, function, "")


class Plugin:
    def __init__(self, *types: str, checks: tuple[str, ...] = ("is-good",), playbooks: dict[str, str] | None = None):
        self.types, self.checks, self.playbooks = types, checks, playbooks or {}

    @hookimpl
    def shiftdown_transformations(self) -> list[Transformation]:
        return [change(t, "is-good") for t in self.types]

    @hookimpl
    def shiftdown_capability_checks(self) -> list[CapabilityCheck]:
        return [check(c) for c in self.checks]

    @hookimpl
    def shiftdown_playbooks(self) -> dict[str, str]:
        return self.playbooks


def test_what_a_plugin_adds_is_found_by_name() -> None:
    plugins = Plugins()
    plugins.register(Plugin("ADD_B", "ADD_A", playbooks={"ours": "text"}), name="one", package="pkg", version="1.0")
    assert list(plugins.transformations) == ["ADD_A", "ADD_B"]
    assert plugins.fixes("is-good") == ("ADD_A", "ADD_B")
    assert plugins.playbooks == {"ours": "text"}
    assert plugins.infos[0].model_dump() == {
        "name": "one",
        "package": "pkg",
        "version": "1.0",
        "transformations": ("ADD_A", "ADD_B"),
        "capability_checks": ("is-good",),
        "playbooks": ("ours",),
        "actions": (),
        "template_filters": (),
        "golden_paths": (),
        "forges": (),
        "error": None,
    }
    with pytest.raises(NotFoundError, match=r"no plugin for 'ADD_C': available types: ADD_A, ADD_B"):
        plugins.transformation("ADD_C")


@pytest.mark.parametrize(
    ("second", "named"),
    [
        (Plugin("ADD_A", checks=()), "type ADD_A"),
        (Plugin(checks=("is-good",)), "check is-good"),
        (Plugin(checks=(), playbooks={"ours": ""}), "playbook ours"),
    ],
)
def test_a_clash_names_both_packages_and_adds_nothing(second: Plugin, named: str) -> None:
    plugins = Plugins()
    plugins.register(Plugin("ADD_A", playbooks={"ours": "text"}), name="one", package="first-package")
    with pytest.raises(PluginError, match=f"{named} is added by both first-package and second-package"):
        plugins.register(second, name="two", package="second-package")
    assert len(plugins.infos) == 1
    plugins.register(Plugin("ADD_Z", checks=()), name="two", package="second-package")
    assert list(plugins.transformations) == ["ADD_A", "ADD_Z"]


def test_a_type_without_its_check_is_refused() -> None:
    with pytest.raises(PluginError, match="ADD_A: no capability check"):
        Plugins().register(Plugin("ADD_A", checks=()), name="one", package="pkg")


def test_what_a_hook_returns_is_checked() -> None:
    class Wrong(Plugin):
        @hookimpl
        def shiftdown_transformations(self) -> list[str]:  # type: ignore[override]
            return ["ADD_A"]

    with pytest.raises(PluginError, match="returned a str where a Transformation is expected"):
        Plugins().register(Wrong(), name="one", package="pkg")


def test_each_instance_has_its_own_plugins() -> None:
    one, two = Plugins(), Plugins()
    one.register(Plugin("ADD_A"), name="one", package="pkg")
    assert two.transformations == {}


def test_the_first_party_plugin_is_installed_like_any_other() -> None:
    infos = Plugins.installed().infos
    assert (infos[0].name, infos[0].package, infos[0].error) == ("first-party", "shiftdown", None)
    assert "ADD_GITHUB_ACTIONS" in infos[0].transformations


def test_an_installed_plugin_that_fails_is_named_and_the_rest_works(tmp_path: Path) -> None:
    """Real distributions on the path: one that cannot be imported, one that clashes, one that works."""
    for name, code in {
        "broken": "raise RuntimeError('out of order')",
        "clashing": _plugin("ADD_GITHUB_ACTIONS"),
        "working": _plugin("ADD_MOTTO"),
    }.items():
        (tmp_path / f"{name}_plugin.py").write_text(code)
        meta = tmp_path / f"{name}_plugin-1.0.dist-info"
        meta.mkdir()
        (meta / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-plugin\nVersion: 1.0\n")
        (meta / "entry_points.txt").write_text(f"[shiftdown]\n{name} = {name}_plugin\n")
    script = "from shiftdown.cli import main; main(['plugins', 'list', '--json'])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(tmp_path)}
    )
    infos = {i["name"]: i for i in json.loads(done.stdout)}
    assert "out of order" in infos["broken"]["error"]
    assert "ADD_GITHUB_ACTIONS is added by both shiftdown and clashing-plugin" in infos["clashing"]["error"]
    assert infos["working"]["transformations"] == ["ADD_MOTTO"]
    assert infos["first-party"]["error"] is None


def _plugin(type_: str) -> str:
    return textwrap.dedent(f"""
        from shiftdown.plugin import *

        @capability_check("{type_.lower().replace("_", "-")}-done", question="?")
        def done(repo):
            return CheckResult.failed("no")

        @transformation("{type_}", title="x", family="testing", verified_by="{type_.lower().replace("_", "-")}-done")
        def apply(repo):
            return ChangeSet()

        @hookimpl
        def shiftdown_transformations():
            return [apply]

        @hookimpl
        def shiftdown_capability_checks():
            return [done]
    """)


class Scaffolding:
    """A plugin that adds to templates."""

    def __init__(self, id_: str, *, path: str = "", fails: bool = False) -> None:
        self.id, self.path, self.fails = id_, path or id_, fails

    @hookimpl
    def shiftdown_actions(self) -> list[Action]:
        if self.fails:
            raise RuntimeError("no network")
        return [Action(self.id, "Do", "Do it.", NoInput, NoOutput, lambda given, context: None, True)]

    @hookimpl
    def shiftdown_template_filters(self) -> dict[str, Callable[..., Any]]:
        return {self.id.replace(":", "_"): str}

    @hookimpl
    def shiftdown_golden_paths(self) -> dict[str, str]:
        return {self.path: "/somewhere"}


def test_what_a_plugin_adds_to_templates_is_found() -> None:
    plugins = Plugins()
    plugins.register(Scaffolding("acme:do"), name="one", package="pkg")
    assert list(plugins.actions) == ["acme:do"]
    assert list(plugins.template_filters) == ["acme_do"]
    assert plugins.golden_paths == {"acme:do": "/somewhere"}
    (info,) = plugins.infos
    assert (info.actions, info.template_filters, info.golden_paths) == (("acme:do",), ("acme_do",), ("acme:do",))


def test_a_hook_that_fails_or_clashes_is_named_and_the_rest_works() -> None:
    plugins = Plugins()
    plugins.register(Scaffolding("acme:one"), name="one", package="pkg")
    plugins.register(Scaffolding("acme:two", fails=True), name="two", package="pkg")
    plugins.register(Scaffolding("acme:one", path="other"), name="three", package="pkg")
    assert list(plugins.actions) == ["acme:one"]
    assert list(plugins.golden_paths) == ["acme:one", "acme:two", "other"]
    one, two, three = plugins.infos
    assert one.error is None
    assert two.error == "plugin 'two': shiftdown_actions failed: RuntimeError: no network"
    assert (two.actions, two.golden_paths) == ((), ("acme:two",))
    assert three.error is not None
    assert "added by both one and three of pkg" in three.error


def test_two_plugins_that_clash_are_named_by_their_distributions_or_apart() -> None:
    plugins = Plugins()
    for name, package in (("one", "pkg"), ("two", "other-pkg")):
        plugins.register(Scaffolding("acme:do"), name=name, package=package)
    assert "added by both pkg and other-pkg; remove" in str(plugins.infos[1].error)
    plugins.register(Plugin("ADD_A"), name="three", package="pkg")
    with pytest.raises(PluginError, match="type ADD_A is added by both three and four of pkg; remove"):
        plugins.register(Plugin("ADD_A", checks=()), name="four", package="pkg")


def test_the_scaffolder_brings_its_actions_and_golden_paths() -> None:
    plugins = Plugins.installed()
    assert "fetch:template" in plugins.actions
    for folder in plugins.golden_paths.values():
        assert (Path(folder) / "template.yaml").is_file()


def test_a_type_whose_check_reads_other_parameters_is_refused() -> None:
    class Wanted(Model):
        threshold: int

    class Wrong(Plugin):
        @hookimpl
        def shiftdown_capability_checks(self) -> list[CapabilityCheck]:
            return [CapabilityCheck("is-good", "?", lambda repo, params: CheckResult.failed("no"), Wanted)]

    plugins = Plugins()
    with pytest.raises(PluginError, match=r"plugin 'one' of pkg: ADD_A cannot be verified by is-good: .*'threshold'"):
        plugins.register(Wrong("ADD_A"), name="one", package="pkg")
    assert plugins.transformations == {}


class Needing(Plugin):
    """Its types need others."""

    def __init__(self, needs: dict[str, tuple[str, ...]], checks: tuple[str, ...] = ("is-good",)) -> None:
        super().__init__(*needs, checks=checks)
        self.needs = needs

    @hookimpl
    def shiftdown_transformations(self) -> list[Transformation]:
        return [replace(change(type_, "is-good"), needs=needs) for type_, needs in self.needs.items()]


def test_types_that_need_each_other_in_a_circle_are_refused() -> None:
    plugins = Plugins()
    plugins.register(Needing({"ADD_A": ("ADD_B",)}), name="one", package="one")
    with pytest.raises(
        PluginError, match=r"plugin 'two' of two: types need each other in a circle: (ADD_\w needs ){3}"
    ):
        plugins.register(Needing({"ADD_B": ("ADD_C",), "ADD_C": ("ADD_A",)}, ()), name="two", package="two")
    assert list(plugins.transformations) == ["ADD_A"]
    plugins.register(Needing({"ADD_B": ("ADD_C",)}, ()), name="three", package="three")


def test_a_plan_asks_the_checks_of_what_a_type_needs() -> None:
    plugins = Plugins()
    plugins.register(Needing({"ADD_A": ("ADD_B", "ADD_ELSEWHERE"), "ADD_B": ()}), name="one", package="one")
    planned = plugins.plan(plugins.transformation("ADD_A"), Snapshot.of({}), NoParameters())
    assert (planned.status, planned.needs) == ("NOT_APPLICABLE", ("ADD_B",))
