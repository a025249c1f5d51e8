"""What commands are given in files and as options: parameters and secrets."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftdown.errors import CannotEditError, InvalidInputError
from shiftdown.user_paths import user_path

if TYPE_CHECKING:
    from pydantic import JsonValue

    from shiftdown.model.base import ParametersByType

Values = Annotated[Path | None, typer.Option("--values", metavar="FILE", help="Parameters, a JSON or YAML mapping.")]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="One parameter, read as its schema says; repeatable."),
]
Secrets = Annotated[Path | None, typer.Option("--secrets", metavar="FILE", help="Secrets, a JSON or YAML mapping.")]

TypeParam = Annotated[
    list[str] | None,
    typer.Option("--param", metavar="TYPE.KEY=VALUE", help="A parameter of a type; repeatable."),
]
Unset = Annotated[
    list[str] | None,
    typer.Option("--unset", metavar="TYPE.KEY", help="Say nothing about a parameter any more; repeatable."),
]


def pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """Options of the form `KEY=VALUE` as a mapping. Raises `InvalidInputError`."""
    split = [p.partition("=") for p in given or []]
    bad = next((key for key, equals, _ in split if not equals or not key), None)
    if bad is not None:
        raise InvalidInputError(f"{option} {bad!r}: write it as KEY=VALUE")
    return {key: value for key, _, value in split}


def of_types(given: list[str] | None, option: str) -> dict[str, dict[str, str]]:
    """Options of the form `TYPE.KEY=VALUE` as values by type. Raises `InvalidInputError`."""
    found: dict[str, dict[str, str]] = {}
    for key, value in pairs(given, option).items():
        type_, name = type_and_name(key, option)
        found.setdefault(type_, {})[name] = value
    return found


def type_and_name(key: str, option: str) -> tuple[str, str]:
    """`TYPE.KEY` as its two parts. Raises `InvalidInputError`."""
    type_, _, name = key.partition(".")
    if not type_ or not name:
        raise InvalidInputError(
            f"{option} {key!r}: say of which type, such as ADD_TEST_STAGE.{key.strip('.') or 'NAME'}"
        )
    return type_, name


def changed(
    present: "ParametersByType", given: list[str] | None, unset: list[str] | None
) -> dict[str, dict[str, "JsonValue"]]:
    """Parameters by type with those of `--param` in place, and without those of `--unset`.

    Raises:
        InvalidInputError: nothing is given, or what is to go is not there.
    """
    if not given and not unset:
        raise InvalidInputError("say what to change: --param TYPE.KEY=VALUE, or --unset TYPE.KEY")
    values = {type_: dict(of_type) for type_, of_type in present.items()}
    for key in unset or ():
        type_, name = type_and_name(key, "--unset")
        if name not in values.get(type_, {}):
            raise InvalidInputError(f"--unset {key}: nothing is said about it")
        del values[type_][name]
    for type_, of_type in of_types(given, "--param").items():
        values[type_] = {**values.get(type_, {}), **of_type}
    return {type_: of_type for type_, of_type in values.items() if of_type}


def texts(given: list[str] | None) -> dict[str, str]:
    """What `--set` gives, by name. Raises `InvalidInputError`."""
    return pairs(given, "--set")


def read_secrets(path: Path | None) -> dict[str, str]:
    """The secrets in a file.

    Raises:
        InvalidInputError: it cannot be read, or one is not text. Values are not in the message.
    """
    found = read_mapping(path) if path else {}
    wrong = [str(key) for key, value in found.items() if not isinstance(value, str)]
    if wrong:
        raise InvalidInputError(f"{path}: secrets are text; these are not: {', '.join(wrong)}")
    return found


def read_mapping(path: Path) -> dict[str, Any]:
    """A mapping in a JSON or YAML file. Raises `InvalidInputError`."""
    documents = read_documents(path)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise InvalidInputError(f"{path}: expected one mapping of names to values, in JSON or YAML")
    return {str(key): value for key, value in documents[0].items()}


def read_text(path: str) -> str:
    """The text in a file; `-` is standard input. Raises `InvalidInputError`."""
    try:
        return sys.stdin.read() if path == "-" else user_path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path}: is not text in UTF-8") from error


def read_bytes(path: str, most: int) -> bytes:
    """What is in a file, up to so many bytes; `-` is standard input. Raises `InvalidInputError`."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(most)
        with user_path(path).open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise InvalidInputError(f"{path}: cannot be read: {error.strerror}") from error


def read_documents(path: Path) -> list[Any]:
    """The documents in a JSON or YAML file. Raises `InvalidInputError`."""
    text = read_text(str(path))
    try:
        return [json.loads(text)]
    except ValueError:  # then it is YAML, which JSON is not quite a part of: escapes of characters differ
        pass
    from shiftdown.edits import yaml

    try:
        return yaml.load_all(text)
    except CannotEditError as error:
        raise InvalidInputError(f"{path}: is neither JSON nor YAML: {error}") from error
