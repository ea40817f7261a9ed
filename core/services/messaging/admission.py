"""Admission: what is looked at before a message may be sent."""

from collections.abc import Collection, Mapping
from typing import Any, cast

from pydantic_core import PydanticSerializationError, to_json

from dataagents.core.config import KernelConfig
from dataagents.core.messaging import Message, ReceiptStatus
from dataagents.core.services.messaging.exchanges import Hopeless
from dataagents.core.services.runtime import Runtime

Problem = tuple[ReceiptStatus, str]

_FEW = 16
_DEEPEST = 16
_CONTAINERS = (dict, list, tuple)

_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list, tuple),
}


class Door:
    """Refuses what is too large, too late, misshapen, too much, or goes in circles."""

    def __init__(self, runtime: Runtime) -> None:
        self._config: KernelConfig = runtime.config
        self._most_bytes = runtime.config.max_message_bytes
        self._most_depth = runtime.config.max_message_depth
        self._clock = runtime.clock
        self._steady = runtime.steady
        self._window = -1
        self._sent: dict[str, int] = {}
        self.closed = False

    def problem(self, message: Message, *, limited: bool) -> Problem | None:
        """Return why a message may not be sent; None when it may.

        Args:
            message: As its sender composed it.
            limited: Whether there is a limit on how much the sender may send: the kernel's own
                services have none.
        """
        config = self._config
        if self.closed:
            return ReceiptStatus.REFUSED, "the hub is closing"
        if message.hops > config.max_hops:
            return ReceiptStatus.REFUSED, _circle(message, config.max_hops)
        if message.deadline is not None and message.deadline <= self._steady():
            return ReceiptStatus.EXPIRED, "its deadline has passed"
        reason = self.misshape(message)
        if not reason and limited:
            reason = self._excess(message.sender)
        return (ReceiptStatus.REFUSED, reason) if reason else None

    def misshape(self, message: Message) -> str:
        """Return why a payload can't travel, or does not fit its schema info; empty if it does."""
        most, depth = self._most_bytes, self._most_depth
        room = _room(message.payload, most)
        if room < 0:
            return _too_large(f"at least {most - room}", most)
        try:
            written = to_json(message.payload, fallback=_plain)
        except (PydanticSerializationError, ValueError, RecursionError) as error:
            return Hopeless(f"payload is no JSON: {' '.join(str(error).split())[:200]}")
        if len(written) > most:
            return _too_large(f"{len(written)}", most)
        # Counting brackets is quick, and most payloads have fewer than they may be deep.
        if written.count(b"{") + written.count(b"[") > depth and _deeper(message.payload, depth):
            return Hopeless(f"payload is nested more than {depth} deep (max_message_depth)")
        if message.schema_info and message.requires_validation:
            return misfit(message)
        return ""

    def _excess(self, sender: str) -> str:
        window = int(self._clock.monotonic())
        if window != self._window:
            self._window = window
            self._sent.clear()
        sent = self._sent[sender] = self._sent.get(sender, 0) + 1
        most = self._config.max_message_rate
        if sent <= most:
            return ""
        return f"{sender!r} has sent {most} messages this second (max_message_rate)"


def misfit(message: Message) -> str:
    """Return why a payload does not fit its schema info; empty when it does."""
    for name, wanted in message.schema_info.items():
        if name not in message.payload:
            return f"payload lacks {name!r}"
        types = _JSON_TYPES.get(wanted)
        if types is None:
            return f"schema info of {name!r}: unknown type {wanted!r}"
        value = message.payload[name]
        if not isinstance(value, types) or (isinstance(value, bool) and wanted != "boolean"):
            return f"payload {name!r} is {type(value).__name__}, not {wanted}"
    return ""


def _too_large(size: str, most: int) -> Hopeless:
    return Hopeless(f"payload takes {size} bytes, more than {most} (max_message_bytes)")


def _room(payload: Any, most: int) -> int:  # noqa: C901  # a call for each part would double it
    """Return how many of so many bytes a payload leaves as JSON, at the most.

    What is far too large is found before it is written: that would be a copy of it. Of containers
    with many items only the items themselves are looked at. As this is called for every message, it
    makes as few calls as it can.
    """
    level: list[Any] = [payload] if type(payload) in _CONTAINERS else []
    for _ in range(_DEEPEST):
        deeper: list[Any] = []
        for each in level:
            shape, size = type(each), len(each)
            most -= size
            if size > _FEW:
                most -= _lengths(each)
                if shape is dict:
                    most -= _lengths(each.values())
            elif shape is dict:
                for name, item in each.items():
                    try:  # noqa: SIM105  # it is free where nothing is raised
                        most -= len(name)
                    except TypeError:
                        pass  # it is a number
                    kind = type(item)
                    if kind is str:
                        most -= len(item)
                    elif kind is dict or kind is list or kind is tuple:
                        deeper.append(item)
            else:
                for item in each:
                    kind = type(item)
                    if kind is str:
                        most -= len(item)
                    elif kind is dict or kind is list or kind is tuple:
                        deeper.append(item)
            if most < 0:
                return most
        if not deeper:
            break
        level = deeper
    return most


def _lengths(items: Collection[Any]) -> int:
    """Return how long items are together; a number takes no room worth counting."""
    try:
        return sum(map(len, items))
    except TypeError:
        return 0


def _circle(message: Message, most: int) -> str:
    named = f": {' → '.join((*message.path, message.recipient))}" if message.path else ""
    return f"more than {most} hops: the exchange goes in circles{named}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise ValueError(f"a {type(value).__name__} is not JSON")


def _deeper(value: object, most: int) -> bool:
    level: list[object] = [value]
    for _ in range(most):
        level = [
            inner
            for each in level
            if isinstance(each, Mapping | list | tuple)
            for inner in (each.values() if isinstance(each, Mapping) else each)
            if isinstance(inner, Mapping | list | tuple)
        ]
        if not level:
            return False
    return True
