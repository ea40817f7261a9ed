"""The output `tables`: clean rows, quarantine and rejects, and what was found and changed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dataagents.core.goals import RunResult, RunStatus
from dataagents.plugins.data.checks import staging_of
from dataagents.plugins.data.column_types import typed, typed_as
from dataagents.plugins.data.engine import Session, identifier, literal, work
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.workplace import Format, Staging, Workplace, slug

RELEASED = ("clean", "joined", "aggregated")
"""Tables that are there to be used, and withheld when the data is not released."""
MEMORY_BYTES = 1024 * 1024 * 1024
"""What the writing of tables may use."""
_FORMS: Mapping[str, str] = {
    "csv": "format csv, header true",
    "json": "format json, array true",
    "jsonl": "format json",
    "parquet": "format parquet",
}
_FINDINGS = """
SELECT {dataset} AS dataset, found._row AS row, found._row + shift AS line, _file AS file,
    found."column", kind, hard, value, explanation, confidence, {agent} AS agent
FROM ({found}) AS found ASOF JOIN line_breaks ON found._row >= line_breaks._row
JOIN files USING (_part) ORDER BY row, hard DESC, found."column"
"""
_CHANGES = """
SELECT {dataset} AS dataset, changed._row AS row, changed._row + shift AS line, _file AS file,
    changed."column", before, after, rule, {agent} AS agent, confidence, agents
FROM changed_cells AS changed ASOF JOIN line_breaks ON changed._row >= line_breaks._row
JOIN files USING (_part) ORDER BY row, changed."column"
"""
_FLAGS = """
SELECT {dataset} AS dataset, flags._row AS row, flags._row + shift AS line, _file AS file,
    flags."column", detector, confidence, weight, reason, suggestion, support, wrong
FROM flags ASOF JOIN line_breaks ON flags._row >= line_breaks._row
JOIN files USING (_part) ORDER BY row, flags."column", confidence * weight DESC, detector
"""
_REPAIRS = """
SELECT {dataset} AS dataset, found._row AS row, found._row + shift AS line, _file AS file,
    found."column", before, after AS proposed, rule, agents, confidence, reversible, applied
FROM ({found}) AS found ASOF JOIN line_breaks ON found._row >= line_breaks._row
JOIN files USING (_part) ORDER BY row, found."column"
"""
_EMPTY = {
    "flags.parquet": (
        "SELECT ''::VARCHAR AS dataset, 0::BIGINT AS row, 0::BIGINT AS line, '' AS file, "
        "'' AS \"column\", '' AS detector, 1.0::DOUBLE AS confidence, 1.0::DOUBLE AS weight, "
        "'' AS reason, '' AS suggestion, 1.0::DOUBLE AS support, true AS wrong WHERE false"
    ),
    "findings.parquet": (
        "SELECT ''::VARCHAR AS dataset, 0::BIGINT AS row, 0::BIGINT AS line, '' AS file, "
        "'' AS \"column\", '' AS kind, false AS hard, '' AS value, '' AS explanation, "
        "1.0::DOUBLE AS confidence, '' AS agent WHERE false"
    ),
    "changes.parquet": (
        "SELECT ''::VARCHAR AS dataset, 0::BIGINT AS row, 0::BIGINT AS line, '' AS file, "
        "'' AS \"column\", '' AS before, '' AS after, '' AS rule, '' AS agent, "
        "1.0::DOUBLE AS confidence, '' AS agents WHERE false"
    ),
    "repairs.parquet": (
        "SELECT ''::VARCHAR AS dataset, 0::BIGINT AS row, 0::BIGINT AS line, '' AS file, "
        "'' AS \"column\", '' AS before, '' AS proposed, '' AS rule, '' AS agents, "
        "1.0::DOUBLE AS confidence, true AS reversible, true AS applied WHERE false"
    ),
}


@dataclass(frozen=True, slots=True)
class _Job:
    """What is to be written of one data set."""

    place: Workplace
    folder: Path
    released: str
    form: Format | None
    router: str
    validator: str
    transformer: str
    scratch: Path
    """Where findings and changes of this data set wait for those of the others."""


class TablesOutput:
    """Writes the tables of each data set that was routed."""

    entries: tuple[str, ...] = (
        *("clean", "withheld", "quarantine", "rejects", "duplicates"),
        *("joined", "aggregated", "findings.parquet", "flags.parquet", "changes.parquet"),
        "repairs.parquet",
    )
    """What it may write below the folder."""

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write the rows of each data set, and one file of findings and one of changes for all."""
        wanted = result.goal.settings.get("format")
        withheld = result.outcome.status is RunStatus.WITHHELD
        files: dict[str, Path] = {}
        waiting: list[Path] = []
        for dataset in result.goal.inputs:
            place = Workplace.of(dataset, result.workspace)
            if not place.table("clean").exists():
                continue
            job = _Job(
                place,
                folder,
                "withheld" if withheld else "clean",
                _format(wanted),
                router=_agent(result, "route_pipeline", dataset),
                validator=_agent(result, "validate_data", dataset),
                transformer=_agent(result, "transform_data", dataset),
                scratch=place.folder / "outputs",
            )
            files |= await self._work(partial(_write, job), place.folder, folder)
            waiting.append(job.scratch)
        if waiting:
            files |= await self._work(
                partial(_gather, waiting, folder), result.workspace / "outputs", folder, *waiting
            )
        return files

    async def _work(self, job: "partial[dict[str, Path]]", *reach: Path) -> dict[str, Path]:
        return await work(
            "tables",
            job,
            folder=reach[0],
            memory_bytes=MEMORY_BYTES,
            threads=self._options.threads,
            reach=reach[1:],
        )


def _format(wanted: object) -> Format | None:
    if wanted == "parquet":
        return "parquet"
    if wanted == "json":
        return "json"
    return "csv" if wanted == "csv" else None


def _agent(result: RunResult, task: str, dataset: str) -> str:
    """Return who did a task on a data set last; empty when nobody did."""
    done = result.execution.completed if result.execution else ()
    agents = [
        each.agent or ""
        for each in done
        if each.task.startswith(f"{task}(") and dataset in each.task
    ]
    return agents[-1] if agents else ""


def _write(job: _Job, session: Session) -> dict[str, Path]:
    place = job.place
    staging = staging_of(place)
    job.scratch.mkdir(exist_ok=True)
    form = job.form or staging.parts[0].format
    name = slug(place.dataset)
    files: dict[str, Path] = {}
    _name_files(session, staging)
    session.view("line_breaks", place.table("lines"))
    for table, query in _tables(job, staging, form, session):
        kind = "csv" if table == "rejects" else form
        below, file = table, f"{name}.{kind}"
        if table in RELEASED:
            below = table if job.released == "clean" else job.released
            file = file if table in ("clean", below) else f"{name}-{table}.{kind}"
        path = job.folder / below / file
        path.parent.mkdir(parents=True, exist_ok=True)
        session.write(query, path, _FORMS[kind])
        named = below if table in ("clean", below) else f"{below} {table}"
        files[f"{named}:{place.dataset}"] = path
    _write_findings(job, session)
    return files


def _tables(
    job: _Job, staging: Staging, form: Format, session: Session
) -> Iterator[tuple[str, str]]:
    """Yield what is written of a data set; what is not for release, only when it holds anything."""
    place = job.place
    for table in (*RELEASED, "quarantine", "rejects", "duplicates"):
        if not place.table(table).exists():
            continue
        session.view(f"{table}_rows", place.table(table))
        if table not in RELEASED and not session.row(f"SELECT count(*) FROM {table}_rows")[0]:
            continue
        if table == "clean":
            cells = typed(place, staging, session) if form != "csv" else "* EXCLUDE (_row)"
            yield table, f"SELECT {cells} FROM clean_rows"
        elif table == "joined":
            relation = place.relation()
            cells = "* EXCLUDE (_row)"
            if relation is not None and form != "csv":
                cells = typed_as(relation.columns, "joined_rows", session)
            yield table, f"SELECT {cells} FROM joined_rows"
        elif table == "aggregated":
            yield table, "SELECT * FROM aggregated_rows"
        elif table == "quarantine":
            yield (
                table,
                "SELECT * EXCLUDE (_row, _part, _line, _reasons, _column, _rule, _value, _file), "
                "_file, _line, _reasons, _column, _rule, _value, "
                f"{literal(job.router)} AS _agent FROM quarantine_rows JOIN files USING (_part) "
                "ORDER BY _row",
            )
        elif table == "rejects":
            yield (
                table,
                "SELECT _file AS file, line, reason, raw FROM rejects_rows "
                "JOIN files USING (_part) ORDER BY _part, line",
            )
        else:
            yield (
                table,
                "SELECT gone.* EXCLUDE (_row), _file, gone._row + shift AS _line "
                "FROM duplicates_rows AS gone ASOF JOIN line_breaks "
                "ON gone._row >= line_breaks._row JOIN files USING (_part) ORDER BY gone._row",
            )


def _name_files(session: Session, staging: Staging) -> None:
    session.rows(
        "CREATE OR REPLACE TEMP TABLE files AS SELECT unnest(?::INT[]) AS _part, "
        "unnest(?::VARCHAR[]) AS _file",
        [list(range(len(staging.parts))), [part.name for part in staging.parts]],
    )


def _write_findings(job: _Job, session: Session) -> None:
    place = job.place
    dataset = literal(place.dataset)
    selects: list[str] = []
    broken = place.table("violations").exists()
    without = ' ANTI JOIN violations USING (_row, "column")' if broken else ""
    for table, query in (
        (
            "violations",
            'SELECT _row, "column", rule AS kind, true AS hard, value, explanation, '
            "1.0::DOUBLE AS confidence FROM violations",
        ),
        (
            "suspicions",
            'SELECT _row, "column", kind, false AS hard, value, explanation, confidence '
            f"FROM suspicions{without}",
        ),
    ):
        if place.table(table).exists():
            session.view(table, place.table(table))
            selects.append(query)
    if selects:
        found = " UNION ALL ".join(selects)
        agent = f"if(hard, {literal(job.router)}, {literal(job.validator)})"
        session.write(
            _FINDINGS.format(dataset=dataset, found=found, agent=agent),
            job.scratch / "findings.parquet",
        )
    if place.table("flags").exists():
        session.view("flags", place.table("flags"))
        session.write(_FLAGS.format(dataset=dataset), job.scratch / "flags.parquet")
    if place.table("repairs").exists():
        query = _REPAIRS.format(dataset=dataset, found=_proposed(place, session))
        session.write(query, job.scratch / "repairs.parquet")
    if place.table("changes").exists():
        session.view("changed_cells", place.table("changes"))
        session.write(
            _CHANGES.format(dataset=dataset, agent=literal(job.transformer)),
            job.scratch / "changes.parquet",
        )


def _proposed(place: Workplace, session: Session) -> str:
    """Return the query for the repairs that were proposed, and whether they were applied."""
    session.view("proposed_repairs", place.table("repairs"))
    if not place.table("repaired").exists():
        return "SELECT *, false AS applied FROM proposed_repairs"
    session.view("repaired", place.table("repaired"))
    return (
        "SELECT proposed_repairs.*, repaired._row IS NOT NULL AS applied FROM proposed_repairs "
        'LEFT JOIN repaired USING (_row, "column")'
    )


def _gather(waiting: list[Path], folder: Path, session: Session) -> dict[str, Path]:
    """Put findings and changes of all data sets together."""
    files: dict[str, Path] = {}
    for name, nothing in _EMPTY.items():
        parts = [each / name for each in waiting if (each / name).exists()]
        for number, part in enumerate(parts):
            session.view(f"{Path(name).stem}_{number}", part)
        views = (identifier(f"{Path(name).stem}_{n}") for n in range(len(parts)))
        query = " UNION ALL ".join([nothing, *(f"SELECT * FROM {view}" for view in views)])
        session.write(query, folder / name)
        files[Path(name).stem] = folder / name
    return files
