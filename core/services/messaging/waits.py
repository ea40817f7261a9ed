"""Waits: who waits for whom, so that nobody waits for itself."""

from collections.abc import Iterator
from contextlib import contextmanager

from dataagents.core.messaging import Message, lane_of


class Waits:
    """The lanes whose handlers wait for an answer, and the lanes that they wait for.

    A lane handles one message at a time. So a circle of lanes that wait for each other would
    wait for ever, also where each of them handles something else.
    """

    def __init__(self) -> None:
        self._for: dict[str, list[str]] = {}

    def circle(self, message: Message) -> str:
        """Return the circle that waiting for a message would close; empty when it closes none."""
        wanted = f"{message.recipient}/{lane_of(message.type)}"
        path = message.waiting if wanted in message.waiting else ()
        path = path or self._path(wanted, message.waiting[-1])
        if not path:
            return ""
        return f"{message.recipient!r} would wait for itself: {' → '.join(path)}"

    @contextmanager
    def waiting(self, message: Message) -> Iterator[None]:
        """Note that whoever sends a message waits for it."""
        waits = self._for.setdefault(message.waiting[-1], [])
        wanted = f"{message.recipient}/{lane_of(message.type)}"
        waits.append(wanted)
        try:
            yield
        finally:
            waits.remove(wanted)
            if not waits:
                self._for.pop(message.waiting[-1], None)

    def _path(self, start: str, end: str) -> tuple[str, ...]:
        """Return the way from one lane to another over those that wait; empty if there is none."""
        came_from = {start: ""}
        found = [start]
        for lane in found:  # grows while it is walked
            if lane == end:
                way = [lane]
                while came_from[way[-1]]:
                    way.append(came_from[way[-1]])
                return tuple(reversed(way))
            for further in self._for.get(lane, ()):
                if further not in came_from:
                    came_from[further] = lane
                    found.append(further)
        return ()
