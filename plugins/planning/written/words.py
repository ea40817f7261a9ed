"""The words of a written domain: variables such as `$dataset`, and patterns of facts.

Inside, a variable is `?dataset`; in YAML a question mark is a sign of its own between braces.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.planning.written.document import Node
from dataagents.plugins.planning.written.fields import items, json_of, text_of

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_VARIABLE = re.compile(r"[$?]([A-Za-z_][A-Za-z0-9_]*)")
_BRACES = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read_patterns(
    node: Node | None, what: str, variables: Collection[str], *, anonymous: bool = False
) -> dict[str, Json]:
    """Return fact → value: a list of facts that are true, or facts with values, or a mix of both.

    Args:
        node: What is written; None for nothing.
        what: How to call it in errors.
        variables: Those that are declared.
        anonymous: Whether variables such as `$_` may stand for anything.

    Raises:
        InputError: A fact is there twice, or has a variable that nobody declared.
    """
    found: dict[str, Json] = {}
    for text, value, place in _pairs(node, what):
        fact = fact_of(text, place, variables, anonymous=anonymous)
        if fact in found:
            raise place.wrong(f"the fact {text!r} is there twice in {what!r}")
        held = None if value is None else value_of(value, variables, anonymous=anonymous)
        found[fact] = True if value is None else held
    return found


def _pairs(node: Node | None, what: str) -> Iterator[tuple[str, Node | None, Node]]:
    """Yield fact, its value (None when it is only named) and where it stands."""
    for item in () if node is None else items(node):
        if isinstance(item.value, Mapping):
            for name, value in item.value.items():
                yield name, value, Node(item.source, item.lines.get(name, item.line), name)
        else:
            yield text_of(item, what), None, item


def fact_of(text: str, place: Node, variables: Collection[str], *, anonymous: bool = False) -> str:
    """Return a fact such as `at:$truck`, its variables as they are inside.

    Raises:
        InputError: A variable is not declared, or is not a part of its own.
    """
    braces = _BRACES.search(text)
    if braces is not None:
        hint = f"Write ${braces[1]} for it."
        raise place.wrong(f"{text!r} has braces, which mean nothing here", hint=hint)
    predicate, colon, rest = text.partition(":")
    parts = rest.split(",")
    if _VARIABLE.search(predicate) or any(_VARIABLE.search(part[1:]) for part in parts):
        hint = "Write it like `at:$truck` or `on:$x,$y`."
        raise place.wrong(f"{text!r} has a variable that is no part of its own", hint=hint)
    words = (variable_of(part, place, variables, anonymous=anonymous) for part in parts)
    return f"{predicate}{colon}{','.join(words)}"


def value_of(node: Node, variables: Collection[str], *, anonymous: bool = False) -> Json:
    """Return a value, its variables, also those in a list, as they are inside.

    Raises:
        InputError: One is not declared.
    """
    if isinstance(node.value, str):
        return variable_of(node.value, node, variables, anonymous=anonymous)
    if isinstance(node.value, tuple):
        return [value_of(each, variables, anonymous=anonymous) for each in node.value]
    return json_of(node)


def variable_of(
    word: str, place: Node, variables: Collection[str], *, anonymous: bool = False
) -> str:
    """Return a word; one that is a variable as it is inside.

    Raises:
        InputError: It is a variable that nobody declared; names the nearest one.
    """
    found = _VARIABLE.fullmatch(word)
    if found is None:
        return word
    if word.startswith("?"):
        raise place.wrong(f"{word!r} would be a variable", hint=f"Write ${found[1]} for one.")
    if found[1] not in variables and not (anonymous and found[1].startswith("_")):
        hint = did_you_mean(word, [f"${name}" for name in variables]).strip()
        hint = hint or "Declare it in `parameters` or `variables`."
        raise place.wrong(f"nothing says what {word} is", hint=hint)
    return f"?{found[1]}"


def check_name(name: str, place: Node, what: str) -> str:
    """Return a name that a variable can have.

    Raises:
        InputError: It is none.
    """
    if not _NAME.fullmatch(name):
        hint = "Letters, digits and _ make one, no digit first."
        raise place.wrong(f"{name!r} is no name for a {what}", hint=hint)
    return name
