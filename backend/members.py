"""GET /api/members: names of the facility's people and whose its devices are, for display."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from backend import sessions
from backend.sessions import Member

READ_MEMBERS = """
select account_id as id, name, active from account where facility_id = $1 order by account_id
"""
READ_DEVICES = """
select device_id as id, account_id as account from device
where facility_id = $1 order by device_id
"""


async def read_members(request: Request, member: Member) -> Response:
    """GET /api/members: also those who have left, for what they wrote stays."""
    async with sessions.database_of(request).connection() as connection:
        people = await connection.fetch(READ_MEMBERS, member.facility_id)
        devices = await connection.fetch(READ_DEVICES, member.facility_id)
    reply: dict[str, Any] = {
        "members": [dict(row) for row in people],
        "devices": [dict(row) for row in devices],
    }
    return Response(msgspec.json.encode(reply), media_type="application/json")
