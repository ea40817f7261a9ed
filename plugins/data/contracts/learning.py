"""Learning: the contract that a data set's own profile suggests."""

from collections.abc import Mapping, Sequence

from dataagents.plugins.data.contracts.model import ColumnRule, DatasetContract, Observed
from dataagents.plugins.data.workplace import Column


def learn(columns: Mapping[str, Column], key: Sequence[str]) -> DatasetContract:
    """Return a contract of types, required columns and the key.

    Ranges and formats are observed, not demanded: tomorrow's data may well go beyond today's.

    Args:
        columns: What was measured.
        key: Columns whose values together tell rows apart.
    """
    return DatasetContract(
        key=tuple(key),
        columns={name: _rule(column) for name, column in columns.items()},
    )


def _rule(column: Column) -> ColumnRule:
    cells = column.present + column.missing
    return ColumnRule(
        type=column.type,
        required=not column.nullable,
        observed=Observed(
            missing=round(column.missing / cells, 6) if cells else 0.0,
            minimum=column.minimum,
            maximum=column.maximum,
            format=column.format,
        ),
    )
