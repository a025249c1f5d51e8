"""Git data, contents, branches and comparisons of the REST API."""

import base64
import binascii
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from shiftdown_fakes.github.model import Repository
from shiftdown_fakes.github.pulls import iso, refresh
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer
from shiftdown_fakes.store import ZERO, Person

_REPO = "/repos/{owner}/{repo}"
_GIT = _REPO + "/git"
_FILE = _REPO + "/contents/{path}"


@route("GET", _GIT + "/ref/{ref}", "contents=read")
def get_reference(call: Call) -> Answer:
    """One reference."""
    repository = call.repository()
    name = f"refs/{call.params['ref']}"
    oid = repository.store.reference(name)
    if oid is None:
        raise RefusalError(404, "Not Found")
    return Answer(200, call.shapes.reference(repository, name, oid))


@route("GET", _GIT + "/matching-refs/{ref}", "contents=read")
def list_matching_references(call: Call) -> Answer:
    """The references that start so."""
    repository = call.repository()
    every = repository.store.references("refs/")
    if not every:
        raise RefusalError(409, "Git Repository is empty.")
    found = {name: oid for name, oid in every.items() if name.startswith(f"refs/{call.params['ref']}")}
    return Answer(200, [call.shapes.reference(repository, name, oid) for name, oid in sorted(found.items())])


@route("GET", _GIT + "/tags/{tag_sha}", "contents=read")
def get_tag(call: Call) -> Answer:
    """A tag object."""
    repository = call.repository()
    oid = call.params["tag_sha"]
    if repository.store.kind(oid) != "tag":
        raise RefusalError(404, "Not Found")
    head, _, message = repository.store.run("cat-file", "tag", oid).decode().partition("\n\n")
    facts = dict(line.split(" ", 1) for line in head.splitlines())
    who, _, when = facts["tagger"].rpartition("> ")
    name, _, email = who.partition(" <")
    at = datetime.fromtimestamp(int(when.split()[0]), UTC)
    url = f"{call.shapes.api}/repos/{repository.full_name}/git"
    return Answer(200, {
        "sha": oid, "node_id": base64.b64encode(oid.encode()).decode(), "url": f"{url}/tags/{oid}",
        "tag": facts["tag"], "message": message, "tagger": {"name": name, "email": email, "date": iso(at)},
        "object": {"sha": facts["object"], "type": facts["type"], "url": f"{url}/{facts['type']}s/{facts['object']}"},
        "verification": {
            "verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None,
        },
    })  # fmt: skip


@route("POST", _GIT + "/refs", "contents=write")
def create_reference(call: Call) -> Answer:
    """Make a reference."""
    repository = call.repository(role="write")
    name, oid = call.text("ref"), call.text("sha")
    if not name.startswith("refs/") or name.count("/") < 2:
        raise RefusalError(422, "Reference name must start with 'refs/' and contain at least two slashes.")
    if repository.store.kind(oid) is None:
        raise RefusalError(422, "Object does not exist")
    if repository.store.reference(name):
        raise RefusalError(422, "Reference already exists")
    if not repository.store.move(name, oid, None):
        raise RefusalError(422, f"{name} is not a valid ref name.")
    return Answer(201, call.shapes.reference(repository, name, oid))


@route("PATCH", _GIT + "/refs/{ref}", "contents=write")
def move_reference(call: Call) -> Answer:
    """Move a reference."""
    repository = call.repository(role="write")
    name, oid = f"refs/{call.params['ref']}", call.text("sha")
    old = repository.store.reference(name)
    if old is None:
        raise RefusalError(422, "Reference does not exist")
    if repository.store.kind(oid) is None:
        raise RefusalError(422, "Object does not exist")
    check_protection(repository, name.removeprefix("refs/heads/"))
    if not call.body.get("force") and not repository.store.is_ancestor(old, oid):
        raise RefusalError(422, "Update is not a fast forward")
    repository.store.move(name, oid, old)
    refresh(call.world, repository)
    return Answer(200, call.shapes.reference(repository, name, oid))


@route("DELETE", _GIT + "/refs/{ref}", "contents=write")
def delete_reference(call: Call) -> Answer:
    """Remove a reference."""
    repository = call.repository(role="write")
    name = f"refs/{call.params['ref']}"
    old = repository.store.reference(name)
    if old is None:
        raise RefusalError(422, "Reference does not exist")
    branch = name.removeprefix("refs/heads/")
    if repository.protection(branch) or branch == repository.default_branch:
        word = "a protected" if repository.protection(branch) else "the default"
        raise RefusalError(422, f"Cannot delete {word} branch")
    repository.store.move(name, None, old)
    refresh(call.world, repository)
    return Answer(204)


def check_protection(repository: Repository, branch: str) -> None:
    """Refuse to write to a protected branch directly."""
    wanted = repository.protection(branch)
    if wanted and wanted.pull_request:
        raise RefusalError(409, "Could not update file: Changes must be made through a pull request.")


@route("GET", _GIT + "/blobs/{file_sha}", "contents=read")
def get_blob(call: Call) -> Answer:
    """One blob."""
    repository = call.repository()
    oid = call.params["file_sha"]
    if repository.store.kind(oid) != "blob":
        raise RefusalError(404, "Not Found")
    data = repository.store.read(oid)
    shape = _blob(call, repository, oid)
    content = {"content": base64.encodebytes(data).decode(), "encoding": "base64", "size": len(data)}
    return Answer(200, shape | content | {"node_id": base64.b64encode(oid.encode()).decode()})


@route("POST", _GIT + "/blobs", "contents=write")
def create_blob(call: Call) -> Answer:
    """Write a blob."""
    repository = _not_empty(call)
    encoded = call.text("encoding", "utf-8") == "base64"
    data = decoded(call.text("content")) if encoded else call.text("content").encode()
    return Answer(201, _blob(call, repository, repository.store.write(data)))


def _not_empty(call: Call) -> Repository:
    """The repository, which takes git objects only when it has a commit."""
    repository = call.repository(role="write")
    if not repository.store.references():
        raise RefusalError(409, "Git Repository is empty.")
    return repository


def _blob(call: Call, repository: Repository, oid: str) -> dict[str, Any]:
    return {"sha": oid, "url": f"{call.shapes.api}/repos/{repository.full_name}/git/blobs/{oid}"}


def decoded(content: str) -> bytes:
    """The bytes of base64 text."""
    try:
        return base64.b64decode(content, validate=False)
    except binascii.Error as error:
        raise RefusalError(422, "content is not valid Base64") from error


@route("GET", _GIT + "/trees/{tree_sha}", "contents=read")
def get_tree(call: Call) -> Answer:
    """A tree, with what is below it when asked."""
    repository = call.repository()
    name = call.params["tree_sha"]
    found = repository.store.attempt("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{tree}}")
    if found[0]:
        raise RefusalError(404, "Not Found")
    oid = found[1].decode().strip()
    entries = repository.store.entries(oid, recursive="recursive" in call.query)
    most = call.world.listed_entries
    return Answer(200, call.shapes.tree(repository, oid, entries[:most]) | {"truncated": len(entries) > most})


@route("POST", _GIT + "/trees", "contents=write")
def create_tree(call: Call) -> Answer:
    """Write a tree: entries are given by id or by content; an id of `null` removes one."""
    repository = _not_empty(call)
    store = repository.store
    changes = []
    for entry in call.body["tree"]:
        if "content" in entry:
            oid = store.write(str(entry["content"]).encode())
        else:
            oid = entry.get("sha") or ZERO
            if oid != ZERO and store.kind(oid) is None:
                raise RefusalError(422, "tree.sha does not exist")
        changes.append((str(entry["mode"]), oid, str(entry["path"])))
    base = call.body.get("base_tree")
    oid = store.write_tree(base, changes)
    return Answer(201, call.shapes.tree(repository, oid, store.entries(oid)))


@route("GET", _GIT + "/commits/{commit_sha}", "contents=read")
def get_git_commit(call: Call) -> Answer:
    """One commit."""
    repository = call.repository()
    facts = repository.store.commit_facts(call.params["commit_sha"])
    if facts is None:
        raise RefusalError(404, "Not Found")
    return Answer(200, call.shapes.git_commit(repository, facts))


@route("POST", _GIT + "/commits", "contents=write")
def create_git_commit(call: Call) -> Answer:
    """Write a commit."""
    repository = call.repository(role="write")
    store = repository.store
    if store.kind(call.text("tree")) != "tree":
        raise RefusalError(422, "Tree SHA does not exist")
    parents = [str(parent) for parent in call.body.get("parents", ())]
    if any(store.kind(parent) != "commit" for parent in parents):
        raise RefusalError(422, "Parent SHA does not exist or is not a commit object")
    author = _person(call, "author")
    committer = _person(call, "committer") if "committer" in call.body else author
    # GitHub signs what an app commits in its own name.
    signed = call.token is not None and call.token.installation is not None and "author" not in call.body
    made = store.write_commit(call.text("tree"), parents, call.text("message"), author, committer, signed=signed)
    facts = store.commit_facts(made)
    if facts is None:
        raise RefusalError(500, "Server Error")
    return Answer(201, call.shapes.git_commit(repository, facts))


def _person(call: Call, role: str) -> Person:
    given = call.body.get(role) or {}
    at = datetime.fromisoformat(given["date"]) if given.get("date") else call.world.now()
    return Person(given.get("name", call.login), given.get("email", f"{call.login}@users.noreply.example"), at)


@route("GET", _FILE, "contents=read")
def get_content(call: Call) -> Answer:
    """A file, or the entries of a folder."""
    repository = call.repository()
    ref, path = call.query.get("ref", repository.default_branch), call.params["path"].strip("/")
    commit = call.commit(repository, ref)
    entry = repository.store.entry(commit, path)
    if entry is None:
        raise RefusalError(404, "Not Found")
    shape = call.shapes.content(repository, ref, entry)
    if entry.kind == "tree":
        below = repository.store.entries(f"{commit}:{path}")
        items = [(item, f"{path}/{item.path}") for item in below]
        return Answer(200, [call.shapes.content(repository, ref, replace(item, path=full)) for item, full in items])
    data = repository.store.read(entry.id)
    if shape["type"] == "symlink":
        return Answer(200, shape | {"target": data.decode(errors="replace")})
    return Answer(200, shape | {"content": base64.encodebytes(data).decode(), "encoding": "base64"})


@route("PUT", _FILE, "contents=write")
def put_content(call: Call) -> Answer:
    """Write one file as one commit."""
    return _write_file(call, decoded(call.text("content")))


@route("DELETE", _FILE, "contents=write")
def delete_content(call: Call) -> Answer:
    """Remove one file as one commit."""
    return _write_file(call, None)


def _write_file(call: Call, data: bytes | None) -> Answer:
    repository = call.repository(role="write")
    store, path = repository.store, call.params["path"]
    branch = call.text("branch", repository.default_branch)
    check_protection(repository, branch)
    tip = store.tip(branch)
    if tip is None and store.references():
        raise RefusalError(404, f"Branch {branch} not found")
    entry = store.entry(tip, path) if tip else None
    if entry and call.text("sha") != entry.id:
        raise (
            RefusalError(409, f"{path} does not match {call.text('sha')}")
            if call.text("sha")
            else invalid("File", "sha")
        )
    if data is None and entry is None:
        raise RefusalError(404, "Not Found")
    oid = ZERO if data is None else store.write(data)
    tree = store.write_tree(tip, [(entry.mode if entry else "100644", oid, path)])
    author = _person(call, "author")
    commit = store.write_commit(tree, [tip] if tip else [], call.text("message"), author, author)
    store.move(f"refs/heads/{branch}", commit, tip)
    refresh(call.world, repository)
    facts, written = store.commit_facts(commit), store.entry(commit, path)
    content = call.shapes.content(repository, branch, written) if written else None
    shown = call.shapes.git_commit(repository, facts) if facts else None
    return Answer(201 if entry is None else 200, {"content": content, "commit": shown})


@route("GET", _REPO + "/branches", "contents=read")
def list_branches(call: Call) -> Answer:
    """List branches."""
    repository = call.repository()
    tips = sorted(repository.store.references().items())
    page, headers = call.page(tips)
    base = f"{call.shapes.api}/repos/{repository.full_name}/commits"
    names = [(name.removeprefix("refs/heads/"), oid) for name, oid in page]
    shown = [
        {"name": name, "commit": {"sha": oid, "url": f"{base}/{oid}"}, "protected": bool(repository.protection(name))}
        for name, oid in names
    ]
    return Answer(200, shown, headers)


@route("GET", _REPO + "/branches/{branch}", "contents=read")
def get_branch(call: Call) -> Answer:
    """One branch."""
    repository = call.repository()
    name = call.params["branch"]
    tip = repository.store.tip(name)
    facts = repository.store.commit_facts(tip) if tip else None
    if facts is None:
        raise RefusalError(404, "Branch not found")
    url = f"{call.shapes.api}/repos/{repository.full_name}/branches/{quote(name)}"
    links = {"self": url, "html": f"{call.shapes.web}/{repository.full_name}/tree/{quote(name)}"}
    protected = bool(repository.protection(name))
    protection = {"enabled": protected, "required_status_checks": {
        "enforcement_level": "off", "contexts": [], "checks": [],
    }}  # fmt: skip
    return Answer(200, {
        "name": name, "commit": call.shapes.commit(repository, facts), "_links": links, "protected": protected,
        "protection": protection, "protection_url": f"{url}/protection",
    })  # fmt: skip


@route("GET", _REPO + "/compare/{basehead}", "contents=read")
def compare(call: Call) -> Answer:
    """What two commits have that the other has not; as a diff when the request accepts one."""
    repository = call.repository()
    base, dots, head = call.params["basehead"].partition("...")
    if not dots:
        raise RefusalError(404, "Not Found")
    one, other, store = call.commit(repository, base), call.commit(repository, head), repository.store
    start = store.merge_base(one, other)
    if start is None:
        raise RefusalError(404, f"No common ancestor between {base} and {head}.")
    if "diff" in call.accept:
        return Answer(200, store.diff(start, other), content_type="application/vnd.github.diff; charset=utf-8")
    ahead, behind = store.commits(one, other), store.commits(other, one)
    status = {(0, 0): "identical", (1, 0): "ahead", (0, 1): "behind"}.get((min(len(ahead), 1), min(len(behind), 1)))
    facts = {oid: store.commit_facts(oid) for oid in (one, start, *ahead)}
    shown = {oid: call.shapes.commit(repository, found) for oid, found in facts.items() if found}
    url, page = f"{call.shapes.api}/repos/{repository.full_name}/compare", f"{call.shapes.web}/{repository.full_name}"
    link = f"{page}/compare/{one}...{other}"
    return Answer(200, {
        "url": f"{url}/{one}...{other}", "html_url": link, "permalink_url": link, "diff_url": f"{link}.diff",
        "patch_url": f"{link}.patch", "base_commit": shown[one], "merge_base_commit": shown[start],
        "status": status or "diverged", "ahead_by": len(ahead), "behind_by": len(behind),
        "total_commits": len(ahead), "commits": [shown[oid] for oid in ahead],
        "files": [call.shapes.file_change(repository, other, change) for change in store.changes(start, other)],
    })  # fmt: skip
