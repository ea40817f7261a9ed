"""The booth: where a person who was asked to vote can do so from elsewhere, while it counts."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from dataagents.core.errors import InputError
from dataagents.core.services.roster import Roster
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import JsonObject, to_json
from dataagents.core.voting import Motion, Vote, accept

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """A person whose ballot is waited for."""

    motion: Motion
    voter: str
    said: "asyncio.Future[JsonObject]"


class Booth:
    """Keeps what people are asked now, and takes the first answer, wherever it comes from.

    A person may be asked at a terminal that nobody looks at. A ballot that is cast here in their
    name ends the wait there.
    """

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._asked: dict[tuple[str, str], Asked] = {}

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Who is waited for, the longest first."""
        return tuple(each for each in self._asked.values() if not each.said.done())

    async def hear(
        self, motion: Motion, voter: str, call: Coroutine[Any, Any, JsonObject | T]
    ) -> JsonObject | T:
        """Return what a voter answers to a call, or what a person says here before that.

        Args:
            motion: What is asked.
            voter: Who is asked.
            call: Asks; it is cancelled when the answer came from elsewhere.
        """
        card = self._roster.cards.get(voter)
        if card is None or not card.human:
            return await call
        said: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()
        self._asked[motion.id, voter] = Asked(motion, voter, said)
        calling = asyncio.ensure_future(call)
        try:
            both: tuple[asyncio.Future[Any], ...] = (calling, said)
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            return said.result() if said.done() else calling.result()
        finally:
            del self._asked[motion.id, voter]
            calling.cancel()
            await asyncio.gather(calling, return_exceptions=True)

    def find(self, motion: str, voter: str = "") -> Asked:
        """Return whose ballot is waited for.

        Args:
            motion: Id of the motion.
            voter: Whose ballot; that of the only person who is asked when empty.

        Raises:
            InputError: Nobody, or several people; names the choices.
        """
        ids = dict.fromkeys(each.motion.id for each in self.asked)
        people = {each.voter: each for each in self.asked if each.motion.id == motion}
        if motion not in ids:
            hint = did_you_mean(motion, ids).strip() or "No question waits for a person."
            raise InputError(f"question {motion!r}", "it does not wait for a person", hint=hint)
        if voter and voter not in people:
            hint = did_you_mean(voter, people).strip()
            raise InputError(f"voter {voter!r}", "nobody waits for this one's ballot", hint=hint)
        if not voter and len(people) > 1:
            hint = f"Say whose ballot it is: {', '.join(people)}."
            raise InputError(f"question {motion!r}", "several people are asked", hint=hint)
        return people[voter] if voter else next(iter(people.values()))

    def cast(self, asked: Asked, vote: Vote) -> None:
        """Answer in the name of a person who is asked.

        Raises:
            InputError: The vote does not belong to the motion, names its field; or it is too late.
        """
        if asked.said.done():
            raise InputError(f"question {asked.motion.id!r}", "it has been answered meanwhile")
        if vote.choice is not None and vote.choice not in asked.motion.options:
            hint = did_you_mean(vote.choice, asked.motion.options).strip()
            raise InputError(f"choice {vote.choice!r}", "it is no option", hint=hint)
        accept(asked.motion, asked.voter, vote, asked.motion.at)
        asked.said.set_result(to_json(vote))
