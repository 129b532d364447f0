"""What a tablet says is gone: all that is, and nothing else."""

from __future__ import annotations

import pytest

from pwa.py.workflow.set_aside import SetAside
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server
from tests.sync.tablets import Tablet
from tests.sync.test_chain import (
    EMPTY,
    LAST,
    happened,
    open_forgetful,
    open_tablet,
    open_twins,
)


@pytest.fixture
def server() -> Server:
    return Server(Scheduler(1))


async def gone(tablet: Tablet) -> int:
    return sum([event.get("gone", 0) for event in await happened(tablet)])


async def test_what_was_set_aside_and_said_again_is_not_called_gone_when_the_server_is_restored(
    server: Server,
) -> None:
    one, two, _ = await open_twins(server)
    server.back_up()
    for name in ("Ketut", "Made"):
        await one.register(name=name)
    assert await one.synchronise() == "synced"
    server.restore(LAST)
    # The copy writes under the numbers that the restored server lacks.
    await two.register(name="Putu")
    assert await two.synchronise() == "synced"
    assert await one.synchronise() == "attention"
    aside = SetAside(one.record)
    for entry in await aside.list():
        assert await aside.send_again(entry["number"]) == []
    assert await one.synchronise() == "synced"
    server.restore(LAST)
    assert await one.synchronise() == "synced"
    assert len(server.tables.patients) == 3
    assert await gone(one) == 0


async def test_a_tablet_whose_revocation_a_restore_took_back_tells_what_is_gone(
    server: Server,
) -> None:
    tablet = await open_forgetful(server)
    server.revoke("one")
    await tablet.register(name="Putu")
    assert await tablet.synchronise() == "revoked"
    # The backup knows nothing of it, nor of anything that the tablet has let go of.
    server.restore(EMPTY)
    again = await open_tablet(server, "one", like=tablet)
    await again.synchronise()
    assert await gone(again) == 2


async def test_what_is_given_up_leaves_the_chart_of_a_patient_whom_a_restored_server_had_lost(
    server: Server,
) -> None:
    one = await open_tablet(server, "one")
    patient = await one.register()
    await one.visit(patient)
    await one.synchronise()
    two = await open_tablet(server, "two")
    await two.synchronise()
    server.restore(EMPTY)
    chart = await two.record.open(patient)
    assert chart is not None
    keys = chart.keys()
    [visit] = [key for key in keys if key.startswith("Encounter/")]
    await two.amend(patient, chart.row(visit), {"reasonCode": [{"text": "Salah orang"}]})
    assert await two.synchronise() == "attention"
    [refused] = await two.refusals.list()
    assert await two.refusals.withdraw(refused["number"], "salah orang")
    assert await two.synchronise() == "synced"
    # An edit of the patient begins them there; the visit comes as a change of somebody known.
    chart = await two.record.open(patient)
    assert chart is not None
    phone = {"telecom": [{"system": "phone", "value": "0812"}]}
    await two.amend(patient, chart.row("Patient/" + patient), phone)
    assert await two.synchronise() == "synced"
    assert await one.synchronise() == "synced"
    assert await two.synchronise() == "synced"
    held, there = await two.record.open(patient), await one.record.open(patient)
    assert held is not None and there is not None
    assert held.row(visit) == there.row(visit)
