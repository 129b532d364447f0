"""Refused changes: what later ones of the device wait for, and how each came to an end.

A refused change stays in its table for good. It is settled when the device says it once more in
another way (`replaces`) or withdraws it with a reason; until then what builds upon it waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec

from backend import audit, devices, ledger
from pwa.py.domain import dependence, references
from pwa.py.domain.issues import issue
from pwa.py.domain.json_text import is_object
from pwa.py.domain.validate import is_number, is_timestamp

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.ledger import Place
    from backend.numbering import Sent
    from pwa.py.domain.dependence import Refusal
    from pwa.py.domain.shapes import Change, Issue, Row

READ_OPEN = """
select number, resource, "timestamp", coalesce(waits_for, 0) as waits_for,
       settled_at is not null as is_withdrawn
from refused
where facility_id = $1 and device_id = $2 and settled_number is null and resource = any($3)
order by number
"""

WRITE = """
insert into refused (facility_id, account_id, device_id, sequence, number, hash, issues, body,
                     resource, "timestamp", patient_id, author, waits_for)
select $1, $2, $3, sequence, number, hash, issues::jsonb, body,
       resource, "timestamp", patient_id, author, waits_for
from unnest($4::bigint[], $5::bigint[], $6::text[], $7::text[], $8::bytea[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::bigint[])
    as written (sequence, number, hash, issues, body,
                resource, "timestamp", patient_id, author, waits_for)
"""

# What was withdrawn can still be replaced: its writer took the withdrawal back in time.
SETTLE = """
update refused
set settled_at = now(), settled_by = $3, settled_number = told.by,
    reason = coalesce(told.reason, refused.reason)
from unnest($4::bigint[], $5::bigint[], $6::text[]) as told (number, by, reason)
where refused.facility_id = $1 and refused.device_id = $2 and refused.number = told.number
    and refused.settled_number is null
    and (told.by is not null or refused.settled_at is null)
returning refused.number
"""

LIST = """
select facility.name as facility, refused.device_id, refused.number, refused.received_at,
       owner.name as owner, coalesce(account.username, refused.account_id) as username,
       refused.resource,
       refused.patient_id, refused.issues->0->>'code' as code, refused.waits_for,
       refused.settled_at, refused.settled_number, refused.reason
from refused
join facility on facility.facility_id = refused.facility_id
left join account on account.facility_id = refused.facility_id
    and account.account_id = refused.account_id
left join device on device.facility_id = refused.facility_id
    and device.device_id = refused.device_id
left join account as owner on owner.facility_id = device.facility_id
    and owner.account_id = device.account_id
where $1 or refused.settled_at is null
order by facility.name, refused.sequence
"""


@dataclass(frozen=True)
class Settlement:
    """How a refused change ends: replaced `by` a number, or withdrawn for a reason."""

    by: int | None = None
    reason: str | None = None


@dataclass
class Book:
    """One device's refused changes while a batch is decided: those known, and those it adds."""

    withdrawn: Mapping[int, str]
    opened: dict[str, list[Refusal]] = field(default_factory=dict[str, "list[Refusal]"])
    resources: dict[int, str] = field(default_factory=dict[int, str])
    settlements: dict[int, Settlement] = field(default_factory=dict[int, Settlement])

    def replace(self, sent: Sent) -> list[Issue]:
        """Settles what a change says it replaces, or says why it cannot replace that."""
        replaced = sent.change.get("replaces")
        if replaced is None:
            return []
        resource = self.resources.get(replaced)
        if resource is None:
            return [issue("invalid", "the device has no such earlier change", "replaces")]
        # One that could not be read names no resource, and may be replaced by any.
        if resource not in ("", sent.change["resource"]):
            text = f"change {replaced} is about another resource, {resource}"
            return [issue("business-rule", text, "replaces")]
        self.settlements[replaced] = Settlement(by=sent.number)
        for key in {resource, sent.change["resource"]}:
            kept = [one for one in self.opened.get(key, []) if one["number"] != replaced]
            self.opened[key] = kept
        return []

    def hold_back(self, change: Change, rows: Mapping[str, Row]) -> list[Issue]:
        """Why a change may not be merged yet, or not any more."""
        is_withdrawn = change["number"] in self.withdrawn
        refusal = dependence.waits_for(change, self.opened, rows)
        if refusal is None and not is_withdrawn:
            return []
        number = self._root(refusal) if refusal else 0
        if is_withdrawn:
            found = issue("deleted", "was withdrawn on the device before it was accepted")
        elif refusal and refusal["is_withdrawn"]:
            found = issue("deleted", f"builds upon change {number}, which was withdrawn")
        else:
            found = issue("incomplete", f"waits for change {number}, which was refused")
        if number:
            # Noted also of what is withdrawn: it was no beginning that others could build upon.
            found["waits_for"] = number
        return [found]

    def note(self, sent: Sent, issues: Sequence[Issue]) -> None:
        """A change of this batch is refused: what follows it may build upon it."""
        number = cast("int", sent.number)
        resource, timestamp, _, _ = named(sent.change)
        self.resources[number] = resource
        self.opened.setdefault(resource, []).append(
            {
                "number": number,
                "resource": resource,
                "timestamp": timestamp,
                "waits_for": waits_for(issues) or 0,
                "is_withdrawn": number in self.withdrawn,
            }
        )

    def _root(self, refusal: Refusal) -> int:
        """What has to be settled first: where the refusal waits itself, that."""
        awaited = refusal["waits_for"]
        is_open = any(one["number"] == awaited for held in self.opened.values() for one in held)
        return awaited if is_open else refusal["number"]


async def open_book(
    connection: Connection, place: Place, new: Sequence[Sent], withdrawn: Mapping[int, str]
) -> Book:
    """What is known of the resources of a batch, and of what its changes replace."""
    changes: list[dict[str, Any]] = [sent.change for sent in new if is_object(sent.change)]
    keys = {text for change in changes for text in _keys(change)}
    book = Book(withdrawn)
    rows = await connection.fetch(READ_OPEN, place.facility_id, place.device_id, sorted(keys))
    for row in rows:
        refusal = cast("Refusal", dict(row))
        book.opened.setdefault(refusal["resource"], []).append(refusal)
    replaced = {change["replaces"] for change in changes if is_number(change.get("replaces"))}
    if replaced:
        # What this very batch says of its numbers is noted as they come.
        names = [(place.device_id, number) for number in replaced]
        known = await ledger.read_known(connection, place.facility_id, names)
        book.resources |= {number: change.resource for (_, number), change in known.items()}
    return book


def _keys(change: dict[str, Any]) -> Iterable[str]:
    patient, resource = change.get("patient"), change.get("resource")
    if references.is_id(patient):
        yield f"Patient/{patient}"
    if isinstance(resource, str) and references.split_key(resource)[0]:
        yield resource


def named(change: object) -> tuple[str, str, str, str]:
    """The resource, timestamp, patient and author that a refused change names; empty where it
    names none."""
    if not is_object(change):
        return "", "", "", ""
    fields: Any = change
    resource, timestamp = fields.get("resource"), fields.get("timestamp")
    patient, author = fields.get("patient"), fields.get("author")
    is_key = isinstance(resource, str) and references.split_key(resource)[0] != ""
    return (
        str(resource) if is_key else "",
        str(timestamp) if is_timestamp(timestamp) else "",
        str(patient) if references.is_id(patient) else "",
        str(author) if references.is_id(author) else "",
    )


def waits_for(issues: Sequence[Issue]) -> int | None:
    return next((found["waits_for"] for found in issues if "waits_for" in found), None)


async def write(
    connection: Connection, place: Place, refusals: Sequence[tuple[int, Sent, list[Issue]]]
) -> None:
    if not refusals:
        return
    names = [named(sent.change) for _, sent, _ in refusals]
    await connection.execute(
        WRITE,
        place.facility_id,
        place.account_id,
        place.device_id,
        [sequence for sequence, _, _ in refusals],
        [sent.number for _, sent, _ in refusals],
        [sent.hash for _, sent, _ in refusals],
        [storable(issues) for _, _, issues in refusals],
        [sent.raw for _, sent, _ in refusals],
        [resource for resource, _, _, _ in names],
        [timestamp for _, timestamp, _, _ in names],
        [patient for _, _, patient, _ in names],
        [author for _, _, _, author in names],
        [waits_for(issues) for _, _, issues in refusals],
    )


def storable(issues: list[Issue]) -> str:
    """Issues may quote what was sent, and jsonb holds no NUL."""
    return msgspec.json.encode(issues).decode().replace("\\u0000", "\\ufffd")


async def settle(
    connection: Connection, place: Place, settlements: Mapping[int, Settlement]
) -> list[int]:
    """Notes how refused changes ended; the numbers of those that had not before."""
    if not settlements:
        return []
    rows = await connection.fetch(
        SETTLE,
        place.facility_id,
        place.device_id,
        place.account_id,
        list(settlements),
        [one.by for one in settlements.values()],
        [one.reason for one in settlements.values()],
    )
    return sorted(row["number"] for row in rows)


async def withdraw(connection: Connection, place: Place, withdrawn: Mapping[int, str]) -> None:
    """Takes the device's word that it gives work up. Told again, nothing changes."""
    settlements = {number: Settlement(reason=reason) for number, reason in withdrawn.items()}
    numbers = await settle(connection, place, settlements)
    if numbers:
        await audit.record_at(connection, place, audit.CHANGES_WITHDRAWN, {"numbers": numbers})


async def list_lines(connection: Connection, *, is_all: bool) -> list[str]:
    """For the operator: one line for each refused change, without anything it says."""
    rows = await connection.fetch(LIST, is_all)
    return [
        "\t".join(
            [
                row["facility"],
                devices.name_of(row["device_id"], row["owner"]),
                f"no. {row['number']}",
                f"{row['received_at']:%Y-%m-%d %H:%M}",
                row["username"],
                row["resource"] or "unreadable",
                row["code"] or "",
                _end_of(row),
            ]
        )
        for row in rows
    ]


def _end_of(row: Any) -> str:
    if row["settled_number"] is not None:
        return f"replaced by no. {row['settled_number']}"
    if row["settled_at"] is not None:
        return f"withdrawn {row['settled_at']:%Y-%m-%d %H:%M}: {row['reason']}"
    return f"waits for no. {row['waits_for']}" if row["waits_for"] else "open"
