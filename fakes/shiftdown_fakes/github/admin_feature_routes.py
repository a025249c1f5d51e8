"""What a repository has besides its files: deploy keys, pages, webhooks, autolinks, labels of issues."""

from typing import Any

from shiftdown_fakes.github.model import Repository
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer

_REPO = "/repos/{owner}/{repo}"
_HIDDEN = "********"


@route("GET", _REPO + "/keys", "administration=read")
def list_keys(call: Call) -> Answer:
    """Deploy keys."""
    page, headers = call.page(call.repository(role="admin").administered.keys)
    return Answer(200, list(page), headers)


@route("POST", _REPO + "/keys", "administration=write", creates=True)
def add_key(call: Call) -> Answer:
    """Add a deploy key; a key belongs to one repository."""
    repository, given = call.repository(role="admin"), call.text("key").split()
    if len(given) < 2 or not given[0].startswith(("ssh-", "ecdsa-", "sk-")):
        raise invalid(
            "PublicKey", "key", "custom", "key is invalid. You must supply a key in OpenSSH public key format"
        )
    key = " ".join(given[:2])
    if any(known["key"] == key for other in call.world.repositories.values() for known in other.administered.keys):
        raise invalid("PublicKey", "key", "custom", "key is already in use")
    number = call.world.number()
    made = {
        "id": number, "key": key, "url": f"{call.shapes.api}/repos/{repository.full_name}/keys/{number}",
        "title": call.text("title"), "verified": True, "created_at": iso(call.world.now()),
        "read_only": bool(call.body.get("read_only")),
    }  # fmt: skip
    repository.administered.keys.append(made)
    return Answer(201, made)


@route("GET", _REPO + "/pages", "pages=read")
def get_pages(call: Call) -> Answer:
    """How pages are made."""
    repository = call.repository()
    if repository.administered.pages is None:
        raise RefusalError(404, "Not Found")
    return Answer(200, _pages(call, repository, repository.administered.pages))


@route("POST", _REPO + "/pages", "pages=write", creates=True)
def enable_pages(call: Call) -> Answer:
    """Publish pages."""
    repository = call.repository(role="maintain")
    if repository.administered.pages is not None:
        raise RefusalError(409, "GitHub Pages is already enabled.")
    repository.administered.pages = _wanted_pages(call, repository)
    return Answer(201, _pages(call, repository, repository.administered.pages))


@route("PUT", _REPO + "/pages", "pages=write")
def edit_pages(call: Call) -> Answer:
    """Change how pages are made."""
    repository = call.repository(role="maintain")
    if repository.administered.pages is None:
        raise RefusalError(404, "Not Found")
    repository.administered.pages = _wanted_pages(call, repository)
    return Answer(204)


def _wanted_pages(call: Call, repository: Repository) -> dict[str, Any]:
    source = call.body.get("source") or {"branch": repository.default_branch}
    build = call.text("build_type", "legacy")
    if build == "legacy" and repository.store.tip(source["branch"]) is None:
        raise RefusalError(422, f"The {source['branch']} branch must exist before GitHub Pages can be built.")
    return {"build_type": build, "source": {"path": "/"} | source}


def _pages(call: Call, repository: Repository, pages: dict[str, Any]) -> dict[str, Any]:
    return pages | {
        "url": f"{call.shapes.api}/repos/{repository.full_name}/pages", "status": None, "cname": None,
        "custom_404": False, "public": not repository.private,
        "html_url": f"{call.shapes.web}/pages/{repository.full_name}/",
    }  # fmt: skip


@route("GET", _REPO + "/hooks", "repository_hooks=read")
def list_hooks(call: Call) -> Answer:
    """Webhooks; their secrets are not shown."""
    repository = call.repository(role="admin")
    page, headers = call.page(repository.administered.hooks)
    return Answer(200, [_hook(call, repository, hook) for hook in page], headers)


@route("POST", _REPO + "/hooks", "repository_hooks=write", creates=True)
def add_hook(call: Call) -> Answer:
    """Add a webhook; the very same one is refused."""
    repository, config = call.repository(role="admin"), dict(call.body["config"])
    for hook in repository.administered.hooks:
        if hook["config"]["url"] == config["url"] and set(hook["events"]) & set(call.body["events"]):
            raise invalid("Hook", "url", "custom", "Hook already exists on this repository")
    hook = {"id": call.world.number(), "config": config, "created": call.world.now()} | _switches(call)
    repository.administered.hooks.append(hook)
    return Answer(201, _hook(call, repository, hook))


@route("PATCH", _REPO + "/hooks/{hook_id}", "repository_hooks=write")
def edit_hook(call: Call) -> Answer:
    """Change a webhook. A configuration replaces the one that it had, and with it its secret."""
    repository = call.repository(role="admin")
    found = next((h for h in repository.administered.hooks if h["id"] == int(call.params["hook_id"])), None)
    if found is None:
        raise RefusalError(404, "Not Found")
    found |= _switches(call)
    if "config" in call.body:
        found["config"] = dict(call.body["config"])
    return Answer(200, _hook(call, repository, found))


def _switches(call: Call) -> dict[str, Any]:
    return {"events": list(call.body.get("events", ["push"])), "active": bool(call.body.get("active", True))}


def _hook(call: Call, repository: Repository, hook: dict[str, Any]) -> dict[str, Any]:
    url, at = f"{call.shapes.api}/repos/{repository.full_name}/hooks/{hook['id']}", iso(hook["created"])
    config = hook["config"] | ({"secret": _HIDDEN} if "secret" in hook["config"] else {})
    return {
        "type": "Repository", "id": hook["id"], "name": "web", "active": hook["active"], "events": hook["events"],
        "config": config, "created_at": at, "updated_at": at, "url": url, "test_url": f"{url}/test",
        "ping_url": f"{url}/pings", "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": None, "status": "unused", "message": None},
    }  # fmt: skip


@route("GET", _REPO + "/autolinks", "administration=read")
def list_autolinks(call: Call) -> Answer:
    """Autolinks, all of them."""
    return Answer(200, call.repository(role="admin").administered.autolinks)


@route("POST", _REPO + "/autolinks", "administration=write", creates=True)
def add_autolink(call: Call) -> Answer:
    """Add an autolink."""
    links, prefix, target = call.repository(role="admin").administered.autolinks, call.text("key_prefix"), call.body
    if "<num>" not in target["url_template"]:
        raise invalid("KeyLink", "url_template", "custom", "url_template is missing a <num> token")
    if any(link["key_prefix"] == prefix for link in links):
        raise invalid("KeyLink", "key_prefix", "already_exists")
    made = {
        "id": call.world.number(), "key_prefix": prefix, "url_template": target["url_template"],
        "is_alphanumeric": bool(target.get("is_alphanumeric", True)),
    }  # fmt: skip
    links.append(made)
    return Answer(201, made)


@route("POST", _REPO + "/issues/{issue_number}/labels", "issues=write")
def add_labels(call: Call) -> Answer:
    """Add labels to an issue or pull request; those that do not exist are made."""
    repository = call.repository(role="triage", writes=True)
    issue = call.issue(repository)
    names = [call.world.label(repository, str(name)).name for name in call.body["labels"]]
    issue.labels += [name for name in dict.fromkeys(names) if name not in issue.labels]
    call.world.touch(issue)
    return Answer(200, [call.shapes.label(repository, name) for name in issue.labels])
