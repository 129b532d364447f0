"""Work that was set aside: what an operator reads, admits to the record, or dismisses.

How it came there is `apply`. A row is never deleted: it is settled, once. What is admitted goes
into the record as every change does, by a chain of the server's own for each device whose work
was set aside, in the author's name and with the time at which it was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from backend import audit, devices, exact_json
from backend.apply import apply_batch
from backend.chains import open_chain, own_device
from backend.ledger import Place
from pwa.py.domain import changes, clock, merge, validate

if TYPE_CHECKING:
    from asyncpg import Connection

ADMITTED = "admitted"
DISMISSED = "dismissed"
ID_CHARACTERS_MIN = 8
ID_CHARACTERS_SHOWN = 12
REMARK_CHARACTERS_MAX = 2_000

LIST = """
select quarantine.*, facility.name as facility, account.username, owner.name as owner
from quarantine
join facility on facility.facility_id = quarantine.facility_id
left join account on account.facility_id = quarantine.facility_id
    and account.account_id = quarantine.account_id
left join device on device.facility_id = quarantine.facility_id
    and device.device_id = quarantine.device_id
left join account as owner on owner.facility_id = device.facility_id
    and owner.account_id = device.account_id
where settled is null or $1
order by quarantine.facility_id, quarantine.device_id, received_at, quarantine.number,
    quarantine.hash
"""

FIND = """
select * from quarantine
where hash = any($1::text[]) or device_id = any($1::text[])
    or (length($2) >= $3 and starts_with(hash, $2))
order by facility_id, device_id, number, received_at, hash
for update
"""

SETTLE = """
update quarantine set settled = $4, settled_at = now(), remark = $5
where facility_id = $1 and device_id = $2 and hash = $3
"""

# Told again, nothing changes; told with another reason, that one counts.
LEAVE = """
update quarantine set left_at = now(), left_by = $2, left_reason = told.reason
from unnest($3::text[], $4::text[]) as told (hash, reason)
where quarantine.facility_id = $1 and quarantine.hash = told.hash
    and quarantine.settled is null and quarantine.left_reason is distinct from told.reason
returning quarantine.device_id, quarantine.number, quarantine.hash, quarantine.left_reason
"""

TAKEN = """
select "timestamp" from change where facility_id = $1 and resource = $2 and device_id = $3
"""


class QuarantineError(ValueError):
    """What was asked for cannot be done; the message is for the operator."""


async def list_lines(connection: Connection, *, is_all: bool = False) -> list[str]:
    """A line of words for each text that waits for a decision, or for all."""
    return [line_of(row) for row in await connection.fetch(LIST, is_all)]


def line_of(row: Any) -> str:
    change = read_change(row["body"])
    about = "unreadable" if change is None else f"{change['resource']} of {change['patient']}"
    parts = [
        row["hash"][:ID_CHARACTERS_SHOWN],
        row["facility"],
        devices.name_of(row["device_id"], row["owner"]),
        "no number" if row["number"] is None else f"number {row['number']}",
        f"received {row['received_at']:%Y-%m-%d %H:%M} from {row['username'] or 'nobody'}",
        row["reason"],
        about,
    ]
    if row["left_at"]:
        parts.append(left_words(row))
    if row["settled"]:
        parts.append(f"{row['settled']} {row['settled_at']:%Y-%m-%d %H:%M}")
    return "  ".join(parts)


def left_words(row: Any) -> str:
    """That it was left at the device: to be admitted or dismissed it is still the operator's."""
    return f"left at the device {row['left_at']:%Y-%m-%d %H:%M}: {row['left_reason']}"


async def leave(connection: Connection, place: Place, reasons: Mapping[str, str]) -> None:
    """Notes that a clinician leaves aside what is in quarantine. It stays there."""
    if not reasons:
        return
    hashes, texts = list(reasons), list(reasons.values())
    rows = await connection.fetch(LEAVE, place.facility_id, place.account_id, hashes, texts)
    for row in rows:
        await note(
            connection,
            {**row, "facility_id": place.facility_id},
            audit.QUARANTINE_LEFT,
            account_id=place.account_id,
            reason=row["left_reason"],
        )


async def find(connection: Connection, names: Sequence[str]) -> list[Any]:
    """The rows of hashes, of the beginning of a hash, or of all of a device."""
    found: dict[tuple[str, str, str], Any] = {}
    for name in names:
        rows = await connection.fetch(FIND, [name], name, ID_CHARACTERS_MIN)
        if not rows:
            raise QuarantineError(f"Nothing that was set aside is called {name}.")
        for row in rows:
            found[row["facility_id"], row["device_id"], row["hash"]] = row
    return list(found.values())


async def show(connection: Connection, names: Sequence[str]) -> list[str]:
    """The texts themselves, as they came. Who reads them is noted."""
    lines: list[str] = []
    for row in await find(connection, names):
        text = row["body"].decode(errors="replace")
        # Of an unreadable text anything may be in it, also what would steer a terminal.
        shown = "".join(one if one.isprintable() else "\ufffd" for one in text)
        lines.append(f"{row['hash']}  {row['reason']}  {row['settled'] or 'not settled'}")
        lines += [f"  remark: {row['remark']}"] if row["remark"] else []
        lines += [f"  {left_words(row)}"] if row["left_at"] else []
        lines.append(f"  {shown}")
        await note(connection, row, audit.QUARANTINE_READ)
    return lines


async def admit(connection: Connection, names: Sequence[str], now_ms: int) -> list[str]:
    """What became of each; those that cannot be admitted stay as they are."""
    return [await admit_one(connection, row, now_ms) for row in await find(connection, names)]


async def admit_one(connection: Connection, row: Any, now_ms: int) -> str:
    name = row["hash"][:ID_CHARACTERS_SHOWN]
    if row["settled"]:
        return f"{name}  was {row['settled']} before"
    change = read_change(row["body"])
    if change is None:
        return f"{name}  cannot be admitted: it is no change that could be read"
    try:
        async with connection.transaction():  # a savepoint
            outcome = await write(connection, row, change, now_ms)
    except QuarantineError as error:
        return f"{name}  cannot be admitted: {error}"
    remark = f"sequence {outcome['sequence']}"
    await settle(connection, row, ADMITTED, remark)
    return f"{name}  admitted: {outcome['outcome']}, {remark}"


async def write(connection: Connection, row: Any, change: Any, now_ms: int) -> dict[str, Any]:
    facility_id, account_id = row["facility_id"], row["account_id"]
    device_id = own_device("aside", row["device_id"])
    chain = await open_chain(connection, facility_id, device_id, account_id)
    draft = changes.carry(change, chain.device)
    taken = await connection.fetch(TAKEN, facility_id, change["resource"], chain.device)
    while draft["timestamp"] in {found["timestamp"] for found in taken}:
        # Two tablets with one id may have written in the same millisecond.
        draft["timestamp"] = clock.follow(draft["timestamp"], chain.device)
    sealed = chain.append(draft, now_ms)
    place = Place(facility_id, account_id, chain.device)
    result = await apply_batch(connection, place, [sealed], now_ms)
    outcome = result.outcomes[0]
    if outcome["outcome"] == merge.REJECTED:
        raise QuarantineError("; ".join(item["diagnostics"] for item in outcome["issues"]))
    return outcome


async def dismiss(connection: Connection, names: Sequence[str], reason: str) -> list[str]:
    if not 1 <= len(reason.strip()) <= REMARK_CHARACTERS_MAX:
        raise QuarantineError("Say why, in some words.")
    lines: list[str] = []
    for row in await find(connection, names):
        name = row["hash"][:ID_CHARACTERS_SHOWN]
        if row["settled"]:
            lines.append(f"{name}  was {row['settled']} before")
            continue
        await settle(connection, row, DISMISSED, reason.strip())
        lines.append(f"{name}  dismissed; the text stays")
    return lines


async def settle(connection: Connection, row: Any, word: str, remark: str) -> None:
    place = (row["facility_id"], row["device_id"], row["hash"])
    await connection.execute(SETTLE, *place, word, remark)
    action = audit.QUARANTINE_ADMITTED if word == ADMITTED else audit.QUARANTINE_DISMISSED
    await note(connection, row, action, remark=remark)


async def note(
    connection: Connection, row: Any, action: str, account_id: str | None = None, **details: Any
) -> None:
    await audit.record(
        connection,
        row["facility_id"],
        action,
        account_id=account_id,
        device_id=row["device_id"],
        details={"hash": row["hash"], "number": row["number"], **details},
    )


def read_change(body: bytes) -> Any:
    """The change, when it is one that can stand in a record; else nothing."""
    try:
        change = exact_json.decode(body)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return None if validate.check(change) else change
