"""What a store is told of its earlier chains when it begins another."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pwa.py.domain import outbox
from pwa.py.domain.failures import Offline
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server
from tests.sync.tablets import Tablet
from tests.sync.test_chain import EMPTY, LAST, happened, open_doubles_of_a_visit, open_tablet


@pytest.fixture
def server() -> Server:
    return Server(Scheduler(1))


async def lose_the_answer_to(tablet: Tablet, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server takes all that waits, and the tablet does not hear of it."""
    post = tablet.link.post

    async def lose(path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        await post(path, body, timeout_ms)
        raise Offline("lost")

    with monkeypatch.context() as losing:
        losing.setattr(tablet.link, "post", lose)
        assert await tablet.synchronise() == "offline"


@pytest.mark.parametrize("is_withdrawn", [False, True])
async def test_what_the_server_took_and_did_not_answer_is_not_said_twice(
    server: Server, monkeypatch: pytest.MonkeyPatch, is_withdrawn: bool
) -> None:
    """After a lost answer the next request carries less, and may be answered by another life of
    the server, in which the store begins another chain before the rest is repeated."""
    _, two = await open_doubles_of_a_visit(server)
    patient = await two.register(name="Ayu")
    for reason in ("Demam", "Nyeri dada", "Pusing"):
        await two.visit(patient, reason=reason)
    await lose_the_answer_to(two, monkeypatch)
    server.back_up()
    server.restore(LAST)
    before = [row["body"] for row in server.tables.changes.values()]
    waiting = await two.store.list("outbox", state="waiting")
    assert len(waiting) > 1
    if is_withdrawn:
        last = waiting[-1]
        note = {"reason": "salah orang", "was": "refused", "issues": []}
        text = outbox.noted(last["text"], note)
        moved = last | {"table": "outbox", "text": text, "state": "withdrawn"}
        await two.store.commit([moved])
    monkeypatch.setattr(two.exchange._pace, "size", 1)
    assert await two.synchronise() == "synced"
    assert [row["body"] for row in server.tables.changes.values()] == before
    kept = {row["text"]: row["state"] for row in await two.store.list("outbox")}
    assert {kept[row["text"]] for row in waiting} == {"done"}


async def test_what_was_refused_for_its_device_is_answered_alike_when_it_is_repeated(
    server: Server,
) -> None:
    tablet = await open_tablet(server, "one")
    await tablet.register()
    assert await tablet.synchronise() == "synced"
    change = outbox.change_of((await tablet.store.list("outbox"))[-1])
    device = await tablet.device.read()
    change.update({"device": "another", "number": device["number"] + 1})
    change["previous"] = device["hash"]
    form = {"protocol": 2, "device": "one", "cursor": 0, "now_ms": 1, "limit": 0}
    body = json.dumps(form | {"epoch": None, "changes": [change]})
    first = json.loads(server.ask("/api/sync", body))["outcomes"]
    assert [one["outcome"] for one in first] == ["rejected"]
    assert json.loads(server.ask("/api/sync", body))["outcomes"] == first
    assert not server.tables.quarantine


async def test_a_slow_link_asks_in_pieces_and_does_not_begin_anew_after_a_failure(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    monkeypatch.setattr(two.exchange._chain._succession._pace, "size", 2)
    server.back_up()
    server.restore(LAST)
    post = two.link.post
    asked: list[list[str]] = []

    async def ask(path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        if path == "/api/devices":
            kept = json.loads(body)["kept"]
            asked.append([f"{name} {number}" for name in kept for number in kept[name]])
            if len(asked) == 2:
                raise Offline("cut")
        return await post(path, body, timeout_ms)

    monkeypatch.setattr(two.link, "post", ask)
    assert await two.synchronise() == "offline"
    assert await two.synchronise() == "synced"
    first, cut, *others = asked
    again = [name for names in others for name in names]
    assert len(first) == 2 and set(cut) <= set(again)
    assert sorted(first + again) == sorted({*first, *again})
    assert {"one 1", "one 5", "two-2 7"} <= {*first, *again}


async def test_what_is_known_of_another_life_is_forgotten_between_two_pieces(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    monkeypatch.setattr(two.exchange._chain._succession._pace, "size", 2)
    server.back_up()
    server.restore(LAST)
    post = two.link.post
    seen: list[str] = []

    async def ask(path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        seen.append(path)
        if seen.count("/api/devices") == 2:
            # What the first piece was told is lost by now.
            server.restore(EMPTY)
        return await post(path, body, timeout_ms)

    monkeypatch.setattr(two.link, "post", ask)
    await two.synchronise()
    refused = await two.store.list("outbox", state="refused")
    there = [row["body"].decode() for row in server.tables.refused.values()]
    assert refused and {outbox.text_of(row) for row in refused} <= {*there}
    assert not [row for row in await two.store.list("outbox", state="done") if is_of(row, "one")]


def is_of(row: Any, device: str) -> bool:
    return outbox.change_of(row)["device"] == device


async def test_how_much_of_what_was_let_go_may_be_missing_is_told_where_nobody_can_know(
    server: Server,
) -> None:
    one, two = await open_doubles_of_a_visit(server)
    # What came first was let go here long ago, on the copy too.
    for tablet in (one, two):
        await tablet.store.commit([], removes=[("outbox", 1), ("outbox", 2)])
    server.restore(EMPTY)
    # Somebody else's work stands under the numbers of the earlier chain.
    other = await open_tablet(server, "one")
    for name in ("Ketut", "Made", "Nyoman"):
        await other.register(name=name)
    await other.synchronise()
    await two.synchronise()
    [told] = [event for event in await happened(two) if event["kind"] == "restored"]
    assert (told["gone"], told["doubted"]) == (0, 2)


async def test_what_was_let_go_and_is_on_the_server_is_not_doubted(server: Server) -> None:
    one = await open_tablet(server, "one")
    for name in ("Ketut", "Made", "Nyoman"):
        await one.register(name=name)
    assert await one.synchronise() == "synced"
    await one.store.commit([], removes=[("outbox", 1), ("outbox", 2)])
    two = await open_tablet(server, "two", like=one)
    for tablet in (one, two):
        await tablet.register(name="Putu " + tablet.name)
        await tablet.synchronise()
    assert await happened(two) == [{"kind": "forked", "count": 1}]


async def test_what_was_carried_over_is_not_called_gone_when_the_server_is_restored_again(
    server: Server,
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    server.restore(EMPTY)
    # Somebody else's work stands under the numbers of the earlier chain.
    other = await open_tablet(server, "one")
    for name in ("Ketut", "Made", "Nyoman", "Putu", "Wayan", "Komang"):
        await other.register(name=name)
    await other.synchronise()
    await two.synchronise()
    server.restore(EMPTY)
    await two.synchronise()
    told = [event["gone"] for event in await happened(two) if event["kind"] == "restored"]
    assert told == [0, 0]
