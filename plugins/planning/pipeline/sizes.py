"""Sizes: what a data set's size says about how to work on it."""

from dataagents.core.planning import State, Task
from dataagents.plugins.planning.pipeline.facts import about, fact, number, settings_of

MEMORY = 2 * 1024**3
"""Bytes that an engine may use, where nobody said."""
BATCH_SHARE = 0.25
"""Files up to this share of the memory are worked on by all threads at once; larger ones by one.
On a table of 211 MiB and two threads, with no need to spill, one thread peaked at 342 MiB where two
took 471."""
SAMPLE_FROM = 64 * 1024**2
"""Bytes from which a look at a sample is worth its own reading. On the same table, a sample took
1.7 s and the analysis of all rows 22 s."""


def size_of(state: State, dataset: str) -> float | None:
    """Return how many bytes the files of a data set have; None when nobody said."""
    return number(state, f"size:{dataset}")


def small(state: State, task: Task) -> str | None:
    """Hold when the files are small for the memory, or when nobody said how large they are."""
    size = size_of(state, about(task))
    limit = BATCH_SHARE * (number(state, "memory") or MEMORY)
    if size is None or size <= limit:
        return None
    return f"{size / 1024**2:,.0f} MiB are more than {limit / 1024**2:,.0f}"


def large(state: State, task: Task) -> str | None:
    """Hold when the files are large for the memory."""
    if size_of(state, about(task)) is None:
        return "the size is not known"
    return None if small(state, task) is not None else "the files are small for the memory"


def worth_a_sample(state: State, task: Task) -> str | None:
    """Hold when the files are so large that a sample tells much sooner what they look like."""
    dataset = about(task)
    if settings_of(state).get("contract") is not None:
        return "a contract was given, so there is no schema to adopt"
    if fact(state, "sample", dataset) is not None or fact(state, "schema", dataset) is not None:
        return "the data was looked at already"
    size = size_of(state, dataset)
    if size is None:
        return "the size is not known"
    if size < SAMPLE_FROM:
        return "the files are read as soon as a sample of them"
    return None
