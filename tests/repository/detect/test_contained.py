"""What container files say of programs whose sources do not say that they listen."""

import pytest

from shiftdown.repository.stack import Purpose

from .helpers import Files, only, stack

NODE = '{"name": "payment", "private": true, "dependencies": {"@grpc/grpc-js": "^1.13.0"}}'
PYTHON = "grpcio==1.74.0\n"


def service(dockerfile: str, files: Files) -> tuple[str, str | None, str | None, str | None]:
    component = only({"Dockerfile": dockerfile, **files})
    start = component.command(Purpose.START)
    return (
        component.kind,
        component.port.value if component.port else None,
        component.entry_point.value if component.entry_point else None,
        start.run if start else None,
    )


@pytest.mark.parametrize(
    ("dockerfile", "files", "expected"),
    [
        (
            'FROM node:24\nCOPY . .\nEXPOSE 50051\nENTRYPOINT ["node", "index.js"]\n',
            {"package.json": NODE, "index.js": "start()\n"},
            ("service", "50051", "index.js", "node index.js"),
        ),
        (
            "FROM python:3.14 AS base\nENV PORT=8080\nEXPOSE ${PORT}\nFROM base\nCMD exec python -u server.py\n",
            {"requirements.txt": PYTHON, "server.py": ""},
            ("service", "8080", "server.py", "python server.py"),
        ),
        (
            'FROM eclipse-temurin:21\nEXPOSE 9555/tcp\nENTRYPOINT ["/app/bin/AdService"]\n',
            {"build.gradle": "plugins { id 'java' }\n", "settings.gradle": "", "src/main/java/A.java": "class A {}\n"},
            ("service", "9555", None, None),
        ),
        (
            'FROM python:3.14\nCMD ["python", "work.py"]\n',
            {"requirements.txt": PYTHON, "work.py": ""},
            ("application", None, "work.py", "python work.py"),
        ),
        (
            'FROM node:24 AS build\nRUN npm ci\nFROM nginx:1.29\nEXPOSE 80\nCMD ["nginx", "-g", "daemon off;"]\n',
            {"package.json": '{"name": "web", "private": true, "scripts": {"build": "vite build"}}'},
            ("library", None, None, None),
        ),
        (
            'FROM python:3.14\nEXPOSE 8080\nCMD ["bash"]\n',
            {"requirements.txt": PYTHON, "server.py": ""},
            ("library", None, None, None),
        ),
        (
            'FROM python:3.14\nEXPOSE 8080\nCMD ["python", "server.py"]\n',
            {"package.json": NODE, "index.js": ""},
            ("library", None, None, None),
        ),
        (
            'FROM golang:1.26\nEXPOSE $UNKNOWN\nENTRYPOINT ["/server"]\n',
            {"go.mod": "module a\n\ngo 1.26\n", "main.go": "package main\n\nfunc main() {}\n"},
            ("application", None, "main.go", None),
        ),
    ],
)
def test_how_it_runs(dockerfile: str, files: Files, expected: tuple[str, str | None, str | None, str | None]) -> None:
    assert service(dockerfile, files) == expected


def test_of_two_components_in_one_folder_the_one_that_is_started_gets_it() -> None:
    dockerfile = 'FROM python:3.14\nEXPOSE 8080\nCMD ["python", "server.py"]\n'
    found = stack({"Dockerfile": dockerfile, "package.json": NODE, "requirements.txt": PYTHON, "server.py": ""})
    assert {c.language.value: (c.kind, c.port and c.port.value) for c in found.components} == {
        "node": ("library", None),
        "python": ("service", "8080"),
    }


def test_a_program_of_its_own_is_not_guessed_between_two_components() -> None:
    dockerfile = 'FROM scratch\nEXPOSE 8080\nENTRYPOINT ["/server"]\n'
    found = stack({"Dockerfile": dockerfile, "package.json": NODE, "requirements.txt": PYTHON, "server.py": ""})
    assert {c.kind for c in found.components} == {"library"}


def test_the_lines_of_the_container_file_are_named() -> None:
    dockerfile = 'FROM node:24\n\nEXPOSE 50051\nENTRYPOINT ["node", "index.js"]\n'
    component = only({"Dockerfile": dockerfile, "package.json": NODE, "index.js": ""})
    assert component.port
    assert component.entry_point
    assert (component.port.evidence.line, component.entry_point.evidence.line) == (3, 4)
