"""What a Python project is: its framework, the file that starts it, its port and how it is started."""

import re
from dataclasses import dataclass

from shiftdown.repository.detect.facts import detected, exposed_port, words
from shiftdown.repository.detect.python_install import Manager
from shiftdown.repository.detect.python_project import Need, Project
from shiftdown.repository.detect.tree import illustration, parent
from shiftdown.repository.evidence import Evidence
from shiftdown.repository.stack import Command, Detected, Purpose

FRAMEWORKS = words(
    "fastapi django flask litestar starlette sanic quart falcon tornado aiohttp pyramid bottle robyn streamlit "
    "gradio dash"
)
"""Web frameworks, the deciding ones first."""

_PORTS = {
    "fastapi": "8000",
    "django": "8000",
    "flask": "5000",
    "litestar": "8000",
    "starlette": "8000",
    "sanic": "8000",
}
_PORTS |= {"quart": "5000", "streamlit": "8501", "gradio": "7860", "dash": "8050", "robyn": "8080"}
_APP = re.compile(
    r"^(?P<name>\w+)\s*(?::[^=\n]+)?=\s*(?:\w+\.)?(?P<kind>FastAPI|Flask|Litestar|Starlette|Sanic|Quart|Dash|Bottle)\(",
    re.M,
)
_FACTORY = re.compile(r"^def (?P<name>create_app|make_app)\(", re.M)
_PORT = re.compile(r"\bport\s*=\s*(?:int\()?(?:os\.(?:getenv|environ\.get)\([^,()]*,\s*)?['\"]?(\d{2,5})\b")
_DEVELOPMENT = re.compile(r"dev|test|doc|lint|(?:^|[-_/.])ci(?:$|[-_/.])|integration|bench|example|extras/")
_ASIDE = re.compile(r"(?:^|/)(?:docs?\w*|scripts?|tools?|integration\w*)(?:/|$)")
_NAMES = (
    "main.py",
    "app.py",
    "server.py",
    "api.py",
    "asgi.py",
    "wsgi.py",
    "application.py",
    "__main__.py",
    "__init__.py",
)


@dataclass(frozen=True, slots=True)
class App:
    """Where a program starts."""

    entry: Detected | None = None
    """The file."""
    target: str | None = None
    """`module:name` of the application object."""
    factory: bool = False
    """Whether the target is a function that makes it."""


def framework_of(project: Project) -> Detected | None:
    """The framework among what is installed with the project."""
    for name in FRAMEWORKS:
        need = next((n for n in project.needs if n.name == name and runs(n)), None)
        if need and name != (project.name or "").lower():
            return detected(name, need.evidence)
    return None


def runs(need: Need) -> bool:
    """Whether a requirement is one of the program itself, not of its development."""
    files = (need.place[1], need.evidence.path or "")
    return need.place[0] == "main" or (need.place[0] == "file" and not any(_DEVELOPMENT.search(f) for f in files))


def app_of(project: Project, framework: Detected | None, sources: list[str]) -> App:
    """Where it starts: `manage.py`, the file that makes the application object, or `__main__.py`."""
    tree, directory = project.tree, project.directory
    manage = tree.first(directory, "manage.py")
    if manage and framework and framework.value == "django":
        wsgi = next((p for p in sources if p.endswith("/wsgi.py")), None)
        target = f"{_module(wsgi, directory)}:application" if wsgi else None
        return App(detected(manage, Evidence(fact="manage.py starts Django", path=manage)), target)
    candidates = [
        p for p in sources if p.rpartition("/")[2] in _NAMES and not illustration(parent(p)) and not _ASIDE.search(p)
    ]
    candidates.sort(key=lambda p: (p.count("/"), _NAMES.index(p.rpartition("/")[2])))
    documents = tree.texts(candidates, limit=25) if framework else []
    for pattern in (_APP, _FACTORY):
        for document in documents:
            match = pattern.search(document.text)
            if match:
                entry = detected(document.path, document.at("the application is made here", match.start()))
                return App(entry, f"{_module(document.path, directory)}:{match['name']}", pattern is _FACTORY)
    main = next((p for p in candidates if p.endswith("__main__.py")), None)
    script = next(iter(project.scripts.items()), None)
    if script:
        return App(detected(script[1].partition("[")[0].strip(), _console_script(project, *script)))
    return App(detected(main, Evidence(fact=f"{main} starts it", path=main)) if main else None)


def _console_script(project: Project, name: str, target: str) -> Evidence:
    fact = f"the console script {name} runs {target}"
    for keys in (("project", "scripts"), ("tool", "poetry", "scripts")):
        if project.pyproject and name in project.pyproject.table(*keys):
            return project.pyproject.evidence(fact, *keys, name)
    points = ("options.entry_points", "console_scripts")
    lines = (project.setup_cfg.string(*points) or "").split("\n") if project.setup_cfg else []
    line = next((line for line in lines if line.partition("=")[0].strip() == name), None)
    if project.setup_cfg and line:
        return project.setup_cfg.entry(fact, line, *points)
    return Evidence(fact=fact, path=project.manifest)


def _module(path: str, directory: str) -> str:
    inner = path[len(directory) :].lstrip("/").removeprefix("src/").removesuffix(".py").removesuffix("/__init__")
    return inner.replace("/", ".")


def kind_of(project: Project, framework: Detected | None, app: App) -> str:
    """Whether it is a "service", an "application" or a "library"."""
    if framework and app.target:
        published = any(c.startswith("Framework ::") for c in project.classifiers)
        if not published:
            return "service"
    if framework and app.entry and app.entry.value.endswith("manage.py"):
        return "service"
    return "application" if project.scripts else "library"


def port_of(project: Project, framework: Detected | None, app: App, containers: tuple[str, ...]) -> Detected | None:
    """The port that the entry file names, else the container file, else the framework's default."""
    document = project.tree.text(app.entry.value) if app.entry else None
    match = _PORT.search(document.text) if document else None
    if document and match and 0 < int(match[1]) < 65536:
        return detected(match[1], document.at(f"it listens on {match[1]}", match.start()))
    exposed = exposed_port(project.tree, containers)
    if exposed or framework is None or framework.value not in _PORTS:
        return exposed
    evidence = framework.evidence.model_copy(
        update={"fact": f"{framework.value} listens on {_PORTS[framework.value]} by default"}
    )
    return detected(_PORTS[framework.value], evidence)


def start(
    project: Project, manager: Manager, framework: Detected | None, app: App, port: Detected | None, kind: str
) -> list[Command]:
    """How it is started."""
    if app.entry is None or framework is None or kind != "service":
        return []
    installed = {n.name: n.text for n in project.needs if runs(n)}
    number = port.value if port else "8000"
    run: str | None = None
    tool: str | None = None
    factory = " --factory" if app.factory else ""
    asgi = framework.value in ("fastapi", "starlette", "litestar", "quart")
    if asgi and ("uvicorn" in installed or "[" in installed.get(framework.value, "")):
        run, tool = f"uvicorn {app.target}{factory} --host 0.0.0.0 --port {number}", "uvicorn"
    elif not asgi and "gunicorn" in installed and app.target:
        target = f"'{app.target}()'" if app.factory else app.target
        run, tool = f"gunicorn --bind 0.0.0.0:{number} {target}", "gunicorn"
    elif framework.value == "flask":
        run, tool = f"flask --app {app.target} run --host 0.0.0.0 --port {number}", "flask"
    elif framework.value == "django":
        run, tool = f"python manage.py runserver 0.0.0.0:{number}", "django"
    if run is None:
        return []
    return [Command(purpose=Purpose.START, run=manager.run(run), tool=tool, evidence=app.entry.evidence)]
