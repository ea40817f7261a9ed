"""What a benchmark reports: figures held to bars, as a table for people or as JSON for programs."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement, and the bar that it is held to, where there is one."""

    name: str
    value: float | None
    """None for what could not be measured; the note says why."""
    unit: str
    bar: float | None = None
    at_least: bool = False
    """Whether the bar is a lower limit; else it is an upper one."""
    decisive: bool = True
    """Whether the value is what the bar is about."""
    note: str = ""

    @property
    def holds(self) -> bool | None:
        """Whether the value is on the right side of its bar; None where that can't be told."""
        if self.bar is None or self.value is None or not self.decisive:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def row(self) -> dict[str, object]:
        """Return it for programs."""
        value = None if self.value is None else round(self.value, 4)
        row: dict[str, object] = {"name": self.name, "value": value, "unit": self.unit}
        if self.bar is not None:
            row |= {"bar": self.bar, "holds": self.holds}
        return row | ({"note": self.note} if self.note else {})

    def cells(self, digits: int) -> tuple[str, str, str, str]:
        """Return it for people: name, value, bar, and what is to be said of them."""
        value, bar = (
            "" if number is None else f"{number:,.{digits}f} {self.unit}"
            for number in (self.value, self.bar)
        )
        verdict = {True: "yes", False: "NO", None: ""}[self.holds]
        return self.name, value, bar, "  ".join(filter(None, (verdict, self.note)))


def arguments(description: str | None) -> argparse.ArgumentParser:
    """Return a parser that has what every benchmark is asked."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    return parser


def show(title: str, figures: Iterable[Figure], *, as_json: bool, digits: int = 2) -> None:
    """Print figures.

    Args:
        title: What stands above their names.
        figures: The figures; as JSON, each is printed as soon as it is there.
        as_json: Whether to print one JSON object a line rather than a table.
        digits: How many decimals the table has.
    """
    if as_json:
        for each in figures:
            print(json.dumps(each.row()), flush=True)
        return
    lines = [(title, "value", "bar", "holds"), *(each.cells(digits) for each in figures)]
    names, values, bars, _ = (max(map(len, column)) for column in zip(*lines, strict=True))
    for name, value, bar, said in lines:
        print(f"{name:<{names}}  {value:>{values}}  {bar:>{bars}}  {said}".rstrip())
