"""The one place that knows the `databases` library: connecting, connections, transactions.

Everything else gets a raw asyncpg connection, because the library's own transactions leak
connections when a task is cancelled and its `execute_many` is a loop. `jsonb` and `json`
arrive as text; whoever reads them decodes them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import databases

from backend.settings import SettingsError

if TYPE_CHECKING:
    from asyncpg import Connection

# Options that belong to the pool or the driver, which asyncpg would otherwise send to the
# server as settings it does not know.
POOL_OPTIONS = ("min_size", "max_size", "statement_cache_size")
POOL_MIN = 1
POOL_MAX = 10

# For those who answer requests: whoever waits for a lock gives its connection back to others.
LOCK_WAIT_SECONDS_MAX = 10
IDLE_SECONDS_MAX = 60
REQUEST_LIMITS = (
    f"set local lock_timeout = '{LOCK_WAIT_SECONDS_MAX}s';"
    f"set local idle_in_transaction_session_timeout = '{IDLE_SECONDS_MAX}s'"
)


class Database:
    """A pool of connections. Nothing else in Rekam opens a transaction."""

    def __init__(self, pool: databases.Database, limits: str = "") -> None:
        self._pool = pool
        self._limits = limits

    @asynccontextmanager
    async def connection(self) -> AsyncGenerator[Connection]:
        """A raw asyncpg connection, outside a transaction."""
        async with self._pool.connection() as connection:
            yield cast("Connection", connection.raw_connection)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """A raw asyncpg connection inside a transaction, rolled back by any exception."""
        async with self.connection() as connection, connection.transaction():
            if self._limits:
                await connection.execute(self._limits)
            yield connection

    async def disconnect(self) -> None:
        await self._pool.disconnect()


async def connect(url: str, *, limits: str = "", **options: Any) -> Database:
    """Connect to postgres:// or postgresql://; `options` override those in the address.

    `limits` are statements with which every transaction begins.
    """
    address, found = split_options(url)
    settings: dict[str, Any] = {"min_size": POOL_MIN, "max_size": POOL_MAX, **found, **options}
    # The library loses `sslmode` when it takes an address apart itself, and would connect in
    # clear text. So it gets an empty address, and asyncpg reads the real one.
    pool = databases.Database("postgresql://", dsn=address, database=None, **settings)
    await pool.connect()
    return Database(pool, limits)


def split_options(url: str) -> tuple[str, dict[str, int]]:
    """The address as asyncpg reads it, and the options of the pool that were written in it."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise SettingsError("DATABASE_URL must begin with postgres:// or postgresql://.")
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    options = {name: _number(name, value) for name, value in pairs if name in POOL_OPTIONS}
    # libpq calls it sslmode; some hosts write ssl=true, which asyncpg does not read.
    rest = [_readable(name, value) for name, value in pairs if name not in POOL_OPTIONS]
    query = urlencode(rest, quote_via=quote)
    # Not urlunsplit: it may drop the empty host of postgresql:///name?host=/folder.
    address = f"postgresql://{parts.netloc}{parts.path}" + (f"?{query}" if query else "")
    return address, options


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise SettingsError(f"DATABASE_URL: {name} must be a number, not {text!r}.")
    return int(text)


def _readable(name: str, value: str) -> tuple[str, str]:
    if name != "ssl":
        return name, value
    return "sslmode", {"true": "require", "1": "require", "false": "disable"}.get(value, value)
