"""What a device sends, and what of it can be read."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from backend import envelopes
from backend.errors import Failure
from backend.numbering import Unreadable

EMPTY: dict[str, Any] = {
    "protocol": 1,
    "device": "d",
    "epoch": None,
    "cursor": 0,
    "now_ms": 0,
    "limit": 1,
}


def body(*texts: bytes, **fields: Any) -> bytes:
    return json.dumps(EMPTY | fields)[:-1].encode() + b',"changes":[' + b",".join(texts) + b"]}"


def refused(text: bytes) -> Failure:
    with pytest.raises(Failure) as found:
        envelopes.read(text)
    return found.value


def test_the_exact_text_of_each_change_is_kept() -> None:
    texts = (b'{"number": 1,  "a":1.50}', b'{"number":2}')
    _, changes = envelopes.read(body(*texts))
    assert [text for text, _ in changes] == list(texts)
    assert changes[0][1]["a"] == Decimal("1.50")


def chained(count: int) -> list[bytes]:
    texts: list[bytes] = []
    for number in range(1, count + 1):
        previous = hashlib.sha256(texts[-1]).hexdigest() if texts else "0" * 64
        texts.append(f'{{"number":{number},"previous":"{previous}","set":{{}}}}'.encode())
    return texts


def short(text: bytes) -> bytes:
    return re.sub(rb'"previous":"[0-9a-f]{64}"', b'"previous":"^"', text)


def test_a_link_that_was_left_out_is_put_back() -> None:
    whole = chained(4)
    sent = [whole[0], short(whole[1]), short(whole[2]), whole[3]]
    _, changes = envelopes.read(body(*sent))
    assert [text for text, _ in changes] == whole
    assert changes[2][1]["previous"] == hashlib.sha256(whole[1]).hexdigest()


def test_a_link_is_put_back_into_a_change_that_cannot_be_read() -> None:
    first = chained(1)[0]
    link = hashlib.sha256(first).hexdigest().encode()
    whole = b'{"number":2,"previous":"' + link + b'","set":{"a":1e999}}'
    _, changes = envelopes.read(body(first, short(whole)))
    assert changes[1][0] == whole
    assert changes[1][1].previous == link.decode()


def test_a_value_that_looks_like_a_short_link_is_left_alone() -> None:
    whole = chained(2)
    whole[1] = whole[1].replace(b"{}", b'{"a":{"previous":"^"}}')
    _, changes = envelopes.read(body(*whole))
    assert [text for text, _ in changes] == whole


def test_the_first_change_has_nothing_to_take_a_link_from() -> None:
    text = b'{"number":1,"previous":"^"}'
    _, changes = envelopes.read(body(text))
    assert changes[0][0] == text


def test_an_unknown_field_is_named() -> None:
    failure = refused(body(colour="red"))
    assert (failure.kind, failure.expression) == ("malformed", "colour")


def test_a_missing_field_is_named() -> None:
    assert refused(b'{"protocol":1}').expression == "device"


def test_a_field_of_the_wrong_type_is_named() -> None:
    assert refused(body(cursor="x")).expression == "cursor"


def test_an_unknown_protocol_is_told_which_there_are() -> None:
    failure = refused(b'{"protocol":3,"whatever":1}')
    assert (failure.kind, failure.extra) == ("protocol", {"protocols": [1, 2]})


@pytest.mark.parametrize(
    "bad",
    [
        b'{"number":7,"previous":"p","x":"\\ud800"}',
        b'{"number":7,"previous":"p","x":"\xff"}',
        b'{"number":7,"previous":"p","x":NaN}',
        b'{"number":7,"previous":"p","x":1e999}',
        b'{"number":7,"previous":"p","x":1e-99999}',
        b'{"number":7,"previous":"p","x":' + b"9" * 5000 + b"}",
        b'{"number":7,"previous":"p","x":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"number":7,"previous":"p","x":"\x01"}',
    ],
    ids=["surrogate", "utf-8", "nan", "huge", "tiny", "digits", "deep", "control"],
)
def test_one_unreadable_change_leaves_the_others_readable(bad: bytes) -> None:
    _, changes = envelopes.read(body(b'{"number":6}', bad, b'{"number":8}'))
    assert changes[0][1] == {"number": 6}
    assert changes[2][1] == {"number": 8}
    unreadable = changes[1][1]
    assert isinstance(unreadable, Unreadable)
    assert (changes[1][0], unreadable.number, unreadable.previous) == (bad, 7, "p")


def test_more_changes_than_a_batch_holds_are_refused() -> None:
    assert refused(body(*[b"1"] * 1001)).kind == "too-many"
