"""Threads: those that a loop works with, and those that do not end when everything else has.

A tool may be in a call that nothing can interrupt. Neither a loop nor the process waits for it.
"""

import asyncio
import os
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

_PATIENCE = 1.0
"""Seconds that threads get to end after the command has."""


@contextmanager
def own_threads(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Give a loop threads that its end doesn't wait for; see `leave_threads_behind`."""
    threads = ThreadPoolExecutor(thread_name_prefix="dataagents")
    loop.set_default_executor(threads)
    try:
        yield
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
        loop.set_default_executor(ThreadPoolExecutor(max_workers=1))


def leave_threads_behind(code: object) -> None:
    """End the process at once if a thread of a plugin does not end: Python would wait for it.

    Args:
        code: What the process would end with, as `SystemExit` has it.
    """
    until = time.monotonic() + _PATIENCE
    for thread in threading.enumerate():
        if thread is threading.current_thread() or thread.daemon:
            continue
        thread.join(max(0.0, until - time.monotonic()))
        if thread.is_alive():
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 0 if code is None else 1)
