"""Rows of `STORE.commands`: how commands are written, and what is made of what is found there.

Whoever can write the file can write anything, so a row is judged when it is read: one that can't
be understood becomes a command that says why.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from dataagents.core.commands.command import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ARGUMENTS,
    Command,
    CommandAnswer,
)
from dataagents.core.errors import InputError
from dataagents.core.values import from_json

CREATE = """
CREATE TABLE commands (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    actor TEXT NOT NULL,
    made TEXT NOT NULL,
    expires TEXT NOT NULL,
    reason TEXT NOT NULL,
    arguments TEXT NOT NULL,
    epoch INTEGER,
    origin TEXT NOT NULL
) STRICT;
CREATE TABLE answers (
    place INTEGER PRIMARY KEY REFERENCES commands,
    state TEXT NOT NULL,
    message TEXT NOT NULL,
    at TEXT NOT NULL,
    epoch INTEGER NOT NULL
) STRICT;
"""
MARK_WITHDRAWN = "ALTER TABLE commands ADD COLUMN withdrawn TEXT NOT NULL DEFAULT '';"
KEPT = 10_000
"""Commands with an answer that stay; all of them are in the store's journal, too."""
_CHARACTER = 4
"""Most bytes of one in UTF-8; a text that was cut here is still longer than allowed."""
_NAME = (LONGEST_NAME + 1) * _CHARACTER
_TEXT = (LONGEST_TEXT + 1) * _CHARACTER
_LISTED = MOST_ARGUMENTS * (_NAME + _TEXT)
_CUTS = {
    "id": _NAME, "kind": _NAME, "target": _NAME, "actor": _NAME, "made": _NAME, "expires": _NAME,
    "reason": _TEXT, "arguments": _LISTED, "origin": _NAME, "withdrawn": _NAME,
}  # fmt: skip
# As bytes: text that is no UTF-8 would make the whole query fail. Of nothing, `substr` makes NULL.
_FIELDS = ", ".join(f"substr(CAST(commands.{n} AS BLOB), 1, {cut})" for n, cut in _CUTS.items())
WAITING = f"""
SELECT commands.place, commands.epoch, {_FIELDS}
FROM commands LEFT JOIN answers USING (place)
WHERE answers.place IS NULL ORDER BY commands.place LIMIT ?
"""
ISSUE = """
INSERT INTO commands (id, kind, target, actor, made, expires, reason, arguments, epoch, origin)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
"""
WITHDRAW = """
UPDATE commands SET withdrawn = ?2 WHERE id = ?1 AND withdrawn = ''
AND NOT EXISTS (SELECT 1 FROM answers WHERE answers.place = commands.place)
"""
ANSWER = """
INSERT INTO answers (place, state, message, at, epoch)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM commands WHERE place = ?1)
ON CONFLICT (place) DO NOTHING
"""
OUTDATED = f"SELECT place FROM answers ORDER BY place DESC LIMIT -1 OFFSET {KEPT}"
ANSWERED = """
SELECT id, kind, target, actor, reason, state, message, at, answers.epoch
FROM answers JOIN commands USING (place) WHERE id = ?
"""
_ANSWER_KEYS = (
    "command", "kind", "target", "actor", "reason", "state", "message", "at", "epoch",
)  # fmt: skip


def row_of(command: Command) -> tuple[object, ...]:
    """Return a command as values for `ISSUE`."""
    arguments = json.dumps(dict(command.arguments))
    return (
        command.id, command.kind, command.target, command.actor, command.made.isoformat(),
        command.expires.isoformat(), command.reason, arguments, command.epoch, command.origin,
    )  # fmt: skip


def command_of(place: int, epoch: int | None, *cut: bytes | None) -> tuple[int, Command]:
    """Return the command that a row is, and its place; one that can't be read says why."""
    said = {
        name: (each or b"").decode(errors="replace") for name, each in zip(_CUTS, cut, strict=True)
    }
    problem, arguments = "", {}
    made = expires = datetime.max.replace(tzinfo=UTC)
    try:
        made, expires = _time(said, "made"), _time(said, "expires")
        arguments = _arguments(said["arguments"])
    except ValueError as error:
        problem = str(error)
    if not said["id"] or "\ufffd" in said["id"] or len(said["id"]) > LONGEST_NAME:
        said["id"], problem = f"row-{place}", "id: it is no id"
    command = Command(
        said["id"], said["kind"], said["target"], said["actor"], made, expires, said["reason"],
        arguments, epoch, said["origin"], said["withdrawn"][:LONGEST_NAME], problem,
    )  # fmt: skip
    return place, command


def answer_of(row: Sequence[Any]) -> CommandAnswer:
    """Return the answer that a row of `ANSWERED` is.

    Raises:
        InputError: Somebody wrote what is none.
    """
    return from_json(CommandAnswer, dict(zip(_ANSWER_KEYS, row, strict=True)), what="answer")


def _time(said: dict[str, str], name: str) -> datetime:
    try:
        time = datetime.fromisoformat(said[name])
    except ValueError:
        raise ValueError(f"{name}: {said[name]!a} is no time") from None
    if time.tzinfo is None:
        raise ValueError(f"{name}: {said[name]!a} has no time zone")
    return time


def _arguments(text: str) -> dict[str, str]:
    try:
        return from_json(dict[str, str], json.loads(text), what="arguments")
    except (InputError, RecursionError, ValueError) as error:
        raise ValueError(f"arguments: {str(error)[:LONGEST_NAME]}") from None
