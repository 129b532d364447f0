"""Applies a batch of one device's changes to PostgreSQL: lock, read, merge, write, as sets.

The caller owns the transaction. What decides is `pwa.py.domain` (check, admission, merge), what
talks to the tables is `ledger`; here is the order of things. No statement runs once a change.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar, cast

import asyncpg

from backend import audit, ledger, numbering, patients, refused
from backend.errors import Failure
from backend.numbering import APPLIED, Placement, Sent, Unreadable
from backend.refused import Settlement
from pwa.py.domain import admission, merge, references, validate
from pwa.py.domain.issues import issue

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.devices import Enrolled
    from pwa.py.domain.shapes import Issue, Row

log = logging.getLogger("rekam")

BATCH_CHANGES_MAX = 1000

# Of numbers that a device gives up: none.
NOTHING: Mapping[int, str] = MappingProxyType({})
T = TypeVar("T")

# The outcome of a change that is in quarantine: kept by the server, and in nobody's record.
SET_ASIDE = "set-aside"
REASONS = {
    APPLIED: "number taken",
    numbering.CONFLICT: "broken chain",
    numbering.REVOKED: "revoked",
}

# What PostgreSQL says of a value that it cannot hold.
UNSTORABLE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)


@dataclass(frozen=True)
class BatchResult:
    """`verdict` is "applied", or why nothing was: "gap", "conflict" or "revoked".

    `outcomes` stand in the order of the changes; `receipt` is the device's state afterwards.
    """

    verdict: str
    outcomes: list[dict[str, Any]]
    receipt: dict[str, Any]


@dataclass
class Decisions:
    """What is to be written: all that was decided without touching the database."""

    accepted: list[tuple[int, Sent]] = field(default_factory=list[tuple[int, Sent]])
    refused: list[tuple[int, Sent, list[Issue]]] = field(
        default_factory=list[tuple[int, Sent, "list[Issue]"]]
    )
    writes: dict[str, tuple[int, Row]] = field(default_factory=dict[str, "tuple[int, Row]"])
    held: frozenset[str] = frozenset()  # the resources that were there before
    outcomes: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    settlements: dict[int, Settlement] = field(default_factory=dict[int, Settlement])

    def refused_details(self) -> dict[str, int]:
        """For the audit trail."""
        sequences = [sequence for sequence, _, _ in self.refused]
        return {"count": len(sequences), "first": sequences[0], "last": sequences[-1]}

    def refuse(self, sequence: int, sent: Sent, found: list[Issue]) -> None:
        self.refused.append((sequence, sent, found))
        self.outcomes[sent.at] = outcome(sent.number, merge.REJECTED, sequence, found)


async def apply_batch(
    connection: Connection,
    place: ledger.Place,
    changes: Sequence[tuple[bytes, Any]],
    now_ms: int,
    device_now_ms: int | None = None,
    *,
    withdrawn: Mapping[int, str] = NOTHING,
    apart: bool = False,
) -> BatchResult:
    """`changes` are (exact text, decoded change or Unreadable), at most BATCH_CHANGES_MAX.

    `withdrawn` are numbers that the device gives up, with the reasons.
    Raises one of UNSTORABLE where the database cannot hold a change, which was then a fault of
    the checks. Asked again with `apart`, in a new transaction, it refuses that change alone
    (`once_more_apart`).
    """
    assert len(changes) <= BATCH_CHANGES_MAX
    push = Push(connection, place, withdrawn)
    batch = numbering.read(changes)
    # The facility's counter is locked first, in a statement of its own, so that sequences are
    # given in the order of commits; what is read after it is what the batch before it left.
    sequence = await ledger.lock_counter(connection, place.facility_id)
    device = await ledger.lock_device(connection, place)
    if device is None:
        raise Failure("forbidden", "this device is not enrolled in this facility", "device")
    placement = numbering.place(batch, device.number, device.hash)
    if placement.verdict == numbering.CONFLICT:
        return await push.keep_aside(batch, device, numbering.CONFLICT)
    if placement.verdict != APPLIED:
        return BatchResult(placement.verdict, [], ledger.receipt(place.device_id, device))
    outcomes = await push.answer_repeats(placement)
    if placement.new:
        settle_as_asked = push.settle_apart if apart else push.settle
        decisions = await settle_as_asked(placement.new, sequence)
        outcomes |= decisions.outcomes
        device = ledger.Device(
            number=placement.new[-1].number or 0,
            hash=placement.new[-1].hash,
            sequence=sequence + len(placement.new),
        )
        drift_ms = None if device_now_ms is None else device_now_ms - now_ms
        await ledger.write_push(connection, place, device, len(placement.new), drift_ms)
        if decisions.refused:
            await audit.record_at(
                connection, place, audit.CHANGES_REFUSED, decisions.refused_details()
            )
    await push.withdraw(outcomes)
    answer_twins(placement, outcomes)
    return push.result(APPLIED, batch, outcomes, device)


async def once_more_apart(transact: Callable[[bool], Awaitable[T]]) -> T:
    """What a transaction answers that calls `apply_batch` with the `apart` it is given. Where the
    database cannot hold a change of it, the answer of another, which refuses that one alone."""
    try:
        return await transact(False)
    except UNSTORABLE:
        return await transact(True)


async def set_aside(
    connection: Connection,
    place: ledger.Place,
    changes: Sequence[tuple[bytes, Any]],
    enrolled: Enrolled,
) -> BatchResult:
    """For a device that was revoked, or says itself that its chain is not the server's."""
    await ledger.lock_counter(connection, place.facility_id)
    verdict = numbering.REVOKED if enrolled.is_revoked else numbering.CONFLICT
    batch = numbering.read(changes)
    return await Push(connection, place, NOTHING).keep_aside(batch, enrolled.head, verdict)


@dataclass(frozen=True)
class Push:
    """One batch within the caller's transaction."""

    connection: Connection
    place: ledger.Place
    withdrawn: Mapping[int, str]

    async def keep_aside(
        self, batch: list[Sent], device: ledger.Device, verdict: str
    ) -> BatchResult:
        """Applies nothing: what the server has not had goes to quarantine, to the last text."""
        outcomes = await self.answer_repeats(numbering.Placement.nowhere(batch, verdict))
        return self.result(verdict, batch, outcomes, device)

    def result(
        self,
        verdict: str,
        batch: list[Sent],
        outcomes: dict[int, dict[str, Any]],
        device: ledger.Device,
    ) -> BatchResult:
        ordered = [outcomes[sent.at] for sent in batch]
        return BatchResult(verdict, ordered, ledger.receipt(self.place.device_id, device))

    async def withdraw(self, outcomes: dict[int, dict[str, Any]]) -> None:
        """What was set aside has the number of another's work, which nobody has given up."""
        others = {one["number"] for one in outcomes.values() if one["outcome"] == SET_ASIDE}
        given_up = {one: self.withdrawn[one] for one in self.withdrawn if one not in others}
        await refused.withdraw(self.connection, self.place, given_up)

    async def settle(self, new: list[Sent], sequence: int) -> Decisions:
        connection, place = self.connection, self.place
        decisions = await self.decide(new, sequence)
        await ledger.write_changes(connection, place, decisions.accepted)
        await refused.write(connection, place, decisions.refused)
        await ledger.write_resources(
            connection, place.facility_id, decisions.writes, decisions.held
        )
        await patients.write(connection, place.facility_id, decisions.writes)
        await refused.settle(connection, place, decisions.settlements)
        return decisions

    async def settle_apart(self, new: list[Sent], sequence: int) -> Decisions:
        """Halves what cannot be stored until the change at fault stands alone, and refuses it."""
        try:
            async with self.connection.transaction():  # a savepoint
                return await self.settle(new, sequence)
        except UNSTORABLE:
            if len(new) == 1:
                log.exception("the database cannot hold change %s", new[0].hash)
                decisions = Decisions()
                decisions.refuse(sequence + 1, new[0], [unstorable()])
                await refused.write(self.connection, self.place, decisions.refused)
                return decisions
        middle = len(new) // 2
        first = await self.settle_apart(new[:middle], sequence)
        second = await self.settle_apart(new[middle:], sequence + middle)
        first.refused += second.refused
        first.outcomes |= second.outcomes
        return first

    async def decide(self, new: list[Sent], sequence: int) -> Decisions:
        """Reads the rows the batch touches, then checks and merges without further reading."""
        connection, place = self.connection, self.place
        issues = [check(sent.change, place.device_id) for sent in new]
        sound = [sent.change for sent, found in zip(new, issues, strict=True) if not found]
        keys = {change["resource"] for change in sound}
        whose = {"Patient/" + change["patient"] for change in sound}
        authors = {change["author"] for change in sound if references.is_id(change["author"])}
        members = await ledger.read_members(connection, place.facility_id, authors)
        rows = await ledger.read_rows(connection, place.facility_id, keys, whose - keys)
        book = await refused.open_book(connection, place, new, self.withdrawn)
        decisions = Decisions(held=frozenset(rows), settlements=book.settlements)
        for sent, found in zip(new, issues, strict=True):
            sequence += 1
            word = merge.REJECTED
            if not found:
                found = book.replace(sent) or book.hold_back(sent.change, rows)
            if not found:
                word, found = merge_into(rows, decisions.writes, sent.change, members, sequence)
            if found:
                decisions.refuse(sequence, sent, found)
                book.note(sent, found)
            else:
                book.resources[cast("int", sent.number)] = sent.change["resource"]
                decisions.accepted.append((sequence, sent))
                decisions.outcomes[sent.at] = outcome(sent.number, word, sequence, [])
        return decisions

    async def answer_repeats(self, placement: Placement) -> dict[int, dict[str, Any]]:
        """Outcomes of what took no number: repeats, other texts for a taken number, no number."""
        connection, place = self.connection, self.place
        outcomes: dict[int, dict[str, Any]] = {}
        # A device whose chain has ended hands over what it wrote on earlier ones too.
        names = [sent.names(place.device_id) for sent in placement.repeats]
        known = await ledger.read_known(
            connection, place.facility_id, set[ledger.Named]().union(*names)
        )
        strangers: list[Sent] = []
        for sent, asked in zip(placement.repeats, names, strict=True):
            had = [known[name] for name in asked if name in known]
            stored = next((one for one in had if one.hash == sent.hash), None)
            if stored is None:
                strangers.append(sent)
                outcomes[sent.at] = outcome(sent.number, SET_ASIDE, None, [taken()])
            else:
                outcomes[sent.at] = stored.answer(sent.number)
        strangers += [sent for sent, first in placement.twins if sent.hash != first.hash]
        reason = REASONS[placement.verdict]
        await ledger.quarantine(connection, place, strangers, reason)
        await ledger.quarantine(connection, place, placement.unplaced, "no number")
        if strangers:
            details = {"count": len(strangers), "reason": reason}
            await audit.record_at(connection, place, audit.CHANGES_SET_ASIDE, details)
        for sent in placement.unplaced:
            said = sent.change.reason if isinstance(sent.change, Unreadable) else "no number"
            found = [issue("structure", said, f"changes[{sent.at}]")]
            outcomes[sent.at] = outcome(None, merge.REJECTED, None, found)
        return outcomes


def check(change: Any, device_id: str) -> list[Issue]:
    if isinstance(change, Unreadable):
        return [issue("structure", change.reason)]
    found = validate.check(change)
    if not found and change["device"] != device_id:
        found = [issue("invalid", "was made on another device than this one", "device")]
    return found


def merge_into(
    rows: dict[str, Row],
    writes: dict[str, tuple[int, Row]],
    change: Any,
    members: set[str],
    sequence: int,
) -> tuple[str, list[Issue]]:
    """Merges one checked change into `rows`, which then hold what the next one finds."""
    found = admission.check_admission(change, rows, members)
    if found:
        return merge.REJECTED, found
    key = change["resource"]
    try:
        row, word = merge.merge_one(rows.get(key), change)
    except Exception:
        # A change that merge cannot digest is a fault of ours, but it must not hold up the rest
        # of a clinic's work: it is refused, kept, and logged.
        log.exception("merge failed on a change to %s", key)
        return merge.REJECTED, [issue("exception", "the server could not merge this change")]
    if word != merge.DUPLICATE:
        rows[key] = row
        writes[key] = (sequence, row)
    return word, []


def answer_twins(placement: Placement, outcomes: dict[int, dict[str, Any]]) -> None:
    for sent, first in placement.twins:
        if sent.hash != first.hash:
            outcomes[sent.at] = outcome(sent.number, SET_ASIDE, None, [taken()])
            continue
        answered = outcomes[first.at]
        word = merge.REJECTED if answered["issues"] else merge.DUPLICATE
        outcomes[sent.at] = answered | {"outcome": word}


def unstorable() -> Issue:
    return issue("exception", "the server's database cannot hold this change")


def taken() -> Issue:
    return issue("conflict", "not in the record: another device has this one's id; kept aside")


def outcome(
    number: int | None, word: str, sequence: int | None, found: list[Issue]
) -> dict[str, Any]:
    return {"number": number, "outcome": word, "sequence": sequence, "issues": found}
