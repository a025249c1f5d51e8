"""A template of our own that changes, repositories made from it, and people who work in them."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shiftdown import Shiftdown
from shiftdown.creation.repositories import Created
from shiftdown.creation.updates import UpdateRequest, UpdateResult
from shiftdown.extensions import Plugins, scaffolder
from tests.app.conftest import git

PARAMETERS: Mapping[str, Any] = {
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "description": "Name of the service"},
        "port": {"type": "integer", "default": 8080},
        "token": {"type": "string", "ui:widget": "password"},
    },
}

LINES = "".join(f"line {n}\n" for n in range(1, 11))
"""A text that both sides can change in different places."""


def add_actions(plugins: Plugins) -> None:
    """Let plugins of a test have the actions that shiftdown brings."""
    plugins.register(scaffolder, name="scaffolder", package="shiftdown")


class Kit:
    """The template in a folder, and what is done with it."""

    def __init__(self, folder: Path, sd: Shiftdown) -> None:
        self.template = folder / "template"
        self.folder = folder
        self.sd = sd

    def write(
        self,
        version: str,
        files: Mapping[str, str | bytes],
        *,
        parameters: Mapping[str, Any] = PARAMETERS,
        steps: list[Any] | None = None,
        executable: tuple[str, ...] = (),
        links: Mapping[str, str] | None = None,
    ) -> None:
        """Write a version of the template: the files are templates with `values.name`, `values.port`, …"""
        for old in (self.template / "template.yaml", self.template / "skeleton"):
            if old.is_dir():
                shutil.rmtree(old)
            else:
                old.unlink(missing_ok=True)
        skeleton = self.template / "skeleton"
        skeleton.mkdir(parents=True)
        for path, content in files.items():
            (skeleton / path).parent.mkdir(parents=True, exist_ok=True)
            (skeleton / path).write_bytes(content.encode() if isinstance(content, str) else content)
            if path in executable:
                (skeleton / path).chmod(0o755)
        for path, target in (links or {}).items():
            (skeleton / path).symlink_to(target)
        fetch = {"action": "fetch:template", "input": {"url": "./skeleton", "values": "${{ parameters }}"}}
        template = {
            "apiVersion": "scaffolder.backstage.io/v1beta3",
            "kind": "Template",
            "metadata": {"name": "tiny", "annotations": {"shiftdown.dev/version": version} if version else {}},
            "spec": {"type": "service", "parameters": dict(parameters), "steps": [fetch, *(steps or [])]},
        }
        (self.template / "template.yaml").write_text(json.dumps(template))

    def keep_in_git(self, tag: str) -> None:
        """Commit the template as it is to a repository of its own, with a tag."""
        if not (self.template / ".git").exists():
            git(self.template, "init", "--quiet", "--initial-branch", "main")
        git(self.template, "add", "--all", "--force")
        git(self.template, "commit", "--quiet", "--allow-empty", "--message", tag)
        git(self.template, "tag", tag)

    def create(self, name: str = "orders", *, template: str | None = None, **texts: str) -> Path:
        """Make a repository from the template."""
        return Path(self.created(name, template=template, **texts).path)

    def created(self, name: str = "orders", *, template: str | None = None, **texts: str) -> Created:
        """The same, with all that is told about it."""
        with self.sd.creation.draft(template or str(self.template)) as draft:
            values = draft.values(name, texts, {})
            return draft.create(name, values, self.sd.creation.target(name, to=str(self.folder / name)))

    def update(self, repository: Path | str, **request: Any) -> UpdateResult:
        """Update one repository."""
        return self.sd.updates.update([str(repository)], UpdateRequest(**request))[0]

    def merge(self, result: UpdateResult) -> None:
        """Merge what an update proposed."""
        assert result.change_request
        self.sd.change_requests.merge(result.change_request.id)


def commit(repository: Path, files: Mapping[str, str | bytes | None], message: str = "work") -> None:
    """Commit files, as a developer would; `None` deletes."""
    for path, content in files.items():
        target = repository / path
        if content is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)


def read(repository: Path, path: str, branch: str = "shiftdown/update-from-template") -> bytes:
    """A file as it is on a branch."""
    command = ["git", "-C", str(repository), "cat-file", "blob", f"{branch}:{path}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def listing(repository: Path, branch: str = "shiftdown/update-from-template") -> dict[str, str]:
    """The modes of the files on a branch."""
    lines = git(repository, "ls-tree", "-r", branch).splitlines()
    return {line.split("\t")[1]: line.split()[0] for line in lines}
