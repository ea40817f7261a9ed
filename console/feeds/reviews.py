"""What a person can be asked about a run: its sheets, and what was answered before."""

from dataagents.console.view.reviews import Asked
from dataagents.core.detection.answers import reviewed
from dataagents.core.detection.sheet import REVIEW, Sheet
from dataagents.core.events import EventKind
from dataagents.core.services.reflection.lesson_book import WINDOW, LessonBook
from dataagents.core.values import from_json
from dataagents.storage import StoreReader


async def asked_of(reader: StoreReader, run: str) -> tuple[str, tuple[Asked, ...]]:
    """Return the id of a run, and what can be asked about each of its data sets.

    Args:
        reader: The store.
        run: The run's id, the beginning or end of it, or `latest`.

    Returns:
        The data sets by name; none where nobody looked for errors.

    Raises:
        InputError: There is no such run, or a sheet of it can't be read.
        StoreError: The store can't be read.
    """
    meant = await reader.find_run(run)
    sheets: dict[str, Sheet] = {}
    for each in await reader.run_events(meant.id, (EventKind.ANALYSIS_MADE,)):
        body = each.event.body
        if body.get("kind") == REVIEW:
            sheet = from_json(Sheet, body.get("figures"), what=f"run {meant.id}: its sheet")
            sheets[sheet.dataset] = sheet
    book = LessonBook()
    if sheets:
        changes = await reader.recent(EventKind.LESSON_CHANGED, WINDOW)
        book.restore([each.event for each in changes])
    lessons = book.lessons
    return meant.id, tuple(
        Asked(meant.id, sheets[name], reviewed(lessons, name)) for name in sorted(sheets)
    )
