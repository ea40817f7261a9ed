"""The tool `sample_data`."""

from pydantic import BaseModel

from dataagents.core.reasoning import Analysis, Bench, Effect, Observation, ToolLimits
from dataagents.plugins.data.analysis import Decision, analyze
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import SchemaOptions
from dataagents.plugins.data.reading.sampling import cut_files
from dataagents.plugins.data.reading.sources import files_of
from dataagents.plugins.data.reading.staging import stage
from dataagents.plugins.data.tools.analyze import facts
from dataagents.plugins.data.tools.requests import DatasetRequest, counted, run_job
from dataagents.plugins.data.workplace import Schema, Staging, Workplace


class SampleData:
    """Profiles the first rows of each file of a data set."""

    name: str = "sample_data"
    description: str = "Profile the first rows of each file of a data set, before all are read."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = DatasetRequest

    def __init__(self, options: SchemaOptions) -> None:
        self._options = options

    async def run(self, request: DatasetRequest, bench: Bench) -> Observation:
        """Read a sample in a workplace of its own, so that the data set itself stays unread."""
        source = str(bench.source(request.dataset))
        place = Workplace.of(request.dataset, bench.workspace)
        sample = Workplace(request.dataset, place.folder / "sample")
        nobody = Decision(choice=None, by="policy", reason="", election=None, at=bench.now())

        def job(session: Session) -> tuple[Staging, Schema]:
            session.tell("taking a sample", None, None)
            heads = cut_files(files_of(source), sample.folder / "files", session)
            staging = stage(sample, heads, session, session.tell)
            schema = analyze(sample, staging, None, nobody, self._options, session, lenient=False)
            return staging, schema

        staging, schema = await run_job(self.name, self._options, place, bench, job)
        data = facts(staging, schema)
        await bench.record_analysis(Analysis(request.dataset, "sample", None, data))
        typed = sum(column.type != "text" for column in schema.columns.values())
        files = counted(len(staging.parts), "file")
        summary = (
            f"the first {counted(schema.rows, 'row')} of {files}: "
            f"{counted(len(schema.columns), 'column')} ({typed:,} typed)"
        )
        return Observation(summary, data)
