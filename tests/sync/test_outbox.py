"""How changes are packed into a request, and how large the next one is to be."""

from __future__ import annotations

import json
from typing import Any

from backend import envelopes
from pwa.py.domain import changes, json_text
from pwa.py.sync import outbox
from pwa.py.sync import pace as pace_rule
from pwa.py.sync.pace import AIM_MS, Pace

FIRST, MOST = 200, 1_000
ENVELOPE = {"protocol": 1, "device": "d", "epoch": None, "cursor": 0, "now_ms": 0, "limit": 0}


def rows_of(*fields: dict[str, Any]) -> list[Any]:
    drafts = [
        {"patient": "p", "resource": f"Condition/c{at}", "base": {}, "set": one}
        for at, one in enumerate(fields)
    ]
    sealed, _ = changes.seal(drafts, changes.new_device_state("d"), "doctor", 1_795_000_000_000)
    return [{"key": change["number"], "text": text} for change, text in sealed]


def sent(rows: list[Any]) -> tuple[str, list[str]]:
    """The body, and the texts as the server takes them out of it."""
    body = outbox.body_of(ENVELOPE, rows)
    _, read = envelopes.read(body.encode())
    return body, [text.decode() for text, _ in read]


def test_the_server_gets_the_texts_that_were_hashed() -> None:
    rows = rows_of({"a": 1}, {"note": 'Ä \\ " ^'}, {"b": [{"c": 1.5}]})
    body, texts = sent(rows)
    assert texts == [row["text"] for row in rows]
    assert body.count('"previous":"^"') == 2


def test_a_change_that_does_not_follow_the_one_before_it_keeps_its_link() -> None:
    rows = rows_of({"a": 1}, {"a": 2}, {"a": 3})
    body, texts = sent([rows[0], rows[2]])
    assert texts == [rows[0]["text"], rows[2]["text"]]
    assert '"^"' not in body


def test_values_that_look_like_links_are_sent_as_they_are() -> None:
    first = rows_of({"a": 1})[0]["text"]
    rows = rows_of(
        {"a": 1}, {"x": {"previous": "^"}}, {"y": {"previous": changes.text_hash(first)}}
    )
    again = rows_of({"a": 1}, {"y": {"previous": changes.text_hash(first)}})
    for one in (rows, again):
        assert sent(one)[1] == [row["text"] for row in one]


def test_issues_kept_behind_a_change_are_not_sent() -> None:
    rows = rows_of({"a": 1}, {"a": 2})
    kept = [row | {"text": row["text"] + '\n[{"code":"invalid"}]'} for row in rows]
    assert sent(kept)[1] == [row["text"] for row in rows]


def test_a_change_tells_its_resource_also_where_a_value_looks_the_same() -> None:
    plain, nested = rows_of({"a": 1}, {"x": {"resource": "Patient/other"}})
    assert outbox.resource_of(plain["text"]) == "Condition/c0"
    assert outbox.resource_of(nested["text"]) == "Condition/c1"
    spaced = json.dumps(json_text.loads(plain["text"]))
    assert outbox.resource_of(spaced) == "Condition/c0"


def test_requests_grow_while_the_link_is_fast() -> None:
    pace = Pace(FIRST, MOST)
    pace.note(FIRST, 100)
    assert pace.size == pace_rule.GROWTH_MAX * FIRST
    pace.note(7, 60)  # too few to say anything
    assert pace.size == pace_rule.GROWTH_MAX * FIRST


def test_requests_shrink_down_to_one_change_when_nothing_gets_through() -> None:
    pace = Pace(FIRST, MOST)
    pace.note(FIRST, 100_000)
    assert pace.size == FIRST * pace_rule.AIM_MS // 100_000
    for _ in range(10):
        pace.note_failure()
    assert pace.size == 1
    pace.note(1, -500)  # the clock was set
    assert pace.size == 1


def test_a_request_that_carries_all_it_may_goes_on_telling_the_pace() -> None:
    pace = Pace(FIRST, MOST)
    for _ in range(5):
        pace.note(pace.size, 50)
    assert pace.size == MOST
    pace.note(MOST, 10_000)
    # The 50 ms that also the small ones took are the way there and back.
    assert pace.size == MOST * AIM_MS // (10_000 - 50)
