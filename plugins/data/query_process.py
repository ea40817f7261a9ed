"""Asking the process that answers questions, and ending it in time."""

import asyncio
import logging
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process

from dataagents.core.errors import InputError
from dataagents.plugins.data.query import Question, Reply

_WORKER = "dataagents.plugins.data.query_worker"
_INHERITED = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHOME", "TZ")
"""What the process gets to know of our environment, beside where to import from."""

_log = logging.getLogger(__name__)


async def ask(question: Question) -> Reply:
    """Return the reply of a process of its own; it is ended when time is up, or on cancellation.

    Raises:
        InputError: The data set can't be used.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", _WORKER),
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
        cwd=question.spill,
        env=_environment(),
    )
    try:
        async with asyncio.timeout(question.seconds):
            out, err = await process.communicate(question.model_dump_json().encode())
    except TimeoutError:
        return Reply(
            refused=f"It was stopped after {question.seconds:g} s. Ask for less: filter first, "
            "join on a key, bound a recursion."
        )
    finally:
        await _end(process)
    if process.returncode != 0:
        return _broken(process.returncode, err)
    received = Reply.model_validate_json(out)
    if received.unusable is not None:
        what, problem, hint = received.unusable
        raise InputError(what, problem, hint=hint)
    return received


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
        await process.wait()


def _broken(code: int | None, err: bytes) -> Reply:
    """Return the reply for a process that ended without one."""
    last = err.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
    _log.warning("the process of a query ended with %s: %s", code, last[0][:500])
    how = f"with status {code}"
    if code is not None and code < 0:
        how = f"by {signal.Signals(-code).name}"
    return Reply(
        refused=f"The engine broke off {how}, most likely for lack of memory. Ask for less at once."
    )


def _environment() -> dict[str, str]:
    known = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**known, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
