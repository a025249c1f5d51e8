"""The local forge is a forge, with and without a work tree."""

import pytest

from .contract import ForgeContract
from .local_bench import LocalBench


class TestBare(ForgeContract):
    @pytest.fixture
    def bench(self, bare: LocalBench) -> LocalBench:
        return bare


class TestWorkTree(ForgeContract):
    @pytest.fixture
    def bench(self, tree: LocalBench) -> LocalBench:
        return tree
