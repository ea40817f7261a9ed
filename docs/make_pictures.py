"""Makes the pictures of the documentation: a real run on the example file, as the console shows it.

Run it with `python docs/make_pictures.py`; it writes `docs/pictures/*.svg`, which need no network.
"""

import asyncio
import re
from pathlib import Path
from tempfile import TemporaryDirectory

from dataagents.console.app import ConsoleApp
from dataagents.console.screens.trace import TraceScreen
from dataagents.console.source import StoreSource
from dataagents.core import Goal, Kernel, KernelConfig
from dataagents.core.clock import SystemClock
from dataagents.storage import SqliteStore, StoreReader

DOCS = Path(__file__).parent
ORDERS = DOCS.parent / "examples" / "data" / "orders.csv"
SIZE = (140, 40)
VOTE = 17
"""Rows from the top of the trace to the first vote."""


async def main() -> None:
    """Run, then look at the run while its kernel is still there."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        async with SqliteStore(path) as store, Kernel(KernelConfig(seed=1), store=store) as kernel:
            result = await kernel.run(Goal("clean", {"orders": str(ORDERS)}))
            clock = SystemClock()
            app = ConsoleApp(StoreSource(path, StoreReader, clock).batches, "store.db", clock)
            async with app.run_test(size=SIZE) as pilot:
                while not app.view.runs or app.view.runs[result.outcome.run].status == "running":
                    await pilot.pause(0.1)
                await pilot.press("2", "enter", *["down"] * VOTE)
                await pilot.pause(1.0)
                assert isinstance(app.screen, TraceScreen)
                picture = app.export_screenshot(title="dataagents-console")
    (DOCS / "pictures" / "trace.svg").write_text(offline(picture), encoding="utf-8")


def offline(svg: str) -> str:
    """Return a picture that asks for no font over the network."""
    return re.sub(r"@font-face\s*\{[^}]*\}", "", svg).replace(
        "Fira Code", "DejaVu Sans Mono, Menlo, Consolas"
    )


if __name__ == "__main__":
    asyncio.run(main())
