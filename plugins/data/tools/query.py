"""The tool `query_data`."""

import tempfile
from pathlib import Path

from pydantic import BaseModel, Field

from dataagents.core.reasoning import Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json
from dataagents.plugins.data.options import QueryOptions
from dataagents.plugins.data.query import Answer, Question
from dataagents.plugins.data.query_process import ask
from dataagents.plugins.data.tools.requests import DatasetRequest, counted
from dataagents.plugins.data.workplace import Workplace

MOST_SQL = 4_000
"""So many characters may a query have."""
SUMMARY = 1_500
"""So many characters of the rows are told in the summary."""
_GRACE_SECONDS = 10.0
"""So much longer may the call take than the query, which is stopped with a better message."""


class QueryRequest(DatasetRequest):
    """What to ask of a data set."""

    sql: str = Field(
        min_length=1,
        max_length=MOST_SQL,
        description="One SELECT in DuckDB's SQL; the table is called `data`.",
    )


class QueryData:
    """Answers questions about a data set."""

    name: str = "query_data"
    description: str = (
        "Answer a question about a data set by one read-only SELECT (DuckDB's SQL) over its table "
        "`data`."
    )
    effect: Effect = Effect.READ
    input_model: type[BaseModel] = QueryRequest

    def __init__(self, options: QueryOptions) -> None:
        self._options = options
        self.limits = ToolLimits(options.seconds + _GRACE_SECONDS, options.calls)

    async def run(self, request: QueryRequest, bench: Bench) -> Observation:
        """Answer a query; what is wrong with the SQL becomes the observation's error."""
        place = Workplace.of(request.dataset, bench.workspace)
        place.schema()
        folder = place.folder.absolute()
        with tempfile.TemporaryDirectory(prefix=".query-", dir=folder) as spill:
            question = Question(
                dataset=request.dataset,
                folder=folder,
                spill=Path(spill),
                sql=request.sql,
                rows=self._options.rows,
                memory_bytes=bench.memory_bytes,
                threads=self._options.threads,
                seconds=self._options.seconds,
            )
            received = await ask(question)
        if received.answer is None:
            return Observation("not answered", {"sql": request.sql}, error=received.refused)
        return Observation(_summary(received.answer), _data(request.sql, received.answer))


def _data(sql: str, answer: Answer) -> dict[str, Json]:
    return {
        "sql": sql,
        "columns": list(answer.columns),
        "rows": [list(row) for row in answer.rows],
        "rows_shown": len(answer.rows),
        "more": answer.more,
        "misfits": dict(answer.misfits),
    }


def _summary(answer: Answer) -> str:
    """Return the rows in one line, as many as fit."""
    told = "; ".join(
        ", ".join(
            f"{name} = {_told(value)}" for name, value in zip(answer.columns, row, strict=True)
        )
        for row in answer.rows
    )
    if len(told) > SUMMARY:
        told = f"{told[:SUMMARY]}…"
    shown = counted(len(answer.rows), "row")
    said = f"more than {shown}: {told}" if answer.more else f"{shown}: {told}"
    if not answer.rows:
        said = "no rows"
    elif len(answer.rows) == 1 and not answer.more:
        said = told
    if answer.misfits:
        cells = ", ".join(f"{name} {number:,}" for name, number in answer.misfits.items())
        said += f" (NULL for cells that do not fit their column's type: {cells[:200]})"
    return said


def _told(value: Json) -> str:
    if value is None:
        return "NULL"
    return " ".join(value.split()) if isinstance(value, str) else str(value)
