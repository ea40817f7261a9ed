"""The tool `transform_data`."""

from pydantic import BaseModel

from dataagents.core.reasoning import Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json
from dataagents.plugins.data.changes import examples
from dataagents.plugins.data.checks import staging_of
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.rules import ALL, apply
from dataagents.plugins.data.tools.requests import TransformRequest, counted, run_job
from dataagents.plugins.data.workplace import Rule, Workplace

Applied = tuple[tuple[Rule, ...], dict[tuple[str, str], list[Json]]]


class TransformData:
    """Applies format rules."""

    name: str = "transform_data"
    description: str = "Fix formats without loss: blanks, null tokens, dates, types, exact copies."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = TransformRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: TransformRequest, bench: Bench) -> Observation:
        """Transform a data set."""
        place = Workplace.of(request.dataset, bench.workspace)
        schema = place.schema()
        wanted = ALL if request.rules is None else tuple(request.rules)

        def job(session: Session) -> Applied:
            new = apply(place, schema, wanted, session)
            return new, examples(session, place, staging_of(place))

        new, shown = await run_job(self.name, self._options, place, bench, job, mode=request.mode)
        changed = sum(rule.cells for rule in new if rule.column is not None)
        removed = sum(rule.cells for rule in new if rule.column is None)
        applied: list[Json] = [
            {
                "rule": rule.rule,
                "column": rule.column,
                "cells": rule.cells,
                "sql": rule.sql,
                "examples": list(shown.get((rule.column or "", rule.rule), ())),
            }
            for rule in new
        ]
        data: dict[str, Json] = {
            "rules": len(new),
            "cells_changed": changed,
            "duplicates_removed": removed,
            "applied": applied,
        }
        typed = sum(rule.rule == "types" for rule in new)
        summary = (
            f"{counted(len(new) - typed, 'rule')} changed {counted(changed, 'cell')} and removed "
            f"{counted(removed, 'duplicate row')}; {counted(typed, 'column')} got a type"
        )
        return Observation(summary, data)
