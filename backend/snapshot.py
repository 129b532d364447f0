"""Charts as PostgreSQL writes them: pages of all patients for a new device, and single ones.

A chart's lines are those of `pwa.py.domain.chart`; the browser stores the text as it comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from backend import audit, devices, exact_json, fhir, sessions
from backend.errors import Failure
from backend.sessions import Member
from backend.sync import READ_HEAD

if TYPE_CHECKING:
    from asyncpg import Connection

SNAPSHOT_PATIENTS_MAX = 500
SNAPSHOT_PATIENTS_DEFAULT = 100
SNAPSHOT_BYTES_MAX = 2 * 1024 * 1024
CHARTS_FETCHED_AT_ONCE = 20

CHART_OF_PATIENT = """
select string_agg(
           key || E'\\t' || encounter_id || E'\\t' || date || E'\\t' || sequence
               || E'\\t' || body::text,
           E'\\n' order by key <> 'Patient/' || patient_id, date desc, key) as text,
       max(sequence) as sequence
from resource
"""

READ_CHART = CHART_OF_PATIENT + "where facility_id = $1 and patient_id = $2"

READ_PAGE = f"""
select page.patient_id, chart.text, chart.sequence
from (
    select patient_id from resource
    where facility_id = $1 and key = 'Patient/' || patient_id and patient_id > $2
    order by patient_id limit $3
) as page
cross join lateral (
    {CHART_OF_PATIENT}
    where facility_id = $1 and patient_id = page.patient_id
) as chart
order by page.patient_id
"""

COUNT_PATIENTS = """
select count(*) from resource where facility_id = $1 and key = 'Patient/' || patient_id
"""


async def read_snapshot(request: Request, member: Member) -> Response:
    """GET /api/snapshot?after=&limit="""
    after = request.query_params.get("after", "")
    if after:
        devices.require_id(after, "after")
    limit = read_limit(request.query_params.get("limit", str(SNAPSHOT_PATIENTS_DEFAULT)))
    async with sessions.database_of(request).transaction() as connection:
        # The cursor is read before the charts: what is written meanwhile may already be in a
        # chart and comes once more with the next pull, which merge does not mind. The other way
        # round it would be missed.
        head = await connection.fetchrow(READ_HEAD, member.facility_id)
        assert head is not None
        charts, is_end = await read_page(connection, member.facility_id, after, limit)
        patients = await connection.fetchval(COUNT_PATIENTS, member.facility_id)
        if charts:
            await record_page(connection, request, member, charts)
    reply: dict[str, Any] = {
        "epoch": head["epoch"],
        "cursor": head["sequence"],
        "charts": charts,
        "after": None if is_end else charts[-1][0],
        "patients": patients,
    }
    return Response(msgspec.json.encode(reply), media_type="application/json")


def read_limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) < 1:
        raise Failure("value", "must be a whole number from 1", "limit")
    return min(int(text), SNAPSHOT_PATIENTS_MAX)


async def read_page(
    connection: Connection, facility_id: str, after: str, limit: int
) -> tuple[list[tuple[str, str, int]], bool]:
    """Charts until the page is full, by number or by bytes, and whether they were the last."""
    charts: list[tuple[str, str, int]] = []
    length = 0
    cursor = connection.cursor(
        READ_PAGE, facility_id, after, limit + 1, prefetch=CHARTS_FETCHED_AT_ONCE
    )
    async for row in cursor:
        if len(charts) == limit or length >= SNAPSHOT_BYTES_MAX:
            return charts, False
        charts.append((row["patient_id"], row["text"], row["sequence"]))
        length += len(row["text"])
    return charts, True


async def record_page(
    connection: Connection,
    request: Request,
    member: Member,
    charts: list[tuple[str, str, int]],
) -> None:
    await audit.record(
        connection,
        member.facility_id,
        audit.SNAPSHOT_READ,
        account_id=member.account_id,
        device_id=member.device_id,
        address=sessions.address_of(request),
        details={"count": len(charts), "first": charts[0][0], "last": charts[-1][0]},
    )


async def read_chart(request: Request, member: Member) -> Response:
    """GET /api/charts/{patient}"""
    patient_id = request.path_params["patient"]
    devices.require_id(patient_id, "patient")
    async with sessions.database_of(request).transaction() as connection:
        row = await connection.fetchrow(READ_CHART, member.facility_id, patient_id)
        if row is None or row["text"] is None:
            raise no_such_patient()
        await record_read(connection, request, member, audit.CHART_READ, patient_id)
    reply = {"patient": patient_id, "text": row["text"], "sequence": row["sequence"]}
    return Response(msgspec.json.encode(reply), media_type="application/json")


async def export_patient(request: Request, member: Member) -> Response:
    """GET /api/fhir/Patient/{patient}/$everything"""
    patient_id = request.path_params["patient"]
    devices.require_id(patient_id, "patient")
    async with sessions.database_of(request).transaction() as connection:
        bundle = await fhir.everything(connection, member.facility_id, patient_id)
        if bundle is None:
            raise no_such_patient()
        await record_read(connection, request, member, audit.RECORD_EXPORTED, patient_id)
    return Response(exact_json.encode(bundle), media_type="application/fhir+json")


def no_such_patient() -> Failure:
    return Failure("not-found", "this facility has no such patient", "patient")


async def record_read(
    connection: Connection, request: Request, member: Member, action: str, patient_id: str
) -> None:
    await audit.record(
        connection,
        member.facility_id,
        action,
        account_id=member.account_id,
        device_id=member.device_id,
        patient_id=patient_id,
        address=sessions.address_of(request),
    )
