"""What `dataagents act withdraw` does: takes back a command that no kernel has begun."""

from collections.abc import Sequence
from pathlib import Path

from dataagents.console.commands.act_report import result_lines, results_json
from dataagents.console.commands.act_targets import means
from dataagents.console.commands.ending import ExitCode
from dataagents.console.commands.output import show, write_json
from dataagents.console.steering import Outcome, Steering, login
from dataagents.core.clock import Clock
from dataagents.core.commands import Command, CommandState
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.storage import LATEST

WITHDRAW = "withdraw"
"""The word for it, beside the kinds of commands."""
_SCHEME = "command:"
_LOOKED_AT = 10_000


async def withdraw(
    target: str, store: Path, clock: Clock, *, actor: str | None, wait: float
) -> tuple[Outcome, ...]:
    """Take back the command that is meant, and return what became of it.

    Args:
        target: `command:ID`; the beginning or the end of an id, or `latest`, will do.
        store: The store whose kernel it waits for.
        clock: Where times and limits come from.
        actor: Who takes it back; the login when None.
        wait: Seconds to wait for a kernel's answer, where there is a kernel.

    Raises:
        InputError: No command that waits is meant; names the nearest.
        StoreError: The commands can't be read or written.
    """
    id_ = target.removeprefix(_SCHEME)
    if id_ == target:
        raise InputError(f"target {target!r}", "what is taken back is a command:ID")
    async with Steering(store, clock) as steering:
        answer = await steering.answer(id_)
        if answer is not None:
            problem = f"it waits no more: {answer.state}: {answer.message}"
            raise InputError(f"command {id_!r}", problem)
        waiting = [each for each in await steering.waiting(_LOOKED_AT) if not each.withdrawn]
        meant = _meant(id_, waiting)
        return await steering.withdraw([meant], actor or login(), wait=wait)


def tell_withdrawn(outcomes: Sequence[Outcome], store: Path, *, json: bool) -> int:
    """Say what became of commands that were taken back, and return the exit code."""
    if json:
        write_json(results_json(outcomes, store))
    else:
        show(result_lines(outcomes))
    taken = all(each.state == CommandState.WITHDRAWN for each in outcomes)
    return ExitCode.DONE if taken else ExitCode.WITHHELD


def _meant(id_: str, waiting: Sequence[Command]) -> Command:
    known = {each.id: each for each in waiting}
    found = [known[id_]] if id_ in known else [known[each] for each in known if means(id_, each)]
    if id_ == LATEST:
        found = list(waiting[-1:])
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(each.id for each in found[:5])
        raise InputError(f"command {id_!r}", f"{len(found)} that wait are meant: {names}")
    hint = did_you_mean(id_, known).strip() or "dataagents-console shows under 9 which do."
    raise InputError(f"command {id_!r}", "no such command waits for a kernel", hint=hint)
