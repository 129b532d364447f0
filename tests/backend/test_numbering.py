"""Where changes stand in a device's chain."""

from __future__ import annotations

import hashlib
from typing import Any

from backend import numbering
from backend.numbering import Unreadable


def chain(*numbers: int) -> list[tuple[bytes, Any]]:
    found: list[tuple[bytes, Any]] = []
    previous = ""
    for number in numbers:
        raw = f"change {number}".encode()
        found.append((raw, {"number": number, "previous": previous}))
        previous = hashlib.sha256(raw).hexdigest()
    return found


def test_changes_that_continue_the_chain_are_new() -> None:
    placement = numbering.place(numbering.read(chain(1, 2, 3)), 0, "")
    assert placement.verdict == numbering.APPLIED
    assert [sent.number for sent in placement.new] == [1, 2, 3]


def test_numbers_already_known_are_repeats() -> None:
    batch = numbering.read(chain(1, 2, 3))
    placement = numbering.place(batch, 2, batch[1].hash)
    assert [sent.number for sent in placement.repeats] == [1, 2]
    assert [sent.number for sent in placement.new] == [3]


def test_a_missing_number_is_a_gap() -> None:
    placement = numbering.place(numbering.read(chain(1, 3)), 0, "")
    assert placement.verdict == numbering.GAP


def test_another_hash_before_is_a_conflict() -> None:
    placement = numbering.place(numbering.read(chain(1, 2)[1:]), 1, "other")
    assert placement.verdict == numbering.CONFLICT


def test_a_number_twice_in_one_batch_is_a_twin() -> None:
    batch = chain(1, 2)
    placement = numbering.place(numbering.read([*batch, batch[0]]), 0, "")
    assert [(sent.at, first.at) for sent, first in placement.twins] == [(2, 0)]


def test_an_unreadable_change_with_a_number_keeps_the_chain() -> None:
    first, second = chain(1, 2)
    broken = (first[0], Unreadable(1, "", "not JSON"))
    placement = numbering.place(numbering.read([broken, second]), 0, "")
    assert [sent.number for sent in placement.new] == [1, 2]


def test_what_has_no_number_is_set_aside() -> None:
    odd: list[Any] = [3, [], None, {"number": True}, {"number": "1"}, {"number": 0}]
    placement = numbering.place(numbering.read([(b"x", change) for change in odd]), 0, "")
    assert len(placement.unplaced) == len(odd)
    assert placement.verdict == numbering.APPLIED
