"""The process that answers one question: it is limited first, reads, answers and ends.

DuckDB's memory limit does not count the values of an expression: `repeat('x', 4000000000)` takes
4 GB under any. A process has a limit that holds, and it can be ended at any moment.
"""

import os
import signal
import sys

from dataagents.core.errors import InputError
from dataagents.plugins.data.engine import PYTHON_BYTES, work_here
from dataagents.plugins.data.query import Question, Reply, reply, unusable

THREAD_BYTES = 16 * 1024 * 1024
"""What a thread takes for its stack and its share of the allocator."""
GRACE_SECONDS = 5
"""So much later the process ends itself, if nobody did."""


def limit(question: Question) -> None:
    """Limit this process: memory where the system can (on Linux), and time."""
    import resource

    threads = question.threads or os.cpu_count() or 1
    most = question.memory_bytes + PYTHON_BYTES + threads * THREAD_BYTES
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    signal.alarm(int(question.seconds) + 1 + GRACE_SECONDS)


def answered(question: Question) -> Reply:
    """Return the reply to a question, with an engine of its own."""
    try:
        return work_here(
            "query_data",
            lambda session: reply(question, session),
            folder=question.spill,
            memory_bytes=question.memory_bytes,
            threads=question.threads,
        )
    except InputError as error:
        return unusable(error)


def main() -> None:
    """Read a question from standard input and write the reply to standard output."""
    question = Question.model_validate_json(sys.stdin.buffer.read())
    limit(question)
    sys.stdout.buffer.write(answered(question).model_dump_json().encode())


if __name__ == "__main__":
    main()
