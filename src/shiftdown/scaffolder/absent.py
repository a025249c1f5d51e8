"""What a dry-run leaves out where Backstage's does, when it is asked to skip what cannot run.

A template often uses what such an action gives, a repository's URL say, in the files that it writes afterwards. A
dry-run that skips goes on with the same values as Backstage's own: example values.
"""

SKIPPED = frozenset(
    {
        "fetch:cookiecutter",
        "github:actions:dispatch",
        "github:autolinks:create",
        "github:branch-protection:create",
        "github:deployKey:create",
        "github:environment:create",
        "github:issues:label",
        "github:pages:enable",
        "github:repo:create",
        "github:repo:push",
        "gitlab:group:migrate",
        "gitlab:issue:edit",
        "gitlab:issues:create",
        "gitlab:pipeline:trigger",
        "gitlab:projectAccessToken:create",
        "gitlab:projectDeployToken:create",
        "gitlab:projectVariable:create",
        "gitlab:repo:push",
        "gitlab:user:info",
        "publish:github",
        "publish:gitlab",
        "publish:gitlab:merge-request",
    }
)
"""Actions that are installed, but that Backstage's dry-run skips: a dry-run that skips does so, too."""
