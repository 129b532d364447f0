"""The audit trail: who signed in, saw or took which records, and whose work was refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.ledger import Place
    from backend.sessions import Member

SIGN_IN = "sign-in"
SIGN_IN_FAILED = "sign-in-failed"
SIGN_OUT = "sign-out"
DEVICE_ENROLLED = "device-enrolled"
DEVICE_REVOKED = "device-revoked"
SNAPSHOT_READ = "snapshot-read"
CHANGES_READ = "changes-read"
PATIENTS_FOUND = "patients-found"
CHARTS_READ = "charts-read"
HISTORY_READ = "history-read"
RECORD_EXPORTED = "record-exported"
CHANGES_REFUSED = "changes-refused"
CHANGES_SET_ASIDE = "changes-set-aside"
RESCUE_READ = "rescue-read"
DAY_READ = "day-read"
CHANGES_WITHDRAWN = "changes-withdrawn"
# By a command on the server itself: no account, device or address is known.
ACCOUNT_ADDED = "account-added"
PASSWORD_RENEWED = "password-renewed"
FILES_IMPORTED = "files-imported"
FACILITY_EXPORTED = "facility-exported"
BACKUP_RESTORED = "backup-restored"
QUARANTINE_LEFT = "quarantine-left"
QUARANTINE_READ = "quarantine-read"
QUARANTINE_ADMITTED = "quarantine-admitted"
QUARANTINE_DISMISSED = "quarantine-dismissed"

NO_FACILITY = ""

RECORD = """
insert into audit (facility_id, action, account_id, device_id, patient_id, address, details)
values ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""


async def record(
    connection: Connection,
    facility_id: str,
    action: str,
    *,
    account_id: str | None = None,
    device_id: str | None = None,
    patient_id: str | None = None,
    address: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    await connection.execute(
        RECORD,
        facility_id,
        action,
        account_id,
        device_id,
        patient_id,
        address,
        json.dumps(details or {}),
    )


async def record_at(
    connection: Connection, place: Place, action: str, details: dict[str, Any]
) -> None:
    """What became of the work that a device handed over, in the name of who did."""
    await record(
        connection,
        place.facility_id,
        action,
        account_id=place.account_id,
        device_id=place.device_id,
        details=details,
    )


async def record_of(
    connection: Connection,
    member: Member,
    action: str,
    *,
    patient_id: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """What a signed-in person does, from the address and on the device of the session."""
    await record(
        connection,
        member.facility_id,
        action,
        account_id=member.account_id,
        device_id=member.device_id,
        patient_id=patient_id,
        address=member.address,
        details=details,
    )
