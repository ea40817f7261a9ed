"""YAML as values that know their line, so that every later mistake can be shown where it is.

Words are words: only `true`, `false`, `null` and numbers are anything else, as in YAML 1.2. Nothing
in a file can make more of it than there is: size, depth and number of values are bounded, and tags
that would build objects are refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dataagents.core.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import yaml

MOST_BYTES = 2_000_000
"""Bytes of one file."""
MOST_VALUES = 200_000
"""Values in one file, those behind an alias counted each time they are used."""
DEEPEST = 40
"""How deep values may be nested."""

Plain: TypeAlias = "str | bool | int | float | None"
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*([eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))")
_WORDS: Mapping[str, Plain] = {"": None, "~": None, "null": None, "true": True, "false": False}
_STANDARD = "tag:yaml.org,2002:"
_TAGS = tuple(f"{_STANDARD}{kind}" for kind in ("map", "seq", "str"))


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and where it stands."""

    source: str
    """How to call the file."""
    line: int
    value: "Plain | tuple[Node, ...] | Mapping[str, Node]"
    lines: Mapping[str, int] = field(default_factory=dict)
    """Key → its line, where the value has keys."""

    def wrong(self, problem: str, *, hint: str = "", line: int | None = None) -> InputError:
        """Return an error that says where this value stands."""
        return InputError(f"{self.source} line {line or self.line}", problem, hint=hint)


def read_document(path: Path) -> Node:
    """Return what a YAML file holds.

    Raises:
        InputError: It can't be read, is too large or is no YAML; says where.
        MissingExtraError: What reads YAML is not installed.
    """
    if find_spec("yaml") is None:
        raise MissingExtraError("a domain in YAML", "data")
    source = path.name
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(str(path), error.strerror or "it can't be read") from error
    if len(content) > MOST_BYTES:
        raise InputError(source, f"it is larger than {MOST_BYTES // 1_000_000} MB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{source} line {line}", "it is not UTF-8", hint="Save it so.") from error
    return parse(text, source)


def parse(text: str, source: str) -> Node:
    """Return what a text in YAML holds; `source` is how to call it.

    Raises:
        InputError: It is no YAML; says in which line and column.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Takes every scalar as the text that it is; what it means is decided here."""

        yaml_implicit_resolvers = {}  # noqa: RUF012  # as yaml has it

    try:
        root = yaml.compose(text, Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = error.problem or error.context or "it can't be read"
        raise InputError(f"{source}{where}", f"not valid YAML: {problem}") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problem = "it has a control character, which YAML does not allow"
        raise InputError(f"{source} line {line}", problem) from error
    except yaml.YAMLError as error:
        raise InputError(source, "it is not valid YAML") from error
    except RecursionError as error:
        raise InputError(source, "it is nested too deeply") from error
    if root is None:
        raise InputError(source, "it is empty")
    return _Conversion(source).node(root, 0)


class _Conversion:
    """Turns PyYAML's nodes into ours, counting them."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._left = MOST_VALUES

    def node(self, node: "yaml.Node", depth: int) -> Node:
        import yaml

        line = node.start_mark.line + 1
        where = f"{self._source} line {line}"
        self._left -= 1
        if self._left < 0:
            raise InputError(where, f"the file has more than {MOST_VALUES:,} values")
        if depth > DEEPEST:
            raise InputError(where, "it is nested too deeply")
        if node.tag not in _TAGS:
            tag = repr(node.tag.replace(_STANDARD, "!!"))
            raise InputError(where, f"the tag {tag} has no meaning here")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, line, depth)
        if isinstance(node, yaml.SequenceNode):
            items = tuple(self.node(item, depth + 1) for item in node.value)
            return Node(self._source, line, items)
        text = str(node.value)
        plain = getattr(node, "style", None) is None
        return Node(self._source, line, plain_value(text) if plain else text)

    def _mapping(self, node: "yaml.MappingNode", line: int, depth: int) -> Node:
        import yaml

        values: dict[str, Node] = {}
        lines: dict[str, int] = {}
        for key, value in node.value:
            place = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise InputError(f"{self._source} line {place}", "a key has to be a word")
            name = str(key.value)
            if name in values:
                problem = f"{name!r} is there twice; it also stands in line {lines[name]}"
                raise InputError(f"{self._source} line {place}", problem)
            lines[name] = place
            values[name] = self.node(value, depth + 1)
        return Node(self._source, line, values, lines=lines)


def plain_value(text: str) -> Plain:
    """Return what a word that is not quoted means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text) and isfinite(float(text)):
        return float(text)
    return text
