"""Installs of one run share npm's and pip's caches, and ask the registries only for what is not there."""

from collections.abc import Iterator

import pytest

NPM = {"prefer_offline": "true", "audit": "false", "fund": "false", "update_notifier": "false"}


@pytest.fixture(scope="package", autouse=True)
def _package_managers() -> Iterator[None]:
    """What npm reads from the environment, in the jobs of workflows too."""
    with pytest.MonkeyPatch.context() as patch:
        for key, value in NPM.items():
            patch.setenv(f"npm_config_{key}", value)
        yield
