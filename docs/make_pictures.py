"""Makes the pictures of the console: a real kernel runs the demonstration, and it is drawn.

Run it with `python docs/make_pictures.py`. It waits until there is something to see of everything,
two or three minutes, and writes `docs/pictures/*.svg`. Where it finds Chromium or Chrome it makes a
PNG of each, too; it needs the font DejaVu Sans Mono for that. Nothing in them is made up, so no two
runs give the same: look at the pictures before you commit them.
"""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from textual.pilot import Pilot

from dataagents.console.app import ConsoleApp
from dataagents.console.assembly import assemble
from dataagents.console.hosting.demo.show import DemoWork, demo_config, demo_plugins
from dataagents.console.hosting.kernel_thread import KernelThread
from dataagents.console.hosting.logging_aside import silenced
from dataagents.console.options import ConsoleOptions
from dataagents.console.screens.pictures import picture
from dataagents.console.screens.run import RunScreen
from dataagents.console.view.marks import Mark
from dataagents.core.clock import SystemClock
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Page

PICTURES = Path(__file__).resolve().parent / "pictures"
SIZE = (160, 45)
SEED, SPEED = 1, 1.0
PATIENCE = 300.0
"""Seconds that something to see is waited for."""
RUNS = 10
"""Runs that have ended before anything is drawn."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SCALE = 0.75
"""Pixels of a PNG for each of its SVG."""
SVG_LIMIT, PNG_LIMIT = 250_000, 300_000
"""Bytes."""
Pressed = Pilot[Any]


async def main() -> None:
    """Run the demonstration and draw it."""
    os.environ.pop("NO_COLOR", None)
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    with TemporaryDirectory() as folder, silenced():
        os.chdir(folder)
        store, clock = Path("demo.db"), SystemClock()
        host = KernelThread(
            store, demo_config(SEED, SPEED), DemoWork(Path(), SEED, SPEED, clock),
            demo_plugins(SEED, SPEED, clock), disposable=True,
        )  # fmt: skip
        options = ConsoleOptions(operator="anna", theme="dark")
        app = assemble(store, clock, options, host, environ={"HOME": folder})
        app.session.warning = ""  # about the machine that draws, not about the console
        try:
            async with app.run_test(size=SIZE) as pilot:
                await draw(app, pilot)
        finally:
            host.stop()


async def draw(app: ConsoleApp, pilot: Pressed) -> None:
    """Draw each picture when there is something to see of it."""
    vote, replan, run = await until(pilot, lambda: ask(app, finds))
    await until(pilot, lambda: in_flight(app, pilot))
    keep(app, "overview")
    await show(app, pilot, f"run:{run}")
    await pilot.press("w")
    to_the_vote(app)
    await pilot.pause(0.5)
    keep(app, "trace")
    await show(app, pilot, f"election:{vote}")
    keep(app, "vote")
    await show(app, pilot, f"plan:{replan}")
    keep(app, "replan")


async def finds(reader: StoreReader) -> tuple[str, str, str] | None:
    """Return a vote that was not unanimous, a change of plan and its run, once all are there."""
    votes = (await reader.browse.elections(Page())).rows
    split = [each for each in votes if each.closed and len(sides(each.counts)) > 1]
    ended = {each.id: each for each in (await reader.browse.runs(Page())).rows if each.ended}
    plans = (await reader.browse.plans(Page())).rows
    replans = [each for each in plans if each.replaces and each.run in ended and each.added]
    if not split or not replans or len(ended) < RUNS:
        return None
    best = max(replans, key=lambda each: (each.added or 0) + (each.removed or 0))
    most = max(split, key=lambda each: sum(sides(each.counts).values()))
    return most.id, best.id, str(best.run)


def sides(counts: Any) -> dict[str, int]:
    """Return the options that anybody voted for."""
    return {option: number for option, number in dict(counts or {}).items() if number}


async def in_flight(app: ConsoleApp, pilot: Pressed) -> bool:
    """Return whether an agent is at work, one has failed, and the cursor is on that one."""
    overview: Any = app.screen
    if not _has_both(overview.table.rows):
        return False
    await pilot.press("e")
    await pilot.pause()
    row = overview.table.current
    return row is not None and overview.failed(row) and _has_both(overview.table.rows)


def _has_both(agents: Sequence[Any]) -> bool:
    return {Mark.BUSY, Mark.FAIL} <= {each.mark for each in agents}


def to_the_vote(app: ConsoleApp) -> None:
    """Put the cursor of a trace on its first vote."""
    if isinstance(app.screen, RunScreen):
        rows = app.screen.table.rows
        app.screen.table.go_to(next(each.key for each in rows if each.row.kind == "vote"))


async def ask(app: ConsoleApp, question: Callable[[StoreReader], Any]) -> Any:
    """Return what a question to the store gives; None as long as no kernel has it open."""
    return await app.session.library.ask(question) if app.session.live else None


async def until(pilot: Pressed, look: Callable[[], Any]) -> Any:
    """Look again and again until there is something to see; return that."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await look()):
            await pilot.pause(0.2)
    return found


async def show(app: ConsoleApp, pilot: Pressed, address: str) -> None:
    """Open what an address names, in place of what was opened before."""
    while len(app.screen_stack) > 1:
        await pilot.press("escape")
    app.open(address)

    async def is_read() -> bool:
        return getattr(app.screen, "thing", None) is not None

    await until(pilot, is_read)
    await pilot.pause(0.5)


def keep(app: ConsoleApp, name: str) -> None:
    """Write what the screen shows now."""
    file = PICTURES / f"{name}.svg"
    file.write_text(picture(app, "dataagents-console"), encoding="utf-8")
    check(file, SVG_LIMIT)


def as_png(browser: str, svg: Path) -> None:
    """Have a browser draw a picture."""
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    if found is None:
        raise ValueError(f"{svg.name} does not say its size")
    width, height = (round(float(each)) for each in found.groups())
    png = svg.with_suffix(".png")
    command: Sequence[str] = (
        browser, "--headless", "--disable-gpu", "--no-sandbox", "--hide-scrollbars",
        f"--force-device-scale-factor={SCALE}", f"--window-size={width},{height}",
        "--default-background-color=00000000", f"--screenshot={png}", svg.as_uri(),
    )  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    check(png, PNG_LIMIT)


def check(file: Path, limit: int) -> None:
    """Make sure that a picture is no burden."""
    if file.stat().st_size >= limit:
        raise ValueError(f"{file.name} has {file.stat().st_size:,} of at most {limit:,} bytes")


if __name__ == "__main__":
    asyncio.run(main())
    if browser := next(filter(None, map(shutil.which, BROWSERS)), None):
        for each in ("overview", "trace", "vote", "replan"):
            as_png(browser, PICTURES / f"{each}.svg")
