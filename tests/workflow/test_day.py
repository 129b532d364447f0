"""The day's count on the device, and what a comparison with the server comes to."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import day
from pwa.py.workflow.day import Day
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin

END_MS = 10**14


def nobody(_: int) -> None:
    pass


async def counted(tablet: Tablet) -> dict[str, Any]:
    day = Day(tablet.store, tablet.link, tablet.now_ms, tablet.under_way.holds)
    return await day.count(0, END_MS, nobody)


def answer_of(server: ServerTwin, tablet: Tablet) -> dict[str, Any]:
    known = server.devices[tablet.name]
    own = [change for _, change in server.log if change["device"] == tablet.name]
    row = {"device": tablet.name, "author": "doctor", "server": len(own), "waiting": 0}
    receipt = {"device": tablet.name, "number": known["number"], "hash": known["hash"]}
    return {"devices": [receipt], "counts": [row | {"refused": 0, "withdrawn": 0}]}


@pytest.fixture
async def tablet() -> Tablet:
    one = await Tablet("one", ServerTwin()).start()
    await one.visit(await one.register())
    return one


async def test_what_was_sent_agrees_and_what_waits_is_said(tablet: Tablet) -> None:
    await tablet.synchronise()
    server = tablet.link.server
    own = await counted(tablet)
    assert own["counts"]["doctor"][day.SERVER] == 6
    assert day.compare(own, answer_of(server, tablet))["verdict"] == day.AGREE
    await tablet.register()
    own = await counted(tablet)
    assert (own["unsent"], own["counts"]["doctor"][day.WAITING]) == (1, 1)
    assert day.compare(own, answer_of(server, tablet))["verdict"] == day.UNSENT


async def test_a_lost_reply_is_no_difference(tablet: Tablet) -> None:
    tablet.link.replies_to_lose = 1
    await tablet.synchronise()
    found = day.compare(await counted(tablet), answer_of(tablet.link.server, tablet))
    assert found["verdict"] == day.UNSENT


@pytest.mark.parametrize("fault", ["number", "hash", "count", "chain"])
async def test_any_difference_is_told(tablet: Tablet, fault: str) -> None:
    await tablet.synchronise()
    answer, own = answer_of(tablet.link.server, tablet), await counted(tablet)
    if fault == "number":
        answer["devices"][0]["number"] -= 1
    elif fault == "hash":
        answer["devices"][0]["hash"] = "0" * 64
    elif fault == "count":
        answer["counts"][0]["server"] -= 1
    else:
        row = await tablet.store.get("outbox", 3)
        assert row is not None
        put: Any = row | {"text": row["text"].replace("37.2", "37.3").replace("120", "121")}
        await tablet.store.commit([put])
        own = await counted(tablet)
        assert own["broken"] == 4
    assert day.compare(own, answer)["verdict"] == day.DIFFER


async def test_withdrawn_and_replaced_work_count_in_their_places() -> None:
    stranger = await Tablet("one", ServerTwin(), author="stranger").start()
    await stranger.register()
    await stranger.register(name="Budi Santoso")
    await stranger.synchronise()
    await stranger.refusals.withdraw(1, "salah")
    await stranger.refusals.send_again(2)
    counts = (await counted(stranger))["counts"]["stranger"]
    assert counts == {"server": 0, "waiting": 1, "refused": 0, "withdrawn": 1}
