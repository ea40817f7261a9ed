"""The schema as hard rules: which cells of which rows break it, each predicate evaluated once."""

from dataagents.plugins.data.cells import fits, ruled, said
from dataagents.plugins.data.engine import Session, identifier, literal
from dataagents.plugins.data.workplace import Rule, Schema, Workplace


def open_current(
    session: Session, place: Workplace, schema: Schema, rules: tuple[Rule, ...]
) -> None:
    """Make the rows readable: `kept` as they were staged, `current` after the recorded rules."""
    session.view("staged", place.table("staged"))
    without = ""
    if any(rule.rule == "duplicates" for rule in rules):
        session.view("removed", place.table("duplicates"))
        without = " ANTI JOIN removed USING (_row)"
    session.rows(f"CREATE OR REPLACE TEMP VIEW kept AS SELECT * FROM staged{without}")
    cells = ", ".join(f"{ruled(name, rules)} AS {identifier(name)}" for name in schema.columns)
    session.rows(f"CREATE OR REPLACE TEMP VIEW current AS SELECT _row, {cells} FROM kept")


def judge(session: Session, schema: Schema) -> None:
    """Make the table `violations`: row, place of the column, rule and the original value.

    A key value that occurs again breaks the rule in every row that has it, for nothing says which
    of them is right.
    """
    session.rows(
        "CREATE OR REPLACE TEMP TABLE names AS SELECT unnest(?::INT[]) AS id, "
        "unnest(?::VARCHAR[]) AS name",
        [list(range(len(schema.columns))), list(schema.columns)],
    )
    predicates: list[str] = []
    cells: list[str] = []
    for place, (name, column) in enumerate(schema.columns.items()):
        original, read = f"o{place}", f"v{place}"
        broken: list[tuple[str, str]] = []
        if column.type != "text":
            broken.append(("type", f"{read} IS NOT NULL AND NOT {fits(column.type, read)}"))
        if not column.nullable:
            broken.append(("required", f"{read} IS NULL"))
        if name == schema.key:
            _repeat(session, schema, name)
            broken.append(("unique", f"{read} IN (SELECT v FROM repeated_keys)"))
        if broken:
            meaning = said(name, schema.columns, schema.null_tokens)
            cells.append(f"{identifier(name)} AS {original}, {meaning} AS {read}")
        predicates += [
            f"CASE WHEN {condition} THEN "
            f"{{'id': {place}, 'rule': {literal(rule)}, 'value': {original}}} END"
            for rule, condition in broken
        ]
    if not predicates:
        session.rows(
            "CREATE OR REPLACE TEMP TABLE violations (_row BIGINT, id INT, rule TEXT, value TEXT)"
        )
        return
    session.rows(
        f"""
        CREATE OR REPLACE TEMP TABLE violations AS
        SELECT _row, found.id, found.rule, found.value FROM (
            SELECT _row, unnest([{", ".join(predicates)}]) AS found
            FROM (SELECT _row, {", ".join(cells)} FROM kept)
        ) WHERE found IS NOT NULL
        """
    )


def _repeat(session: Session, schema: Schema, key: str) -> None:
    session.rows(
        f"""
        CREATE OR REPLACE TEMP TABLE repeated_keys AS
        SELECT v FROM (SELECT {said(key, schema.columns, schema.null_tokens)} AS v FROM kept)
        WHERE v IS NOT NULL GROUP BY v HAVING count(*) > 1
        """
    )


def reasons(session: Session) -> list[tuple[str, str, int]]:
    """Return column, rule and rows of what `judge` found, most rows first."""
    return [
        (str(column), str(rule), int(rows))
        for column, rule, rows in session.rows(
            "SELECT name, rule, count(*) FROM violations JOIN names USING (id) "
            "GROUP BY ALL ORDER BY 3 DESC, 1, 2"
        )
    ]


def violating_rows(session: Session) -> int:
    """Return how many rows break at least one rule."""
    return int(session.row("SELECT count(DISTINCT _row) FROM violations")[0])
