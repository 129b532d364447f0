"""Work that was set aside and is left there: with a reason, which the server is told."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import changes, json_text, outbox
from pwa.py.domain.directory import Directory
from pwa.py.sync import panel
from pwa.py.sync.state import read_state
from pwa.py.workflow.record import Record
from pwa.py.workflow.set_aside import SetAside
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin

REASON = "Sudah dicatat di tablet lain"


@pytest.fixture
async def tablet() -> Tablet:
    """Its one change was set aside by the server."""
    tablet = await Tablet("one", ServerTwin()).start()
    await tablet.synchronise()
    await tablet.register()
    [row] = await tablet.store.list("outbox")
    put: Any = {"table": "outbox", "key": row["key"], "patient": row["patient"]}
    await tablet.store.commit([put | {"text": row["text"], "state": "set_aside"}])
    return tablet


async def test_it_goes_when_the_server_has_been_told(tablet: Tablet) -> None:
    aside = SetAside(tablet.record)
    [row] = await tablet.store.list("outbox")
    assert await aside.leave(row["key"], REASON)
    assert await aside.list() == []
    # Not yet told: it counts as unsent, so that nobody signs out over it unwarned.
    assert await tablet.exchange.counts() == (1, 0)
    tablet.link.is_cut = True
    assert await tablet.synchronise() == "offline"
    assert await tablet.store.count("outbox", outbox.LEFT) == 1
    tablet.link.is_cut = False
    assert await tablet.synchronise() == "synced"
    assert tablet.link.server.left == [(changes.text_hash(row["text"]), REASON)]
    assert await tablet.store.count("outbox") == 0


async def test_it_can_be_taken_back_until_the_server_has_been_told(tablet: Tablet) -> None:
    aside = SetAside(tablet.record)
    [row] = await tablet.store.list("outbox")
    await aside.leave(row["key"], REASON)
    assert await aside.take_back(row["key"])
    assert [one["number"] for one in await aside.list()] == [row["key"]]
    [back] = await tablet.store.list("outbox")
    assert (back["text"], back["state"]) == (row["text"], "set_aside")
    await aside.leave(row["key"], REASON)
    await tablet.synchronise()
    assert not await aside.take_back(row["key"])
    assert not await aside.leave(row["key"], REASON)


async def test_a_patient_whose_registration_is_left_aside_is_in_no_list(tablet: Tablet) -> None:
    [row] = await tablet.store.list("outbox")
    assert await tablet.chart(row["patient"]) is not None
    assert await SetAside(tablet.record).leave(row["key"], REASON)
    assert not await tablet.exchange.panel.keep(row["patient"])
    assert await tablet.chart(row["patient"]) is None
    assert tablet.desk.find_patients("siti") == []


async def test_the_name_kept_for_refused_work_goes_once_the_record_has_the_patient(
    tablet: Tablet,
) -> None:
    """An edit begins the patient there, without what the set-aside registration says."""
    server = tablet.link.server
    [row] = await tablet.store.list("outbox")
    head = {"number": row["key"], "hash": changes.text_hash(row["text"])}
    server.devices["one"] = head | {"outcomes": {}, "refusals": {}}
    patient, key = row["patient"], "Patient/" + row["patient"]
    await tablet.visit(patient)
    assert await tablet.synchronise() == "attention"
    assert await tablet.exchange.panel.keep(patient)
    assert (await read_state(tablet.store))["mixed"] == [patient]
    chart = await tablet.record.open(patient)
    assert chart is not None
    phone = {"telecom": [{"system": "phone", "value": "0812"}]}
    await tablet.amend(patient, chart.row(key), phone)
    await tablet.synchronise()
    assert "name" not in server.rows[key]["resource"]
    chart = await tablet.record.open(patient)
    assert chart is not None
    assert chart.row(key) == server.rows[key]
    assert await SetAside(tablet.record).send_again(row["key"]) == []
    await tablet.synchronise()
    assert (await tablet.chart(patient))["patient"]["name"] == "Siti Nurhaliza"


async def test_a_lost_answer_is_told_again(tablet: Tablet) -> None:
    aside = SetAside(tablet.record)
    [row] = await tablet.store.list("outbox")
    await aside.leave(row["key"], REASON)
    tablet.link.replies_to_lose = 1
    assert await tablet.synchronise() == "offline"
    assert await tablet.synchronise() == "synced"
    assert len(tablet.link.server.left) == 2
    assert await tablet.store.count("outbox") == 0


async def test_a_patient_whom_another_has_brought_meanwhile_is_fetched_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(panel, "PANEL_CHARTS_MAX", 1)
    server = ServerTwin()
    other, tablet = await Tablet("other", server).start(), await Tablet("one", server).start()
    await other.register()
    patient = await other.register()
    await other.visit(patient)
    await other.synchronise()
    await tablet.synchronise()
    assert await tablet.chart(patient) is None
    # The very registration was made here too, before this tablet was found to be a copy.
    [made] = [change for _, change in server.log if change["resource"] == "Patient/" + patient]
    put: Any = {"table": "outbox", "key": 900, "patient": patient, "state": "set_aside"}
    await tablet.store.commit([put | {"text": json_text.dumps(made)}])
    assert await SetAside(tablet.record).send_again(900) == []
    assert await tablet.synchronise() == "synced"
    assert len((await tablet.chart(patient))["encounters"]) == 1


async def test_whose_it_is_is_said_only_where_it_is_known(tablet: Tablet) -> None:
    aside = SetAside(tablet.record)
    patient = await tablet.register(name="Budi")
    await tablet.visit(patient)
    row = (await tablet.store.list("outbox", patient=patient))[-1]
    put: Any = {"table": "outbox", "key": row["key"], "patient": patient, "state": "set_aside"}
    await tablet.store.commit([put | {"text": row["text"]}])
    assert [one["name"] for one in await aside.list()] == ["Siti Nurhaliza", "Budi"]
    # The charts are let go; what registered one of the two is itself among what was set aside.
    nobody_held = Record(tablet.store, Directory(), "doctor", tablet.now_ms, tablet.saved.append)
    found = await SetAside(nobody_held).list()
    assert [one["name"] for one in found] == ["Siti Nurhaliza", None]
