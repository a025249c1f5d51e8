"""The HTTP interface, made of its parts; tests give other parts than the service itself."""

from importlib.metadata import version

from fastapi import FastAPI

from .health import Readiness, health_routes
from .logs import RequestLog
from .notes import NoteStore, note_routes
from .problems import RESPONSES, answer_problems

NAME = "{{ cookiecutter.name }}"


def build_api(notes: NoteStore, readiness: Readiness) -> FastAPI:
    """The application, without a server."""
    app = FastAPI(title=NAME, version=version(NAME), responses=RESPONSES)
    app.add_middleware(RequestLog)
    answer_problems(app)
    app.include_router(health_routes(readiness))
    app.include_router(note_routes(notes))
    return app
