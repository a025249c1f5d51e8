"""The GitLab forge is a forge."""

from collections.abc import Iterator

import pytest

from shiftdown_fakes.gitlab import FakeGitLab

from ..contract import ForgeContract
from .bench import GitLabBench


class TestGitLab(ForgeContract):
    @pytest.fixture
    def bench(self, gitlab: FakeGitLab) -> Iterator[GitLabBench]:
        bench = GitLabBench(gitlab)
        yield bench
        bench.close()
