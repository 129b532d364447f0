"""The one place that uses `databases`: addresses, transactions, and tasks that are cancelled."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from backend.database import Database, connect, split_options
from backend.settings import SettingsError

STORM_TASKS = 40
STORM_POOL = 3


@pytest.mark.parametrize(
    ("url", "address", "options"),
    [
        ("postgres://a:p%40w@host:5/db", "postgresql://a:p%40w@host:5/db", {}),
        (
            "postgres://host/db?sslmode=require&statement_cache_size=0&max_size=3",
            "postgresql://host/db?sslmode=require",
            {"statement_cache_size": 0, "max_size": 3},
        ),
        ("postgresql:///db?host=/run/pg", "postgresql:///db?host=%2Frun%2Fpg", {}),
        ("postgresql://host/db?ssl=true", "postgresql://host/db?sslmode=require", {}),
    ],
)
def test_address_is_split(url: str, address: str, options: dict[str, int]) -> None:
    assert split_options(url) == (address, options)


@pytest.mark.parametrize("url", ["mysql://host/db", "host/db", "postgres://h/d?max_size=many"])
def test_wrong_address_is_said_in_words(url: str) -> None:
    with pytest.raises(SettingsError, match="DATABASE_URL"):
        split_options(url)


async def test_short_scheme_connects(database_url: str) -> None:
    database = await connect(database_url.replace("postgresql://", "postgres://", 1))
    async with database.connection() as connection:
        assert await connection.fetchval("select 1") == 1
    await database.disconnect()


async def test_sslmode_is_not_lost() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readexactly(8))
        writer.write(b"N")  # A server without TLS.
        await writer.drain()
        writer.close()

    asked: list[bytes] = []
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(ConnectionError, match="rejected SSL"):
        await connect(f"postgres://someone@127.0.0.1:{port}/db?sslmode=require")
    server.close()
    await server.wait_closed()
    ssl_request = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
    assert asked == [ssl_request]


async def test_statement_cache_can_be_off_for_pgbouncer(database_url: str) -> None:
    database = await connect(database_url + "&statement_cache_size=0&max_size=1")
    async with database.connection() as connection:
        for _ in range(3):
            await connection.fetchval("select $1::int", 1)
        kept = "select count(*) from pg_prepared_statements where statement like 'select $1%'"
        assert await connection.fetchval(kept) == 0
    await database.disconnect()


async def test_transaction_is_kept_or_undone_as_a_whole(database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute("create table kept (number integer)")
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with database.transaction() as connection:
            await connection.execute("insert into kept values (1)")
            await connection.execute("select 1 / 0")
    async with database.connection() as connection:
        assert await connection.fetchval("select count(*) from kept") == 0


async def test_json_arrives_as_text(database: Database) -> None:
    async with database.connection() as connection:
        assert await connection.fetchval("select '{\"a\": 1}'::jsonb") == '{"a": 1}'


async def test_cancelled_tasks_leak_no_connection(database_url: str) -> None:
    database = await connect(database_url, min_size=1, max_size=STORM_POOL)

    async def work() -> None:
        async with database.transaction() as connection:
            await connection.fetchval("select pg_sleep(0.02)")

    for pause in (0.0, 0.001, 0.01, 0.03):
        tasks = [asyncio.create_task(work()) for _ in range(STORM_TASKS)]
        await asyncio.sleep(pause)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    # All of the pool's connections can still be had, at the same time.
    async with asyncio.timeout(10):
        await asyncio.gather(*(work() for _ in range(STORM_POOL * 2)))
    await database.disconnect()
