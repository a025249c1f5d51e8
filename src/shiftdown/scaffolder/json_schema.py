"""JSON Schema draft 7 as Backstage's validator reads it, tolerant of what templates in the wild say.

It differs from the standard where that validator does: formats are asserted, a type that is not known means nothing,
`required: true` at a property means that it is required, patterns are JavaScript's, and draft 4's boolean
`exclusiveMinimum` is understood. A schema that is broken is an error, never an exception of the library.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import regex
from jsonschema import Draft7Validator, FormatChecker, ValidationError, validators
from referencing.exceptions import Unresolvable

from shiftdown.errors import InvalidInputError

_PATTERN_SECONDS = 1.0
"""How long one pattern may take: patterns come from templates."""
_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_DATE = r"[0-9]{4}-(?:0[0-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"(?:[01][0-9]|2[0-4]):[0-5][0-9]:(?:[0-5][0-9]|60)"
_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": rf"{_DATE}[Tt ]{_TIME}(?:\.[0-9]+)?(?:[Zz]|[+-][0-5][0-9]:(?:[0-5][0-9]|60))",
    "email": rf"{_ATOM}(?:\.{_ATOM})*@(?:(?:{_LABEL}\.)+{_LABEL}|\[(?:{_OCTET}\.){{3}}{_OCTET}\])",
    "hostname": rf"(?=.{{1,255}}$){_LABEL}(?:\.{_LABEL})*\.?",
    "ipv4": rf"(?:{_OCTET}\.){{3}}{_OCTET}",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S*",
    "uuid": r"(?i:[0-9A-F]{8}-(?:[0-9A-F]{4}-){3}[0-9A-F]{12})",
    "phone": r"\+(?:[0-9] ?){6,14}[0-9]",
    "alpha": r"[A-Za-z]+",
    "alphanumeric": r"[A-Za-z0-9]+",
}
_ALIASES = {"host-name": "hostname", "ip-address": "ipv4", "iri": "uri"}


def schema_errors(schema: Mapping[str, Any], value: Any) -> Iterator[ValidationError]:
    """What does not fit a schema.

    Raises:
        InvalidInputError: the schema itself is broken; says how.
    """
    try:
        yield from _VALIDATOR(dict(schema), format_checker=_CHECKER).iter_errors(value)
    except (Unresolvable, regex.error, TimeoutError, RecursionError) as error:
        raise InvalidInputError(f"the schema cannot be used: {type(error).__name__}: {error}") from error
    except (TypeError, AttributeError, ValueError, KeyError) as error:
        raise InvalidInputError(f"the schema is broken: {error}") from error


def definition_errors(schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    """What in a schema is no JSON Schema of draft 7, patterns in JavaScript's form included."""
    yield from Draft7Validator(Draft7Validator.META_SCHEMA, format_checker=_PATTERNS).iter_errors(schema)


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value fits a schema. Raises as `schema_errors`."""
    return next(schema_errors(schema, value), None) is None


def _type(_: Any, types: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    wanted = types if isinstance(types, list) else [types]
    if None in wanted:
        raise InvalidInputError("the schema is broken: a `type` is empty; say `string`, `object`, …")
    if not any(_is(instance, kind) for kind in wanted):
        yield ValidationError(f"{instance!r} is not of type {', '.join(map(str, wanted))}")


def _is(instance: Any, kind: Any) -> bool:
    if isinstance(kind, Mapping):
        return fits(kind, instance)
    return kind not in _TYPES or Draft7Validator.TYPE_CHECKER.is_type(instance, kind)


def _required(_: Any, required: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(required, list) and isinstance(instance, Mapping):
        for name in required:
            if name not in instance:
                yield ValidationError(f"{name!r} is required")


def _properties(validator: Any, properties: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, Mapping):
        return
    for name, part in (properties or {}).items():
        if part is None:
            raise InvalidInputError(f"the schema is broken: property {name!r} has no schema")
        if name in instance:
            yield from validator.descend(instance[name], part, path=name, schema_path=name)
        elif isinstance(part, Mapping) and part.get("required") is True:
            yield ValidationError(f"{name!r} is required")


def _enum(_: Any, values: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if not isinstance(values, list):
        raise InvalidInputError("the schema is broken: `enum` is not a list")
    if not any(_same(instance, value) for value in values):
        yield ValidationError(f"{instance!r} is not one of {values!r}")


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return bool(a == b)


def _pattern(_: Any, pattern: Any, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, Mapping):
        return
    for pattern, part in patterns.items():
        for name, value in instance.items():
            if _matches(pattern, name):
                yield from validator.descend(value, part, path=name, schema_path=pattern)


def _additional_properties(validator: Any, part: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, Mapping):
        return
    known, patterns = schema.get("properties") or {}, schema.get("patternProperties") or {}
    extra = [name for name in instance if name not in known and not any(_matches(p, name) for p in patterns)]
    if isinstance(part, Mapping):
        for name in extra:
            yield from validator.descend(instance[name], part, path=name)
    elif not part and extra:
        names = ", ".join(map(repr, extra))
        yield ValidationError(f"Additional properties are not allowed ({names} unexpected)")


def _matches(pattern: Any, text: Any) -> bool:
    """Whether a pattern is found in a text. Raises `TimeoutError`, naming the pattern, when it takes too long."""
    try:
        return _compiled(pattern).search(str(text), timeout=_PATTERN_SECONDS) is not None
    except TimeoutError:
        raise TimeoutError(f"the pattern {pattern!r} takes over {_PATTERN_SECONDS:g} s") from None


def _is_pattern(value: object) -> bool:
    return not isinstance(value, str) or _compiled(value) is not None


def _compiled(pattern: str) -> Any:
    """A JavaScript pattern: there `$` is the end alone, groups are named `(?<name>`, and classes are ASCII."""
    ends = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda m: m[1] or r"\Z", str(pattern), flags=re.DOTALL)
    return regex.compile(ends.replace(r"\/", "/"), regex.ASCII | regex.VERSION0)


def _dependencies(validator: Any, dependencies: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, Mapping):
        return
    for name, dependent in dependencies.items():
        if name not in instance:
            continue
        if isinstance(dependent, str | list):
            for other in [dependent] if isinstance(dependent, str) else dependent:
                if other not in instance:
                    yield ValidationError(f"{other!r} is required, since there is {name!r}")
        else:
            yield from validator.descend(instance, dependent, schema_path=name)


def _bound(name: str) -> Callable[..., Iterable[ValidationError]]:
    """`minimum` or `maximum`, which draft 4's `exclusiveMinimum: true` makes exclusive."""
    exclusive = f"exclusive{name.capitalize()}"

    def check(validator: Any, bound: Any, instance: Any, schema: Any) -> Iterable[ValidationError]:
        keyword = exclusive if schema.get(exclusive) is True else name
        return Draft7Validator.VALIDATORS[keyword](validator, bound, instance, schema) or ()

    return check


def _strict_bound(name: str) -> Callable[..., Iterable[ValidationError]]:
    def check(validator: Any, bound: Any, instance: Any, schema: Any) -> Iterable[ValidationError]:
        if isinstance(bound, bool):
            return ()
        return Draft7Validator.VALIDATORS[name](validator, bound, instance, schema) or ()

    return check


def _format_check(pattern: str) -> Callable[[object], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: not isinstance(value, str) or compiled.fullmatch(value) is not None


def _checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    for name, pattern in _FORMATS.items():
        checker.checkers[name] = (_format_check(pattern), ())
    for name, same in _ALIASES.items():
        checker.checkers[name] = checker.checkers[same]
    return checker


def _pattern_checker() -> FormatChecker:
    checker = FormatChecker(formats=())
    checker.checkers["regex"] = (_is_pattern, regex.error)
    return checker


_CHECKER = _checker()
_PATTERNS = _pattern_checker()
_extend: Any = validators.extend
_VALIDATOR: Any = _extend(
    Draft7Validator,
    {
        "type": _type,
        "required": _required,
        "properties": _properties,
        "enum": _enum,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
        "dependencies": _dependencies,
        "minimum": _bound("minimum"),
        "maximum": _bound("maximum"),
        "exclusiveMinimum": _strict_bound("exclusiveMinimum"),
        "exclusiveMaximum": _strict_bound("exclusiveMaximum"),
    },
)
