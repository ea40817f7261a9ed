"""The tool `validate_data`."""

from functools import partial

from pydantic import BaseModel

from dataagents.core.detection.panel import Minutes, Panel, panel_of
from dataagents.core.detection.sheet import REVIEW
from dataagents.core.reasoning import Analysis, Bench, Effect, Observation, ToolLimits
from dataagents.plugins.data.detection.inspection import Task
from dataagents.plugins.data.detection.minutes import election_of
from dataagents.plugins.data.detection.results import Inspection
from dataagents.plugins.data.detection.reviewing import read_sheet
from dataagents.plugins.data.detection.sizes import wanted
from dataagents.plugins.data.options import ValidateOptions
from dataagents.plugins.data.quality import Quality, measure
from dataagents.plugins.data.tools.requests import StrictRequest, counted, run_job
from dataagents.plugins.data.workplace import Workplace


class ValidateData:
    """Measures data quality, and has detectors vote on which cells are wrong."""

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
        panel = panel_of(bench)
        detect = wanted(bench.settings)
        task = Task(
            panel,
            panel.learned(request.dataset),
            detect,
            self._options.full_cells,
            panel.reviewed(request.dataset),
        )
        job = partial(
            measure, place, schema, self._options, bench.now(), strict=request.strict, task=task
        )
        quality = await run_job(self.name, self._options, place, bench, job, mode=request.mode)
        figures = quality.figures()
        await bench.record_analysis(Analysis(request.dataset, "quality", quality.score, figures))
        if quality.voted and quality.inspection is not None:
            await _record_vote(request.dataset, quality.inspection, panel, bench)
            sheet = read_sheet(place)
            if sheet is not None:
                await bench.record_analysis(Analysis(request.dataset, REVIEW, None, sheet))
        suspicious = sum(each.cells for each in quality.suspicions)
        summary = (
            f"quality {_grade(quality)}; {quality.violating_rows:,} of "
            f"{counted(schema.rows, 'row')} break the contract, "
            f"{counted(suspicious, 'suspicious cell')}, {counted(len(quality.gaps), 'format gap')}"
        )
        return Observation(summary, quality.figures(timed=False), quality=quality.score)


async def _record_vote(dataset: str, found: Inspection, panel: Panel, bench: Bench) -> None:
    """Put the vote on the cells on record, if there was one."""
    if panel.rule is None or not found.shares or not isinstance(bench, Minutes):
        return
    await bench.record_election(
        election_of(dataset, found, panel.rule, panel.boundary, bench.now())
    )


def _grade(quality: Quality) -> str:
    """Return the score and what pulls it down; a flaw never rounds to 1.000."""
    if quality.score is None:
        return "not measurable"
    if quality.score == 1:
        return "1.000"
    score = "more than 0.999" if quality.score > 0.9995 else f"{quality.score:.3f}"
    return f"{score}, weakest {quality.weakest}"
