"""Accounts, repositories and git data as GitHub's REST API shows them."""

import base64
from typing import Any
from urllib.parse import quote

from shiftdown_fakes.github.model import Installation, Repository
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.world import World
from shiftdown_fakes.store import CommitFacts, Entry, FileChange, Person

_USER_LINKS = {
    "followers_url": "/followers", "following_url": "/following{/other_user}", "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}", "subscriptions_url": "/subscriptions", "organizations_url": "/orgs",
    "repos_url": "/repos", "events_url": "/events{/privacy}", "received_events_url": "/received_events",
}  # fmt: skip

_LINKS = {
    "archive_url": "/{archive_format}{/ref}", "assignees_url": "/assignees{/user}", "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}", "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}", "commits_url": "/commits{/sha}", "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}", "contributors_url": "/contributors", "deployments_url": "/deployments",
    "downloads_url": "/downloads", "events_url": "/events", "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}", "git_refs_url": "/git/refs{/sha}", "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks", "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}", "issues_url": "/issues{/number}", "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}", "languages_url": "/languages", "merges_url": "/merges",
    "milestones_url": "/milestones{/number}", "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}", "releases_url": "/releases{/id}", "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}", "subscribers_url": "/subscribers", "subscription_url": "/subscription",
    "tags_url": "/tags", "teams_url": "/teams", "trees_url": "/git/trees{/sha}",
}  # fmt: skip


class RepositoryShapes:
    """Builds JSON for one way to reach the fake."""

    def __init__(self, world: World, api: str, web: str) -> None:
        self.world = world
        """What is shown."""
        self.api = api
        """Address of the API."""
        self.web = web
        """Address of the pages and of git."""

    def user(self, login: str) -> dict[str, Any]:
        """An account."""
        user = self.world.add_user(login)
        name = quote(login)
        url = f"{self.api}/users/{name}"
        return {
            "login": login, "id": user.id, "node_id": base64.b64encode(f"User:{user.id}".encode()).decode(),
            "avatar_url": f"{self.web}/images/u/{name}.png", "gravatar_id": "", "url": url,
            "html_url": f"{self.web}/{name}", "type": user.kind, "site_admin": False,
        } | {key: url + path for key, path in _USER_LINKS.items()}  # fmt: skip

    def own_user(self, login: str) -> dict[str, Any]:
        """An account as it sees itself."""
        empty = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
        counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
        start = iso(self.world.now())
        return self.user(login) | empty | counts | {"created_at": start, "updated_at": start}

    def repository_minimal(self, repository: Repository) -> dict[str, Any]:
        """A repository as in lists."""
        url = f"{self.api}/repos/{repository.full_name}"
        return {
            "id": repository.id, "node_id": base64.b64encode(f"Repository:{repository.id}".encode()).decode(),
            "name": repository.name, "full_name": repository.full_name, "owner": self.user(repository.owner),
            "private": repository.private, "html_url": f"{self.web}/{repository.full_name}",
            "description": repository.description, "fork": repository.parent is not None, "url": url,
        } | {key: url + path for key, path in _LINKS.items()} | self._facts(repository)  # fmt: skip

    def repository(self, repository: Repository) -> dict[str, Any]:
        """A repository with the fields that pull requests and searches show."""
        return self.repository_minimal(repository) | {"has_downloads": True}

    def repository_full(self, repository: Repository, login: str | None) -> dict[str, Any]:
        """A repository with everything, as an account sees it."""
        role = self.world.role(repository, login)
        rights = ("none", "read", "triage", "write", "maintain", "admin").index(role)
        shape = self.repository(repository) | {
            "permissions": {
                "admin": rights >= 5, "maintain": rights >= 4, "push": rights >= 3, "triage": rights >= 2,
                "pull": rights >= 1,
            },
            "allow_merge_commit": "merge" in repository.merge_methods,
            "allow_squash_merge": "squash" in repository.merge_methods,
            "allow_rebase_merge": "rebase" in repository.merge_methods,
            "allow_auto_merge": repository.auto_merge, "has_discussions": False, "network_count": 0,
            "subscribers_count": 0,
        } | repository.administered.settings  # fmt: skip
        if repository.parent:
            shape["parent"] = shape["source"] = self.repository(repository.parent)
        return shape

    def _facts(self, repository: Repository) -> dict[str, Any]:
        forks = sum(other.parent is repository for other in self.world.repositories.values())
        opened = sum(issue.state == "open" for issue in repository.issues.values())
        page, settings = f"{self.web}/{repository.full_name}", repository.administered.settings
        return {
            "git_url": f"git:{page.partition(':')[2]}.git", "ssh_url": f"git@127.0.0.1:{repository.full_name}.git",
            "clone_url": f"{page}.git", "svn_url": page, "mirror_url": None, "homepage": settings["homepage"],
            "language": repository.language, "forks_count": forks, "forks": forks, "stargazers_count": 0,
            "watchers_count": 0, "watchers": 0, "size": 0, "default_branch": repository.default_branch,
            "open_issues_count": opened, "open_issues": opened, "topics": repository.topics,
            "has_issues": settings["has_issues"], "has_projects": settings["has_projects"],
            "has_wiki": settings["has_wiki"], "has_pages": repository.administered.pages is not None,
            "archived": repository.archived, "disabled": repository.disabled, "visibility": _visibility(repository),
            "pushed_at": iso(repository.created), "created_at": iso(repository.created),
            "updated_at": iso(repository.created), "license": None,
        }  # fmt: skip

    def reference(self, repository: Repository, name: str, oid: str) -> dict[str, Any]:
        """A reference."""
        url = f"{self.api}/repos/{repository.full_name}/git"
        kind = repository.store.kind(oid)
        return {
            "ref": name, "node_id": base64.b64encode(name.encode()).decode(), "url": f"{url}/{quote(name)}",
            "object": {"sha": oid, "type": kind, "url": f"{url}/{kind}s/{oid}"},
        }  # fmt: skip

    def tree(self, repository: Repository, oid: str, entries: list[Entry]) -> dict[str, Any]:
        """A tree."""
        url = f"{self.api}/repos/{repository.full_name}/git"
        shown = []
        for entry in entries:
            item = {"path": entry.path, "mode": entry.mode, "type": entry.kind, "sha": entry.id}
            if entry.kind != "commit":
                item["url"] = f"{url}/{entry.kind}s/{entry.id}"
            shown.append(item | ({"size": entry.size} if entry.kind == "blob" else {}))
        return {"sha": oid, "url": f"{url}/trees/{oid}", "tree": shown, "truncated": False}

    def git_commit(self, repository: Repository, facts: CommitFacts) -> dict[str, Any]:
        """A commit of the git data API."""
        url, page = f"{self.api}/repos/{repository.full_name}/git", f"{self.web}/{repository.full_name}/commit"
        parents = [{"sha": p, "url": f"{url}/commits/{p}", "html_url": f"{page}/{p}"} for p in facts.parents]
        return {
            "sha": facts.id, "node_id": base64.b64encode(facts.id.encode()).decode(),
            "url": f"{url}/commits/{facts.id}", "html_url": f"{page}/{facts.id}", "author": _person(facts.author),
            "committer": _person(facts.committer), "message": facts.message, "parents": parents,
            "tree": {"sha": facts.tree, "url": f"{url}/trees/{facts.tree}"}, "verification": _verification(facts),
        }  # fmt: skip

    def commit(self, repository: Repository, facts: CommitFacts) -> dict[str, Any]:
        """A commit of the repository API."""
        url, page = f"{self.api}/repos/{repository.full_name}", f"{self.web}/{repository.full_name}/commit"
        git = self.git_commit(repository, facts)
        return {
            "sha": facts.id, "node_id": git["node_id"], "url": f"{url}/commits/{facts.id}", "html_url": git["html_url"],
            "comments_url": f"{url}/commits/{facts.id}/comments", "author": None, "committer": None,
            "commit": {
                "author": git["author"], "committer": git["committer"], "message": facts.message, "comment_count": 0,
                "tree": git["tree"], "url": git["url"], "verification": git["verification"],
            },
            "parents": [{"sha": p, "url": f"{url}/commits/{p}", "html_url": f"{page}/{p}"} for p in facts.parents],
        }  # fmt: skip

    def file_change(self, repository: Repository, commit: str, change: FileChange) -> dict[str, Any]:
        """What became of a file."""
        path, page = quote(change.path), f"{self.web}/{repository.full_name}"
        shape = {
            "sha": change.blob, "filename": change.path, "status": change.status, "additions": change.additions,
            "deletions": change.deletions, "changes": change.additions + change.deletions,
            "blob_url": f"{page}/blob/{commit}/{path}", "raw_url": f"{page}/raw/{commit}/{path}",
            "contents_url": f"{self.api}/repos/{repository.full_name}/contents/{path}?ref={commit}",
        }  # fmt: skip
        return shape | ({"previous_filename": change.previous} if change.previous else {})

    def content(self, repository: Repository, ref: str, entry: Entry) -> dict[str, Any]:
        """A file or folder, without its content."""
        kind = {"tree": "dir", "commit": "submodule"}.get(entry.kind, "symlink" if entry.mode == "120000" else "file")
        path = quote(entry.path)
        url = f"{self.api}/repos/{repository.full_name}/contents/{path}?ref={quote(ref, safe='')}"
        git = f"{self.api}/repos/{repository.full_name}/git/{entry.kind}s/{entry.id}"
        page = f"{self.web}/{repository.full_name}/{entry.kind}/{quote(ref)}/{path}"
        raw = f"{self.web}/{repository.full_name}/raw/{quote(ref)}/{path}"
        return {
            "type": kind, "name": entry.path.rpartition("/")[2], "path": entry.path, "sha": entry.id,
            "size": entry.size or 0, "url": url, "git_url": git, "html_url": page,
            "download_url": raw if kind == "file" else None, "_links": {"self": url, "git": git, "html": page},
        }  # fmt: skip

    def installation(self, installation: Installation) -> dict[str, Any]:
        """An app in an account."""
        start, app = iso(self.world.now()), installation.app
        url = f"{self.api}/app/installations/{installation.id}"
        return {
            "id": installation.id, "account": self.user(installation.account), "repository_selection": "all",
            "access_tokens_url": f"{url}/access_tokens", "repositories_url": f"{self.api}/installation/repositories",
            "html_url": f"{self.web}/settings/installations/{installation.id}", "app_id": app.id,
            "app_slug": app.slug, "target_id": self.world.add_user(installation.account).id, "target_type": "User",
            "permissions": dict(app.permissions), "events": [], "single_file_name": None, "suspended_by": None,
            "suspended_at": None, "created_at": start, "updated_at": start,
        }  # fmt: skip


def _visibility(repository: Repository) -> str:
    return "internal" if repository.internal else "private" if repository.private else "public"


def _person(person: Person) -> dict[str, Any]:
    return {"name": person.name, "email": person.email, "date": iso(person.date)}


def _verification(facts: CommitFacts) -> dict[str, Any]:
    reason = "valid" if facts.signed else "unsigned"
    signature = "signed" if facts.signed else None
    return {
        "verified": facts.signed, "reason": reason, "signature": signature, "payload": None, "verified_at": None,
    }  # fmt: skip
