"""What the reference pages are generated from: the code itself. Run by cog (`make docs`)."""

import inspect
import json
import re
from collections.abc import Iterator
from typing import Any

import typer

from shiftdown.cli.main import app
from shiftdown.extensions import Plugins
from shiftdown.extensions.hooks import Hooks
from shiftdown.playbooks import playbook_schema


def commands() -> None:
    """Every command: usage, what it does, its arguments and options."""
    root = typer.main.get_command(app)
    for path, command in _commands(root, "shiftdown"):
        with command.context_class(command, info_name=path) as context:
            usage = command.get_usage(context).removeprefix("Usage: ").strip()
            print(f"\n## {path}\n\n{(command.help or '').strip()}\n\n```text\n{' '.join(usage.split())}\n```\n")
            rows = [p.get_help_record(context) or (p.metavar or p.name, p.help or "") for p in command.params]
            if rows:
                print("| option | meaning |\n|---|---|")
            for option, meaning in rows:
                print(f"| `{_cell(option)}` | {_cell(meaning)} |")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name in sorted(command.commands):
        yield from _commands(command.commands[name], f"{path} {name}")


def transformations() -> None:
    """Every first-party transformation type: what it does, its parameters, its check."""
    plugins = Plugins.installed()
    for found in plugins.transformations.values():
        check = plugins.check(found.verified_by)
        print(f"\n## {found.type}\n\n{found.title} ({found.family}). {found.description}\n")
        print(f"Verified by `{check.id}`: {check.question}")
        properties = found.parameters.model_json_schema().get("properties", {})
        if properties:
            print("\n| parameter | default | meaning |\n|---|---|---|")
        for name, schema in properties.items():
            default = json.dumps(schema["default"]) if "default" in schema else "required"
            print(f"| `{name}` | `{default}` | {_cell(schema.get('description', ''))} |")


def hooks() -> None:
    """Every hook: its signature and meaning."""
    for name, function in sorted(vars(Hooks).items()):
        if name.startswith("shiftdown_"):
            signature = re.sub(r"[a-z_.]+\.(?=[A-Z])", "", str(inspect.signature(function)).replace("(self)", "()"))
            print(f"\n## {name}\n\n```python\ndef {name}{signature}: ...\n```\n\n{inspect.getdoc(function)}")


def playbooks() -> None:
    """The JSON Schema of playbook files."""
    print(f"\n```json\n{json.dumps(playbook_schema(), indent=2)}\n```")
