"""`dataagents store`: check, back up, restore, prune, compact and export what a kernel keeps."""

from pathlib import Path
from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending, ExitCode
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents store check                    is it sound, is all of it there?
  dataagents store check --full             every index, table and large value
  dataagents store backup store-friday.db   also while a run is under way
  dataagents store restore store-friday.db  the store of now is kept aside
  dataagents store prune --keep 30d         let older runs go
  dataagents store compact                  give the room back to the disk
  dataagents store export events.jsonl      what happened, a JSON object a line
  dataagents store export --run latest - | jq .kind

\b
check, backup and export only read, beside a kernel or without one. restore, prune and
compact need the store for themselves. A kernel prunes by itself when keep_days is configured.

\b
Exit codes: 0 done; 1 check found something wrong; 2 the store or a file can't be used.
"""
_CHECK = """\b
A quick check asks whether everything acknowledged is there, and reads every page: about a
second for each gigabyte. --full takes as long as writing did: it looks at every index and
reference, and makes the tables again from the journal.

\b
When a part is missing since STORE-wal was deleted or left behind, every kernel refuses the
store. Put that file back, or restore a backup; --accept goes on without the part.
"""
_RESTORE = """\b
The backup is copied and checked first. What was there stays beside the store, as
STORE.before-TIME; delete it when you no longer need it.
"""
_PRUNE = """\b
Goes: runs that ended before that with all that belongs to them, and older events of no run.
Stays: runs without an end, lessons, the newest 10,000 experiences, open alerts, agents.
The file keeps its size, and what comes next is written into the room; see 'store compact'.
"""


def make_store() -> typer.Typer:
    """Return the command with its own commands."""
    names = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    made = typer.Typer(rich_markup_mode=None, context_settings=names, no_args_is_help=True)
    made.callback(epilog=EXAMPLES)(_store)
    made.command(epilog=_CHECK)(check)
    made.command()(backup)
    made.command(epilog=_RESTORE)(restore)
    made.command()(compact)
    made.command(epilog=_PRUNE)(prune)
    made.command()(export)
    return made


def _store() -> None:
    """Look after a store: check, back up, restore, prune, compact, export."""


def check(
    full: Annotated[bool, typer.Option("--full", help="Look at everything; takes longer.")] = False,
    accept: Annotated[
        bool, typer.Option("--accept", help="Go on although a part is missing; it stays lost.")
    ] = False,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Find out whether a store is sound, and has all that was acknowledged."""
    with Ending(debug):
        from dataagents.console.commands import store_work as work
        from dataagents.console.commands.output import show, write_json
        from dataagents.console.commands.store_report import check_json, check_report

        if accept:
            work.accept_loss(store)
        report = work.check_store(store, full=full)
        if json:
            write_json(check_json(report))
        else:
            show(check_report(report))
        if not report.sound:
            raise typer.Exit(ExitCode.WITHHELD)


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to; it may not be there yet.")
    ],
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Copy a store as it is at one moment, into one file; also while a kernel writes."""
    with Ending(debug):
        from dataagents.console.commands import store_work as work
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.output import write_json
        from dataagents.console.commands.store_report import copied_json
        from dataagents.console.view.words import byte_size

        copied = work.back_up(store, file)
        if json:
            write_json(copied_json(copied))
        else:
            tell(f"{file} is a copy of {store}, {byte_size(copied.size)}, checked.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What 'store backup' wrote.")],
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Put a backup in the place of a store; what was there is kept aside."""
    with Ending(debug):
        from dataagents.console.commands import store_work as work
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.output import write_json
        from dataagents.console.commands.store_report import copied_json

        copied = work.put_back(store, file)
        if json:
            write_json(copied_json(copied))
        else:
            aside = f" What was there is {copied.aside}." if copied.aside else ""
            tell(f"{store} is what {file} was.{aside}")


def compact(
    store: StoreOption = DEFAULT_STORE, json: JsonOption = False, debug: DebugOption = False
) -> None:
    """Make the file of a store as small as it can be; needs as much room again meanwhile."""
    with Ending(debug):
        from dataagents.console.commands import store_work as work
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.output import write_json
        from dataagents.console.view.words import byte_size
        from dataagents.core.values import to_json

        sizes = work.make_smaller(store)
        if json:
            write_json({"store": str(store), **to_json(sizes)})
        else:
            tell(f"{store} has {byte_size(sizes.after)}; it had {byte_size(sizes.before)}.")


def prune(
    keep: Annotated[
        str, typer.Option("--keep", metavar="TIME", help="What stays: 30d, 12h or 2w.")
    ],
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Let runs go that ended longer ago than that, with all that belongs to them."""
    with Ending(debug):
        from dataagents.console.commands import store_work as work
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.output import write_json
        from dataagents.console.commands.quantities import period
        from dataagents.console.view.words import plural
        from dataagents.core.values import to_json

        pruned = work.let_go(store, period("--keep", keep))
        if json:
            write_json({"store": str(store), **to_json(pruned)})
        else:
            gone = f"{plural(pruned.runs, 'run')}, {plural(pruned.events, 'event')}"
            tell(f"gone: {gone}.")


def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write; - is stdout.")],
    run: Annotated[
        str, typer.Option("--run", metavar="RUN", help="Only this run: its id, or latest.")
    ] = "",
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Write what happened as JSON lines, oldest first: seq, id, at, kind, subject, run, … body."""
    with Ending(debug):
        from dataagents.console.commands import store_work as work
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.output import write_json
        from dataagents.console.view.words import plural

        events = work.write_events(store, run, file)
        if json and file != "-":
            write_json({"store": str(store), "file": file, "events": events})
        else:
            tell(f"{plural(events, 'event')} exported to {'stdout' if file == '-' else file}.")
