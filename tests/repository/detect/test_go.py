import pytest

from shiftdown.repository.stack import Language, Purpose

from .helpers import Files, assert_evidence_holds, first, only, runs, stack

MODULE = "module example.com/shop\n\ngo 1.23.4\n"


def test_plain_module() -> None:
    component = only({"go.mod": MODULE, "go.sum": "", "shop_test.go": "package shop\n"})
    assert component.language is Language.GO
    assert (component.name, component.lock_file, component.kind) == ("example.com/shop", "go.sum", "library")
    assert first(component) == {
        "install": "go mod download",
        "lint": "go vet ./...",
        "format": 'test -z "$(gofmt -l .)"',
        "test": "go test ./...",
        "coverage": "go test -coverprofile=coverage.out ./...",
        "build": "go build ./...",
    }
    assert component.runtime_file == "go.mod"


@pytest.mark.parametrize(
    ("text", "version", "file"),
    [
        ("module a.b/c\ngo 1.23\n", "1.23", "go.mod"),
        ("module a.b/c\ngo 1.22.0\ntoolchain go1.24.2\n", "1.24.2", "go.mod"),
        ("module a.b/c\ngo 1.15\n", "stable", None),
        ("module a.b/c\n", None, None),
    ],
)
def test_toolchain(text: str, version: str | None, file: str | None) -> None:
    component = only({"go.mod": text})
    assert (component.runtime.value if component.runtime else None, component.runtime_file) == (version, file)


def test_service_with_linter_and_makefile() -> None:
    files: Files = {
        "go.mod": MODULE + "require (\n\tgithub.com/gin-gonic/gin v1.10.0\n\tgithub.com/jackc/pgx/v5 v5.5.0\n"
        "\tgithub.com/redis/go-redis/v9 v9.0.0 // indirect\n)\n",
        "cmd/api/main.go": 'package main\n\nfunc main() {\n\tr.Run(":8081")\n}\n',
        "store.go": 'package b\n\nimport "github.com/jackc/pgx/v5/pgxpool"\n',
        ".golangci.yml": "version: '2'\n",
        "Makefile": "lint:\n\tgolangci-lint run ./...\ntest: build\n\tgo test -race ./...\n",
        "vendor/x/x.go": "",
    }
    component = only(files)
    assert component.kind == "service"
    assert component.framework is not None
    assert (component.framework.value, component.framework.evidence.line) == ("gin", 5)
    assert [s.name for s in component.services] == ["postgresql"]
    assert component.port is not None
    assert (component.port.value, component.port.evidence.line) == ("8081", 4)
    assert runs(component, Purpose.LINT) == ["golangci-lint run", "go vet ./...", "make lint"]
    assert first(component)["start"] == "go run ./cmd/api"
    assert first(component)["format"] == "test -z \"$(gofmt -l $(git ls-files '*.go' ':!vendor'))\""
    assert_evidence_holds(stack(files), files)


def test_linter_as_a_tool_of_the_module() -> None:
    tool = MODULE + "tool github.com/golangci/golangci-lint/v2/cmd/golangci-lint\n"
    component = only({"go.mod": tool, ".golangci.yml": ""})
    lint = component.command(Purpose.LINT)
    assert lint is not None
    assert (lint.run, lint.assumed) == ("go tool golangci-lint run", None)


def test_workspace() -> None:
    files: Files = {
        "go.work": "go 1.23\n\nuse (\n\t./api\n\t./lib // shared\n\t../outside\n)\n",
        "api/go.mod": MODULE,
        "lib/go.mod": MODULE,
        "tools/go.mod": MODULE,
        "lib/testdata/x/go.mod": MODULE,
    }
    found = stack(files)
    assert [(c.path, c.workspace_root) for c in found.components] == [("api", ""), ("lib", "")]


def test_module_without_a_name_is_a_problem() -> None:
    found = stack({"go.mod": "nothing"})
    assert [(p.path, p.fact) for p in found.problems] == [("go.mod", "has no module directive")]


@pytest.mark.parametrize(
    ("makefile", "test", "build"),
    [
        (
            "test: generate\n\tgo test -race -tags integration ./...\n\ngenerate:\n\tgo generate ./...\n",
            "make test",
            "go build ./...",
        ),
        ("GO ?= go\ntest:\n\t$(GO) test \\\n\t  -race ./...\n", "make test", "go build ./..."),
        ("build: web\n\tgo build ./...\nweb:\n\tcd web && npm ci && npm run build\n", "go test ./...", "make build"),
        ("test:\n\tdocker compose run app go test ./...\n", "go test ./...", "go build ./..."),
        ("test: mocks\n\tgo test ./...\nmocks:\n\tmockgen -source a.go\n", "go test ./...", "go build ./..."),
        ("build:\n\tgo build -o bin/app .\n", "go test ./...", "go build ./..."),
    ],
)
def test_targets_that_prepare_outrank_what_is_usual(makefile: str, test: str, build: str) -> None:
    found = only(
        {"go.mod": "module a\n\ngo 1.22\n", "a.go": "package a\n", "a_test.go": "package a\n", "Makefile": makefile}
    )
    assert (first(found)["test"], first(found)["build"]) == (test, build)


def test_what_is_usual_says_so() -> None:
    found = only({"go.mod": "module a\n\ngo 1.22\n", "a.go": "package a\n", "a_test.go": "package a\n"})
    assert {c.run for c in found.commands if not c.convention} == {"go mod download"}
