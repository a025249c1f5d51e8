"""The web application: its workflow is executed; with odd values it is installed, checked, built and served."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from shiftdown.testing import check_workflow, run_workflow
from tests.golden_paths.documents import check_documents
from tests.golden_paths.kit import ODD, PLAIN, Server, free_port, make, plan_again, succeed

NAME = "react-app"

pytestmark = pytest.mark.usefixtures("node")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(NAME, PLAIN, tmp_path_factory.mktemp("plain"))


def test_what_it_says_of_itself(made: Path) -> None:
    check_documents(NAME, made, PLAIN)


def test_its_types_find_nothing_more_to_do(made: Path) -> None:
    assert set(plan_again(NAME, made).values()) == {"ALREADY_SATISFIED"}


def test_every_job_of_its_workflow_passes(made: Path) -> None:
    check_workflow(made)
    run = run_workflow(made)
    assert {job.id: [step.name for step in job.steps if step.result == "success"] for job in run.jobs.values()} == {
        "code-quality": [
            "Check out",
            "Set up Node.js",
            "Install dependencies",
            "Lint",
            "Check the format",
            "Check the types",
        ],
        "test": ["Check out", "Set up Node.js", "Install dependencies", "Test", "Keep reports"],
        "build": ["Check out", "Set up Node.js", "Install dependencies", "Build"],
    }, run.output


class Page(HTMLParser):
    """What a page says of itself, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.description: str | None = None
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if tag == "meta" and given.get("name") == "description":
            self.description = given["content"]
        if tag in ("script", "link"):
            self.loaded.append(given.get("src") or given.get("href") or "")


def test_odd_values_make_one_that_is_served(tmp_path: Path) -> None:
    odd = make(NAME, ODD, tmp_path)
    check_documents(NAME, odd, ODD)
    succeed(["npm", "ci"], odd)
    for command in ("lint", "format:check", "typecheck", "build"):
        succeed(["npm", "run", command], odd)
    port = free_port()
    preview = ["node", "node_modules/vite/bin/vite.js", "preview", "--host", "127.0.0.1", "--strictPort"]
    with Server([*preview, "--port", str(port)], odd, port, ready="/") as server:
        page = Page(server.ask("/").body.decode())
        assert page.description == ODD["description"]
        assert len(page.loaded) == 3
        for path in [*page.loaded, "/articles.json"]:
            assert server.ask(path).status == 200
        script = server.ask(next(path for path in page.loaded if path.endswith(".js"))).body.decode()
        assert re.search(rf"['\"`]{ODD['name']}['\"`]", script)
        assert server.ask("/articles/what-the-tests-check").body == server.ask("/").body
