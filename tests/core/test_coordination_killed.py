"""Coordination in a process that is killed: what it had begun is finished by the next one."""

import asyncio
import subprocess
import sys
from pathlib import Path

from crashes import Member

from dataagents.core import Kernel, KernelConfig
from dataagents.core.events import EventKind
from dataagents.core.plugin_manager import PluginManager
from dataagents.core.services.voting.replay import replay_election
from dataagents.core.tracing import TraceContext
from dataagents.storage import SqliteStore

CHILD = Path(__file__).parent.parent / "support" / "coordinating_child.py"
PLACE = TraceContext(run="run-1", task="decide")
CONFIG = KernelConfig(agents=(), monitoring=False)


def killed_in_the_middle(store: Path) -> tuple[str, str]:
    """Have a process begin a vote and a message, kill it; return the ids of both."""
    child = subprocess.Popen([sys.executable, str(CHILD), str(store)], stdout=subprocess.PIPE)
    said: dict[str, str] = {}
    try:
        assert child.stdout is not None
        while said.keys() < {"ballot", "message"}:
            line = child.stdout.readline().decode()
            assert line, "it ended by itself"
            what, name, *_ = line.split()
            said[what] = name
    finally:
        child.kill()
        child.communicate()
    return said["ballot"], said["message"]


async def test_a_vote_and_a_guaranteed_message_survive_a_kill(tmp_path: Path):
    path = tmp_path / "store.db"
    motion, sent = await asyncio.to_thread(killed_in_the_middle, path)
    quick, slow = Member("quick", choice="drop"), Member("slow", choice="keep")
    async with SqliteStore(path) as store, Kernel(CONFIG, store=store) as kernel:
        await kernel.deploy(quick)
        await kernel.deploy(slow)
        election = await kernel.elections.vote("Keep it?", ("keep", "drop"), context=PLACE)
        assert election.motion.id == motion
        assert [(each.voter, each.choice) for each in election.ballots] == [
            ("quick", "keep"), ("slow", "keep"),
        ]  # fmt: skip
        assert (quick.asked["vote"], slow.asked["vote"]) == (0, 1)
        await asyncio.wait_for(slow.busy.wait(), 30)
        assert slow.handled == {sent: 1}
    async with SqliteStore(path) as store, Kernel(CONFIG, store=store) as kernel:
        again = Member("slow")
        await kernel.deploy(again)
        held = await kernel.elections.vote("Keep it?", ("keep", "drop"), context=PLACE)
        assert held == election
        assert not again.handled
        assert await store.unsettled(10) == ()
        kinds = (EventKind.ELECTION_OPENED, EventKind.ELECTION_CLOSED, EventKind.BALLOT_CAST)
        replayed = replay_election(await store.run_events("run-1", kinds), PluginManager().load())
        assert replayed.same
