"""Where each change of a batch stands in its device's chain. Pure.

A device numbers its changes without gaps, and each carries the hash of the one before it. A change
that names none before it begins a chain, with whatever number. So one number and one hash per
device tell a repeat, the next change, a gap, and a device that has gone another way (restored
from an image) apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pwa.py.domain.json_text import is_object
from pwa.py.domain.references import is_id
from pwa.py.domain.validate import NUMBER_MAX

APPLIED = "applied"
GAP = "gap"
CONFLICT = "conflict"
REVOKED = "revoked"


@dataclass(frozen=True)
class Unreadable:
    """A change that cannot be decoded. Its number may still be known, which keeps the chain."""

    number: int | None
    previous: str
    reason: str


@dataclass(frozen=True)
class Sent:
    """One change as it came: its place in the batch and the exact bytes that were hashed."""

    at: int
    raw: bytes
    hash: str
    number: int | None
    previous: object
    change: Any

    def names(self, sender: str) -> set[tuple[str, int]]:
        """Under which devices the server may have it, each with its number there (0: none): who
        wrote it, as far as can be read, and who sends it, of whom it may have been refused."""
        device = self.change.get("device") if is_object(self.change) else ""
        return {(one, self.number or 0) for one in (str(device), sender) if is_id(one)}


@dataclass
class Placement:
    """`new` continues the chain; `repeats` have numbers the server has known before this batch.

    `twins` repeat a number of this very batch; `unplaced` have no number.
    """

    verdict: str = APPLIED
    new: list[Sent] = field(default_factory=list[Sent])
    repeats: list[Sent] = field(default_factory=list[Sent])
    twins: list[tuple[Sent, Sent]] = field(default_factory=list[tuple[Sent, Sent]])
    unplaced: list[Sent] = field(default_factory=list[Sent])

    @classmethod
    def nowhere(cls, batch: list[Sent], verdict: str) -> Placement:
        """Of a batch that may not go on: each is known already, or something to keep aside."""
        placement = cls(verdict)
        for sent in batch:
            is_placed = sent.number is not None and sent.number <= NUMBER_MAX
            (placement.repeats if is_placed else placement.unplaced).append(sent)
        return placement


def read(changes: Sequence[tuple[bytes, Any]]) -> list[Sent]:
    sent: list[Sent] = []
    for at, (raw, change) in enumerate(changes):
        number: object = None
        previous: object = None
        if isinstance(change, Unreadable):
            number, previous = change.number, change.previous
        elif isinstance(change, dict):
            fields = cast("dict[str, object]", change)
            number, previous = fields.get("number"), fields.get("previous")
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            number = None
        digest = hashlib.sha256(raw).hexdigest()
        sent.append(Sent(at, raw, digest, number, previous, change))
    return sent


def hashes_of(changes: Sequence[tuple[bytes, Any]], words: Mapping[int, str]) -> dict[str, str]:
    """What is said of some numbers of a batch, by the hashes of their texts."""
    told = [(sent.hash, words.get(sent.number or 0)) for sent in read(changes)]
    return {text_hash: word for text_hash, word in told if word is not None}


def place(batch: list[Sent], known_number: int, known_hash: str) -> Placement:
    """Stops at the first gap or break of the chain: then nothing of the batch is applied."""
    placement = Placement()
    last_hash = known_hash
    if known_number == 0:
        known_number = beginning(batch)
    for sent in batch:
        expected = known_number + len(placement.new) + 1
        if sent.number is None:
            placement.unplaced.append(sent)
        elif sent.number <= known_number:
            placement.repeats.append(sent)
        elif sent.number < expected:
            placement.twins.append((sent, placement.new[sent.number - known_number - 1]))
        elif sent.number > expected:
            placement.verdict = GAP
            return placement
        elif sent.previous != last_hash:
            placement.verdict = CONFLICT
            return placement
        else:
            placement.new.append(sent)
            last_hash = sent.hash
    return placement


def beginning(batch: list[Sent]) -> int:
    """The number before the first of a chain that the server does not know yet.

    A tablet that begins another chain counts on: its numbers are the keys of what it keeps.
    """
    for sent in batch:
        if sent.number is not None:
            begins = sent.previous == "" and sent.number <= NUMBER_MAX
            return sent.number - 1 if begins else 0
    return 0
