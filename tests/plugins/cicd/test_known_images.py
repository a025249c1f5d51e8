"""Which images are known well enough to be built on every change, and what is said of the others."""

import pytest

from shiftdown.kits import units_of
from shiftdown.plugin import Evidence, Snapshot, stack_of
from shiftdown.repository.snapshot import MemorySource
from shiftdown_plugins.cicd.add_build_stage.images import Image, images_of

GO = {"go.mod": "module a\n\ngo 1.24\n", "main.go": "package main\n\nfunc main() {}\n"}
COMPOSE_ARGS = "services:\n  app:\n    build:\n      context: .\n      args:\n        GO_VERSION: ${GO:-1.24}\n"
WORKFLOW = """\
on: [push]
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          context: .
          file: etc/Dockerfile
          target: final
          build-args: |
            VERSION=1
            COMMIT=${{ github.sha }}
"""


def images(files: dict[str, str]) -> tuple[tuple[Image, ...], tuple[Evidence, ...]]:
    source = MemorySource({path: text.encode() for path, text in files.items()})
    repo = Snapshot(source, name="example")
    stack = stack_of(repo)
    found = images_of(repo, stack, units_of(stack))
    return found.known, found.left_out


KNOWN: dict[str, dict[str, str]] = {
    "default": {"Dockerfile": "ARG GO=1.24\nFROM golang:${GO}\nRUN go build\n"},
    "default where it is used": {"Dockerfile": "ARG GO\nFROM golang:${GO:-1.24}\n"},
    "argument of the platform": {
        "Dockerfile": "FROM --platform=$BUILDPLATFORM golang\nARG TARGETARCH\nRUN GOARCH=$TARGETARCH go build\n"
    },
    "argument that may be empty": {
        "Dockerfile": 'FROM golang\nARG VERSION\nRUN go build -ldflags "-X main.version=$VERSION"\nLABEL v=$VERSION\n'
    },
    "argument that is asked for": {"Dockerfile": 'FROM alpine\nARG KEY\nRUN if [ -n "$KEY" ]; then echo $KEY; fi\n'},
    "argument of a stage that is not shipped": {
        "Dockerfile": "FROM alpine AS debug\nARG TOKEN\nRUN curl $TOKEN\nFROM alpine\nRUN true\n"
    },
    "argument that Compose gives": {
        "Dockerfile": "ARG GO_VERSION\nFROM golang:$GO_VERSION\n",
        "compose.yaml": COMPOSE_ARGS,
    },
    "argument that make gives": {
        "Dockerfile": "ARG GO_VERSION\nFROM golang:$GO_VERSION\n",
        "Makefile": "GO_VERSION ?= 1.24\nimage:\n\tdocker build \\\n\t  --build-arg GO_VERSION=$(GO_VERSION) -t a .\n",
    },
    "exec form": {"Dockerfile": 'FROM alpine\nCOPY ["go.mod", "main.go", "./"]\n'},
    "heredoc": {"Dockerfile": "FROM alpine\nCOPY <<EOF /etc/a\nCOPY nothing /\nEOF\n"},
    "mirror of a public registry": {"Dockerfile": "FROM mcr.microsoft.com/dotnet/sdk:9.0\n"},
    "pattern of directories": {"Dockerfile": "FROM alpine\nCOPY cm* /\n", "cmd/a.txt": ""},
}


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_is_built(name: str) -> None:
    known, left_out = images(GO | KNOWN[name])
    assert [i.file for i in known] == ["Dockerfile"], left_out


LEFT_OUT: dict[str, tuple[dict[str, str], str]] = {
    "base": ({"Dockerfile": "ARG GO_VERSION\nFROM golang:${GO_VERSION}\n"}, "GO_VERSION, which chooses the base image"),
    "command": ({"Dockerfile": "FROM alpine\nARG VERSION\nRUN curl a.example/$VERSION\n"}, "VERSION has no"),
    "command by way of ENV": (
        {"Dockerfile": "FROM alpine\nARG VERSION\nENV V=$VERSION\nRUN wget a.example/$V\n"},
        "V has no value",
    ),
    "value that only CI knows": (
        {
            "Dockerfile": "FROM alpine\nARG VERSION\nRUN wget a.example/$VERSION\n",
            "Makefile": "image:\n\tdocker build --build-arg VERSION=$(shell git describe) .\n",
        },
        "VERSION has no value",
    ),
    "secret": ({"Dockerfile": "FROM a\nRUN --mount=type=secret,id=npm npm ci\n"}, "is built with the secret npm"),
    "SSH": ({"Dockerfile": "FROM a\nRUN --mount=type=ssh git clone x\n"}, "SSH key"),
    "registry with a login": ({"Dockerfile": "FROM registry.acme.example/base:1\n"}, "may ask for a login"),
    "copied from such a registry": (
        {"Dockerfile": "FROM a\nCOPY --from=1.dkr.ecr.eu-west-1.amazonaws.com/b /x /x\n"},
        "may ask for a login",
    ),
    "base of its own": (
        {"Dockerfile": "FROM acme/base\n", "Makefile": "base:\n\tdocker build -t acme/base -f base.Dockerfile .\n",
         "base.Dockerfile": "FROM alpine\n"},
        "which the repository builds first",
    ),
    "file of a platform": ({"Dockerfile": "FROM a\nARG TARGETARCH\nCOPY ${TARGETARCH}/a /\n"}, "copies amd64/a"),
    "file that is not there": ({"Dockerfile": "FROM a\nARG TARGETARCH\nCOPY config.prod /\n"}, "copies config.prod"),
    "file of an automatic name": ({"Dockerfile": "FROM a\nCOPY licence.txt main.go /\n"}, "copies licence.txt"),
    "directory": ({"etc/Dockerfile": "FROM alpine\nRUN true\n"}, "does not say which directory"),
    "last stage": ({"Dockerfile": "FROM a AS app\nFROM app AS dev\n"}, "does not say which stage"),
    "no image": ({"Dockerfile": "# nothing\n"}, "has no FROM"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_not_known_is_left_out_with_a_word(name: str) -> None:
    files, words = LEFT_OUT[name]
    known, left_out = images(GO | files)
    assert known == ()
    assert words in left_out[0].fact
    assert left_out[0].path in files


def test_how_ci_builds_it_is_how_it_is_built() -> None:
    file = "FROM alpine AS final\nARG VERSION COMMIT\nRUN wget a.example/$VERSION\nCOPY go.mod /\nFROM final AS dev\n"
    known, left_out = images(GO | {"etc/Dockerfile": file, ".github/workflows/release.yml": WORKFLOW})
    assert left_out == ()
    (image,) = known
    assert (image.context, image.target, image.arguments) == ("", "final", (("VERSION", "1"),))


def test_the_stage_for_development_is_not_what_is_shipped() -> None:
    compose = "services:\n  app:\n    build:\n      context: .\n      target: dev\n"
    (image,), _ = images(
        GO | {"Dockerfile": "FROM a AS dev\nFROM dev AS app\nCOPY go.mod /\n", "compose.yaml": compose}
    )
    assert image.target is None


@pytest.mark.parametrize(
    "bake",
    [
        'target "app" {\n  context = "."\n  dockerfile = "etc/Dockerfile"\n  args = {\n    GO = "1.24"\n  }\n}\n',
        '{"target": {"app": {"dockerfile": "etc/Dockerfile", "args": {"GO": "1.24"}}}}',
    ],
)
def test_bake_files_say_how(bake: str) -> None:
    name = "docker-bake.json" if bake.startswith("{") else "docker-bake.hcl"
    (image,), _ = images(GO | {"etc/Dockerfile": "ARG GO\nFROM golang:$GO\nRUN true\n", name: bake})
    assert (image.context, image.arguments) == ("", (("GO", "1.24"),))


@pytest.mark.parametrize(
    "file",
    [
        "Dockerfile.playwright", "e2e.Dockerfile", ".devcontainer/Dockerfile", "docker/dev/Dockerfile",
        "Dockerfile.cross", "playwright/Dockerfile", "Dockerfile-bench", "fuzz/Dockerfile", "cypress/Dockerfile",
    ],
)  # fmt: skip
def test_images_that_help_are_not_the_product(file: str) -> None:
    known, left_out = images(GO | {file: "FROM alpine\n"})
    assert (known, left_out) == ((), ())
