"""Devices: enrolled once, for one facility, with a recovery key that only its members get."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend import audit, bodies, ledger, sessions
from backend.errors import Failure
from backend.sessions import Member
from pwa.py.domain import references

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.database import Database

RECOVERY_KEY_BYTES = 32
FOLLOWS_MAX = 100
HASH_CHARACTERS_MAX = 64
MARK_CHARACTERS = 4

LOCK_ID = "select pg_advisory_xact_lock(hashtextextended('device:' || $1, 0))"

IS_FOREIGN = "select exists (select from device where device_id = $2 and facility_id <> $1)"

ENROL = """
insert into device (facility_id, device_id, account_id, recovery_key) values ($1, $2, $3, $4)
on conflict (facility_id, device_id) do nothing
"""

READ = """
select number, hash, sequence, recovery_key, revoked_at is not null as revoked,
       (select epoch::text from server_epoch) as epoch
from device where facility_id = $1 and device_id = $2
"""

REVOKE = """
update device set revoked_at = coalesce(revoked_at, now())
where facility_id = $1 and device_id = $2
"""

FIND_FACILITY = "select facility_id from device where device_id = $1"

LIST = """
select device.device_id, facility.name as facility, account.username, account.name as owner,
       device.enrolled_at, device.number, device.revoked_at
from device
join facility on facility.facility_id = device.facility_id
left join account on account.facility_id = device.facility_id
    and account.account_id = device.account_id
order by facility.name, device.enrolled_at, device.device_id
"""


Number = Annotated[int, msgspec.Meta(ge=1, le=ledger.BIGINT_MAX)]
Hash = Annotated[str, msgspec.Meta(max_length=HASH_CHARACTERS_MAX)]


class Enrolment(msgspec.Struct, forbid_unknown_fields=True):
    device: str
    # The ids that the same store had before, newest first: their chains end, this one goes on.
    follows: Annotated[list[str], msgspec.Meta(max_length=FOLLOWS_MAX)] = []
    # Of these chains, by number, the hash of each text that the store keeps and may have sent.
    kept: dict[str, dict[Number, Hash]] = {}


class UnknownDevice(ValueError):
    """There is no such device; the message is for the operator."""


@dataclass(frozen=True)
class Enrolled:
    recovery_key: bytes
    epoch: str
    head: ledger.Device
    is_revoked: bool


def require_id(text: str, expression: str = "device") -> None:
    if not references.is_id(text):
        raise Failure("value", "not an id: 1 to 64 letters, digits, - and .", expression)


async def enrol(
    connection: Connection,
    facility_id: str,
    account_id: str,
    device_id: str,
    recovery_key: bytes | None = None,
) -> tuple[Enrolled, bool]:
    """The device, and whether it is new; in a transaction. Enrolling again changes nothing."""
    require_id(device_id)
    await connection.execute(LOCK_ID, device_id)
    if await connection.fetchval(IS_FOREIGN, facility_id, device_id):
        raise Failure("forbidden", "this device belongs to another facility", "device")
    key = recovery_key or secrets.token_bytes(RECOVERY_KEY_BYTES)
    status = await connection.execute(ENROL, facility_id, device_id, account_id, key)
    enrolled = await require_enrolled(connection, facility_id, device_id)
    return enrolled, status == "INSERT 0 1"


async def find(connection: Connection, facility_id: str, device_id: str) -> Enrolled | None:
    require_id(device_id)
    row = await connection.fetchrow(READ, facility_id, device_id)
    if row is None:
        return None
    head = ledger.Device(row["number"], row["hash"], row["sequence"])
    return Enrolled(row["recovery_key"], row["epoch"], head, row["revoked"])


async def require_known(connection: Connection, facility_id: str, device_id: str) -> Enrolled:
    """Revoked or not."""
    found = await find(connection, facility_id, device_id)
    if found is None:
        raise Failure("forbidden", "this device is not enrolled in this facility", "device")
    return found


async def require_enrolled(connection: Connection, facility_id: str, device_id: str) -> Enrolled:
    found = await require_known(connection, facility_id, device_id)
    if found.is_revoked:
        raise Failure("revoked", "this device has been revoked", "device")
    return found


async def find_followed(
    connection: Connection, facility_id: str, follows: Sequence[str]
) -> dict[str, Enrolled]:
    """Those that this facility knows, the present one first, whose recovery key is handed on. If
    that was revoked, no other chain begins; of earlier ones, which another copy of the tablet may
    still have, it is only told how far they came."""
    found: dict[str, Enrolled] = {}
    for device_id in follows:
        enrolled = await find(connection, facility_id, device_id)
        if enrolled is not None:
            if enrolled.is_revoked and not found:
                raise Failure("revoked", "this device has been revoked", "device")
            found[device_id] = enrolled
    return found


async def find_kept(
    connection: Connection,
    facility_id: str,
    known: Collection[str],
    kept: Mapping[str, Mapping[int, str]],
) -> dict[str, list[dict[str, Any]]]:
    """What became of those texts that the server has, of chains that it knows. What a store was
    answered in an earlier life of the server may be otherwise in this one."""
    hashes = {
        (device_id, number): text_hash
        for device_id in known
        for number, text_hash in kept.get(device_id, {}).items()
    }
    found: dict[str, list[dict[str, Any]]] = {device_id: [] for device_id in known}
    for name, one in (await ledger.read_known(connection, facility_id, hashes)).items():
        if one.hash == hashes[name]:
            device_id, number = name
            found[device_id].append(one.answer(number))
    return found


async def revoke(connection: Connection, facility_id: str, device_id: str) -> None:
    await connection.execute(REVOKE, facility_id, device_id)
    await audit.record(connection, facility_id, audit.DEVICE_REVOKED, device_id=device_id)


async def revoke_by_id(connection: Connection, device_id: str) -> None:
    """An id is one over all facilities. Revoking again keeps the time of the first."""
    facility_id = await connection.fetchval(FIND_FACILITY, device_id)
    if facility_id is None:
        raise UnknownDevice(f"There is no device with the id {device_id}.")
    await revoke(connection, facility_id, device_id)


def name_of(device_id: str, owner: str | None) -> str:
    """A device in a list: as the tablets call it ("device of Dewi (c3d4)"), and its whole id."""
    mark = f"({device_id[-MARK_CHARACTERS:]})"
    return f"device of {owner} {mark}  {device_id}" if owner else f"device {mark}  {device_id}"


async def list_lines(connection: Connection) -> list[str]:
    """A line of words for each device, for a terminal."""
    found: list[str] = []
    for row in await connection.fetch(LIST):
        revoked = f"revoked {row['revoked_at']:%Y-%m-%d %H:%M}" if row["revoked_at"] else "active"
        parts = (
            name_of(row["device_id"], row["owner"]),
            row["facility"],
            f"enrolled {row['enrolled_at']:%Y-%m-%d %H:%M} by {row['username'] or 'nobody'}",
            f"{row['number']} changes",
            revoked,
        )
        found.append("  ".join(parts))
    return found


async def enrol_device(request: Request, member: Member) -> Response:
    """POST /api/devices"""
    form = await bodies.read(request, Enrolment)
    return JSONResponse(await answer_enrolment(sessions.database_of(request), member, form))


async def answer_enrolment(database: Database, member: Member, form: Enrolment) -> dict[str, Any]:
    async with database.transaction() as connection:
        before = await find_followed(connection, member.facility_id, form.follows)
        # The store's key stays wrapped as it is: another id needs no other recovery key.
        key = next((known.recovery_key for known in before.values()), None)
        enrolled, is_new = await enrol(
            connection, member.facility_id, member.account_id, form.device, key
        )
        member = await sessions.bind_device(connection, member, form.device)
        if is_new:
            details = {"follows": form.follows} if form.follows else None
            await audit.record_of(connection, member, audit.DEVICE_ENROLLED, details=details)
        outcomes = await find_kept(connection, member.facility_id, before, form.kept)
    return {
        "device": form.device,
        "recovery_key": base64.b64encode(enrolled.recovery_key).decode(),
        "epoch": enrolled.epoch,
        "receipts": {name: {"number": known.head.number} for name, known in before.items()},
        "outcomes": outcomes,
    }
