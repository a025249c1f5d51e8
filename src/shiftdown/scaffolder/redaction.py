"""Secrets are taken out of everything that a task says."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MASK = "***"
"""What stands where a secret was."""

_LINE = 8
"""From how many characters on a line of a secret is hidden by itself."""


class Redactor:
    """Replaces secrets in text, and learns what steps derive from them (a token in base64, say)."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._hidden: set[str] = set()
        self.hide(secrets)

    def hide(self, values: Iterable[str]) -> None:
        """Hide more values; blank ones and single characters cannot be told from other text."""
        self._hidden.update(form for value in values for form in _forms(value) if len(form.strip()) > 1)

    def hide_differences(self, rendered: Any, without: Any) -> None:
        """Hide what depends on a secret: texts in `rendered` that are other, or missing, in `without`.

        `without` is the same with masks for secrets; a text that holds a secret as it is needs no more hiding.
        """
        if isinstance(rendered, str):
            if rendered != without and self.text(rendered) != without:
                self.hide([rendered])
        elif isinstance(rendered, Mapping):
            other = without if isinstance(without, Mapping) else {}
            for key, value in rendered.items():
                self.hide([key] if key not in other and isinstance(key, str) else [])
                self.hide_differences(value, other.get(key))
        elif isinstance(rendered, list):
            others = without if isinstance(without, list) else []
            for index, value in enumerate(rendered):
                self.hide_differences(value, others[index] if index < len(others) else None)

    def text(self, text: str) -> str:
        """`text` without secrets; longer ones first, so that none leaves its end behind."""
        for value in sorted(self._hidden, key=len, reverse=True):
            text = text.replace(value, MASK)
        return text

    def is_in(self, content: bytes) -> bool:
        """Whether the content of a file has a secret in it."""
        return any(value.encode(errors="replace") in content for value in self._hidden)

    def data(self, value: Any) -> Any:
        """Plain data without secrets in keys or values."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(k) if isinstance(k, str) else k: self.data(v) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [self.data(v) for v in value]
        return value


def _forms(value: str) -> Iterator[str]:
    """A secret as it may be shown: as it is, without blanks around it, as JSON, and each of several lines."""
    lines = [line.strip() for line in value.splitlines()]
    for form in (value, value.strip(), *(line for line in lines if len(line) >= _LINE)):
        yield from (form, json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1])
