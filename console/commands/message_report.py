"""What `dataagents messages` shows: one line each, or a conversation with its payloads."""

import json
from itertools import groupby

from rich.console import Group as Lines
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.safe_text import safe_text
from dataagents.console.view.marks import GLYPHS, Mark
from dataagents.console.view.messages import MessageLog, MessageView, threads_of
from dataagents.console.view.words import duration
from dataagents.core.values import Json

_STYLES = {Mark.OK: "green", Mark.FAIL: "red", Mark.BUSY: "yellow", Mark.NOTE: "dim"}
_LONGEST_FIELD = 400
"""Characters of a field of a payload; the JSON has all."""
_NOTHING = ("", "null", "[]", "{}")


def listing(log: MessageLog) -> RenderableType:
    """Return messages one a line, in the order they were sent, below their conversations."""
    if not log.messages:
        return "No such messages." if log.types else "No messages."
    who = max(len(_who(message)) for message in log.messages)
    kind = max(len(message.type) for message in log.messages)
    parts: list[RenderableType] = []
    for conversation, group in groupby(log.messages, lambda message: message.conversation):
        parts.append(_heading(conversation))
        parts += [_row(message, who, kind) for message in group]
    hidden = log.total - len(log.messages)
    if hidden:
        parts.append(Text(f"and {hidden} earlier ones: --limit {log.total} shows all", "dim"))
    return Lines(*parts)


def thread(log: MessageLog, conversation: str) -> RenderableType:
    """Return a conversation: answers below what they answer, with payloads."""
    if not log.messages:
        return "No such messages in this conversation."
    people = dict.fromkeys(who for each in log.messages for who in (each.sender, each.recipient))
    noun = "message" if log.total == 1 else "messages"
    lost = sum(message.failed for message in log.messages)
    told = f"{log.total} {noun} among {', '.join(people)}"
    parts: list[RenderableType] = [
        _heading(conversation),
        shown(f"{told}; {lost} did not arrive" if lost else f"{told}; all arrived", "dim"),
    ]
    said: dict[str, str] = {}
    for depth, message in threads_of(log.messages):
        parts.append(Padding(_line(message), (0, 0, 0, 2 * depth)))
        parts.append(Padding(_payload(message, said), (0, 0, 0, 2 * depth + 2)))
    return Lines(*parts)


def messages_json(log: MessageLog) -> dict[str, Json]:
    """Return messages as JSON, with their payloads."""
    found: list[Json] = [
        {
            "id": message.id,
            "at": message.at.isoformat(),
            "type": message.type,
            "sender": message.sender,
            "recipient": message.recipient,
            "conversation": message.conversation or None,
            "reply_to": message.reply_to or None,
            "run": message.run or None,
            "status": message.status or None,
            "reason": message.reason or None,
            "seconds": message.seconds,
            "payload": _plain(message.payload),
        }
        for message in log.messages
    ]
    return {"total": log.total, "messages": found}


def _heading(conversation: str) -> Text:
    told = f"conversation {conversation}" if conversation else "no conversation"
    return shown(told, "bold")


def _row(message: MessageView, who: int, kind: int) -> Text:
    """Return a message on one line; what does not fit of its gist is cut off."""
    said = message.reason or message.gist
    row = Text.assemble(
        (f"  {GLYPHS[message.mark]} ", _STYLES[message.mark]),
        (f"{message.at:%H:%M:%S} ", "dim"),
        f"{_who(message):{who}} ",
        (f"{message.type:{kind}} ", "cyan"),
        (f"{_receipt(message):9}", _STYLES[message.mark]),
        f" {said}" if said else "",
    )
    if not message.failed:  # why one failed is told in full
        row.no_wrap, row.overflow = True, "ellipsis"
    return row


def _who(message: MessageView) -> str:
    return f"{message.sender} → {message.recipient}"


def _line(message: MessageView) -> Text:
    took = duration(message.seconds)
    return Text.assemble(
        (f"{GLYPHS[message.mark]} ", _STYLES[message.mark]),
        (f"{message.at:%H:%M:%S.%f}"[:-3], "dim"),
        f" {message.sender} → {message.recipient} ",
        (message.type, "cyan"),
        " ",
        (_receipt(message), _STYLES[message.mark]),
        (f" {took}" if took else "", "dim"),
        f" {message.reason}" if message.reason else "",
    )


def _receipt(message: MessageView) -> str:
    return message.status or ("answer" if message.reply_to else "no receipt")


def _payload(message: MessageView, said: dict[str, str]) -> RenderableType:
    """Return what a message carries, a line for each field; not again what was said before."""
    fields = [
        shown(f"{key}: {text}", "dim")
        for key, text in ((key, _written(value)) for key, value in message.payload.items())
        if text not in _NOTHING
    ]
    text = "\n".join(field.plain for field in fields)
    before = said.setdefault(text, message.recipient) if text else message.recipient
    if before != message.recipient:
        return shown(f"(the same as to {before})", "dim")
    return Lines(*fields)


def _written(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(_plain(value), ensure_ascii=False)
    return safe_text(text, limit=_LONGEST_FIELD)


def _plain(value: object) -> Json:
    plain: Json = json.loads(json.dumps(value, default=dict))
    return plain
