"""POST /api/sync, as a device sees it."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import Any

import pytest

from backend import apply, sync
from backend.database import Database, connect
from pwa.py.domain import changes, json_text
from tests.backend.clinics import Tablet, condition, open_clinic, patient


async def drain(tablet: Tablet, limit: int = 1000) -> list[dict[str, Any]]:
    """All that others have written since the tablet last asked, with the links put back."""
    found: list[dict[str, Any]] = []
    for _ in range(100):
        reply = (await tablet.push([], limit=limit)).json()
        found += with_links(reply["changes"])
        tablet.cursor = reply["cursor"]
        if not reply["more"]:
            return found
    raise AssertionError("the server always says there is more")


def with_links(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As a stranger's client reads them who wants to see the chains."""
    last: dict[str, str] = {}
    for item in items:
        change = item["change"]
        if change["previous"] == "^":
            change["previous"] = last[change["device"]]
        last[change["device"]] = changes.text_hash(json_text.dumps(change))
    return items


async def test_one_tablets_visit_reaches_another(database: Database) -> None:
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    texts = one.write(patient("p1"), condition("p1"))
    reply = (await one.push(texts)).json()
    assert reply["protocol"] == 2
    assert [outcome["outcome"] for outcome in reply["outcomes"]] == ["created", "created"]
    assert [outcome["sequence"] for outcome in reply["outcomes"]] == [1, 2]
    assert reply["receipt"]["number"] == 2
    assert (reply["changes"], reply["cursor"], reply["more"]) == ([], 2, False)
    got = await drain(two)
    assert [item["sequence"] for item in got] == [1, 2]
    assert [item["change"] for item in got] == [json.loads(text) for text in texts]
    assert await drain(two) == []


async def test_the_exact_text_of_a_change_reaches_other_devices(database: Database) -> None:
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    [text] = one.write(patient("p1", "Ünïcode \U0001f600 \\ \" / 'q'"))
    await one.push([text])
    assert text in (await two.push([])).text


async def test_a_link_to_the_change_before_it_in_the_answer_is_left_out(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    one, other, reader = [await clinic.tablet() for _ in range(3)]
    texts = one.write(patient("p1"), condition("p1"), condition("p1"))
    texts += one.write(condition("p1", "sama: " + one.state["hash"]), condition("p1"))
    odd = {"reaction": {"previous": "^"}}
    texts += one.write(condition("p1") | {"unknown": odd}, condition("p1"))
    await one.push(texts[:2])
    await other.push(other.write(condition("p1")))
    await one.push(texts[2:])
    answer = (await reader.push([])).text
    mine = [item["change"] for item in json.loads(answer)["changes"]]
    links = [change["previous"] for change in mine if change["device"] == one.device_id]
    # The fourth has a note with the very hash in it, the sixth a member that looks left out: what
    # is their link is not told by looking.
    whole = [json.loads(text)["previous"] for text in texts]
    assert links == ["", "^", "^", whole[3], "^", whole[5], "^"]
    assert texts[3] in answer
    found = [item["change"] for item in with_links(json.loads(answer)["changes"])]
    mine = [change for change in found if change["device"] == one.device_id]
    assert mine == [json.loads(text) for text in texts]
    # An older app does not know of this.
    whole_answer = (await reader.push([], protocol=1)).json()
    assert whole_answer["protocol"] == 1
    assert [item["change"] for item in whole_answer["changes"]] == found
    # In an answer that begins after it, the change before it is not there to tell.
    reader.cursor = 1
    begun = (await reader.push([])).json()["changes"][0]["change"]
    assert begun["previous"] == json.loads(texts[1])["previous"]


async def test_pages_follow_one_another_without_loss(database: Database) -> None:
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    await one.push(one.write(patient("p1"), *[condition("p1") for _ in range(9)]))
    assert [item["sequence"] for item in await drain(two, limit=3)] == list(range(1, 11))


async def test_a_limit_of_zero_sends_and_fetches_nothing(database: Database) -> None:
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    await one.push(one.write(patient("p1")))
    reply = (await two.push(two.write(condition("p1")), limit=0)).json()
    assert reply["outcomes"][0]["outcome"] == "created"
    assert (reply["changes"], reply["cursor"], reply["more"]) == ([], 0, True)


async def test_a_page_is_bounded_by_bytes_but_never_empty(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "PULL_BYTES_MAX", 10)
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    await one.push(one.write(patient("p1"), condition("p1"), condition("p1")))
    reply = (await two.push([])).json()
    assert len(reply["changes"]) == 1
    assert reply["more"]
    assert len(await drain(two)) == 3


async def test_no_change_is_skipped_while_others_write(database: Database) -> None:
    clinic = await open_clinic(database)
    writers = [await clinic.tablet() for _ in range(4)]
    reader = await clinic.tablet()
    await writers[0].push(writers[0].write(patient("p1")))
    got: list[int] = []
    is_done = asyncio.Event()

    async def write(tablet: Tablet) -> None:
        for _ in range(8):
            answer = await tablet.push(tablet.write(condition("p1"), condition("p1")))
            assert answer.status_code == 200

    async def read() -> None:
        while True:
            last_round = is_done.is_set()
            got.extend(item["sequence"] for item in await drain(reader, limit=5))
            if last_round:
                return

    reading = asyncio.create_task(read())
    await asyncio.gather(*[write(tablet) for tablet in writers])
    is_done.set()
    await reading
    assert got == list(range(1, 66))


async def test_a_compressed_batch_is_taken(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    body = gzip.compress(tablet.body(tablet.write(patient("p1"))))
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    answer = await clinic.client.post("/api/sync", content=body, headers=headers)
    assert answer.json()["outcomes"][0]["outcome"] == "created"


async def test_a_lost_reply_is_made_up_by_sending_again(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1"))
    first = (await tablet.push(texts)).json()
    again = (await tablet.push(texts)).json()
    assert [outcome["outcome"] for outcome in again["outcomes"]] == ["duplicate"] * 2
    assert again["receipt"] == first["receipt"]
    assert len(await clinic.fetch("select 1 from change")) == 2


async def test_a_gap_is_answered_with_the_expected_number(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1"), condition("p1"))
    await tablet.push(texts[:1])
    answer = await tablet.push(texts[2:])
    assert answer.status_code == 409
    body = answer.json()
    assert body["issue"][0]["code"] == "incomplete"
    assert "expects number 2" in body["issue"][0]["diagnostics"]
    assert body["receipt"]["number"] == 1
    assert len(await clinic.fetch("select 1 from change")) == 1


async def test_a_broken_chain_is_answered_with_the_servers_hash(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    twin = Tablet(clinic, tablet.device_id, dict(tablet.state))
    await tablet.push(tablet.write(patient("p1")))
    answer = await twin.push(twin.write(patient("p2"), condition("p2")))
    assert answer.status_code == 409
    body = answer.json()
    assert body["issue"][0]["code"] == "conflict"
    assert body["receipt"]["hash"] == tablet.state["hash"]
    assert len(await clinic.fetch("select 1 from quarantine")) == 2


async def test_a_tablet_whose_chain_differs_has_all_of_its_work_kept(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    first = tablet.write(patient("p1"))
    twin = Tablet(clinic, tablet.device_id, dict(tablet.state))
    await tablet.push(first + tablet.write(condition("p1")))
    texts = twin.write(*[condition("p1") for _ in range(5)])
    answer = await twin.push(first + texts[:2])
    assert answer.status_code == 409
    words = [outcome["outcome"] for outcome in answer.json()["outcomes"]]
    assert words == ["duplicate", "set-aside", "set-aside"]
    # What comes after has a gap before it, and is kept all the same.
    answer = await twin.push(texts[2:], aside=True)
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (409, "conflict")
    kept = await clinic.fetch("select body from quarantine order by number")
    assert [row["body"].decode() for row in kept] == texts
    assert len(await clinic.fetch("select 1 from change")) == 2


async def test_a_receipt_covers_what_a_double_wrote_below_the_cursor(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    assert (await tablet.push(tablet.write(patient("p1")))).status_code == 200
    twin = Tablet(clinic, tablet.device_id, dict(tablet.state))
    pull = sync.pull

    async def pull_after_the_double(*arguments: Any) -> sync.Pulled:
        monkeypatch.setattr(sync, "pull", pull)
        assert (await tablet.push(tablet.write(patient("p2")))).status_code == 200
        return await pull(*arguments)

    monkeypatch.setattr(sync, "pull", pull_after_the_double)
    reply = (await twin.push([])).json()
    # What the double wrote is not given back: the receipt alone tells that there is some.
    assert (reply["changes"], reply["cursor"]) == ([], 2)
    assert (reply["receipt"]["number"], reply["receipt"]["sequence"]) == (2, 2)
    assert reply["receipt"]["hash"] == tablet.state["hash"]


async def test_a_chain_may_begin_at_any_number_and_then_has_no_gap(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    tablet.state["number"] = 499
    texts = tablet.write(patient("p1"), condition("p1"), condition("p1"))
    assert (await tablet.push(texts[1:])).status_code == 409
    reply = (await tablet.push(texts[:2])).json()
    assert reply["receipt"]["number"] == 501
    assert [outcome["sequence"] for outcome in reply["outcomes"]] == [1, 2]
    again = (await tablet.push(texts)).json()
    words = [outcome["outcome"] for outcome in again["outcomes"]]
    assert words == ["duplicate", "duplicate", "created"]
    absurd = await clinic.tablet()
    absurd.state["number"] = 2**60
    assert (await absurd.push(absurd.write(patient("p2")))).status_code == 409


async def test_another_epoch_gets_no_changes_but_the_new_epoch(database: Database) -> None:
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    await one.push(one.write(patient("p1")))
    two.epoch = "another life"
    reply = (await two.push(two.write(patient("p2")))).json()
    assert reply["outcomes"][0]["outcome"] == "created"
    assert (reply["changes"], reply["cursor"]) == ([], 2)
    [row] = await clinic.fetch("select epoch::text from server_epoch")
    assert reply["epoch"] == row["epoch"]


async def test_an_unreadable_change_lands_in_the_refused_and_the_rest_is_applied(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    first, second = tablet.write(patient("p1"), patient("p2", "@"))
    second = second.replace("@", "\\ud800")
    tablet.state["hash"] = changes.text_hash(second)
    third = tablet.write(condition("p1"))
    reply = (await tablet.push([first, second, *third])).json()
    words = [outcome["outcome"] for outcome in reply["outcomes"]]
    assert words == ["created", "rejected", "created"]
    [row] = await clinic.fetch("select body from refused")
    assert row["body"].decode() == second


async def test_what_the_database_cannot_hold_does_not_hold_up_the_batch(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apply.validate, "check", lambda change: [])
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1", "\x00"), condition("p1"))
    reply = (await tablet.push(texts)).json()
    words = [outcome["outcome"] for outcome in reply["outcomes"]]
    assert words == ["created", "rejected", "created"]


async def test_changes_that_were_fetched_are_in_the_audit_trail(database: Database) -> None:
    clinic = await open_clinic(database)
    one, two = await clinic.tablet(), await clinic.tablet()
    await one.push(one.write(patient("p1"), condition("p1")))
    await drain(two)
    await drain(two)
    [row] = await clinic.fetch("select * from audit where action = 'changes-read'")
    assert (row["device_id"], row["account_id"]) == (two.device_id, clinic.account_id)
    assert json.loads(row["details"]) == {"after": 0, "through": 2}


async def test_who_waits_for_a_lock_too_long_is_asked_to_come_again(
    database: Database, database_url: str
) -> None:
    limited = await connect(database_url, limits="set local lock_timeout = '100ms'")
    clinic = await open_clinic(limited)
    tablet = await clinic.tablet()
    async with database.transaction() as connection:
        await connection.execute("select from facility_counter for update")
        answer = await tablet.push(tablet.write(patient("p1")))
        assert (answer.status_code, answer.json()["issue"][0]["code"]) == (503, "transient")
        assert answer.headers["retry-after"]
    await limited.disconnect()


async def test_a_change_without_a_number_is_kept_aside(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"))
    reply = (await tablet.push(['"odd"', *texts])).json()
    assert [outcome["number"] for outcome in reply["outcomes"]] == [None, 1]
    assert [outcome["outcome"] for outcome in reply["outcomes"]] == ["rejected", "created"]
    [row] = await clinic.fetch("select body from quarantine")
    assert row["body"] == b'"odd"'


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"not json", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b'{"protocol":99}', 400),
        (b'{"protocol":1}', 400),
    ],
)
async def test_a_body_that_is_no_envelope_is_refused(
    database: Database, body: bytes, status: int
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    answer = await tablet.send(body)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": 1},
        {"device": "\x00"},
        {"device": 7},
        {"cursor": -1},
        {"cursor": 2**70},
        {"cursor": 1.5},
        {"now_ms": 10**40},
        {"limit": -1},
        {"epoch": 5},
        {"protocol": True},
        {"protocol": "1"},
    ],
)
async def test_a_wrong_field_of_the_envelope_is_refused(
    database: Database, fields: dict[str, Any]
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"))
    assert (await tablet.push(texts, **fields)).status_code == 400
    assert await clinic.fetch("select 1 from change") == []


async def test_too_many_changes_are_refused(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    assert (await tablet.push(["{}"] * 1001)).status_code == 413


async def test_a_device_that_was_never_enrolled_is_refused(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = Tablet(clinic, "stranger", {"device": "stranger"})
    assert (await tablet.push([])).status_code == 403
