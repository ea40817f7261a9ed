"""Changes: what recorded rules made of which cell, so that each can be undone."""

from collections.abc import Sequence

from dataagents.core.values import Json
from dataagents.plugins.data.cells import locate, ruled
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.workplace import Rule, RuleName, Staging, Workplace

BATCH = 100
"""So many columns are looked through at once."""
EXAMPLES = 3
SHOWN = 200
_CELL_RULES: tuple[RuleName, ...] = ("trim", "null_tokens", "dates", "drift")


def write_changes(session: Session, rules: Sequence[Rule], place: Workplace) -> None:
    """Write row, column, before, after and rule of every cell that differs from what was read.

    With it goes who proposed a repair, and how sure they are. Only columns that have a rule are
    looked at. What rules changed stays open as `changed`.
    """
    session.rows(
        "CREATE OR REPLACE TEMP TABLE changed "
        '(_row BIGINT, "column" VARCHAR, before VARCHAR, after VARCHAR, rule VARCHAR)'
    )
    touched = dict.fromkeys(rule.column for rule in rules if rule.rule in _CELL_RULES)
    selects = [_select(name, rules) for name in touched if name is not None]
    for start in range(0, len(selects), BATCH):
        session.rows("INSERT INTO changed " + " UNION ALL ".join(selects[start : start + BATCH]))
    session.write(f'{_whole(session, place)} ORDER BY _row, "column"', place.table("changes"))


def _whole(session: Session, place: Workplace) -> str:
    """Return the query for all changes; a cell that was repaired, too, is told of once."""
    if not place.table("repaired").exists():
        return "SELECT *, '' AS agents, 1.0::DOUBLE AS confidence FROM changed"
    session.view("repaired", place.table("repaired"))
    return (
        "SELECT * FROM (SELECT *, '' AS agents, 1.0::DOUBLE AS confidence FROM changed "
        'ANTI JOIN repaired USING (_row, "column") UNION ALL '
        'SELECT r._row, r."column", r.before, if(c._row IS NULL, r.after, c.after), '
        "concat_ws(', ', r.rule, c.rule), r.agents, r.confidence FROM repaired AS r "
        'LEFT JOIN changed AS c USING (_row, "column") SEMI JOIN kept USING (_row))'
    )


def _select(column: str, rules: Sequence[Rule]) -> str:
    """Return the query for a column's changes; the rule named is the last that had an effect."""
    steps = [rule for rule in rules if rule.column == column and rule.rule in _CELL_RULES]
    stages = [f"{ruled(column, steps[: number + 1])} AS s{number}" for number in range(len(steps))]
    before = ["nullif(before, '')", *(f"s{number}" for number in range(len(steps) - 1))]
    names = " ".join(
        f"WHEN s{number} IS DISTINCT FROM {before[number]} THEN {literal(rule.rule)}"
        for number, rule in reversed(list(enumerate(steps)))
    )
    last = f"s{len(steps) - 1}"
    return (
        f"SELECT _row, {literal(column)}, before, {last}, CASE {names} END FROM "
        f"(SELECT _row, {identifier(column)} AS before, {', '.join(stages)} FROM kept) "
        f"WHERE nullif(before, '') IS DISTINCT FROM {last}"
    )


def count_changes(session: Session) -> dict[tuple[str, str], int]:
    """Return how many cells of which column which rule changed."""
    return {
        (str(column), str(rule)): int(cells)
        for column, rule, cells in session.rows(
            'SELECT "column", rule, count(*) FROM changed GROUP BY ALL'
        )
    }


def examples(
    session: Session, place: Workplace, staging: Staging
) -> dict[tuple[str, str], list[Json]]:
    """Return the first changes of each column and rule: line, file, before and after."""
    session.view("changed_cells", place.table("changes"))
    found = session.rows(
        f'SELECT "column", rule, _row, left(before, {SHOWN}), left(after, {SHOWN}) '
        "FROM changed_cells QUALIFY row_number() OVER "
        f'(PARTITION BY "column", rule ORDER BY _row) <= {EXAMPLES}'
    )
    places = locate(session, place, staging, [row for _, _, row, _, _ in found])
    told: dict[tuple[str, str], list[Json]] = {}
    for column, rule, row, before, after in sorted(found, key=lambda each: each[2]):
        line, file = places[row]
        told.setdefault((column, rule), []).append(
            {"line": line, "file": file, "before": before, "after": after}
        )
    return told
