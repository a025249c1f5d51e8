"""The parts of a repository that get jobs of their own."""

import json

from shiftdown.kits import units_of
from shiftdown.repository import MemorySource, Snapshot
from shiftdown.repository.detect import stack_of


def package(name: str, **more: object) -> str:
    return json.dumps({"name": name, "version": "1.0.0", **more})


def test_a_member_is_installed_by_the_root_of_its_workspace() -> None:
    files = {
        "apps/package.json": package("root", workspaces=["web", "lib"], private=True),
        "apps/package-lock.json": "{}",
        "apps/web/package.json": package("web", scripts={"test": "node --test"}, dependencies={"lib": "1.0.0"}),
        "apps/web/a.test.js": "",
        "apps/lib/package.json": package("lib"),
        "package.json": package("outer", scripts={"build": "tsc"}),
    }
    units = units_of(stack_of(Snapshot(MemorySource({p: t.encode() for p, t in files.items()}), name="a")))
    web = next(u for u in units if u.component.path == "apps/web")
    assert web.root is not None
    assert web.root.path == "apps"
    assert web.needs == ("apps/lib",)
    assert web.area is not None
    assert web.area.paths == ("apps/web/", "apps/lib/", "apps/package-lock.json", "apps/package.json")
    outer = next(u for u in units if u.component.path == "")
    assert (outer.root, outer.area) == (None, None)


def test_the_root_of_a_repository_can_be_the_root_of_a_workspace() -> None:
    files = {
        "package.json": package("root", workspaces=["web"], private=True),
        "package-lock.json": "{}",
        "web/package.json": package("web", scripts={"test": "node --test"}),
        "web/a.test.js": "",
    }
    (web,) = units_of(stack_of(Snapshot(MemorySource({p: t.encode() for p, t in files.items()}), name="a")))
    assert web.root is not None
    assert web.root.manifest == "package.json"
