"""Keeping answers: in the store while no kernel lives, else in a file for the command."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from textual.app import App

from dataagents.console.exports import export_name, write_export
from dataagents.console.safe_text import safe_text
from dataagents.console.screens.actions import ArmPrompt
from dataagents.console.screens.choosing import Choice, Choose
from dataagents.console.screens.messages import words_of
from dataagents.console.session import Session
from dataagents.console.steering import login
from dataagents.console.view.reviews import (
    Asked,
    Kept,
    cells_json,
    counted_words,
    help_words,
    keeping,
    kept_lines,
)
from dataagents.console.view.words import plural
from dataagents.core.detection.review import Label
from dataagents.core.errors import DataAgentsError, InputError, StoreLockedError

_LONGEST = 1_000
"""Characters of a command."""

Given = Sequence[tuple[Asked, Sequence[Label]]]
"""Answers, by what was asked about."""

_IN_STORE = (
    Choice("keep", "keep them: the next run of the data goes by them"),
    Choice("leave", "leave it for now"),
)
_IN_FILE = (
    Choice("keep", "write them to a file: a kernel has the store open, and nobody else may write"),
    Choice("leave", "leave it for now"),
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What became of answers that were to be kept."""

    told: str = ""
    """What the operator is told."""
    failed: bool = False
    in_store: bool = False
    commands: tuple[str, ...] = ()
    """What keeps them, where they were written to files."""


async def keep(app: App[Any], session: Session, given: Given) -> Keeping:
    """Say how many answers there are and how much they help, and keep them where that is meant.

    Args:
        app: Where it is asked.
        session: Who keeps them, and in which store.
        given: The answers.
    """
    preview = await asyncio.to_thread(_previewed, given)
    choices = _IN_FILE if session.live else _IN_STORE
    chosen = await app.push_screen_wait(Choose(_question(preview), choices))
    if chosen != ("keep",):
        return Keeping()
    try:
        if session.live:
            return _filed(session, given)
        if not session.operator:
            who = await app.push_screen_wait(ArmPrompt(_login()))
            session.arm(who or "")
        if not session.operator:
            return Keeping()
        return await asyncio.to_thread(_stored, session, given)
    except StoreLockedError:
        return _filed(session, given)
    except DataAgentsError as error:
        return Keeping(words_of(error), failed=True)


def _previewed(given: Given) -> list[Kept]:
    return [keeping(asked.sheet.dataset, asked.labels, news) for asked, news in given]


def _question(kept: Sequence[Kept]) -> str:
    lines = [
        f"{safe_text(each.dataset)}: {counted_words(each)}. {help_words(each)}" for each in kept
    ]
    number = plural(sum(len(each.news) for each in kept), "answer")
    return "\n".join([*lines, f"Keep {number}"])


def _stored(session: Session, given: Given) -> Keeping:
    """Keep answers as the command does: by a kernel without agents, open for that long."""
    from dataagents.console.commands.review_file import keep_answers

    kept = [keep_answers(session.path, *each, by=session.operator) for each in given]
    return Keeping("\n".join(map(kept_lines, kept)), in_store=True)


def _filed(session: Session, given: Given) -> Keeping:
    """Write answers to files, one for each data set, and say which command keeps them."""
    from dataagents.console.commands.review_file import review_command

    commands: list[str] = []
    for asked, news in given:
        answered = {(each.row, each.column) for each in news}
        cells = {(each.row, each.column): each for each in asked.sheet.cells()}
        chosen = [cell for place, cell in cells.items() if place in answered]
        text = json.dumps(cells_json(asked, chosen, news), indent=2, allow_nan=False) + "\n"
        try:
            name = export_name("review", "json", session.clock.now())
            file = write_export(session.folder, name, text)
        except InputError as error:
            return Keeping(words_of(error), failed=True)
        commands.append(review_command(asked, file, session.path))
    return Keeping(commands=tuple(safe_text(each, limit=_LONGEST) for each in commands))


def _login() -> str:
    try:
        return login()
    except InputError:
        return ""
