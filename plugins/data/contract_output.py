"""The output `contract`: the contract in force, for the next run and for other tools."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from dataagents.core.goals import RunResult
from dataagents.plugins.data.contracts.exchange.formats import EXPORTS
from dataagents.plugins.data.contracts.files import contract_text
from dataagents.plugins.data.contracts.model import DatasetContract
from dataagents.plugins.data.engine import publish
from dataagents.plugins.data.options import DataOptions
from dataagents.plugins.data.workplace import Workplace, slug


class ContractOutput:
    """Writes `contract.yaml`, and the same as JSON Schema, for dbt and for pandera."""

    entries: tuple[str, ...] = ("contract.yaml", "contract")
    """What it may write below the folder."""

    def __init__(self, options: DataOptions) -> None:
        self._options = options

    async def write(self, result: RunResult, folder: Path) -> Mapping[str, Path]:
        """Write the contracts of all data sets that were understood."""
        return await asyncio.to_thread(_write, result, folder)


def _write(result: RunResult, folder: Path) -> dict[str, Path]:
    contracts: dict[str, DatasetContract] = {}
    for dataset in result.goal.inputs:
        place = Workplace.of(dataset, result.workspace)
        if (place.folder / "schema.json").exists():
            contracts[dataset] = place.schema().contract
    if not contracts:
        return {}
    files = {"contract": folder / "contract.yaml"}
    _put(files["contract"], contract_text(contracts))
    for dataset, contract in contracts.items():
        below = folder / "contract" / (slug(dataset) if len(contracts) > 1 else "")
        below.mkdir(parents=True, exist_ok=True)
        for name, export in EXPORTS.items():
            _put(below / name, export(contract, dataset))
            files[f"contract {name}:{dataset}"] = below / name
    return files


def _put(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    publish(partial, path)
