"""What models did in a run, and what that took, as far as it was measured."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dataagents.console.view.runs import ReasoningView, RunView, TaskView
from dataagents.console.view.words import duration

_RULES = "rules"
_INSTEAD = "rules, for "
"""How a step begins to say that rules decided in the place of a model, and why."""
_SMALLEST = 0.0001
"""Dollars below which a price has no figures worth reading."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """What models did, beside the rules; a figure that nobody measured is None."""

    models: tuple[str, ...]
    """Their names, in the order in which they came up."""
    steps: int
    """All steps, whoever decided them."""
    decided: int
    """Steps that a model decided."""
    taken_over: int
    """Steps that rules decided because a model did not."""
    why: str
    """Why they did so the first time; empty when they never did."""
    tokens: int | None
    cost: float | None
    """In US dollars, of the steps whose price is known."""
    unpriced: int
    """Steps that took tokens whose price is not known."""
    seconds: float | None
    """How long models took to think and decide."""


def reasonings_of(run: RunView) -> Iterator[ReasoningView]:
    """Yield the reasonings of a run, in the order in which they began within their task."""
    for part in run.parts:
        if isinstance(part, ReasoningView):
            yield part
        elif isinstance(part, TaskView):
            yield from (inner for inner in part.parts if isinstance(inner, ReasoningView))


def model_use(reasonings: Iterable[ReasoningView]) -> ModelUse | None:
    """Return what models did in some reasonings; None when none had anything to do with them."""
    found = tuple(reasonings)
    steps = [step for reasoning in found for step in reasoning.steps]
    who = [(decider(step.by), step.by) for step in steps if step.by not in ("", _RULES)]
    if not who:
        return None
    instead = [by for _, by in who if by.startswith(_INSTEAD)]
    tokens = _total(reasoning.tokens for reasoning in found)
    return ModelUse(
        models=tuple(dict.fromkeys(name for name, _ in who)),
        steps=len(steps),
        decided=len(who) - len(instead),
        taken_over=len(instead),
        why=instead[0].removeprefix(_INSTEAD).partition(": ")[2] if instead else "",
        tokens=None if tokens is None else int(tokens),
        cost=_total(reasoning.cost for reasoning in found),
        unpriced=sum(step.tokens is not None and step.cost is None for step in steps),
        seconds=_total(step.model_seconds for step in steps),
    )


def decider(by: str) -> str:
    """Return the model that decided a step, or should have; empty where rules had to."""
    if by.startswith(_INSTEAD):
        return by.removeprefix(_INSTEAD).partition(": ")[0]
    return "" if by == _RULES else by


def figures(
    tokens: int | None, cost: float | None, seconds: float | None = None, *, unpriced: int = 0
) -> str:
    """Return what a model took, in words; empty when nothing was measured."""
    told = [] if tokens is None else [f"{tokens:,} {'token' if tokens == 1 else 'tokens'}"]
    if cost is not None:
        told.append(f"{dollars(cost)} as far as prices are known" if unpriced else dollars(cost))
    if seconds is not None:
        told.append(duration(seconds))
    return ", ".join(told)


def dollars(cost: float) -> str:
    """Return a price; one that is too small to read is called so."""
    if cost < _SMALLEST:
        return f"less than ${_SMALLEST}"
    return f"${cost:,.2f}" if cost >= 1 else f"${cost:.4f}"


def _total(values: Iterable[float | None]) -> float | None:
    measured = [value for value in values if value is not None]
    return sum(measured) if measured else None
