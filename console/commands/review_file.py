"""Reviews in a store and in files: what can be asked about a run, and the answers to it."""

import asyncio
import csv
import io
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dataagents.console.commands.given_file import read_bytes, source_of
from dataagents.console.commands.operator import OPERATOR
from dataagents.console.commands.session import attended
from dataagents.console.feeds.reviews import asked_of
from dataagents.console.launch import DEFAULT_STORE
from dataagents.console.view.reviews import Asked, Kept, keeping
from dataagents.core.detection.answers import review_lesson, reviewed
from dataagents.core.detection.review import Label, merged
from dataagents.core.detection.sheet import SheetCell
from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import Json, read_json
from dataagents.storage import StoreReader

_LARGEST = 5_000_000
"""Bytes of a file of answers; a thousand of them have a tenth of that."""
_WORDS = {
    "wrong": True, "w": True, "true": True, "yes": True,
    "right": False, "r": False, "false": False, "no": False,
}  # fmt: skip
_ANSWERS = ("wrong", "right", "skip")
_SKIPPED = ("", "skip", "s", "null")


def read_sheet(store: Path, run: str, dataset: str | None) -> Asked:
    """Return what can be asked about the cells of a run's data set.

    Args:
        store: The store to read.
        run: The run's id, the beginning or end of it, or `latest`.
        dataset: Which of its data sets; None when there is one only.

    Raises:
        InputError: There is no such store, run or data set, or nobody looked for errors in it.
        StoreError: The store can't be read.
    """
    return asyncio.run(_read(store, run, dataset))


async def _read(store: Path, run: str, dataset: str | None) -> Asked:
    async with StoreReader(store) as reader:
        id_, found = await asked_of(reader, run)
    sets = {each.sheet.dataset: each for each in found}
    if not sets:
        hint = "Run 'dataagents run FILE' with --detect full."
        raise InputError(f"run {id_}", "nobody looked for errors in its data", hint=hint)
    if dataset is None and len(sets) > 1:
        hint = f"Choose one with --dataset: {', '.join(sets)}."
        raise InputError(f"run {id_}", f"it has {len(sets)} data sets", hint=hint)
    name = dataset if dataset is not None else next(iter(sets))
    if name not in sets:
        raise InputError(
            f"data set {name!r}",
            f"run {id_} has none of that name",
            hint=did_you_mean(name, sets).strip(),
        )
    return sets[name]


def load_answers(file: str, asked: Asked) -> tuple[Label, ...]:
    """Return the answers in a file, JSON or CSV; `-` is stdin.

    Args:
        file: What `--json` wrote, with `answer` filled in; or a table with `row`, `column`,
            `answer` and, if known, `correct`.
        asked: What can be asked about.

    Raises:
        InputError: It can't be read, it is about another run, or an answer is about a cell that
            was not asked about.
    """
    what = source_of(file)
    raw = read_bytes(file, what, _LARGEST)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(what, "it is not UTF-8") from error
    listed = (
        _from_json(what, text, asked.run)
        if text.lstrip()[:1] in ("{", "[")
        else _from_csv(what, text)
    )
    cells = {(each.row, each.column): each for each in asked.sheet.cells()}
    found: list[Label] = []
    for number, each in enumerate(listed, start=1):
        label = _answer(f"{what}: answer {number}", each, cells)
        if label is not None:
            found.append(label)
    return tuple(found)


def keep_answers(store: Path, asked: Asked, news: Sequence[Label], by: str = OPERATOR) -> Kept:
    """Keep answers in a store, beside those of earlier reviews, for the next run.

    Args:
        store: The store; this is a kernel of it meanwhile.
        asked: What was asked about.
        news: The answers.
        by: Who gave them.

    Raises:
        InputError: There is no such store.
        StoreError: A kernel has the store open, or it can't be written.
    """
    dataset = asked.sheet.dataset

    async def keep() -> tuple[Label, ...]:
        async with attended(store) as kernel:
            there = reviewed(kernel.reflection.learned, dataset)
            labels = merged(there, news)
            lesson = review_lesson(dataset, labels, kernel.reflection.now())
            known = {each.id: each for each in kernel.reflection.learned}.get(lesson.id)
            if known is not None:
                lesson = replace(lesson, uses=known.uses, observed=known.observed)
            reason = f"review of run {asked.run}"
            await kernel.reflection.adopt((lesson,), reason=reason, by=by)
            return there

    return keeping(dataset, asyncio.run(keep()), news)


def review_command(asked: Asked, answers: Path, store: Path) -> str:
    """Return what to type to keep the answers in a file."""
    words = ["dataagents", "review", asked.run, "--dataset", asked.sheet.dataset]
    words += ["--answers", str(answers)]
    if store != DEFAULT_STORE:
        words += ["--store", str(store)]
    return shlex.join(words)


def _from_json(what: str, text: str, run: str) -> list[Mapping[str, Json]]:
    try:
        body = read_json(text if text.lstrip().startswith("{") else f'{{"cells": {text}}}')
    except (ValueError, RecursionError) as error:
        raise InputError(what, "it is no JSON") from error
    if body.get("run", run) != run:
        hint = "Name the run that it is about before --answers."
        raise InputError(what, f"it is about another run than {run}", hint=hint)
    listed = body.get("cells")
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        hint = "Write one with 'dataagents review --json', and fill in the answers."
        raise InputError(what, "it has no list of cells", hint=hint)
    return [each for each in listed if isinstance(each, dict)]


def _from_csv(what: str, text: str) -> list[Mapping[str, Json]]:
    try:
        rows = list(csv.DictReader(io.StringIO(text), restkey="", strict=True))
    except csv.Error as error:
        raise InputError(what, f"it is no CSV: {error}") from error
    needed = ("row", "column", "answer")
    missing = [each for each in needed if rows and each not in rows[0]]
    if missing or not rows:
        raise InputError(
            what,
            f"it has no column {missing[0]!r}" if missing else "it has no answers",
            hint="Its header is row,column,answer,correct.",
        )
    return [{name: each.get(name) for name in (*needed, "correct")} for each in rows]


def _answer(
    what: str, given: Mapping[str, Json], cells: Mapping[tuple[int, str], SheetCell]
) -> Label | None:
    said = given.get("answer")
    word = "" if said is None else str(said).strip().lower()
    if word in _SKIPPED:
        return None
    if word not in _WORDS:
        problem = f"{said!r} is none of wrong, right and skip"
        raise InputError(what, problem, hint=did_you_mean(word, _ANSWERS).strip())
    row, column = str(given.get("row")), str(given.get("column"))
    cell = cells.get((int(row), column)) if row.isdecimal() else None
    if cell is None:
        problem = f"row {row}, column {column!r} was not asked about"
        hint = "What can be asked about is in 'dataagents review --json' and '--rows --json'."
        raise InputError(what, problem, hint=hint)
    correct = given.get("correct")
    value = None if correct is None or correct == "" else str(correct)
    return cell.label(wrong=_WORDS[word], correction=value if _WORDS[word] else None)
