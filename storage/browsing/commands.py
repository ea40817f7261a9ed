"""Pages of commands: what operators did, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dataagents.storage.browsing.page import Found, Page
from dataagents.storage.browsing.pages import Pages, Trail
from dataagents.storage.browsing.values import body_of, object_in, text_in, time_in, time_of

_COMMANDS = """
SELECT place, commands.id, first.at, first.run, first.body, answer.at, answer.body
FROM places CROSS JOIN commands ON commands.seq = place
CROSS JOIN journal AS first ON first.seq = place
LEFT JOIN journal AS answer ON answer.seq = commands.answered
"""


@dataclass(frozen=True, slots=True)
class CommandEntry:
    """A command in a list."""

    place: int
    """Of its first event: it was received or, where it was never begun, answered."""
    id: str
    at: datetime
    """When that was."""
    kind: str = ""
    target: str = ""
    actor: str = ""
    reason: str = ""
    origin: str = ""
    """Who issued it, from where; empty for one that was never begun."""
    made: datetime | None = None
    """When it was issued; None for one that was never begun."""
    arguments: Mapping[str, str] = field(default_factory=dict)
    meant_for: int | None = None
    """Epoch of the kernel that it was meant for; None for any."""
    state: str = ""
    """A `commands.CommandState`; empty as long as there is no answer."""
    message: str = ""
    answered: datetime | None = None
    epoch: int | None = None
    """Of the kernel that answered."""
    run: str | None = None


class CommandPages(Pages):
    """Reads commands in pages."""

    async def commands(self, page: Page) -> Found[CommandEntry]:
        """Return commands that a kernel received or answered."""
        found = await self._places(page, [Trail("commands")], {})
        return Found(tuple(map(_entry, await self._at(_COMMANDS, found))), found.searched)


def _entry(row: Sequence[Any]) -> CommandEntry:
    place, name, at, run, first, answered, last = row
    body, answer = body_of(first), body_of(last)
    epochs = body.get("epoch"), answer.get("epoch")
    meant_for, epoch = (each if isinstance(each, int) else None for each in epochs)
    arguments = {key: str(value) for key, value in object_in(body, "arguments").items()}
    return CommandEntry(
        place=place,
        id=name,
        at=datetime.fromisoformat(at),
        kind=text_in(body, "kind"),
        target=text_in(body, "target"),
        actor=text_in(body, "actor"),
        reason=text_in(body, "reason"),
        origin=text_in(body, "origin"),
        made=time_in(body, "made"),
        arguments=arguments,
        meant_for=meant_for if "made" in body else None,
        state=text_in(answer, "state"),
        message=text_in(answer, "message"),
        answered=time_of(answered),
        epoch=epoch,
        run=run,
    )
