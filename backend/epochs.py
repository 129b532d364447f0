"""Which life of the database this is: a backup that is put back begins a new one.

Devices then notice that what they had seen acknowledged may be gone, and send it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend import audit

if TYPE_CHECKING:
    from asyncpg import Connection

RENEW = """
update server_epoch
set epoch = gen_random_uuid(), created_at = now(), backup_at = (select max(received_at) from push)
returning epoch::text
"""

READ = """
select (extract(epoch from backup_at) * 1000)::bigint as backup_ms
from server_epoch where backup_at is not null
"""


async def renew(connection: Connection) -> str:
    epoch: str = await connection.fetchval(RENEW)
    details = {"epoch": epoch}
    await audit.record(connection, audit.NO_FACILITY, audit.BACKUP_RESTORED, details=details)
    return epoch


async def backup_ms(connection: Connection) -> int | None:
    """How new the backup was that the database was restored from, as far as it is known."""
    return await connection.fetchval(READ)
