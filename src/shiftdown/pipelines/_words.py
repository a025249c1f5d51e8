"""Tables of words, written as text."""


def each(text: str) -> frozenset[str]:
    """The words of a text, by spaces and ends of lines."""
    return frozenset(text.split())
