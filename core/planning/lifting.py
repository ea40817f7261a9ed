"""Lifted operators and methods: typed parameters and patterns instead of Python.

A pattern is a fact whose parts may be variables: `on:?x` with the value `?y` stands for "whatever x
is on". Variables start with `?`; `?x` is the task's argument `x`, or it is found by matching
patterns with what is known. Nothing is grounded: a domain has one operator, not one for each
combination of things.

Conventions:
    Facts are `predicate`, `predicate:a` or `predicate:a,b`; patterns are written the same way. A
    name that holds a comma or a colon can stand in the last place only.
    A pattern's value is a constant, a variable, or a list of them. A pattern whose value is false
    also holds when nobody made the fact.
    `objects:TYPE` is a list of the names of that type. Types that are always there: `any`, `text`,
    `number`, `boolean`. `types` says which type is a kind of which: child → parent.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TypeAlias

from dataagents.core.planning.domain import Flow, Method, Operator, State, Task, TaskNetwork
from dataagents.core.planning.unification import (
    Bindings,
    Pattern,
    filled,
    is_variable,
    unify,
    variables,
)
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json, JsonObject

Patterns: TypeAlias = Mapping[str, Json]
"""Fact, with variables → value, a constant or a variable."""

_PLAIN: Mapping[str, Callable[[Json], bool]] = {
    "any": lambda value: True,
    "text": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When something can be done, in patterns; also what finds the variables that are free."""

    parameters: Mapping[str, str]
    """Variable → type; each is an argument of the task, without its `?`."""
    free: Mapping[str, str]
    """Variable → type; each is found by `when`, or is any object of its type."""
    when: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    differ: tuple[tuple[str, str], ...]
    types: Mapping[str, str]

    def refusal(self, state: State, task: Task) -> str | None:
        """Return why there is no solution; None when there is one."""
        wrong = self._mistyped(state, task)
        if wrong or next(self.solutions(state, task), None) is not None:
            return wrong
        return self._unmet(state, self._given(task))

    def solutions(self, state: State, task: Task) -> Iterator[Bindings]:
        """Yield each way to fill the variables: in the order of the facts, then of the objects."""
        given = self._given(task)
        for found in self._matching(state, given, self.when):
            for complete in self._completed(state, found, tuple(self.free)):
                if self._excluded(state, complete) is None:
                    yield complete

    def _given(self, task: Task) -> Bindings:
        return {f"?{name}": value for name, value in task.args.items()}

    def _mistyped(self, state: State, task: Task) -> str | None:
        for variable, type_ in self.parameters.items():
            name = variable[1:]
            if name not in task.args:
                return f"{task.name} has no argument {name!r}"
            if not self._is(state, task.args[name], type_):
                return f"{name} is {_shown(task.args[name])}, which is no {type_}"
        return None

    def _is(self, state: State, value: Json, type_: str) -> bool:
        plain = _PLAIN.get(type_)
        return plain(value) if plain else value in self._objects(state, type_)

    def _objects(self, state: State, type_: str) -> list[Json]:
        """Return what is of a type or of a kind of it, each once."""
        kinds, found = [type_], list[Json]()
        for kind in kinds:
            kinds += [child for child, parent in self.types.items() if parent == kind]
            listed = state.get(f"objects:{kind}")
            for thing in listed if isinstance(listed, list) else ():
                if thing not in found:
                    found.append(thing)
        return found

    def _matching(
        self, state: State, given: Bindings, patterns: Sequence[Pattern]
    ) -> Iterator[Bindings]:
        """Yield each extension of `given` under which all patterns hold; depth first."""
        if not patterns:
            yield given
            return
        for found in self._matches(state, patterns[0], given):
            yield from self._matching(state, found, patterns[1:])

    def _matches(self, state: State, pattern: Pattern, given: Bindings) -> Iterator[Bindings]:
        for arguments in self._candidates(state, pattern, given):
            fact = pattern.named(arguments)
            if fact not in state and pattern.value is not False:
                continue
            named = unify(pattern.parts, arguments, given)
            found = None if named is None else unify(pattern.value, state.get(fact, False), named)
            if found is not None and self._typed(state, found, given):
                yield found

    def _candidates(self, state: State, pattern: Pattern, given: Bindings) -> Iterable[list[Json]]:
        """Return the arguments of the facts that a pattern could mean.

        They are made from the objects when each free variable has a type of its own, else found
        among all facts.
        """
        parts = [filled(part, given) for part in pattern.parts]
        unbound = tuple(dict.fromkeys(variables(parts)))
        if not unbound:
            return (parts,)
        if all(self.free.get(variable, "any") not in _PLAIN for variable in unbound):
            return (
                [filled(part, found) for part in parts]
                for found in self._completed(state, {}, unbound)
            )
        return [found for fact in state if (found := pattern.arguments(fact)) is not None]

    def _typed(self, state: State, found: Bindings, given: Bindings) -> bool:
        fresh = ((name, filled(name, found)) for name in found if name not in given)
        return all(
            self._is(state, value, self.free.get(name, "any"))
            for name, value in fresh
            if not is_variable(value)
        )

    def _completed(self, state: State, found: Bindings, names: Sequence[str]) -> Iterator[Bindings]:
        """Yield bindings with every free variable bound to an object of its type."""
        open_ = [name for name in names if is_variable(filled(name, found))]
        if not open_:
            yield found
            return
        for thing in self._objects(state, self.free[open_[0]]):
            extended = unify(open_[0], thing, found)
            if extended is not None:
                yield from self._completed(state, extended, open_[1:])

    def _excluded(self, state: State, found: Bindings) -> str | None:
        for one, other in self.differ:
            if filled(one, found) == filled(other, found):
                return f"{one[1:]} and {other.lstrip('?')} are both {_shown(filled(one, found))}"
        for pattern in self.unless:
            match = next(self._matches(state, pattern, found), None)
            if match is not None:
                return f"{pattern.fact(match)} is {_shown(filled(pattern.value, match))}"
        return None

    def _unmet(self, state: State, given: Bindings) -> str:
        """Return what the longest run of patterns that hold together comes to an end at."""
        deepest, reached = 0, given
        for number in range(len(self.when) + 1):
            found = next(self._matching(state, given, self.when[:number]), None)
            if found is None:
                break
            deepest, reached = number, found
        if deepest < len(self.when):
            return _missing(state, self.when[deepest], reached)
        for complete in self._completed(state, reached, tuple(self.free)):
            return self._excluded(state, complete) or "no choice of the free parameters fits"
        empty = next(kind for kind in self.free.values() if not self._objects(state, kind))
        return f"there is no {empty}"


def lifted_operator(
    name: str,
    *,
    parameters: Mapping[str, str] | None = None,
    when: Patterns | None = None,
    unless: Patterns | None = None,
    differ: Iterable[tuple[str, str]] = (),
    makes: Patterns | None = None,
    free: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
    requires: Mapping[str, float] | None = None,
    tools: tuple[str, ...] = (),
    reads: tuple[str, ...] = (),
    writes: tuple[str, ...] = (),
    question: str = "",
    seconds: float = 0.0,
    priority: int = 1,
    success_probability: float = 1.0,
    cost: float = 0.0,
    resources: Mapping[str, float] | None = None,
    repeatable: bool = False,
) -> Operator:
    """Return an operator whose condition and effect are patterns.

    Args:
        name: Name of the primitive task.
        parameters: Variable → type, for each argument of the task: `{"?x": "block"}`.
        when: Facts that have to hold, with their values: `{"on:?x": "table", "clear:?x": True}`.
        unless: Facts none of which may hold; their own variables stand for anything.
        differ: Pairs of variables that must not be the same.
        makes: Facts that it promises, with their values; a fact is taken back by false.
        free: Variable → type, for variables of `when` that are no argument; `any` when left out.
        types: Type → the type that it is a kind of.
        requires: As in `Operator`; likewise the rest.
        tools: Actions that the agent may take.
        reads: Facts it needs, with `{x}` for an argument; they order it beside other tasks.
        writes: Facts it makes, written the same way.
        question: What is put to the vote, for a decision.
        seconds: Estimated duration.
        priority: As in `Operator`.
        success_probability: That it succeeds, in [0, 1].
        cost: What it costs.
        resources: Resource → how much it holds.
        repeatable: Whether equal tasks may be merged.

    Raises:
        ValueError: `makes` has a variable that neither the parameters nor `when` bind.
    """
    rule = _rule(parameters, free, when, unless, differ, types)
    made = _patterns(makes)
    _check_bound(name, rule, chain.from_iterable(map(_names, made)))

    def effect(state: State, task: Task) -> JsonObject:
        found = next(rule.solutions(state, task), None)
        if found is None:
            return {}
        return {each.fact(found): filled(each.value, found) for each in made}

    return Operator(
        name,
        requires=requires or {},
        tools=tools,
        condition=rule.refusal,
        effect=effect,
        reads=reads,
        writes=writes,
        question=question,
        seconds=seconds,
        priority=priority,
        success_probability=success_probability,
        cost=cost,
        resources=resources or {},
        repeatable=repeatable,
    )


def lifted_method(
    name: str,
    task: str,
    subtasks: Sequence[Task],
    *,
    parameters: Mapping[str, str] | None = None,
    when: Patterns | None = None,
    unless: Patterns | None = None,
    differ: Iterable[tuple[str, str]] = (),
    free: Mapping[str, str] | None = None,
    types: Mapping[str, str] | None = None,
    before: Iterable[tuple[int, int]] | None = None,
    flows: Iterable[Flow] = (),
    success_probability: float = 1.0,
    cost: float = 0.0,
) -> Method:
    """Return a method whose condition, choices and subtasks are patterns.

    Each way to fill the free variables is one alternative; the planner tries them in the order of
    the facts and objects that they are found in.

    Args:
        name: Name of the method.
        task: Name of the compound task.
        subtasks: Their arguments may be variables: `Task("stack", {"x": "?x", "y": "?y"})`.
        parameters: Variable → type, for each argument of the task.
        when: Facts that have to hold, with their values.
        unless: Facts none of which may hold.
        differ: Pairs of variables that must not be the same.
        free: Variable → type, for variables that are no argument of the task.
        types: Type → the type that it is a kind of.
        before: Positions (earlier, later); None for one after another.
        flows: What one subtask hands to another; facts may have variables.
        success_probability: That it succeeds, in [0, 1].
        cost: What it costs.

    Raises:
        ValueError: A subtask has a variable that neither the parameters nor `when` bind.
    """
    rule = _rule(parameters, free, when, unless, differ, types)
    _check_bound(
        name,
        rule,
        (each for subtask in subtasks for each in variables(list(subtask.args.values()))),
    )
    order = None if before is None else tuple(before)
    handed = tuple(flows)

    def bindings(state: State, asked: Task) -> Iterator[Task]:
        for found in rule.solutions(state, asked):
            extra = {each[1:]: filled(each, found) for each in found if each[1:] not in asked.args}
            yield Task(asked.name, {**asked.args, **extra}) if extra else asked

    def smaller(state: State, bound: Task) -> tuple[Task, ...] | TaskNetwork:
        given: Bindings = {f"?{key}": value for key, value in bound.args.items()}
        tasks = tuple(
            Task(each.name, {key: filled(value, given) for key, value in each.args.items()})
            for each in subtasks
        )
        if order is None and not handed:
            return tasks
        chained = tuple((place, place + 1) for place in range(len(tasks) - 1))
        facts = tuple(
            Flow(_escaped(Pattern.read(flow.fact).fact(given)), flow.maker, flow.taker)
            for flow in handed
        )
        return TaskNetwork(tasks, chained if order is None else order, facts)

    return Method(
        name,
        task,
        smaller,
        condition=rule.refusal,
        success_probability=success_probability,
        cost=cost,
        bindings=bindings,
    )


def _rule(
    parameters: Mapping[str, str] | None,
    free: Mapping[str, str] | None,
    when: Patterns | None,
    unless: Patterns | None,
    differ: Iterable[tuple[str, str]],
    types: Mapping[str, str] | None,
) -> Rule:
    for variable in (*(parameters or {}), *(free or {})):
        if not is_variable(variable):
            raise ValueError(f"parameter {variable!r} is no variable: write '?{variable}'")
    return Rule(
        parameters or {},
        {key: type_ for key, type_ in (free or {}).items() if key not in (parameters or {})},
        _patterns(when),
        _patterns(unless),
        tuple(differ),
        types or {},
    )


def _patterns(written: Patterns | None) -> tuple[Pattern, ...]:
    return tuple(Pattern.read(fact, value) for fact, value in (written or {}).items())


def _names(pattern: Pattern) -> Iterator[str]:
    return chain(variables(pattern.parts), variables(pattern.value))


def _check_bound(name: str, rule: Rule, used: Iterable[str]) -> None:
    bound = {*rule.parameters, *rule.free, *chain.from_iterable(map(_names, rule.when))}
    for variable in used:
        if variable not in bound:
            hint = did_you_mean(variable, bound)
            raise ValueError(f"{name}: nothing says what {variable} is.{hint}")


def _missing(state: State, pattern: Pattern, given: Bindings) -> str:
    """Return what is there instead of what a pattern asks for."""
    fact, wanted = pattern.fact(given), filled(pattern.value, given)
    if fact not in state:
        return f"{fact} is not there"
    suffix = "" if is_variable(wanted) else f", not {_shown(wanted)}"
    return f"{fact} is {_shown(state[fact])}{suffix}"


def _escaped(fact: str) -> str:
    """Keep braces of a name from being read as an argument."""
    return fact.replace("{", "{{").replace("}", "}}")


def _shown(value: Json) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
