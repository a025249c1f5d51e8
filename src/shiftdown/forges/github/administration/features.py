"""Deploy keys, pages, webhooks, autolinks, issues and runs of workflows."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from shiftdown.errors import InvalidInputError
from shiftdown.forges.github.administration.models import Hook, Opened, WorkflowRun
from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.requesting import surely


class FeaturesPart:
    """What a repository has besides its files."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def add_deploy_key(self, title: str, key: str) -> None:
        """Let a key read and write the repository; one that is there is left alone."""

        def act() -> None:
            doing, path = f"add the deploy key {title}", f"{self._requests.path}/keys"
            known = {" ".join(str(item["key"]).split()[:2]) for item in self._requests.get_pages(doing, path)}
            # GitHub keeps a key without the comment behind it.
            if " ".join(key.split()[:2]) not in known:
                self._requests.send(doing, "POST", path, {"title": title, "key": key, "read_only": False}, creates=True)

        surely(act)

    def enable_pages(self, *, build: str, branch: str, folder: str) -> None:
        """Publish pages, or bring the way in which they are made in line."""

        def act() -> None:
            path, doing = f"{self._requests.path}/pages", "enable pages"
            wanted = {"build_type": build, "source": {"branch": branch, "path": folder}}
            found = self._requests.get(doing, path)
            if found is None:
                self._requests.send(doing, "POST", path, wanted, creates=True)
            # Where workflows make them, the source says nothing.
            elif found["build_type"] != build or (build == "legacy" and found.get("source") != wanted["source"]):
                self._requests.send(doing, "PUT", path, wanted)

        surely(act)

    def add_hook(self, hook: Hook) -> None:
        """Send events to an address; a webhook that does so already is brought in line."""
        config = {
            "url": hook.url,
            "content_type": hook.content_type,
            "insecure_ssl": "1" if hook.insecure_ssl else "0",
        }
        if hook.secret is not None:
            config["secret"] = hook.secret.get_secret_value()
        given = {"config": config, "events": list(hook.events), "active": hook.active}

        def act() -> None:
            path, doing = f"{self._requests.path}/hooks", "add the webhook"
            there = self._requests.get_pages(doing, path)
            found = next((item for item in there if item["config"].get("url") == hook.url), None)
            if found is None:
                self._requests.send(doing, "POST", path, given, creates=True)
            else:
                self._requests.send(doing, "PATCH", f"{path}/{found['id']}", given)

        surely(act)

    def add_autolink(self, prefix: str, template: str, *, alphanumeric: bool) -> None:
        """Make links of references such as `TICKET-1`.

        Raises:
            InvalidInputError: such references lead elsewhere already.
        """
        wanted = {"key_prefix": prefix, "url_template": template, "is_alphanumeric": alphanumeric}

        def act() -> None:
            path, doing = f"{self._requests.path}/autolinks", f"add the autolink {prefix}"
            there = self._requests.get(doing, path) or []
            found = next((item for item in there if item["key_prefix"] == prefix), None)
            if found is None:
                self._requests.send(doing, "POST", path, wanted, creates=True)
            elif any(found[name] != value for name, value in wanted.items()):
                raise InvalidInputError(
                    f"{self._requests.location}: {prefix} leads to {found['url_template']} already; remove that "
                    "autolink, or choose another prefix"
                )

        surely(act)

    def newest_issue(self) -> int:
        """The number of the newest issue or pull request; 0 without any."""
        path = f"{self._requests.path}/issues?state=all&sort=created&direction=desc&per_page=1"
        found = self._requests.get("look at the issues", path) or []
        return int(found[0]["number"]) if found else 0

    def open_issue(self, wanted: Mapping[str, Any], *, since: int) -> Opened:
        """Open an issue, unless the very same one was opened meanwhile.

        Args:
            wanted: title, body, assignees, milestone and labels, as far as they are given.
            since: the number of an issue; later ones are looked at.
        """

        def act() -> Opened:
            doing, path = "open an issue", f"{self._requests.path}/issues"
            found = self._same_issue(doing, path, wanted, since)
            return _opened(found or self._requests.send(doing, "POST", path, wanted, creates=True))

        return surely(act)

    def _same_issue(self, doing: str, path: str, wanted: Mapping[str, Any], since: int) -> Mapping[str, Any] | None:
        newest = self._requests.get(doing, f"{path}?state=all&sort=created&direction=desc&per_page=30") or []
        later = [item for item in newest if item["number"] > since and "pull_request" not in item]
        same = [i for i in later if i["title"] == wanted["title"] and (i["body"] or "") == (wanted.get("body") or "")]
        return same[-1] if same else None

    def add_labels(self, number: int, labels: tuple[str, ...]) -> None:
        """Label an issue or pull request; GitHub makes labels that it does not have. Again: the same."""
        path = f"{self._requests.path}/issues/{number}/labels"
        surely(lambda: self._requests.send(f"label #{number}", "POST", path, {"labels": list(labels)}))

    def newest_run(self, workflow: str) -> int:
        """The number of the newest run of a workflow that was started by hand; 0 without any."""
        return max((int(run["id"]) for run in self._runs(workflow)), default=0)

    def dispatch(
        self, workflow: str, ref: str, inputs: Mapping[str, str], *, since: int, details: bool
    ) -> WorkflowRun | None:
        """Start a workflow on a branch or tag, unless that was done.

        Args:
            workflow: name of its file.
            ref: the branch or tag.
            inputs: its inputs.
            since: the number of a run; a later one on `ref` is taken for the one that was asked for.
            details: whether GitHub is asked which run it is; an old Enterprise Server refuses that.

        Returns:
            The run; `None` where GitHub does not tell.
        """

        def act() -> WorkflowRun | None:
            later = [run for run in self._runs(workflow) if run["id"] > since and run["head_branch"] == ref]
            if later:
                return WorkflowRun(id=later[-1]["id"], url=later[-1]["url"], html_url=later[-1]["html_url"])
            given: dict[str, Any] = {"ref": ref, "inputs": dict(inputs)}
            if details:
                given["return_run_details"] = True
            path = f"{self._workflow(workflow)}/dispatches"
            made = self._requests.send(f"start {workflow}", "POST", path, given, creates=True)
            if not made:
                return None
            return WorkflowRun(id=made["workflow_run_id"], url=made["run_url"], html_url=made["html_url"])

        return surely(act)

    def _runs(self, workflow: str) -> list[Any]:
        path = f"{self._workflow(workflow)}/runs?event=workflow_dispatch&per_page=30"
        answer = self._requests.get(f"look at the runs of {workflow}", path)
        if answer is None:
            raise InvalidInputError(
                f"{self._requests.location}: there is no workflow {workflow}; name a file of .github/workflows that is "
                "on the default branch"
            )
        return list(answer["workflow_runs"])

    def _workflow(self, workflow: str) -> str:
        return f"{self._requests.path}/actions/workflows/{quote(workflow, safe='')}"


def _opened(data: Mapping[str, Any]) -> Opened:
    return Opened(number=data["number"], url=data["html_url"])
