"""The conditions of GitLab's rules, judged for the pipelines that a change is checked by before it is merged."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import regex

Values = Mapping[str, str | None]
"""Variables that are known: their value, or `None` for one that is not set."""

MAX_PATTERN = 200
"""How long a regular expression may be to be tried."""
PATTERN_SECONDS = 0.1
"""How long a regular expression may take; one that takes longer is not known to match."""

_TOKEN = re.compile(
    r"""\s*(?:(?P<variable>\$\w+|\$\{\w+\})|(?P<text>"[^"]*"|'[^']*')|(?P<pattern>/(?:\\.|[^/\\])+/[a-z]*)"""
    r"|(?P<sign>==|!=|=~|!~|&&|\|\||[()])|(?P<null>null\b))"
)


def contexts(default_branch: str) -> tuple[Values, Values, Values]:
    """What is known in a pipeline of a merge request, of a branch before its merge, and of the default branch."""
    branch = {
        "CI_PIPELINE_SOURCE": "push",
        "CI_DEFAULT_BRANCH": default_branch,
        "CI_COMMIT_TAG": None,
        "CI_MERGE_REQUEST_IID": None,
        "CI_MERGE_REQUEST_ID": None,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": None,
    }
    merge_request = branch | {
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_COMMIT_BRANCH": None,
        "CI_COMMIT_REF_NAME": "some-change",
        "CI_MERGE_REQUEST_IID": "1",
        "CI_MERGE_REQUEST_ID": "1",
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "some-change",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": default_branch,
    }
    before = branch | {"CI_COMMIT_BRANCH": "some-change", "CI_COMMIT_REF_NAME": "some-change"}
    after = branch | {"CI_COMMIT_BRANCH": default_branch, "CI_COMMIT_REF_NAME": default_branch}
    return merge_request, before, after


def can_start(rules: Any, values: Values, *, default: str = "on_success") -> bool:
    """Whether rules let a job, or a pipeline, start by itself. What is not known can be.

    The first rule that holds decides; when none does, nothing starts. A rule for files that are changed or exist can
    hold. What waits for a person starts by nobody's change.
    """
    possible = False
    for rule in rules if isinstance(rules, list) else ():
        if not isinstance(rule, dict):
            continue
        held = can_hold(rule.get("if"), values)
        if held is not False and ("changes" in rule or "exists" in rule):
            held = None
        if held is False:
            continue
        starts = rule.get("when", default) not in ("never", "manual")
        if held:
            return starts or possible
        possible |= starts
    return possible


def can_start_by_refs(job: Mapping[str, Any], values: Values) -> bool:
    """Whether `only` and `except` let a job start."""
    only, excepted = job.get("only"), job.get("except")
    refs = _refs(only)
    chosen = any(_is_ref(ref, values) for ref in refs) if refs is not None else values["CI_MERGE_REQUEST_IID"] is None
    return chosen and not any(_is_ref(ref, values) for ref in _refs(excepted) or ())


def can_hold(condition: Any, values: Values) -> bool | None:
    """Whether an `if` holds; `None` when that is not known."""
    if not isinstance(condition, str):
        return True if condition is None else None
    tokens = list(_tokens(condition))
    if None in tokens:
        return None
    parser = _Parser([t for t in tokens if t], values)
    held = parser.either()
    return held if parser.done else None


def _refs(value: Any) -> list[str] | None:
    if isinstance(value, dict):
        value = value.get("refs")
    if isinstance(value, str):
        return [value]
    return [str(item) for item in value] if isinstance(value, list) else None


def _is_ref(ref: str, values: Values) -> bool:
    branch = values["CI_COMMIT_BRANCH"]
    if ref in ("merge_requests", "branches", "pushes"):
        return (ref == "merge_requests") == (branch is None)
    if branch is None:
        return False
    if match := re.fullmatch(r"/(.*)/(i?)", ref):
        return _search(match[1], branch, match[2]) is not False
    return ref == branch


def _tokens(text: str) -> Iterator[tuple[str, str] | None]:
    position = 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            yield None
            return
        yield match.lastgroup, match[match.lastgroup]
        position = match.end()


def _search(pattern: str, text: str, flags: str) -> bool | None:
    if len(pattern) > MAX_PATTERN:
        return None
    try:
        found = regex.search(pattern, text, regex.IGNORECASE if "i" in flags else 0, timeout=PATTERN_SECONDS)
    except (regex.error, TimeoutError):
        return None
    return found is not None


class _Unknown:
    """The value of a variable that is not known."""


class _Parser:
    """A three-valued evaluation."""

    def __init__(self, tokens: Iterable[tuple[str, str]], values: Values) -> None:
        self._tokens = list(tokens)
        self._values = values

    @property
    def done(self) -> bool:
        return not self._tokens

    def either(self) -> bool | None:
        held = self._both()
        while self._take("||"):
            other = self._both()
            held = True if True in (held, other) else None if None in (held, other) else False
        return held

    def _both(self) -> bool | None:
        held = self._comparison()
        while self._take("&&"):
            other = self._comparison()
            held = False if False in (held, other) else None if None in (held, other) else True
        return held

    def _comparison(self) -> bool | None:
        if self._take("("):
            held = self.either()
            return held if self._take(")") else None
        left = self._operand()
        for sign in ("==", "!=", "=~", "!~"):
            if self._take(sign):
                return self._compared(left, sign)
        return None if isinstance(left, _Unknown) else bool(left)

    def _compared(self, left: str | _Unknown | None, sign: str) -> bool | None:
        kind = self._tokens[0][0] if self._tokens else ""
        right = self._operand()
        if isinstance(left, _Unknown) or isinstance(right, _Unknown):
            return None
        if sign in ("==", "!="):
            return (left == right) == (sign == "==")
        if kind != "pattern" or right is None:
            return None
        body, _, flags = right[1:].rpartition("/")
        found = _search(body, left, flags) if left is not None else False
        return None if found is None else found == (sign == "=~")

    def _operand(self) -> str | _Unknown | None:
        kind, text = self._tokens.pop(0) if self._tokens else ("", "")
        if kind == "variable":
            return self._values.get(text.strip("${}"), _Unknown())
        if kind == "text":
            return text[1:-1]
        if kind == "pattern":
            return text
        return None if kind == "null" else _Unknown()

    def _take(self, sign: str) -> bool:
        if self._tokens and self._tokens[0] == ("sign", sign):
            self._tokens.pop(0)
            return True
        return False
