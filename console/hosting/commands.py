"""What `dataagents-console run` and `demo` do: prepare a kernel, show it, say what came of it."""

import asyncio
import getpass
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from dataagents.console.arguments import DEFAULT_STORE, PROGRAM, RUN, Said
from dataagents.console.commands.cleaning import Prepared, prepare, tell_result
from dataagents.console.commands.ending import ExitCode
from dataagents.console.commands.intake import prepare_output, require_engine
from dataagents.console.commands.relating import Related
from dataagents.console.commands.request import RunRequest
from dataagents.console.commands.settings import secrets_of
from dataagents.console.commands.trace import resume_command
from dataagents.console.hosting.demo.show import DemoWork, demo_config, demo_plugins
from dataagents.console.hosting.goal import GoalWork
from dataagents.console.hosting.kernel_thread import KernelThread
from dataagents.console.hosting.logging_aside import log_file, logged_aside
from dataagents.console.hosting.person import PersonPlugin
from dataagents.console.launch import require_terminal, show, tell
from dataagents.console.options import ConsoleOptions
from dataagents.core.clock import SystemClock
from dataagents.core.commands.dataset_names import STDIN
from dataagents.core.errors import InputError
from dataagents.storage import Holder, StoreReader

DEMO_KEEP = timedelta(minutes=20)
"""How long ended runs of the demonstration stay in its store."""


def run_hosted(said: Said) -> int:
    """Conduct a goal in a kernel of this process, show it, and return the exit code.

    Raises:
        DataAgentsError: Something that the run needs can't be used; nothing was begun.
    """
    require_terminal("Use 'dataagents run' in scripts and pipes.")
    request = _run_request(said)
    prepared = prepare(request, f"{PROGRAM} {RUN}")
    prepare_output(request.out)
    _check_free(request.store)
    work = GoalWork(prepared.goal, request.out)
    people = [PersonPlugin(SystemClock())] if request.asks else []
    host = KernelThread(request.store, prepared.config, work, people)
    with logged_aside(log_file(request.store), prepared.config, secrets_of(prepared.config)):
        code = show(request.store, _acting(said.options), host)
    return _ending(request, prepared, host, work) or code


def demo_hosted(said: Said) -> int:
    """Show a demonstration until the operator leaves.

    Raises:
        DataAgentsError: There is no engine, no terminal, or the store can't be used.
    """
    require_terminal("The demonstration is there to be looked at.")
    require_engine(f"{PROGRAM} demo")
    with ExitStack() as stack:
        store = said.store
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="dataagents-demo-")))
        if store is not None:
            _check_free(store)
            folder = store.with_name(f"{store.name}.data")
        path = store or folder / "demo.db"
        seed, speed, clock = said.rest.seed, said.rest.speed, SystemClock()
        config = demo_config(seed, speed)
        work, plugins = DemoWork(folder, seed, speed, clock), demo_plugins(seed, speed, clock)
        host = KernelThread(path, config, work, plugins, keep=DEMO_KEEP, disposable=store is None)
        with logged_aside(log_file(path), config, secrets_of(config)):
            code = show(path, _acting(said.options), host)
        if problem := host.problem():
            tell(problem)
            return ExitCode.FAILED
        if store is not None:
            tell(f"it is kept: {PROGRAM} {path} shows it again.")
        return code


def _run_request(said: Said) -> RunRequest:
    found = said.rest
    if STDIN in found.paths:
        hint = "Save what comes to a file, or use 'dataagents run -'."
        raise InputError("-", "the console needs the standard input for its keys", hint=hint)
    related = Related(
        join=tuple(found.join or ()),
        matched_only=found.matched_only,
        by=tuple(found.by or ()),
        measures=tuple(found.measure or ()),
    )
    return RunRequest(
        paths=tuple(found.paths), out=found.out, contract=found.contract, on_drift=found.on_drift,
        min_score=found.min_score, max_quarantine=found.max_quarantine, dry_run=False,
        format=found.format, model=found.model, record=found.record, memory=found.memory,
        store=said.store or DEFAULT_STORE, config=found.config, seed=found.seed,
        on_low_quality=found.on_low_quality, detect=found.detect, repair=found.repair,
        related=related,
        disable_plugins=tuple(found.disable_plugin or ()), no_plugins=found.no_plugins,
    )  # fmt: skip


def _acting(options: ConsoleOptions) -> ConsoleOptions:
    """Return the options with somebody who may act: the kernel is this console's own."""
    if options.operator:
        return options
    try:
        return replace(options, operator=getpass.getuser())
    except (ImportError, KeyError, OSError):
        return replace(options, operator="operator")  # an account without a name


def _ending(request: RunRequest, prepared: Prepared, host: KernelThread, work: GoalWork) -> int:
    """Say what came of a run, and return the exit code."""
    problem = host.problem()
    if problem:
        tell(problem)
    if work.result is not None:
        return tell_result(request, prepared, work.result)
    if work.run:
        resume = resume_command(work.run, request.store)
        tell(f"the run was left before it was over; {resume} goes on with it.")
        return ExitCode.INTERRUPTED
    return ExitCode.FAILED if problem else ExitCode.DONE


def _check_free(store: Path) -> None:
    """Make sure that no other kernel has a store."""
    holder = asyncio.run(_holder(store)) if store.is_file() else None
    if holder is not None:
        hint = f"'{PROGRAM} {store}' watches it; or name another --store."
        raise InputError(f"store {store}", f"process {holder.pid} has it open", hint=hint)


async def _holder(store: Path) -> Holder | None:
    async with StoreReader(store) as reader:
        return reader.holder()
