"""Updates from templates, on real repositories."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from shiftdown.creation.updates import BRANCH, UpdateOutcome
from shiftdown.forges.base import DraftError
from shiftdown.model import ChangeRequestStatus
from shiftdown.scaffolder.origin import RECORD, REFERENCE, parse_origin
from shiftdown.scaffolder.questions import Question
from tests.app.conftest import git
from tests.app.template_kit import LINES, PARAMETERS, Kit, commit, listing, read
from tests.app.updates.conftest import README, branches


class TestMerging:
    """What becomes of the files."""

    def test_both_sides_changed_other_lines(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"README.md": (orders / "README.md").read_text().replace("line 2", "our line 2")})
        kit.write("1.1.0", {"README.md": README.replace("line 9", "their line 9"), "src/app.txt": LINES, "new": "n\n"})
        result = kit.update(orders)
        assert (result.outcome, result.before, result.after) == (UpdateOutcome.OPENED, "1.0.0", "1.1.0")
        assert result.conflicts == ()
        text = read(orders, "README.md").decode()
        assert "# orders on 8080\n" in text
        assert "our line 2\n" in text
        assert "their line 9\n" in text
        assert read(orders, "new") == b"n\n"
        record = parse_origin(read(orders, RECORD), "orders")
        assert (record.template.version, record.parameters) == ("1.1.0", {"name": "orders", "port": 8080})
        assert (orders / "README.md").read_text().count("their") == 0, "the work tree stays as it is"

    def test_both_sides_changed_the_same_line(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"README.md": (orders / "README.md").read_text().replace("line 5", "our line 5")})
        kit.write("1.1.0", {"README.md": README.replace("line 5", "their line 5"), "src/app.txt": LINES})
        result = kit.update(orders)
        assert [(c.path, c.kind) for c in result.conflicts] == [("README.md", "contents")]
        assert b"<<<<<<< repository\nour line 5\n=======\ntheir line 5\n>>>>>>> template\n" in read(orders, "README.md")
        assert result.change_request
        assert result.change_request.status is ChangeRequestStatus.DRAFT
        shown = kit.sd.change_requests.get(result.change_request.id)
        assert "## Conflicts" in shown.body
        assert "`README.md`: both sides changed the same lines" in shown.body
        with pytest.raises(DraftError):
            kit.merge(result)
        again = kit.update(orders)
        assert (again.outcome, len(again.conflicts)) == (UpdateOutcome.UNCHANGED, 1)

    def test_a_conflict_that_a_person_resolved(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"src/app.txt": LINES.replace("line 5", "our line 5")})
        kit.write("1.1.0", {"README.md": README, "src/app.txt": LINES.replace("line 5", "their line 5")})
        result = kit.update(orders)
        git(orders, "checkout", "--quiet", BRANCH)
        commit(orders, {"src/app.txt": LINES.replace("line 5", "line 5 of both")})
        git(orders, "checkout", "--quiet", "main")
        held = kit.update(orders)
        assert held.outcome is UpdateOutcome.LEFT_ALONE
        assert "did not make" in (held.reason or "")
        assert result.change_request
        kit.sd.change_requests.ready(result.change_request.id)
        kit.merge(result)
        assert "line 5 of both" in (orders / "src/app.txt").read_text()
        assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE
        kit.write("1.2.0", {"README.md": README, "src/app.txt": LINES.replace("line 5", "their line 5") + "more\n"})
        third = kit.update(orders)
        assert third.conflicts == ()
        assert read(orders, "src/app.txt").decode() == LINES.replace("line 5", "line 5 of both") + "more\n"

    def test_a_file_that_was_deleted_here_stays_deleted(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"src/app.txt": None})
        kit.write("1.1.0", {"README.md": README, "src/app.txt": LINES + "more\n"})
        result = kit.update(orders)
        assert [(c.path, c.kind) for c in result.conflicts] == [("src/app.txt", "modify/delete")]
        assert "src/app.txt" not in listing(orders)
        assert result.change_request
        assert "it stays deleted" in kit.sd.change_requests.get(result.change_request.id).body

    def test_a_file_that_the_template_deleted(self, kit: Kit) -> None:
        orders, billing = kit.create("orders"), kit.create("billing")
        commit(orders, {"src/app.txt": LINES + "ours\n"})
        kit.write("1.1.0", {"README.md": README})
        changed, unchanged = kit.update(orders), kit.update(billing)
        assert [(c.path, c.kind) for c in changed.conflicts] == [("src/app.txt", "modify/delete")]
        assert read(orders, "src/app.txt").decode() == LINES + "ours\n"
        assert unchanged.conflicts == ()
        assert "src/app.txt" not in listing(billing)

    def test_a_file_that_the_template_renamed_keeps_our_change(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"src/app.txt": LINES.replace("line 2", "our line 2")})
        kit.write("1.1.0", {"README.md": README, "lib/main.txt": LINES.replace("line 9", "their line 9")})
        assert kit.update(orders).conflicts == ()
        assert "src/app.txt" not in listing(orders)
        wanted = LINES.replace("line 2", "our line 2").replace("line 9", "their line 9")
        assert read(orders, "lib/main.txt").decode() == wanted

    def test_a_file_that_was_renamed_here_gets_their_change(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"src/app.txt": None, "lib/ours.txt": LINES})
        kit.write("1.1.0", {"README.md": README, "src/app.txt": LINES.replace("line 9", "their line 9")})
        assert kit.update(orders).conflicts == ()
        assert "src/app.txt" not in listing(orders)
        assert b"their line 9" in read(orders, "lib/ours.txt")

    def test_binary_files(self, kit: Kit) -> None:
        files = {"a.bin": b"\x00\x01", "b.bin": b"\x00\x02"}
        kit.write("1.0.0", files)
        orders = kit.create()
        commit(orders, {"a.bin": b"\x00ours"})
        kit.write("1.1.0", {"a.bin": b"\x00theirs", "b.bin": b"\x00\xff"})
        result = kit.update(orders)
        assert [(c.path, c.kind) for c in result.conflicts] == [("a.bin", "binary")]
        assert (read(orders, "a.bin"), read(orders, "b.bin")) == (b"\x00ours", b"\x00\xff")

    def test_modes_and_links(self, kit: Kit) -> None:
        kit.write("1.0.0", {"run.sh": LINES, "x": "x\n"})
        orders = kit.create()
        commit(orders, {"run.sh": LINES.replace("line 2", "our line 2")})
        kit.write("1.1.0", {"run.sh": LINES, "x": "x\n"}, executable=("run.sh",), links={"latest": "x"})
        assert kit.update(orders).conflicts == ()
        modes = listing(orders)
        assert (modes["run.sh"], modes["latest"]) == ("100755", "120000")
        assert b"our line 2" in read(orders, "run.sh")
        assert read(orders, "latest") == b"x"

    @pytest.mark.parametrize("attributes", ["", "* text=auto\n"], ids=["as they are", "normalised"])
    def test_windows_line_ends(self, kit: Kit, attributes: str) -> None:
        def version(text: str) -> dict[str, str | bytes]:
            files: dict[str, str | bytes] = {"a.txt": text.replace("\n", "\r\n")}
            return files | ({".gitattributes": attributes} if attributes else {})

        kit.write("1.0.0", version(LINES))
        orders = kit.create()
        assert git(orders, "status", "--porcelain") == ""
        ours = (orders / "a.txt").read_bytes().replace(b"line 2", b"our line 2")
        assert ours.count(b"\r\n") == 10
        commit(orders, {"a.txt": ours})
        kit.write("1.1.0", version(LINES.replace("line 9", "their line 9")))
        assert kit.update(orders).conflicts == ()
        end = b"\n" if attributes else b"\r\n"
        merged = read(orders, "a.txt")
        assert b"our line 2" + end in merged
        assert b"their line 9" + end in merged
        assert merged.count(b"\r") == (0 if attributes else 10)

    def test_ignored_files_of_the_template_are_updated(self, kit: Kit) -> None:
        kit.write("1.0.0", {".gitignore": "*.env\n", "dev.env": "A=1\n"})
        orders = kit.create()
        assert listing(orders, "main")["dev.env"] == "100644"
        kit.write("1.1.0", {".gitignore": "*.env\n", "dev.env": "A=2\n"})
        kit.update(orders)
        assert read(orders, "dev.env") == b"A=2\n"


class TestAgain:
    """Updates after updates."""

    def test_nothing_to_do(self, kit: Kit) -> None:
        orders = kit.create()
        before = branches(orders)
        assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE
        assert branches(orders) == before

    def test_twice_and_then_a_newer_version(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
        first = kit.update(orders)
        before = branches(orders)
        second = kit.update(orders)
        assert (first.outcome, second.outcome) == (UpdateOutcome.OPENED, UpdateOutcome.UNCHANGED)
        assert branches(orders) == before
        kit.write("1.2.0", {"README.md": README + "1.2\n", "src/app.txt": LINES})
        third = kit.update(orders)
        assert third.outcome is UpdateOutcome.UPDATED
        assert first.change_request
        assert third.change_request
        assert third.change_request.id == first.change_request.id
        assert "from 1.0.0 to 1.2.0" in third.change_request.title
        assert len(kit.sd.change_requests.list()) == 1
        kit.merge(third)
        assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE

    def test_every_version_stands_on_the_one_before(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"README.md": (orders / "README.md").read_text() + "ours\n"})
        text = README
        for number in range(1, 4):
            text = text.replace(f"line {number}\n", f"line {number}, since 1.{number}\n")
            kit.write(f"1.{number}.0", {"README.md": text, "src/app.txt": LINES})
            result = kit.update(orders)
            assert result.conflicts == ()
            kit.merge(result)
        assert (orders / "README.md").read_text().count("since") == 3
        assert (orders / "README.md").read_text().endswith("ours\n")
        assert git(orders, "rev-list", "--count", REFERENCE) == "4"

    def test_after_a_squash(self, kit: Kit) -> None:
        orders = kit.create()
        commit(orders, {"README.md": (orders / "README.md").read_text() + "ours\n"})
        kit.write("1.1.0", {"README.md": README.replace("line 2", "line 2, 1.1"), "src/app.txt": LINES})
        kit.update(orders)
        git(orders, "merge", "--quiet", "--squash", BRANCH)
        git(orders, "commit", "--quiet", "--message", "squashed")
        git(orders, "branch", "--delete", "--force", BRANCH)
        kit.write("1.2.0", {"README.md": README.replace("line 2", "line 2, 1.2"), "src/app.txt": LINES})
        assert kit.update(orders).conflicts == ()
        assert b"line 2, 1.2\n" in read(orders, "README.md")

    def test_a_version_that_was_taken_back_withdraws_its_change_request(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
        opened = kit.update(orders)
        kit.write("1.0.0", {"README.md": README, "src/app.txt": LINES})
        assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE
        assert opened.change_request
        assert kit.sd.change_requests.list()[0].status is ChangeRequestStatus.SUPERSEDED
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
        assert kit.update(orders).outcome is UpdateOutcome.OPENED

    def test_what_a_person_closed_is_not_proposed_again(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README + "1.1\n", "src/app.txt": LINES})
        opened = kit.update(orders)
        assert opened.change_request
        kit.sd.change_requests.close(opened.change_request.id, reason="not for us")
        again = kit.update(orders)
        assert again.outcome is UpdateOutcome.LEFT_ALONE
        assert "not for us" in (again.reason or "")
        kit.write("1.2.0", {"README.md": README + "1.2\n", "src/app.txt": LINES})
        assert kit.update(orders).outcome is UpdateOutcome.OPENED

    def test_a_version_without_changes_is_recorded(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.0.1", {"README.md": README, "src/app.txt": LINES})
        result = kit.update(orders)
        assert result.outcome is UpdateOutcome.OPENED
        assert git(orders, "diff", "--name-only", f"main..{BRANCH}") == RECORD


class TestBase:
    """Where the old version is taken from."""

    def test_a_clone_has_the_first_commit(self, kit: Kit, tmp_path: Path) -> None:
        orders = kit.create()
        commit(orders, {"README.md": (orders / "README.md").read_text() + "ours\n"})
        git(tmp_path, "clone", "--quiet", str(orders), str(tmp_path / "clone"))
        kit.write("1.1.0", {"README.md": README.replace("line 2", "line 2, 1.1"), "src/app.txt": LINES})
        result = kit.update(tmp_path / "clone")
        assert (result.conflicts, result.notes) == ((), ())
        assert read(tmp_path / "clone", "README.md").endswith(b"ours\n")

    def test_a_clone_after_updates_renders_the_commit_of_the_template(self, kit: Kit, tmp_path: Path) -> None:
        kit.keep_in_git("v1.0.0")
        clone = self._clone_after_update(kit, tmp_path)
        kit.write("1.2.0", {"README.md": README.replace("line 2", "line 2, 1.2"), "src/app.txt": LINES})
        kit.keep_in_git("v1.2.0")
        result = kit.update(clone)
        assert (result.outcome, result.conflicts, result.notes) == (UpdateOutcome.OPENED, (), ())
        assert b"line 2, 1.2\n" in read(clone, "README.md")

    def test_a_clone_after_updates_of_a_folder_without_versions(self, kit: Kit, tmp_path: Path) -> None:
        clone = self._clone_after_update(kit, tmp_path)
        kit.write("1.2.0", {"README.md": README + "1.2\n", "src/app.txt": LINES})
        before = branches(clone)
        result = kit.update(clone)
        assert result.outcome is UpdateOutcome.FAILED
        assert "only tiny 1.2.0 is at" in (result.reason or "")
        assert branches(clone) == before
        git(clone, "fetch", "--quiet", "origin", f"{REFERENCE}:{REFERENCE}")
        assert kit.update(clone).outcome is UpdateOutcome.OPENED

    def test_the_base_does_not_depend_on_the_template(self, kit: Kit) -> None:
        orders = kit.create()
        moved = kit.template.rename(kit.folder / "elsewhere")
        assert kit.update(orders).outcome is UpdateOutcome.FAILED
        kit.template = moved
        kit.write("2.0.0", {"README.md": README.replace("line 2", "line 2, 2.0"), "src/app.txt": LINES})
        result = kit.update(orders, template=str(moved))
        assert (result.outcome, result.conflicts) == (UpdateOutcome.OPENED, ())
        assert parse_origin(read(orders, RECORD), "x").template.location == str(moved)

    @staticmethod
    def _clone_after_update(kit: Kit, tmp_path: Path) -> Path:
        orders = kit.create()
        commit(orders, {"README.md": (orders / "README.md").read_text() + "ours\n"})
        kit.write("1.1.0", {"README.md": README.replace("line 2", "line 2, 1.1"), "src/app.txt": LINES})
        if (kit.template / ".git").exists():
            kit.keep_in_git("v1.1.0")
        kit.merge(kit.update(orders))
        git(tmp_path, "clone", "--quiet", str(orders), str(tmp_path / "clone"))
        return tmp_path / "clone"


class TestVersions:
    """Which version is taken."""

    def test_a_tag_of_the_template(self, kit: Kit) -> None:
        kit.keep_in_git("v1.0.0")
        orders = kit.create()
        for number in (1, 2):
            kit.write(f"1.{number}.0", {"README.md": README + f"1.{number}\n", "src/app.txt": LINES})
            kit.keep_in_git(f"v1.{number}.0")
        result = kit.update(orders, version="1.1.0")
        assert result.after == "1.1.0"
        assert read(orders, "README.md").endswith(b"1.1\n")
        assert parse_origin(read(orders, RECORD), "x").template.commit == git(kit.template, "rev-parse", "v1.1.0")
        assert kit.update(orders).after == "1.2.0"
        missing = kit.update(orders, version="9.9")
        assert missing.outcome is UpdateOutcome.FAILED
        assert "v9.9" in (missing.reason or "")

    def test_a_template_that_says_no_version(self, kit: Kit) -> None:
        kit.write("", {"README.md": README})
        kit.keep_in_git("start")
        orders = kit.create()
        kit.write("", {"README.md": README + "more\n"})
        kit.keep_in_git("more")
        result = kit.update(orders)
        assert (result.before, result.after) == (
            git(kit.template, "rev-parse", "start"),
            git(kit.template, "rev-parse", "more"),
        )
        kit.merge(result)
        kit.keep_in_git("nothing-new")
        assert kit.update(orders).outcome is UpdateOutcome.UP_TO_DATE


WITH_REGION = {
    **PARAMETERS,
    "required": ["name", "region"],
    "properties": {**PARAMETERS["properties"], "region": {"enum": ["eu", "us"]}},
}


class TestParameters:
    """What is remembered, and what is asked."""

    def test_a_new_one_must_be_given(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README + "${{ values.region }}\n"}, parameters=WITH_REGION)
        before = branches(orders)
        failed = kit.update(orders)
        assert failed.outcome is UpdateOutcome.FAILED
        assert "--set region=" in (failed.reason or "")
        assert branches(orders) == before
        wrong = kit.update(orders, texts={"region": "mars"})
        assert "region: 'mars' is not one of" in (wrong.reason or "")
        done = kit.update(orders, texts={"region": "eu"})
        assert done.outcome is UpdateOutcome.OPENED
        assert read(orders, "README.md").endswith(b"eu\n")
        assert parse_origin(read(orders, RECORD), "x").parameters["region"] == "eu"

    def test_a_new_one_is_asked_for(self, kit: Kit) -> None:
        orders = kit.create()
        kit.write("1.1.0", {"README.md": README + "${{ values.region }}\n"}, parameters=WITH_REGION)
        asked: list[tuple[str, list[str]]] = []

        def ask(repository: str, questions: Sequence[Question]) -> dict[str, str]:
            asked.append((repository, [q.name for q in questions]))
            return {"region": "us"}

        result = kit.sd.updates.update([str(orders)], ask=ask)[0]
        assert result.outcome is UpdateOutcome.OPENED
        assert asked == [(str(orders), ["region"])]
        assert read(orders, "README.md").endswith(b"us\n")

    def test_other_values_change_the_files(self, kit: Kit) -> None:
        orders = kit.create()
        result = kit.update(orders, texts={"port": "9000"})
        assert result.outcome is UpdateOutcome.OPENED
        assert read(orders, "README.md").startswith(b"# orders on 9000\n")

    def test_one_that_is_gone_is_forgotten(self, kit: Kit) -> None:
        orders = kit.create()
        only_name = {"additionalProperties": False, "properties": {"name": {"type": "string"}}}
        kit.write("1.1.0", {"README.md": "# ${{ values.name }}\n" + LINES}, parameters=only_name)
        assert kit.update(orders).outcome is UpdateOutcome.OPENED
        assert dict(parse_origin(read(orders, RECORD), "x").parameters) == {"name": "orders"}

    def test_passwords_are_never_remembered(self, kit: Kit) -> None:
        orders = kit.create(token="hunter2hunter2")
        assert b"hunter2" not in read(orders, RECORD, "main")
        kit.write("1.1.0", {"README.md": README + "more\n", "src/app.txt": LINES})
        kit.update(orders, texts={"token": "hunter2hunter2"})
        everything = git(orders, "log", "--all", "--patch")
        assert "hunter2" not in everything
