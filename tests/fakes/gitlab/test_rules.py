"""What the fake refuses, as GitLab's documentation says that GitLab does; and what follows from what."""

import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from gitlab import Gitlab
from gitlab.exceptions import GitlabError
from gitlab.v4.objects import Project, ProjectMergeRequest

from shiftdown_fakes import gitlab as fake
from shiftdown_fakes.gitlab import FakeGitLab, Protection
from shiftdown_fakes.gitlab.model import DEVELOPER, NOBODY, REPORTER

_QUERY = 'query { currentUser { username } project(fullPath: "acme/orders") { id } }'
_SYNC = "mutation($input: ProjectSyncForkInput!) { projectSyncFork(input: $input) { errors } }"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeGitLab]:
    with FakeGitLab(tmp_path_factory.mktemp("gitlab"), clock=lambda: datetime(2030, 1, 1, tzinfo=UTC)) as made:
        yield made
        assert made.crashes == []


@pytest.fixture
def gitlab(server: FakeGitLab) -> Iterator[FakeGitLab]:
    """With nothing in it but a project of `ada`, with a branch `topic`."""
    yield server
    server.limit = None
    for project in list(server.world.projects.values()):
        server.world.rename(project, f"gone/{project.id}")
    server.world.moved.clear()


@pytest.fixture
def orders(gitlab: FakeGitLab) -> fake.Project:
    made = gitlab.world.add_project("acme/orders", owner="ada")
    made.levels |= {"bob": DEVELOPER, "eve": REPORTER}
    gitlab.world.add_user("bob")
    gitlab.world.add_user("eve")
    gitlab.commit(made, "main", {"README.md": "hello\n"})
    gitlab.commit(made, "topic", {"a.txt": "a\n"})
    return made


def client(gitlab: FakeGitLab, username: str = "ada", *scopes: str, **more: Any) -> Gitlab:
    token = gitlab.world.add_token(username, scopes or ("api",), **more).value
    return Gitlab(gitlab.url, private_token=token, retry_transient_errors=False)


def project(gitlab: FakeGitLab, username: str = "ada") -> Project:
    return client(gitlab, username).projects.get("acme/orders")


def proposed(gitlab: FakeGitLab, by: str = "ada", **more: Any) -> ProjectMergeRequest:
    given = {"source_branch": "topic", "target_branch": "main", "title": "T", **more}
    return project(gitlab, by).mergerequests.create(given)


def refusal(call: Callable[[], object]) -> tuple[int | None, str]:
    with pytest.raises(GitlabError) as caught:
        call()
    return caught.value.response_code, str(caught.value.error_message)


# Tokens


def test_a_token_reaches_as_far_as_its_scopes(gitlab: FakeGitLab, orders: fake.Project) -> None:
    reading = client(gitlab, "ada", "read_api")
    assert reading.projects.get("acme/orders").id == orders.id
    assert refusal(lambda: reading.http_post(f"/projects/{orders.id}/repository/branches"))[0] == 403
    files = client(gitlab, "ada", "read_repository")
    assert refusal(lambda: files.http_get(f"/projects/{orders.id}"))[0] == 403
    assert files.http_get(f"/projects/{orders.id}/repository/files/README.md?ref=main")
    assert client(gitlab, "ada", "read_user").http_get("/user")


def test_a_token_that_has_ended_or_is_none_is_refused(gitlab: FakeGitLab, orders: fake.Project) -> None:
    ended = client(gitlab, "ada", expires=datetime(2029, 1, 1, tzinfo=UTC))
    assert refusal(lambda: ended.projects.get(orders.id)) == (401, "invalid_token")
    wrong = Gitlab(gitlab.url, private_token="glpat-wrong")
    assert refusal(lambda: wrong.projects.get(orders.id))[0] == 401


def test_without_a_token_what_is_public_is_read(gitlab: FakeGitLab, orders: fake.Project) -> None:
    nobody = Gitlab(gitlab.url)
    assert nobody.projects.get(orders.id).path_with_namespace == "acme/orders"
    assert refusal(lambda: nobody.http_post(f"/projects/{orders.id}/merge_requests"))[0] == 401
    orders.private = True
    assert refusal(lambda: nobody.projects.get(orders.id))[0] == 404


def test_graphql_is_for_whoever_may_read(gitlab: FakeGitLab, orders: fake.Project) -> None:
    def ask(api: Gitlab, query: str, **variables: Any) -> Any:
        given = {"query": query, "variables": variables}
        return api.http_post(f"{gitlab.url}/api/graphql", post_data=given)

    assert ask(Gitlab(gitlab.url), _QUERY)["data"]["currentUser"] is None
    reading = client(gitlab, "ada", "read_api")
    assert ask(reading, _QUERY)["data"]["currentUser"] == {"username": "ada"}
    assert refusal(lambda: ask(client(gitlab, "ada", "read_repository"), _QUERY))[0] == 401
    (error,) = ask(reading, _SYNC, input={"projectPath": "acme/orders", "targetBranch": "main"})["errors"]
    assert "don't have permission" in error["message"]
    (syntax,) = ask(reading, "query {")["errors"]
    assert "Syntax Error" in syntax["message"]


def test_a_fork_takes_up_what_its_upstream_has(gitlab: FakeGitLab, orders: fake.Project) -> None:
    def sync(path: str, branch: str = "main") -> list[str]:
        given = {"query": _SYNC, "variables": {"input": {"projectPath": path, "targetBranch": branch}}}
        answer: Any = client(gitlab).http_post(f"{gitlab.url}/api/graphql", post_data=given)
        errors: list[str] = answer["data"]["projectSyncFork"]["errors"]
        return errors

    fork = gitlab.world.projects[str(project(gitlab).forks.create({}).path_with_namespace)]
    assert sync("ada/orders") == []
    later = gitlab.commit(orders, "main", {"b.txt": "b\n"})
    assert (sync("ada/orders"), fork.store.tip("main")) == ([], later)
    own, again = gitlab.commit(fork, "main", {"own.txt": "x\n"}), gitlab.commit(orders, "main", {"c.txt": "c\n"})
    assert sync("ada/orders") == []
    facts = fork.store.commit_facts(str(fork.store.tip("main")))
    assert facts is not None
    assert facts.parents == (own, again)
    gitlab.commit(fork, "main", {"c.txt": "own\n"})
    gitlab.commit(orders, "main", {"c.txt": "theirs\n"})
    assert sync("ada/orders") == ["The synchronization cannot happen due to the merge conflict"]
    assert sync("ada/orders", "none") == ["Target branch does not exist"]
    assert sync("acme/orders") == ["This branch of this project cannot be updated from the upstream"]


def test_a_limit_is_counted_by_token(gitlab: FakeGitLab, orders: fake.Project) -> None:
    api = client(gitlab)
    gitlab.limit = 1
    answer: Any = api.http_get("/user", raw=True)
    assert answer.headers["RateLimit-Remaining"] == "0"
    assert refusal(lambda: api.http_get("/user", obey_rate_limit=False))[0] == 429
    assert client(gitlab).http_get("/user")


# Projects and lists


def test_a_project_that_was_renamed_is_found_where_it_was(gitlab: FakeGitLab, orders: fake.Project) -> None:
    gitlab.world.rename(orders, "acme/deep/bills")
    assert project(gitlab).path_with_namespace == "acme/deep/bills"


def test_an_archived_project_is_read_only(gitlab: FakeGitLab, orders: fake.Project) -> None:
    orders.archived = True
    assert refusal(lambda: proposed(gitlab)) == (403, "403 Forbidden")


def test_lists_come_in_pages(gitlab: FakeGitLab, orders: fake.Project) -> None:
    for number in range(5):
        gitlab.commit(orders, f"b{number}", {"b.txt": f"{number}\n"})
    pages = project(gitlab).branches.list(iterator=True, per_page=3)
    assert [one.name for one in pages] == ["b0", "b1", "b2", "b3", "b4", "main", "topic"]
    assert (pages.total, pages.total_pages) == (7, 3)
    for number in range(5):
        gitlab.commit(orders, "main", {f"f{number}.txt": f"{number}\n"})
    keyset = project(gitlab).repository_tree(pagination="keyset", per_page=2, get_all=True)
    assert [one["name"] for one in keyset] == ["README.md", *(f"f{number}.txt" for number in range(5))]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("branches/none", "404 Branch Not Found"),
        ("commits/none", "404 Commit Not Found"),
        ("tree?ref=none", "404 Tree Not Found"),
        ("tree?path=none", "404 invalid revision or path Not Found"),
        (f"blobs/{'1' * 40}", "404 Blob Not Found"),
        ("files/none?ref=main", "404 File Not Found"),
        ("compare?from=none&to=main", "404 Ref Not Found"),
    ],
)
def test_what_is_not_there_is_not_found(gitlab: FakeGitLab, orders: fake.Project, path: str, words: str) -> None:
    api = client(gitlab)
    assert refusal(lambda: api.http_get(f"/projects/{orders.id}/repository/{path}")) == (404, words)


def test_branches_that_stay(gitlab: FakeGitLab, orders: fake.Project) -> None:
    gitlab.world.protect(orders, "topic")
    branches = project(gitlab).branches
    assert refusal(lambda: branches.delete("main"))[0] == 400
    assert refusal(lambda: branches.delete("topic"))[0] == 403
    assert refusal(lambda: branches.create({"branch": "topic", "ref": "main"}))[1] == "Branch already exists"
    assert "Invalid reference name" in refusal(lambda: branches.create({"branch": "new", "ref": "none"}))[1]


# Commits


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"branch": "none"}, "You can only create or edit files when you are on a branch"),
        ({"start_sha": "1" * 40, "branch": "new"}, "Cannot find start_sha"),
        ({"start_branch": "none", "branch": "new"}, "You can only create or edit files when you are on a branch"),
        ({"start_branch": "main", "branch": "topic"}, "A branch called 'topic' already exists."),
        ({"actions": [{"action": "create", "file_path": "README.md"}]}, "A file with this name already exists"),
        ({"actions": [{"action": "update", "file_path": "none"}]}, "A file with this name doesn't exist"),
        (
            {"actions": [{"action": "create", "file_path": "x", "content": "?", "encoding": "base64"}]},
            "Content must be Base64 encoded",
        ),
    ],
)
def test_commits_that_cannot_be_made(
    gitlab: FakeGitLab, orders: fake.Project, given: dict[str, Any], words: str
) -> None:
    whole = {"branch": "topic", "commit_message": "m", "actions": [], **given}
    status, said = refusal(lambda: project(gitlab).commits.create(whole))
    assert (status, words in said) == (400, True), said


def test_whoever_may_not_push_makes_no_commit(gitlab: FakeGitLab, orders: fake.Project) -> None:
    given = {"branch": "main", "commit_message": "m", "actions": []}
    assert refusal(lambda: project(gitlab, "eve").commits.create(given))[0] == 403
    gitlab.world.protect(orders, "main", Protection(push=NOBODY))
    assert refusal(lambda: project(gitlab).commits.create(given))[0] == 403


# Merge requests


def test_merge_requests_that_cannot_be_opened(gitlab: FakeGitLab, orders: fake.Project) -> None:
    proposed(gitlab)
    status, said = refusal(lambda: proposed(gitlab))
    assert (status, "Another open merge request already exists for this source branch: !1" in said) == (409, True)
    assert refusal(lambda: proposed(gitlab, source_branch="main"))[0] == 409
    assert refusal(lambda: proposed(gitlab, source_branch="none"))[0] == 400
    assert refusal(lambda: proposed(gitlab, title=" ", target_branch="topic", source_branch="main"))[0] == 400
    assert refusal(lambda: proposed(gitlab, title="x" * 256, source_branch="main", target_branch="topic"))[0] == 400
    assert refusal(lambda: proposed(gitlab, "eve"))[0] == 403


def test_merges_that_are_refused(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab, title="Draft: T")
    assert refusal(made.merge) == (405, "405 Method Not Allowed")
    made.title = "T"
    made.save()
    assert refusal(lambda: project(gitlab, "eve").mergerequests.get(1).merge())[0] == 401
    wrong = {"sha": "1" * 40}
    assert (
        refusal(lambda: project(gitlab).manager.gitlab.http_put(f"{made.manager.path}/1/merge", post_data=wrong))[0]
        == 409
    )
    gitlab.commit(orders, "main", {"a.txt": "other\n"})
    assert refusal(made.merge) == (405, "405 Method Not Allowed")
    assert refusal(lambda: made.merge(auto_merge=True)) == (422, "Branch cannot be merged")
    gitlab.world.add_pipeline(orders, str(orders.store.tip("topic")), "failed")
    assert refusal(lambda: made.merge(auto_merge=True)) == (405, "405 Method Not Allowed")
    made.rebase()
    found = project(gitlab).mergerequests.get(1)
    assert (found.has_conflicts, "resolve all conflicts" in found.merge_error) == (True, True)


def test_to_squash_is_heard_and_not_to_squash_is_not(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab, squash=True)
    made.manager.gitlab.http_put(f"{made.manager.path}/{made.iid}/merge", post_data={"squash": False})
    assert project(gitlab).mergerequests.get(made.iid).squash_commit_sha is not None


def test_a_branch_is_put_on_top_of_its_base(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab)
    base = gitlab.commit(orders, "main", {"b.txt": "b\n"})
    made.rebase()
    facts = orders.store.commit_facts(str(orders.store.tip("topic")))
    assert facts is not None
    assert facts.parents == (base,)


def test_what_was_not_to_merge_by_itself_is_not_cancelled(gitlab: FakeGitLab, orders: fake.Project) -> None:
    assert refusal(proposed(gitlab).cancel_merge_when_pipeline_succeeds)[0] == 406


def test_all_commits_become_one(gitlab: FakeGitLab, orders: fake.Project) -> None:
    gitlab.commit(orders, "topic", {"b.txt": "b\n"})
    orders.merge_method, orders.squash_option = "ff", "always"
    proposed(gitlab).merge(squash_commit_message="One")
    assert [one.title for one in project(gitlab).commits.list(get_all=True)] == ["One", "Change"]


def test_what_is_merged_elsewhere_is_merged(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab)
    orders.store.move("refs/heads/main", orders.store.tip("topic"), orders.store.tip("main"))
    assert project(gitlab).mergerequests.get(made.iid).state == "merged"


def test_a_merge_request_closes_with_its_branch_and_opens_with_it(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made, tip = proposed(gitlab), orders.store.tip("topic")
    orders.store.move("refs/heads/topic", None, tip)
    made = project(gitlab).mergerequests.get(made.iid)
    assert made.state == "closed"
    made.state_event = "reopen"
    assert refusal(made.save)[0] == 400
    orders.store.move("refs/heads/topic", tip, None)
    made.save()
    assert project(gitlab).mergerequests.get(made.iid).state == "opened"


def test_labels_and_people_are_replaced(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab, labels=["a", "b"])
    made.add_labels, made.remove_labels = "c", "a"
    made.assignee_ids, made.reviewer_ids = [gitlab.world.users["bob"].id, 999_999], []
    made.save()
    assert (made.labels, [one["username"] for one in made.assignees]) == (["b", "c"], ["bob"])
    assert refusal(lambda: project(gitlab).mergerequests.update(made.iid, {}))[0] == 400
    assert refusal(lambda: project(gitlab, "eve").mergerequests.update(made.iid, {"title": "x"}))[0] == 403


def test_a_line_that_is_a_command_is_obeyed(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab)
    assert refusal(lambda: made.notes.create({"body": " "}))[0] == 400
    made.notes.create({"body": "Enough.\n/close\n"})
    assert [note.body for note in made.notes.list(get_all=True) if not note.system] == ["Enough.\n"]
    assert project(gitlab).mergerequests.get(made.iid).state == "closed"


def test_approvals_that_are_refused(gitlab: FakeGitLab, orders: fake.Project) -> None:
    made = proposed(gitlab)
    assert refusal(made.approve) == (401, "401 Unauthorized")
    theirs = project(gitlab, "bob").mergerequests.get(made.iid)
    assert refusal(lambda: theirs.approve(sha="1" * 40))[0] == 409
    assert refusal(theirs.unapprove)[0] == 404
    assert refusal(project(gitlab, "eve").mergerequests.get(made.iid).approve)[0] == 403
    theirs.approve()
    assert refusal(theirs.approve)[0] == 401
    gitlab.commit(orders, "topic", {"a.txt": "b\n"})
    assert project(gitlab).mergerequests.get(made.iid).approvals.get().approved_by == []


def test_a_pipeline_goes_as_its_statuses_do(gitlab: FakeGitLab, orders: fake.Project) -> None:
    commit = project(gitlab).commits.get(str(orders.store.tip("topic")))
    for state, name, status in (("success", "a", "success"), ("running", "b", "running"), ("failed", "b", "failed")):
        commit.statuses.create({"state": state, "name": name})
        assert project(gitlab).commits.get(commit.id).last_pipeline["status"] == status
    assert {one.name: one.status for one in commit.statuses.list(get_all=True)} == {"a": "success", "b": "failed"}


# Git


def push(gitlab: FakeGitLab, folder: Path, username: str, branch: str) -> str:
    """What git prints when somebody pushes to a branch; empty when that is taken."""
    token = gitlab.world.add_token(username).value
    address = f"{gitlab.url}/acme/orders.git".replace("://", f"://x:{token}@")
    run = ["git", "-C", str(folder)]
    if not (folder / ".git").exists():
        subprocess.run(["git", "clone", "--quiet", address, str(folder)], check=True, capture_output=True)
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run([*run, *who, "commit", "--quiet", "--allow-empty", "-m", "x"], check=True)
    done = subprocess.run(
        [*run, "push", "--quiet", "--force", address, f"HEAD:{branch}"], check=False, capture_output=True, text=True
    )
    return done.stderr if done.returncode else ""


def test_pushes_that_are_refused(gitlab: FakeGitLab, orders: fake.Project, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    assert push(gitlab, folder, "bob", "free") == ""
    assert "You are not allowed to push code to this project" in push(gitlab, folder, "eve", "free2")
    gitlab.world.protect(orders, "release/*")
    assert "remote: GitLab: You are not allowed to push code to protected" in push(gitlab, folder, "bob", "release/1")
    assert push(gitlab, folder, "ada", "release/1") == ""
    gitlab.world.protect(orders, "topic")
    assert "You are not allowed to force push code to a protected branch" in push(gitlab, folder, "ada", "topic")
    orders.push_rule = "no such words"
    assert "remote: GL-HOOK-ERR: no such words" in push(gitlab, folder, "ada", "other")
    orders.archived = True
    assert "archived project" in push(gitlab, folder, "ada", "other")
