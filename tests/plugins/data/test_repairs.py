import pytest

from dataagents.core.detection import Suggestion
from dataagents.core.errors import InputError
from dataagents.core.registry import Built


class Upper:
    """Writes wrong cells in capitals."""

    theory = "Codes are written in capitals."
    reversible = True

    def correct(self, table, wrong):
        yield Suggestion(
            f'SELECT w._row, w."column", upper(t.code) AS value, 0.9 AS confidence, '
            f"'capitals' AS rule, 'others are' AS reason FROM {wrong} AS w "
            f"JOIN {table.relation} AS t USING (_row) WHERE w.\"column\" = 'code'"
        )


class Guess(Upper):
    """Says `7` wherever a number is wrong."""

    reversible = False

    def correct(self, table, wrong):
        yield Suggestion(
            f"SELECT _row, \"column\", '7' AS value, 0.9 AS confidence, 'guess' AS rule, "
            f"'why not' AS reason FROM {wrong} WHERE \"column\" <> 'code'"
        )


@pytest.fixture
def repaired(write, run_tool, rows_of):
    """Run all tools on a table with a wrong code and a wrong amount."""

    async def run(*correctors, **settings):
        rows = [["id", "code", "n"], *([f"{n}", f"AB-{n:03}", f"{n % 9}"] for n in range(300))]
        rows[6][1], rows[9][2] = "ab-005", "x"
        bench = write(rows)
        bench.settings = settings
        kinds = zip(("upper", "guess"), correctors, strict=False)
        built = tuple(Built("p", name, each()) for name, each in kinds)
        object.__setattr__(bench.panel, "correctors", built)
        for tool in ("analyze_schema", "validate_data", "transform_data", "validate_data"):
            seen = await run_tool(tool, bench)
        routed = await run_tool("route_pipeline", bench)
        return bench, seen, routed

    return run


def cell(rows_of, bench, name, row):
    (found,) = (value for at, value in rows_of(bench, "clean", f"_row, {name}") if at == row)
    return found


async def test_repairs_of_format_are_applied_unless_told_otherwise(repaired, rows_of):
    bench, seen, _ = await repaired(Upper)
    assert cell(rows_of, bench, "code", 6) == "AB-005"
    changes = rows_of(bench, "changes", '_row, "column", before, after, rule, agents, confidence')
    assert (6, "code", "ab-005", "AB-005", "repair: capitals", "upper", 0.9) in changes
    assert seen.data["suspicions"] == []


@pytest.mark.parametrize(
    ("repair", "code", "clean"), [("none", "ab-005", 299), ("value", "AB-005", 300)]
)
async def test_how_much_is_repaired_is_for_the_goal_to_say(repaired, rows_of, repair, code, clean):
    bench, _, routed = await repaired(Upper, Guess, repair=repair)
    assert cell(rows_of, bench, "code", 6) == code
    assert (routed.data["clean"], routed.data["rows_in"]) == (clean, 300)
    assert len(rows_of(bench, "repairs")) >= 2


async def test_a_value_that_breaks_the_contract_is_not_applied(repaired, rows_of):
    class Wrong(Guess):
        def correct(self, table, wrong):
            (suggestion,) = super().correct(table, wrong)
            yield Suggestion(suggestion.sql.replace("'7' AS value", "'seven' AS value"))

    bench, _, routed = await repaired(Wrong, repair="value")
    assert routed.data["clean"] == 299
    assert "n" not in {name for (name,) in rows_of(bench, "changes", '"column"')}


async def test_cells_of_a_key_keep_what_they_say(repaired, rows_of):
    bench, _, _ = await repaired(Upper, Guess, repair="value")
    assert "id" not in {name for (name,) in rows_of(bench, "changes", '"column"')}


async def test_a_choice_that_there_is_not_is_refused(repaired):
    with pytest.raises(InputError, match="'all' is none of none, format, value"):
        await repaired(repair="all")
