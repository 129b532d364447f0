"""Migrations: in order, once, all or nothing, and also when eight servers start at once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import asyncpg
import pytest

from backend.migrate import Migration, MigrationError, migrate, next_migration, read_migrations
from backend.settings import ROOT
from tests.live import DatabaseServer

STARTERS = 8
MIGRATE = """
import asyncio, sys
from pathlib import Path
import asyncpg
from backend.migrate import migrate

async def main():
    connection = await asyncpg.connect(sys.argv[1])
    print(",".join(await migrate(connection, Path(sys.argv[2]))))
    await connection.close()

asyncio.run(main())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text(
        "create table first (number integer);\ninsert into first values (1);\n"
    )
    (tmp_path / "0002_second.sql").write_text(
        "select pg_sleep(0.05); create table second (); insert into first values (2);"
    )
    return tmp_path


@pytest.fixture
async def empty_url(database_server: DatabaseServer) -> AsyncGenerator[str]:
    url = database_server.create_empty_database()
    yield url
    database_server.drop_database(url)


@pytest.fixture
async def connection(empty_url: str) -> AsyncGenerator[asyncpg.Connection]:
    opened = await asyncpg.connect(empty_url)
    yield opened
    await opened.close()


async def test_each_file_is_applied_once_in_order(
    connection: asyncpg.Connection, folder: Path
) -> None:
    assert await migrate(connection, folder) == ["0001_first", "0002_second"]
    assert await migrate(connection, folder) == []
    assert [row["number"] for row in await connection.fetch("select * from first")] == [1, 2]


async def test_later_file_is_applied_to_a_used_database(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    (folder / "0003_third.sql").write_text("create table third ();")
    assert await migrate(connection, folder) == ["0003_third"]


async def test_failing_file_leaves_nothing_and_can_be_mended(
    connection: asyncpg.Connection, folder: Path
) -> None:
    (folder / "0003_third.sql").write_text("create table third (); select 1 / 0;")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(connection, folder)
    assert await connection.fetchval("select to_regclass('third')") is None
    assert await connection.fetchval("select max(number) from migration") == 2
    (folder / "0003_third.sql").write_text("create table third ();")
    assert await migrate(connection, folder) == ["0003_third"]


async def test_changed_file_is_refused(connection: asyncpg.Connection, folder: Path) -> None:
    await migrate(connection, folder)
    (folder / "0001_first.sql").write_text("create table other ();")
    with pytest.raises(MigrationError, match="0001_first has changed"):
        await migrate(connection, folder)


async def test_line_ends_of_a_checkout_are_no_change(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    path = folder / "0001_first.sql"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert await migrate(connection, folder) == []


async def test_database_of_a_newer_version_is_refused(
    connection: asyncpg.Connection, folder: Path
) -> None:
    await migrate(connection, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match="newer version"):
        await migrate(connection, folder)


async def test_eight_at_once_apply_each_file_once(
    connection: asyncpg.Connection, empty_url: str, folder: Path
) -> None:
    def start() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", MIGRATE, empty_url, str(folder)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    done = await asyncio.gather(*(asyncio.to_thread(start) for _ in range(STARTERS)))
    assert [result.stderr for result in done] == [""] * STARTERS
    applied = sorted(name for result in done for name in result.stdout.strip().split(",") if name)
    assert applied == ["0001_first", "0002_second"]
    assert await connection.fetchval("select count(*) from first") == 2


async def test_killed_migrator_does_not_block_the_next(
    connection: asyncpg.Connection, empty_url: str, folder: Path
) -> None:
    (folder / "0003_slow.sql").write_text("create table slow (); select pg_sleep(60);")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MIGRATE, empty_url, str(folder), cwd=ROOT
    )
    slow = "select pid from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> $1"
    own = connection.get_server_pid()
    while (backend := await connection.fetchval(slow, own)) is None:
        await asyncio.sleep(0.02)
    process.kill()
    await process.wait()
    # PostgreSQL itself would notice only when the sleep is over.
    await connection.fetchval("select pg_terminate_backend($1)", backend)
    (folder / "0003_slow.sql").write_text("create table slow ();")
    assert await migrate(connection, folder) == ["0003_slow"]


def test_file_name_without_a_number_is_refused(folder: Path) -> None:
    (folder / "third.sql").write_text("")
    with pytest.raises(MigrationError, match=r"third\.sql"):
        read_migrations(folder)


@pytest.mark.parametrize("name", ["0002_again.sql", "0004_gap.sql"])
def test_number_that_is_taken_or_skips_is_refused(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(MigrationError, match="without a gap"):
        read_migrations(folder)


def test_rekams_own_migrations_are_in_order() -> None:
    migrations = read_migrations()
    assert next_migration(migrations, {}) == migrations[0]


def test_nothing_is_next_when_all_is_recorded() -> None:
    migration = Migration(1, "0001_first", "select 1")
    assert next_migration([migration], {1: ("0001_first", migration.checksum)}) is None
