"""The tool `transform_data`."""

from pydantic import BaseModel

from dataagents.core.reasoning import Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json
from dataagents.plugins.data.changes import examples
from dataagents.plugins.data.checks import staging_of
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.repairs import apply_repairs, repair_counts, repairs_by_rule
from dataagents.plugins.data.repairs import wanted as repair_wanted
from dataagents.plugins.data.rules import ALL, apply
from dataagents.plugins.data.tools.requests import TransformRequest, counted, run_job
from dataagents.plugins.data.workplace import Rule, Workplace

Applied = tuple[
    tuple[Rule, ...],
    dict[tuple[str, str], list[Json]],
    dict[str, Json],
    tuple[tuple[str, str, int], ...],
]
"""New rules, examples of changes, how many repairs there are, and column, rule and cells of those
that were applied."""


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

        repair = repair_wanted(bench.settings)

        def job(session: Session) -> Applied:
            apply_repairs(session, place, schema, repair)
            new = apply(place, schema, wanted, session)
            shown = examples(session, place, staging_of(place))
            return new, shown, repair_counts(session, place), repairs_by_rule(session, place)

        new, shown, counts, repaired = await run_job(
            self.name, self._options, place, bench, job, mode=request.mode
        )
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
        for column, rule, cells in repaired:
            told: dict[str, Json] = {
                "rule": rule,
                "column": column,
                "cells": cells,
                "sql": "",
                "examples": list(shown.get((column, rule), ())),
            }
            applied.append(told)
        mended = sum(cells for _, _, cells in repaired)
        data: dict[str, Json] = {
            "rules": len(new),
            "cells_changed": changed + mended,
            "repair": repair,
            "repairs": counts,
            "duplicates_removed": removed,
            "applied": applied,
        }
        typed = sum(rule.rule == "types" for rule in new)
        summary = (
            f"{counted(len(new) - typed, 'rule')} changed {counted(changed, 'cell')} and removed "
            f"{counted(removed, 'duplicate row')}; {counted(typed, 'column')} got a type"
        )
        if counts["decided"]:
            summary += f"; {mended:,} of {counts['decided']:,} proposed repairs applied ({repair})"
        return Observation(summary, data)
