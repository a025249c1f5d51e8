"""XML without document types or entities, with line numbers."""

from dataclasses import dataclass, field
from xml.parsers import expat

MAX_DEPTH = 200
"""The deepest nesting that is read."""


@dataclass
class Element:
    """An element: its name without prefix, its text, its children, and the line that it starts on."""

    name: str
    line: int
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, *names: str) -> list["Element"]:
        """The elements at a path of names below this one."""
        found = [self]
        for name in names:
            found = [c for e in found for c in e.children if c.name == name]
        return found

    def first(self, *names: str) -> "Element | None":
        """The first element at a path of names."""
        return next(iter(self.all(*names)), None)

    def line_of(self, *names: str) -> int:
        """The line of the first element at a path of names; the line of this one if there is none."""
        return (self.first(*names) or self).line

    def value(self, *names: str) -> str | None:
        """The text of the first element at a path of names, if it has any."""
        element = self.first(*names)
        return (element.text.strip() or None) if element else None


def parse_xml(text: str) -> Element:
    """Parse XML.

    A document type is refused: it is where entity expansion and external files come from
    (OWASP XML External Entity Prevention).

    Raises:
        ValueError: it is not well-formed, has a document type, or is nested too deeply.
    """
    parser = expat.ParserCreate()
    root = Element("", 1)
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} deep (line {parser.CurrentLineNumber})")
        element = Element(_local(name), parser.CurrentLineNumber, attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    def doctype(*_: object) -> None:
        raise ValueError(f"document types are not read (line {parser.CurrentLineNumber})")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise ValueError(str(error)) from error
    return root.children[0]


def _local(name: str) -> str:
    return name.rpartition(":")[2]
