"""Conversations on record: which messages a store has of a run, or of one thread."""

from dataagents.console.view.fields import name
from dataagents.console.view.messages import MessageLog, MessageView
from dataagents.console.view.run_fold import OUTSIDE
from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.suggestions import did_you_mean
from dataagents.storage import LATEST, StoreReader

EVERYTHING = "all"
_PAGE = 1_000
_MOST_MESSAGES = 100_000
_MOST_NAMED = 5


async def read_run_messages(reader: StoreReader, run: str | None, log: MessageLog) -> None:
    """Read the messages of a run into a log.

    Args:
        reader: The store.
        run: The run; the latest when None, `-` for what was said outside of any, `all`.
        log: Takes them.

    Raises:
        InputError: There is no such run.
    """
    if run is None and not await reader.runs(1):
        run = OUTSIDE
    whole = run in (OUTSIDE, EVERYTHING)
    meant = None if whole else (await reader.find_run(run or LATEST)).id
    place = 0
    while found := await reader.events(after=place, limit=_PAGE, run=meant):
        place = found[-1].seq
        for stored in found:
            if run != OUTSIDE or stored.event.run is None:
                log.apply(stored.event)


async def read_conversation(reader: StoreReader, text: str, log: MessageLog) -> str:
    """Read one conversation into a log, and return its id.

    Args:
        reader: The store.
        text: The id, or the beginning or end of it.
        log: Takes its messages.

    Raises:
        InputError: No conversation is meant by that, or several are; names the choices.
    """
    found = await reader.messages(text, _MOST_MESSAGES)
    if not found:
        text = await _meant(reader, text)
        found = await reader.messages(text, _MOST_MESSAGES)
    for row in found:
        log.sent(
            MessageView(
                id=row.id,
                type=name(row.type),
                sender=name(row.sender),
                recipient=name(row.recipient),
                at=row.at,
                payload=row.payload,
                conversation=name(text),
                reply_to=name(row.reply_to),
                run=name(row.run),
                status=name(row.status),
                reason=name(row.reason),
                seconds=row.seconds,
            )
        )
    return text


async def _meant(reader: StoreReader, text: str) -> str:
    known: dict[str, None] = {}
    place = 0
    while found := await reader.events(after=place, limit=_PAGE):
        place = found[-1].seq
        for stored in found:
            if stored.event.kind == EventKind.MESSAGE_SENT:
                conversation = stored.event.body.get("conversation")
                if isinstance(conversation, str):
                    known[conversation] = None
    meant = [each for each in known if each.startswith(text) or each.endswith(text)]
    if len(meant) == 1:
        return meant[0]
    what = f"conversation {text!r}"
    if meant:
        more = ", …" if len(meant) > _MOST_NAMED else ""
        choices = f"It may be {', '.join(meant[:_MOST_NAMED])}{more}."
        raise InputError(what, f"it fits {len(meant)} of them", hint=choices)
    hint = did_you_mean(text, list(known)[-_MOST_NAMED:]).strip()
    raise InputError(what, "there is no such conversation", hint=hint)
