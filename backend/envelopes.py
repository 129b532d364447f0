"""What a device sends to /api/sync, taken apart so that one bad change spoils nothing but itself.

Each change keeps its exact bytes, which are what the device hashed. Pure.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from backend import bodies, exact_json, json_pieces
from backend.apply import BATCH_CHANGES_MAX
from backend.errors import Failure
from backend.numbering import Unreadable
from pwa.py.domain import validate

# From 2 on, changes of others may come without the link to the one before.
PROTOCOLS = (1, 2)
SHORT_ANSWERS = 2
EPOCH_CHARACTERS_MAX = 64
DIGITS_MAX = 100

SHORT = f'"{validate.SHORT_LINK}"'.encode()
SHORT_PREVIOUS = b'"previous":' + SHORT

Whole = Annotated[int, msgspec.Meta(ge=0, le=validate.INTEGER_MAX)]


Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=validate.REASON_CHARACTERS_MAX)]


class Withdrawal(msgspec.Struct, forbid_unknown_fields=True):
    """Work that the device gives up: the number of its change, and why."""

    number: Annotated[int, msgspec.Meta(ge=1, le=validate.NUMBER_MAX)]
    reason: Reason


class Leaving(msgspec.Struct, forbid_unknown_fields=True):
    """Work in quarantine that a clinician leaves there: the hash of its text, and why."""

    hash: Annotated[str, msgspec.Meta(min_length=64, max_length=64)]
    reason: Reason


class Version(msgspec.Struct):
    protocol: Any = None


class Envelope(msgspec.Struct, forbid_unknown_fields=True):
    protocol: int
    device: str
    epoch: Annotated[str, msgspec.Meta(max_length=EPOCH_CHARACTERS_MAX)] | None
    cursor: Whole
    now_ms: Whole
    changes: list[msgspec.Raw]
    limit: Whole  # 0: the device only sends, as before it has its snapshot
    aside: bool = False  # the device's chain is not the server's: keep these, apply nothing
    withdrawn: Annotated[list[Withdrawal], msgspec.Meta(max_length=BATCH_CHANGES_MAX)] = []
    left: Annotated[list[Leaving], msgspec.Meta(max_length=BATCH_CHANGES_MAX)] = []

    def reasons(self) -> dict[int, str]:
        """The numbers that are withdrawn."""
        return {one.number: storable(one.reason) for one in self.withdrawn}

    def left_reasons(self) -> dict[str, str]:
        """The hashes of what is left aside."""
        return {one.hash: storable(one.reason) for one in self.left}


def storable(reason: str) -> str:
    """The database holds no NUL."""
    return reason.replace("\0", "\ufffd")


def read_reason(text: bytes) -> str:
    """A reason that stands by itself, as JSON. Raises one of DECODE_ERRORS."""
    return storable(msgspec.json.decode(text, type=Reason))


class Head(msgspec.Struct):
    """As much of a change as keeps the chain when the rest of it cannot be read."""

    number: int | None = None
    previous: str = ""


class OutOfRange(ValueError):
    pass


def read(body: bytes) -> tuple[Envelope, list[tuple[bytes, Any]]]:
    """The envelope, and its changes as (exact text, decoded change or Unreadable)."""
    try:
        envelope = decode(body)
        texts = [bytes(text) for text in envelope.changes]
    except Failure:
        # Perhaps just one change is not JSON as a decoder wants it: try without them.
        found = apart(body)
        if found is None:
            raise
        envelope, texts = found
    if len(texts) > BATCH_CHANGES_MAX:
        raise Failure("too-many", f"at most {BATCH_CHANGES_MAX} changes a request", "changes")
    return envelope, [(text, read_change(text)) for text in restored(texts)]


def restored(texts: list[bytes]) -> list[bytes]:
    """The texts as their devices hashed them, where the hash of the one before was left out.

    A link of the chain is half of what a packed change takes on the wire, and the server makes
    it anyway. What it puts in is checked like all else: a wrong one breaks the chain.
    """
    found: list[bytes] = []
    for text in texts:
        if found and SHORT_PREVIOUS in text and is_short(text):
            link = hashlib.sha256(found[-1]).hexdigest().encode()
            text = text.replace(SHORT_PREVIOUS, b'"previous":"' + link + b'"', 1)
        found.append(text)
    return found


def is_short(text: bytes) -> bool:
    """Whether it is the change that leaves its link out, and not some value within it."""
    try:
        return HEAD.decode(text).previous == validate.SHORT_LINK
    except DECODE_ERRORS:
        return (json_pieces.members(text) or {}).get("previous") == SHORT


def decode(body: bytes) -> Envelope:
    """The version is looked at first: another protocol may well have other fields."""
    version = bodies.decode(body, Version)
    if isinstance(version.protocol, bool) or version.protocol not in PROTOCOLS:
        known = {"protocols": list(PROTOCOLS)}
        text = f"this server speaks protocol {', '.join(map(str, PROTOCOLS))}"
        raise Failure("protocol", text, "protocol", extra=known)
    return bodies.decode(body, Envelope)


def apart(body: bytes) -> tuple[Envelope, list[bytes]] | None:
    members = json_pieces.members(body)
    texts = json_pieces.elements(members.get("changes", b"")) if members else None
    if members is None or texts is None:
        return None
    rest = [f'"{name}":'.encode() + text for name, text in members.items() if name != "changes"]
    return decode(b"{" + b",".join([*rest, b'"changes":[]']) + b"}"), texts


def read_number(text: str) -> Decimal | int:
    number = exact_json.read_number(text)
    is_long = len(text) > DIGITS_MAX
    if is_long or (number and abs(Decimal(number).adjusted()) > exact_json.EXPONENT_MAX):
        raise OutOfRange("a number is out of range")
    return number


CHANGE = msgspec.json.Decoder(float_hook=read_number)
HEAD = msgspec.json.Decoder(Head)
DECODE_ERRORS = (
    msgspec.MsgspecError,
    UnicodeDecodeError,
    RecursionError,
    ArithmeticError,
    OutOfRange,
)


def read_change(text: bytes) -> Any:
    try:
        return CHANGE.decode(text)
    except DECODE_ERRORS as error:
        return unreadable(text, reason_of(error))


def reason_of(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return f"not readable: {error}"


def unreadable(text: bytes, reason: str) -> Unreadable:
    try:
        head = HEAD.decode(text)
        return Unreadable(head.number, head.previous, reason)
    except DECODE_ERRORS:
        members = json_pieces.members(text) or {}
    number = members.get("number", b"")
    previous = members.get("previous", b"").strip(b'"')
    is_number = number.isdigit() and len(number) <= 16
    return Unreadable(int(number) if is_number else None, previous.decode(errors="replace"), reason)
