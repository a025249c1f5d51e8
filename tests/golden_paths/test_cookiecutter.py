"""Each skeleton is a template of cookiecutter, too: alone it makes the same application, without what types add."""

from pathlib import Path

import pytest

from tests.golden_paths.kit import GOLDEN_PATHS, PLAIN, render, succeed

NAMES = sorted(p.parent.name for p in GOLDEN_PATHS.glob("*/template.yaml"))
MODULE = "github.com/acme/orders"


@pytest.mark.parametrize("name", NAMES)
def test_cookiecutter_alone_makes_the_same_application(name: str, tmp_path: Path) -> None:
    given = {"modulePath": MODULE} if name == "go-service" else {}
    rendered = {f.path: f.content for f in render(name, {**PLAIN, **given}).files}
    values = [f"{key}={value}" for key, value in PLAIN.items()] + ([f"module_path={MODULE}"] if given else [])
    skeleton = str(GOLDEN_PATHS / name / "skeleton")
    succeed(["cookiecutter", "--no-input", "--default-config", "-o", str(tmp_path), skeleton, *values], tmp_path)
    root = tmp_path / str(PLAIN["name"])
    made = {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
    added = {path for path in rendered if path not in made}
    assert all(path.startswith((".github/", ".shiftdown/")) for path in added)
    assert {path: content for path, content in rendered.items() if path not in added} == made
    assert len(made) > 10
