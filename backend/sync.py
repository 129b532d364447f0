"""POST /api/sync: one request brings a device's changes in and the others' changes out.

The batch is applied in one transaction, which has committed before reading begins: no device
waits for another one's download, and a reply that is lost is made up by asking again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from backend import (
    apply,
    audit,
    bodies,
    devices,
    envelopes,
    epochs,
    ledger,
    live,
    numbering,
    quarantine,
    sessions,
)
from backend.apply import BatchResult
from backend.errors import Failure
from backend.sessions import Member

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.database import Database
    from backend.envelopes import Envelope

PULL_CHANGES_MAX = 1000
PULL_BYTES_MAX = 4 * 1024 * 1024

READ_HEAD = """
select sequence, (select epoch::text from server_epoch) as epoch
from facility_counter where facility_id = $1
"""

# PostgreSQL writes the JSON; the texts of the changes go out as they came in, but for a link to
# the change before it that is in the same answer: random text, it would be a third of the bytes.
# It is left out where it stands once, nothing is written with \u and no value looks like a link
# that was left out: so it is the link, and can be put back. One change is always given, however
# long it is, or a device would ask for it for ever. `created` says that the patient begins with
# it: a device that does not hold the chart has all of it with what follows.
READ_CHANGES = """
with following as (
    select sequence, device_id, number, hash, resource, patient_id, body::text as body
    from change
    where facility_id = $1 and sequence > $2 and sequence <= $3 and device_id <> $4
    order by sequence limit $5 + 1
), measured as (
    select sequence, resource, patient_id, body, row_number() over so_far as place,
           sum(octet_length(body)) over so_far - octet_length(body) as bytes_before,
           case when lag(number) over of_device = number - 1 then lag(hash) over of_device end
               as link
    from following
    window so_far as (order by sequence), of_device as (partition by device_id order by sequence)
), page as (
    select sequence, case
        when $7 and length(body) - length(replace(body, link, '')) = length(link)
            and position('\\u' in body) = 0 and position('"previous":"^"' in body) = 0
        then replace(body, link, '^') else body end as body,
    resource = 'Patient/' || patient_id and not exists (
        select from change as earlier
        where earlier.facility_id = $1 and earlier.resource = measured.resource
            and earlier.sequence < measured.sequence
    ) as is_created
    from measured where place <= $5 and bytes_before < $6
)
select coalesce(max(sequence), $2) as last, (select count(*) from following) > count(*) as more,
       coalesce(string_agg('{"sequence":' || sequence
                           || case when is_created then ',"created":true' else '' end
                           || ',"change":' || body || '}', ','
                           order by sequence), '') as changes
from page
"""


@dataclass(frozen=True)
class Pulled:
    """`changes` is JSON text: what stands between the brackets of an array.

    `receipt` is as new as the cursor: what stands below it under this device's own id, which is
    not given back, is in the receipt; so a copy of a tablet learns that it is one.
    `backup_ms` tells a device that knows another epoch what has happened meanwhile.
    """

    epoch: str
    receipt: dict[str, Any]
    changes: str
    cursor: int
    more: bool
    backup_ms: int | None = None


async def synchronise(request: Request, member: Member) -> Response:
    """POST /api/sync"""
    body = await bodies.read_json_bytes(request)
    # In a thread: a large body that is not quite JSON is taken apart in Python, bracket by bracket.
    envelope, changes = await asyncio.to_thread(envelopes.read, body)
    reply = await answer(
        sessions.database_of(request), member, envelope, changes, sessions.now_ms()
    )
    return Response(reply, media_type="application/json")


async def answer(
    database: Database,
    member: Member,
    envelope: Envelope,
    changes: list[tuple[bytes, Any]],
    now_ms: int,
) -> bytes:
    devices.require_id(envelope.device)
    if member.is_revoked and envelope.device != member.device_id:
        raise Failure("revoked", "the device of this session has been revoked", "device")
    result, epoch = await apply.once_more_apart(
        partial(push, database, member, envelope, changes, now_ms)
    )
    if result.verdict != numbering.APPLIED:
        raise refusal(result, epoch)
    async with database.connection() as connection:
        if changes:
            await live.tell(connection, member.facility_id, result.receipt["sequence"])
        pulled = await pull(connection, member.facility_id, envelope)
        if pulled.changes:
            member = replace(member, device_id=envelope.device)
            details = {"after": envelope.cursor, "through": pulled.cursor}
            await audit.record_of(connection, member, audit.CHANGES_READ, details=details)
    return write_reply(envelope.protocol, result, pulled, now_ms)


async def push(
    database: Database,
    member: Member,
    envelope: Envelope,
    changes: list[tuple[bytes, Any]],
    now_ms: int,
    apart: bool,
) -> tuple[BatchResult, str]:
    """What became of the changes, and the server's epoch."""
    place = ledger.Place(member.facility_id, member.account_id, envelope.device)
    async with database.transaction() as connection:
        await sessions.bind_device(connection, member, place.device_id)
        enrolled = await devices.require_known(connection, place.facility_id, place.device_id)
        await quarantine.leave(connection, place, envelope.left_reasons())
        if enrolled.is_revoked or envelope.aside:
            result = await apply.set_aside(connection, place, changes, enrolled)
            # The device's word settles nothing, but whoever decides should have heard it.
            given_up = numbering.hashes_of(changes, envelope.reasons())
            await quarantine.leave(connection, place, given_up)
        elif changes or envelope.withdrawn:
            result = await apply.apply_batch(
                connection,
                place,
                changes,
                now_ms,
                envelope.now_ms,
                withdrawn=envelope.reasons(),
                apart=apart,
            )
        else:
            receipt = ledger.receipt(place.device_id, enrolled.head)
            result = BatchResult(numbering.APPLIED, [], receipt)
    return result, enrolled.epoch


def refusal(result: BatchResult, epoch: str) -> Failure:
    """Nothing was applied: the receipt tells the device where the server's chain stands, the
    outcomes that each change is kept."""
    extra = {"receipt": result.receipt, "epoch": epoch, "outcomes": result.outcomes}
    expected = result.receipt["number"] + 1
    if result.verdict == numbering.REVOKED:
        kept = len(result.outcomes)
        text = f"this device has been revoked; the {kept} changes sent are kept aside"
        return Failure("revoked", text, "device", extra=extra)
    if result.verdict == numbering.GAP:
        text = f"changes are missing: the server expects number {expected}"
        return Failure("gap", text, "changes", extra=extra)
    text = (
        f"change {expected} does not continue the chain that the server knows of this device; "
        "the changes sent are kept aside"
    )
    return Failure("conflict", text, "changes", extra=extra)


async def pull(connection: Connection, facility_id: str, envelope: Envelope) -> Pulled:
    head = await connection.fetchrow(READ_HEAD, facility_id)
    assert head is not None
    epoch: str = head["epoch"]
    enrolled = await devices.require_known(connection, facility_id, envelope.device)
    receipt = ledger.receipt(envelope.device, enrolled.head)
    if envelope.epoch not in (None, epoch) or envelope.cursor > head["sequence"]:
        # A cursor of another life of the database means nothing in this one.
        backup_ms = await epochs.backup_ms(connection)
        return Pulled(epoch, receipt, "", head["sequence"], False, backup_ms)
    page = await connection.fetchrow(
        READ_CHANGES,
        facility_id,
        envelope.cursor,
        head["sequence"],
        envelope.device,
        min(envelope.limit, PULL_CHANGES_MAX),
        PULL_BYTES_MAX,
        envelope.protocol >= envelopes.SHORT_ANSWERS,
    )
    assert page is not None
    # At the end the cursor also steps over the device's own changes and the refused ones.
    cursor = page["last"] if page["more"] else head["sequence"]
    return Pulled(epoch, receipt, page["changes"], cursor, page["more"])


def write_reply(protocol: int, result: BatchResult, pulled: Pulled, now_ms: int) -> bytes:
    reply: dict[str, Any] = {
        "protocol": protocol,
        "epoch": pulled.epoch,
        "now_ms": now_ms,
        "outcomes": result.outcomes,
        "receipt": pulled.receipt,
        "cursor": pulled.cursor,
        "more": pulled.more,
    }
    if pulled.backup_ms is not None:
        reply["backup_ms"] = pulled.backup_ms
    # Cut off the closing brace, and let the changes follow as the text they are.
    return msgspec.json.encode(reply)[:-1] + f',"changes":[{pulled.changes}]}}'.encode()
