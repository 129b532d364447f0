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
