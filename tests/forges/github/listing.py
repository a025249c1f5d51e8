"""Repositories of one owner on the fake GitHub, and what is found of them."""

from dataclasses import replace
from datetime import timedelta

from shiftdown.forges.selection import Selection
from shiftdown_fakes.github import FakeGitHub, Repository

from .bench import GitHubBench


class Listing:
    """Repositories of `acme`, and what is found of them."""

    def __init__(self, github: FakeGitHub, *, api_url: str = "") -> None:
        self.github = github
        self.bench = GitHubBench(github, api_url=api_url)
        self.owner = self.bench.repository.owner

    def add(self, name: str, files: dict[str, str] | None = None, **fields: object) -> Repository:
        made = self.github.world.add_repository(f"{self.owner}/{name}")
        for field, value in fields.items():
            setattr(made, field, value)
        if files:
            self.github.commit(made, "main", files)
        return made

    def add_many(self, count: int) -> None:
        """Repositories that share their files: making them takes no time."""
        world, first = self.github.world, self.bench.repository
        for n in range(count):
            created = first.created - timedelta(days=1000 - n // 5)
            made = replace(first, id=world.number(), name=f"r{n:05}", created=created)
            world.repositories[made.full_name.lower()] = made

    def names(self, **selection: object) -> list[str]:
        wanted = Selection.model_validate({"owner": self.owner} | selection)
        return [found.name.rpartition("/")[2] for found in self.bench.forge.repositories(wanted)]

    @property
    def requests(self) -> int:
        return len(self.github.requests)
