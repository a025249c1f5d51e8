"""Jobs share what they install: the first install is real, the others take its files, and nobody changes them."""

import json
from pathlib import Path
from typing import Any

import pytest

from shiftdown.errors import ShiftdownError
from shiftdown.testing import WorkflowRun, run_tool, run_workflow
from shiftdown.testing.installs import VARIABLE, Sharing, Store, npm_key, pip_key

SHARED = "as the first job with"
NPM_CI = "- uses: actions/setup-node@v7\n- run: npm ci\n"
PIP = "- uses: actions/setup-python@v7\n"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of each test's own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "store"))
    return Store(tmp_path / "store")


def write(root: Path, **files: Any) -> Path:
    root.mkdir(exist_ok=True)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (root / name.replace("__", "-").replace("_dot_", ".")).write_text(text)
    return root


def run(root: Path, *jobs: str) -> WorkflowRun:
    """Run jobs with these steps, one after the other."""
    text = "on: push\njobs:\n"
    for number, steps in enumerate(jobs):
        needs = f"    needs: [job{number - 1}]\n" if number else ""
        text += f"  job{number}:\n    runs-on: ubuntu-latest\n{needs}    steps:\n      - uses: actions/checkout@v7\n"
        text += "".join(f"      {line}\n" for line in steps.splitlines())
    (root / ".github" / "workflows").mkdir(parents=True, exist_ok=True)
    (root / ".github" / "workflows" / "ci.yml").write_text(text)
    return run_workflow(root)


def node_project(root: Path) -> Path:
    write(root, package_dot_json={"name": "a", "dependencies": {"ms": "2.1.3"}})
    code, output = run_tool(["npm", "install", "--package-lock-only", "--no-audit", "--no-fund"], directory=root)
    assert code == 0, output
    return root


def test_npm_installs_a_lock_file_once(tmp_path: Path) -> None:
    use = "- run: node -p \"require('ms')('2 days')\"\n"
    done = run(node_project(tmp_path / "p"), NPM_CI + use, NPM_CI + use)
    assert done.succeeded, done.output
    first, second = (done.jobs[f"job{number}"].output for number in range(2))
    assert (SHARED in first, SHARED in second) == (False, True)
    assert "172800000\n" in first
    assert "172800000\n" in second


def test_a_job_that_changes_what_is_shared_is_an_error(tmp_path: Path) -> None:
    root = node_project(tmp_path / "p")
    assert run(root, f"{NPM_CI}- run: touch node_modules/ms/new; rm node_modules/ms/license.md").succeeded
    assert run(root, f"{NPM_CI}- run: test -e node_modules/ms/license.md && ! test -e node_modules/ms/new").succeeded
    with pytest.raises(ShiftdownError, match="changed files in place that other jobs share"):
        run(root, f"{NPM_CI}- run: echo >> node_modules/ms/index.js")


def test_pip_installs_requirements_once_and_each_project_itself(tmp_path: Path) -> None:
    root = write(
        tmp_path / "p",
        requirements_dot_txt="cogapp==3.6.0\n",
        pyproject_dot_toml='[project]\nname = "a"\nversion = "1"\n[project.scripts]\nhello = "a:hello"\n',
        a_dot_py="def hello() -> None:\n    print('hello')\n",
    )
    install = f"{PIP}- run: python -m pip install -r requirements.txt && pip install -e .\n"
    done = run(root, *[f"{install}- run: cog -v; hello; python -m pip list\n"] * 2)
    assert done.succeeded, done.output
    first, second = (done.jobs[f"job{number}"].output for number in range(2))
    assert (SHARED in first, SHARED in second) == (False, True)
    for output in (first, second):
        assert "Cog version 3.6.0\n" in output
        assert "hello\n" in output
    assert "Requirement already satisfied: cogapp==3.6.0" in second
    assert "Successfully installed a-1" in second


def test_what_npm_makes_of_more_than_the_lock_file_is_not_shared(tmp_path: Path) -> None:
    plain: dict[str, Any] = {"name": "a", "version": "1"}
    root = write(tmp_path / "p", package_dot_json=plain, package__lock_dot_json={"packages": {}})
    known = npm_key(root, "24", ["ci"])
    assert known is not None
    assert npm_key(root, "24", ["ci", "--no-audit"]) not in (None, known)
    assert npm_key(root, "25", ["ci"]) not in (None, known)
    for arguments in (["ci", "--prefix", "x"], ["install"], ["run", "ci"], []):
        assert npm_key(root, "24", arguments) is None
    for more in ({"workspaces": ["b"]}, {"scripts": {"prepare": "tsc"}}):
        assert npm_key(write(root, package_dot_json=plain | more), "24", ["ci"]) is None
    other = npm_key(write(root, package_dot_json=plain | {"dependencies": {"ms": "1"}}), "24", ["ci"])
    assert other not in (None, known)
    write(root, package__lock_dot_json={"packages": {"b": {"link": True}}})
    assert npm_key(root, "24", ["ci"]) is None
    (root / "package-lock.json").unlink()
    assert npm_key(root, "24", ["ci"]) is None


def test_what_pip_makes_of_more_than_requirements_is_not_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "p", requirements_dot_txt="-r more.txt\na\n", more_dot_txt="b\n")
    site = tmp_path / "lib" / "python3.11" / "site-packages"
    site.mkdir(parents=True)
    keys = [pip_key(root, site, ["-r", "requirements.txt"])]
    write(root, more_dot_txt="c\n")
    keys.append(pip_key(root, site, ["-r", "requirements.txt"]))
    keys.append(pip_key(root, site, ["-q", "-r", "requirements.txt"]))
    keys.append(pip_key(root, site, ["-e", ".[dev]"]))
    write(root, pyproject_dot_toml="[project]\n")
    keys.append(pip_key(root, site, ["-e", ".[dev]"]))
    (site / "a-1.dist-info").mkdir()
    keys.append(pip_key(root, site, ["-e", ".[dev]"]))
    monkeypatch.setenv("PIP_INDEX_URL", "https://example.org/simple")
    keys.append(pip_key(root, site, ["-e", ".[dev]"]))
    assert None not in keys
    assert len(set(keys)) == len(keys)
    for arguments in (["--target", "x", "a"], ["-U", "a"], ["./dist/../../elsewhere/a.whl", "--user"], ["/tmp/a"]):
        assert pip_key(root, site, arguments) is None


def test_an_install_is_kept_whole_and_known_when_it_changes(tmp_path: Path, store: Store) -> None:
    root = tmp_path / "root"
    (root / "m" / "deep").mkdir(parents=True)
    (root / "m" / "deep" / "file").write_text("a")
    (root / "m" / "link").symlink_to("deep/file")
    with store.locked("key") as kept:
        assert not kept.exists()
        store.keep("key", root, [root / "m"])
    assert (kept / "m" / "link").readlink() == Path("deep/file")
    assert store.is_unchanged("key")
    sharing = Sharing(store.folder, tmp_path / "used")
    assert sharing.changed() == []
    (tmp_path / "used").write_text("key\nno-other\n")
    assert sharing.changed() == []
    with (root / "m" / "deep" / "file").open("a") as file:
        file.write("b")
    assert sharing.changed() == ["key"]


def test_without_a_folder_for_it_nothing_is_shared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(VARIABLE)
    assert Sharing.within(tmp_path) is None
