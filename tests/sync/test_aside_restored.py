"""Work that is kept aside, by a server that was restored from before it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pwa.py.domain import outbox
from pwa.py.domain.failures import Offline
from pwa.py.sync.state import read_state
from pwa.py.workflow.set_aside import SetAside
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server
from tests.sync.test_chain import LAST, open_tablet, open_twins


@pytest.fixture
def server() -> Server:
    return Server(Scheduler(1))


def kept(server: Server) -> list[Any]:
    return [body.decode() for _, body in server.tables.quarantine]


async def test_what_a_revoked_tablet_handed_over_is_handed_over_to_a_restored_server_too(
    server: Server,
) -> None:
    tablet = await open_tablet(server, "one")
    await tablet.register(name="Ketut")
    await tablet.synchronise()
    server.back_up()
    server.revoke("one")
    await tablet.register(name="Made")
    assert await tablet.synchronise() == "revoked"
    [text] = kept(server)
    server.restore(LAST)
    # As the command says that tells of a restore.
    server.revoke("one")
    again = await open_tablet(server, "one", like=tablet)
    assert await again.synchronise() == "revoked"
    assert kept(server) == [text]


@pytest.mark.parametrize("is_left", [False, True])
async def test_what_is_set_aside_is_kept_by_a_restored_server_too(
    server: Server, is_left: bool
) -> None:
    one, two, patient = await open_twins(server)
    await one.visit(patient)
    await one.synchronise()
    server.back_up()
    await two.register(name="Made Baru")
    assert await two.synchronise() == "attention"
    [text] = kept(server)
    server.restore(LAST)
    [row] = await two.store.list("outbox", state="set_aside")
    if is_left:
        assert await SetAside(two.record).leave(row["key"], "sudah dicatat di tablet lain")
    assert await two.synchronise() == ("synced" if is_left else "attention")
    here = [outbox.text_of(one) for one in await two.store.list("outbox", state="set_aside")]
    assert kept(server) == [text], (kept(server), here)


@pytest.mark.parametrize("is_left", [False, True])
async def test_a_registration_that_is_given_up_leaves_the_list_though_an_edit_is_set_aside(
    server: Server, is_left: bool
) -> None:
    one = await open_tablet(server, "one")
    one.record.author = "stranger"
    patient = await one.register(name="Made Baru")
    one.record.author = "doctor"
    assert await one.synchronise() == "attention"
    two = await open_tablet(server, "two", like=one)
    await one.register(name="Ketut")
    await one.synchronise()
    chart = await two.record.open(patient)
    assert chart is not None
    phone = {"telecom": [{"system": "phone", "value": "0812"}]}
    await two.amend(patient, chart.row("Patient/" + patient), phone)
    await two.exchange.step()
    await two.exchange.step()
    assert (await read_state(two.store))["parted"] is not None
    [refused] = await two.refusals.list()
    # Before the next chain is begun: the edit stands in the chart still.
    await two.refusals.withdraw(refused["number"], "salah orang")
    if is_left:
        [entry] = await SetAside(two.record).list()
        assert await SetAside(two.record).leave(entry["number"], "sudah dicatat di tablet lain")
        # What waits is sent before any chart is fetched.
        await two.register(name="Wayan")
    assert await two.synchronise() == ("synced" if is_left else "attention")
    assert await SetAside(two.record).count() == (not is_left)
    assert (await two.store.counts("outbox", ["left"])) == [0]
    assert not two.desk.is_held(patient)
    assert await two.chart(patient) is None


async def test_what_lies_aside_goes_in_pieces_where_the_link_carries_little(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = await open_twins(server)
    server.back_up()
    for name in ("Ketut", "Made", "Nyoman", "Wayan", "Putu"):
        await two.register(name=name)
    await one.register(name="Komang")
    await one.synchronise()
    assert await two.synchronise() == "attention"
    count = await two.store.count("outbox", outbox.SET_ASIDE)
    assert count == len(kept(server)) == 5
    server.restore(LAST)
    assert kept(server) == []
    post, sizes = two.link.post, list[int]()

    async def carry_little(path: str, body: str, *rest: Any, **named: Any) -> str:
        request = json.loads(body)
        if request.get("aside"):
            sizes.append(len(request["changes"]))
            if sizes[-1] > 1:
                raise Offline("too much")
        return await post(path, body, *rest, **named)

    monkeypatch.setattr(two.link, "post", carry_little)
    for _ in range(12):
        await two.synchronise()
    assert sizes[0] == count
    assert len(kept(server)) == count
