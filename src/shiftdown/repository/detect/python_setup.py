"""What `setup.py` says, read from its syntax tree. It is never executed."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shiftdown.repository.detect.documents import Document
from shiftdown.repository.detect.tree import Tree
from shiftdown.repository.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Setup:
    """The keywords of the call of `setup()`, as far as they are literals."""

    document: Document
    """The file."""
    values: dict[str, Any] = field(default_factory=dict)
    """Keyword to value; what cannot be told without running it is left out."""
    module: ast.Module | None = None
    """Its syntax tree."""
    nodes: dict[str, ast.expr] = field(default_factory=dict)
    """Keyword to what it is given."""

    def evidence(self, fact: str, keyword: str, text: str = "") -> Evidence:
        """A fact, on the line of a text that a keyword is given, or of the keyword's value.

        What a keyword is given by name is looked for in the whole file.
        """
        places = (self.nodes[keyword], self.module)
        line = next((n for p in places if p and text for n in _lines_of(p, text, self.document.text)), None)
        return Evidence(fact=fact, path=self.document.path, line=line or self.nodes[keyword].lineno)


def syntax_tree(tree: Tree, document: Document) -> ast.Module | None:
    """The syntax tree of a Python file; what does not parse becomes a problem."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(document.text)
    except SyntaxError as error:
        tree.problem(document.path, f"is not Python that this version reads: {error.msg}", error.lineno)
    except (ValueError, RecursionError, MemoryError) as error:
        tree.problem(document.path, f"cannot be parsed as Python: {type(error).__name__}")
    return None


def read_setup(tree: Tree, path: str | None) -> Setup | None:
    """Read `setup.py`; `None` if there is none, or it only has the name. One that does not parse says nothing."""
    document = tree.text(path)
    if document is None or not document.find(r"\bsetup\s*\("):
        return None
    module = syntax_tree(tree, document)
    names: dict[str, Any] = {}
    found = Setup(document, module=module)
    called = module is None
    for node in _statements(module):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            names[node.targets[0].id] = _value(node.value, names)
        call = node.value if isinstance(node, ast.Expr | ast.Assign) else None
        if isinstance(call, ast.Call) and _name(call.func) == "setup":
            called = True
            for keyword in call.keywords:
                given = (
                    _value(keyword.value, names).items()
                    if keyword.arg is None and isinstance(_value(keyword.value, names), dict)
                    else [(keyword.arg, _value(keyword.value, names))]
                )
                for name, value in given:
                    if isinstance(name, str):
                        found.values[name] = value
                        found.nodes[name] = keyword.value
    return found if called else None


def _lines_of(node: ast.AST, text: str, source: str) -> Iterator[int]:
    """The lines of literals that read `text`, and of the lines of literals that do."""
    lines = source.split("\n")
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            for offset, line in enumerate(inner.value.split("\n")):
                number = inner.lineno + offset
                if line.strip() == text and number <= len(lines) and text in lines[number - 1]:
                    yield number


def _statements(module: ast.Module | None) -> list[ast.stmt]:
    """The statements at the top, and those in functions and branches one or two levels below."""
    found: list[ast.stmt] = []
    waiting = [(s, 0) for s in (module.body if module else [])]
    while waiting:
        statement, depth = waiting.pop(0)
        found.append(statement)
        if depth < 3:
            for body in ("body", "orelse", "finalbody"):
                waiting += [(s, depth + 1) for s in getattr(statement, body, []) if isinstance(s, ast.stmt)]
    return found


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _value(node: ast.expr, names: dict[str, Any]) -> Any:
    """The value of an expression of literals and known names; `None` for the parts that are not."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return names.get(node.id)
        case ast.List() | ast.Tuple() | ast.Set():
            return [v for e in node.elts if (v := _value(e, names)) is not None]
        case ast.Dict():
            pairs = ((_value(k, names), _value(v, names)) for k, v in zip(node.keys, node.values, strict=True) if k)
            return {k: v for k, v in pairs if isinstance(k, str)}
        case ast.BinOp(op=ast.Add()):
            left, right = _value(node.left, names), _value(node.right, names)
            if isinstance(left, list) and isinstance(right, list) and len(left) + len(right) < 10_000:
                return left + right
            return left if isinstance(left, list) else right
        case ast.Call(func=ast.Name(id="dict")):
            return {k.arg: _value(k.value, names) for k in node.keywords if k.arg}
        case ast.Call() if node.args and _name(node.func) in ("list", "sorted", "set", "tuple"):
            return _value(node.args[0], names)
        case ast.Call():
            return [] if _name(node.func) in ("Extension", "cythonize") else None
    return None
