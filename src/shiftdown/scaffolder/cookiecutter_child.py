"""Runs the cookiecutter library in a process of its own: it changes the working directory, and templates are untrusted.

`python -I -m shiftdown.scaffolder.cookiecutter_child FOLDER` reads `FOLDER/request.json`, makes one folder in
`FOLDER/output`, and writes `FOLDER/answer.json`: `{"project": name}` or `{"error": text}`. Jinja runs in its sandbox,
rendered names stay in the output, and the process has limits.
"""

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cookiecutter import generate, hooks, prompt  # type: ignore[import-untyped]
from cookiecutter.environment import ExtensionLoaderMixin  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

_SECONDS = 120
_FILE = 100 * 1024 * 1024
_MEMORY = 4 * 1024 * 1024 * 1024


class _Environment(ExtensionLoaderMixin, SandboxedEnvironment):  # type: ignore[misc]
    """cookiecutter's environment, in the sandbox."""

    def __init__(self, **options: Any) -> None:
        super().__init__(undefined=StrictUndefined, **options)


class _NamesInside(_Environment):
    """The same for names of files: what is rendered from a string stays in the output folder."""

    def __init__(self, *, output: str, **options: Any) -> None:
        super().__init__(**options)
        self._output = output

    def from_string(self, *args: Any, **options: Any) -> Template:
        """A template whose result is the path of a file or folder."""
        template = super().from_string(*args, **options)
        render = template.render

        def inside(*values: Any, **names: Any) -> str:
            path: str = render(*values, **names)
            leaves = Path(path).is_absolute() and not Path(path).is_relative_to(self._output)
            if leaves or ".." in Path(path).parts or "\x00" in path:
                raise ValueError(f"{path!r} leads out of the project")
            return path

        template.render = inside  # type: ignore[method-assign]
        return template


def _maker(kind: Callable[..., Any], **more: Any) -> Callable[[dict[str, Any]], Any]:
    def make(context: dict[str, Any]) -> Any:
        options = context.get("cookiecutter", {}).get("_jinja2_env_vars", {})
        return kind(context=context, keep_trailing_newline=True, **options, **more)

    return make


def _make(folder: Path, request: dict[str, Any]) -> str:
    """Make the project; the name of its folder in the output."""
    output = str(folder / "output")
    root = folder / "template"
    prompt.create_env_with_context = hooks.create_env_with_context = _maker(_Environment)
    generate.create_env_with_context = _maker(_NamesInside, output=output)
    if request["hooks"]:
        root = Path(hooks.run_pre_prompt_hook(root))
    context = _context(root, request)
    while request["nested"] and {"template", "templates"} & set(context["cookiecutter"]):
        root = Path(prompt.choose_nested_template(context, root, no_input=True))
        if not root.resolve().is_relative_to((folder / "template").resolve()):
            raise ValueError(f"{root.name}: the nested template is outside of the template")
        context = _context(root, request)
    context["cookiecutter"].update(prompt.prompt_for_config(context, no_input=True))
    extra = {"_template": request["url"], "_output_dir": output, "_repo_dir": str(root), "_checkout": None}
    context["cookiecutter"].update(extra)
    project = generate.generate_files(root, context, output, accept_hooks=request["hooks"])
    return str(Path(project).relative_to(output))


def _context(root: Path, request: dict[str, Any]) -> dict[str, Any]:
    context: dict[str, Any] = generate.generate_context(
        str(root / "cookiecutter.json"), default_context=None, extra_context=request["values"]
    )
    context["_cookiecutter"] = {k: v for k, v in context["cookiecutter"].items() if not k.startswith("_")}
    return context


def _limit(request: dict[str, Any]) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_FILE, _FILE))
    if not request["hooks"]:
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main() -> None:
    """Answer the request in the folder that is named."""
    folder = Path(sys.argv[1])
    request = json.loads((folder / "request.json").read_text())
    _limit(request)
    try:
        answer = {"project": _make(folder, request)}
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a template does is told to the parent
        text = str(error).partition(" Context: ")[0]
        answer = {"error": f"{type(error).__name__}: {text}"}
    (folder / "answer.json").write_text(json.dumps(answer))


if __name__ == "__main__":
    main()
