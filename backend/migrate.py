"""Runs the numbered files of `migrations/`, forward only, each recorded in its own transaction.

Safe when several servers start at once: whoever holds the lock applies the next file, the
others poll and then find it recorded. The lock is the transaction's own, so that a killed
process leaves nothing behind and PgBouncer in transaction mode is no hindrance; and it is
polled, because a process that waits inside PostgreSQL would hold up others.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from backend.settings import ROOT

if TYPE_CHECKING:
    from asyncpg import Connection

MIGRATIONS = ROOT / "migrations"
LOCK_KEY = 0x52656B616D  # "Rekam": one lock of the database for migrations and first set-up.
LOCK_POLL_SECONDS = 0.05
LOCK_WAIT_SECONDS_MAX = 120

_FILE_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")

_TABLE = """
create table if not exists migration (
    number integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
)
"""


class MigrationError(Exception):
    """The files and the database do not fit each other; the message is for the operator."""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """The files in order; their numbers count up from 1 without a gap."""
    migrations: list[Migration] = []
    for path in sorted(folder.glob("*.sql")):
        found = _FILE_NAME.fullmatch(path.name)
        if found is None:
            raise MigrationError(f"{path.name}: a migration is named like 0001_foundation.sql.")
        # Text mode reads every kind of line end as \n, so a checkout cannot alter a checksum.
        migrations.append(Migration(int(found[1]), path.stem, path.read_text("utf-8")))
    numbers = [migration.number for migration in migrations]
    if numbers != list(range(1, len(numbers) + 1)):
        raise MigrationError(f"Migrations must count up from 1 without a gap, not {numbers}.")
    return migrations


async def migrate(connection: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is missing, and answer the names of what this call applied."""
    migrations = read_migrations(folder)
    applied: list[str] = []
    for _ in range(len(migrations) + 1):
        migration = await _apply_next(connection, migrations)
        if migration is None:
            return applied
        applied.append(migration.name)
    raise AssertionError("more migrations were applied than there are")


async def _apply_next(connection: Connection, migrations: list[Migration]) -> Migration | None:
    async with connection.transaction():
        await wait_for_lock(connection)
        await connection.execute("set local client_min_messages = warning")
        await connection.execute(_TABLE)
        recorded = await connection.fetch("select number, name, checksum from migration")
        known = {row["number"]: (str(row["name"]), str(row["checksum"])) for row in recorded}
        migration = next_migration(migrations, known)
        if migration is not None:
            await connection.execute(migration.sql)
            await connection.execute(
                "insert into migration (number, name, checksum) values ($1, $2, $3)",
                migration.number,
                migration.name,
                migration.checksum,
            )
        return migration


def next_migration(
    migrations: list[Migration], recorded: dict[int, tuple[str, str]]
) -> Migration | None:
    """The first file that is not recorded; raises where files and records disagree."""
    known = {migration.number for migration in migrations}
    for number in sorted(recorded):
        if number not in known:
            raise MigrationError(
                f"The database holds migration {recorded[number][0]}, which this version of "
                "Rekam does not have: a newer version has used it. Install that version."
            )
    for migration in migrations:
        if migration.number not in recorded:
            return migration
        if recorded[migration.number][1] != migration.checksum:
            raise MigrationError(
                f"The file of migration {migration.name} has changed since it was applied to "
                "this database. Put the file back as it was, and write a new migration."
            )
    return None


async def wait_for_lock(connection: Connection) -> None:
    """Take the lock for the rest of the transaction, by asking again and again."""
    for _ in range(round(LOCK_WAIT_SECONDS_MAX / LOCK_POLL_SECONDS)):
        if await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK_KEY):
            return
        await asyncio.sleep(LOCK_POLL_SECONDS)
    raise MigrationError(
        f"Another process has been migrating this database for {LOCK_WAIT_SECONDS_MAX} seconds."
    )
