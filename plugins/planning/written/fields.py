"""The fields of a value with keys: asked for by their types; what nobody knows is refused."""

from collections.abc import Collection, Iterator, Mapping
from math import isfinite

from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.planning.written.document import Node

MOST_TEXT = 2_000
"""Characters of one text."""


def kind_of(node: Node) -> str:
    """Return what a value is, in words."""
    match node.value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "text"
        case tuple():
            return "a list"
        case int() | float():
            return "a number"
        case _:
            return "keys with values"


class Fields:
    """The fields of one value.

    Args:
        node: The value.
        what: How to call it in errors.
        known: The keys it may have.

    Raises:
        InputError: It has no keys, or one that is not known; names the nearest.
    """

    def __init__(self, node: Node, what: str, known: Collection[str]) -> None:
        self.node = node
        self.what = what
        self._values = entries(node, what)
        for key in self._values:
            if key not in known:
                hint = did_you_mean(key, known).strip()
                raise node.wrong(f"{what} has no key {key!r}", hint=hint, line=node.lines.get(key))

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def get(self, key: str) -> Node | None:
        """Return a field; None when it is left out or says nothing."""
        node = self._values.get(key)
        return None if node is None or node.value is None else node

    def need(self, key: str) -> Node:
        """Return a field that has to be there.

        Raises:
            InputError: It is not.
        """
        node = self.get(key)
        if node is None:
            raise self.node.wrong(f"{self.what} needs {key!r}")
        return node

    def text(self, key: str, default: str = "") -> str:
        """Return a text."""
        node = self.get(key)
        return default if node is None else text_of(node, key)

    def number(self, key: str, default: float, *, least: float = 0.0, most: float = 1e12) -> float:
        """Return a number within bounds."""
        node = self.get(key)
        return default if node is None else number_of(node, key, least=least, most=most)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        node = self.get(key)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            raise node.wrong(f"{key!r} has to be true or false, not {kind_of(node)}")
        return node.value

    def whole(self, key: str, default: int, *, least: int = 0, most: int = 1_000_000) -> int:
        """Return a whole number within bounds."""
        node = self.get(key)
        if node is None:
            return default
        number = number_of(node, key, least=least, most=most)
        if number != int(number):
            raise node.wrong(f"{key!r} has to be a whole number, not {number:g}")
        return int(number)

    def texts(self, key: str) -> tuple[tuple[str, Node], ...]:
        """Return a list of texts, each beside where it stands; one text is a list of it."""
        node = self.get(key)
        if node is None:
            return ()
        return tuple((text_of(each, key), each) for each in items(node))

    def numbers(self, key: str, *, most: float = 1e12) -> Mapping[str, float]:
        """Return name → number."""
        node = self.get(key)
        if node is None:
            return {}
        return {
            name: number_of(value, name, least=0.0, most=most)
            for name, value in entries(node, key).items()
        }

    def mapping(self, key: str) -> Iterator[tuple[str, Node, int]]:
        """Yield the entries of a field that has keys itself: key, value, the key's line."""
        node = self.get(key)
        if node is not None:
            for name, value in entries(node, key).items():
                yield name, value, node.lines.get(name, node.line)


def entries(node: Node, what: str) -> Mapping[str, Node]:
    """Return a value's keys and what they hold.

    Raises:
        InputError: It has none.
    """
    if isinstance(node.value, Mapping):
        return node.value
    raise node.wrong(f"{what} has to be keys with values, not {kind_of(node)}")


def items(node: Node) -> tuple[Node, ...]:
    """Return a list's items; anything else is a list of itself."""
    return node.value if isinstance(node.value, tuple) else (node,)


def text_of(node: Node, what: str) -> str:
    """Return a text; a number is the text that was written.

    Raises:
        InputError: It is none.
    """
    value = node.value
    if isinstance(value, Mapping | tuple) or value is None:
        raise node.wrong(f"{what!r} has to be text, not {kind_of(node)}")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if not text.strip():
        raise node.wrong(f"{what!r} is empty")
    if len(text) > MOST_TEXT:
        raise node.wrong(f"{what!r} is longer than {MOST_TEXT:,} characters")
    return text


def number_of(node: Node, what: str, *, least: float, most: float) -> float:
    """Return a number within bounds.

    Raises:
        InputError: It is none, or out of bounds.
    """
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise node.wrong(f"{what!r} has to be a number, not {kind_of(node)}")
    if not (isfinite(value) and least <= value <= most):
        bounds = f"at least {least:g}" if most >= 1e12 else f"in {least:g} to {most:g}"
        raise node.wrong(f"{what!r} has to be {bounds}, not {value:g}")
    return float(value)


def json_of(node: Node) -> Json:
    """Return a value as plain JSON."""
    value = node.value
    if isinstance(value, Mapping):
        return {key: json_of(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [json_of(each) for each in value]
    return value
