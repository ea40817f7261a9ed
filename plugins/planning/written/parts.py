"""Operators and methods as they are written: checked one by one, not yet against one another."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from dataagents.core.planning import Flow
from dataagents.core.planning.unification import is_variable
from dataagents.core.values import Json
from dataagents.plugins.planning.written.document import Node
from dataagents.plugins.planning.written.fields import Fields, text_of
from dataagents.plugins.planning.written.rules import RULE_KEYS, Rule, read_rule, words_of
from dataagents.plugins.planning.written.tasks import (
    WrittenTask,
    places_of,
    read_flows,
    read_order,
    read_tasks,
)
from dataagents.plugins.planning.written.words import fact_of, read_patterns

_OPERATOR = (
    *RULE_KEYS, "makes", "seconds", "priority", "cost", "success_probability",
    "resources", "repeatable", "requires", "tools", "reads", "uses", "writes", "question",
)  # fmt: skip
_METHOD = (
    *RULE_KEYS, "subtasks", "flows", "success_probability", "cost", "before", "after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class WrittenOperator:
    """An operator as it is written."""

    name: str
    place: Node
    rule: Rule
    makes: Mapping[str, Json]
    seconds: float
    priority: int
    cost: float
    success_probability: float
    resources: Mapping[str, float]
    repeatable: bool
    requires: Mapping[str, float]
    tools: tuple[str, ...]
    reads: tuple[str, ...]
    uses: tuple[str, ...]
    writes: tuple[str, ...]
    question: str


@dataclass(frozen=True, slots=True)
class WrittenMethod:
    """A method as it is written."""

    task: str
    name: str
    place: Node
    rule: Rule
    subtasks: tuple[WrittenTask, ...]
    before: tuple[tuple[int, int], ...] | None
    """Positions (earlier, later); None when they come in the order of the list."""
    flows: tuple[Flow, ...]
    success_probability: float
    cost: float
    ahead_of: tuple[str, Node] | None = None
    """The method that it is tried right before."""
    behind: tuple[str, Node] | None = None
    """The method that it is tried right after."""


def read_operator(name: str, node: Node, line: int, types: Collection[str]) -> WrittenOperator:
    """Return an operator.

    Raises:
        InputError: Something in it is wrong; says in which line.
    """
    fields = Fields(node, f"operator {name!r}", _OPERATOR)
    rule = read_rule(fields, types)
    makes = read_patterns(fields.get("makes"), "makes", rule.names)
    reads, uses, writes = _dataflow(fields, rule, makes)
    return WrittenOperator(
        name=name,
        place=Node(node.source, line, name),
        rule=rule,
        makes=makes,
        seconds=fields.number("seconds", 0.0),
        priority=fields.whole("priority", 1),
        cost=fields.number("cost", 0.0),
        success_probability=_probability(fields),
        resources=fields.numbers("resources"),
        repeatable=fields.flag("repeatable"),
        requires=fields.numbers("requires", most=1.0),
        tools=tuple(text for text, _ in fields.texts("tools")),
        reads=reads,
        uses=uses,
        writes=writes,
        question=fields.text("question"),
    )


def read_method(
    task: str, name: str, node: Node, line: int, types: Collection[str]
) -> WrittenMethod:
    """Return a method.

    Raises:
        InputError: Something in it is wrong; says in which line.
    """
    fields = Fields(node, f"method {name!r} of {task!r}", _METHOD)
    rule = read_rule(fields, types)
    subtasks = read_tasks(fields.get("subtasks"), "subtasks", rule.names)
    places = places_of(subtasks)
    return WrittenMethod(
        task=task,
        name=name,
        place=Node(node.source, line, name),
        rule=rule,
        subtasks=subtasks,
        before=read_order(subtasks, places),
        flows=read_flows(fields, rule.names, places),
        success_probability=_probability(fields),
        cost=fields.number("cost", 0.0),
        ahead_of=_neighbour(fields, "before"),
        behind=_neighbour(fields, "after"),
    )


def _neighbour(fields: Fields, key: str) -> tuple[str, Node] | None:
    node = fields.get(key)
    return None if node is None else (text_of(node, key), node)


def _dataflow(
    fields: Fields, rule: Rule, makes: Mapping[str, Json]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return what an operator reads, uses and writes.

    What is left out follows from its conditions and effects, unless one of those is about a thing
    that is no argument: then the operator keeps the place that its methods give it.
    """
    needed = [fact for fact, value in rule.when.items() if value is not False]
    looked_at = [fact for fact, value in rule.when.items() if value is False]
    derived = {"reads": needed, "uses": [*looked_at, *rule.unless], "writes": [*makes]}
    words = words_of({fact: None for facts in derived.values() for fact in facts})
    arguments = {f"?{name}" for name in rule.parameters}
    clear = all(word in arguments for word in words if is_variable(word))
    found: list[tuple[str, ...]] = []
    for key, facts in derived.items():
        written = fields.texts(key)
        own = [fact_of(text, node, rule.parameters) for text, node in written]
        taken = own if key in fields else facts if clear else []
        found.append(tuple(map(_template, dict.fromkeys(taken))))
    reads, uses, writes = found
    return reads, uses, writes


def _template(fact: str) -> str:
    """Return a fact as operators have it: `quality:?dataset` is `quality:{dataset}` there."""
    predicate, colon, rest = fact.replace("{", "{{").replace("}", "}}").partition(":")
    parts = (f"{{{part[1:]}}}" if is_variable(part) else part for part in rest.split(","))
    return f"{predicate}{colon}{','.join(parts)}"


def _probability(fields: Fields) -> float:
    """Return a probability; none is 0, for then it could be left out."""
    return fields.number("success_probability", 1.0, least=0.000001, most=1.0)
