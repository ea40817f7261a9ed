"""The pipeline's other ways: joined and aggregated rows, drift that was foreseen, low quality."""

import csv

import pytest

from dataagents.core import Goal, Kernel, KernelConfig, RunStatus, Strategy, hookimpl
from dataagents.core.planning import Trigger
from dataagents.core.reflection import Lessons, Reflection

DRIFT = {
    "trigger": "schema drift",
    "remedy": ["decide_drift", "adapt_schema"],
    "failed": 2,
    "of": 2,
}
OFF = ("--detect", "off")


class Seer:
    """A reflector that foresees the same of every run."""

    def __init__(self, foresight):
        self._foresight = foresight

    async def reflect(self, experiences, lessons, desk):
        return Reflection("r", desk.now(), "nothing new")

    def recall(self, task, lessons, seed):
        return Lessons(foresight=self._foresight)

    @hookimpl
    def register_reflectors(self):
        return [Strategy("seer", lambda options: self)]


async def execution_of(folder, foresight):
    config = KernelConfig.parse({"strategies": {"reflector": "seer"}})
    async with Kernel(config, plugins=[Seer(foresight)]) as kernel:
        result = await kernel.run(Goal("clean", {"daily": str(folder)}))
    assert result.outcome.status is RunStatus.DONE, result.outcome.reason
    return result.plan, result.execution


@pytest.fixture
def daily(tmp_path):
    """Make a folder of daily files; the last one may have a column more."""

    def make(drift):
        folder = tmp_path / "daily"
        folder.mkdir()
        for day in range(1, 4):
            new = drift and day == 3
            with (folder / f"{day}.csv").open("w", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(["id", "amount", *(["place"] if new else [])])
                for n in range(20):
                    writer.writerow([f"{day}{n:02}", f"{n}.50", *(["here"] if new else [])])
        return folder

    return make


def names(plan):
    return [task.name for task in plan.tasks]


async def test_drift_that_nobody_foresaw_changes_the_plan_once(daily):
    plan, execution = await execution_of(daily(drift=True), {})
    assert "decide_drift" not in names(plan)
    (replan,) = execution.replans
    assert replan.failure.trigger is Trigger.DRIFT
    assert "`place`" in replan.failure.reason
    added = [each.partition("(")[0] for each in replan.diff.added]
    assert (added, replan.diff.stability) == (["decide_drift", "adapt_schema"], 1.0)


async def test_drift_that_was_foreseen_is_in_the_first_plan(daily):
    foresight = {"decide_schema@daily": DRIFT}
    plan, execution = await execution_of(daily(drift=True), foresight)
    assert names(plan)[:4] == ["analyze_schema", "decide_drift", "adapt_schema", "decide_schema"]
    assert execution.replans == ()


async def test_foresight_that_was_wrong_costs_a_change_of_plan_and_no_more(daily):
    foresight = {"decide_schema@daily": DRIFT}
    plan, execution = await execution_of(daily(drift=False), foresight)
    assert "decide_drift" in names(plan)
    (replan,) = execution.replans
    assert replan.failure.trigger is Trigger.PRECONDITION
    assert "there is no drift to decide on" in replan.failure.reason
    done = [each.task.partition("(")[0] for each in execution.completed]
    assert "decide_drift" not in done
    assert done[-1] == "route_pipeline"


def test_real_tables_are_joined_and_aggregated(run, shared, home):
    folder = shared / "data/dev/openflights"
    with (folder / "countries.dat").open(newline="") as file:
        countries = {row[0]: row[1] for row in csv.reader(file)}
    source = home / "countries.csv"
    with source.open("w", newline="") as file:
        csv.writer(file).writerows([("country", "iso"), *countries.items()])
    options = ("--join", "column_4=country", "--by", "iso", "--measure", "count", *OFF)
    ran = run(folder / "airports.dat", source, options=options)
    assert ran.code == 0, ran.said
    clean, joined = ran.records("clean/airports.csv"), ran.records("joined/airports.csv")
    known = {row[0]: row[1] for row in ran.records("clean/countries.csv")}
    assert joined[0] == [*clean[0], "iso"]
    assert [row[:-1] for row in joined[1:]] == clean[1:]
    assert [row[-1] for row in joined[1:]] == [known.get(row[3], "") for row in clean[1:]]
    expected: dict[str, int] = {}
    for row in joined[1:]:
        expected[row[-1]] = expected.get(row[-1], 0) + 1
    (_, *groups) = ran.records("aggregated/airports.csv")
    assert {group: int(rows) for group, rows in groups} == expected
    (airports,) = [each for each in ran.report["datasets"] if each["name"] == "airports"]
    assert airports["joins"][0]["on"] == {"column_4": "country"}
    assert airports["aggregation"]["groups"] == len(expected)


def test_a_key_that_repeats_on_both_sides_is_refused_in_words(run, shared):
    folder = shared / "data/dev/openflights"
    ran = run(folder / "airports.dat", folder / "countries.dat", options=("--join", "auto", *OFF))
    assert ran.code == 2
    assert "values occur more than once on both sides" in ran.report["reason"]
    assert "--join LEFT=RIGHT" in ran.report["reason"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--join", "auto"), "there is one data set only"),
        (("--join", "a=b", "--join", "c=d"), "there is one data set only"),
        (("--matched-only",), "nothing is joined"),
        (("--on-low-quality", "quarantine"), "there is no least score"),
        (("--measure", "total(id)"), "measure 'total(id)'"),
        (("--by", "idd"), "no column 'idd'"),
    ],
)
def test_what_can_not_be_done_is_said_in_words(run, home, options, message):
    path = home / "in.csv"
    path.write_text("id,day\n1,2026-01-01\n2,2026-01-02\n")
    ran = run(path, options=options)
    assert ran.code == 2, ran.said
    assert message in (ran.report.get("reason") or ran.said)


def test_low_quality_may_hold_back_doubtful_rows(run, home):
    path = home / "in.csv"
    rows = [f"{n},AB-{n:03},{'' if n % 10 == 0 else n}" for n in range(300)]
    rows[5] = "5,??,5"
    rows[7] = "7,AB-007,seven"
    path.write_text("\n".join(["id,code,amount", *rows]))
    plain = run(path, options=("--min-score", "0.999"), out=home / "plain")
    assert plain.code == 1
    (before,) = plain.report["datasets"]
    strict = ("--min-score", "0.9999", "--on-low-quality", "quarantine")
    ran = run(path, options=strict, out=home / "strict")
    (after,) = ran.report["datasets"]
    assert after["score"] > before["score"]
    assert after["quarantine"] > before["quarantine"]
    assert after["rows_in"] == after["clean"] + after["quarantine"]
    (replan,) = ran.report["replans"]
    assert "quality" in replan["reason"]
