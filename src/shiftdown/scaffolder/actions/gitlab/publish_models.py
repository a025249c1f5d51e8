"""What `publish:gitlab` takes and gives."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shiftdown.scaffolder.action import ActionModel
from shiftdown.scaffolder.actions.gitlab.common import Number, OnHost

Visibility = Literal["private", "public", "internal"]
"""Who sees a project."""


class _AsGitLab(BaseModel):
    """A model with GitLab's own names, which have underscores in templates, too."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ProjectSettings(_AsGitLab):
    """Settings of a new project; what is not given is as GitLab has it."""

    name: str = ""
    """Its name for people; default the one in `repoUrl`."""
    path: str = ""
    """Its part of the address; default the name in `repoUrl`."""
    auto_devops_enabled: bool = False
    """Whether Auto DevOps is on."""
    ci_config_path: str = ""
    """Where its pipeline is described, if not in `.gitlab-ci.yml`."""
    description: str = ""
    """What it says about itself."""
    merge_method: Literal["merge", "rebase_merge", "ff"] = "merge"
    """How merge requests are merged."""
    squash_option: Literal["default_off", "default_on", "never", "always"] = "default_off"
    """Whether their commits become one."""
    topics: tuple[str, ...] = ()
    """Topics."""
    visibility: Visibility = "private"
    """Who sees it."""
    only_allow_merge_if_all_discussions_are_resolved: bool = False
    """Whether all discussions must be resolved before a merge."""
    only_allow_merge_if_pipeline_succeeds: bool = False
    """Whether the pipeline must succeed before a merge."""
    allow_merge_on_skipped_pipeline: bool = False
    """Whether a pipeline that was skipped counts as one that succeeded."""


class Branch(_AsGitLab):
    """A branch beside the default one, or the protection of one."""

    name: str
    """Its name; of those to protect also a pattern, `release-*`."""
    protect: bool = False
    """Whether it is protected."""
    create: bool = False
    """Whether it is made."""
    ref: str = ""
    """The branch where a new one begins; default the default branch."""


class Variable(_AsGitLab):
    """A CI/CD variable of the project."""

    key: str = Field(pattern=r"^[A-Za-z0-9_]{1,255}$")
    """Its name."""
    value: str
    """Its value."""
    description: str = ""
    """What it is for."""
    variable_type: Literal["env_var", "file"] = "env_var"
    """`env_var`, or `file`: jobs find the value in a file."""
    protected: bool = False
    """Whether only jobs of protected branches and tags get it."""
    masked: bool = False
    """Whether it is masked in the logs of jobs."""
    masked_and_hidden: bool = False
    """Whether it is masked, and never shown again."""
    raw: bool = False
    """Whether `$` in it is only a character."""
    environment_scope: str = "*"
    """The environments whose jobs get it."""


class PublishGitLabInput(OnHost):
    """The project that is to be made, and what of."""

    repo_visibility: Visibility = "private"
    """Who sees it; better say `settings.visibility`."""
    default_branch: str = "master"
    """Its default branch."""
    git_commit_message: str = "initial commit"
    """Message of the commit."""
    git_author_name: str = ""
    """Name of who commits; default the operator's."""
    git_author_email: str = ""
    """E-mail address of who commits; default the operator's."""
    sign_commit: bool = False
    """Whether the commit is signed; there is no key to sign with here, so that true is an error."""
    source_path: str | bool = True
    """Folder of the workspace that is published, without what git ignores; true means all of it, false makes a project
    without a commit."""
    skip_existing: bool = False
    """Whether a project that exists already is left as it is, instead of an error."""
    set_user_as_owner: bool = False
    """Whether the user of `token` becomes an owner, by means of the token that is configured for the host."""
    owner_username: str = ""
    """User who becomes an owner, by means of the token that is configured for the host."""
    topics: tuple[str, ...] = ()
    """Topics; better say `settings.topics`."""
    settings: ProjectSettings = ProjectSettings()
    """Settings of the project."""
    branches: tuple[Branch, ...] = ()
    """Branches to make or to protect."""
    project_variables: tuple[Variable, ...] = ()
    """CI/CD variables."""


class PublishGitLabOutput(ActionModel):
    """Where it was published."""

    remote_url: str
    """Address of the project."""
    repo_contents_url: str
    """Address of the root of its files."""
    project_id: Number
    """Number of the project; 0 in a dry-run."""
    commit_hash: str
    """The first commit; zeros in a dry-run, not given where none was made."""
    created: bool
    """Whether the project was made."""
