"""Versions of the schema, each reached from the one before in a transaction of its own."""

from collections.abc import Sequence
from typing import Final

import aiosqlite

from dataagents.storage import schema

MIGRATIONS: Final[Sequence[str]] = (
    schema.CREATE,
    schema.KEEP_LESS,
    schema.KEEP_MESSAGES,
    schema.BROWSE,
)
"""Scripts in order; the first makes version 1 of an empty database. Never change one: add one."""

VERSION: Final = len(MIGRATIONS)
"""What this package writes."""


async def migrate(
    connection: aiosqlite.Connection, *, migrations: Sequence[str] = MIGRATIONS
) -> None:
    """Bring a database to the newest version; one that fails leaves the version before it."""
    ((version,),) = await connection.execute_fetchall("PRAGMA user_version")
    for number, script in enumerate(migrations[version:], start=version + 1):
        try:
            await connection.executescript(
                f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;"
            )
        finally:
            if connection.in_transaction:
                await connection.rollback()
