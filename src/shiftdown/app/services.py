"""What the app lends to the actions of templates."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from shiftdown.app.forges import Forges
from shiftdown.app.publishing import ROOT_VARIABLE, LocalPublisher
from shiftdown.git import GitOptions, GitRepository, Identity
from shiftdown.scaffolder.cookiecutter import CookiecutterPolicy
from shiftdown.scaffolder.services import Proposer, Services
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from shiftdown.app.programs import Programs


def services(
    environment: Mapping[str, str],
    *,
    forges: Forges,
    open_repository: Callable[[str], GitRepository],
    author: Callable[[], Identity],
    clock: Callable[[], datetime],
    options: GitOptions,
    programs: Callable[[], "Programs"],
    proposer: Callable[[], Proposer],
) -> Services:
    """All that is lent but `record`, which is another for each task."""
    root = environment.get(ROOT_VARIABLE)
    publisher = LocalPublisher(user_path(root, ROOT_VARIABLE) if root else None, open_repository, options)
    return Services(
        forges=forges,
        author=author,
        clock=clock,
        publisher=publisher,
        proposer=proposer,
        programs=programs,
        cookiecutter=CookiecutterPolicy.from_environment(environment),
    )
