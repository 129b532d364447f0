"""A batch is applied as a whole, each change on its own merits, in the facility's order."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest

from backend import accounts, apply, ledger
from backend.database import Database
from pwa.py.domain import changes
from tests.backend.clinics import Clinic, Tablet, condition, open_clinic, patient


def amend(key: str, patient_id: str, **fields: Any) -> dict[str, Any]:
    return {"patient": patient_id, "resource": key, "base": {}, "set": fields}


async def run(tablet: Tablet, texts: list[str], apart: bool = False) -> apply.BatchResult:
    clinic = tablet.clinic
    pairs = [(text.encode(), json.loads(text)) for text in texts]
    async with clinic.database.transaction() as connection:
        place = ledger.Place(clinic.facility_id, clinic.account_id, tablet.device_id)
        return await apply.apply_batch(connection, place, pairs, 1_000, 1_500, apart=apart)


def words(result: apply.BatchResult) -> list[str]:
    return [outcome["outcome"] for outcome in result.outcomes]


def reseal(text: str, **fields: Any) -> str:
    return json.dumps(json.loads(text) | fields)


@pytest.fixture
async def clinic(database: Database) -> Clinic:
    return await open_clinic(database, signed_in=False)


async def test_changes_lie_in_the_log_with_their_exact_text(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1"))
    result = await run(tablet, texts)
    assert words(result) == ["created", "created"]
    rows = await clinic.fetch("select sequence, number, hash, body::text from change order by 1")
    assert [row["body"] for row in rows] == texts
    assert [row["hash"] for row in rows] == [changes.text_hash(text) for text in texts]
    assert result.receipt == {
        "device": tablet.device_id,
        "number": 2,
        "hash": changes.text_hash(texts[1]),
        "sequence": 2,
    }


async def test_the_state_of_a_resource_is_what_merge_answers(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    await run(tablet, tablet.write(patient("p1"), condition("p1", resource_id="c1")))
    await run(tablet, tablet.write(amend("Condition/c1", "p1", note=[{"text": "worse"}])))
    [row] = await clinic.fetch("select * from resource where key = 'Condition/c1'")
    resource = json.loads(row["body"])["resource"]
    assert resource["note"] == [{"text": "worse"}]
    assert resource["code"] == {"text": "Demam"}
    assert (row["patient_id"], row["sequence"]) == ("p1", 3)
    assert row["date"] == "2026-11-20T01:00:00Z"


async def test_a_later_change_of_a_batch_builds_on_an_earlier_one(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(
        patient("p1"),
        condition("p1", resource_id="c1"),
        amend("Condition/c1", "p1", note=[{"text": "better"}]),
    )
    assert words(await run(tablet, texts)) == ["created", "created", "updated"]


async def test_a_repeat_is_a_duplicate_with_its_first_sequence(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1"), condition("p1"))
    first = await run(tablet, texts)
    again = await run(tablet, texts[1:] + tablet.write(condition("p1")))
    assert words(again) == ["duplicate", "duplicate", "created"]
    sequences = [outcome["sequence"] for outcome in again.outcomes]
    assert sequences == [first.outcomes[1]["sequence"], first.outcomes[2]["sequence"], 4]


async def test_one_bad_change_takes_its_number_and_stops_no_other(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    bad = patient("p2")
    bad["set"]["birthDate"] = "yesterday"
    texts = tablet.write(patient("p1"), bad, condition("p1"))
    result = await run(tablet, texts)
    assert words(result) == ["created", "rejected", "created"]
    assert [outcome["sequence"] for outcome in result.outcomes] == [1, 2, 3]
    assert result.outcomes[1]["issues"][0]["expression"] == ["Patient.birthDate"]
    [row] = await clinic.fetch("select number, body, issues from refused")
    assert (row["number"], row["body"].decode()) == (2, texts[1])
    [noted] = await clinic.fetch("select details from audit where action = 'changes-refused'")
    assert json.loads(noted["details"]) == {"count": 1, "first": 2, "last": 2}


async def test_a_repeat_of_a_refused_change_is_refused_with_its_issues(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(condition("nobody"))
    first = await run(tablet, texts)
    again = await run(tablet, texts)
    assert again.outcomes == first.outcomes
    assert words(again) == ["rejected"]
    assert len(await clinic.fetch("select 1 from refused")) == 1


async def test_another_text_for_a_taken_number_is_kept_aside(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    twin = Tablet(clinic, tablet.device_id, dict(tablet.state))
    await run(tablet, tablet.write(patient("p1")))
    [text] = twin.write(patient("p2"))
    result = await run(twin, [text])
    assert words(result) == ["set-aside"]
    assert result.outcomes[0]["issues"][0]["code"] == "conflict"
    rows = await clinic.fetch("select body, number, reason from quarantine")
    assert [(row["body"].decode(), row["number"]) for row in rows] == [(text, 1)]
    assert await clinic.fetch("select 1 from resource where key = 'Patient/p2'") == []


async def test_a_broken_chain_applies_nothing_and_keeps_all_texts(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    twin = Tablet(clinic, tablet.device_id, dict(tablet.state))
    await run(tablet, tablet.write(patient("p1")))
    texts = twin.write(patient("p2"), condition("p2"))
    for _ in range(2):
        result = await run(twin, texts)
        assert (result.verdict, words(result)) == ("conflict", ["set-aside"] * 2)
        assert result.receipt["hash"] == tablet.state["hash"]
    kept = await clinic.fetch("select body from quarantine")
    assert {row["body"].decode() for row in kept} == set(texts)
    [counter] = await clinic.fetch("select sequence from facility_counter")
    assert counter["sequence"] == 1


async def test_a_gap_applies_nothing(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1"), condition("p1"))
    result = await run(tablet, [texts[0], texts[2]])
    assert (result.verdict, result.receipt["number"]) == ("gap", 0)
    assert await clinic.fetch("select 1 from change") == []


async def test_a_resource_does_not_move_to_another_patient(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    texts = tablet.write(
        patient("p1"),
        patient("p2"),
        condition("p1", resource_id="c1"),
        amend("Condition/c1", "p2", note=[{"text": "x"}]),
    )
    result = await run(tablet, texts)
    assert words(result) == ["created", "created", "created", "rejected"]


async def test_an_author_of_another_facility_is_refused(clinic: Clinic) -> None:
    other = await open_clinic(clinic.database, signed_in=False)
    tablet = await clinic.tablet()
    for author in (other.account_id, "nobody", "a\x00b"):
        [text] = tablet.write(patient("p1"))
        text = reseal(text, author=author)
        tablet.state["hash"] = changes.text_hash(text)
        result = await run(tablet, [text])
        assert words(result) == ["rejected"]


async def test_a_colleague_may_be_the_author_and_the_pusher_is_noted(clinic: Clinic) -> None:
    async with clinic.database.transaction() as connection:
        colleague = await accounts.create_account(
            connection, clinic.facility_id, "colleague", "Budi", "clinician", "long password"
        )
    tablet = await clinic.tablet()
    [text] = tablet.write(patient("p1"))
    assert words(await run(tablet, [reseal(text, author=colleague)])) == ["created"]
    [push] = await clinic.fetch("select account_id, drift_ms from push")
    assert (push["account_id"], push["drift_ms"]) == (clinic.account_id, 500)


async def test_a_change_merge_cannot_digest_stops_no_other(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    merge_one = apply.merge.merge_one

    def stumble(row: Any, change: Any) -> Any:
        if change["resource"].startswith("Condition/"):
            raise RecursionError
        return merge_one(row, change)

    monkeypatch.setattr(apply.merge, "merge_one", stumble)
    tablet = await clinic.tablet()
    texts = tablet.write(patient("p1"), condition("p1"), patient("p2"))
    result = await run(tablet, texts)
    assert words(result) == ["created", "rejected", "created"]
    assert result.outcomes[1]["issues"][0]["code"] == "exception"


async def test_what_the_database_cannot_hold_is_refused_alone(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the checks had a hole.
    monkeypatch.setattr(apply.validate, "check", lambda change: [])
    tablet = await clinic.tablet()
    texts = tablet.write(
        patient("p1"),
        condition("p1", "a\x00b", "c1"),
        condition("p1", resource_id="c2"),
        amend("Condition/c2", "p1", note=[{"text": "\x00"}]),
        condition("p1", resource_id="c3"),
    )
    with pytest.raises(apply.UNSTORABLE):
        await run(tablet, texts)
    result = await run(tablet, texts, apart=True)
    assert words(result) == ["created", "rejected", "created", "rejected", "created"]
    assert [outcome["sequence"] for outcome in result.outcomes] == [1, 2, 3, 4, 5]
    assert result.outcomes[1]["issues"][0]["code"] == "exception"
    kept = await clinic.fetch("select number, body from refused order by number")
    assert [(row["number"], row["body"].decode()) for row in kept] == [(2, texts[1]), (4, texts[3])]
    again = await run(tablet, texts)
    assert words(again) == ["duplicate", "rejected", "duplicate", "rejected", "duplicate"]


async def test_devices_at_once_get_sequences_without_a_gap(clinic: Clinic) -> None:
    first = await clinic.tablet()
    await run(first, first.write(patient("p1")))
    tablets = [await clinic.tablet() for _ in range(6)]

    async def work(tablet: Tablet) -> None:
        for _ in range(5):
            await run(tablet, tablet.write(condition("p1"), condition("p1")))

    await asyncio.gather(*[work(tablet) for tablet in tablets])
    rows = await clinic.fetch("select sequence from change order by sequence")
    assert [row["sequence"] for row in rows] == list(range(1, 62))
    pushes = await clinic.fetch(
        "select device_id, first_number, last_number from push order by first_sequence"
    )
    assert len(pushes) == 31


async def test_the_chain_in_the_log_can_be_verified(clinic: Clinic) -> None:
    tablet = await clinic.tablet()
    await run(tablet, tablet.write(patient("p1"), condition("p1"), condition("p1")))
    previous = ""
    for row in await clinic.fetch("select body::text from change order by number"):
        assert json.loads(row["body"])["previous"] == previous
        previous = hashlib.sha256(row["body"].encode()).hexdigest()
    assert previous == tablet.state["hash"]
