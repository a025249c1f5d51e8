"""Work on an organisation of GitHub with the library, tried on a fake one: `python examples/organisation.py`.

Two services get a pipeline. One change request is merged, GitHub tells so by its webhook, and the check that was
failing runs again. Leave out the fake, set `SHIFTDOWN_GITHUB_TOKEN`, and the same lines work on github.com.
Needs the distribution `shiftdown-fakes` of this repository (`pip install ./fakes`).
"""

import os
import tempfile
from pathlib import Path

from shiftdown import Identity, Selection, Shiftdown
from shiftdown_fakes import FakeGitHub
from shiftdown_fakes.github.webhooks import Webhook

SECRET = "hush"  # in earnest, a long random text that GitHub knows, too
FILES = {"package.json": '{"name": "app", "scripts": {"test": "node --test"}}\n', "app.test.js": ""}


def main() -> None:
    """Select, run, merge, and be told."""
    with tempfile.TemporaryDirectory() as folder, FakeGitHub(Path(folder) / "github") as github:
        for name in ("orders", "billing", "attic"):
            github.commit(github.world.add_repository(f"acme/{name}"), "main", FILES)
        github.repository("acme/attic").archived = True
        os.environ |= {
            "SHIFTDOWN_GITHUB_URL": github.url,
            "SHIFTDOWN_GITHUB_TOKEN": github.world.add_token("acme").value,
            "SHIFTDOWN_GITHUB_WEBHOOK_SECRET": SECRET,
        }
        author = Identity(name="Ada Example", email="ada@example.org")
        with Shiftdown.open(f"sqlite:///{folder}/registry.db", author=author) as sd:
            work(sd, github)


def work(sd: Shiftdown, github: FakeGitHub) -> None:
    """What a platform team does."""
    found = [repository.location for repository in sd.select(Selection(owner="acme", has_files=("package.json",)))]
    program = sd.programs.start(
        playbook="cicd-automation", name="Tests everywhere", organization="acme", repositories=found
    )
    for result in sd.run(program.phases[0]):
        print(f"{result.repository.rpartition('/')[2]}: {result.type}: {result.outcome}")
    change = next(request for request in sd.change_requests.list() if request.repository.endswith("/orders"))
    print(f"{change.title}: {change.url.removeprefix(github.url)}")
    webhook = Webhook(github, github.repository("acme/orders"), SECRET)
    webhook.deliveries()
    sd.change_requests.merge(change.id)
    for delivery in webhook.deliveries():  # in earnest, `shiftdown serve` takes them
        sd.webhooks.receive(github.url.partition("://")[2], delivery.headers, delivery.body)
    sd.webhooks.follow()
    for record in sd.programs.get(program.id).phases[0].transformations:
        if record.change_request_id:
            print(f"{record.repository.rpartition('/')[2]}: {record.transformation_type}: {record.status}")


if __name__ == "__main__":
    main()
