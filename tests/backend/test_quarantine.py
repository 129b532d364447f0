"""Work that was set aside: an operator reads it, admits it once, or dismisses it with a reason."""

from __future__ import annotations

import json

import pytest

from backend import quarantine, sessions
from backend.chains import own_device
from backend.database import Database
from pwa.py.domain import changes
from tests.backend.clinics import Clinic, Tablet, condition, new_id, open_clinic, patient


async def set_aside(clinic: Clinic) -> tuple[str, list[str]]:
    """A tablet and its copy both wrote; the copy's work is in quarantine."""
    tablet = await clinic.tablet()
    patient_id = new_id("patient")
    first = tablet.write(patient(patient_id))
    twin = Tablet(clinic, tablet.device_id, dict(tablet.state))
    await tablet.push(first + tablet.write(condition(patient_id)))
    other = new_id("patient")
    texts = twin.write(patient(other), condition(other), condition(patient_id))
    assert (await twin.push(texts)).status_code == 409
    return tablet.device_id, texts


async def run(database: Database, work: object, *arguments: object) -> list[str]:
    async with database.transaction() as connection:
        return await work(connection, *arguments)  # type: ignore[operator]


async def test_what_is_set_aside_is_listed_and_shown_to_the_letter(database: Database) -> None:
    clinic = await open_clinic(database)
    device, texts = await set_aside(clinic)
    lines = await run(database, quarantine.list_lines)
    assert len([line for line in lines if device in line and "broken chain" in line]) == 3
    shown = await run(database, quarantine.show, [device])
    assert [line.strip() for line in shown if line.startswith("  ")] == texts
    assert len(await clinic.fetch("select 1 from audit where action = 'quarantine-read'")) == 3


async def test_what_is_handed_over_again_by_the_next_id_of_its_store_is_listed_once(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    _, texts = await set_aside(clinic)
    other = await clinic.tablet()
    assert (await other.push(texts, aside=True)).status_code == 409
    assert len(await run(database, quarantine.list_lines)) == len(texts)


async def test_admitted_work_is_in_the_record_once_in_its_authors_name(database: Database) -> None:
    clinic = await open_clinic(database)
    device, texts = await set_aside(clinic)
    before = await clinic.fetch("select sequence from change")
    name = changes.text_hash(texts[0])[:12]
    [line] = await run(database, quarantine.admit, [name], sessions.now_ms())
    assert "admitted: created" in line
    again = await run(database, quarantine.admit, [device], sessions.now_ms())
    assert ["was admitted before" in line for line in again] == [True, False, False]
    rows = await clinic.fetch("select body, device_id from change order by sequence")
    new = [json.loads(row["body"]) for row in rows[len(before) :]]
    old = [json.loads(text) for text in texts]
    assert [change["resource"] for change in new] == [change["resource"] for change in old]
    assert [change["author"] for change in new] == [clinic.account_id] * 3
    # It was written when it was written, and not when it was admitted.
    assert [change["timestamp"][:15] for change in new] == [
        change["timestamp"][:15] for change in old
    ]
    assert {row["device_id"] for row in rows[len(before) :]} == {own_device("aside", device)}
    assert await run(database, quarantine.list_lines) == []
    assert len(await clinic.fetch("select 1 from quarantine where settled = 'admitted'")) == 3


async def test_what_the_record_cannot_take_stays_where_it_is(database: Database) -> None:
    clinic = await open_clinic(database)
    _, texts = await set_aside(clinic)
    # The condition of a patient whose own entry has not been admitted.
    name = changes.text_hash(texts[1])
    [line] = await run(database, quarantine.admit, [name], sessions.now_ms())
    assert "no such patient" in line
    assert len(await run(database, quarantine.list_lines)) == 3
    assert await clinic.fetch("select 1 from refused") == []


async def test_dismissed_work_keeps_its_text_and_the_reason(database: Database) -> None:
    clinic = await open_clinic(database)
    _, texts = await set_aside(clinic)
    name = changes.text_hash(texts[2])
    with pytest.raises(quarantine.QuarantineError):
        await run(database, quarantine.dismiss, [name], " ")
    await run(database, quarantine.dismiss, [name], "written twice")
    [row] = await clinic.fetch("select remark, body from quarantine where settled = 'dismissed'")
    assert (row["remark"], row["body"].decode()) == ("written twice", texts[2])
    [line] = await run(database, quarantine.admit, [name], sessions.now_ms())
    assert "was dismissed before" in line
    assert await clinic.fetch("select 1 from audit where action = 'quarantine-dismissed'")


async def test_a_name_that_is_nothing_is_said_in_words(database: Database) -> None:
    with pytest.raises(quarantine.QuarantineError, match="called abc"):
        await run(database, quarantine.show, ["abc"])


async def test_what_a_clinician_leaves_aside_is_noted_and_stays(database: Database) -> None:
    clinic = await open_clinic(database)
    device, texts = await set_aside(clinic)
    tablet = await clinic.tablet()
    told = [{"hash": changes.text_hash(texts[0]), "reason": "written twice"}]
    told.append({"hash": changes.text_hash("nobody wrote this"), "reason": "?"})
    for _ in range(2):
        assert (await tablet.push([], left=told)).status_code == 200
    lines = await run(database, quarantine.list_lines)
    assert len(lines) == 3
    [line] = [line for line in lines if "left at the device" in line]
    assert line.endswith(": written twice")
    assert "written twice" in "".join(await run(database, quarantine.show, [device]))
    [row] = await clinic.fetch("select * from audit where action = 'quarantine-left'")
    assert (row["account_id"], row["device_id"]) == (clinic.account_id, device)
    # It settles nothing: the operator still decides, and has the last word.
    [line] = await run(database, quarantine.admit, [changes.text_hash(texts[0])], 0)
    assert "admitted: created" in line
    told[0]["reason"] = "another"
    assert (await tablet.push([], left=told)).status_code == 200
    assert await clinic.fetch("select 1 from quarantine where left_reason = 'another'") == []


async def test_another_facility_can_leave_nothing_here(database: Database) -> None:
    clinic, other = await open_clinic(database), await open_clinic(database)
    _, texts = await set_aside(clinic)
    told = [{"hash": changes.text_hash(texts[0]), "reason": "not mine"}]
    assert (await (await other.tablet()).push([], left=told)).status_code == 200
    assert await clinic.fetch("select 1 from quarantine where left_at is not null") == []


async def test_leaving_without_a_reason_or_a_hash_is_a_bad_request(database: Database) -> None:
    tablet = await (await open_clinic(database)).tablet()
    for told in ({"hash": "x" * 64, "reason": ""}, {"hash": "x", "reason": "y"}, {"reason": "y"}):
        assert (await tablet.push([], left=[told])).status_code == 400
