"""The server starts only on a database that fits it, and says why when it does not."""

from __future__ import annotations

import pytest

import server
from backend.database import Database
from backend.migrate import MigrationError


@pytest.fixture
def address(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


async def test_a_migrated_database_is_opened(address: str) -> None:
    database = await server.open_database()
    async with database.transaction() as connection:
        assert await connection.fetchval("show lock_timeout") == "10s"
        assert await connection.fetchval("show idle_in_transaction_session_timeout") == "1min"
    async with database.connection() as connection:
        assert await connection.fetchval("show lock_timeout") == "0"
    await database.disconnect()


async def test_a_database_that_lacks_a_migration_is_refused(
    address: str, database: Database
) -> None:
    async with database.connection() as connection:
        await connection.execute("delete from migration where number = 1")
    with pytest.raises(server.StartError, match="lacks migration"):
        await server.open_database()


async def test_an_empty_database_is_refused(address: str, database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("drop table migration")
    with pytest.raises(server.StartError, match="0001_foundation"):
        await server.open_database()


async def test_a_database_of_a_newer_version_is_refused(address: str, database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "insert into migration (number, name, checksum) values (9999, '9999_later', '')"
        )
    with pytest.raises(MigrationError, match="newer version"):
        await server.open_database()


async def test_no_address_of_a_database_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(server.StartError, match="DATABASE_URL"):
        await server.open_database()
