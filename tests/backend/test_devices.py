"""Devices belong to one facility, and can be revoked."""

from __future__ import annotations

import base64
import hashlib

import pytest

from backend import devices
from backend.database import Database
from pwa.py.workflow import people
from tests.backend.clinics import (
    Clinic,
    Tablet,
    client_of,
    condition,
    open_clinic,
    patient,
)


async def enrol(clinic: Clinic, device_id: str):
    return await clinic.client.post("/api/devices", json={"device": device_id})


async def test_a_device_gets_one_recovery_key_for_ever(database: Database) -> None:
    clinic = await open_clinic(database)
    first = (await enrol(clinic, "tablet-1")).json()
    again = (await enrol(clinic, "tablet-1")).json()
    other = (await enrol(clinic, "tablet-2")).json()
    assert first == again
    assert len(base64.b64decode(first["recovery_key"])) == 32
    assert other["recovery_key"] != first["recovery_key"]
    rows = await clinic.fetch("select 1 from audit where action = 'device-enrolled'")
    assert len(rows) == 2


async def test_a_device_of_another_facility_is_refused(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    await enrol(ours, "tablet-1")
    assert (await enrol(theirs, "tablet-1")).status_code == 403


async def test_a_store_that_takes_another_id_keeps_its_recovery_key(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet("tablet-1")
    before = (await enrol(clinic, "tablet-1")).json()
    await tablet.push(tablet.write(patient("p1")))
    form = {"device": "tablet-2", "follows": ["tablet-1", "never-seen"]}
    after = (await clinic.client.post("/api/devices", json=form)).json()
    assert after["recovery_key"] == before["recovery_key"]
    assert after["receipts"] == {"tablet-1": {"number": 1}}


async def test_a_store_that_takes_another_id_hears_what_became_of_its_texts(
    database: Database,
) -> None:
    """Of those that are known under these very hashes; another's chain tells nothing."""
    clinic = await open_clinic(database)
    tablet, other = await clinic.tablet("tablet-1"), await clinic.tablet("tablet-3")
    texts = tablet.write(patient("p1"), condition("p1"), condition("nobody"))
    await tablet.push(texts)
    theirs = other.write(condition("p1"))
    await other.push(theirs)
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts + theirs]
    kept = {
        "tablet-1": {"1": hashes[0], "2": "another", "3": hashes[2], "4": hashes[0]},
        "tablet-3": {"1": hashes[3]},
        "never-seen": {"1": hashes[0]},
    }
    form = {"device": "tablet-2", "follows": ["tablet-1", "never-seen"], "kept": kept}
    answer = (await clinic.client.post("/api/devices", json=form)).json()
    assert list(answer["outcomes"]) == ["tablet-1"]
    first, third = answer["outcomes"]["tablet-1"]
    assert (first["number"], first["outcome"], first["sequence"]) == (1, "duplicate", 1)
    assert (third["number"], third["outcome"]) == (3, "rejected")
    assert third["issues"][0]["code"] == "not-found"


@pytest.mark.parametrize("number", ["0", "-1", "x", "9223372036854775808"])
async def test_what_is_no_number_is_refused_in_words(database: Database, number: str) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet("tablet-1")
    form = {"device": "tablet-2", "follows": ["tablet-1"], "kept": {"tablet-1": {number: "a"}}}
    answer = await clinic.client.post("/api/devices", json=form)
    assert answer.status_code == 400, answer.text
    assert answer.json()["issue"][0]["diagnostics"]


async def test_a_store_whose_device_was_revoked_takes_no_other_id(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet("tablet-1")
    async with database.transaction() as connection:
        await devices.revoke(connection, clinic.facility_id, "tablet-1")
    await clinic.sign_in()
    form = {"device": "tablet-2", "follows": ["tablet-1"]}
    assert (await clinic.client.post("/api/devices", json=form)).status_code == 403
    # A made-up id before it gets nobody the recovery key of a revoked tablet.
    form["follows"] = ["never-seen", "tablet-1"]
    assert (await clinic.client.post("/api/devices", json=form)).status_code == 403


async def test_a_store_may_follow_a_revoked_chain_that_it_had_left(database: Database) -> None:
    """The copy of a tablet was revoked; the store that took another id since goes on."""
    clinic = await open_clinic(database)
    await clinic.tablet("tablet-1")
    await clinic.tablet("tablet-2")
    async with database.transaction() as connection:
        await devices.revoke(connection, clinic.facility_id, "tablet-1")
    await clinic.sign_in()
    form = {"device": "tablet-3", "follows": ["tablet-2", "tablet-1"]}
    answer = await clinic.client.post("/api/devices", json=form)
    assert answer.status_code in (200, 201), answer.text
    assert set(answer.json()["receipts"]) == {"tablet-1", "tablet-2"}


async def test_a_recovery_key_of_another_facility_is_not_given(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    key = (await enrol(ours, "tablet-1")).json()["recovery_key"]
    form = {"device": "tablet-2", "follows": ["tablet-1"]}
    got = (await theirs.client.post("/api/devices", json=form)).json()
    assert got["recovery_key"] != key
    assert got["receipts"] == {}


async def test_what_a_revoked_device_had_not_sent_is_kept_aside(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet("tablet-1")
    known = tablet.write(patient("p1"))
    await tablet.push(known)
    async with database.transaction() as connection:
        await devices.revoke(connection, clinic.facility_id, "tablet-1")
    unsent = tablet.write(condition("p1"), condition("p1"))
    for _ in range(2):
        answer = await tablet.push(known + unsent)
        assert answer.status_code == 403
        body = answer.json()
        assert body["issue"][0]["code"] == "suppressed"
        words = [outcome["outcome"] for outcome in body["outcomes"]]
        assert words == ["duplicate", "set-aside", "set-aside"]
        assert "changes" not in body
    kept = await clinic.fetch("select body, reason from quarantine order by number")
    assert [row["body"].decode() for row in kept] == unsent
    assert {row["reason"] for row in kept} == {"revoked"}
    assert len(await clinic.fetch("select 1 from change")) == 1
    # Signed in anew, the tablet is as revoked as before, and no other id is served by its session.
    await clinic.sign_in()
    assert (await tablet.push(unsent)).status_code == 403
    other = Tablet(clinic, "tablet-2", {"device": "tablet-2"})
    assert (await other.push([])).json()["issue"][0]["code"] == "suppressed"


async def test_what_a_revoked_device_gives_up_is_kept_aside_with_the_reason(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet("tablet-1")
    await tablet.push(tablet.write(patient("p1")))
    async with database.transaction() as connection:
        await devices.revoke(connection, clinic.facility_id, "tablet-1")
    unsent = tablet.write(condition("p1"), condition("p1"))
    answer = await tablet.push(unsent, withdrawn=[{"number": 2, "reason": "salah\0 orang"}])
    assert [one["outcome"] for one in answer.json()["outcomes"]] == ["set-aside", "set-aside"]
    kept = await clinic.fetch("select left_reason, settled from quarantine order by number")
    assert [row["left_reason"] for row in kept] == ["salah\ufffd orang", None]
    assert {row["settled"] for row in kept} == {None}


async def test_a_revoked_device_is_shut_out_everywhere(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet("tablet-1")
    await enrol(clinic, "tablet-1")
    async with database.transaction() as connection:
        await devices.revoke(connection, clinic.facility_id, "tablet-1")
    # The session that was used on it is as useless as the device.
    assert (await clinic.client.get("/api/snapshot")).status_code == 403
    await clinic.sign_in()
    for path in ("/api/snapshot", "/api/charts?patients=p1", "/api/fhir/Patient/p1/$everything"):
        assert (await clinic.client.get(path)).status_code == 403, path
    assert (await tablet.push([])).status_code == 403
    assert (await enrol(clinic, "tablet-1")).status_code == 403


async def test_a_session_is_that_of_the_device_that_synchronises(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet("tablet-1")
    await clinic.sign_in()
    assert (await clinic.client.get("/api/snapshot")).status_code == 403
    assert (await tablet.push([])).status_code == 200
    assert (await clinic.client.get("/api/snapshot")).status_code == 200
    [row] = await clinic.fetch("select device_id from session where device_id is not null limit 1")
    assert row["device_id"] == "tablet-1"


async def test_a_device_is_revoked_by_its_id_alone(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet("tablet-1")
    async with database.transaction() as connection:
        [line] = await devices.list_lines(connection)
        assert "active" in line
        await devices.revoke_by_id(connection, "tablet-1")
        [line] = await devices.list_lines(connection)
        assert all(word in line for word in ("tablet-1", clinic.username, "revoked"))
        with pytest.raises(devices.UnknownDevice):
            await devices.revoke_by_id(connection, "tablet-2")
    assert await clinic.fetch("select 1 from audit where action = 'device-revoked'")


@pytest.mark.parametrize("device_id", ["", "a b", "a/b", "x" * 65, "a\x00", "é"])
async def test_an_id_that_is_none_is_refused(database: Database, device_id: str) -> None:
    clinic = await open_clinic(database)
    assert (await enrol(clinic, device_id)).status_code == 400


async def test_an_unknown_field_is_refused_by_name(database: Database) -> None:
    clinic = await open_clinic(database)
    answer = await clinic.client.post("/api/devices", json={"device": "a", "colour": 1})
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["colour"]


async def test_enrolling_needs_a_session(database: Database) -> None:
    async with client_of(database) as client:
        assert (await client.post("/api/devices", json={"device": "a"})).status_code == 401


def test_a_device_has_the_name_that_tablets_give_it() -> None:
    assert devices.name_of("6f0c-c3d4", "Dewi") == "device of Dewi (c3d4)  6f0c-c3d4"
    assert devices.name_of("6f0c-c3d4", None) == "device (c3d4)  6f0c-c3d4"
    assert people.DEVICE_CHARACTERS_SHOWN == devices.MARK_CHARACTERS
