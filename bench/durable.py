"""PostgreSQL as it runs in earnest: with fsync, which the tests' own server leaves out."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from tests.live import DatabaseServer, run


@contextmanager
def open_postgres(url: str = "") -> Generator[DatabaseServer]:
    """An embedded server in a folder of its own, or the one that an address names."""
    server = DatabaseServer(url or None)
    try:
        if not url:
            run(_make_durable(server.admin_url))
        yield server
    finally:
        server.stop()


async def _make_durable(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("alter system reset fsync")
        await connection.execute("select pg_reload_conf()")
        while await connection.fetchval("show fsync") != "on":
            await asyncio.sleep(0.05)
    finally:
        await connection.close()
