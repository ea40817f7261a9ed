"""Writing the sheet for a review: what a person may be asked about the cells of a data set.

The flagged cells are told apart by column, detectors and shape. The groups of which answers teach
most are kept, with examples spread over the rows; so are the rows that cover most of what the vote
probably has wrong. Cells that nobody flagged are counted in a sample.
"""

from collections.abc import Sequence

from dataagents.core.detection import Voice
from dataagents.core.detection.review import UNFLAGGED, Effects, Kind, Label
from dataagents.core.detection.sheet import (
    QUESTIONS,
    Sheet,
    SheetCell,
    SheetGroup,
    select_rows,
)
from dataagents.core.values import JsonObject, read_json, to_json, write_json
from dataagents.plugins.data.detection.amending import CHANCES, weigh
from dataagents.plugins.data.detection.likeness import ALIKE, names_of, places, shape, values
from dataagents.plugins.data.detection.table import SessionTable
from dataagents.plugins.data.detection.verdicts import BALLOTS
from dataagents.plugins.data.engine import Session, identifier
from dataagents.plugins.data.workplace import Workplace

MOST_GROUPS = 60
EXAMPLES = 3
MOST_CELLS = 1_000
"""Cells of all rows to ask about together; with many columns there are fewer rows."""
SAMPLED_ROWS = 10_000
"""Cells that nobody flagged are counted in about so many rows."""
CANDIDATES = 2_000
"""Rows are chosen from about so many, those with the most doubtful cells."""
LONGEST = 500
"""Characters of a value that is shown."""
VOICES = 4
_FILE = "review.json"

_GROUPS = identifier("detection_groups")
_PLAIN = identifier("detection_plain")
_ROWS = identifier("detection_candidates")


def write_sheet(
    session: Session,
    table: SessionTable,
    detectors: Sequence[str],
    labels: Sequence[Label] = (),
    rows: int = QUESTIONS,
) -> Sheet:
    """Return what to ask a person about a data set.

    Args:
        session: Where the vote of the detectors was held, and not amended yet.
        table: What was voted on.
        detectors: Names of the detectors, by their numbers in the flags.
        labels: What was answered before.
        rows: How many rows to choose.
    """
    effects = weigh(session, table, detectors, labels)
    _find_groups(session, table, effects)
    writer = _Writer(session, table, detectors, labels, effects)
    groups = writer.groups()
    chosen = writer.rows(min(rows, MOST_CELLS // max(len(table.columns), 1)))
    shown = sorted({cell.row for group in groups for cell in group.examples})
    names = tuple(each.name for each in table.columns)
    return Sheet(table.dataset, names, groups, chosen, writer.context(shown))


def keep_sheet(place: Workplace, sheet: Sheet | None) -> None:
    """Keep a sheet beside the ballots; there is none where nobody looked."""
    path = place.folder / _FILE
    if sheet is None:
        path.unlink(missing_ok=True)
    else:
        path.write_bytes(write_json(to_json(sheet)))


def read_sheet(place: Workplace) -> JsonObject | None:
    """Return the sheet that is kept, as the journal gets it; None when there is none."""
    try:
        return read_json((place.folder / _FILE).read_bytes())
    except FileNotFoundError:
        return None


def _find_groups(session: Session, table: SessionTable, effects: Effects) -> None:
    """Keep the groups, numbered from 0, those first of which an answer teaches most."""
    step = max(1, -(-table.rows // SAMPLED_ROWS))
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {_PLAIN} AS SELECT _row, place, value, "
        f"{shape('value')} AS shape FROM ({values(table, f'WHERE hash(_row) % {step} = 0')}) "
        f"ANTI JOIN {ALIKE} USING (_row, place)"
    )
    named = places(session)
    plain = session.rows(
        f"SELECT place, shape, count(*) * {step} FROM {_PLAIN} GROUP BY place, shape ORDER BY ALL"
    )
    chances = [effects.chance(Kind(named[place], (), sign), UNFLAGGED) for place, sign, _ in plain]
    session.rows(
        f"CREATE OR REPLACE TEMP TABLE {_GROUPS} AS SELECT "
        "row_number() OVER (ORDER BY sqrt(cells) * least(chance, 1 - chance) DESC, place, who, "
        "shape) - 1"
        " AS number, *, cells * least(chance, 1 - chance) AS worth FROM ("
        "SELECT place, who, shape, count(*) AS cells, avg(chance) AS chance "
        f"FROM {CHANCES} GROUP BY place, who, shape UNION ALL "
        "SELECT unnest(?::INTEGER[]), []::INTEGER[], unnest(?::VARCHAR[]), unnest(?::BIGINT[]), "
        "unnest(?::DOUBLE[]))",
        [*([each[place] for each in plain] for place in range(3)), chances],
    )


class _Writer:
    def __init__(
        self,
        session: Session,
        table: SessionTable,
        detectors: Sequence[str],
        labels: Sequence[Label],
        effects: Effects,
    ) -> None:
        self._session = session
        self._table = table
        self._detectors = detectors
        self._answered = {(each.row, each.column) for each in labels}
        self._effects = effects
        self._names = places(session)

    def groups(self) -> tuple[SheetGroup, ...]:
        """Return the groups, with examples that were not answered yet."""
        found = self._session.rows(
            "WITH cells AS (SELECT _row, place, value, shape, who, support, chance "
            f"FROM {CHANCES} UNION ALL SELECT _row, place, value, shape, []::INTEGER[], "
            f"{UNFLAGGED}, {UNFLAGGED} FROM {_PLAIN}) "
            "SELECT any_value(cells), list({'row': _row, 'value': value, 'support': support, "
            "'chance': c.chance} ORDER BY hash(_row), _row)[:? + 3], any_value(who), "
            "any_value(shape), any_value(place) "
            f"FROM cells AS c JOIN (SELECT * EXCLUDE (chance) FROM {_GROUPS} WHERE number < ?) "
            "USING (place, who, shape) GROUP BY number ORDER BY number",
            [EXAMPLES, MOST_GROUPS],
        )
        said = self._said(
            [(int(one["row"]), int(place)) for _, rows, _, _, place in found for one in rows]
        )
        groups: list[SheetGroup] = []
        for cells, rows, who, sign, place in found:
            column = self._names[int(place)]
            open_ = [each for each in rows if (int(each["row"]), column) not in self._answered]
            made = tuple(
                self._cell(each, int(place), who, sign, said.get((int(each["row"]), place), ()))
                for each in open_[:EXAMPLES]
            )
            if made:
                groups.append(SheetGroup(int(cells), made))
        return tuple(groups)

    def rows(self, count: int) -> tuple[tuple[SheetCell, ...], ...]:
        """Return the rows to ask about, each with all its cells."""
        session = self._session
        session.rows(
            f"CREATE OR REPLACE TEMP TABLE {_ROWS} AS SELECT _row FROM ("
            f"SELECT _row, sum(worth) AS worth FROM {CHANCES} JOIN {_GROUPS} "
            "USING (place, who, shape) GROUP BY _row "
            f"UNION ALL SELECT _row, 0 FROM {_PLAIN} GROUP BY _row) "
            f"GROUP BY _row ORDER BY sum(worth) DESC, hash(_row), _row LIMIT {CANDIDATES}"
        )
        worth = [float(each) for (each,) in session.rows(
            f"SELECT worth FROM {_GROUPS} ORDER BY number"
        )]  # fmt: skip
        answered = {row for row, _ in self._answered}
        listed = session.rows(
            f"SELECT _row, list(number) FROM (SELECT _row, place, coalesce(a.who, []) AS who, "
            f"coalesce(a.shape, {shape('v.value')}) AS shape "
            f"FROM ({values(self._table, f'SEMI JOIN {_ROWS} USING (_row)')}) AS v "
            f"LEFT JOIN {ALIKE} AS a USING (_row, place)) "
            f"JOIN {_GROUPS} USING (place, who, shape) GROUP BY _row ORDER BY _row"
        )
        chosen = select_rows(
            [(int(row), groups) for row, groups in listed if int(row) not in answered],
            worth,
            count,
        )
        return self._cells(chosen)

    def context(self, rows: Sequence[int]) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Return what rows say."""
        found: dict[int, list[str]] = {each: [] for each in rows}
        for row, _, value in self._session.rows(
            f"SELECT * FROM ({self._of(rows)}) ORDER BY _row, place"
        ):
            found[int(row)].append(str(value)[:LONGEST])
        return tuple((row, tuple(cells)) for row, cells in found.items())

    def _of(self, rows: Sequence[int]) -> str:
        listed = ", ".join(map(str, rows)) or "NULL"
        return values(self._table, f"WHERE _row IN ({listed})")

    def _cells(self, rows: Sequence[int]) -> tuple[tuple[SheetCell, ...], ...]:
        """Return the cells of rows, in the order of the rows given."""
        cells = self._session.rows(
            "SELECT v._row, v.place, v.value, coalesce(c.who, []), "
            f"coalesce(c.shape, {shape('v.value')}), "
            f"coalesce(c.support, {UNFLAGGED}), coalesce(c.chance, {UNFLAGGED}) "
            f"FROM ({self._of(rows)}) AS v LEFT JOIN {CHANCES} AS c USING (_row, place) "
            "ORDER BY v._row, v.place"
        )
        said = self._said([(int(row), int(place)) for row, place, *_ in cells])
        found: dict[int, list[SheetCell]] = {row: [] for row in rows}
        for row, place, value, who, sign, support, chance in cells:
            found[int(row)].append(
                self._cell(
                    {"row": row, "value": value, "support": support, "chance": chance},
                    int(place),
                    who,
                    sign,
                    said.get((int(row), int(place)), ()),
                )
            )
        return tuple(map(tuple, found.values()))

    def _cell(
        self,
        found: dict[str, float | int | str],
        place: int,
        who: Sequence[int],
        sign: str,
        said: tuple[Voice, ...],
    ) -> SheetCell:
        support, value = float(found["support"]), str(found["value"])
        kind = Kind(self._names[place], names_of(self._detectors, who), sign)
        chance = float(found["chance"])
        if not who:
            chance = self._effects.chance(kind, support, value)
        return SheetCell(
            int(found["row"]),
            kind.column,
            value[:LONGEST],
            kind.detectors,
            sign,
            round(support, 6),
            round(chance, 6),
            said,
        )

    def _said(self, cells: Sequence[tuple[int, int]]) -> dict[tuple[int, int], tuple[Voice, ...]]:
        found: dict[tuple[int, int], list[Voice]] = {}
        for row, place, number, confidence, weight, reason, suggestion in self._session.rows(
            f"SELECT _row, place, detector, confidence, weight, reason, suggestion FROM {BALLOTS} "
            "SEMI JOIN (SELECT unnest(?::BIGINT[]) AS _row, unnest(?::INTEGER[]) AS place) "
            "USING (_row, place) ORDER BY _row, place, confidence * weight DESC, detector",
            [[row for row, _ in cells], [place for _, place in cells]],
        ):
            here = found.setdefault((int(row), int(place)), [])
            if len(here) < VOICES:
                here.append(
                    Voice(
                        self._detectors[int(number)],
                        round(float(confidence), 6),
                        round(float(weight), 6),
                        str(reason)[:LONGEST],
                        None if suggestion is None else str(suggestion)[:LONGEST],
                    )
                )
        return {cell: tuple(each) for cell, each in found.items()}
