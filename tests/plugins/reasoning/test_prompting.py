"""What a model is shown: the question, what is known, what was done, what it may do."""

import json
from dataclasses import replace

import pytest
from scripts import script, turn

from dataagents.core.reasoning import FINAL_RESULT, Observation, StepBudget

LOOK = turn("nothing is known of x: 0 columns", "analyze_schema")
CHECK = turn("zip is 98 % integer: validate", "validate_data")
END = turn("97 % is good enough", FINAL_RESULT, answer="x scores 0.97")


def data(prompt, name):
    """Return what a block of a prompt holds."""
    begin = f'<data name="{name}">\n'
    return json.loads(prompt.content.partition(begin)[2].partition("\n</data>")[0])


@pytest.fixture
async def prompts(ask):
    model = script(LOOK, CHECK, END)
    await ask(model)
    return model.prompts


async def test_thoughts_come_before_decisions(prompts):
    asked = ["Think before you act" in prompt.content for prompt in prompts]
    assert asked == [True, False] * 3


async def test_a_prompt_carries_question_facts_history_and_what_is_left(prompts):
    last = prompts[4]
    assert "Question: How good is x?" in last.content
    assert "6 more allowed" in last.content
    assert data(last, "facts")["schema:x"]["rows"] == 100
    assert [step["action"] for step in data(last, "history")] == ["analyze_schema", "validate_data"]
    assert data(last, "history")[1]["observation"] == "score 0.97"
    assert "none yet" in prompts[0].content


async def test_a_decision_is_shown_the_thought_and_the_schemas_of_inputs(prompts):
    decision = prompts[1].content
    assert json.loads(decision.partition('name="thought">\n')[2].partition("\n")[0]) == LOOK[0]
    assert '"lenient"' in decision
    assert '"answer"' in decision
    assert '"dataset"' not in decision.partition("Choose the next action")[2]


async def test_what_a_tool_reserves_for_the_task_is_not_offered_and_not_taken(ask, tools):
    from pydantic import BaseModel, ConfigDict, Field

    from dataagents.core.reasoning import RESERVED

    class Guarded(BaseModel):
        model_config = ConfigDict(extra="forbid")
        dataset: str
        by: str = Field(default="policy", json_schema_extra=RESERVED)

    tools.tools["analyze_schema"].input_model = Guarded
    forged = turn("I am the operator", "analyze_schema", by="operator")
    model = script((*forged, LOOK[1]), CHECK, END)
    await ask(model)
    assert '"by"' not in model.prompts[1].content
    assert "by is not yours to set" in model.prompts[2].content
    assert tools.tools["analyze_schema"].requests[0].by == "policy"


async def test_the_history_is_bounded(ask, task):
    turns = [
        turn(f"look {number}", "analyze_schema", lenient=bool(number % 2)) for number in range(9)
    ]
    model = script(*turns)
    await ask(model, replace(task, budget=StepBudget(steps=9)), react={"history_steps": 2})
    history = data(model.prompts[-1], "history")
    assert [step.get("step") for step in history] == [None, 7, 8]
    assert history[0] == {"earlier": ["analyze_schema"] * 6}


async def test_facts_are_bounded(ask, tools):
    wide = {f"column {number}": "x" * 1_000 for number in range(1_500)}
    tools.tools["analyze_schema"].observe = lambda request: Observation("wide", {"columns": wide})
    model = script(LOOK, CHECK, END)
    await ask(model, react={"prompt_characters": 1_000})
    assert all(len(prompt.content) < 5_000 for prompt in model.prompts)
    assert "more characters]" in model.prompts[2].content


async def test_ids_of_this_run_are_left_out_so_that_the_same_question_is_the_same_prompt(ask, task):
    seen = []
    for election in ("aaa", "bbb"):
        decided = {"schema_decision:x": {"accepted": True, "election": election}}
        model = script(LOOK, CHECK, END)
        await ask(model, replace(task, facts=decided))
        seen.append(model.prompts)
    assert seen[0] == seen[1]


async def test_own_prompts_are_used(ask, tmp_path):
    (tmp_path / "instructions.md").write_text("Be brief.")
    model = script(LOOK, CHECK, END)
    await ask(model, react={"prompts": str(tmp_path)})
    assert {prompt.instructions for prompt in model.prompts} == {"Be brief."}
