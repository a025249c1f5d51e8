"""The GitHub forge is a forge; all that it asks and hears passes GitHub's own contract and schema."""

from collections.abc import Iterator

import pytest

from tests.fakes.github.prism import CheckedGitHub
from tests.fakes.github.schema import problems

from ..contract import ForgeContract
from .bench import GitHubBench


class TestGitHub(ForgeContract):
    @pytest.fixture
    def bench(self, checked: CheckedGitHub) -> Iterator[GitHubBench]:
        first = len(checked.github.exchanges)
        bench = GitHubBench(checked.github, api_url=checked.url)
        yield bench
        bench.close()
        assert problems(checked.github.exchanges[first:]) == []
