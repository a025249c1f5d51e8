from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shiftdown.errors import InvalidInputError, ShiftdownError
from shiftdown.git import is_local, parse_location, redact, remote_name
from tests.exploring import examples


@pytest.mark.parametrize(
    ("given_", "address", "scheme", "name"),
    [
        ("https://GitHub.com/acme/orders.git/", "https://github.com/acme/orders.git", "https", "orders"),
        ("HTTPS://example.com:8443/orders", "https://example.com:8443/orders", "https", "orders"),
        ("http://127.0.0.1:8080/orders.git", "http://127.0.0.1:8080/orders.git", "http", "orders"),
        ("http://localhost/orders.git", "http://localhost/orders.git", "http", "orders"),
        ("http://[::1]:80/orders", "http://[::1]:80/orders", "http", "orders"),
        ("git@github.com:acme/orders.git", "git@github.com:acme/orders.git", "ssh", "orders"),
        ("ssh://git@example.com:22/acme/orders", "ssh://git@example.com:22/acme/orders", "ssh", "orders"),
        ("host.example:orders", "host.example:orders", "ssh", "orders"),
        ("file:///srv/git/orders.git", "/srv/git/orders.git", "file", "orders"),
        ("/srv/git/orders.git", "/srv/git/orders.git", "file", "orders"),
    ],
)
def test_accepted(given_: str, address: str, scheme: str, name: str) -> None:
    location = parse_location(given_)
    assert (location.address, location.scheme, location.name) == (address, scheme, name)
    assert parse_location(location.address) == location
    assert is_local(given_) is (scheme == "file")


@pytest.mark.parametrize(
    "hostile",
    [
        "",
        " ",
        "-c",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "fd::17",
        "file::/tmp",
        "transport-helper::x",
        "ssh://-oProxyCommand=touch/x",
        "ssh://host/-x",
        "ssh://-u@host/x",
        "-oProxyCommand=x:path",
        "git@-oProxyCommand=x:path",
        "host:-x",
        "ho st:path",
        "https://host/a\nb",
        "https://host/a%0ab",
        "https://host/a\x00",
        "https://host",
        "https:///x",
        "https://host:port/x",
        "https://host/x?service=y",
        "https://host/x#y",
        "https://ho`st/x",
        "git://host/x",
        "ftp://host/x",
        "gopher://host/x",
        "javascript://x/y",
        "http://example.com/x",
        "http://127.0.0.1.example.com/x",
        "file://server/share",
    ],
)
def test_refused(hostile: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_location(hostile)
    assert not is_local(hostile)


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:s3cret@github.com/acme/orders",
        "https://s3cret@github.com/acme/orders",
        "ssh://git:s3cret@github.com/acme/orders",
        "http://ada:s3cret@example.com/x",
        "ftp://ada:s3cret@example.com/x",
        "https://ada:s3cret@host:99999999/x",
        "https://ada:s3cret@host/x\n",
        "https://ada:s3cret/more@host/x",
    ],
)
def test_credentials_are_refused_and_never_shown(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_location(url)
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in redact(f"cannot reach {url} today")


def test_a_password_before_a_host_and_path_is_refused() -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_location("ada:s3cret@host:path")
    assert "s3cret" not in str(caught.value)


def test_names_for_people() -> None:
    names = ["/srv/a:b.git", "/srv/x/.git", "/", "git@host:deep/er/x.git/", "https://h/g/sub/y.git", "z"]
    assert [remote_name(name) for name in names] == ["a:b", "x", "repository", "x", "y", "z"]


def test_plain_http_can_be_allowed() -> None:
    location = parse_location("http://git.example.com/x", allow_http=True)
    assert location.scheme == "http"
    assert not location.may_authenticate
    assert parse_location("http://localhost:80/x").may_authenticate


def test_a_path_with_a_colon_is_a_path_if_it_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "host:path").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse_location("host:path").path == tmp_path / "host:path"


def test_a_host_and_a_path_that_no_file_can_have() -> None:
    with pytest.raises(InvalidInputError, match="has a name of more than 255 bytes"):
        parse_location("h:" + "b" * 300)
    assert parse_location("h:" + "b" * 255 + "/c").scheme == "ssh"


@pytest.mark.parametrize(
    "path", ["~nosuchuser/shop", "b" * 300, "./h:" + "b" * 300, "/x" * 2500, "file:///" + "b" * 300]
)
def test_a_path_that_cannot_be_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError):
        parse_location(path)
    assert not is_local(path)


EXAMPLES = settings(max_examples=examples(300))


@given(
    st.text(max_size=60) | st.text(alphabet="~x/:.@", max_size=12) | st.text(alphabet="a:", min_size=256, max_size=400)
)
@EXAMPLES
@example("~x")
@example("h:" + "b" * 300)
def test_anything_is_either_refused_or_normal(text: str) -> None:
    try:
        location = parse_location(text)
    except ShiftdownError:
        return
    assert not location.address.startswith("-")
    assert location.scheme == "file" or "@" not in location.address or location.scheme == "ssh"
    assert parse_location(location.address, allow_http=True) == location


@EXAMPLES
@given(st.sampled_from(["https", "ssh", "http", "git", "x"]), st.text(alphabet="ab:@/?#[]%", max_size=20))
def test_urls_never_leak_what_stands_before_the_host(scheme: str, rest: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_location(f"{scheme}://user:s3cret@{rest}", allow_http=True)
    assert "s3cret" not in str(caught.value)
