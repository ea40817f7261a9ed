"""The tool `aggregate_data`."""

from functools import partial

from pydantic import BaseModel, Field

from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json
from dataagents.plugins.data.aggregation import aggregate, parse_measure
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.tools.requests import WorkRequest, counted, run_job
from dataagents.plugins.data.workplace import Workplace


class AggregateRequest(WorkRequest):
    """What to group by, and what to calculate of each group."""

    by: tuple[str, ...] = Field(
        default=(), description="Columns to group by; all rows are one group without."
    )
    measures: tuple[str, ...] = Field(
        default=("count",),
        min_length=1,
        description="`count`, or count, distinct, sum, mean, median, min or max of a column: "
        "`sum(amount)`.",
    )


class AggregateData:
    """Groups rows and calculates measures of each group."""

    name: str = "aggregate_data"
    description: str = "Group the clean or joined rows of a data set and calculate measures."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = AggregateRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: AggregateRequest, bench: Bench) -> Observation:
        """Aggregate a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        measures = [parse_measure(each) for each in request.measures]
        job = partial(aggregate, place, request.by, measures)
        found = await run_job(self.name, self._options, place, bench, job, mode=request.mode)
        origins = {name: (name,) for name in request.by}
        origins |= {each.name: (each.column,) for each in measures if each.column is not None}
        await bench.record_lineage(
            Lineage(
                dataset=f"{request.dataset}:aggregated",
                sources=(f"{request.dataset}:{found.source}",),
                operation=self.name,
                at=bench.now(),
                columns=origins,
            )
        )
        data: dict[str, Json] = {
            "rows": found.rows,
            "groups": found.groups,
            "source": found.source,
            "by": list(request.by),
            "measures": [each.name for each in measures],
        }
        grouped = f" by {', '.join(request.by)}" if request.by else ""
        summary = (
            f"{counted(found.rows, f'{found.source} row')} in "
            f"{counted(found.groups, 'group')}{grouped}: {', '.join(request.measures)}"
        )
        return Observation(summary, data)
