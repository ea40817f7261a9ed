"""How what a review asks, and what came of it, looks: as JSON and for people."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.safe_text import safe_text
from dataagents.console.view.reviews import Asked, Kept, context_of, sureness
from dataagents.core.detection.sheet import SheetCell
from dataagents.core.values import Json

LONGEST = 60
"""Characters of a value in a row's context."""


def kept_json(kept: Kept) -> dict[str, Json]:
    """Return what became of answers as JSON."""
    wrong = sum(each.wrong for each in kept.news)
    return {
        "dataset": kept.dataset,
        "answers": len(kept.news),
        "wrong": wrong,
        "right": len(kept.news) - wrong,
        "kept": len(kept.labels),
        "f1_before": None if kept.compared is None else round(kept.compared.before, 4),
        "f1_after": None if kept.compared is None else round(kept.compared.after, 4),
    }


def cell_report(asked: Asked, cell: SheetCell, number: int, of: int) -> RenderableType:
    """Return one cell with its row, and what the detectors say of it."""
    head = Text(f"{number} of {of}  ", "dim") + shown(f"row {cell.row}, {cell.column}: ", "bold")
    parts: list[RenderableType] = [head + _value(cell.value, "bold red")]
    parts += _said(cell)
    around = Text("   ")
    for column, value in zip(
        asked.sheet.columns, context_of(asked).get(cell.row, ()), strict=False
    ):
        here = column == cell.column
        around += shown(f"{column} ", "dim") + _value(value, "bold red" if here else "")
        around += Text("  ")
    return Group(*parts, around)


def row_report(cells: Sequence[SheetCell], number: int, of: int) -> RenderableType:
    """Return a row, a line for each cell, numbered, with what the detectors say."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for place, cell in enumerate(cells, start=1):
        doubtful = cell.chance >= 0.5
        best = cell.said[0] if cell.said else None
        why = f"{best.reason} ({best.detector})" if best is not None else ""
        table.add_row(
            Text(str(place), "dim"),
            shown(cell.column),
            _value(cell.value, "bold red" if doubtful else ""),
            Text(f"{cell.chance:.0%}" if cell.said else "", "red" if doubtful else "dim"),
            shown(why, "dim"),
        )
    head = Text(f"{number} of {of}  ", "dim") + Text(f"row {cells[0].row if cells else ''}", "bold")
    return Group(head, table)


def _said(cell: SheetCell) -> list[Text]:
    if not cell.said:
        return [Text("   no detector flagged it", "dim")]
    lines: list[Text] = []
    for each in cell.said:
        hint = "" if each.suggestion is None else f" → {each.suggestion or 'nothing'}"
        lines.append(
            Text("   ") + shown(f"{each.detector} {sureness(each):.2f}  ", "dim")
            + shown(each.reason) + shown(hint, "green")
        )  # fmt: skip
    return lines


def _value(value: str, style: str) -> Text:
    text = safe_text(value)
    cut = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return Text(cut.replace("\n", "⏎"), style) if cut else Text("(empty)", f"dim {style}".strip())
