"""A patient's record as a FHIR R4 Bundle, and a facility's as a folder of them.

What comes out is what came in: unknown fields, extensions, the order of lists, every digit.
Values that two people set without seeing each other's are all there: the latest in its field,
the others in an extension, so that no reader takes an open question for an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from backend import audit, devices, exact_json, sessions
from backend.errors import Failure
from backend.records import UNSETTLED_URL
from backend.sessions import Member
from pwa.py.domain import merge

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.database import Database

PATIENTS_PAGE_MAX = 500

_READ_CHART = """
select body::text from resource where facility_id = $1 and patient_id = $2
order by key <> 'Patient/' || patient_id, date, key
"""

_READ_PATIENTS = """
select patient_id from resource
where facility_id = $1 and key = 'Patient/' || patient_id and patient_id > $2
order by patient_id limit $3
"""


@dataclass(slots=True)
class ExportReport:
    patients: int = 0
    resources: int = 0


async def export_patient(request: Request, member: Member) -> Response:
    """GET /api/fhir/Patient/{patient}/$everything"""
    patient_id = request.path_params["patient"]
    devices.require_id(patient_id, "patient")
    async with sessions.database_of(request).transaction() as connection:
        bundle = await everything(connection, member.facility_id, patient_id)
        if bundle is None:
            raise Failure("not-found", "this facility has no such patient", "patient")
        await audit.record_of(connection, member, audit.RECORD_EXPORTED, patient_id=patient_id)
    return Response(exact_json.encode(bundle), media_type="application/fhir+json")


async def everything(
    connection: Connection, facility_id: str, patient_id: str
) -> dict[str, Any] | None:
    """Patient/$everything; None for an unknown patient. `exact_json.encode` makes it text."""
    rows = await _read_chart(connection, facility_id, patient_id)
    if not rows:
        return None
    entries = [_entry(row) | {"search": {"mode": "match"}} for row in rows]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(rows), "entry": entries}


async def export_facility(database: Database, facility_id: str, folder: Path) -> ExportReport:
    """Writes `<patient id>.json` for each patient; a file is there whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    report = ExportReport()
    async with database.connection() as connection:
        # Before, so that an export that is broken off leaves its trace too.
        details = {"folder": str(folder)}
        await audit.record(connection, facility_id, audit.FACILITY_EXPORTED, details=details)
    after = ""
    while True:
        async with database.connection() as connection:
            found = await connection.fetch(_READ_PATIENTS, facility_id, after, PATIENTS_PAGE_MAX)
            for item in found:
                after = item["patient_id"]
                rows = await _read_chart(connection, facility_id, after)
                _write_bundle(folder / f"{after}.json", rows)
                report.patients += 1
                report.resources += len(rows)
        if not found:
            return report


async def _read_chart(
    connection: Connection, facility_id: str, patient_id: str
) -> list[dict[str, Any]]:
    found = await connection.fetch(_READ_CHART, facility_id, patient_id)
    return [exact_json.decode(item["body"]) for item in found]


def _write_bundle(path: Path, rows: list[dict[str, Any]]) -> None:
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [_entry(row) for row in rows],
    }
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(exact_json.encode(bundle))
    unfinished.replace(path)


def _entry(row: Any) -> dict[str, Any]:
    entry = {"resource": with_unsettled(row)}
    identity = row["resource"]["id"]
    # A full URL must be absolute, and a UUID is all that makes an id one outside a server.
    return {"fullUrl": f"urn:uuid:{identity}"} | entry if _is_uuid(identity) else entry


def with_unsettled(row: Any) -> dict[str, Any]:
    """The resource, with an extension for each value that still stands beside the one shown."""
    resource: dict[str, Any] = row["resource"]
    found: list[dict[str, Any]] = []
    for field, siblings in sorted(merge.conflicts(row).items()):
        for sibling in siblings[:-1]:
            found.append(_unsettled(field, sibling))
    if not found:
        return resource
    return resource | {"extension": [*resource.get("extension", []), *found]}


def _unsettled(field: str, sibling: Any) -> dict[str, Any]:
    """The value is JSON text, for it may be of any type, or null where it was a removal."""
    parts = {
        "field": field,
        "value": exact_json.encode(sibling["value"]).decode(),
        "timestamp": sibling["timestamp"],
        "author": sibling["author"],
    }
    texts = [{"url": name, "valueString": text} for name, text in parts.items()]
    return {"url": UNSETTLED_URL, "extension": texts}


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
