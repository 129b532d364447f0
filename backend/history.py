"""GET /api/history: every change of one resource, as it was written and as it arrived.

The texts go out to the letter, so that whoever reads them can check the chain of a device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from backend import audit, pages, sessions
from backend.errors import Failure
from backend.sessions import Member
from pwa.py.domain import references

if TYPE_CHECKING:
    from asyncpg import Connection

VERSIONS_MAX = 200
VERSIONS_BYTES_MAX = 2 * 1024 * 1024
SEQUENCE_MAX = 2**63 - 1

# A number's batch is the last that began at or before it: it tells when the change arrived.
READ_VERSIONS = """
select change.sequence, change.device_id, change.patient_id, change.body::text as body,
       to_char(batch.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as received_at,
       batch.account_id, batch.drift_ms
from change
cross join lateral (
    select received_at, account_id, drift_ms from push
    where facility_id = $1 and device_id = change.device_id and first_number <= change.number
    order by first_number desc limit 1
) as batch
where change.facility_id = $1 and change.resource = $2 and change.sequence > $3
order by change.sequence
limit $4
"""

READ_PATIENT = "select patient_id from resource where facility_id = $1 and key = $2"


async def read_history(request: Request, member: Member) -> Response:
    """GET /api/history?resource=Type/id&after=&limit=: the oldest first, in pages."""
    key = request.query_params.get("resource", "")
    if references.split_key(key) == ("", ""):
        raise Failure("value", "must read Type/id", "resource")
    after = pages.read_number(request.query_params, "after", 0, SEQUENCE_MAX, 0)
    limit = pages.read_number(request.query_params, "limit", 1, SEQUENCE_MAX, VERSIONS_MAX)
    limit = min(limit, VERSIONS_MAX)
    async with sessions.database_of(request).transaction() as connection:
        patient_id = await connection.fetchval(READ_PATIENT, member.facility_id, key)
        if patient_id is None:
            raise Failure("not-found", "this facility has no such resource", "resource")
        versions, is_end = await read_page(connection, member.facility_id, key, after, limit)
        details = {"resource": key}
        await audit.record_of(
            connection, member, audit.HISTORY_READ, patient_id=patient_id, details=details
        )
    reply: dict[str, Any] = {
        "resource": key,
        "patient": patient_id,
        "versions": versions,
        "after": None if is_end else versions[-1]["sequence"],
    }
    return Response(msgspec.json.encode(reply), media_type="application/json")


async def read_page(
    connection: Connection, facility_id: str, key: str, after: int, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """Versions until the page is full, and whether they were the last."""
    asked = (facility_id, key, after, limit + 1)
    rows, is_end = await pages.read_rows(
        connection, limit, "body", VERSIONS_BYTES_MAX, READ_VERSIONS, *asked
    )
    versions: list[dict[str, Any]] = [
        {
            "sequence": row["sequence"],
            "received_at": row["received_at"],
            "account": row["account_id"],
            "device": row["device_id"],
            "drift_ms": row["drift_ms"],
            "change": msgspec.Raw(row["body"].encode()),
        }
        for row in rows
    ]
    return versions, is_end
