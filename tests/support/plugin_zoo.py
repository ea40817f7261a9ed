"""Plugins that are broken in every way that a plugin can be, for any concern."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import count

from dataagents.core import Strategy, hookimpl

METHODS: Mapping[str, tuple[str, ...]] = {
    "reasoners": ("async reason",),
    "analysts": ("analyze",),
    "transports": ("async deliver",),
    "routers": ("route",),
    "interceptors": ("async intercept", "health"),
    "voting_rules": ("tally",),
    "auctions": ("open", "advance"),
    "allocators": ("allocate",),
    "planners": ("async plan", "async replan"),
    "reflectors": ("async reflect", "recall"),
    "organizers": ("organize",),
    "observers": ("async observe",),
    "outputs": ("async write",),
}
"""Concern → what a strategy of it is called for."""


class Fatal(BaseException):
    """What no `except Exception` catches."""


class MuteError(Exception):
    """Can't even say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("I won't tell")


def raises(error: BaseException) -> Callable[[], object]:
    def act() -> object:
        raise error

    return act


def leave() -> object:
    sys.exit(3)


def endless() -> Iterator[int]:
    return count()


RAISING: Mapping[str, Callable[[], object]] = {
    "raises": raises(ValueError("broken on purpose")),
    "raises without words": raises(MuteError()),
    "raises a timeout": raises(TimeoutError()),
    "raises a base exception": raises(Fatal("on purpose")),
    "exits": leave,
    "interrupts": raises(KeyboardInterrupt()),
    "cancels": raises(asyncio.CancelledError()),
    "recurses": lambda: RAISING["recurses"](),
}
"""Way to fail → what does."""

RETURNING: Mapping[str, Callable[[], object]] = {
    "none": lambda: None,
    "a number": lambda: 3,
    "a text": lambda: "nonsense",
    "an object": object,
    "a generator without end": endless,
    "a huge list": lambda: [None] * 1_000_000,
    "a class": lambda: int,
}
"""What comes back → what returns it."""


class Specimen:
    """A strategy all of whose methods do the same."""

    def __init__(self, concern: str, act: Callable[[], object]) -> None:
        self.calls = 0
        for method in METHODS[concern]:
            kind, _, name = method.rpartition(" ")
            setattr(self, name, self._awaited(act) if kind else self._direct(act))

    async def open(self, receive: object) -> None:
        """Open as a transport, without a fault: a kernel without one has nothing to survive."""

    async def close(self) -> None:
        """Close as one."""

    def _awaited(self, act: Callable[[], object]) -> Callable[..., object]:
        async def method(*arguments: object, **named: object) -> object:
            self.calls += 1
            found = act()
            return await found if asyncio.iscoroutine(found) else found

        return method

    def _direct(self, act: Callable[[], object]) -> Callable[..., object]:
        def method(*arguments: object, **named: object) -> object:
            self.calls += 1
            found = act()
            if asyncio.iscoroutine(found):
                found.close()  # what can't be awaited can't hang
                return None
            return found

        return method


def plugin_with(concern: str, specimen: object) -> object:
    """Return a plugin that brings a strategy called `zoo`."""

    def hook(self: object) -> list[Strategy[object]]:
        return [Strategy("zoo", lambda options: specimen)]

    hook.__name__ = f"register_{concern}"
    return type("Zoo", (), {hook.__name__: hookimpl(hook)})()
