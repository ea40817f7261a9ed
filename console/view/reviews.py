"""Reviews: what a person can be asked about the cells of a run, and what became of the answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataagents.console.safe_text import safe_text
from dataagents.console.view.words import plural
from dataagents.core.detection import Voice
from dataagents.core.detection.review import Comparison, Label, compare, merged
from dataagents.core.detection.sheet import Sheet, SheetCell
from dataagents.core.values import Json, to_json


@dataclass(frozen=True, slots=True)
class Asked:
    """What can be asked about a data set of a run, and what was answered before."""

    run: str
    sheet: Sheet
    labels: tuple[Label, ...] = ()
    """All answers about the data set so far."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of answers, or would."""

    dataset: str
    news: tuple[Label, ...]
    labels: tuple[Label, ...]
    """All answers about the data set."""
    compared: Comparison | None
    """By how much they help; None when there are too few to tell."""


def keeping(dataset: str, known: Sequence[Label], news: Sequence[Label]) -> Kept:
    """Return what answers come to beside those of earlier reviews; takes up to a second."""
    labels = merged(known, news)
    return Kept(dataset, tuple(news), labels, compare(labels))


def context_of(asked: Asked) -> Mapping[int, Sequence[str]]:
    """Return the rows that cells stand in: number → what each column of the sheet says."""
    rows = dict(asked.sheet.context)
    rows |= {cells[0].row: tuple(each.value for each in cells) for cells in asked.sheet.rows}
    return rows


def sureness(said: Voice) -> float:
    """Return how much what a detector says counts, 1 at most."""
    return min(said.confidence * said.weight, 1.0)


def cells_json(
    asked: Asked, cells: Sequence[SheetCell], answers: Sequence[Label] = ()
) -> dict[str, Json]:
    """Return cells to ask about as JSON, with the answers, or places for them."""
    context = context_of(asked)
    given = {(each.row, each.column): each for each in answers}
    return {
        "run": asked.run,
        "dataset": asked.sheet.dataset,
        "answered": len(asked.labels),
        "cells": [
            {
                "row": each.row,
                "column": each.column,
                "value": each.value,
                "chance": each.chance,
                "said": [to_json(one) for one in each.said],
                "context": dict(zip(asked.sheet.columns, context.get(each.row, ()), strict=False)),
                **_answer(given.get((each.row, each.column))),
            }
            for each in cells
        ],
    }


def counted_words(kept: Kept) -> str:
    """Return how many answers there are, and how many of them say that a cell is wrong."""
    wrong, total = sum(each.wrong for each in kept.news), plural(len(kept.labels), "answer")
    return f"{wrong} wrong, {len(kept.news) - wrong} right; {total} in all"


def help_words(kept: Kept) -> str:
    """Return by how much all answers about a data set help, as a sentence."""
    if kept.compared is None:
        return "By them, nobody can tell yet by how much they help."
    return (
        f"On the cells that were answered, F1 is {kept.compared.before:.2f} without the "
        f"answers and {kept.compared.after:.2f} with them, each judged by answers about others."
    )


def kept_lines(kept: Kept) -> str:
    """Return what became of answers, in words."""
    dataset = safe_text(kept.dataset)
    said = f"{plural(len(kept.news), 'answer')} kept for {dataset}: {counted_words(kept)}."
    return f"{said}\n{help_words(kept)}\nThe next run of {dataset} goes by them."


def _answer(label: Label | None) -> dict[str, Json]:
    if label is None:
        return {"answer": None, "correct": None}
    return {"answer": "wrong" if label.wrong else "right", "correct": label.correction}
