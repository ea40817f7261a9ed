"""The tool `route_pipeline`."""

from functools import partial

from pydantic import BaseModel

from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.routing import route
from dataagents.plugins.data.tools.requests import StrictRequest, counted, run_job
from dataagents.plugins.data.workplace import Workplace


class RoutePipeline:
    """Separates clean rows from quarantine."""

    name: str = "route_pipeline"
    description: str = "Send clean rows on and rows that break the contract to quarantine."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = StrictRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: StrictRequest, bench: Bench) -> Observation:
        """Route a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        schema = place.schema()
        job = partial(route, place, schema, strict=request.strict)
        routes = await run_job(self.name, self._options, place, bench, job, mode=request.mode)
        for table in ("clean", "quarantine"):
            lineage = Lineage(
                dataset=f"{request.dataset}:{table}",
                sources=(f"{request.dataset}:staged",),
                operation=self.name,
                at=bench.now(),
                columns={name: (name,) for name in schema.columns},
            )
            await bench.record_lineage(lineage)
        data: dict[str, Json] = {
            "rows_in": routes.rows_in,
            "clean": routes.clean,
            "quarantine": routes.quarantine,
            "rejects": routes.rejects,
            "duplicates": routes.duplicates,
            "balanced": True,
            "strict": request.strict,
            "reasons": list(routes.reasons),
            "reject_reasons": list(routes.reject_reasons),
        }
        summary = (
            f"{counted(routes.rows_in, 'row')} in: {routes.clean:,} clean, {routes.quarantine:,} "
            f"in quarantine, {routes.rejects:,} rejected, {routes.duplicates:,} duplicates removed"
        )
        return Observation(summary, data)
