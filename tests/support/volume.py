"""How much is tried: as much as a test says for a commit, several times that every night.

`TEST_VOLUME` says how many times; `.ci/nightly` sets it. A commit tries the same examples each
time, more of them are drawn anew.
"""

import os

TIMES = int(os.environ.get("TEST_VOLUME", "1"))


def amount(commit: int) -> int:
    """Return how many examples, profiles or rounds to try.

    Args:
        commit: How many are enough for a commit.
    """
    return commit * TIMES
