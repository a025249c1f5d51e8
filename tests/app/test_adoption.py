"""Existing repositories are recorded as made from a template; afterwards updates work."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.main import cookiecutter  # type: ignore[import-untyped]

from shiftdown import Shiftdown
from shiftdown.creation.adoption import BRANCH, AdoptRequest, NothingAlikeError
from shiftdown.creation.updates import UpdateOutcome, UpdateResult
from shiftdown.errors import InvalidInputError
from shiftdown.extensions import Plugins
from shiftdown.scaffolder.origin import RECORD, REFERENCE, Engine, OriginError, parse_origin
from tests.app.conftest import git
from tests.app.template_kit import LINES, Kit, add_actions, commit, read


@pytest.fixture
def kit(sd: Shiftdown, plugins: Plugins, tmp_path: Path) -> Kit:
    add_actions(plugins)
    return Kit(tmp_path, sd)


def adopt(kit: Kit, repository: Path, **request: Any) -> UpdateResult:
    return kit.sd.adoption.adopt(str(repository), AdoptRequest(**request))


def under_git(folder: Path, message: str = "Start") -> Path:
    """Put a folder under git, as it is."""
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--message", message)
    return folder


class TestByHand:
    """A repository of unknown origin."""

    @pytest.fixture
    def orders(self, kit: Kit) -> Path:
        kit.write("1.0.0", {"README.md": "# ${{ values.name }}\n" + LINES, "a": "a\n", "b": "b\n"})
        folder = kit.folder / "orders"
        folder.mkdir()
        (folder / "README.md").write_text("# orders\n" + LINES.replace("line 2", "our line 2"))
        (folder / "a").write_text("a\n")
        (folder / "own").write_text("own\n")
        return under_git(folder)

    def test_it_is_recorded_and_updated(self, kit: Kit, orders: Path) -> None:
        result = adopt(kit, orders, template=str(kit.template), texts={"name": "orders"})
        assert result.outcome is UpdateOutcome.OPENED
        assert "1 files are as the template makes them, 1 have other contents, 1 are not there" in result.notes
        assert git(orders, "diff", "--name-only", f"main..{BRANCH}") == RECORD
        assert result.change_request
        body = kit.sd.change_requests.get(result.change_request.id).body
        assert "- `README.md`" in body
        assert "- `b`" in body
        assert (
            adopt(kit, orders, template=str(kit.template), texts={"name": "orders"}).outcome is UpdateOutcome.UNCHANGED
        )
        kit.merge(result)
        assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE
        kit.write(
            "1.1.0",
            {"README.md": "# ${{ values.name }}\n" + LINES.replace("line 9", "line 9, 1.1"), "a": "a2\n", "b": "b\n"},
        )
        update = kit.update(orders)
        assert update.conflicts == ()
        text = read(orders, "README.md").decode()
        assert "our line 2\n" in text
        assert "line 9, 1.1\n" in text
        assert read(orders, "a") == b"a2\n"
        assert not (orders / "b").exists()
        with pytest.raises(InvalidInputError, match="already"):
            adopt(kit, orders, template=str(kit.template))

    def test_parameters_are_needed(self, kit: Kit, orders: Path) -> None:
        with pytest.raises(InvalidInputError, match="--set name="):
            adopt(kit, orders, template=str(kit.template))
        asked = kit.sd.adoption.adopt(
            str(orders), AdoptRequest(template=str(kit.template)), ask=lambda _, __: {"name": "orders"}
        )
        assert asked.outcome is UpdateOutcome.OPENED

    def test_the_wrong_template(self, kit: Kit, orders: Path) -> None:
        kit.write("1.0.0", {"other": "x\n"})
        before = git(orders, "for-each-ref")
        with pytest.raises(NothingAlikeError, match="none of the 1 files"):
            adopt(kit, orders, template=str(kit.template), texts={"name": "orders"})
        with pytest.raises(InvalidInputError, match="say with --template"):
            adopt(kit, orders)
        assert git(orders, "for-each-ref") == before

    def test_an_old_version(self, kit: Kit, orders: Path) -> None:
        kit.keep_in_git("v1.0.0")
        kit.write("1.1.0", {"README.md": "# ${{ values.name }}\n" + LINES, "a": "a\n", "b": "b\n", "new": "new\n"})
        kit.keep_in_git("v1.1.0")
        result = adopt(kit, orders, template=str(kit.template), version="v1.0.0", texts={"name": "orders"})
        assert result.after == "1.0.0"
        kit.merge(result)
        assert kit.update(orders).after == "1.1.0"
        assert read(orders, "new") == b"new\n"


SLUG = "{{cookiecutter.slug}}"


class TestCruft:
    """A repository that cookiecutter made, with the record of cruft."""

    @pytest.fixture
    def template(self, tmp_path: Path) -> Path:
        template = tmp_path / "cc-template"
        (template / SLUG).mkdir(parents=True)
        (template / "hooks").mkdir()
        (template / "hooks" / "post_gen_project.py").write_text(f"open({str(tmp_path / 'hook-ran')!r}, 'w')\n")
        variables = {
            "name": "X",
            "slug": "{{ cookiecutter.name | lower }}",
            "licence": ["MIT", "none"],
            "_private": "p",
        }
        (template / "cookiecutter.json").write_text(json.dumps(variables))
        (template / SLUG / "README.md").write_text("# {{ cookiecutter.name }}, {{ cookiecutter.licence }}\n" + LINES)
        (template / SLUG / "{{ cookiecutter.slug }}.txt").write_text("x\n")
        return under_git(template, "v1")

    @pytest.fixture
    def shop(self, template: Path, tmp_path: Path) -> Path:
        made = Path(
            cookiecutter(
                str(template),
                no_input=True,
                extra_context={"name": "Shop"},
                output_dir=str(tmp_path),
                accept_hooks=False,
            )
        )
        context = {"name": "Shop", "slug": "shop", "licence": "MIT", "_private": "p", "_template": str(template)}
        record = {
            "template": str(template),
            "commit": git(template, "rev-parse", "HEAD"),
            "checkout": None,
            "context": {"cookiecutter": context},
            "directory": None,
        }
        (made / ".cruft.json").write_text(json.dumps(record))
        return under_git(made)

    def test_it_is_adopted_and_updated(self, kit: Kit, template: Path, shop: Path, tmp_path: Path) -> None:
        first = git(template, "rev-parse", "HEAD")
        readme = template / SLUG / "README.md"
        readme.write_text(readme.read_text().replace("line 9", "line 9, second"))
        (template / SLUG / "new-{{ cookiecutter.slug }}").write_text("new\n")
        under_git(template, "v2")
        commit(shop, {"README.md": (shop / "README.md").read_text().replace("line 2", "our line 2")})
        result = adopt(kit, shop)
        assert result.after == first
        assert "1 files are as the template makes them, 1 have other contents, 0 are not there" in result.notes
        assert any("hooks" in note for note in result.notes)
        kit.merge(result)
        record = parse_origin((shop / RECORD).read_bytes(), "shop")
        assert (record.template.engine, record.template.commit) == (Engine.COOKIECUTTER, first)
        assert dict(record.parameters) == {"name": "Shop", "slug": "shop", "licence": "MIT"}
        update = kit.update(shop)
        assert (update.outcome, update.conflicts) == (UpdateOutcome.OPENED, ())
        text = read(shop, "README.md").decode()
        assert text.startswith("# Shop, MIT\n")
        assert "our line 2\n" in text
        assert "line 9, second\n" in text
        assert read(shop, "new-shop") == b"new\n"
        assert not (tmp_path / "hook-ran").exists()

    def test_a_choice_that_is_gone(self, kit: Kit, template: Path, shop: Path) -> None:
        kit.merge(adopt(kit, shop))
        (template / "cookiecutter.json").write_text(
            json.dumps({"name": "X", "slug": "x", "licence": ["Apache", "none"]})
        )
        under_git(template, "v2")
        failed = kit.update(shop)
        assert failed.outcome is UpdateOutcome.FAILED
        assert "Apache" in (failed.reason or "")
        assert kit.update(shop, texts={"licence": "none"}).outcome is UpdateOutcome.OPENED
        assert read(shop, "README.md").startswith(b"# Shop, none\n")

    def test_a_template_in_a_folder(self, kit: Kit, template: Path, shop: Path) -> None:
        (template / "kinds" / "service").mkdir(parents=True)
        for name in (SLUG, "cookiecutter.json"):
            git(template, "mv", name, f"kinds/service/{name}")
        under_git(template, "moved")
        record = json.loads((shop / ".cruft.json").read_text())
        commit(
            shop,
            {
                ".cruft.json": json.dumps(
                    record | {"directory": "kinds/service", "commit": git(template, "rev-parse", "HEAD")}
                )
            },
        )
        kit.merge(adopt(kit, shop))
        source = parse_origin((shop / RECORD).read_bytes(), "shop").template
        assert (source.path, source.name) == ("kinds/service", "service")
        assert kit.update(shop).outcome is UpdateOutcome.UP_TO_DATE

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("{", "not valid JSON"),
            ("[]", "no context.cookiecutter"),
            ('{"context": {"cookiecutter": {}}}', "template: expected text"),
            ('{"template": 7, "context": {"cookiecutter": {}}}', "template: expected text"),
            ('{"template": "TEMPLATE", "commit": 7, "context": {"cookiecutter": {}}}', "commit: expected text"),
            ('{"template": "/nowhere/at/all", "commit": "a", "context": {"cookiecutter": {}}}', "cannot be found"),
            ("[" * 100_000, "not valid JSON"),
            ('"' + "x" * 1_000_000 + '"', "bytes"),
        ],
    )
    def test_a_malformed_record(self, kit: Kit, template: Path, shop: Path, content: str, message: str) -> None:
        commit(shop, {".cruft.json": content.replace("TEMPLATE", str(template))})
        before = git(shop, "for-each-ref")
        with pytest.raises(OriginError, match=message):
            adopt(kit, shop)
        assert git(shop, "for-each-ref") == before

    @pytest.mark.parametrize("template_", ["ext::sh -c id", "--upload-pack=id", "file:///etc/passwd%00"])
    def test_a_hostile_location(self, kit: Kit, shop: Path, template_: str) -> None:
        record = json.loads((shop / ".cruft.json").read_text())
        commit(shop, {".cruft.json": json.dumps(record | {"template": template_})})
        with pytest.raises(InvalidInputError):
            adopt(kit, shop)

    def test_a_hostile_directory_or_commit(self, kit: Kit, shop: Path) -> None:
        record = json.loads((shop / ".cruft.json").read_text())
        for change in ({"directory": "../.."}, {"commit": "--exec=id"}, {"commit": "f" * 40}):
            commit(shop, {".cruft.json": json.dumps(record | change)})
            with pytest.raises(Exception) as error:
                adopt(kit, shop)
            assert type(error.value).__module__.startswith("shiftdown.")


class TestCopier:
    """A repository that copier made."""

    @pytest.fixture
    def template(self, tmp_path: Path) -> Path:
        template = tmp_path / "copier-template"
        (template / "template").mkdir(parents=True)
        questions = (
            "_subdirectory: template\n_tasks: ['touch task-ran']\n"
            "name: {type: str}\nport: {type: int, default: 80}\ntoken: {type: str, secret: true, default: hidden}\n"
        )
        (template / "copier.yml").write_text(questions)
        (template / "template" / "README.md.jinja").write_text(
            "# [[ name ]] on [[ port ]]\n".replace("[[", "{{").replace("]]", "}}") + LINES
        )
        (template / "template" / "{{ _copier_conf.answers_file }}.jinja").write_text(
            "{{ _copier_answers | to_nice_yaml }}\n"
        )
        under_git(template, "one")
        git(template, "tag", "v1.0.0")
        return template

    @pytest.fixture
    def shop(self, template: Path, tmp_path: Path) -> Path:
        script = (
            "import sys, copier\n"
            "options = {'defaults': True, 'skip_tasks': True, 'quiet': True}\n"
            "copier.run_copy(sys.argv[1], sys.argv[2], data={'name': 'shop'}, **options)\n"
        )
        subprocess.run([sys.executable, "-c", script, str(template), str(tmp_path / "shop")], check=True, timeout=120)
        return under_git(tmp_path / "shop")

    def test_it_is_adopted_and_updated(self, kit: Kit, template: Path, shop: Path) -> None:
        answers = (shop / ".copier-answers.yml").read_text()
        assert "_commit: v1.0.0" in answers
        readme = template / "template" / "README.md.jinja"
        readme.write_text(readme.read_text().replace("line 9", "line 9, second"))
        under_git(template, "two")
        git(template, "tag", "v1.1.0")
        commit(shop, {"README.md": (shop / "README.md").read_text().replace("line 2", "our line 2")})
        result = adopt(kit, shop)
        assert result.after == "v1.0.0"
        assert any("tasks" in note for note in result.notes)
        kit.merge(result)
        record = parse_origin((shop / RECORD).read_bytes(), "shop")
        assert (record.template.engine, record.template.version) == (Engine.COPIER, "v1.0.0")
        assert dict(record.parameters) == {"name": "shop", "port": 80}
        update = kit.update(shop, version="v1.1.0", texts={"port": "90"})
        assert (update.outcome, update.conflicts) == (UpdateOutcome.OPENED, ())
        text = read(shop, "README.md").decode()
        assert text.startswith("# shop on 90\n")
        assert "our line 2\n" in text
        assert "line 9, second\n" in text
        assert read(shop, ".copier-answers.yml").decode() == answers
        assert not (shop / "task-ran").exists()
        assert git(shop, "ls-tree", "--name-only", REFERENCE).split() == [".shiftdown", "README.md"]

    def test_a_version_between_tags(self, kit: Kit, template: Path, shop: Path) -> None:
        (template / "template" / "more.txt").write_text("more\n")
        under_git(template, "between")
        commit_ = git(template, "rev-parse", "HEAD")
        described = git(template, "describe", "--tags")
        answers = (shop / ".copier-answers.yml").read_text().replace("_commit: v1.0.0", f"_commit: {described}")
        commit(shop, {".copier-answers.yml": answers, "more.txt": "more\n"})
        assert adopt(kit, shop).after == commit_

    def test_a_template_that_wants_to_run_code(self, kit: Kit, template: Path, shop: Path) -> None:
        questions = (template / "copier.yml").read_text()
        (template / "copier.yml").write_text(questions + "_jinja_extensions: [os.system]\n")
        under_git(template, "evil")
        with pytest.raises(InvalidInputError, match="copier: UnsafeTemplateError"):
            adopt(kit, shop, version="main")

    def test_without_copier(self, kit: Kit, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shiftdown.scaffolder.copier.find_spec", lambda _: None)
        with pytest.raises(InvalidInputError, match=r"pip install 'shiftdown\[copier\]'"):
            adopt(kit, shop)

    def test_malformed_answers(self, kit: Kit, shop: Path) -> None:
        for content in ("a: [", "- a\n", "name: x\n", "_src_path: 7\n"):
            commit(shop, {".copier-answers.yml": content})
            with pytest.raises(OriginError, match=r"copier-answers\.yml"):
                adopt(kit, shop)
        commit(shop, {".copier-answers.yml": "_src_path: /nowhere/at/all\n"})
        with pytest.raises(OriginError, match="cannot be found"):
            adopt(kit, shop)
