import json
from datetime import UTC, datetime

from dataagents.core.goals import Goal, RunOutcome, RunResult, RunStatus
from dataagents.core.planning import Execution
from dataagents.core.registry import StrategyOptions
from dataagents.core.voting import Ballot, Election, Motion, Tally, Verdict
from dataagents.plugins.reporting import register_outputs

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_report_says_what_was_measured_and_who_voted(tmp_path):
    election = Election(
        motion=Motion("e1", "Adopt?", ("accept", "reject"), ("ann",), AT, about="orders"),
        rule="supermajority",
        ballots=(Ballot("ann", "accept", 0.9, "fits", AT),),
        missing={},
        tally=Tally(
            Verdict.DECIDED, "accept", ("accept",), {"accept": 1}, 1, 0, 1.0, "2/3", "1 of 1"
        ),
        closed=AT,
    )
    state = {"quality:orders": {"score": 0.75}, "routed:orders": {"clean": 3}}
    result = RunResult(
        outcome=RunOutcome("r1", RunStatus.DONE, 1.5),
        goal=Goal("clean", {"orders": "orders.csv"}),
        started=AT,
        ended=AT,
        workspace=tmp_path,
        execution=Execution("p1", True, (), (), state),
        elections=(election,),
    )
    strategy = next(each for each in register_outputs() if each.name == "report")
    files = await strategy.build(StrategyOptions()).write(result, tmp_path)
    report = json.loads(files["report"].read_text())
    assert (report["run"], report["status"]) == ("r1", "done")
    assert report["datasets"]["orders"]["quality"] == {"score": 0.75}
    assert report["datasets"]["orders"]["schema"] is None
    assert report["elections"][0]["ballots"][0]["voter"] == "ann"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
