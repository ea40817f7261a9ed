"""Rules as they are written: parameters, variables, and the conditions that bind them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from dataagents.core.planning.unification import is_variable
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json
from dataagents.plugins.planning.written.document import Node
from dataagents.plugins.planning.written.fields import Fields, items, text_of
from dataagents.plugins.planning.written.words import check_name, read_patterns, variable_of

PLAIN_TYPES = ("any", "text", "number", "boolean")
"""Types that need no objects."""
RULE_KEYS = ("parameters", "variables", "when", "unless", "differ")


@dataclass(frozen=True, slots=True)
class Rule:
    """When something can be done, and what its variables are; names have no `$`."""

    parameters: Mapping[str, str]
    """Argument of the task → its type."""
    variables: Mapping[str, str]
    """Variable that is no argument → its type."""
    when: Mapping[str, Json]
    unless: Mapping[str, Json]
    differ: tuple[tuple[str, str], ...]

    @property
    def names(self) -> Collection[str]:
        """All variables."""
        return (*self.parameters, *self.variables)


def read_rule(fields: Fields, types: Collection[str]) -> Rule:
    """Return a rule.

    Raises:
        InputError: A variable has no meaning, or a condition is none; says in which line.
    """
    parameters = _typed(fields, "parameters", types)
    variables = _typed(fields, "variables", types)
    for name in variables:
        if name in parameters:
            raise fields.need("variables").wrong(f"${name} is a parameter already")
    names = (*parameters, *variables)
    when = read_patterns(fields.get("when"), "when", names, anonymous=True)
    _check_found(fields, variables, when)
    return Rule(
        parameters,
        variables,
        when,
        read_patterns(fields.get("unless"), "unless", names, anonymous=True),
        _differ(fields, names),
    )


def _typed(fields: Fields, key: str, types: Collection[str]) -> Mapping[str, str]:
    """Return name → type; a list has names alone, each for anything.

    Raises:
        InputError: One is no name, is there twice, or has a type that nobody declared.
    """
    node = fields.get(key)
    if node is None:
        return {}
    if not isinstance(node.value, Mapping):
        found: dict[str, str] = {}
        for name, place in fields.texts(key):
            if name in found:
                raise place.wrong(f"{name!r} is there twice in {key!r}")
            found[check_name(name, place, "variable")] = "any"
        return found
    typed: dict[str, str] = {}
    for name, value, line in fields.mapping(key):
        check_name(name, Node(node.source, line, name), "variable")
        typed[name] = "any" if value.value is None else text_of(value, name)
        if typed[name] not in (*PLAIN_TYPES, *types):
            hint = did_you_mean(typed[name], types).strip() or "List it in `types`."
            raise value.wrong(f"there is no type {typed[name]!r}", hint=hint)
    return typed


def _check_found(fields: Fields, variables: Mapping[str, str], when: Mapping[str, Json]) -> None:
    """Check that there is a way to find each variable.

    Raises:
        InputError: One is in no condition, and has no type that lists objects.
    """
    used = set(words_of(when))
    for name, type_ in variables.items():
        if type_ in PLAIN_TYPES and f"?{name}" not in used:
            hint = "Use it in `when`, or give it a type that has objects."
            raise fields.need("variables").wrong(f"nothing says what ${name} is", hint=hint)


def words_of(when: Mapping[str, Json]) -> Iterator[str]:
    """Yield the parts and the values of facts, those in lists too."""
    open_: list[Json] = []
    for fact, value in when.items():
        open_ += [value, *fact.partition(":")[2].split(",")]
    while open_:
        word = open_.pop()
        if isinstance(word, list):
            open_ += word
        elif isinstance(word, str):
            yield word


def _differ(fields: Fields, names: Collection[str]) -> tuple[tuple[str, str], ...]:
    node = fields.get("differ")
    pairs: list[tuple[str, str]] = []
    for item in () if node is None else items(node):
        words = [variable_of(text_of(each, "differ"), each, names) for each in items(item)]
        if len(words) != 2 or not is_variable(words[0]):
            hint = "Write it like `- [$from, $to]`."
            raise item.wrong("'differ' needs pairs that begin with a variable", hint=hint)
        pairs.append((words[0], words[1]))
    return tuple(pairs)
