"""Rescue files, read in by another tablet or by the command line: once or twice, all the same."""

from __future__ import annotations

import json
import os
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend import devices, rescue
from backend.database import Database
from tests.backend.clinics import Clinic, Tablet, condition, open_clinic, patient

ALL_WRONG = [
    b"",
    b"no line",
    b"{}\n",
    b'{"format":"rekam-rescue"}\nxx',
    b"{" * 5_000 + b"\n",
    b"\xff\xfe\n\x00",
    b"PK\x03\x04\n",
]


async def make_file(
    tablet: Tablet, texts: list[str], state: str = "waiting", **changed: Any
) -> bytes:
    """As the tablet makes it. A text with a tab is a line as it shall stand."""
    clinic = tablet.clinic
    async with clinic.database.connection() as connection:
        known = await devices.find(connection, clinic.facility_id, tablet.device_id)
    assert known is not None
    key, key_iv, iv = AESGCM.generate_key(256), os.urandom(12), os.urandom(12)
    wrapped = AESGCM(known.recovery_key).encrypt(key_iv, key, rescue.KEY_LABEL)
    made_ms, count = 1_795_398_170_123, len(texts)
    label = f"rescue/{tablet.device_id}/{made_ms}/{count}".encode()
    lines = [text if "\t" in text else f"{state}\t{text}" for text in texts]
    cipher = AESGCM(key).encrypt(iv, "\n".join(lines).encode(errors="surrogateescape"), label)
    header = {
        "format": "rekam-rescue",
        "version": 1,
        "device": tablet.device_id,
        "facility": clinic.facility_id,
        "made_ms": made_ms,
        "count": count,
        "iv": iv.hex(),
        "key": {"iv": key_iv.hex(), "wrapped": wrapped.hex()},
        **changed,
    }
    return json.dumps(header).encode() + b"\n" + cipher


async def upload(clinic: Clinic, body: bytes) -> httpx.Response:
    headers = {"content-type": "application/octet-stream"}
    return await clinic.client.post("/api/rescue", content=body, headers=headers)


async def test_a_file_is_the_same_once_or_twice_and_before_the_tablet_itself(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    first = tablet.write(patient("p1"))
    await tablet.push(first)
    texts = tablet.write(condition("p1"), condition("p1"))
    body = await make_file(tablet, first + texts)
    report = (await upload(clinic, body)).json()
    counts = {"read": 3, "new": 2, "known": 1, "refused": 0, "set_aside": 0}
    assert report == {"device": tablet.device_id, **counts}
    again = (await upload(clinic, body)).json()
    assert (again["new"], again["known"]) == (0, 3)
    # The tablet has found its network: what it sends is there.
    reply = (await tablet.push(texts)).json()
    assert [outcome["outcome"] for outcome in reply["outcomes"]] == ["duplicate"] * 2
    rows = await clinic.fetch("select body from change order by sequence")
    assert [row["body"] for row in rows] == first + texts
    audited = await clinic.fetch("select details from audit where action = 'rescue-read'")
    assert len(audited) == 2
    assert await rescue_count(clinic) == 0


async def rescue_count(clinic: Clinic) -> int:
    return len(await clinic.fetch("select 1 from quarantine"))


async def test_what_does_not_continue_the_chain_is_kept_aside(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    tablet.write(patient("p1"))
    body = await make_file(tablet, tablet.write(condition("p1")))
    assert (await upload(clinic, body)).json()["set_aside"] == 1
    assert await clinic.fetch("select 1 from change") == []
    assert await rescue_count(clinic) == 1


async def test_a_revoked_tablets_file_is_kept_aside(database: Database) -> None:
    clinic, tablet = await open_clinic(database), None
    tablet = await clinic.tablet()
    body = await make_file(tablet, tablet.write(patient("p1")))
    async with database.transaction() as connection:
        await devices.revoke(connection, clinic.facility_id, tablet.device_id)
    await clinic.sign_in()
    assert (await upload(clinic, body)).json()["set_aside"] == 1
    assert await clinic.fetch("select 1 from change") == []


async def test_refused_entries_of_a_file_are_looked_up_and_not_applied(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    texts = tablet.write(condition("nobody"))
    assert (await tablet.push(texts)).json()["outcomes"][0]["outcome"] == "rejected"
    report = (await upload(clinic, await make_file(tablet, texts, "refused"))).json()
    assert (report["refused"], report["new"]) == (1, 0)
    assert len(await clinic.fetch("select 1 from refused")) == 1


async def test_a_restored_server_gets_refused_and_withdrawn_entries_and_what_follows(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    # The server has nothing of these (any more); the tablet knows how it had judged them.
    refused, withdrawn, last = (
        tablet.write(draft)[0] for draft in (condition("nobody"), patient("p1"), patient("p2"))
    )
    lines = [f"refused\t{refused}", f'withdrawn\t{withdrawn}\t"salah orang"', f"waiting\t{last}"]
    body = await make_file(tablet, lines)
    report = (await upload(clinic, body)).json()
    counts = {"read": 3, "new": 1, "known": 0, "refused": 2, "set_aside": 0}
    assert report == {"device": tablet.device_id, **counts}
    # What its writer gave up is in nobody's record, and what follows it is.
    rows = await clinic.fetch("select body from change")
    assert [row["body"] for row in rows] == [last]
    rows = await clinic.fetch("select reason from refused order by sequence")
    assert [row["reason"] for row in rows] == [None, "salah orang"]
    assert (await upload(clinic, body)).json()["known"] == 1
    assert await rescue_count(clinic) == 0


NO_REASONS = ["", '""', "salah", "7", '"' + "x" * 20_000 + '"', '"\udcff"', '"\\ud800"']


@pytest.mark.parametrize("reason", NO_REASONS)
async def test_a_reason_that_is_none_is_refused_in_words(database: Database, reason: str) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    [text] = tablet.write(patient("p1"))
    answer = await upload(clinic, await make_file(tablet, [f"withdrawn\t{text}\t{reason}"]))
    is_none_given = reason == ""
    assert answer.status_code == (200 if is_none_given else 422), answer.text
    assert is_none_given or "damaged" in answer.json()["issue"][0]["diagnostics"]


async def test_what_a_copy_gave_up_is_not_given_up_for_who_wrote_under_the_same_number(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    copy = await clinic.tablet(tablet.device_id)
    [refused] = tablet.write(condition("nobody"))
    assert (await tablet.push([refused])).json()["outcomes"][0]["outcome"] == "rejected"
    [given_up] = copy.write(condition("nobody", "Batuk"))
    body = await make_file(copy, [f'withdrawn\t{given_up}\t"salah orang"'])
    assert (await upload(clinic, body)).json()["set_aside"] == 1
    told = [{"number": 1, "reason": "salah orang"}]
    answer = (await copy.push([given_up], withdrawn=told)).json()
    assert [one["outcome"] for one in answer["outcomes"]] == ["set-aside"]
    [open_one] = await clinic.fetch("select settled_at, reason from refused")
    assert tuple(open_one) == (None, None)


async def test_the_command_line_reads_it_too(database: Database, tmp_path: Any) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    path = tmp_path / "tablet.rekam"
    path.write_bytes(await make_file(tablet, tablet.write(patient("p1"))))
    lines = await rescue.read_path(database, path)
    assert "1 new, 0 known" in lines[1]
    assert "0 new, 1 known" in (await rescue.read_path(database, path))[1]


@pytest.mark.parametrize("body", ALL_WRONG)
async def test_a_file_that_is_none_is_refused_in_words(database: Database, body: bytes) -> None:
    clinic = await open_clinic(database)
    await clinic.tablet()
    answer = await upload(clinic, body)
    assert answer.status_code == 422
    assert "rescue file" in answer.json()["issue"][0]["diagnostics"]


async def test_a_damaged_or_foreign_file_is_refused_in_words(database: Database) -> None:
    ours, theirs = await open_clinic(database), await open_clinic(database)
    tablet = await ours.tablet()
    await theirs.tablet()
    texts = tablet.write(patient("p1"))
    body = await make_file(tablet, texts)
    for wrong, words in (
        (body[:-3], "damaged"),
        (body + b"x", "damaged"),
        (await make_file(tablet, texts, count=7), "damaged"),
        (await make_file(tablet, texts, version=2), "newer Rekam"),
        (await make_file(tablet, texts, key={"iv": "00" * 12, "wrapped": "11" * 48}), "key"),
        (await make_file(tablet, texts, key={"iv": "zz", "wrapped": ""}), "key"),
        (await make_file(tablet, texts, device="never-seen"), "another facility"),
    ):
        answer = await upload(ours, wrong)
        assert answer.status_code == 422, answer.text
        assert words in answer.json()["issue"][0]["diagnostics"]
    answer = await upload(theirs, body)
    assert (answer.status_code, "another facility" in answer.text) == (422, True)
    assert await ours.fetch("select 1 from change") == []
