"""New repositories from templates."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.creation.repositories import KINDS
from shiftdown.creation.updates import UpdateOutcome
from shiftdown.errors import InvalidInputError, NotFoundError
from shiftdown.extensions import Plugins, hookimpl
from shiftdown.git.new_repository import FirstCommit, create_repository
from shiftdown.git.temporary import File
from shiftdown.repository import Kind
from shiftdown.scaffolder.origin import RECORD, REFERENCE, parse_origin
from shiftdown.scaffolder.parameters import ParametersError
from shiftdown.scaffolder.runner import StepFailedError
from tests.app.conftest import AUTHOR, Clock, git
from tests.app.template_kit import LINES, PARAMETERS, Kit, add_actions, listing, read


@pytest.fixture
def kit(sd: Shiftdown, plugins: Plugins, tmp_path: Path) -> Kit:
    """A template with a program, a link and a file that git ignores."""
    add_actions(plugins)
    kit = Kit(tmp_path, sd)
    files = {"README.md": "# ${{ values.name }}\n", "bin/run": "#!/bin/sh\n", ".gitignore": "*.log\n", "a.log": "x\n"}
    kit.write("1.0.0", files, executable=("bin/run",), links={"latest": "README.md"})
    return kit


def test_a_work_tree(kit: Kit) -> None:
    made = kit.created("orders", port="9000")
    orders = Path(made.path)
    assert made.files == (".gitignore", RECORD, "README.md", "a.log", "bin/run", "latest")
    assert (orders / "README.md").read_text() == "# orders\n"
    assert os.access(orders / "bin/run", os.X_OK)
    assert (orders / "latest").readlink() == Path("README.md")
    assert git(orders, "status", "--porcelain", "--branch") == "## main"
    assert git(orders, "log", "--format=%an <%ae>|%s") == "Ada Example <ada@example.org>|Create orders from tiny 1.0.0"
    assert git(orders, "rev-parse", "HEAD") == git(orders, "rev-parse", REFERENCE) == made.commit
    git(orders, "fsck", "--strict")
    assert not (orders / ".git" / "hooks").exists()


def test_what_it_remembers(kit: Kit) -> None:
    orders = kit.create("orders", port="9000", token="hunter2hunter2")
    record = parse_origin((orders / RECORD).read_bytes(), "orders")
    assert record.template.location == str(kit.template)
    assert (record.template.name, record.template.version, record.template.commit) == ("tiny", "1.0.0", None)
    assert dict(record.parameters) == {"name": "orders", "port": 9000}
    git(orders, "rm", "--quiet", RECORD)
    assert git(orders, "write-tree") == record.tree


def test_a_template_in_git_and_its_commit(kit: Kit) -> None:
    kit.keep_in_git("v1")
    clean = parse_origin(read(kit.create("clean"), RECORD, "main"), "clean").template
    assert (clean.location, clean.path, clean.commit) == (str(kit.template), "", git(kit.template, "rev-parse", "v1"))
    (kit.template / "skeleton" / "new").write_text("not committed\n")
    dirty = kit.create("dirty")
    assert (dirty / "new").exists()
    assert parse_origin(read(dirty, RECORD, "main"), "dirty").template.commit is None


def test_a_template_in_a_folder_of_a_repository(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    kit.template.rename(tmp_path / "all" / "service")
    kit.template = tmp_path / "all"
    kit.keep_in_git("v1")
    made = kit.create("orders", template=str(tmp_path / "all" / "service"))
    source = parse_origin(read(made, RECORD, "main"), "orders").template
    assert (source.location, source.path) == (str(tmp_path / "all"), "service")
    git(tmp_path, "clone", "--quiet", "--bare", str(tmp_path / "all"), str(tmp_path / "all.git"))
    assert kit.update(made).outcome is UpdateOutcome.UP_TO_DATE


def test_a_golden_path_by_name(kit: Kit, plugins: Plugins) -> None:
    class Paths:
        @hookimpl
        def shiftdown_golden_paths(self) -> dict[str, str]:
            return {"tiny-service": str(kit.template)}

    plugins.register(Paths(), name="paths", package="acme-paths")
    orders = kit.create("orders", template="tiny-service")
    assert parse_origin(read(orders, RECORD, "main"), "x").template.location == "golden-path:tiny-service"
    kit.write("1.1.0", {"README.md": "# ${{ values.name }}\nmore\n"})
    assert kit.update(orders).after == "1.1.0"
    assert kit.update(orders, version="1.0.0").outcome is UpdateOutcome.FAILED
    with pytest.raises(NotFoundError, match="tiny-service"):
        kit.create("billing", template="no-such-service")


def test_equal_input_makes_an_equal_commit(kit: Kit, clock: Clock, tmp_path: Path) -> None:
    at = clock()
    files = [File("a", b"1\n"), File("b", b"#!/bin/sh\n", Kind.EXECUTABLE)]
    first = FirstCommit("Start\n", AUTHOR, at)
    one = create_repository(tmp_path / "one", files, first)
    two = create_repository(tmp_path / "two.git", files[::-1], first, bare=True)
    assert one == two
    assert git(tmp_path / "two.git", "rev-parse", "--is-bare-repository") == "true"


def test_nobodys_settings_take_part(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = tmp_path / "templates" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "post-commit").write_text("#!/bin/sh\ntouch ran\n")
    (hooks / "post-commit").chmod(0o755)
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[init]\ntemplateDir = {tmp_path}/templates\n[core]\nautocrlf = true\nhooksPath = {hooks}\n"
        f'[filter "upper"]\nclean = tr a-z A-Z\n[commit]\ngpgSign = true\n'
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    kit.write("1.0.0", {"a.txt": "abc\r\n", ".gitattributes": "b.txt filter=upper\n", "b.txt": "abc\n"})
    orders = kit.create()
    assert (read(orders, "a.txt", "main"), read(orders, "b.txt", "main")) == (b"abc\r\n", b"abc\n")
    assert not (orders / ".git" / "hooks").exists()


@pytest.mark.parametrize("there", ["a file", "a folder with a file", "a link", "a repository"])
def test_nothing_is_overwritten(kit: Kit, tmp_path: Path, there: str) -> None:
    place = tmp_path / "orders"
    if there == "a file":
        place.write_text("mine\n")
    elif there == "a folder with a file":
        place.mkdir()
        (place / "mine").write_text("mine\n")
    elif there == "a link":
        (tmp_path / "elsewhere").mkdir()
        place.symlink_to(tmp_path / "elsewhere")
    else:
        git(tmp_path, "init", "--quiet", str(place))
    before = sorted(p.name for p in tmp_path.rglob("*") if ".git" not in p.parts)
    with pytest.raises(InvalidInputError, match="exists already"):
        kit.create("orders")
    assert sorted(p.name for p in tmp_path.rglob("*") if ".git" not in p.parts) == before


def test_an_empty_folder_is_used(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    assert (kit.create("orders") / "README.md").exists()


def test_a_dry_run_lists_everything_and_makes_nothing(kit: Kit, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    with kit.sd.creation.draft(str(kit.template)) as draft:
        target = kit.sd.creation.target("orders", to=str(tmp_path / "orders"))
        made = draft.create("orders", draft.values("orders", {}, {}), target, dry_run=True)
    assert (made.commit, made.dry_run, len(made.files)) == (None, True, 6)
    (effect,) = made.effects
    assert (effect.kind, effect.target) == ("repository", str(tmp_path / "orders"))
    assert effect.details["message"] == "Create orders from tiny 1.0.0"
    assert sorted(tmp_path.iterdir()) == before


def test_wrong_parameters_and_failing_steps_make_nothing(kit: Kit, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="'Orders' does not match"):
        kit.create("Orders")
    with pytest.raises(InvalidInputError, match="has no parameter prot; it has: name, port, token"):
        kit.create("orders", prot="80")
    with kit.sd.creation.draft(str(kit.template)) as draft, pytest.raises(ParametersError, match="port"):
        draft.create(
            "orders", {"name": "orders", "port": "x"}, kit.sd.creation.target("orders", to=str(tmp_path / "x"))
        )
    kit.write("1.0.0", {"a": "a\n"}, steps=[{"action": "fs:read", "input": {"path": "nowhere"}}])
    with pytest.raises(StepFailedError, match="nowhere"):
        kit.create("orders")
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("registry")) == ["template"]


def test_kinds(kit: Kit) -> None:
    with kit.sd.creation.draft(str(kit.template)) as draft:
        draft.check_kind("service")
        with pytest.raises(InvalidInputError, match="makes a service, not a library: use `shiftdown new service`"):
            draft.check_kind("library")
    assert all(kind in types for kind, types in KINDS.items())


def test_a_bare_repository(kit: Kit, tmp_path: Path) -> None:
    target = kit.sd.creation.target("orders", publish=f"file://{tmp_path}/published/orders.git")
    with kit.sd.creation.draft(str(kit.template)) as draft:
        made = draft.create("orders", draft.values("orders", {}, {}), target)
    git(tmp_path, "clone", "--quiet", made.path, str(tmp_path / "clone"))
    assert (tmp_path / "clone" / "README.md").read_text() == "# orders\n"
    assert listing(Path(made.path), "main")["bin/run"] == "100755"
    kit.write("1.1.0", {"README.md": "# ${{ values.name }}\nmore\n"})
    assert kit.update(made.path).outcome is UpdateOutcome.OPENED


def test_the_record_of_a_template_cannot_be_forged_by_it(kit: Kit) -> None:
    kit.write("1.0.0", {RECORD: "mine: true\n", "a": "a\n"})
    orders = kit.create()
    assert parse_origin((orders / RECORD).read_bytes(), "orders").template.name == "tiny"
    assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE


def test_killed_in_between(kit: Kit, tmp_path: Path) -> None:
    kit.write("1.0.0", {f"file-{n}": LINES for n in range(50)}, parameters=PARAMETERS)
    script = (
        "import os, signal, sys\n"
        "from shiftdown.git import new_repository\n"
        "real = new_repository.write_files\n"
        "new_repository.write_files = lambda *a: (real(*a), os.kill(os.getpid(), signal.SIGKILL))\n"
        "from shiftdown.cli import main\n"
        "main(sys.argv[1:])\n"
    )
    command = ["new", "service", "orders", "--template", str(kit.template), "--to", str(tmp_path / "orders"), "--json"]
    who = {f"GIT_AUTHOR_{k}": v for k, v in (("NAME", "Ada"), ("EMAIL", "ada@example.org"))}
    environment = os.environ | who | {"SHIFTDOWN_REGISTRY": f"sqlite:///{tmp_path}/cli.db"}
    killed = subprocess.run([sys.executable, "-c", script, *command], capture_output=True, env=environment, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "orders").exists()
    done = subprocess.run([sys.executable, "-c", NEW, *command], capture_output=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["files"]) == 51


NEW = "import sys\nfrom shiftdown.cli import main\nmain(sys.argv[1:])\n"
