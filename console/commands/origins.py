"""Origins on record: what a store knows of where a data set came from and went to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.core.events import EventKind
from dataagents.core.lineage import Link, Node
from dataagents.core.messaging import Lineage
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import from_json
from dataagents.storage import StoreReader

_MOST_RECORDS = 1_000_000
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Traced:
    """What is known of a data set, or of a column of it."""

    start: Node
    backwards: tuple[Link, ...] | None
    """None where it was not asked for."""
    forwards: tuple[Link, ...] | None
    records: tuple[Lineage, ...]
    """The records that the links come from, oldest first."""


async def read_lineage(
    store: Path, text: str, column: str | None, run: str | None, *, back: bool, ahead: bool
) -> Traced:
    """Return where a data set came from and what was made of it.

    Args:
        store: The store.
        text: The data set as somebody calls it.
        column: A column of it; the data set as a whole when None.
        run: Only what happened in this run.
        back: Whether to follow it back.
        ahead: Whether to follow it on.

    Raises:
        InputError: There is no such store, run, data set or column; names the choices.
    """
    async with StoreReader(store) as reader:
        stored = await reader.recent(EventKind.LINEAGE_RECORDED, _MOST_RECORDS)
        records = [from_json(Lineage, each.event.body) for each in stored]
        dataset = _meant(text, records)
        if column is not None:
            _check_column(dataset, column, records)
        meant = None if run is None else (await reader.find_run(run)).id
        behind = await reader.lineage(dataset, column) if back else None
        beyond = await reader.lineage(dataset, column, forwards=True) if ahead else None
    behind, beyond = _within(behind, meant), _within(beyond, meant)
    links = (*(behind or ()), *(beyond or ()))
    steps = {(link.target, link.operation, link.at) for link in links}
    used = (each for each in records if (each.dataset, each.operation, each.at) in steps)
    return Traced((dataset, column), behind, beyond, tuple(used))


def _within(links: tuple[Link, ...] | None, run: str | None) -> tuple[Link, ...] | None:
    if links is None or run is None:
        return links
    return tuple(link for link in links if link.run == run)


def _meant(text: str, records: Sequence[Lineage]) -> str:
    known = dict.fromkeys(each for record in records for each in (*record.sources, record.dataset))
    if text in known:
        return text
    meant = [each for each in known if Path(each).name == text]
    meant = meant or [each for each in known if each.partition(":")[0] == text]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise InputError(
            f"data set {text!r}", f"it fits {len(meant)} of them", hint=_choices(meant)
        )
    hint = did_you_mean(text, list(known)[-_MOST_NAMED:]).strip()
    hint = hint or "The store knows of no lineage yet."
    raise InputError(f"data set {text!r}", "nothing is on record about it", hint=hint)


def _choices(meant: Sequence[str]) -> str:
    more = ", …" if len(meant) > _MOST_NAMED else ""
    return f"It may be {', '.join(meant[:_MOST_NAMED])}{more}."


def _check_column(dataset: str, column: str, records: Iterable[Lineage]) -> None:
    """Refuse a column that no record names, where records name any of this data set."""
    known: dict[str, None] = {}
    for record in records:
        if record.dataset == dataset:
            known |= dict.fromkeys(record.columns)
        elif dataset in record.sources:
            names = (name for names in record.columns.values() for name in names)
            known |= dict.fromkeys(name.removeprefix(f"{dataset}.") for name in names)
    if known and column not in known:
        hint = did_you_mean(column, known).strip()
        raise InputError(f"--column {column}", f"{dataset} has no such column", hint=hint)
