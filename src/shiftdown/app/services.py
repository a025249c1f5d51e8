"""What the app lends to the actions of templates, by name."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shiftdown.app.forges import Forges
from shiftdown.app.publishing import ROOT_VARIABLE, LocalPublisher
from shiftdown.git import GitOptions, GitRepository, Identity
from shiftdown.scaffolder.cookiecutter import CookiecutterPolicy
from shiftdown.scaffolder.publishing import Proposer
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
    record: Callable[..., Any],
) -> Mapping[str, Any]:
    """The services "publisher", "programs", "proposer", "cookiecutter", "record", "forges", "author" and "clock"."""
    root = environment.get(ROOT_VARIABLE)
    publisher = LocalPublisher(user_path(root, ROOT_VARIABLE) if root else None, open_repository, options)
    return {
        "publisher": publisher,
        "programs": programs,
        "proposer": proposer,
        "cookiecutter": CookiecutterPolicy.from_environment(environment),
        "record": record,
        "forges": forges,
        "author": author,
        "clock": clock,
    }
