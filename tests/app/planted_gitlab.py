"""The part of the life that is on GitLab."""

from functools import partial

from pydantic import SecretStr

from shiftdown import Shiftdown
from shiftdown.forges.gitlab import GitLabForge, GitLabSettings
from shiftdown_fakes.faults import Fault, Injector
from shiftdown_fakes.gitlab import FakeGitLab

from .planted_life import TOKEN, WRONG_TOKEN, Life

GITLAB_TOKEN = "glpat-Pl4nted+T0ken/of=GitLab"


def on_gitlab(life: Life) -> None:
    """Run, comment, merge; and errors at every request, with a token that is right, and one that is wrong."""
    with FakeGitLab(life.traces.folder / "gitlab") as gitlab:
        project = gitlab.world.add_project("acme/platform/orders", owner="ada", private=True)
        gitlab.commit(project, "main", {"README.md": "hello\n"})
        gitlab.world.add_token("ada", value=GITLAB_TOKEN)
        url = f"{gitlab.url}/{project.path}"
        life.patch.setenv("SHIFTDOWN_GITLAB_URL", gitlab.url)
        life.patch.setenv("SHIFTDOWN_GITLAB_TOKEN", GITLAB_TOKEN)
        with life.opened(TOKEN) as sd:
            life.traces.statuses.append(f"gitlab {life.run(sd, url)}")
            (change,) = sd.change_requests.list(repository=url)
            sd.change_requests.comment(change.id, "Tried: works")
            _goes_wrong(life, sd, gitlab, url)
            life.traces.statuses.append(f"gitlab {sd.change_requests.merge(change.id).status}")
        wrong = GitLabForge(GitLabSettings(url=gitlab.url, token=SecretStr(WRONG_TOKEN)))
        life.failed(lambda: wrong.get(url, 1))
        wrong.disconnect()


def _always(fault: Fault) -> Injector:
    return lambda method, path: fault


def _goes_wrong(life: Life, sd: Shiftdown, gitlab: FakeGitLab, url: str) -> None:
    (change,) = sd.change_requests.list(repository=url)
    faults = [Fault.lost_before(), Fault.lost_after(), Fault.cut(), Fault.answers(502)]
    faults += [Fault.answers(status, f"no {status}") for status in (401, 403, 404, 409, 422, 429)]
    for fault in faults:
        gitlab.inject = _always(fault)
        for call in (sd.change_requests.get, sd.change_requests.diff, sd.change_requests.merge):
            life.failed(partial(call, change.id))
        life.traces.statuses.append(f"gitlab {life.run(sd, url)}")
    gitlab.inject = lambda method, path: None
