"""The wheel, installed into a clean environment, does the main job from an empty folder outside the checkout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = str(Path(sys.executable).with_name("uv"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the files that git knows."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / "source" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / "source" / name)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=folder / "source", check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_the_code_the_data_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {n.split("/")[0] for n in names if ".dist-info/" not in n}
    assert tops == {"shiftdown", "shiftdown_plugins"}
    for needed in (
        "shiftdown/py.typed",
        "shiftdown/playbooks/data/cicd-automation.yaml",
        "shiftdown/pipelines/data/pins.yaml",
        "shiftdown_plugins/cicd/add_github_actions.py",
    ):
        assert needed in names
    assert any(n.startswith("shiftdown/registry/migrations/versions/") for n in names)
    assert not [n for n in names if "__pycache__" in n]


def test_the_main_job_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, str(environment)], check=True)
    install = [UV, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), str(wheel)]
    subprocess.run(install, check=True)
    empty = tmp_path / "empty"
    empty.mkdir()
    application = tmp_path / "express-api"
    shutil.copytree(
        ROOT / "examples/repositories/express-api", application, ignore=shutil.ignore_patterns("node_modules")
    )
    identity = {f"GIT_{who}_{what}": "dev@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "SHIFTDOWN_REGISTRY": f"sqlite:///{tmp_path}/registry.db",
    } | identity

    def git(*arguments: str) -> None:
        subprocess.run(["git", "-C", str(application), *arguments], check=True, env=env)

    def shiftdown(*arguments: str) -> object:
        command = [str(environment / "bin" / "shiftdown"), *arguments, "--json"]
        done = subprocess.run(command, cwd=empty, env=env, check=True, capture_output=True, text=True)
        return json.loads(done.stdout)

    git("init", "--quiet", "--initial-branch", "main")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Start")
    program = shiftdown(
        *("program", "start", "--playbook", "cicd-automation", "--name", "P", "--organization", "acme"),
        *("--repository", str(application)),
    )
    assert isinstance(program, dict)
    results = shiftdown("program", "run", program["id"])
    assert isinstance(results, list)
    opened = [r for r in results if r["type"] == "ADD_GITHUB_ACTIONS"]
    assert [r["outcome"] for r in opened] == ["OPENED"]
    shiftdown("change-requests", "merge", opened[0]["change_request"]["id"])
    shiftdown("program", "sync", program["id"])
    shown = shiftdown("program", "show", program["id"])
    assert isinstance(shown, dict)
    assert shown["phases"][0]["progress"]["by_status"]["VERIFIED"] == 1
    assert not list(empty.iterdir())
    doctor = shiftdown("doctor")
    assert isinstance(doctor, list)
    assert all(row["ok"] for row in doctor)
