"""What a `.gitlab-ci.yml` says."""

from shiftdown.pipelines.existing import PipelineFile, PipelineJob
from shiftdown.pipelines.model import Trigger


class GitLabJob(PipelineJob):
    """A job."""

    stage: str
    """Its stage."""


class GitLabPipeline(PipelineFile):
    """The pipeline of a repository: its file, with the files of the repository that it includes."""

    jobs: tuple[GitLabJob, ...] = ()
    """Its jobs; hidden ones, which others extend, are left out."""
    stages: tuple[str, ...] = ()
    """Its stages, in their order."""
    starts: frozenset[str] = frozenset()
    """What starts it: "merge-request", "branch" (before its merge), and what `Trigger` says of the rest."""

    def starts_for(self, directory: str = "", default_branch: str | None = None) -> bool:
        """See `PipelineFile.starts_for`: rules for changed files are the jobs' own."""
        return bool(self.starts & {"merge-request", "branch"})

    def starts_for_everything(self, default_branch: str | None = None) -> bool:
        """See `PipelineFile.starts_for_everything`."""
        return self.starts_for("", default_branch)

    def starts_on(self, trigger: Trigger) -> bool:
        """See `PipelineFile.starts_on`."""
        return ("merge-request" if trigger is Trigger.CHANGE_REQUEST else trigger.value) in self.starts
