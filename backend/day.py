"""GET /api/day: what of a day is in the record, by device and author, and each device's receipt.

Changes are counted by their own timestamps, as the devices count theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend import audit, pages, sessions
from backend.errors import Failure
from backend.sessions import Member
from pwa.py.domain import clock

if TYPE_CHECKING:
    from asyncpg import Connection

SPAN_MS_MAX = 32 * 86_400_000

# What was replaced is counted as the change that replaced it. A text of changes begins with its
# milliseconds, so a range of timestamps is a range of texts.
COUNT = """
with counted as (
    select device_id, body->>'author' as author, 1 as server, 0 as refused, 0 as withdrawn
    from change where facility_id = $1 and "timestamp" >= $2 and "timestamp" < $3
    union all
    select device_id, author, 0, (settled_at is null)::int, (settled_at is not null)::int
    from refused
    where facility_id = $1 and "timestamp" >= $2 and "timestamp" < $3 and settled_number is null
)
select device_id as device, counted.author, coalesce(account.name, '') as name,
       sum(server)::bigint as server, sum(refused)::bigint as refused,
       sum(withdrawn)::bigint as withdrawn
from counted
left join account on account.facility_id = $1 and account.account_id = counted.author
group by 1, 2, 3 order by 1, 2
"""

# The devices of the day, and the one that asks.
RECEIPTS = """
select device_id as device, number, hash from device
where facility_id = $1 and device_id = any($2) order by 1
"""


async def read_day(request: Request, member: Member) -> Response:
    """GET /api/day?from=&to=, both in milliseconds since 1970."""
    from_ms, to_ms = (
        pages.read_number(request.query_params, name, 0, clock.MILLISECONDS_MAX)
        for name in ("from", "to")
    )
    if not from_ms < to_ms <= from_ms + SPAN_MS_MAX:
        raise Failure("value", "to lies after from, and within 32 days", "to")
    async with sessions.database_of(request).transaction() as connection:
        answer = await count(connection, member, from_ms, to_ms)
        details = {"from": from_ms, "to": to_ms}
        await audit.record_of(connection, member, audit.DAY_READ, details=details)
    return JSONResponse(answer)


async def count(connection: Connection, member: Member, from_ms: int, to_ms: int) -> dict[str, Any]:
    first, end = (f"{ms:015d}" for ms in (from_ms, to_ms))
    rows = await connection.fetch(COUNT, member.facility_id, first, end)
    devices = {row["device"] for row in rows} | {member.device_id or ""}
    receipts = await connection.fetch(RECEIPTS, member.facility_id, sorted(devices))
    counts = [dict(row) | {"waiting": 0} for row in rows]
    return {"devices": [dict(row) for row in receipts], "counts": counts}
