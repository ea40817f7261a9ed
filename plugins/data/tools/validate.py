"""The tool `validate_data`."""

from functools import partial

from pydantic import BaseModel

from dataagents.core.reasoning import Analysis, Bench, Effect, Observation, ToolLimits
from dataagents.plugins.data.options import ValidateOptions
from dataagents.plugins.data.quality import Quality, measure
from dataagents.plugins.data.tools.requests import StrictRequest, counted, run_job
from dataagents.plugins.data.workplace import Workplace


class ValidateData:
    """Measures data quality."""

    name: str = "validate_data"
    description: str = "Measure a data set's quality against its schema."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = StrictRequest

    def __init__(self, options: ValidateOptions) -> None:
        self._options = options

    async def run(self, request: StrictRequest, bench: Bench) -> Observation:
        """Validate a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        schema = place.schema()
        job = partial(measure, place, schema, self._options, bench.now(), strict=request.strict)
        quality = await run_job(self.name, self._options, place, bench, job, mode=request.mode)
        figures = quality.figures()
        await bench.record_analysis(Analysis(request.dataset, "quality", quality.score, figures))
        suspicious = sum(each.cells for each in quality.suspicions)
        summary = (
            f"quality {_grade(quality)}; {quality.violating_rows:,} of "
            f"{counted(schema.rows, 'row')} break the contract, "
            f"{counted(suspicious, 'suspicious cell')}, {counted(len(quality.gaps), 'format gap')}"
        )
        return Observation(summary, figures, quality=quality.score)


def _grade(quality: Quality) -> str:
    """Return the score and what pulls it down; a flaw never rounds to 1.000."""
    if quality.score is None:
        return "not measurable"
    if quality.score == 1:
        return "1.000"
    score = "more than 0.999" if quality.score > 0.9995 else f"{quality.score:.3f}"
    return f"{score}, weakest {quality.weakest}"
