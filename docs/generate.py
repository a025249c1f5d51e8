"""What the reference pages are generated from: the code itself. Run by cog (`make docs`)."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from shiftdown.cli.main import app
from shiftdown.edits import yaml
from shiftdown.extensions import Plugins
from shiftdown.extensions.hooks import Hooks
from shiftdown.playbooks import playbook_schema
from shiftdown.scaffolder.actions import builtin_actions
from shiftdown.scaffolder.shipped import shipped_golden_paths
from shiftdown.scaffolder.template import parse_template


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
        if found.needs:
            print(f"\nNeeds {', '.join(f'`{needed}`' for needed in found.needs)} first.")
        properties = found.parameters.model_json_schema().get("properties", {})
        if properties:
            print("\n| parameter | default | meaning |\n|---|---|---|")
        for name, schema in properties.items():
            default = json.dumps(schema["default"]) if "default" in schema else "required"
            print(f"| `{name}` | `{default}` | {_cell(schema.get('description', ''))} |")


def actions() -> None:
    """Every action that shiftdown brings: what it does, its input, its output, its examples."""
    for found in sorted(builtin_actions(), key=lambda a: a.id):
        print(f"\n## {found.id}\n\n{found.description}")
        if not found.dry_run:
            print("\nA dry-run skips it, and gives example values for its output.")
        for name, model in (("input", found.input), ("output", found.output)):
            _fields(name, model.model_json_schema(by_alias=True))
        for example in found.examples:
            step = yaml.dump({"action": found.id, "input": dict(example.input)})
            lines = "\n".join(f"  {line}" for line in step.splitlines())
            print(f"\n{example.title}:\n\n```yaml\n-{lines[1:]}\n```")


def _fields(name: str, schema: Mapping[str, Any]) -> None:
    if not schema.get("properties"):
        return
    print(f"\n| {name} | type | default | meaning |\n|---|---|---|---|")
    for field, part in schema["properties"].items():
        default = "required" if field in schema.get("required", ()) else json.dumps(part.get("default"))
        shown = _cell(_type(part))
        print(f"| `{field}` | {shown} | `{_cell(default)}` | {_cell(part.get('description', ''))} |")


def _type(schema: Mapping[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if "$ref" in schema:
        return f"{schema['$ref'].rpartition('/')[2]}"
    return str(schema.get("type", "any"))


def golden_paths() -> None:
    """Every golden path: what it makes, what it asks for, which transformations it applies."""
    for name, folder in shipped_golden_paths().items():
        text = (Path(folder) / "template.yaml").read_text("utf-8")
        template = parse_template(text, name=name)
        about = template.metadata
        print(f"\n## {name}\n\n{about.title} ({template.spec.type}, version {template.version}). {about.description}\n")
        applied = [s.input["type"] for s in template.steps if s.action == "transform:apply" and s.input]
        print(f"Applies {', '.join(applied) or 'no transformation yet'}.")
        print("\n| parameter | default | meaning |\n|---|---|---|")
        for page in template.pages:
            for field, part in page["properties"].items():
                given = json.dumps(part["default"]) if "default" in part else None
                default = f"`{given}`" if given else "required" if field in page.get("required", ()) else "optional"
                words = f"{part['title']}. {part.get('description', '')}"
                print(f"| `{field}` | {default} | {_cell(words)} |")


def hooks() -> None:
    """Every hook: its signature and meaning."""
    for name, function in sorted(vars(Hooks).items()):
        if name.startswith("shiftdown_"):
            signature = str(inspect.signature(function)).replace("(self)", "()").replace("'", "")
            signature = re.sub(r"[a-z_.]+\.(?=[A-Z])", "", signature)
            print(f"\n## {name}\n\n```python\ndef {name}{signature}: ...\n```\n\n{inspect.getdoc(function)}")


def playbooks() -> None:
    """The JSON Schema of playbook files."""
    print(f"\n```json\n{json.dumps(playbook_schema(), indent=2)}\n```")
