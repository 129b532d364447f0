"""Devices that were revoked: all that they hold and the server may lack is handed over."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from pwa.py.domain import outbox
from pwa.py.domain.failures import Offline
from pwa.py.sync.state import read_state
from tests.simulation import server as simulated
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server
from tests.sync.test_chain import (
    EMPTY,
    LAST,
    happened,
    open_doubles_of_a_visit,
    open_forgetful,
    open_tablet,
    open_twins,
    requests_of,
)


@pytest.fixture
def server() -> Server:
    return Server(Scheduler(1))


async def test_a_revoked_tablet_tells_what_is_gone_once_it_is_let_in_again(server: Server) -> None:
    tablet = await open_forgetful(server)
    server.restore(EMPTY)
    server.revoke("one")
    assert await tablet.synchronise() == "revoked"
    server.tables.revoked.clear()
    again = await open_tablet(server, "one", like=tablet)
    assert await again.synchronise() == "attention"
    assert {"kind": "restored", "again": 0, "gone": 2} in await happened(again)


async def test_a_revoked_tablet_hands_over_what_a_restored_server_has_lost_and_a_copy_hides(
    server: Server,
) -> None:
    one, two, _ = await open_twins(server)
    server.back_up()
    await one.register(name="Made Baru")
    assert await one.synchronise() == "synced"
    lost = [row["text"] for row in await one.store.list("outbox", after=1)]
    server.restore(LAST)
    # The copy brings the chain to the number that the tablet had been told.
    await two.register(name="Putu Baru")
    assert await two.synchronise() == "synced"
    server.revoke("one")
    assert await one.synchronise() == "revoked"
    assert [body.decode() for _, body in server.tables.quarantine] == lost


async def test_a_tablet_that_is_revoked_before_it_begins_another_chain_hands_over_the_ended_one(
    server: Server,
) -> None:
    tablet = await open_tablet(server, "one")
    patient = await tablet.register()
    assert await tablet.synchronise() == "synced"
    [lost] = [row["text"] for row in await tablet.store.list("outbox")]
    server.revoke("one")
    await tablet.visit(patient)
    assert await tablet.synchronise() == "revoked"
    # The backup knows neither the patient nor of the revocation.
    server.restore(EMPTY)
    again = await open_tablet(server, "one", like=tablet)
    await again.exchange.step()
    assert (await read_state(again.store))["parted"] is not None
    server.revoke("one")
    assert await again.synchronise() == "revoked"
    assert lost in [body.decode() for _, body in server.tables.quarantine]


@pytest.mark.parametrize("is_more_to_send", [True, False])
async def test_an_id_that_was_revoked_before_it_was_used_is_not_asked_for_again(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_more_to_send: bool
) -> None:
    one, two, patient = await open_twins(server)
    await one.visit(patient)
    await one.synchronise()
    await two.register(name="Made Baru")
    post = two.link.post
    given: list[str] = []

    async def lose_the_answer(
        path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None
    ) -> str:
        answer = await post(path, body, timeout_ms)
        if path == "/api/devices":
            given.append(json.loads(body)["device"])
            raise Offline("lost")
        return answer

    with monkeypatch.context() as losing:
        losing.setattr(two.link, "post", lose_the_answer)
        assert await two.synchronise() == "offline"
    server.revoke(given[0])
    if is_more_to_send:
        await two.visit(patient)
    word, asked = await requests_of(two, monkeypatch)
    assert (word, len(asked) < 10) == ("attention", True)
    assert (await two.device.read())["device"] not in (given[0], "one")


@pytest.mark.parametrize("is_more_to_send", [True, False])
async def test_a_session_of_another_tablet_that_was_revoked_is_not_asked_again_and_again(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_more_to_send: bool
) -> None:
    tablet = await open_tablet(server, "one")
    patient = await tablet.register()
    await tablet.synchronise()
    if is_more_to_send:
        await tablet.visit(patient)
    other = replace(simulated.MEMBER, is_revoked=True, device_id="another")
    monkeypatch.setattr(simulated, "MEMBER", other)
    assert await requests_of(tablet, monkeypatch) == ("revoked", ["/api/sync"])
    # Signed in anew, the session is this tablet's, and what waited is sent.
    monkeypatch.undo()
    again = await open_tablet(server, "one", like=tablet)
    assert await again.synchronise() == "synced"


async def test_a_revoked_tablet_hands_over_what_was_lost_of_its_earlier_chains_too(
    server: Server,
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    kept = [row["text"] for row in await two.store.list("outbox", state="done")]
    assert {json.loads(text)["device"] for text in kept} == {"one", "two-2"}
    server.restore(EMPTY)
    server.revoke("two-2")
    assert await two.synchronise() == "revoked"
    assert {body.decode() for _, body in server.tables.quarantine} == {*kept}


async def test_a_tablet_that_is_let_in_while_it_hands_over_sends_nothing_under_another_name(
    server: Server,
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    kept = {row["text"] for row in await two.store.list("outbox", state="done")}
    server.restore(EMPTY)
    server.revoke("two-2")
    # It hears that it is revoked, and lets all wait that it keeps; then it is let in again.
    await two.exchange.step()
    server.tables.revoked.clear()
    assert await two.synchronise() == "attention"
    assert not await two.store.count("outbox", "refused")
    assert not await two.store.count("outbox", "waiting")
    aside = await two.store.list("outbox", state="set_aside")
    assert {outbox.text_of(row) for row in aside} == kept


async def test_a_revoked_tablet_hands_over_what_its_writer_had_given_up(server: Server) -> None:
    tablet = await open_tablet(server, "one")
    patient = await tablet.register()
    await tablet.synchronise()
    # Of a patient whom a restored server has lost: the first is refused, the rest goes with it.
    third = await open_tablet(server, "third")
    await third.synchronise()
    await third.visit(patient)
    numbers = await third.store.list_keys("outbox", None, "waiting")
    server.restore(EMPTY)
    third.exchange._pace.size = 1  # pyright: ignore[reportPrivateUsage]
    await third.exchange.step()
    assert await third.store.count("outbox", "waiting") == len(numbers) - 1
    assert await third.refusals.withdraw(numbers[0], "salah orang") == numbers
    given_up = [outbox.text_of(row) for row in await third.store.list("outbox", state="withdrawn")]
    server.revoke("third")
    assert await third.synchronise() == "revoked"
    assert not await third.store.count("outbox", "withdrawn")
    there = [row["body"] for row in server.tables.refused.values()]
    there += [body for _, body in server.tables.quarantine]
    assert given_up and {text.encode() for text in given_up} <= {*there}


async def test_a_tablet_that_is_revoked_before_it_has_asked_hands_over_its_earlier_chains(
    server: Server,
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    server.back_up()
    server.restore(LAST)
    assert await two.synchronise() == "synced"
    # The first of a new chain goes to another life of the server, which takes it: the tablet is
    # about to ask about the chains before, and is revoked.
    await two.register(name="Ayu")
    kept = {outbox.text_of(row) for row in await two.store.list("outbox")}
    server.restore(EMPTY)
    while (await read_state(two.store))["parted"] is None:
        await two.exchange.step()
    server.revoke((await two.device.read())["device"])
    assert await two.synchronise() == "revoked"
    there = [row["body"] for row in server.tables.refused.values()]
    there += [row["body"].encode() for row in server.tables.changes.values()]
    there += [body for _, body in server.tables.quarantine]
    assert {text.encode() for text in kept} <= {*there}
