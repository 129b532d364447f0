"""Which life of the database this is: a backup that is put back begins a new one.

Devices then notice that what they had seen acknowledged may be gone, and send it again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend import audit

if TYPE_CHECKING:
    from asyncpg import Connection

RENEW = """
update server_epoch set epoch = gen_random_uuid(), created_at = now() returning epoch::text
"""


async def renew(connection: Connection) -> str:
    epoch: str = await connection.fetchval(RENEW)
    details = {"epoch": epoch}
    await audit.record(connection, audit.NO_FACILITY, audit.BACKUP_RESTORED, details=details)
    return epoch
