"""The output `tables`: clean rows, quarantine and rejects, as CSV files for people and programs."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from dataagents.core.goals import RunResult, RunStatus
from dataagents.plugins.data.engine import Session, work
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.workplace import Workplace, slug

MEMORY_BYTES = 512 * 1024 * 1024
"""What the copy of a table from Parquet to CSV may use."""


class TablesOutput:
    """Writes the tables of each data set that was routed."""

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write `clean/` (or `withheld/`), `quarantine/` and `rejects/`."""
        released = "withheld" if result.outcome.status is RunStatus.WITHHELD else "clean"
        files: dict[str, Path] = {}
        for dataset in result.goal.inputs:
            place = Workplace.of(dataset, result.workspace)
            if place.folder.is_dir():
                files |= await work(
                    "tables",
                    partial(_write, place, folder, released),
                    folder=place.folder,
                    memory_bytes=MEMORY_BYTES,
                    threads=self._options.threads,
                )
        return files


def _write(place: Workplace, folder: Path, released: str, session: Session) -> dict[str, Path]:
    files: dict[str, Path] = {}
    for table, below in (("clean", released), ("quarantine", "quarantine"), ("rejects", "rejects")):
        parquet = place.table(table)
        if not parquet.exists():
            continue
        session.view("written", parquet)
        if table != "clean" and not session.row("SELECT count(*) FROM written")[0]:
            continue
        path = folder / below / f"{slug(place.dataset)}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        columns = "* EXCLUDE (_row)" if table == "clean" else "*"
        session.write(f"SELECT {columns} FROM written", path, "format csv, header true")
        files[f"{below}:{place.dataset}"] = path
    return files
