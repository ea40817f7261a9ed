"""Runs of a team that cleans data, each as the events that a kernel records of it."""

from collections.abc import Callable
from random import Random
from typing import TypeAlias

from dataagents.core.events import EventKind
from dataagents.core.goals import RunStatus
from dataagents.core.messaging import MessageType, ReceiptStatus
from dataagents.core.planning import Trigger
from dataagents.core.reasoning import FINAL_RESULT
from dataagents.core.reflection import (
    Adaptation,
    Expectation,
    Experience,
    Lesson,
    LessonKind,
    LessonState,
    Pattern,
    Reflection,
    Trend,
)
from tests.support.scenes import Scene, Votes

RunMaker: TypeAlias = Callable[[Random, str], Scene]

DATASETS = (
    "orders", "customers", "prices", "invoices", "shipments", "returns", "stock", "suppliers",
    "sessions", "clicks", "sensors", "meters", "weather", "routes", "tickets", "payroll",
)  # fmt: skip
USUAL = ("analyze_schema", "decide_schema", "validate_data", "transform_data", "decide_release",
         "route_pipeline")  # fmt: skip
DRIFTED = ("analyze_schema", "decide_drift", *USUAL[2:])
FIRST_ERROR = "KeyError: 'price_eur' is no column; the file has 'price' and 'currency'"
"""What the first step that fails in a run that fails says."""
SECOND_ERROR = "TimeoutError: the source gave no more rows for 30 s"
DISSENT = "37% of the new amounts have no currency, so they can't be compared with the old ones"
"""Why the one who is against a drift is against it."""
FAILING_TASK = "transform_data"
FAILED_BECAUSE = "transform_data failed twice, and there is no other way"


def cleaned(rng: Random, dataset: str) -> Scene:
    """Return a run in which everything works and everybody agrees."""
    scene = _decided(rng, dataset, USUAL)
    _validated(scene)
    _transformed(scene)
    return _published(scene)


def disputed(rng: Random, dataset: str) -> Scene:
    """Return a run whose schema is adopted against one validator."""
    votes = _votes("accept", rng)
    votes["@{unique}"] = ("reject", 0.8, "uniqueness: 4 in 100 values of the key occur twice")
    scene = _decided(rng, dataset, USUAL, votes)
    _validated(scene)
    _transformed(scene)
    return _published(scene)


def withheld(rng: Random, dataset: str) -> Scene:
    """Return a run whose data the validators don't let out."""
    scene = _decided(rng, dataset, USUAL)
    _validated(scene)
    _transformed(scene)
    scene.vote("decide_release", _votes("reject", rng))
    scene.finish(RunStatus.WITHHELD, f"{dataset}: 'reject' won the vote on its release")
    return scene


def recovered(rng: Random, dataset: str) -> Scene:
    """Return a run with one failed step, which another plan gets around."""
    scene = _decided(rng, dataset, USUAL)
    _validated(scene)
    _transformed(scene, FIRST_ERROR)
    scene.replan(FAILING_TASK, "transform_leniently", FIRST_ERROR)
    scene.work(
        "transform_leniently",
        (
            ("The strict way failed on one column: leave it out.", "transform_leniently",
             f"{scene.rows:,} rows written, 1 column left out"),
            ("That is what was asked for.", FINAL_RESULT, "all rows but one column"),
        ),
    )  # fmt: skip
    return _published(scene, replans=1)


def failed(rng: Random, dataset: str) -> Scene:
    """Return a run that two failed steps end, the second one after a plan that tried again."""
    scene = _decided(rng, dataset, USUAL)
    _validated(scene)
    _transformed(scene, FIRST_ERROR)
    scene.replan(FAILING_TASK, "transform_leniently", FIRST_ERROR)
    thought = "The strict way failed on one column: leave it out."
    scene.work("transform_leniently", ((thought, "transform_leniently", ""),), SECOND_ERROR)
    reflect(scene, replans=1, success=False)
    scene.finish(RunStatus.FAILED, FAILED_BECAUSE)
    return scene


def drifted(rng: Random, dataset: str) -> Scene:
    """Return a run that votes on changed files, with one voter against the others."""
    votes = _votes("evolve", rng)
    votes["@{valid}"] = ("freeze", 0.9, DISSENT)
    scene = _analyzed(rng, dataset, DRIFTED)
    scene.vote("decide_drift", votes)
    _validated(scene)
    _transformed(scene)
    return _published(scene)


def cancelled(rng: Random, dataset: str) -> Scene:
    """Return a run that an operator ends."""
    scene = _decided(rng, dataset, USUAL)
    scene.finish(RunStatus.CANCELLED, "anna cancelled it: the file is yesterday's")
    return scene


def suspended(rng: Random, dataset: str) -> Scene:
    """Return a run that waits for a person."""
    scene = _analyzed(rng, dataset, DRIFTED)
    scene.finish(RunStatus.SUSPENDED, "drift needs a decision: the column 'currency' is new")
    return scene


def cut_off(rng: Random, dataset: str) -> Scene:
    """Return a run in the middle of which its kernel ended."""
    scene = _analyzed(rng, dataset, USUAL)
    agent = scene.auction("validate_data")
    task = scene.task("validate_data")
    place = {"task": task.id, "agent": agent}
    scene.record(EventKind.TASK_STARTED, task.id, task, **place)
    scene.record(EventKind.TASK_PROGRESS, task.id, {"stage": "validating", "done": 3, "total": 9},
                 **place)  # fmt: skip
    return scene


def counted(rng: Random, dataset: str) -> Scene:
    """Return a small run that decides nothing, with a message that does not arrive."""
    scene = _analyzed(rng, dataset, ("analyze_schema",))
    lost = scene.ask("@{profiler}", "@{router}", MessageType.PIPELINE_STATUS, {"rows": scene.rows})
    scene.settle(lost, ReceiptStatus.MAILBOX_FULL, "its mailbox has 1,000 messages")
    scene.finish()
    return scene


USUALLY: tuple[tuple[RunMaker, int], ...] = (
    (cleaned, 70), (disputed, 12), (withheld, 4), (drifted, 6), (counted, 5), (cancelled, 2),
    (suspended, 1),
)  # fmt: skip
"""The runs without a failed step, and how often each is found among a hundred."""


def reflect(scene: Scene, *, replans: int = 0, success: bool = True) -> None:
    """Keep what a run taught, and change a lesson by it."""
    subject = f"{FAILING_TASK}@{scene.dataset}"
    lesson = f"foresight:{subject}"
    experience = Experience(
        scene.new_id(), scene.at, "clean", (scene.dataset,), success, scene.seconds,
        scene.quality if success else None, replans=replans, run="@{run}", records=scene.rows,
        applied=(lesson,),
    )  # fmt: skip
    scene.record(EventKind.EXPERIENCE_KEPT, experience.id, experience)
    expected = Expectation("replans", 1.0, 0.5, 10)
    learned = Lesson(
        lesson, LessonKind.FORESIGHT, subject, 0.25 * (replans + 1), 0.0, 1.0,
        f"failed in {replans + 2} of 9 runs", 9, scene.at, expected, LessonState.TRIAL, uses=4,
        observed=0.4, text=f"{scene.dataset} is expected to need the lenient way",
        facts={"trigger": Trigger.FAILED.value},
    )  # fmt: skip
    change = Adaptation("updated", learned, "one more run bears it out")
    reflection = Reflection(
        scene.new_id(), scene.at, f"{len(scene.done)} tasks were done for {scene.dataset}",
        (Pattern("recurring_failure", scene.dataset, 3, "dates come in two forms", "source"),),
        (Trend("quality", "up", 0.9, scene.quality, 12, 0.03, source=scene.dataset),),
        (f"{scene.dataset} is best read leniently",), (change,), run="@{run}",
    )  # fmt: skip
    scene.record(EventKind.REFLECTION_MADE, reflection.id, reflection)
    scene.record(EventKind.LESSON_CHANGED, lesson, change)


def _votes(choice: str, rng: Random) -> dict[str, tuple[str | None, float, str]]:
    share = rng.randint(95, 100)
    return {
        "@{complete}": (
            choice,
            0.9,
            f"completeness: {share}% of the cells hold values",
        ),
        "@{valid}": (choice, 0.8, f"validity: {share - 2}% of {rng.randint(2, 90)} columns fit"),
        "@{unique}": (choice, 0.7, "uniqueness: the key has no value twice"),
        "@{profiler}": (choice, 0.6, "it is what the profile shows"),
        "@{router}": (None, 0.5, "router has no view on this"),
    }


def _analyzed(rng: Random, dataset: str, names: tuple[str, ...]) -> Scene:
    scene = Scene(rng, dataset)
    scene.begin()
    scene.plan(*names)
    found = f"{scene.rows:,} rows, {rng.randint(4, 40)} columns, {rng.randint(0, 90)} duplicates"
    scene.work(
        "analyze_schema",
        (
            (f"Nothing is known about {dataset} yet: find its columns, types and gaps.",
             "analyze_schema", found),
            (found, FINAL_RESULT, found),
        ),
    )  # fmt: skip
    scene.made(f"{dataset}.csv", "analyze_schema", "@{profiler}")
    return scene


def _decided(
    rng: Random, dataset: str, names: tuple[str, ...], votes: Votes | None = None
) -> Scene:
    scene = _analyzed(rng, dataset, names)
    scene.vote("decide_schema", votes or _votes("accept", rng))
    return scene


def _validated(scene: Scene) -> None:
    found = f"quality {scene.quality:.3f}, weakest uniqueness"
    scene.work(
        "validate_data",
        (
            ("Every typed column fits its type: validate to be sure of the rest.",
             "validate_data", found),
            (found, FINAL_RESULT, found),
        ),
    )  # fmt: skip


def _transformed(scene: Scene, error: str = "") -> None:
    thought = f"{scene.dataset} has two forms of dates: bring them into one"
    if error:
        profiled = ("Look at the columns before they are changed.", "profile", "12 columns")
        scene.work(FAILING_TASK, (profiled, (thought, FAILING_TASK, "")), error)
        return
    said = f"{scene.rows:,} rows written, {scene.rows // 90:,} cells changed"
    scene.work(FAILING_TASK, ((thought, FAILING_TASK, said), (said, FINAL_RESULT, said)))
    scene.made(f"{scene.dataset}:staged", FAILING_TASK, "@{transformer}")


def _published(scene: Scene, *, replans: int = 0) -> Scene:
    scene.vote("decide_release", _votes("accept", Random(scene.rows)))
    said = f"{scene.rows:,} rows are clean, none are left over"
    scene.work("route_pipeline", ((said, "route_pipeline", said),))
    reflect(scene, replans=replans)
    scene.finish()
    return scene
