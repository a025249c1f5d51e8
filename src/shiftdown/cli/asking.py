"""Asks a person on a terminal for parameters and secrets that are missing."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import typer

from shiftdown.errors import InvalidInputError
from shiftdown.scaffolder.questions import Question


def complete(
    values: dict[str, Any], missing: Callable[[Mapping[str, Any]], Sequence[Question]], *, of: str
) -> dict[str, Any]:
    """`values` with answers to every question that is open; an answer may open further ones.

    Raises:
        InvalidInputError: nobody is there to ask; names everything that is missing.
    """
    while questions := missing(values):
        if not is_terminal():
            lines = "".join(f"\n  --set {q.name}={_hint(q)}" for q in questions)
            raise InvalidInputError(f"{of} needs parameters that are not given:{lines}")
        values = {**values, questions[0].name: ask(questions[0])}
    return values


def complete_secrets(
    secrets: dict[str, str], missing: Callable[[Mapping[str, str]], Sequence[str]], *, of: str
) -> dict[str, str]:
    """`secrets` with those that are missing, typed unseen. Raises as `complete`."""
    while names := missing(secrets):
        if not is_terminal():
            raise InvalidInputError(f"{of} needs secrets that are not in --secrets FILE: {', '.join(names)}")
        secrets = {**secrets, names[0]: typer.prompt(f"{names[0]} (secret)", hide_input=True, err=True)}
    return secrets


def ask(question: Question) -> Any:
    """Ask until the answer is one that the schema allows."""
    if question.description:
        sys.stderr.write(f"\n{question.description}\n")
    if question.is_boolean:
        return typer.confirm(question.title, default=None, err=True)
    choices = question.choices
    for number, choice in enumerate(choices, start=1):
        sys.stderr.write(f"  {number}. {choice}\n")
    while True:
        text = typer.prompt(question.title, err=True)
        if choices and text.isdigit() and text not in map(str, choices) and 1 <= int(text) <= len(choices):
            return choices[int(text) - 1]
        try:
            return question.answer(text)
        except InvalidInputError as error:
            sys.stderr.write(f"{error}\n")


def is_terminal() -> bool:
    """Whether somebody is there to ask."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _hint(question: Question) -> str:
    if question.choices:
        return "|".join(map(str, question.choices))
    return f"…  ({question.description})" if question.description else "…"
