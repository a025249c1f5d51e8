"""Where an app is installed, by account."""

from shiftdown_fakes.github.routing import Call, RefusalError, route
from shiftdown_fakes.serving import Answer


@route("GET", "/orgs/{org}/installation", None)
def get_organization_installation(call: Call) -> Answer:
    """Where the app that asks is installed in an organisation."""
    return _installation(call, call.params["org"], "Organization")


@route("GET", "/users/{username}/installation", None)
def get_user_installation(call: Call) -> Answer:
    """Where the app that asks is installed in a user's account."""
    return _installation(call, call.params["username"], "User")


def _installation(call: Call, account: str, kind: str) -> Answer:
    user = call.world.users.get(account.lower())
    for installation in call.world.installations.values():
        ours = installation.app.id == call.app and installation.account.lower() == account.lower()
        if ours and user is not None and user.kind == kind:
            return Answer(200, call.shapes.installation(installation))
    raise RefusalError(404, "Not Found")
