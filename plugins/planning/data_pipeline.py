"""The data-pipeline domain: what it takes to get from a file to data that can be trusted.

A data set goes through stages, each a compound task: `profile` (which is `ingest`,
`check_contract`, the decision on its schema, and `detect`), `repair`, `deduplicate`, `restrict`,
and `publish` (which is `judge` and `route`); then, where it is asked for, `join` and `aggregate`.
What a tool does in one pass is one operator: `analyze_schema` reads, profiles and compares with the
contract, `transform_data` repairs and removes copies.
"""

from dataagents.core.planning import Domain
from dataagents.plugins.planning.pipeline.methods import methods
from dataagents.plugins.planning.pipeline.operators import operators
from dataagents.plugins.planning.pipeline.watches import watches

GOALS = ("clean", "profile", "answer", "join", "aggregate")


def data_pipeline() -> Domain:
    """Return the domain."""
    return Domain(
        name="data-pipeline",
        operators=operators(),
        methods=methods(),
        goals=GOALS,
        watches=watches(),
    )
