"""Rescue files: what a tablet had not sent, read in from a file instead of over its own network.

A file is one line of JSON that says what it is, and behind it what the tablet wrote, encrypted
with its own key, which stands in the first line wrapped by the recovery key that this server
keeps for the device. The texts are those of the outbox, to the letter: they go through the same
`apply` as from the tablet itself, so that neither the file twice, nor the tablet later, nor both
make anything twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend import apply, audit, devices, envelopes, ledger, numbering, sessions
from backend.errors import Failure
from backend.sessions import Member
from pwa.py.domain import validate
from pwa.py.domain.json_text import is_object

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.database import Database

FORMAT = "rekam-rescue"
VERSION = 1
HEADER_BYTES_MAX = 10_000
CHANGES_MAX = 100_000
# What the two ciphers are bound to, as on the tablet (`store/keyring.py`, `store/rescue.py`).
KEY_LABEL = b"keyring"
# How far an entry had come on the tablet when it was there already known to be in no record.
SET_ASIDE = "set_aside"


class Wrapped(msgspec.Struct):
    iv: str
    wrapped: str


class Header(msgspec.Struct):
    format: str
    version: int
    device: str
    facility: str
    made_ms: int
    count: int
    iv: str
    key: Wrapped


@dataclass(frozen=True)
class Entry:
    """A change as it stood on the tablet: how far it had come, its exact text, and why its writer
    had given it up (empty: had not)."""

    state: str
    text: bytes
    reason: str = ""


@dataclass
class Batch:
    """What goes in at once: entries of one chain that stood in one way."""

    device_id: str
    is_aside: bool
    changes: list[tuple[bytes, Any]] = field(default_factory=list[tuple[bytes, Any]])
    withdrawn: dict[int, str] = field(default_factory=dict[int, str])


class RescueError(ValueError):
    """Why a file cannot be read in; the message is for a person."""


def read_header(body: bytes) -> tuple[Header, bytes]:
    line, end, _ = body[: HEADER_BYTES_MAX + 1].partition(b"\n")
    if not end or not line.startswith(b"{"):
        raise RescueError("This is not a rescue file of Rekam.")
    try:
        header = msgspec.json.decode(line, type=Header)
    except msgspec.MsgspecError:
        raise RescueError(
            "This is not a rescue file of Rekam, or its beginning is damaged."
        ) from None
    if header.format != FORMAT:
        raise RescueError("This is not a rescue file of Rekam.")
    if header.version != VERSION:
        raise RescueError("The file was made by a newer Rekam: update the server.")
    return header, body[len(line) + 1 :]


def open_file(header: Header, cipher: bytes, recovery_key: bytes) -> list[Entry]:
    """In the tablet's order."""
    try:
        iv, key_iv = bytes.fromhex(header.iv), bytes.fromhex(header.key.iv)
        wrapped = bytes.fromhex(header.key.wrapped)
        key = AESGCM(recovery_key).decrypt(key_iv, wrapped, KEY_LABEL)
    except (InvalidTag, ValueError):
        raise RescueError(
            "The key that the server keeps for this tablet does not open the file. Was the server "
            "restored from a backup? Then unlock the tablet once with the network, and write the "
            "file again."
        ) from None
    try:
        text = AESGCM(key).decrypt(iv, cipher, label_of(header))
    except (InvalidTag, ValueError):
        raise RescueError("The file is damaged or was cut off: write it again.") from None
    lines = [line for line in text.split(b"\n") if line]
    if len(lines) != header.count or len(lines) > CHANGES_MAX:
        raise RescueError("The file is damaged: it holds another number of entries than it says.")
    return [read_line(line) for line in lines]


def read_line(line: bytes) -> Entry:
    state, _, rest = line.partition(b"\t")
    text, _, reason = rest.partition(b"\t")
    try:
        return Entry(
            state.decode(errors="replace"), text, envelopes.read_reason(reason) if reason else ""
        )
    except envelopes.DECODE_ERRORS:
        raise RescueError("The file is damaged: it gives up an entry for no reason.") from None


def label_of(header: Header) -> bytes:
    return f"rescue/{header.device}/{header.made_ms}/{header.count}".encode()


async def find_key(connection: Connection, facility_id: str, header: Header) -> bytes:
    """Of a device of this facility, revoked or not: what it wrote is kept in any case."""
    known = None
    if header.facility == facility_id:
        known = await devices.find(connection, facility_id, header.device)
    if known is None:
        raise RescueError("The file is of a tablet of another facility, or one unknown here.")
    return known.recovery_key


async def read_in(
    database: Database, facility_id: str, account_id: str | None, body: bytes, address: str | None
) -> dict[str, Any]:
    """Applies what a file holds; what became of it, counted."""
    header, cipher = read_header(body)
    async with database.connection() as connection:
        key = await find_key(connection, facility_id, header)
    entries = open_file(header, cipher, key)
    pusher = account_id or await enroller(database, facility_id, header.device)
    counts = await take_all(database, ledger.Place(facility_id, pusher, header.device), entries)
    report = {"device": header.device, "read": header.count}
    report |= {word: counts[word] for word in ("new", "known", "refused", "set_aside")}
    async with database.connection() as connection:
        await audit.record(
            connection,
            facility_id,
            audit.RESCUE_READ,
            account_id=account_id,
            device_id=header.device,
            address=address,
            details={"made_ms": header.made_ms, **report},
        )
    return report


async def enroller(database: Database, facility_id: str, device_id: str) -> str:
    """Who answers for a file that the command line reads: whoever enrolled the tablet."""
    async with database.connection() as connection:
        found = await connection.fetchval(
            "select account_id from device where facility_id = $1 and device_id = $2",
            facility_id,
            device_id,
        )
    return str(found)


async def take_all(database: Database, place: ledger.Place, entries: list[Entry]) -> Counter[str]:
    """What became of the entries, counted."""
    counts: Counter[str] = Counter()
    for batch in batches(place.device_id, entries):
        where = replace(place, device_id=batch.device_id)
        result = await apply.once_more_apart(partial(take, database, where, batch))
        counts.update(word_of(outcome["outcome"]) for outcome in result.outcomes)
    return counts


def batches(device: str, entries: list[Entry]) -> list[Batch]:
    """In the tablet's order, as many changes at once as one request may have."""
    found: list[Batch] = []
    for entry in entries:
        change = envelopes.read_change(entry.text)
        members: dict[str, Any] = change if is_object(change) else {}
        # A store that took another id still has entries of its earlier ones.
        named = members.get("device")
        device_id = named if isinstance(named, str) else device
        is_aside = entry.state == SET_ASIDE
        is_next = bool(found) and (found[-1].device_id, found[-1].is_aside) == (device_id, is_aside)
        if not is_next or len(found[-1].changes) >= apply.BATCH_CHANGES_MAX:
            found.append(Batch(device_id, is_aside))
        found[-1].changes.append((entry.text, change))
        number: Any = members.get("number")
        if entry.reason and validate.is_number(number):
            found[-1].withdrawn[number] = entry.reason
    return found


async def take(
    database: Database, place: ledger.Place, batch: Batch, apart: bool
) -> apply.BatchResult:
    """As from the tablet itself; what does not continue its chain is kept aside."""
    async with database.transaction() as connection:
        enrolled = await devices.find(connection, place.facility_id, place.device_id)
        if enrolled is None:
            raise RescueError(
                f"The server does not know the tablet's earlier id {place.device_id}."
            )
        if not batch.is_aside and not enrolled.is_revoked:
            result = await apply.apply_batch(
                connection,
                place,
                batch.changes,
                sessions.now_ms(),
                withdrawn=batch.withdrawn,
                apart=apart,
            )
            if result.verdict != numbering.GAP:
                return result
        return await apply.set_aside(connection, place, batch.changes, enrolled)


def word_of(outcome: str) -> str:
    words = {"duplicate": "known", "rejected": "refused", apply.SET_ASIDE: "set_aside"}
    return words.get(outcome, "new")


async def upload(request: Request, member: Member) -> Response:
    """POST /api/rescue: a file from whichever tablet of the facility has a network."""
    body = await request.body()
    try:
        report = await read_in(
            sessions.database_of(request),
            member.facility_id,
            member.account_id,
            body,
            member.address,
        )
    except RescueError as error:
        raise Failure("rescue", str(error)) from None
    return JSONResponse(report)


async def read_path(database: Database, path: Path) -> list[str]:
    """For the command line: the file says itself of which facility it is."""
    body = path.read_bytes()
    header, _ = read_header(body)
    report = await read_in(database, header.facility, None, body, None)
    return [
        f"Tablet {report['device']}: {report['read']} entries read.",
        f"  {report['new']} new, {report['known']} known before, {report['refused']} refused,"
        f" {report['set_aside']} set aside",
    ]
