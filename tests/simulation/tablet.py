"""A tablet of a simulation: one disk, and tabs on it that run the real desk and the real sync.

The store, the network and the lock among tabs are where a tab waits, and so where it may be
killed. What a tab tells the others, as `main.py` does over a BroadcastChannel, arrives later.
"""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from pwa.py.domain import changes, json_text
from pwa.py.domain.directory import Directory
from pwa.py.domain.failures import Failure, StorageFull
from pwa.py.store.memory import Disk, MemoryStore
from pwa.py.sync.device import Device
from pwa.py.sync.engine import Sync
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.lookup import LookUp
from pwa.py.sync.state import read_state
from pwa.py.sync.under_way import UnderWay
from pwa.py.workflow.desk import Desk
from pwa.py.workflow.record import Record
from pwa.py.workflow.refusals import Refusals
from pwa.py.workflow.review import Review
from pwa.py.workflow.set_aside import SetAside
from tests.simulation.scheduler import PAUSE, Lock, Scheduler
from tests.simulation.server import Server, Wire

if TYPE_CHECKING:
    from tests.simulation.oracle import Oracle


class PausingStore:
    """A store that lets others go on before and after everything it does."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab
        self._inner = MemoryStore(tab.tablet.disk)

    async def get(self, table: str, key: Any) -> Any:
        await PAUSE
        found = await self._inner.get(table, key)
        await PAUSE
        return found

    async def get_many(self, table: str, keys: Any) -> Any:
        await PAUSE
        found = await self._inner.get_many(table, keys)
        await PAUSE
        return found

    async def list(self, table: str, *arguments: Any, **named: Any) -> Any:
        await PAUSE
        found = await self._inner.list(table, *arguments, **named)
        await PAUSE
        return found

    async def list_keys(self, table: str, *arguments: Any) -> list[Any]:
        await PAUSE
        found = await self._inner.list_keys(table, *arguments)
        await PAUSE
        return found

    async def count(self, table: str, state: str | None = None) -> int:
        await PAUSE
        found = await self._inner.count(table, state)
        await PAUSE
        return found

    async def list_versions(self, table: str, state: str, limit: int) -> list[Any]:
        await PAUSE
        found = await self._inner.list_versions(table, state, limit)
        await PAUSE
        return found

    async def counts(self, table: str, states: Any) -> list[int]:
        await PAUSE
        found = await self._inner.counts(table, states)
        await PAUSE
        return found

    async def commit(self, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        await PAUSE
        tablet = self._tab.tablet
        if tablet.full_commits and puts:
            tablet.full_commits -= 1
            raise StorageFull("no room left")
        disk = tablet.disk
        names = [(put["table"], put["key"]) for put in puts]
        before = {name: disk.rows(name[0]).get(name[1]) for name in names}
        gone = [disk.rows(table).get(key) for table, key in removes]
        await self._inner.commit(puts, removes, expected)
        # What was marked has kept its text.
        puts = [put | {"text": disk.rows(put["table"])[put["key"]]["text"]} for put in puts]
        tablet.commits += 1
        tablet.oracle.committed(tablet, puts, before, gone)
        await PAUSE


class SharedExchange(Exchange):
    """Takes its turn among the tabs, as in `main.py`; notes how each step ended."""

    tab: Tab

    async def counts(self) -> tuple[int, int]:
        self.tab.counted_at = self.tab.tablet.commits
        return await super().counts()

    async def step(self) -> bool:
        self.tab.is_step_good = False
        lock, token = self.tab.tablet.lock, object()
        try:
            await lock.acquire(token)
            self.tab.is_stepping = True
            self.tab.tablet.note_outbox()
            is_done = await super().step()
        finally:
            self.tab.is_stepping = False
            lock.release(token)
        self.tab.is_step_good = True
        return is_done


class Tab:
    def __init__(self, tablet: Tablet, author: str) -> None:
        self.tablet = tablet
        self.author = author
        self.is_open = False
        # Whether another tab wrote before this one could hear of it.
        self.is_behind = False
        self.is_step_good = False
        self.is_stepping = False
        self.counted_at = 0
        self.status: dict[str, Any] = {}
        self.store: Any = PausingStore(self)
        self.turn = Lock(tablet.scheduler)
        scheduler = tablet.scheduler
        self.directory = Directory()
        self.record = Record(self.store, self.directory, author, tablet.now_ms, self._saved)
        # What other tabs said is sent: a channel's messages come in the order in which they went.
        self._said_sent: list[list[int]] = []
        self.under_way = UnderWay(
            lambda ms, call: scheduler.after(ms, call, self), lambda _: self._tell_sent()
        )
        self.desk = Desk(self.record, tablet.new_id, self.under_way.holds)
        self.refusals = Refusals(self.record)
        self.review = Review(self.record)
        self.set_aside = SetAside(self.record)
        device = Device(self.store, tablet.wire, self.directory, tablet.now_ms, self._arrived)
        exchange = SharedExchange(device, tablet.new_id, self._rename, self.under_way)
        exchange.tab = self
        self.sync = Sync(
            exchange,
            tablet.now_ms,
            scheduler.random.random,
            lambda run: self.spawn(run, "sync"),
            lambda ms, call: scheduler.after(ms, call, self),
            self._published,
        )
        self.lookup = LookUp(tablet.wire, exchange.panel, self.sync.kick)
        self.spawn(self._start(), "start")

    def spawn(self, coroutine: Coroutine[Any, Any, Any], name: str) -> None:
        self.tablet.scheduler.spawn(coroutine, self, f"{self.tablet.name} {name}")

    def act(self, journey: Any) -> None:
        """Runs what a person does here: one thing at a time, unless the schedule says not."""
        self.spawn(self._act(journey), "desk")

    async def _act(self, journey: Any) -> None:
        token = object()
        try:
            if not self.tablet.has_overlaps:
                await self.turn.acquire(token)
            await journey(self)
        except Failure:
            # Said to the person: nothing was saved. Whatever was is on the disk, and counted.
            return
        finally:
            self.turn.release(token)

    async def _start(self) -> None:
        if await self.store.get("meta", "device") is None:
            name = self.tablet.name
            state = json_text.dumps(changes.new_device_state(name))
            puts = [meta_put("device", state), meta_put("keyring", name)]
            try:
                await self.store.commit(puts, expected=[("meta", "device", 0)])
            except Failure:
                self.tablet.close(self)
                return
        await self.record.load()
        self.is_open = not (await read_state(self.store))["revoked"]
        if self.is_behind:
            await self.record.load()
        self.sync.kick()

    async def _rename(self, device: str) -> Any:
        row = await self.store.get("meta", "keyring")
        return meta_put("keyring", device), row["version"]

    def _saved(self, is_to_send: bool) -> None:
        if is_to_send:
            self.sync.kick()
        self._tell()

    def _arrived(self, patients: list[str]) -> None:
        self._tell()
        self.act(lambda tab: tab.refusals.heal(patients))

    def _tell(self) -> None:
        for other in self.tablet.tabs:
            if other is not self and other.is_open:
                other.spawn(other.reload(), "reload")
            other.is_behind = True

    def _tell_sent(self) -> None:
        numbers = self.under_way.numbers()
        for other in self.tablet.tabs:
            if other is not self and other.is_open:
                other._said_sent.append(numbers)
                other.spawn(other.hear(), "hear")

    async def hear(self) -> None:
        self.under_way.hear(self._said_sent.pop(0))
        await self.sync.refresh()

    async def reload(self) -> None:
        await self.record.load()
        await self.sync.refresh()

    def _published(self, status: dict[str, Any]) -> None:
        self.status = status
        if status["word"] == "revoked":
            # The page is closed to everybody; what was not sent is still handed over.
            self.is_open = False
        self.tablet.oracle.published(self, status)


def meta_put(key: str, text: str) -> Any:
    return {"table": "meta", "key": key, "text": text, "patient": "", "state": ""}


class Tablet:
    def __init__(
        self, name: str, scheduler: Scheduler, server: Server, oracle: Oracle, options: Any
    ) -> None:
        self.name = name
        self.scheduler = scheduler
        self.oracle = oracle
        self.has_overlaps: bool = options["overlaps"]
        self.wire = Wire(scheduler, server)
        self.wire.on_carried = lambda body: oracle.carried(self, body)
        self.disk = Disk()
        # The outbox when the present exchange began: numbers and versions.
        self.versions: dict[Any, int] = {}
        self.lock = Lock(scheduler)
        self.tabs: list[Tab] = []
        self.clock_off_ms = 0
        self.full_commits = 0
        self.commits = 0
        self._ids = 0

    def now_ms(self) -> int:
        return max(0, self.scheduler.now_ms + self.clock_off_ms)

    def new_id(self) -> str:
        self._ids += 1
        return f"{self.name}-{self._ids}"

    def open(self, author: str) -> None:
        self.tabs.append(Tab(self, author))

    def close(self, tab: Tab) -> None:
        """Killed where it stands: only what is on the disk stays."""
        self.tabs = [one for one in self.tabs if one is not tab]
        self.scheduler.kill(tab)

    def crash(self) -> None:
        for tab in self.tabs:
            self.close(tab)

    def device(self) -> str:
        row = self.disk.rows("meta").get("device")
        return self.name if row is None else json_text.loads(row["text"])["device"]

    def is_revoked(self) -> bool:
        row = self.disk.rows("meta").get("sync")
        return row is not None and bool(json_text.loads(row["text"])["revoked"])

    def held(self) -> list[str]:
        """The patients whose charts are on the disk, and not let go."""
        rows = self.disk.rows("charts").values()
        return sorted(str(row["key"]) for row in rows if row["text"])

    def is_done(self) -> bool:
        """Whether every tab has ended its work, as those of a revoked tablet do."""
        return all(tab.status.get("is_done") for tab in self.tabs)

    def close_revoked(self) -> None:
        """Tabs that heard of a revocation stay locked, also when it is taken back."""
        for tab in self.tabs:
            if tab.status.get("word") == "revoked":
                self.close(tab)

    def note_outbox(self) -> None:
        rows = self.disk.rows("outbox").values()
        self.versions = {row["key"]: row["version"] for row in rows}

    def rows(self, state: str) -> list[Any]:
        outbox = self.disk.rows("outbox").values()
        return [row for row in outbox if row["state"] == state]
