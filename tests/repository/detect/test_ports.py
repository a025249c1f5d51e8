"""Which numbers in sources are ports: 1 to 65,535."""

import pytest

from .helpers import Files, only, package
from .test_java import BOOT, WEB, pom


def node(port: str) -> Files:
    return {
        "package.json": package(main="server.js", dependencies={"express": "4"}, scripts={"start": "node server.js"}),
        "server.js": f"const app = require('express')()\napp.listen({port})\n",
    }


def python(port: str) -> Files:
    return {
        "pyproject.toml": '[project]\nname = "app"\ndependencies = ["fastapi"]\n',
        "main.py": f"import uvicorn\nfrom fastapi import FastAPI\n\napp = FastAPI()\nuvicorn.run(app, port={port})\n",
    }


def go(port: str) -> Files:
    return {
        "go.mod": "module example.com/a\n\ngo 1.22\n\nrequire github.com/gin-gonic/gin v1.10.0\n",
        "main.go": f'package main\n\nfunc main() {{\n\tr.Run(":{port}")\n}}\n',
    }


def java(port: str) -> Files:
    return {
        "pom.xml": pom(BOOT + WEB),
        "src/main/resources/application.properties": f"server.port={port}\n",
        "src/main/java/a/App.java": "@SpringBootApplication\nclass App { public static void main(String[] a) {} }\n",
    }


LANGUAGES = {"node": (node, None), "python": (python, "8000"), "go": (go, None), "java": (java, "8080")}
"""What makes a service in each language, and its framework's default port."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("port", ["80", "8081", "65535"])
def test_a_port_is_found(language: str, port: str) -> None:
    make, _ = LANGUAGES[language]
    found = only(make(port)).port
    assert found is not None
    assert found.value == port


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("port", ["65536", "99999", "00"])
def test_what_cannot_be_a_port_is_none(language: str, port: str) -> None:
    make, default = LANGUAGES[language]
    found = only(make(port)).port
    assert (found.value if found else None) == default
