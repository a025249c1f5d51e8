import pytest

from .helpers import Files, package, stack


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (".github/workflows/ci.yml", "github-actions"),
        (".gitlab-ci.yml", "gitlab-ci"),
        ("Jenkinsfile", "jenkins"),
        ("ci/Jenkinsfile.release", "jenkins"),
        (".circleci/config.yml", "circleci"),
        ("azure-pipelines.yml", "azure-pipelines"),
        (".azure-pipelines/build.yml", "azure-pipelines"),
        ("bitbucket-pipelines.yml", "bitbucket-pipelines"),
        (".travis.yml", "travis"),
        (".drone.yml", "drone"),
        (".woodpecker/test.yaml", "woodpecker"),
        (".buildkite/pipeline.yml", "buildkite"),
        ("appveyor.yml", "appveyor"),
        (".cirrus.yml", "cirrus"),
        (".forgejo/workflows/x.yaml", "forgejo-actions"),
    ],
)
def test_ci_by_presence(path: str, name: str) -> None:
    found = stack({path: "x: 1\n"})
    assert [(d.value, d.evidence.path) for d in found.ci] == [(name, path)]


def test_no_ci() -> None:
    assert stack({".github/dependabot.yml": "", "docs/.travis.yml": "", "Jenkinsfiles": ""}).ci == ()


@pytest.mark.parametrize(
    ("path", "text", "name"),
    [
        ("infra/main.tf", "", "terraform"),
        ("Pulumi.yaml", "", "pulumi"),
        ("ansible/roles/web/tasks/main.yml", "", "ansible"),
        ("charts/app/Chart.yaml", "", "helm"),
        ("deploy/kustomization.yaml", "", "kustomize"),
        ("k8s/app.yaml", "apiVersion: apps/v1\nkind: Deployment\n", "kubernetes"),
        ("cdk.json", "", "cdk"),
        ("main.bicep", "", "bicep"),
    ],
)
def test_infrastructure(path: str, text: str, name: str) -> None:
    assert [d.value for d in stack({path: text}).infrastructure] == [name]


def test_templates_of_charts_are_no_manifests() -> None:
    text = "apiVersion: v1\nkind: Service\nmetadata: {name: '{{ .Release.Name }}'}\n"
    assert stack({"deploy/service.yaml": text, "examples/main.tf": ""}).infrastructure == ()


def test_container_and_compose_files() -> None:
    files: Files = dict.fromkeys(
        (
            "Dockerfile",
            "Dockerfile.dev",
            "api/Containerfile",
            "web.Dockerfile",
            "Dockerfile.dockerignore",
            "node_modules/x/Dockerfile",
            "compose.yaml",
            "docker-compose.prod.yml",
            "my-compose.yml",
        ),
        "",
    )
    found = stack(files)
    assert found.container_files == ("Dockerfile", "Dockerfile.dev", "api/Containerfile", "web.Dockerfile")
    assert found.compose_files == ("compose.yaml", "docker-compose.prod.yml")


@pytest.mark.parametrize(
    ("url", "files", "forge"),
    [
        ("https://github.com/a/b", {}, "github"),
        ("git@gitlab.example.com:a/b.git", {}, "gitlab"),
        ("https://gitlab.com/github/b", {".github/x": ""}, "gitlab"),
        (None, {".github/CODEOWNERS": ""}, "github"),
        (None, {".gitlab-ci.yml": ""}, "gitlab"),
        (None, {".gitlab-ci.yml": "", ".github/x": ""}, None),
        ("https://example.com/github/b", {}, None),
        (None, {}, None),
    ],
)
def test_forge(url: str | None, files: Files, forge: str | None) -> None:
    assert stack(files, url=url).forge == forge


def test_container_files_belong_to_the_component_that_they_are_in() -> None:
    files: Files = {
        "package.json": package(workspaces=["api"]),
        "api/package.json": package(),
        "api/Dockerfile": "",
        "Dockerfile": "",
        "examples/Dockerfile": "",
    }
    root, api = stack(files).components
    assert (root.container_files, api.container_files) == (("Dockerfile",), ("api/Dockerfile",))


def test_empty_repository() -> None:
    found = stack({})
    assert (found.components, found.problems, found.languages()) == ((), (), ())
