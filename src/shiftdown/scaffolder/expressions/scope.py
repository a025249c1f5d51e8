"""Where names of a template live."""

from typing import Any


class Frame:
    """What belongs to one call of a template, macro or block."""

    __slots__ = ("exports", "is_root", "lengths")

    exports: "Scope"

    def __init__(self, exports: "Scope | None" = None, *, is_root: bool = False) -> None:
        if exports is not None:
            self.exports = exports
        """The scope that macros see: the context, and what the template defines at its top."""
        self.is_root = is_root
        """Whether what is set here is exported."""
        self.lengths: dict[int, Any] = {}
        """How many items each loop had when it last ran."""


class Scope:
    """Names with their values, and the scope around it."""

    __slots__ = ("frame", "isolated", "names", "parent")

    def __init__(
        self, parent: "Scope | None", names: dict[str, Any], frame: "Frame", *, isolated: bool = False
    ) -> None:
        self.parent = parent
        self.names = names
        self.frame = frame
        """The call that it belongs to."""
        self.isolated = isolated
        """Whether `set` changes nothing in the scopes around it."""

    def assign(self, name: str, value: Any) -> None:
        """Give a name a value where it is known already, or here."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                scope.names[name] = value
                break
            scope = None if scope.isolated else scope.parent
        else:
            self.names[name] = value
        if self.isolated and self.frame.is_root:
            self.frame.exports.names[name] = value


def root(context: dict[str, Any]) -> Scope:
    """The scope of a template's top, for a context that was adopted."""
    frame = Frame(is_root=True)
    frame.exports = Scope(Scope(None, context, frame), {}, frame)
    return Scope(frame.exports, {}, frame, isolated=True)
