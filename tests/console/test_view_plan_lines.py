"""Plans as a list: what each is for, and why one took the place of another."""

from datetime import UTC, datetime

from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.plan_lines import PLANS, plan_line, plan_line_of

START = datetime(2026, 3, 2, 14, 0, 0, tzinfo=UTC)
NOW = Moment(START)


def shown(row):
    return {field.name: field.cell(row, NOW).text for field in PLANS.fields if field.title}


def values(row):
    return {field.name: field.value(row, NOW) for field in PLANS.fields}


def test_a_first_plan_comes_from_its_event(story):
    row = plan_line_of(7, story.plan(), done=2)

    assert (row.address, row.run, row.place, row.tasks, row.done) == (
        "plan:plan-1", "run-1", 7, 3, 2,
    )  # fmt: skip
    assert (row.goal, row.confidence, row.seconds) == ("clean", 0.81, 12.0)
    assert (row.mark, row.why, row.change) == (Mark.NOTE, "", "")
    assert shown(row)["kind"] == "· plan"
    assert dict(PLANS.sections(row, NOW))["estimated"] == "12s on the critical path"


def test_a_replan_tells_what_failed_and_what_changed(story):
    row = plan_line_of(9, story.replan())

    assert (row.replaces, row.trigger, row.failed_task) == (
        "plan-1", "failed task", "parse_csv(prices)",
    )  # fmt: skip
    assert row.why == "parse_csv(prices): it is a sheet, not csv"
    assert (row.change, row.stability) == ("+1 -1 =1", 0.5)
    assert row.mark is Mark.WARN
    assert shown(row)["stability"] == "0.50"
    said = dict(PLANS.sections(row, NOW))
    assert said["replaces"] == "plan:plan-1"
    assert said["change"] == "+1 -1 =1, stability 0.50"


def test_a_row_of_plain_values_says_the_same():
    row = plan_line(
        id="p2", at=START, run="r", goal="clean", tasks=4, replaces="p1", trigger="schema drift",
        failure="recoverable", reason="a column is new", kept=3, added=1, removed=0, place=5,
    )  # fmt: skip

    assert (row.why, row.change) == ("a column is new", "+1 -0 =3")
    assert values(row)["trigger"] == "schema drift"
    assert values(row)["kind"] == "replan"


def test_what_is_not_on_record_is_not_made_up():
    row = plan_line(id="p2", at=START, replaces="p1")

    assert (row.tasks, row.confidence, row.stability, row.change) == (None, None, None, "")
    assert values(row)["added"] is None
    assert shown(row)["confidence"] == ""


def test_replans_are_a_filter_away_and_all_filters_are_valid():
    for preset in PLANS.presets:
        parse(preset.filter, PLANS.fields)
    assert "replans" in {preset.name for preset in PLANS.presets}


def test_text_from_data_can_not_act_on_a_terminal():
    row = plan_line(id="\x1b", at=START, run="\x9b", goal="\x07", replaces="\x1b]0;",
                    trigger="\x1b", failed_task="\x1b", reason="\u202e")  # fmt: skip
    text = "".join(shown(row).values()) + "".join(map("".join, PLANS.sections(row, NOW)))

    assert not set("\x1b\x9b\x07\u202e") & set(text)
