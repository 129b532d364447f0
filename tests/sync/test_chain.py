"""Chains that end: of a tablet that was copied or revoked, with a server that was restored."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from backend import sync
from pwa.py.domain import changes, outbox
from pwa.py.sync import engine
from pwa.py.workflow.events import Events
from pwa.py.workflow.set_aside import SetAside
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server, StraightWire
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin
from tests.workflow.test_day import counted

# Which backup is restored: that of before anything was written, or the last.
EMPTY, LAST = 0, -1
LATER_MS = 60_000


@pytest.fixture
def server() -> Server:
    """The real handlers, which know of chains, quarantine and revoked devices."""
    return Server(Scheduler(1))


async def open_tablet(server: Server, name: str, like: Tablet | None = None) -> Tablet:
    """A new one, or one that somebody made by copying all that another holds."""
    tablet = Tablet(name, ServerTwin())
    tablet.link = StraightWire(server)  # type: ignore[assignment]
    if like is not None:
        tablet.store = copy.deepcopy(like.store)
        tablet.clock_ms = like.clock_ms + LATER_MS
    return await tablet.start()


async def open_twins(server: Server) -> tuple[Tablet, Tablet, str]:
    """A tablet with a patient who is on the server, and its copy."""
    one = await open_tablet(server, "one")
    patient = await one.register()
    assert await one.synchronise() == "synced"
    return one, await open_tablet(server, "two", like=one), patient


async def open_forgetful(server: Server) -> Tablet:
    """A tablet that wrote three patients, and has let go of what is long on the server of two."""
    tablet = await open_tablet(server, "one")
    for name in ("Ketut", "Made", "Nyoman"):
        await tablet.register(name=name)
    assert await tablet.synchronise() == "synced"
    await tablet.store.commit([], removes=[("outbox", 1), ("outbox", 2)])
    return tablet


async def happened(tablet: Tablet) -> list[dict[str, Any]]:
    """What the page of synchronisation says has happened, without the times."""
    events = await Events(tablet.store).list()
    return [
        {name: value for name, value in event.items() if not name.endswith("_ms")}
        for event in events
    ]


async def test_whoever_uses_a_copied_tablet_is_told_how_much_was_set_aside(server: Server) -> None:
    one, two, patient = await open_twins(server)
    await one.visit(patient)
    assert await one.synchronise() == "synced"
    await two.register(name="Made Baru")
    await two.register(name="Putu Baru")
    assert await two.synchronise() == "attention"
    assert await happened(two) == [{"kind": "forked", "count": 2}]
    assert await SetAside(two.record).count() == 2


async def test_what_a_restored_server_and_the_tablet_both_lack_is_counted_and_told(
    server: Server,
) -> None:
    tablet = await open_forgetful(server)
    server.restore(EMPTY)
    assert await tablet.synchronise() == "synced"
    assert await happened(tablet) == [{"kind": "restored", "again": 1, "gone": 2}]


async def test_what_a_tablet_wrote_under_its_earlier_name_is_neither_forgotten_nor_sent_twice(
    server: Server,
) -> None:
    one, two, patient = await open_twins(server)
    await one.visit(patient)
    await one.synchronise()
    await two.register(name="Made Baru")
    await two.synchronise()
    [aside] = await SetAside(two.record).list()
    await SetAside(two.record).send_again(aside["number"])
    assert await two.synchronise() == "synced"
    now = (await two.device.read())["device"]
    assert (await counted(two))["devices"] == ["one", now]
    before = list(server.tables.changes)
    server.back_up()
    server.restore(LAST)
    assert await two.synchronise() == "synced"
    assert list(server.tables.changes) == before
    assert (await happened(two))[-1] == {"kind": "restored", "again": 0, "gone": 0}


async def test_a_copied_tablet_is_not_called_synchronised_without_what_its_double_just_wrote(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, _ = await open_twins(server)
    patient = await one.register(name="Made Baru")
    pull = sync.pull

    async def pull_after_the_double(*arguments: Any) -> Any:
        monkeypatch.setattr(sync, "pull", pull)
        assert await one.synchronise() == "synced"
        return await pull(*arguments)

    monkeypatch.setattr(sync, "pull", pull_after_the_double)
    assert await two.synchronise() == "synced"
    assert await two.chart(patient) is not None


async def test_what_was_set_aside_stands_in_no_chart_though_a_restore_lost_the_patient(
    server: Server,
) -> None:
    other = await open_tablet(server, "other")
    patient = await other.register()
    await other.synchronise()
    one = await open_tablet(server, "one")
    await one.synchronise()
    two = await open_tablet(server, "two", like=one)
    await one.visit(patient)
    await one.synchronise()
    await two.visit(patient, reason="Nyeri dada")
    await two.exchange.step()
    assert await two.store.count("outbox", outbox.SET_ASIDE) > 0
    server.restore(EMPTY)
    assert await two.synchronise() == "attention"
    assert list(await rows_of(two, patient)) == [f"Patient/{patient}"]


async def requests_of(tablet: Tablet, monkeypatch: pytest.MonkeyPatch) -> tuple[str, list[str]]:
    """How a round ends, and what it asked; a round without an end would be cut here."""
    monkeypatch.setattr(engine, "EXCHANGES_A_ROUND_MAX", 50)
    post, asked = tablet.link.post, list[str]()

    async def noted(path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        asked.append(path)
        return await post(path, body, timeout_ms)

    monkeypatch.setattr(tablet.link, "post", noted)
    return await tablet.synchronise(), asked


async def open_doubles_of_a_visit(server: Server) -> tuple[Tablet, Tablet]:
    """Two tablets with a visit that both know to be on the server, of a patient whom a third
    had brought there. The second has begun another chain since."""
    third = await open_tablet(server, "third")
    patient = await third.register()
    assert await third.synchronise() == "synced"
    one = await open_tablet(server, "one")
    assert await one.synchronise() == "synced"
    await one.visit(patient)
    assert await one.synchronise() == "synced"
    two = await open_tablet(server, "two", like=one)
    for tablet, name in ((one, "Made Baru"), (two, "Putu Baru")):
        await tablet.register(name=name)
        await tablet.synchronise()
    [aside] = await SetAside(two.record).list()
    await SetAside(two.record).send_again(aside["number"])
    assert await two.synchronise() == "synced"
    return one, two


async def test_what_a_restored_server_refused_of_its_double_is_listed_by_a_tablet_of_another_chain(
    server: Server,
) -> None:
    one, two = await open_doubles_of_a_visit(server)
    assert not await two.store.count("outbox", outbox.REFUSED)
    server.restore(EMPTY)
    # The patient's own tablet has not come yet: of nobody known to the server.
    assert await one.synchronise() == "attention"
    assert await two.synchronise() == "attention"
    mine, its = [await tablet.store.list("outbox", state="refused") for tablet in (one, two)]
    assert [row["text"] for row in its] == [row["text"] for row in mine]
    assert {issue["code"] for row in its for issue in outbox.issues_of(row)} == {"not-found"}


async def test_what_its_double_brought_to_a_restored_server_is_not_called_refused_any_more(
    server: Server,
) -> None:
    one, two = await open_doubles_of_a_visit(server)
    server.back_up()
    kept = server.backups
    server.restore(EMPTY)
    await one.synchronise()
    await two.synchronise()
    assert await two.store.count("outbox", outbox.REFUSED)
    # It was the wrong backup. In the right one the visit is there.
    server.backups = kept
    server.restore(LAST)
    await one.synchronise()
    assert await two.synchronise() == "synced"
    assert await two.store.count("outbox", outbox.REFUSED) == 0
    assert not [row for row in await two.store.list("outbox") if "\n" in row["text"]]


async def test_what_another_stands_for_is_not_carried_over_beside_it(server: Server) -> None:
    """Both had been accepted: the first was under way when it was said again."""
    tablet = await open_forgetful(server)
    patient = await tablet.register(name="Wayan")
    key = f"Patient/{patient}"
    rows = await rows_of(tablet, patient)
    await tablet.amend(patient, rows[key], {"birthDate": "1990-01-02"})
    first = outbox.change_of((await tablet.store.list("outbox", state="waiting"))[-1])
    assert await tablet.synchronise() == "synced"
    again = changes.mend(first, first["set"], "doctor") | {"replaces": first["number"]}
    await tablet.record.write(patient, [again])
    assert await tablet.synchronise() == "synced"
    server.restore(EMPTY)
    assert await tablet.synchronise() == "synced"
    there = [json.loads(row["body"]) for row in server.tables.changes.values()]
    dates = [change for change in there if change["set"].get("birthDate") == "1990-01-02"]
    assert len(dates) == 1
    assert await happened(tablet) == [{"kind": "restored", "again": 3, "gone": 2}]


async def test_what_is_in_the_record_from_an_earlier_chain_is_not_set_aside(
    server: Server,
) -> None:
    _, two = await open_doubles_of_a_visit(server)
    done = await two.store.list("outbox", state="done")
    server.back_up()
    server.restore(LAST)
    before = len(server.tables.quarantine)
    server.revoke("two-2")
    assert await two.synchronise() == "revoked"
    assert len(server.tables.quarantine) == before
    assert await two.store.list_keys("outbox", None, "done") == [row["key"] for row in done]
