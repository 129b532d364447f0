"""Charts that were long on their way never take back what is shown."""

from __future__ import annotations

import asyncio
from copy import deepcopy
from typing import Any

import pytest

from pwa.py.domain import changes
from pwa.py.sync.state import add_wanted, read_state
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import Link, ServerTwin


class LateLink(Link):
    """The first answer with charts is held back until it is let go."""

    def __init__(self, server: ServerTwin) -> None:
        super().__init__(server)
        self.is_held = asyncio.Event()
        self.is_let_go = asyncio.Event()

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        answer = await super().get(path)
        if "/api/charts" in path and not self.is_held.is_set():
            self.is_held.set()
            await self.is_let_go.wait()
        return answer


async def test_a_chart_that_was_longer_on_its_way_takes_nothing_back() -> None:
    server = ServerTwin()
    other = await Tablet("other", server).start()
    patient = await other.register()
    await other.synchronise()
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()
    link = tablet.device.http = LateLink(server)
    first = asyncio.create_task(tablet.exchange.panel.keep(patient))
    await link.is_held.wait()
    await other.visit(patient)
    await other.synchronise()
    # Somebody in another tab fetches the same chart, and sees the visit.
    assert await tablet.exchange.panel.keep(patient)
    assert len((await tablet.chart(patient))["encounters"]) == 1
    link.is_let_go.set()
    assert await first
    assert len((await tablet.chart(patient))["encounters"]) == 1


async def test_what_was_set_aside_leaves_a_chart_once_a_restored_server_has_the_patient_again() -> (
    None
):
    server, empty = ServerTwin(), ServerTwin()
    other, tablet = await Tablet("other", server).start(), await Tablet("one", server).start()
    patient = await other.register()
    await other.visit(patient)
    await other.synchronise()
    await tablet.synchronise()
    key = next(key for key in server.rows if key.startswith("Encounter"))
    chart = await tablet.record.open(patient)
    assert chart is not None
    await tablet.amend(patient, chart.row(key), {"reasonCode": [{"text": "Salah tablet"}]})
    # Another had used its number: the edit is kept aside, mixed with what the other wrote.
    [row] = await tablet.store.list("outbox")
    put: Any = {"table": "outbox", "key": row["key"], "patient": patient, "state": "set_aside"}
    await tablet.store.commit([put | {"text": row["text"]}])
    empty.epoch = "epoch-2"
    head = {"number": row["key"], "hash": changes.text_hash(row["text"])}
    empty.devices["one"] = head | {"outcomes": {}, "refusals": {}}
    # The restored server has nobody yet; then this tablet is the first to tell of the patient.
    tablet.link.server = other.link.server = empty
    await tablet.synchronise()
    assert (await read_state(tablet.store))["mixed"] == [patient]
    chart = await tablet.record.open(patient)
    assert chart is not None
    phone = {"telecom": [{"system": "phone", "value": "0812"}]}
    await tablet.amend(patient, chart.row("Patient/" + patient), phone)
    await tablet.synchronise()
    await other.synchronise()
    await tablet.synchronise()
    assert (await read_state(tablet.store))["mixed"] == []
    assert await rows_of(tablet, patient) == empty.rows


@pytest.mark.parametrize("has_snapshot", [True, False])
async def test_a_server_put_back_without_a_word_still_gives_its_charts(has_snapshot: bool) -> None:
    """Its folder was put back, and nobody has told the devices: the epoch is the old one."""
    server = ServerTwin()
    other = await Tablet("other", server).start()
    patient = await other.register()
    await other.synchronise()
    backup = deepcopy(server)
    for _ in range(5):
        await other.visit(patient)
    await other.synchronise()
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()
    await want(tablet, patient, has_snapshot)
    tablet.link.server = backup
    assert await tablet.synchronise() == "synced"
    assert tablet.link.posts + len(tablet.link.gets) < 20
    assert await tablet.exchange.panel.keep(patient)
    assert (await read_state(tablet.store))["wanted"] == []


async def want(tablet: Tablet, patient: str, has_snapshot: bool) -> None:
    charts = tablet.device.charts()
    state = await read_state(tablet.store)
    state["has_snapshot"] = has_snapshot
    add_wanted(state, [patient])
    charts.put_state(state)
    await charts.commit()
