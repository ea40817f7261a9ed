"""The tool `join_data`."""

from pydantic import BaseModel, Field

from dataagents.core.messaging import Lineage
from dataagents.core.reasoning import Bench, Effect, Observation, ToolLimits
from dataagents.core.values import Json
from dataagents.plugins.data.engine import Session
from dataagents.plugins.data.joining import How, Joined, join
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.tools.requests import WorkRequest, counted, run_job
from dataagents.plugins.data.workplace import Relation, Workplace


class JoinRequest(WorkRequest):
    """What to join, and by what."""

    other: str = Field(description="Name of the data set to join to it.")
    on: dict[str, str] | None = Field(
        default=None,
        min_length=1,
        description="Column of the data set: column of the other; found in the data when left out.",
    )
    how: How = Field(
        default="left", description="`left` keeps rows without a match, `inner` leaves them out."
    )


class JoinData:
    """Joins the clean rows of data sets."""

    name: str = "join_data"
    description: str = "Put the clean rows of another data set beside those that match them."
    effect: Effect = Effect.WRITE
    limits: ToolLimits = ToolLimits()
    input_model: type[BaseModel] = JoinRequest

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def run(self, request: JoinRequest, bench: Bench) -> Observation:
        """Join one data set to another, and to what that was joined to before."""
        bench.source(request.other)
        place = Workplace.of(request.dataset, bench.workspace)
        other = Workplace.of(request.other, bench.workspace)
        known = place.relation()
        before = {
            each.other: Workplace.of(each.other, bench.workspace)
            for each in (known.matches if known else ())
        }

        def job(session: Session) -> tuple[Relation, tuple[Joined, ...]]:
            return join(place, other, request.on, request.how, before, session)

        relation, results = await run_job(
            self.name,
            self._options,
            place,
            bench,
            job,
            mode=request.mode,
            others=(other, *before.values()),
        )
        await bench.record_lineage(
            Lineage(
                dataset=f"{request.dataset}:joined",
                sources=tuple(
                    f"{name}:clean"
                    for name in (request.dataset, *(m.other for m in relation.matches))
                ),
                operation=self.name,
                at=bench.now(),
                columns=_origins(relation),
            )
        )
        latest = results[-1]
        return Observation(_summary(latest), _data(relation, results))


def _origins(relation: Relation) -> dict[str, tuple[str, ...]]:
    """Return for each column the one it was made of."""
    renamed = {called: name for match in relation.matches for name, called in match.names.items()}
    return {name: (renamed.get(name, name),) for name in relation.columns}


def _data(relation: Relation, results: tuple[Joined, ...]) -> dict[str, Json]:
    return {
        "others": [match.other for match in relation.matches],
        "rows": results[-1].rows,
        "columns": len(relation.columns),
        "joins": [
            {
                "other": each.match.other,
                "how": each.match.how,
                "on": dict(each.match.on),
                "found": each.match.found,
                "rows": each.rows,
                "matched": each.matched,
                "unmatched": each.unmatched,
                "unused": each.unused,
            }
            for each in results
        ],
    }


def _summary(joined: Joined) -> str:
    match = joined.match
    key = ", ".join(f"{one} = {two}" for one, two in match.on)
    found = " (found)" if match.found else ""
    lost = "left out" if match.how == "inner" else "kept without"
    return (
        f"{counted(joined.rows, 'row')}, joined with {match.other} on {key}{found}: "
        f"{joined.matched:,} matched, {joined.unmatched:,} {lost}, "
        f"{counted(joined.unused, 'row')} of {match.other} matched nothing"
    )
