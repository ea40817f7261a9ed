"""Triggers: what calls for another plan, and what of it decides."""

from collections.abc import Callable
from dataclasses import replace

from dataagents.core.planning import Domain, Failure, FailureKind, State, Trigger, Watch

ADVISORY = frozenset({Trigger.DEADLINE, Trigger.OPERATOR, Trigger.PREDICTED})
"""What asks for a better plan, but leaves the one in force valid."""


class Watches:
    """Asks what the domain looks out for; what was said once is not said again."""

    def __init__(self, domain: Domain, ask: Callable[[Watch, State], str | None]) -> None:
        self._watches = domain.watches
        self._ask = ask
        self._said: set[tuple[str, str]] = set()

    def alarm(self, state: State) -> Failure | None:
        """Return the alarms that were not raised before, as one; None while all is well."""
        found: list[tuple[Trigger, str]] = []
        for watch in self._watches:
            reason = self._ask(watch, state)
            if reason is not None and (watch.name, reason) not in self._said:
                self._said.add((watch.name, reason))
                found.append((watch.trigger, f"{watch.name}: {reason}"))
        if not found:
            return None
        reasons = "; ".join(reason for _, reason in found)
        return Failure("", FailureKind.RECOVERABLE, reasons, found[0][0])


def explained(failure: Failure, alarm: Failure | None) -> Failure:
    """Return a task's failure, with the alarm that its result raised as the reason behind it."""
    if alarm is None or is_final(failure):
        return failure
    return replace(failure, trigger=alarm.trigger, reason=f"{failure.reason}; {alarm.reason}")


def graver(one: Failure | None, other: Failure | None) -> Failure | None:
    """Return the one that decides: what no plan gets around, then what is no advice, then `one`."""
    if one is None or other is None:
        return one or other
    return other if _gravity(other) > _gravity(one) else one


def is_final(failure: Failure) -> bool:
    """Return whether no other plan gets around it."""
    return failure.kind in (FailureKind.FATAL, FailureKind.INPUT, FailureKind.UNDECIDED)


def _gravity(failure: Failure) -> int:
    return 2 if is_final(failure) else int(failure.trigger not in ADVISORY)
