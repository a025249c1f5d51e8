"""What templates fetch from elsewhere: with the token of the step, at a branch or tag, and nothing of this machine."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shiftdown import Shiftdown
from shiftdown.errors import ShiftdownError
from shiftdown.extensions import Plugins
from shiftdown_fakes import GitServer
from tests.app.conftest import git
from tests.app.template_kit import add_actions

TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: far}
spec:
  type: service
  parameters: {properties: {url: {type: string}}}
  steps:
    - id: fetch
      action: fetch:template
      input: {url: "${{ parameters.url }}", token: "${{ secrets.token }}", values: {name: x}}
"""


@pytest.fixture
def template(tmp_path: Path, plugins: Plugins) -> str:
    add_actions(plugins)
    (tmp_path / "far.yaml").write_text(TEMPLATE)
    return str(tmp_path / "far.yaml")


@pytest.fixture
def server(tmp_path: Path, new_repository: Callable[..., Path]) -> GitServer:
    """A server that wants a password, with a skeleton that has changed since its tag."""
    skeleton = new_repository("skeleton")
    for content, command in (("old", "tag"), ("new", "branch")):
        (skeleton / "app").mkdir(exist_ok=True)
        (skeleton / "app" / "${{ values.name }}.txt").write_text(content)
        git(skeleton, "add", ".")
        git(skeleton, "commit", "--quiet", "--message", content)
        git(skeleton, command, f"v-{content}")
    root = tmp_path / "served"
    root.mkdir()
    git(skeleton, "clone", "--quiet", "--bare", ".", str(root / "skeleton.git"))
    return GitServer(root, username="x-access-token", password="hush-hush")


@pytest.mark.parametrize(("revision", "content"), [("v-old", b"old"), ("v-new", b"new"), ("main", b"new")])
def test_a_step_reads_with_its_token(
    sd: Shiftdown, template: str, server: GitServer, revision: str, content: bytes
) -> None:
    with server:
        url = f"{server.url_of('skeleton.git')}/tree/{revision}/app"
        result = sd.templates.dry_run(template, {"url": url}, secrets={"token": "hush-hush"})
        assert [(f.path, f.content) for f in result.files] == [("x.txt", content)]
        assert "hush-hush" not in "".join(event.message for event in result.log)
        with pytest.raises(ShiftdownError) as refused:
            sd.templates.dry_run(template, {"url": url}, secrets={"token": "guessed-it"})
        assert "guessed-it" not in str(refused.value)
        with pytest.raises(ShiftdownError, match="no branch or tag 'v-none'"):
            sd.templates.dry_run(template, {"url": url.replace(revision, "v-none")}, secrets={"token": "hush-hush"})


@pytest.mark.parametrize("scheme", ["file://", "ssh://git@localhost", "ext::sh -c id "])
def test_a_template_reads_nothing_of_this_machine(
    sd: Shiftdown, template: str, new_repository: Callable[..., Path], scheme: str
) -> None:
    private = new_repository("private")
    with pytest.raises(ShiftdownError, match="templates fetch from https:// URLs"):
        sd.templates.dry_run(template, {"url": f"{scheme}{private}"}, secrets={"token": ""})
