"""Batches: the messy files of the demonstration, written by a seeded generator.

Two sources deliver: shops their sales, and stations what their sensors measured. Each batch has its
share of what real deliveries have: gaps, copies, mixed units and notations, other encodings. What
changes from one batch to the next, a `Twist`, is what the agents have to find out.
"""

import csv
import gzip
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TypeAlias

SALES, SENSORS = "sales", "sensors"
"""The two sources, as their data sets are called."""
_EPOCH = datetime(2026, 1, 1)  # files say no zone
_CUT = 0.6
"""Share of a packed file that arrives when it breaks off."""

Row: TypeAlias = dict[str, str]
Change: TypeAlias = Callable[[str], str]


class Twist(StrEnum):
    """What is different about a batch."""

    NONE = "none"
    ADDED = "added"
    """A column that was never there."""
    RENAMED = "renamed"
    RETYPED = "retyped"
    """A column that held numbers holds text."""
    LOST = "lost"
    """A column is missing."""
    GAPS = "gaps"
    """Many cells are empty."""
    COPIES = "copies"
    """Whole rows come several times."""
    ENCODED = "encoded"
    """Another encoding, separator and decimal sign."""
    BROKEN = "broken"
    """The file is packed and breaks off in the middle."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One delivery that lies on the disk."""

    source: str
    number: int
    twist: Twist
    path: Path
    rows: int
    """Rows that were written, copies included; of a broken file fewer arrive."""


class Deliveries:
    """Writes batches into a folder; the same seed writes the same bytes.

    Args:
        folder: Where they go.
        seed: What everything random depends on.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder = folder
        self._seed = seed

    def deliver(self, source: str, number: int, twist: Twist) -> Batch:
        """Write the next batch of a source and return it; the one before it goes.

        Args:
            source: `SALES` or `SENSORS`.
            number: How many this source delivered before.
            twist: What is different about it.
        """
        rng = Random(f"{self._seed}/{source}/{number}")  # data, not secrets
        rows = _MAKERS[source](rng, number)
        rows = _twisted(source, rows, twist, rng)
        self._folder.mkdir(parents=True, exist_ok=True)
        for earlier in self._folder.glob(f"{source}.csv*"):
            earlier.unlink()
        name = f"{source}.csv.gz" if twist is Twist.BROKEN else f"{source}.csv"
        path = self._folder / name
        path.write_bytes(_written(rows, twist))
        return Batch(source, number, twist, path, len(rows))


def _sales(rng: Random, number: int) -> list[Row]:
    rows: list[Row] = []
    for place in range(rng.randint(220, 380)):
        day = _EPOCH + timedelta(days=number, minutes=rng.randrange(1_440))
        price = rng.choice((4.9, 12.5, 19.0, 49.9, 129.0)) * rng.uniform(0.9, 1.1)
        rows.append(
            {
                "order_id": f"{number:04d}{place:05d}",
                "ordered_at": f"{day:%Y-%m-%d %H:%M}",
                "shop": rng.choice(("Aachen", "Białystok", "Córdoba", "Malmö", "Zürich")),
                "product": rng.choice(("lamp", "chair", "desk", "shelf", "rug")),
                "quantity": str(rng.randint(1, 9)),
                "price": f"{price:.2f}",
                "email": f"customer{rng.randrange(500)}@example.com",
            }
        )
    _spoil(rows, rng, "price", 0.04, lambda text: f"{text} EUR")
    _spoil(rows, rng, "email", 0.05, lambda text: "n/a")
    _spoil(rows, rng, "quantity", 0.02, lambda text: "many")
    _spoil(rows, rng, "ordered_at", 0.03, lambda text: "")
    return rows


def _sensors(rng: Random, number: int) -> list[Row]:
    rows: list[Row] = []
    stations = [f"S-{station:02d}" for station in range(1, 13)]
    for place in range(rng.randint(260, 420)):
        at = _EPOCH + timedelta(hours=6 * number, seconds=50 * place)
        celsius = rng.gauss(19.0, 4.0)
        rows.append(
            {
                "reading": f"{number:04d}-{place:05d}",
                "station": rng.choice(stations),
                "measured_at": f"{at:%Y-%m-%dT%H:%M:%S}",
                "temperature": f"{celsius:.1f}",
                "humidity": f"{rng.uniform(30, 95):.0f}",
                "battery": f"{rng.uniform(2.9, 3.6):.2f}",
            }
        )
    _spoil(rows, rng, "temperature", 0.05, lambda text: f"{float(text) * 1.8 + 32:.1f} F")
    _spoil(rows, rng, "humidity", 0.04, lambda text: f"{text}%")
    _spoil(rows, rng, "battery", 0.06, lambda text: "")
    _spoil(rows, rng, "temperature", 0.01, lambda text: "9999.9")
    return rows


_MAKERS = {SALES: _sales, SENSORS: _sensors}

_ADDED: Mapping[str, tuple[str, Sequence[str]]] = {
    SALES: ("channel", ("web", "shop", "phone")),
    SENSORS: ("firmware", ("2.4.1", "2.5.0")),
}
_RENAMED = {SALES: ("price", "unit_price"), SENSORS: ("humidity", "relative_humidity")}
_RETYPED = {SALES: ("quantity", "pcs"), SENSORS: ("battery", "V")}
_LOST = {SALES: "email", SENSORS: "battery"}
_SPARSE = {SALES: ("shop", "email", "price"), SENSORS: ("temperature", "humidity", "battery")}


def _twisted(source: str, rows: list[Row], twist: Twist, rng: Random) -> list[Row]:
    """Return the rows with what is different about their batch."""
    if twist is Twist.ADDED:
        name, values = _ADDED[source]
        return [{**row, name: rng.choice(values)} for row in rows]
    if twist is Twist.RENAMED:
        old, new = _RENAMED[source]
        return [{new if name == old else name: row[name] for name in row} for row in rows]
    if twist is Twist.RETYPED:
        name, unit = _RETYPED[source]
        return [{**row, name: f"{row[name] or 'no'} {unit}"} for row in rows]
    if twist is Twist.LOST:
        return [{name: row[name] for name in row if name != _LOST[source]} for row in rows]
    if twist is Twist.GAPS:
        for name in _SPARSE[source]:
            _spoil(rows, rng, name, 0.45, lambda text: "")
    copied = 0.3 if twist is Twist.COPIES else 0.02
    return [each for row in rows for each in [row] * (1 + (rng.random() < copied))]


def _spoil(rows: list[Row], rng: Random, name: str, share: float, how: Change) -> None:
    for row in rows:
        if rng.random() < share:
            row[name] = how(row[name])


def _written(rows: Sequence[Row], twist: Twist) -> bytes:
    """Return the bytes of a file."""
    odd = twist is Twist.ENCODED
    text = io.StringIO()
    writer = csv.DictWriter(
        text, list(rows[0]), delimiter=";" if odd else ",", lineterminator="\r\n" if odd else "\n"
    )
    writer.writeheader()
    writer.writerows(_with_commas(row) if odd else row for row in rows)
    content = text.getvalue().encode("utf-16" if odd else "utf-8")
    if twist is not Twist.BROKEN:
        return content
    packed = gzip.compress(content, mtime=0)
    return packed[: int(len(packed) * _CUT)]


def _with_commas(row: Row) -> Row:
    return {
        name: text.replace(".", ",") if _is_number(text) else text for name, text in row.items()
    }


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
