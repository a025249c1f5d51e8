"""Which project an address means, and which GitLab can be set up."""

import pytest
from pydantic import ValidationError

from shiftdown.errors import InvalidInputError
from shiftdown.forges.gitlab import GitLabSettings
from shiftdown.forges.gitlab.projects import place_of


@pytest.mark.parametrize(
    ("url", "location", "path"),
    [
        ("https://gitlab.com", "https://gitlab.com/acme/orders", "acme/orders"),
        ("https://gitlab.com", "https://gitlab.com/acme/platform/deep/orders.git", "acme/platform/deep/orders"),
        ("https://gitlab.com", "git@gitlab.com:acme/platform/orders.git", "acme/platform/orders"),
        ("https://gitlab.com", "ssh://git@gitlab.com/acme/orders.git", "acme/orders"),
        ("https://example.org/gitlab", "https://example.org/gitlab/acme/orders", "acme/orders"),
        ("https://example.org/gitlab", "git@example.org:acme/orders.git", "acme/orders"),
        ("https://example.org/gitlab", "https://example.org/gitlabs/orders", "gitlabs/orders"),
    ],
)
def test_the_path_of_a_project(url: str, location: str, path: str) -> None:
    assert place_of(location, url).path == path


@pytest.mark.parametrize("location", ["https://gitlab.com/acme", "https://gitlab.com/acme//orders", "/tmp/acme/orders"])
def test_what_is_no_project(location: str) -> None:
    with pytest.raises(InvalidInputError, match="a project on GitLab is"):
        place_of(location, "https://gitlab.com")


def test_addresses_of_the_api() -> None:
    plain = GitLabSettings(url="https://example.org/gitlab/", token="x")
    assert (plain.base_url, plain.graphql_url) == (
        "https://example.org/gitlab",
        "https://example.org/gitlab/api/graphql",
    )
    other = GitLabSettings(url="https://example.org", api_url="https://api.example.org/api/v4/", token="x")
    assert other.graphql_url == "https://api.example.org/api/graphql"


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://example.org"},
        {"url": "https://me:secret@example.org"},
        {"url": "https://example.org", "api_url": "https://example.org/api/v3"},
        {"url": "https://example.org", "api_url": "http://example.org/api/v4"},
    ],
)
def test_what_cannot_be_set_up(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as caught:
        GitLabSettings.model_validate({**fields, "token": "glpat-planted"})
    assert "glpat-planted" not in str(caught.value)
