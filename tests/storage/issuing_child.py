"""A process that issues commands; run as `python issuing_child.py STORE NUMBER COUNT [mute]`.

It waits for all answers and says how many there were, and their state; with `mute` it says each id
as soon as it is on the disk, and waits for nothing.
"""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dataagents.core.commands import Command
from dataagents.storage.commands import CommandFile


async def main(path: Path, number: str, count: int, *, mute: bool) -> None:
    now = datetime.now(UTC)
    ids = [f"{number}-{n}" for n in range(count)]
    async with CommandFile(path) as file:
        for id_ in ids:
            target, actor = f"run:{id_}", f"process-{number}"
            await file.issue([Command(id_, "pause", target, actor, now, now + timedelta(hours=1))])
            if mute:
                sys.stdout.write(id_ + "\n")
                sys.stdout.flush()
        answers = await file.answers(ids)
        async with asyncio.timeout(30):
            while not mute and len(answers) < count:
                await asyncio.sleep(0.01)
                answers = await file.answers(ids)
    states = sorted({answer.state.value for answer in answers.values()})
    sys.stdout.write(f"{len(answers)} {' '.join(states)}\n")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), mute="mute" in sys.argv))
