"""Who may do what with a repository: people and teams."""

from typing import Any

from shiftdown_fakes.github.model import Repository, Team
from shiftdown_fakes.github.pulls import iso
from shiftdown_fakes.github.routing import Call, RefusalError, invalid, route
from shiftdown_fakes.serving import Answer

_REPO = "/repos/{owner}/{repo}"
_TEAM = "/orgs/{org}/teams/{team_slug}"
_ROLES = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}


@route("GET", _TEAM, "members=read")
def get_team(call: Call) -> Answer:
    """One team, for those who may see it: accounts of its organisation's makers, and its members."""
    return Answer(200, _full(call, _team(call)))


@route("PUT", _TEAM + "/repos/{owner}/{repo}", "administration=write")
def give_team_a_role(call: Call) -> Answer:
    """Give a team a role in a repository of its organisation."""
    team, repository = _team(call), call.repository(role="admin", writes=True)
    if repository.owner.lower() != team.organization.lower():
        raise RefusalError(422, "The repository is not in the organization of the team")
    repository.administered.teams[team.slug] = _role(call)
    return Answer(204)


@route("PUT", _REPO + "/collaborators/{username}", "administration=write")
def give_person_a_role(call: Call) -> Answer:
    """Give a person a role, or invite who has none yet."""
    repository, login = call.repository(role="admin", writes=True), call.params["username"]
    user = call.world.users.get(login.lower())
    if user is None:
        raise RefusalError(404, "Not Found")
    if user.login.lower() == repository.owner.lower():
        raise invalid("Repository", "owner", "custom", "Repository owner cannot be a collaborator")
    role = _role(call)
    if user.login in repository.roles:
        repository.roles[user.login] = role
        return Answer(204)
    repository.administered.invitations[user.login] = role
    return Answer(201, _invitation(call, repository, user.login, role))


def _role(call: Call) -> str:
    given = call.text("permission", "push")
    if given not in _ROLES:
        raise invalid("Repository", "permission", "custom", f"{given} is not a role of this organization")
    return _ROLES[given]


def _team(call: Call) -> Team:
    found = call.world.teams.get((call.params["org"].lower(), call.params["team_slug"].lower()))
    if found is None or call.token is None:
        raise RefusalError(404, "Not Found")
    return found


def _full(call: Call, team: Team) -> dict[str, Any]:
    """A team with its organisation."""
    organization, now = call.shapes.user(team.organization), iso(call.world.now())
    url = f"{call.shapes.api}/orgs/{team.organization}"
    same = ("login", "id", "node_id", "repos_url", "avatar_url", "html_url")
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    shown = {name: organization[name] for name in same} | counts | {
        "url": url, "events_url": f"{url}/events", "hooks_url": f"{url}/hooks", "issues_url": f"{url}/issues",
        "members_url": f"{url}/members", "public_members_url": f"{url}/public_members", "description": None,
        "has_organization_projects": True, "has_repository_projects": True, "created_at": now, "updated_at": now,
        "archived_at": None, "type": "Organization",
    }  # fmt: skip
    return call.shapes.team(team) | {
        "members_count": len(team.members), "repos_count": 0, "created_at": now, "updated_at": now,
        "organization": shown,
    }  # fmt: skip


def _invitation(call: Call, repository: Repository, login: str, role: str) -> dict[str, Any]:
    number = call.world.number()
    return {
        "id": number, "repository": call.shapes.repository_minimal(repository), "invitee": call.shapes.user(login),
        "inviter": call.shapes.user(call.login), "permissions": role, "created_at": iso(call.world.now()),
        "expired": False, "url": f"{call.shapes.api}/user/repository_invitations/{number}",
        "html_url": f"{call.shapes.web}/{repository.full_name}/invitations", "node_id": str(number),
    }  # fmt: skip
