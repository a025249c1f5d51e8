"""Records as GitHub's REST API shows them. What the fake does not know is empty, as the contract allows."""

import base64
from typing import Any
from urllib.parse import quote

from shiftdown_fakes.github.model import Check, Comment, Issue, Milestone, Pull, Repository, Review, Team
from shiftdown_fakes.github.pulls import iso, merge_state, mergeable
from shiftdown_fakes.github.repository_shapes import RepositoryShapes


def node_id(kind: str, number: int) -> str:
    """The global id of a record."""
    return base64.b64encode(f"{kind}:{number}".encode()).decode()


class Shapes(RepositoryShapes):
    """Builds the JSON of everything that is not a repository or git data."""

    def team(self, team: Team) -> dict[str, Any]:
        """A team."""
        url = f"{self.api}/organizations/{team.organization}/team/{team.id}"
        return {
            "id": team.id, "node_id": node_id("Team", team.id), "url": url, "members_url": f"{url}/members{{/member}}",
            "name": team.slug, "description": None, "permission": "push", "slug": team.slug, "type": "organization",
            "html_url": f"{self.web}/orgs/{team.organization}/teams/{team.slug}",
            "repositories_url": f"{url}/repos", "privacy": "closed", "parent": None,
        }  # fmt: skip

    def label(self, repository: Repository, name: str) -> dict[str, Any]:
        """A label."""
        label = repository.labels[name]
        url = f"{self.api}/repos/{repository.full_name}/labels/{quote(name, safe='')}"
        return {
            "id": label.id, "node_id": node_id("Label", label.id), "url": url, "name": name, "description": "",
            "color": "ededed", "default": False,
        }  # fmt: skip

    def milestone(self, repository: Repository, milestone: Milestone) -> dict[str, Any]:
        """A milestone."""
        url = f"{self.api}/repos/{repository.full_name}/milestones/{milestone.number}"
        of = [issue for issue in repository.issues.values() if issue.milestone == milestone.number]
        return {
            "url": url, "labels_url": f"{url}/labels", "id": milestone.id,
            "html_url": f"{self.web}/{repository.full_name}/milestone/{milestone.number}",
            "node_id": node_id("Milestone", milestone.id), "number": milestone.number, "title": milestone.title,
            "description": None, "creator": self.user(milestone.creator), "state": "open", "due_on": None,
            "open_issues": sum(issue.state == "open" for issue in of), "closed_at": None,
            "closed_issues": sum(issue.state == "closed" for issue in of),
            "created_at": iso(milestone.created), "updated_at": iso(milestone.created),
        }  # fmt: skip

    def comment(self, repository: Repository, issue: Issue, comment: Comment) -> dict[str, Any]:
        """A comment."""
        url = f"{self.api}/repos/{repository.full_name}/issues"
        return {
            "id": comment.id, "node_id": node_id("IssueComment", comment.id), "url": f"{url}/comments/{comment.id}",
            "html_url": f"{self._page(repository, issue)}#issuecomment-{comment.id}",
            "issue_url": f"{url}/{issue.number}", "user": self.user(comment.author), "body": comment.body,
            "created_at": iso(comment.created), "updated_at": iso(comment.created),
            "author_association": self._association(repository, comment.author),
        }  # fmt: skip

    def issue(self, repository: Repository, issue: Issue) -> dict[str, Any]:
        """An issue, or a pull request as one."""
        url = f"{self.api}/repos/{repository.full_name}/issues/{issue.number}"
        page = self._page(repository, issue)
        shape = self._common(repository, issue) | {
            "url": url, "repository_url": f"{self.api}/repos/{repository.full_name}", "html_url": page,
            "labels_url": f"{url}/labels{{/name}}", "comments_url": f"{url}/comments", "events_url": f"{url}/events",
            "node_id": node_id("Issue", issue.id), "comments": len(issue.comments), "state_reason": None,
        }  # fmt: skip
        if isinstance(issue, Pull):
            pull = f"{self.api}/repos/{repository.full_name}/pulls/{issue.number}"
            links = {"url": pull, "html_url": page, "diff_url": f"{page}.diff", "patch_url": f"{page}.patch"}
            shape["pull_request"] = links | {"merged_at": iso(issue.merged)}
        return shape

    def pull(self, repository: Repository, pull: Pull) -> dict[str, Any]:
        """A pull request with everything."""
        store = repository.store
        start = store.merge_base(pull.base_tip, pull.head) or pull.base_tip
        changes = store.changes(start, pull.head)
        return self.pull_simple(repository, pull) | {
            "merged": pull.merged is not None,
            "mergeable": mergeable(repository, pull) if pull.state == "open" else None,
            "mergeable_state": merge_state(repository, pull) if pull.state == "open" else "unknown",
            "rebaseable": None,
            "merged_by": self.user(pull.merged_by) if pull.merged_by else None,
            "comments": len(pull.comments),
            "review_comments": 0,
            "maintainer_can_modify": pull.head_repository is not repository,
            "commits": len(store.commits(pull.base_tip, pull.head)),
            "additions": sum(change.additions for change in changes),
            "deletions": sum(change.deletions for change in changes),
            "changed_files": len(changes),
        }

    def pull_simple(self, repository: Repository, pull: Pull) -> dict[str, Any]:
        """A pull request as in lists."""
        url = f"{self.api}/repos/{repository.full_name}/pulls/{pull.number}"
        issue = f"{self.api}/repos/{repository.full_name}/issues/{pull.number}"
        statuses = f"{self.api}/repos/{repository.full_name}/statuses/{pull.head}"
        page = self._page(repository, pull)
        links = {
            "self": url, "html": page, "issue": issue, "comments": f"{issue}/comments",
            "review_comments": f"{url}/comments", "commits": f"{url}/commits", "statuses": statuses,
            "review_comment": f"{self.api}/repos/{repository.full_name}/pulls/comments{{/number}}",
        }  # fmt: skip
        auto = pull.auto_merge and {
            "enabled_by": self.user(pull.auto_merge_by or pull.author), "merge_method": pull.auto_merge,
            "commit_title": pull.title, "commit_message": pull.body,
        }  # fmt: skip
        return self._common(repository, pull) | {
            "url": url, "node_id": node_id("PullRequest", pull.id), "html_url": page, "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch", "issue_url": issue, "commits_url": links["commits"],
            "review_comments_url": links["review_comments"], "review_comment_url": links["review_comment"],
            "comments_url": links["comments"], "statuses_url": statuses, "merged_at": iso(pull.merged),
            "merge_commit_sha": pull.merge_commit, "draft": pull.draft, "auto_merge": auto or None,
            "requested_reviewers": [self.user(login) for login in pull.reviewers],
            "requested_teams": [self.team(self.world.teams[repository.owner.lower(), t]) for t in pull.team_reviewers],
            "head": self._side(pull.head_repository, pull.branch, pull.head),
            "base": self._side(repository, pull.base, pull.base_tip),
            "_links": {name: {"href": link} for name, link in links.items()},
        }  # fmt: skip

    def review(self, repository: Repository, pull: Pull, review: Review) -> dict[str, Any]:
        """A review."""
        url = f"{self.api}/repos/{repository.full_name}/pulls/{pull.number}"
        page = f"{self._page(repository, pull)}#pullrequestreview-{review.id}"
        return {
            "id": review.id, "node_id": node_id("PullRequestReview", review.id), "user": self.user(review.author),
            "body": review.body, "state": review.state, "html_url": page, "pull_request_url": url,
            "_links": {"html": {"href": page}, "pull_request": {"href": url}},
            "submitted_at": iso(review.submitted), "commit_id": review.commit,
            "author_association": self._association(repository, review.author),
        }  # fmt: skip

    def status(self, repository: Repository, check: Check) -> dict[str, Any]:
        """A commit status."""
        return {
            "url": f"{self.api}/repos/{repository.full_name}/statuses/{check.commit}", "id": check.id,
            "node_id": node_id("StatusContext", check.id), "state": check.conclusion, "context": check.name,
            "description": check.description, "target_url": None, "creator": self.user(check.creator),
            "avatar_url": f"{self.web}/images/u/{check.creator}.png",
            "created_at": iso(check.created), "updated_at": iso(check.created),
        }  # fmt: skip

    def combined_status(self, repository: Repository, commit: str) -> dict[str, Any]:
        """All statuses of a commit; check runs are not among them."""
        url = f"{self.api}/repos/{repository.full_name}/commits/{commit}"
        last = {check.name: check for check in repository.checks if check.commit == commit and not check.run}
        states = [check.conclusion for check in last.values()]
        bad = any(state in ("failure", "error") for state in states)
        good = bool(states) and all(state == "success" for state in states)
        keys = ("url", "avatar_url", "id", "node_id", "state", "description", "target_url", "context", "created_at",
                "updated_at")  # fmt: skip
        return {
            "state": "failure" if bad else "success" if good else "pending", "sha": commit,
            "total_count": len(last), "repository": self.repository_minimal(repository), "commit_url": url,
            "url": f"{url}/status",
            "statuses": [{key: self.status(repository, c)[key] for key in keys} for c in last.values()],
        }  # fmt: skip

    def check_run(self, repository: Repository, check: Check) -> dict[str, Any]:
        """A check run."""
        url = f"{self.api}/repos/{repository.full_name}/check-runs/{check.id}"
        page = f"{self.web}/{repository.full_name}/runs/{check.id}"
        done = check.status == "completed"
        output = {"title": None, "summary": check.description, "text": None, "annotations_count": 0}
        return {
            "id": check.id, "node_id": node_id("CheckRun", check.id), "head_sha": check.commit, "name": check.name,
            "external_id": "", "url": url, "html_url": page, "details_url": page, "status": check.status,
            "conclusion": check.conclusion if done else None, "started_at": iso(check.created),
            "completed_at": iso(check.created) if done else None, "check_suite": {"id": check.id}, "app": None,
            "output": output | {"annotations_url": f"{url}/annotations"}, "pull_requests": [],
        }  # fmt: skip

    def _common(self, repository: Repository, issue: Issue) -> dict[str, Any]:
        """What issues and pull requests share."""
        milestone = repository.milestones.get(issue.milestone or 0)
        assignees = [self.user(login) for login in issue.assignees]
        return {
            "id": issue.id, "number": issue.number, "state": issue.state, "locked": False, "title": issue.title,
            "user": self.user(issue.author), "body": issue.body, "labels": [
                self.label(repository, name) for name in issue.labels
            ], "milestone": self.milestone(repository, milestone) if milestone else None,
            "active_lock_reason": None, "created_at": iso(issue.created), "updated_at": iso(issue.updated),
            "closed_at": iso(issue.closed), "assignee": assignees[0] if assignees else None, "assignees": assignees,
            "author_association": self._association(repository, issue.author),
        }  # fmt: skip

    def _side(self, repository: Repository, branch: str, commit: str) -> dict[str, Any]:
        return {
            "label": f"{repository.owner}:{branch}", "ref": branch, "sha": commit,
            "user": self.user(repository.owner), "repo": self.repository(repository),
        }  # fmt: skip

    def _association(self, repository: Repository, login: str) -> str:
        if login == repository.owner:
            return "OWNER"
        return "COLLABORATOR" if login in repository.roles else "NONE"

    def _page(self, repository: Repository, issue: Issue) -> str:
        kind = "pull" if isinstance(issue, Pull) else "issues"
        return f"{self.web}/{repository.full_name}/{kind}/{issue.number}"
