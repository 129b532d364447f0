"""The first sync: one page is stored while the next one is on its way."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain.failures import Offline, StorageFull
from pwa.py.sync import first
from pwa.py.sync.state import read_state
from tests.sync.tablets import Tablet
from tests.sync.test_panel import fill
from tests.sync.twin import Link, ServerTwin


@pytest.fixture
def server() -> ServerTwin:
    return ServerTwin()


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first, "PAGE_PATIENTS_FIRST", 2)
    monkeypatch.setattr(first, "PAGE_PATIENTS_MAX", 2)


class Page:
    """A page on its way, which is there `ready_ms` by the tablet's clock."""

    def __init__(self, link: TimedLink, path: str, ready_ms: int) -> None:
        self.link, self.path, self.ready_ms = link, path, ready_ms
        link.open.append(self)

    async def text(self) -> str:
        self.link.open.remove(self)
        self.link.tablet.clock_ms = max(self.link.tablet.clock_ms, self.ready_ms)
        return await self.link.get(self.path)

    def let_go(self) -> None:
        self.link.open.remove(self)


class TimedLink(Link):
    """Each chart of a page takes its time on the way, and its time to be stored."""

    def __init__(self, tablet: Tablet, chart_ms: int = 0, store_ms: int = 0) -> None:
        super().__init__(tablet.link.server)
        self.tablet, self.chart_ms, self.store_ms = tablet, chart_ms, store_ms
        self.open: list[Page] = []
        # What happened, in its order: the address of a page begun, or how many charts were stored.
        self.events: list[Any] = []
        self._commit = tablet.store.commit
        tablet.store.commit = self.commit  # type: ignore[method-assign]
        tablet.device.http = tablet.link = self

    def begin(self, path: str, timeout_ms: int = 0) -> Any:
        self.events.append(path)
        limit = int(path.partition("limit=")[2].partition("&")[0])
        return Page(self, path, self.tablet.clock_ms + self.chart_ms * limit)

    async def commit(self, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        await self._commit(puts, removes, expected)
        charts = len([put for put in puts if put["table"] == "charts"])
        if charts:
            self.events.append(charts)
        self.tablet.clock_ms += self.store_ms * charts

    def limits(self) -> list[int]:
        asked = [event for event in self.events if isinstance(event, str)]
        return [int(path.partition("limit=")[2].partition("&")[0]) for path in asked]


async def another(server: ServerTwin, chart_ms: int = 0, store_ms: int = 0) -> TimedLink:
    return TimedLink(await Tablet("two", server).start(), chart_ms, store_ms)


async def test_a_page_is_begun_before_the_one_before_it_is_stored(
    server: ServerTwin, small_pages: None
) -> None:
    await fill(server, 5)
    link = await another(server)
    assert await link.tablet.synchronise() == "synced"
    kinds = [event if isinstance(event, int) else "asked" for event in link.events]
    assert kinds == ["asked", "asked", 2, "asked", 2, 1]
    assert len(set(link.gets)) == len(link.gets) == 3
    assert link.open == []


@pytest.mark.parametrize(
    ("chart_ms", "store_ms", "limits"),
    [
        (5, 0, [10, 30, 90, 200, 200]),
        (100, 0, [10, 24, 25, 25]),
        (10_000, 0, [10, 1, 1, 1]),
        # The longer of the two decides, and the other is hidden behind it.
        (5, 100, [10, 30, 24, 24, 24]),
        (100, 90, [10, 24, 25, 25, 27]),
        (10, 10_000, [10, 30, 1, 1, 1]),
    ],
)
async def test_pages_are_as_large_as_fits_the_time(
    server: ServerTwin, chart_ms: int, store_ms: int, limits: list[int]
) -> None:
    await fill(server, 600)
    link = await another(server, chart_ms, store_ms)
    for _ in limits:
        await link.tablet.exchange.step()
    assert link.limits()[: len(limits)] == limits
    progress: Any = link.tablet.exchange.progress
    if progress:
        left = (progress["total"] - progress["done"]) * max(chart_ms, store_ms)
        assert abs(progress["left_ms"] - left) <= left * 0.3


async def test_own_work_goes_before_a_page_that_was_begun(
    server: ServerTwin, small_pages: None
) -> None:
    await fill(server, 7)
    link = await another(server)
    await link.tablet.exchange.step()
    [begun] = link.open
    held = (await link.tablet.store.list_keys("charts"))[0]
    await link.tablet.visit(str(held))
    await link.tablet.exchange.step()
    assert link.open == [] and link.posts == 1
    assert await link.tablet.synchronise() == "synced"
    # Asked for a second time, after what was sent.
    assert link.events.count(begun.path) == 2 and link.gets.count(begun.path) == 1
    assert link.tablet.desk.patient_count == 7
    assert len((await link.tablet.chart(str(held)))["encounters"]) == 1


async def test_a_page_that_was_begun_is_let_go_where_another_tab_went_on(
    server: ServerTwin, small_pages: None
) -> None:
    await fill(server, 9)
    link = await another(server)
    await link.tablet.exchange.step()
    [begun] = link.open
    other = Tablet("two", server)
    other.store = link.tablet.store
    await (await other.start()).exchange.step()
    await link.tablet.exchange.step()
    # Taking turns, neither begins what the other has before it comes.
    assert link.gets.count(begun.path) == 0 and link.open == []
    await link.tablet.exchange.step()
    assert len(link.open) == 1
    assert await link.tablet.synchronise() == "synced"
    assert link.tablet.desk.patient_count == 9


@pytest.mark.parametrize("failure", [Offline("cut"), StorageFull("no room left")])
async def test_nothing_stays_open_when_a_round_fails(
    server: ServerTwin, small_pages: None, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(server, 7)
    link = await another(server)

    async def fail(*_: Any, **__: Any) -> None:
        assert len(link.open) == 1
        raise failure

    with monkeypatch.context() as patch:
        patch.setattr(link.tablet.store, "commit", fail)
        assert await link.tablet.synchronise() != "synced"
    assert link.open == []
    assert await link.tablet.synchronise() == "synced"
    assert link.tablet.desk.patient_count == 7


async def test_nothing_stays_open_when_the_device_is_locked(
    server: ServerTwin, small_pages: None
) -> None:
    await fill(server, 7)
    link = await another(server)
    await link.tablet.exchange.step()
    assert len(link.open) == 1
    link.tablet.sync.stop()
    assert link.open == []


async def test_a_restored_server_is_asked_from_the_start(
    server: ServerTwin, small_pages: None
) -> None:
    await fill(server, 7)
    link = await another(server)
    await link.tablet.exchange.step()
    server.epoch = "epoch-2"
    assert await link.tablet.synchronise() == "synced"
    assert link.open == []
    assert (await read_state(link.tablet.store))["epoch"] == "epoch-2"
    assert link.tablet.desk.patient_count == 7
