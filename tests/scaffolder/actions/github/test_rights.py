"""Who may do what: tokens that lack something, and apps."""

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shiftdown.app.forges import Forges
from shiftdown.errors import InvalidInputError, RepositoryError, ShiftdownError
from shiftdown_fakes.github import App, Fault, Protection

from .bench import Bench, names_of, none_in, tip_of, told

FILES = {"README.md": "# Shop\n"}
ALL = {
    "administration": "write",
    "contents": "write",
    "secrets": "write",
    "actions_variables": "write",
    "pull_requests": "write",
    "metadata": "read",
}
SECRET = "hunter2-hunter2"


def _publish(bench: Bench, path: str, given: Mapping[str, Any], **options: Any) -> Any:
    return bench.run("publish:github", {"repoUrl": bench.url(path), **given}, workspace=FILES, **options)


def _without(*areas: str) -> dict[str, str]:
    return {area: level for area, level in ALL.items() if area not in areas}


@pytest.mark.parametrize(
    ("permissions", "given", "problem"),
    [
        (_without("administration"), {}, "cannot make the repository: GitHub answers 403: .*administration=write"),
        (_without("secrets"), {"secrets": {"A": SECRET}}, "look up the key for secrets.*the permission secrets=read"),
        (_without("actions_variables"), {"repoVariables": {"A": "1"}}, "set the variables.*actions_variables=read"),
        (_without("contents"), {}, "contents"),
    ],
)
def test_a_token_that_lacks_a_permission(
    bench: Bench, permissions: dict[str, str], given: dict[str, Any], problem: str
) -> None:
    path, token = f"acme/{bench.new_name()}", bench.world.add_token("ada", permissions).value
    with pytest.raises(RepositoryError, match=problem) as error:
        _publish(bench, path, {"token": token, **given})
    assert none_in(str(error.value), [token, SECRET])


def test_with_the_permission_the_same_task_goes_on(bench: Bench) -> None:
    path, done = f"acme/{bench.new_name()}", dict[str, Any]()
    token = bench.world.add_token("ada", _without("secrets"))
    given = {"token": token.value, "secrets": {"A": SECRET}}
    with pytest.raises(RepositoryError, match="secrets=read"):
        _publish(bench, path, given, checkpoints=done)
    token.permissions = ALL
    _publish(bench, path, given, checkpoints=done)
    made = bench.github.repository(path)
    assert (names_of(made, "main"), made.administered.vault.secrets) == ({"README.md"}, {"A": SECRET})


def test_who_may_make_no_repositories(bench: Bench) -> None:
    path, token = f"acme/{bench.new_name()}", bench.world.add_token("eve").value
    with pytest.raises(RepositoryError, match=r"You need admin access to the organization.*Use a token whose"):
        _publish(bench, path, {"token": token})


def test_only_the_token_of_the_step(bench: Bench) -> None:
    path, forges = f"acme/{bench.new_name()}", bench.connect({})
    with pytest.raises(InvalidInputError, match=r"there is no token for .*: set SHIFTDOWN_GITHUB_TOKEN"):
        _publish(bench, path, {}, forges=forges)
    ran = _publish(bench, path, {"token": bench.token}, forges=forges)
    given = {"branchName": "docs", "title": "t", "description": "d", "token": bench.token}
    made = bench.github.repository(path)
    bench.on("publish:github:pull-request", made, given, workspace={"a.md": "a\n"}, forges=forges)
    assert (made.store.tip("main"), len(made.pulls)) == (ran.output["commitHash"], 1)
    forges.close()


def test_an_archived_repository(bench: Bench) -> None:
    path = f"acme/{bench.new_name()}"
    made = bench.world.add_repository(path, private=True)
    made.roles["ada"], made.archived = "admin", True
    with pytest.raises(RepositoryError, match="archived"):
        _publish(bench, path, {"description": "x"})


def test_a_wrong_token(bench: Bench) -> None:
    with pytest.raises(RepositoryError, match=r"the token is refused.*set another") as error:
        _publish(bench, "acme/wrong-token", {"token": "ghp_wrong-and-planted"})
    assert none_in(str(error.value), ["planted"])


def test_a_classic_token_without_the_scope(bench: Bench) -> None:
    said = "Must have admin rights to Repository."
    lacks = Fault.answers(403, said, X_OAuth_Scopes="public_repo", X_Accepted_OAuth_Scopes="repo")
    bench.github.fail("PUT", "/topics", lacks)
    path = f"acme/{bench.new_name()}"
    ran = _publish(bench, path, {"topics": ["a"]})
    assert any("has the scopes public_repo; this needs one of repo" in line for line in ran.log)
    assert bench.github.repository(path).store.tip("main") == ran.output["commitHash"]


def test_a_pull_request_without_the_permission_to_push(bench: Bench) -> None:
    repository, token = bench.repository(), bench.world.add_token("ada", _without("contents")).value
    given = {"branchName": "docs", "title": "t", "description": "d", "token": token}
    with pytest.raises(ShiftdownError, match="Write access to repository not granted") as error:
        bench.on("publish:github:pull-request", repository, given, workspace=FILES)
    assert (repository.pulls, f"ada/{repository.name}" in bench.world.repositories) == ([], False)
    assert none_in(str(error.value), [token])


# Apps


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def as_app(bench: Bench, key: rsa.RSAPrivateKey, tmp_path: Path) -> Iterator[Forges]:
    """Forges that act as an app, which is installed for `acme` and for the person `ada`."""
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = App(81, "shiftdown", public.decode(), ALL)
    for account in ("acme", "ada"):
        bench.world.add_app(app, account)
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    config = tmp_path / "shiftdown.toml"
    config.write_text(
        f'[hosts."{bench.host}"]\nforge = "github"\nurl = "{bench.github.url}"\napp_id = 81\n'
        f'private_key_file = "{tmp_path / "key.pem"}"\n'
    )
    made = bench.connect({"SHIFTDOWN_CONFIG": str(config)})
    yield made
    made.close()


def test_an_app_makes_a_repository_for_the_organisation(
    bench: Bench, as_app: Forges, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="github")
    path = f"acme/{bench.new_name()}"
    given = {"secrets": {"A": SECRET}, "topics": ["a"], "requiredApprovingReviewCount": 2}
    ran = _publish(bench, path, given, forges=as_app)
    made = bench.github.repository(path)
    assert (names_of(made, "main"), made.administered.vault.secrets) == ({"README.md"}, {"A": SECRET})
    assert made.protection("main") is not None
    tokens = [token.value for token in bench.world.tokens.values() if token.installation]
    assert len(tokens) == 1
    assert none_in(told(ran) + caplog.text, [*tokens, SECRET])


def test_an_app_makes_no_repository_of_a_person(bench: Bench, as_app: Forges) -> None:
    with pytest.raises(InvalidInputError, match="ada is a person, whose repositories are made with their own token"):
        _publish(bench, f"ada/{bench.new_name()}", {}, forges=as_app)


def test_an_app_that_is_not_installed_there(bench: Bench, as_app: Forges) -> None:
    bench.world.add_user("others", "Organization")
    with pytest.raises(InvalidInputError, match="the app is not installed for others: let it be installed there"):
        _publish(bench, "others/shop", {}, forges=as_app)


def test_an_app_proposes_what_must_be_signed(bench: Bench, as_app: Forges) -> None:
    given = {"branchName": "docs", "title": "t", "description": "d", "forceEmptyGitAuthor": True}
    repository = bench.repository()
    bench.world.protect(repository, "docs", Protection(pull_request=False, signatures=True))
    bench.on("publish:github:pull-request", repository, given, workspace={"a.md": "a\n"}, forges=as_app)
    (pull,) = repository.pulls
    assert (tip_of(repository, "docs").signed, names_of(repository, "docs")) == (True, {"README.md", "a.md"})
    assert (pull.author, len(repository.store.commits(None, pull.head))) == ("shiftdown[bot]", 2)
