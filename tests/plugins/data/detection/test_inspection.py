import hashlib

import pytest

from dataagents.core.errors import InputError
from dataagents.core.services.voting.counting import count
from dataagents.core.voting import Verdict
from dataagents.plugins.data.detection import sizes

HEADER = ["id", "code", "city"]


def table(rows=300):
    cities = ["Leeds", "York", "Hull"]
    return [HEADER, *([f"{n}", f"AB-{n % 900 + 100}", cities[n % 3]] for n in range(rows))]


@pytest.fixture
def looked(write, run_tool):
    """Analyze and validate a table with settings; return the bench and what was seen."""

    async def run(rows, **settings):
        bench = write(rows)
        bench.settings = settings
        await run_tool("analyze_schema", bench)
        return bench, await run_tool("validate_data", bench)

    return run


async def test_the_vote_on_cells_is_one_election_that_can_be_counted_again(looked):
    rows = table()
    rows[20][1], rows[40][2] = "??", "??"
    bench, seen = await looked(rows)
    (election,) = bench.elections
    found = seen.data["detection"]
    assert election.motion.question == "Which cells of orders are wrong?"
    assert election.tally.verdict is Verdict.DECIDED
    assert election.decision == f"{found['wrong']} cells"
    again = count(bench.panel.rule, bench.panel.boundary, election.motion, election.ballots)
    assert again == election.tally
    bulk = election.motion.context["bulk"]
    flags = bench.workspace / "orders" / "flags.parquet"
    assert bulk["digest"] == hashlib.sha256(flags.read_bytes()).hexdigest()
    assert bulk["ballots"] == sum(share["cells"] for share in found["shares"])
    assert bulk["cells"] == 900
    abstained = [ballot for ballot in election.ballots if ballot.choice is None]
    failed = [share for share in found["shares"] if share["problem"]]
    assert len(election.missing) == len(failed)
    silent = sum(not share["upheld"] for share in found["shares"])
    assert len(abstained) == silent - len(failed)


async def test_a_time_is_measured_or_not_told(looked):
    bench, seen = await looked(table())
    measured = next(each for each in bench.analyses if each.kind == "quality")
    told = [share["seconds"] for share in measured.figures["detection"]["shares"]]
    assert sum(told) > 0
    assert {share["seconds"] for share in seen.data["detection"]["shares"]} == {None}


async def test_a_clean_table_has_no_wrong_cell_and_its_election_decides_nothing(looked):
    bench, seen = await looked(table())
    assert (seen.data["detection"]["wrong"], seen.data["suspicions"]) == (0, [])
    (election,) = bench.elections
    assert election.decision is None
    assert {ballot.choice for ballot in election.ballots} == {None}


async def test_errors_are_looked_for_once_until_the_files_are_read_again(looked, run_tool):
    rows = table()
    rows[20][1] = "??"
    bench, first = await looked(rows)
    second = await run_tool("validate_data", bench)
    assert second.data["detection"] == first.data["detection"]
    assert len(bench.elections) == 1
    await run_tool("analyze_schema", bench)
    await run_tool("validate_data", bench)
    assert len(bench.elections) == 2


async def test_nobody_looks_when_that_is_not_wanted(looked, rows_of):
    rows = table()
    rows[20][1] = "??"
    bench, seen = await looked(rows, detect="off")
    assert seen.data["detection"]["detect"] == "off"
    assert (seen.data["suspicions"], bench.elections) == ([], [])
    assert rows_of(bench, "suspicions") == []


async def test_a_choice_that_there_is_not_is_refused(looked):
    with pytest.raises(InputError, match="'sampel' is none of full, sample, off"):
        await looked(table(5), detect="sampel")


async def test_a_sample_tells_which_columns_to_look_at_in_full(looked, rows_of, monkeypatch):
    monkeypatch.setattr(sizes, "SAMPLE_ROWS", 200)
    monkeypatch.setattr(sizes, "SAMPLE_CELLS", 600)
    rows = table(800)
    for n in range(1, 800, 40):
        rows[n][1] = "??"
    bench, seen = await looked(rows, detect="sample")
    found = seen.data["detection"]
    assert found["detect"] == "sample"
    assert found["sampled"] < 400
    assert found["verified"] == ["code"]
    cells = rows_of(bench, "suspicions", '"column", value')
    assert cells == [("code", "??")] * 20


async def test_who_flagged_a_cell_and_why_is_kept(looked, rows_of):
    rows = table()
    rows[20][1] = "??"
    bench, seen = await looked(rows)
    ballots = rows_of(bench, "flags", '_row, "column", detector, confidence, weight, reason, wrong')
    of_cell = [each for each in ballots if each[:2] == (20, "code")]
    (suspicion,) = seen.data["suspicions"]
    assert suspicion["examples"][0]["line"] == 21
    assert {voice["detector"] for voice in suspicion["voices"]} == {each[2] for each in of_cell}
    assert all(0 < each[3] <= 1 and each[4] > 0 and each[5] and each[6] for each in of_cell)


def test_small_tables_are_never_sampled():
    assert sizes.chosen(None, 1000, 10, 5) == "full"
    assert sizes.chosen("sample", 1000, 10, 5_000_000) == "full"
    assert sizes.chosen(None, 1_000_000, 10, 5_000_000) == "sample"
    assert sizes.chosen("full", 1_000_000, 10, 5_000_000) == "full"
    assert sizes.chosen("off", 10, 10, 5_000_000) == "off"
    assert sizes.chosen("full", 0, 10, 5_000_000) == "off"
