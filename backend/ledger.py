"""The statements behind `apply`: counters, the log of changes, the state of resources.

Each statement works on a whole batch (unnest, COPY), and each names the facility.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from backend import exact_json
from backend.numbering import Sent
from pwa.py.domain import chart, merge, references

if TYPE_CHECKING:
    from asyncpg import Connection

    from pwa.py.domain.shapes import Issue, Row

CHANGE_COLUMNS = (
    "facility_id",
    "sequence",
    "device_id",
    "number",
    "patient_id",
    "resource",
    "timestamp",
    "hash",
    "body",
)

LOCK_COUNTER = "select sequence from facility_counter where facility_id = $1 for update"

LOCK_DEVICE = """
select number, hash, sequence from device
where facility_id = $1 and device_id = $2 and revoked_at is null
for update
"""

# A number's sequence follows from the batch it came in; the log then tells the hash it had.
READ_KNOWN = """
select asked.device_id, asked.number,
       batch.first_sequence + asked.number - batch.first_number as sequence,
       coalesce(change.hash, refused.hash) as hash,
       coalesce(change.resource, refused.resource) as resource, refused.issues::text as issues
from unnest($2::text[], $3::bigint[]) as asked (device_id, number)
cross join lateral (
    select first_number, last_number, first_sequence from push
    where facility_id = $1 and device_id = asked.device_id and first_number <= asked.number
    order by first_number desc limit 1
) as batch
left join change on change.facility_id = $1
    and change.sequence = batch.first_sequence + asked.number - batch.first_number
left join refused on refused.facility_id = $1
    and refused.sequence = batch.first_sequence + asked.number - batch.first_number
where asked.number <= batch.last_number
"""

READ_MEMBERS = "select account_id from account where facility_id = $1 and account_id = any($2)"

READ_ROWS = """
select resource.key, resource.patient_id, resource.body::text as body
from unnest($2::text[]) as asked (key)
join resource on resource.facility_id = $1 and resource.key = asked.key
union all
select resource.key, resource.patient_id, null
from unnest($3::text[]) as asked (key)
join resource on resource.facility_id = $1 and resource.key = asked.key
"""

RESOURCE_COLUMNS = (
    "facility_id",
    "key",
    "patient_id",
    "encounter_id",
    "date",
    "sequence",
    "body",
)

UPDATE_RESOURCES = """
update resource
set encounter_id = written.encounter_id, date = written.date,
    sequence = written.sequence, body = written.body::jsonb
from unnest($2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[])
    as written (key, encounter_id, date, sequence, body)
where resource.facility_id = $1 and resource.key = written.key
"""

QUARANTINE = """
insert into quarantine (facility_id, account_id, device_id, reason, hash, number, body)
select $1, $2, $3, $4, hash, number, body
from unnest($5::text[], $6::bigint[], $7::bytea[]) as written (hash, number, body)
where not exists (
    select from quarantine as kept
    where kept.facility_id = $1 and kept.hash = written.hash
)
on conflict do nothing
"""

WRITE_PUSH = """
with batch as (
    insert into push (facility_id, device_id, account_id, first_number, last_number,
                      first_sequence, drift_ms)
    values ($1, $2, $3, $4::bigint - $5::bigint + 1, $4, $6::bigint - $5 + 1, $7)
), head as (
    update device set number = $4, hash = $8, sequence = $6
    where facility_id = $1 and device_id = $2
)
update facility_counter set sequence = $6 where facility_id = $1
"""

BIGINT_MAX = 2**63 - 1

# The device that wrote a change, and its number there.
Named = tuple[str, int]


@dataclass(frozen=True)
class Place:
    """Where a batch belongs: the facility, who pushes, from which device."""

    facility_id: str
    account_id: str
    device_id: str


@dataclass(frozen=True)
class Device:
    number: int
    hash: str
    sequence: int


@dataclass(frozen=True)
class Known:
    """A change the server has had before; `issues` when it was refused."""

    sequence: int
    hash: str
    resource: str
    issues: list[Issue]

    def answer(self, number: int | None) -> dict[str, Any]:
        """The outcome of a change that comes once more."""
        word = merge.REJECTED if self.issues else merge.DUPLICATE
        sequence, found = self.sequence, self.issues
        return {"number": number, "outcome": word, "sequence": sequence, "issues": found}


def receipt(device_id: str, device: Device) -> dict[str, Any]:
    return {
        "device": device_id,
        "number": device.number,
        "hash": device.hash,
        "sequence": device.sequence,
    }


async def lock_counter(connection: Connection, facility_id: str) -> int:
    sequence = await connection.fetchval(LOCK_COUNTER, facility_id)
    assert isinstance(sequence, int), "every facility has its counter from the start"
    return sequence


async def lock_device(connection: Connection, place: Place) -> Device | None:
    row = await connection.fetchrow(LOCK_DEVICE, place.facility_id, place.device_id)
    return None if row is None else Device(row["number"], row["hash"], row["sequence"])


async def read_known(
    connection: Connection, facility_id: str, asked: Iterable[Named]
) -> dict[Named, Known]:
    """Of changes, each by its device and its number there, those that the server has had."""
    names = sorted(set(asked))
    if not names:
        return {}
    rows = await connection.fetch(
        READ_KNOWN, facility_id, [name for name, _ in names], [number for _, number in names]
    )
    known: dict[Named, Known] = {}
    for row in rows:
        issues: list[Issue] = msgspec.json.decode(row["issues"] or "[]")
        found = Known(row["sequence"], row["hash"], row["resource"], issues)
        known[row["device_id"], row["number"]] = found
    return known


async def read_members(connection: Connection, facility_id: str, ids: Iterable[str]) -> set[str]:
    rows = await connection.fetch(READ_MEMBERS, facility_id, list(ids))
    return {row["account_id"] for row in rows}


async def read_rows(
    connection: Connection, facility_id: str, keys: Iterable[str], only_known: Iterable[str]
) -> dict[str, Row]:
    """The rows of `keys`; of those in `only_known`, which nobody merges, just whose they are."""
    found = await connection.fetch(READ_ROWS, facility_id, list(keys), list(only_known))
    rows: dict[str, Any] = {}
    for row in found:
        body = row["body"]
        rows[row["key"]] = exact_json.decode(body) if body else {"patient": row["patient_id"]}
    return rows


async def write_changes(
    connection: Connection, place: Place, accepted: Sequence[tuple[int, Sent]]
) -> None:
    if not accepted:
        return
    records = [
        (
            place.facility_id,
            sequence,
            place.device_id,
            sent.number,
            sent.change["patient"],
            sent.change["resource"],
            sent.change["timestamp"],
            sent.hash,
            sent.raw.decode(),
        )
        for sequence, sent in accepted
    ]
    await connection.copy_records_to_table("change", records=records, columns=CHANGE_COLUMNS)


async def write_resources(
    connection: Connection,
    facility_id: str,
    writes: dict[str, tuple[int, Row]],
    held: Collection[str],
) -> None:
    """New rows go by COPY, which costs half of an insert that looks for a conflict first: the
    facility's counter is locked, so that what was not `held` when it was read is not there."""
    new: list[tuple[str, str, str, str, str, int, str]] = []
    columns: tuple[list[Any], ...] = ([], [], [], [], [])
    for key, (sequence, row) in writes.items():
        encounter_id, date = chart.index_of(row["resource"])
        if not references.is_id(encounter_id):
            # A tab or a line end in a reference would tear the lines of the chart apart.
            encounter_id = ""
        body = exact_json.encode(row).decode()
        if key not in held:
            new.append((facility_id, key, row["patient"], encounter_id, date, sequence, body))
            continue
        values = (key, encounter_id, date, sequence, body)
        for column, value in zip(columns, values, strict=True):
            column.append(value)
    if new:
        await connection.copy_records_to_table("resource", records=new, columns=RESOURCE_COLUMNS)
    if columns[0]:
        await connection.execute(UPDATE_RESOURCES, facility_id, *columns)


async def quarantine(
    connection: Connection, place: Place, batch: Sequence[Sent], reason: str
) -> None:
    if not batch:
        return
    await connection.execute(
        QUARANTINE,
        place.facility_id,
        place.account_id,
        place.device_id,
        reason,
        [sent.hash for sent in batch],
        [sent.number if (sent.number or 0) <= BIGINT_MAX else None for sent in batch],
        [sent.raw for sent in batch],
    )


async def write_push(
    connection: Connection, place: Place, device: Device, count: int, drift_ms: int | None
) -> None:
    """Notes the batch, and moves the device and the facility on: `device` is its new state."""
    await connection.execute(
        WRITE_PUSH,
        place.facility_id,
        place.device_id,
        place.account_id,
        device.number,
        count,
        device.sequence,
        drift_ms,
        device.hash,
    )
