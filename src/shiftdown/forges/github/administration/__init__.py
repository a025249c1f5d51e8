"""Makes repositories on GitHub and sets them up. Whatever is asked for again is done once."""

from shiftdown.forges.github.administration.features import FeaturesPart
from shiftdown.forges.github.administration.first_commit import FirstPart
from shiftdown.forges.github.administration.models import (
    MAX_DESCRIPTION,
    Actors,
    BranchRules,
    Environment,
    Grant,
    Hook,
    MadeRepository,
    NewRepository,
    Opened,
    WorkflowRun,
)
from shiftdown.forges.github.administration.repository import RepositoryPart
from shiftdown.forges.github.administration.requests import Requests
from shiftdown.forges.github.administration.rules import RulesPart
from shiftdown.forges.github.administration.secrets import SecretsPart
from shiftdown.forges.github.client import Client, Place

__all__ = [
    "MAX_DESCRIPTION",
    "Actors",
    "Administration",
    "BranchRules",
    "Environment",
    "Grant",
    "Hook",
    "MadeRepository",
    "NewRepository",
    "Opened",
    "WorkflowRun",
]


class Administration:
    """One repository: how it is made and set up. Safe for threads."""

    def __init__(self, client: Client, place: Place) -> None:
        requests = Requests(client, place)
        self.repository = RepositoryPart(requests)
        """Itself, and who may do what with it."""
        self.first = FirstPart(requests)
        """Its first commit, by the API alone."""
        self.secrets = SecretsPart(requests)
        """Variables and secrets of its workflows."""
        self.rules = RulesPart(requests, self.secrets)
        """Protected branches and environments."""
        self.features = FeaturesPart(requests)
        """Keys, pages, webhooks, autolinks, issues, runs."""
