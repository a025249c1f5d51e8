"""Repositories on disk, with and without a work tree."""

from pathlib import Path

import pytest

from .local_bench import LocalBench


@pytest.fixture
def bare(tmp_path: Path) -> LocalBench:
    """A bare repository."""
    return LocalBench.bare(tmp_path / "repo.git")


@pytest.fixture
def tree(tmp_path: Path) -> LocalBench:
    """A repository whose branch `main` is checked out."""
    return LocalBench.with_tree(tmp_path / "repo")
