"""Schemas of staged rows, for tests of what judges them."""

from datetime import UTC, datetime

from dataagents.plugins.data.analysis import propose
from dataagents.plugins.data.checks import judge, open_current
from dataagents.plugins.data.contracts.model import ColumnRule, DatasetContract, Resolution
from dataagents.plugins.data.options import SchemaOptions, ValidateOptions
from dataagents.plugins.data.quality import measure

NOW = datetime(2026, 1, 31, tzinfo=UTC)


def resolution_of(staging, contract=None, **more):
    """Read every column of every file under its own name."""
    names = list(dict.fromkeys(name for part in staging.parts for name in part.columns))
    contract = contract or DatasetContract(columns={name: ColumnRule() for name in names})
    parts = tuple(
        {name: name if name in part.columns else None for name in contract.columns}
        for part in staging.parts
    )
    return Resolution(contract=contract, parts=parts, **more)


def schema_of(place, session, contract=None, *, lenient=False, **more):
    """Profile staged rows under a contract, or one that is learned."""
    staging = place.staging()
    schema = propose(
        place,
        staging,
        resolution_of(staging, contract, **more),
        SchemaOptions(),
        session,
        given="contract.yaml" if contract else None,
        drift=(),
        lenient=lenient,
    )
    place.save("schema.json", schema)
    return schema


def violations_of(place, session, contract=None, **more):
    """Judge staged rows and return row, column, rule, value and explanation of what is wrong."""
    schema = schema_of(place, session, contract, **more)
    open_current(session, place, schema, place.rules())
    judge(session, place, schema)
    return session.rows(
        "SELECT _row, name, rule, value, explanation FROM violations JOIN names USING (id) "
        "ORDER BY ALL"
    )


def quality_of(place, session, contract=None, **more):
    """Measure staged rows."""
    schema = schema_of(place, session, contract, **more)
    return measure(place, schema, ValidateOptions(), NOW, session)
