"""Methods: how the stages of a pipeline are broken down, each in the ways that there are."""

from dataagents.core.planning import Method, State, Subtasks, Task
from dataagents.plugins.planning.pipeline.facts import (
    a_schema_turned_down,
    about,
    any_drift,
    contract_in_settings,
    every,
    fact,
    foreseen_drift,
    known,
    no_open_drift,
    open_drift,
    schema_stands,
    unknown,
)
from dataagents.plugins.planning.pipeline.quality import (
    good_enough,
    held_back,
    not_held_back,
    too_low,
)
from dataagents.plugins.planning.pipeline.relations import (
    aggregate_task,
    aggregated_dataset,
    aggregates,
    follows,
    join_task,
    joined_datasets,
    leads,
    others_of,
)
from dataagents.plugins.planning.pipeline.sizes import large, small, worth_a_sample

STREAMING = "streaming"


def methods() -> tuple[Method, ...]:
    """Return all methods; those of one task in the order to try them."""
    return (*_goals(), *_understanding(), *_work(), *_relating())


def _goals() -> tuple[Method, ...]:
    return (
        Method(
            "file",
            "clean",
            _each("profile", "repair", "deduplicate", "restrict", "publish"),
        ),
        Method("look only", "profile", _each("understand", "detect")),
        Method("already answered", "answer", _nothing, known("answer")),
        Method("one agent", "answer", _each("answer_question")),
    )


def _understanding() -> tuple[Method, ...]:
    decided = _each("decide_drift", "adapt_schema")
    return (
        Method("already understood", "understand", _nothing, schema_stands),
        Method("contract", "understand", _each("ingest", "check_contract"), contract_in_settings),
        Method(
            "sample first",
            "understand",
            _each("sample_data", "decide_sample", "ingest", "check_contract"),
            every(unknown("schema_decision"), _not_foreseen, worth_a_sample),
        ),
        Method("lenient", "understand", _relaxed, a_schema_turned_down),
        Method(
            "strict",
            "understand",
            _each("ingest", "check_contract", "decide_schema"),
            unknown("schema_decision"),
        ),
        *_in_modes("ingest", "analyze_schema", "schema", "already read"),
        Method("as agreed", "check_contract", _nothing, no_open_drift),
        Method(
            "decided",
            "check_contract",
            _each("adapt_schema"),
            every(any_drift, known("drift_decision")),
        ),
        Method("drift", "check_contract", decided, open_drift),
        Method("drift foreseen", "check_contract", decided, foreseen_drift),
    )


def _work() -> tuple[Method, ...]:
    return (
        *_in_modes("detect", "validate_data", "quality", "already measured"),
        *_in_modes("repair", "transform_data", "transformed", "already repaired"),
        Method("no copies", "deduplicate", _nothing, _no_copies),
        Method("with the repair", "deduplicate", _nothing, known("transformed")),
        Method("good enough", "restrict", _nothing, good_enough),
        Method("hold back doubtful rows", "restrict", _strictly("hold_back"), too_low),
        Method("already published", "publish", _nothing, known("routed")),
        Method("by vote", "publish", _each("judge", "route")),
        Method("already judged", "judge", _nothing, known("release")),
        Method("vote", "judge", _each("decide_release")),
        Method("already routed", "route", _nothing, known("routed")),
        Method("doubtful rows too", "route", _strictly("route_pipeline"), held_back),
        Method("batch", "route", _each("route_pipeline"), every(not_held_back, small)),
        Method("streaming", "route", _streaming("route_pipeline"), every(not_held_back, large)),
    )


def _relating() -> tuple[Method, ...]:
    return (
        Method("leading", "join", _lead, leads),
        Method("following", "join", _each("clean"), follows),
        Method("nothing to join", "join", _each("clean"), _no_join),
        Method("all joined", "combine", _nothing, _all_joined),
        Method("one more", "combine", _combine),
        Method("joined rows", "aggregate", _each("join", "summarize"), leads),
        Method("joined to another", "aggregate", _each("join"), follows),
        Method("each file", "aggregate", _each("clean", "summarize"), _no_join),
        Method("already summarized", "summarize", _nothing, known("aggregated")),
        Method("another one", "summarize", _nothing, _of_another),
        Method("by group", "summarize", _summarize, aggregates),
    )


def _in_modes(task: str, operator: str, name: str, done: str) -> tuple[Method, ...]:
    """Return the ways to do a stage once: not again, all at once, or bit by bit."""
    return (
        Method(done, task, _nothing, known(name)),
        Method("batch", task, _each(operator), small),
        Method("streaming", task, _streaming(operator), large),
    )


def _each(*names: str) -> Subtasks:
    return lambda state, task: tuple(Task(name, {"dataset": about(task)}) for name in names)


def _nothing(state: State, task: Task) -> tuple[Task, ...]:
    return ()


def _streaming(name: str) -> Subtasks:
    return lambda state, task: (Task(name, {"dataset": about(task), "mode": STREAMING}),)


def _strictly(name: str) -> Subtasks:
    """Return the one subtask that holds back doubtful rows, in the mode that the size asks for."""

    def subtasks(state: State, task: Task) -> tuple[Task, ...]:
        mode = {"mode": STREAMING} if large(state, task) is None else {}
        return (Task(name, {"dataset": about(task), "strict": True, **mode}),)

    return subtasks


def _relaxed(state: State, task: Task) -> tuple[Task, ...]:
    mode = {"mode": STREAMING} if large(state, task) is None else {}
    return (Task("relax_schema", {"dataset": about(task), "lenient": True, **mode}),)


def _no_copies(state: State, task: Task) -> str | None:
    copies = (fact(state, "schema", about(task)) or {}).get("duplicates")
    return None if copies == 0 else "there are copies, or nobody counted them yet"


def _not_foreseen(state: State, task: Task) -> str | None:
    from_runs = fact(state, "foreseen", about(task))
    return "what to expect is known from earlier runs" if from_runs else None


def _lead(state: State, task: Task) -> tuple[Task, ...]:
    names = joined_datasets(state)
    return (*(Task("clean", {"dataset": name}) for name in names), Task("combine", task.args))


def _all_joined(state: State, task: Task) -> str | None:
    left = others_of(state, task)
    return f"{left[0]} is not joined yet" if left else None


def _combine(state: State, task: Task) -> tuple[Task, ...]:
    return (*(join_task(state, about(task), other) for other in others_of(state, task)),)


def _summarize(state: State, task: Task) -> tuple[Task, ...]:
    return (aggregate_task(state, task),)


def _no_join(state: State, task: Task) -> str | None:
    return "the rows are joined first" if joined_datasets(state) else None


def _of_another(state: State, task: Task) -> str | None:
    name = aggregated_dataset(state)
    return None if name not in (None, about(task)) else "its own rows are to be aggregated"
