"""The syntax of patterns: the parts of a regular expression that Python has found sound."""

import re
from dataclasses import dataclass

from dataagents.core.errors import InputError

_ONE = re.compile(
    r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|0[0-7]{0,2}|[0-3][0-7]{2}|.)"
    r"|\[\^?\]?(?:\\.|[^\]\\])*\]"
    r"|.",
    re.DOTALL,
)
"""One character of a text: a class, an escape, or itself."""
_LETTER = re.compile(r"[A-Za-z0-9_,:;=@#%&'\"<>~-]")
"""A part of an expression that stands for itself."""
_REPEAT = re.compile(r"(?:([*+?])|\{(?!\})([0-9]*)(?:(,)([0-9]*))?\})([?+]?)")
_GROUP = re.compile(r"\((?:\?:|\?P<\w+>|(?!\?))")
_BACK = re.compile(r"\\[1-9]")
_OCTAL = re.compile(r"\\[0-3][0-7]{2}")
_BOUNDARIES = ("^", "$", "\\A", "\\Z", "\\b", "\\B")
_DEEPEST = 20
"""Groups within groups."""


@dataclass(frozen=True, slots=True)
class Node:
    """A part of an expression."""

    kind: str
    """`one` character, `boundary`, `all` parts in order, `either` of them, or a `repeat`."""
    text: str = ""
    parts: tuple["Node", ...] = ()
    least: int = 1
    most: int | None = 1
    """How often it is there; None is without end."""

    @property
    def is_direct(self) -> bool:
        """Whether it has no two ways to the same text: at most one repeat, of one character.

        Alternatives of the whole are tried one after another, so each is looked at by itself.
        """
        whole = self.parts if self.kind == "either" else (self,)
        return all(each.repeats() <= 1 for each in whole)

    def words(self) -> tuple[str, ...]:
        """Return what every text with the expression has in it, in small letters of ASCII."""
        if self.kind != "all":
            return ()
        said = "".join(
            part.text if part.kind == "one" and _LETTER.fullmatch(part.text) else " "
            for part in self.parts
        )
        return tuple(said.lower().split())

    def repeats(self) -> int:
        """Count the choices that multiply: repeats, and alternatives inside."""
        below = sum(part.repeats() for part in self.parts)
        match self.kind:
            case "repeat":
                return below + (1 if self.parts[0].kind == "one" else 2)
            case "either":
                return below + 2
            case _:
                return below


def read(text: str, what: str) -> Node:
    """Return the parts of an expression that `re.compile` accepts.

    Args:
        text: The expression.
        what: What errors call it.

    Raises:
        InputError: It has something that needs more than one look at a text.
    """
    reader = _Reader(text, what)
    return reader.alternatives(0)


class _Reader:
    def __init__(self, text: str, what: str) -> None:
        self._text = text
        self._what = what
        self._at = 0

    def alternatives(self, depth: int) -> Node:
        """Read up to the end of the group, or of the text."""
        if depth > _DEEPEST:
            raise InputError(self._what, f"it has more than {_DEEPEST} groups within groups")
        choices: list[Node] = []
        parts: list[Node] = []
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._text[self._at] == "|":
                self._at += 1
                choices.append(Node("all", parts=tuple(parts)))
                parts = []
            else:
                parts.append(self._repeated(self._part(depth)))
        choices.append(Node("all", parts=tuple(parts)))
        return choices[0] if len(choices) == 1 else Node("either", parts=tuple(choices))

    def _part(self, depth: int) -> Node:
        if self._text[self._at] == "(":
            return self._group(depth)
        if _BACK.match(self._text, self._at) and not _OCTAL.match(self._text, self._at):
            raise self._refused("a reference such as \\1")
        one = _ONE.match(self._text, self._at)
        said = one[0] if one else self._text[self._at]
        self._at += len(said)
        if said in _BOUNDARIES:
            return Node("boundary", said)
        if said == "\\N":
            raise self._refused("a name of a character")
        return Node("one", said)

    def _group(self, depth: int) -> Node:
        opened = _GROUP.match(self._text, self._at)
        if opened is None:
            raise self._refused("a group with (?")
        self._at = opened.end()
        inner = self.alternatives(depth + 1)
        self._at += 1
        return inner

    def _repeated(self, node: Node) -> Node:
        found = _REPEAT.match(self._text, self._at)
        if found is None:
            return node
        self._at = found.end()
        sign, least, comma, most, manner = found.groups()
        if manner == "+":
            raise self._refused("a repeat that gives nothing back")
        match sign:
            case "*":
                bounds: tuple[int, int | None] = (0, None)
            case "+":
                bounds = (1, None)
            case "?":
                bounds = (0, 1)
            case _:
                low = int(least or 0)
                high = (int(most) if most else None) if comma else low
                bounds = (low, high)
        return Node("repeat", parts=(node,), least=bounds[0], most=bounds[1])

    def _refused(self, part: str) -> InputError:
        hint = "Filters know classes, groups, alternatives, repeats, ^, $ and \\b."
        return InputError(self._what, f"it has {part}, which filters do not have", hint=hint)
