"""What is in the store that `workload.py` left: a line for each thing, found on its own.

    python verify.py FOLDER

Prints `ID id` for each thing that is there, as often as it is there, and `COUNT name number` for
what is worth knowing. Fails when the database is not sound, or when it holds a part of something.
"""

# ruff: noqa: T201  # what it prints is what it is for

import json
import sqlite3
import sys
from collections import Counter
from pathlib import Path

STORED = """
SELECT subject FROM journal WHERE kind IN ('crash.produced', 'step.ended')
UNION ALL SELECT subject FROM journal WHERE kind = 'message.sent' AND body ->> 'reply_to' IS NULL
"""
UNITS = "SELECT subject, body FROM journal WHERE kind = 'crash.produced' ORDER BY seq"


def broken_units(rows: list[tuple[str, str]]) -> list[str]:
    """Return the units of which a part is there: each event says its place in its unit."""
    places: dict[str, list[int]] = {}
    for subject, body in rows:
        producer = subject.rpartition("-")[0]
        places.setdefault(producer, []).append(json.loads(body)["unit"])
    return [name for name, found in places.items() if not _whole(found)]


def _whole(places: list[int]) -> bool:
    """Whether these are the places in units of 1 + n % 3 events, n being those before."""
    expected: list[int] = []
    while len(expected) < len(places):
        expected.extend(range(1 + len(expected) % 3))
    return expected == places


def main(path: Path) -> int:
    """Print what is there; return 1 if it is not sound."""
    if not path.exists():
        return 0  # killed before it was made
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    ((verdict,),) = database.execute("PRAGMA integrity_check").fetchall()
    for (name,) in database.execute(STORED):
        print("ID", name)
    broken = broken_units(database.execute(UNITS).fetchall())
    for kind, number in Counter(
        each for (each,) in database.execute("SELECT kind FROM journal")
    ).items():
        print("COUNT", kind, number)
    print("COUNT", "bytes", path.stat().st_size)
    if verdict != "ok" or broken:
        print(f"integrity: {verdict}; units that are not whole: {broken}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) / "store.db"))
