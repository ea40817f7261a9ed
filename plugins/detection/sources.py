"""What several sources say of one thing, and the claims that the better ones contradict."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dataagents.core.detection.detector import Flags
from dataagents.core.detection.table import Table, TableColumn
from dataagents.plugins.detection.association import Association, associations
from dataagents.plugins.detection.deviations import LEAST_CONFIDENCE

LEAST_STRENGTH = 0.2
"""Sources of which half the claims are wrong still agree about that often by being right."""
HARDLY_DIFFER = 0.9
"""Where sources agree more than that, who is better can't be told, nor does it matter: what few
say differently breaks a dependency, which is another detector's business."""
LEAST_SOURCES = 3
"""Of two that differ nobody can say who is right."""
UNIQUE = 0.95
"""A source says one thing of each entity; a few rows may be there twice."""
FALSE_VALUES = 10
"""How many wrong values there are to fall for, as usual for this model (Dong, Berti-Equille and
Srivastava 2009): two sources that agree by mistake are ten times rarer than one mistaken."""
FIRST_TRUST = 0.8
"""How often a source is right before anything is known of it, as usual for this model."""
ROUNDS = 3
"""How often claims and sources are weighed by each other; more changes little."""
BELIEF = 0.9
"""That the column tells of the entity at all, and not of the source's own view of it."""


@dataclass(frozen=True, slots=True)
class _Design:
    """What the rows are about and who says so."""

    entity: TableColumn
    source: TableColumn
    attributes: tuple[Association, ...]
    """What the entity settles, and how far."""


class Sources:
    """Flags claims about an entity that are outvoted by sources, each by its record."""

    theory = (
        "Where several sources describe one entity, it has one true value, and a source that "
        "agrees with others elsewhere is more likely right where they differ (truth discovery); "
        "claims and sources are weighed by each other in a few rounds, each linear in the rows."
    )

    def detect(self, table: Table) -> Iterable[Flags]:
        """Return the claims that are probably false, and those that are missing."""
        design = _design(table)
        if design:
            for each in design.attributes:
                if each.strength < HARDLY_DIFFER:
                    yield _weigh(table, design, each.right)


def _design(table: Table) -> _Design | None:
    """Return the entity and the source whose rows agree about most columns, if there are any.

    Mistakes make new values, so that of columns that name the same things the one with the fewest
    values is the entity: the others are claims about it.
    """
    found = associations(table, LEAST_STRENGTH)
    entities = {each.left.place: each.left for each in found}
    designs: list[_Design] = []
    for source in table.columns:
        if source.type != "text" or not LEAST_SOURCES <= source.distinct <= table.rows / 10:
            continue
        for entity in (each for each in entities.values() if each is not source):
            attributes = tuple(_settled(found, entity, source))
            possible = (
                LEAST_SOURCES * entity.distinct <= table.rows
                and UNIQUE * entity.present <= entity.distinct * source.distinct
            )
            if possible and len(attributes) > 1 and _once(table, entity, source):
                designs.append(_Design(entity, source, attributes))
    most = max((len(each.attributes) for each in designs), default=0)
    enough = [each for each in designs if len(each.attributes) > most / 2]
    return min(enough, key=lambda each: (each.entity.distinct, each.entity.place), default=None)


def _settled(
    found: Sequence[Association], entity: TableColumn, source: TableColumn
) -> Iterator[Association]:
    """Return what the entity settles better than the source does."""
    by_source = {each.right.place: each.strength for each in found if each.left is source}
    for each in found:
        about = each.left is entity and each.right is not source
        if about and by_source.get(each.right.place, 0.0) < each.strength:
            yield each


def _once(table: Table, entity: TableColumn, source: TableColumn) -> bool:
    """Say whether a source tells of each entity once, and entities have several sources."""
    one, other = table.identifier(entity.name), table.identifier(source.name)
    ((rows, pairs, entities),) = table.query(
        f"SELECT sum(n), count(*), count(DISTINCT entity) FROM (SELECT {one} AS entity, {other} "
        f"AS source, count(*) AS n FROM {table.relation} WHERE {one} IS NOT NULL "
        f"AND {other} IS NOT NULL GROUP BY ALL)"
    )
    return bool(rows and pairs >= UNIQUE * rows and pairs >= LEAST_SOURCES * entities)


def _weigh(table: Table, design: _Design, attribute: TableColumn) -> Flags:
    entity, source, name = (
        table.identifier(each.name) for each in (design.entity, design.source, attribute)
    )
    claims = table.keep(
        f"SELECT {entity} AS entity, {source} AS source, {name} AS value, count(*) AS n "
        f"FROM {table.relation} WHERE {entity} IS NOT NULL AND {source} IS NOT NULL "
        f"AND {name} IS NOT NULL GROUP BY ALL"
    )
    beliefs = _believe(table, claims)
    best = table.keep(
        f"SELECT entity, arg_max(value, (belief, value)) AS value, max(belief) AS belief, "
        "arg_max(sources, (belief, value)) AS sources, sum(sources) AS n "
        f"FROM {beliefs} GROUP BY entity HAVING sum(sources) >= {LEAST_SOURCES}"
    )
    return Flags(
        f'SELECT * FROM (SELECT cell._row, {table.literal(attribute.name)} AS "column", '
        f"{BELIEF} * CASE WHEN "
        f"cell.{name} IS NULL THEN best.belief ELSE 1 - coalesce(claim.belief, 0) END "
        "AS confidence, "
        f"format('{{}} of {{}} sources, the better ones, say ''{{}}'' of ''{{}}''', "
        "best.sources, best.n, best.value, best.entity) AS reason, best.value AS suggestion "
        f"FROM {table.relation} AS cell JOIN {best} AS best ON cell.{entity} = best.entity "
        f"LEFT JOIN {beliefs} AS claim ON claim.entity = best.entity AND claim.value = cell.{name} "
        f"WHERE cell.{name} IS DISTINCT FROM best.value) AS found "
        f"WHERE found.confidence >= {LEAST_CONFIDENCE}"
    )


def _believe(table: Table, claims: str) -> str:
    """Return `entity`, `value`, `sources` and `belief`: claims weighed by the record of sources."""
    trust = table.keep(f"SELECT DISTINCT source, {FIRST_TRUST}::DOUBLE AS trust FROM {claims}")
    beliefs = table.keep(_BELIEFS.format(claims=claims, trust=trust, wrong=FALSE_VALUES))
    for _ in range(ROUNDS - 1):
        trust = table.keep(_TRUST.format(claims=claims, beliefs=beliefs, first=FIRST_TRUST))
        beliefs = table.keep(_BELIEFS.format(claims=claims, trust=trust, wrong=FALSE_VALUES))
    return beliefs


_BELIEFS = """
WITH votes AS (
    SELECT entity, value, count(*) AS sources, sum(ln({wrong} * trust / (1 - trust))) AS weight
    FROM {claims} JOIN {trust} USING (source) GROUP BY entity, value
), compared AS (
    SELECT *, exp(weight - max(weight) OVER (PARTITION BY entity)) AS odds FROM votes
)
SELECT entity, value, sources, odds / sum(odds) OVER (PARTITION BY entity) AS belief FROM compared
"""

_TRUST = """
SELECT source, least(greatest((sum(belief) + {first}) / (count(*) + 1), 0.05), 0.99) AS trust
FROM {claims} JOIN {beliefs} USING (entity, value) GROUP BY source
"""
