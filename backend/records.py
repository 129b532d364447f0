"""Writes whole resources, as another system or a generator has them, into a facility's record.

The writer is a device of its own. What it brings is compared with what it brought before, not
with what clinicians have made of it since: bringing the same again changes nothing and undoes
nobody's work, and a field that both have changed meets in `merge` as a concurrent edit.
Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from backend import exact_json
from backend.apply import BATCH_CHANGES_MAX, apply_batch
from backend.chains import Chain, open_chain
from backend.ledger import Place
from backend.numbering import APPLIED
from pwa.py.domain import changes, clock, merge, names, schema, validate

if TYPE_CHECKING:
    from asyncpg import Connection

BATCH_RECORDS_MAX = BATCH_CHANGES_MAX
UNCHANGED = "unchanged"
UNSETTLED_URL = "urn:rekam:unsettled"
ERROR_REASON = "Marked as entered in error by the system it was imported from"


@dataclass(slots=True)
class Record:
    """One resource of one patient; `outcome` and `reason` tell afterwards what became of it."""

    patient: str
    resource: dict[str, Any]
    outcome: str = ""
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.resource['resourceType']}/{self.resource['id']}"

    def refuse(self, reason: str) -> None:
        self.outcome = merge.REJECTED
        self.reason = reason


@dataclass(slots=True)
class Brought:
    """What the device has brought of one resource so far, and under which timestamps."""

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    stamps: dict[str, str] = field(default_factory=dict[str, str])


async def write_records(
    connection: Connection,
    facility_id: str,
    device_id: str,
    author: str,
    records: Sequence[Record],
    now_ms: int,
    *,
    apart: bool = False,
) -> None:
    """Writes at most BATCH_RECORDS_MAX records of distinct keys; the caller's transaction.

    `apart` is that of `apply_batch`.
    """
    assert len(records) <= BATCH_RECORDS_MAX
    chain = await open_chain(connection, facility_id, device_id, author)
    rows = await _read_rows(connection, facility_id, records)
    drafts = await _draft_all(connection, facility_id, chain, rows, records)
    sealed: list[tuple[bytes, dict[str, Any]]] = []
    written: list[Record] = []
    for record, draft in drafts:
        state = (chain.number, chain.hash, chain.last)
        if record.key in rows:
            chain.see(rows[record.key]["stamps"].values())
        text, change = chain.append(draft, now_ms)
        issues = validate.check(change)
        if issues:
            # The device has not written it, so its number goes to the next.
            chain.number, chain.hash, chain.last = state
            record.refuse(_say(issues))
        else:
            sealed.append((text, change))
            written.append(record)
    if sealed:
        place = Place(facility_id, author, device_id)
        result = await apply_batch(connection, place, sealed, now_ms, apart=apart)
        assert result.verdict == APPLIED, "the chain was read under a lock"
        for record, outcome in zip(written, result.outcomes, strict=True):
            record.outcome = outcome["outcome"]
            record.reason = _say(outcome["issues"])


async def _read_rows(
    connection: Connection, facility_id: str, records: Sequence[Record]
) -> dict[str, Any]:
    keys = {record.key for record in records} | {f"Patient/{item.patient}" for item in records}
    found = await connection.fetch(
        "select key, body::text from resource where facility_id = $1 and key = any($2::text[])",
        facility_id,
        list(keys),
    )
    return {item["key"]: exact_json.decode(item["body"]) for item in found}


async def _draft_all(
    connection: Connection,
    facility_id: str,
    chain: Chain,
    rows: dict[str, Any],
    records: Sequence[Record],
) -> list[tuple[Record, dict[str, Any]]]:
    patients = {key for key in rows if key.startswith("Patient/")}
    drafts: list[tuple[Record, dict[str, Any]]] = []
    held: list[Record] = []
    for record in records:
        row = rows.get(record.key)
        if row is None and record.key == f"Patient/{record.patient}":
            patients.add(record.key)
        if f"Patient/{record.patient}" not in patients:
            record.refuse(f"there is no patient {record.patient}")
        elif row is None:
            drafts.append((record, changes.create(record.resource, record.patient)))
        elif row["patient"] != record.patient:
            record.refuse(f"it is already in the record of patient {row['patient']}")
        elif exact_json.is_equal(row["resource"], record.resource):
            record.outcome = UNCHANGED
        else:
            held.append(record)
    brought = await _read_brought(connection, facility_id, chain.device, rows, held)
    for record in held:
        draft = draft_update(rows[record.key], record, brought.get(record.key, Brought()))
        if draft is None:
            record.outcome = UNCHANGED
        else:
            drafts.append((record, draft))
    return drafts


async def _read_brought(
    connection: Connection,
    facility_id: str,
    device_id: str,
    rows: dict[str, Any],
    records: Iterable[Record],
) -> dict[str, Brought]:
    """From the row where the device alone wrote it, else from the device's changes."""
    brought: dict[str, Brought] = {}
    shared: list[str] = []
    for record in records:
        row = rows[record.key]
        is_alone = all(clock.device_of(stamp) == device_id for stamp in row["by"])
        if is_alone and "siblings" not in row:
            fields = merge.written_fields(row)
            stamps = {name: merge.live_timestamps(row, name)[-1] for name in fields}
            brought[record.key] = Brought(row["resource"], stamps)
        else:
            shared.append(record.key)
    if shared:
        found = await connection.fetch(
            """
            select resource, body::text from change
            where facility_id = $1 and resource = any($2::text[]) and device_id = $3
            order by number
            """,
            facility_id,
            shared,
            device_id,
        )
        for item in found:
            change = exact_json.decode(item["body"])
            before = brought.setdefault(item["resource"], Brought())
            before.values.update(change["set"])
            before.stamps.update(dict.fromkeys(change["set"], change["timestamp"]))
    return brought


def draft_update(row: Any, record: Record, brought: Brought) -> dict[str, Any] | None:
    """A draft of the fields in which the source differs from what it brought before."""
    resource = record.resource if brought.stamps else drop_unsettled(record.resource)
    fields: dict[str, Any] = {}
    for name, value in resource.items():
        before = brought.values if name in brought.stamps else row["resource"]
        if name not in schema.IDENTITY_FIELDS and not exact_json.is_equal(before.get(name), value):
            fields[name] = value
    for name in brought.stamps:
        if name not in resource and brought.values.get(name) is not None:
            fields[name] = None
    if not fields:
        return None
    kind = resource["resourceType"]
    if schema.is_fact(kind) and "status" in resource:
        # A fact is corrected by a new version that states its status, even the same one.
        fields.setdefault("status", resource["status"])
    base = {
        name: [brought.stamps[name]]
        for name in fields
        if name in brought.stamps and schema.keeps_both(kind, name)
    }
    draft: dict[str, Any] = {"patient": record.patient, "resource": record.key}
    draft |= {"base": base, "set": fields}
    if fields.get("status") == schema.ENTERED_IN_ERROR:
        draft["reason"] = ERROR_REASON
    return draft


def drop_unsettled(resource: dict[str, Any]) -> dict[str, Any]:
    """Without what an export of Rekam says of unsettled values: the row here knows its own."""
    found: list[Any] = resource.get("extension", [])
    kept = [item for item in found if not is_unsettled(item)]
    if len(kept) == len(found):
        return resource
    fields = {name: value for name, value in resource.items() if name != "extension"}
    return fields | {"extension": kept} if kept else fields


def is_unsettled(extension: Any) -> bool:
    return names.text_of(extension.get("url")) == UNSETTLED_URL


def _say(issues: list[Any]) -> str:
    parts = [f"{' '.join(item['expression'])}: {item['diagnostics']}" for item in issues]
    return "; ".join(part.removeprefix(": ") for part in parts)
