"""The one place that knows all floors: it hands store, transport and engine to the pages.

Several tabs may be open. Each has its own engine, and a Web Lock lets one exchange run at a time;
what a tab wrote or fetched it tells the others over a BroadcastChannel.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import js

from pwa.py.domain import json_text
from pwa.py.domain.directory import Directory
from pwa.py.domain.failures import Failure, Offline, Revoked, ServerFault, SignedOut
from pwa.py.store import crypto, indexeddb, rescue
from pwa.py.store.keyring import Keyring
from pwa.py.sync.device import Device
from pwa.py.sync.engine import Sync
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.http import Fetch, open_stream
from pwa.py.sync.live import Live
from pwa.py.sync.lookup import LookUp
from pwa.py.sync.under_way import UnderWay
from pwa.py.ui import dom
from pwa.py.ui.app import App
from pwa.py.workflow.access import Access
from pwa.py.workflow.day import Day
from pwa.py.workflow.desk import Desk
from pwa.py.workflow.events import Events
from pwa.py.workflow.history import History
from pwa.py.workflow.judgements import Judgements
from pwa.py.workflow.people import People
from pwa.py.workflow.record import Record
from pwa.py.workflow.refusals import Refusals
from pwa.py.workflow.rescue import gather
from pwa.py.workflow.review import Review
from pwa.py.workflow.set_aside import SetAside
from pwa.py.workflow.storage_watch import StorageWatch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from pwa.py.ui.contract import Identity, Status, Storage

SYNC_LOCK = "rekam-sync"
LIVE_LOCK = "rekam-live"
CHANNEL = "rekam"
RECORD_CHANGED = "record"
LOCK_ALL = "lock"
# Before the numbers of the changes that a tab has just sent, or of none.
SENT = "sent "


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def set_timer(milliseconds: int, handler: Callable[[], None]) -> Callable[[], None]:
    timer = dom.after(milliseconds, handler)
    return lambda: dom.cancel(timer)


async def run_alone(work: Callable[[], Awaitable[Any]]) -> Any:
    """Runs it while no other tab runs its own; what it raises is raised here."""
    outcome: list[tuple[Any, BaseException | None]] = []

    async def run(_: Any) -> None:
        # An exception would cross JavaScript and come back as something else.
        try:
            outcome.append((await work(), None))
        except Exception as failure:
            outcome.append((None, failure))

    await js.navigator.locks.request(SYNC_LOCK, run)
    answer, failure = outcome[0]
    if failure is not None:
        raise failure
    return answer


class SharedExchange(Exchange):
    """An exchange that takes its turn among the tabs."""

    async def step(self) -> bool:
        return await run_alone(super().step)


class Services:
    """What the pages ask for (`ui/contract.py`), while someone is here and while nobody is."""

    def __init__(self, store: indexeddb.IndexedStore) -> None:
        self._store = store
        self.storage_watch: Any = StorageWatch(store.estimate, now_ms)
        self._http = Fetch()
        self._keyring = Keyring(store)
        self._access = Access(store, self._keyring, self._http)
        self._under_way = UnderWay(set_timer, self._sent)
        self._is_persisted: bool | None = None
        self._forget()
        self._channel = js.BroadcastChannel.new(CHANNEL)
        self._channel.onmessage = self._heard
        self.app = App(self)

    def _forget(self) -> None:
        """As while nobody is here."""
        self.desk: Any = None
        self.refusals: Any = None
        self.day: Any = None
        self.set_aside: Any = None
        self.events: Any = None
        self.review: Any = None
        self.judgements: Any = None
        self.history: Any = None
        self.people: Any = None
        self.lookup: Any = None
        self._record: Record | None = None
        # Whether another tab wrote while this one was being unlocked.
        self._is_behind = False
        self._sync: Sync | None = None
        self._exchange: Exchange | None = None
        self._live: Live | None = None
        self._leave_live: Any = None
        self._to_sign_in: tuple[str, str] | None = None
        self._identity: Identity | None = None

    def now_ms(self) -> int:
        return now_ms()

    def status(self) -> Status:
        assert self._sync is not None
        status: Any = self._sync.status
        return status

    def kick(self) -> None:
        """Asks for an exchange; nothing while the device is locked."""
        if self._sync is not None:
            self._sync.kick()

    async def is_known_device(self) -> bool:
        return await self._access.is_known_device()

    async def unlock(self, username: str, password: str) -> Identity:
        found: Any = await self._access.unlock(username, password)
        identity: Identity = found
        directory = Directory()
        author = identity["account"]["id"]
        record = Record(self._store, directory, author, now_ms, self._saved)
        account: Any = identity["account"]
        people = People(self._store, self._http, identity["device"], account)
        self._is_behind = False
        await record.load()
        await people.load()
        device = Device(self._store, self._http, directory, now_ms, self._arrived)
        renamed = self._keyring.renamed
        exchange = SharedExchange(device, crypto.new_id, renamed, self._under_way)
        events = Events(self._store)
        exchange.is_revoked = await events.is_revoked()

        def changed(status: Any) -> None:
            # An engine of before the last lock has nothing to say any more.
            if self._exchange is exchange:
                self._status_changed(status)

        self._exchange = exchange
        self._sync = Sync(exchange, now_ms, js.Math.random, dom.spawn, set_timer, changed)
        dom.spawn(self._connect(self._sync, identity, username, password))
        if exchange.is_revoked:
            # Nothing is shown. What was not sent is handed over, should there be a network.
            raise Revoked(403, {})
        self.desk = Desk(record, crypto.new_id, self._under_way.holds)
        self.refusals = Refusals(record)
        self.day = Day(self._store, self._http, now_ms, self._under_way.holds)
        self.set_aside = SetAside(record)
        self.events = events
        self.review = Review(record)
        self.judgements = Judgements(record)
        self.history = History(record, self._http)
        self.people = people
        self.lookup = LookUp(self._http, exchange.panel, self.kick)
        self._record = record
        self._identity = identity
        if self._is_behind:
            # From here on other tabs are heard.
            await record.load()
        return identity

    async def device(self) -> str:
        return await self._keyring.device()

    async def sign_in_again(self, password: str) -> None:
        assert self._identity is not None
        username = self._identity["account"]["username"]
        await self._access.sign_in(username, password)
        # A server that was restored may not know the device (any more).
        identity: Any = self._identity
        identity["device"] = await self._keyring.device()
        await self._access.renew_enrolment(username, password, identity)
        self.kick()

    async def write_rescue(self) -> tuple[list[Any], int]:
        assert self._identity is not None
        lines = await gather(self._store)
        if not lines:
            return [], 0
        facility = self._identity["facility"]["id"]
        parts = await rescue.seal(self._store, self._keyring, facility, lines, now_ms())
        return parts, len(lines)

    async def read_rescue(self, file: Any) -> dict[str, Any]:
        return json_text.loads(await self._http.upload("/api/rescue", file))

    async def lock(self) -> None:
        self._close()
        self._channel.postMessage(LOCK_ALL)

    async def sign_out(self) -> None:
        self._close()
        self._channel.postMessage(LOCK_ALL)
        # The device is locked by now; the server may take its time, or be away.
        dom.spawn(self._access.sign_out())

    async def storage(self) -> Storage:
        used, quota = await self._store.estimate()
        known = quota > 0
        return {
            "persisted": self._is_persisted,
            "used": used if known else None,
            "quota": quota if known else None,
        }

    def _close(self) -> None:
        if self._sync is not None:
            self._sync.stop()
        if self._live is not None:
            self._live.stop()
            self._leave_live()
        self._forget()
        self._store.lock()

    async def _connect(self, sync: Sync, identity: Any, username: str, password: str) -> None:
        """Sees to a session of this very person, then begins to exchange."""
        dom.spawn(self._ask_to_persist())
        await self._sign_in(sync, identity, username, password)
        if self._sync is sync:
            sync.kick()
            await self._listen(sync)

    async def _sign_in(self, sync: Any, identity: Any, username: str, password: str) -> None:
        """The password opened the device's store; it is at hand only now. With no network, or a
        server that fails, it is kept, in memory, until the server answers or the device is locked:
        nobody should have to type it twice because a dead battery took the browser's cookie."""
        self._to_sign_in = None
        try:
            if not await self._is_own_session(identity):
                await self._access.sign_in(username, password)
            if self._identity is not None:
                await self._access.renew_enrolment(username, password, identity)
        except (Offline, ServerFault):
            if self._sync is sync:
                self._to_sign_in = (username, password)
        except Failure:
            # Refused, another password there: the engine meets it too, and says so.
            pass

    async def _sign_in_now(self, username: str, password: str) -> None:
        await self._sign_in(self._sync, self._identity, username, password)
        if self._to_sign_in is None:
            self.kick()

    async def _listen(self, sync: Sync) -> None:
        """One tab of the device holds the server's stream; the others hear from it what came."""

        until_closed = js.Promise.withResolvers()
        self._leave_live = until_closed.resolve

        async def hold(_: Any) -> None:
            # The device may have been locked while this tab waited for its turn.
            if self._sync is sync:
                self._live = Live(sync, open_stream, js.Math.random, set_timer)
                self._live.start()
                await until_closed.promise

        await js.navigator.locks.request(LIVE_LOCK, hold)

    async def _ask_to_persist(self) -> None:
        """A browser may ask the person first, and wait for the answer."""
        self._is_persisted = await self._store.persist()

    async def _is_own_session(self, identity: Any) -> bool:
        try:
            session = json_text.loads(await self._http.get("/api/session"))
        except SignedOut:
            return False
        return session["account"]["id"] == identity["account"]["id"]

    def _saved(self, is_to_send: bool) -> None:
        """Something was written here: the other tabs are told, and the server, if at once."""
        if is_to_send:
            self.kick()
        self._channel.postMessage(RECORD_CHANGED)

    def _arrived(self, patients: list[str]) -> None:
        self._channel.postMessage(RECORD_CHANGED)
        self.app.record_changed(patients)
        if self.refusals is not None:
            dom.spawn(self.refusals.heal(patients))

    def _sent(self, patients: list[str]) -> None:
        """A request is long on its way, or no longer."""
        self._channel.postMessage(SENT + json_text.dumps(self._under_way.numbers()))
        self._show_sent(patients)

    def _show_sent(self, patients: list[str] | None) -> None:
        if self._sync is not None:
            dom.spawn(self._sync.refresh())
            self.app.record_changed(patients)

    def _status_changed(self, status: Any) -> None:
        if status["word"] == "revoked":
            # Closed to everybody at once; the key goes when all is handed over.
            self.desk = None
            dom.spawn(self.app.shut_out(status["waiting"]))
            if status["is_done"]:
                self._close()
        elif self.desk is None:
            # It was revoked no longer, and nobody is here: whoever unlocks it again may enter.
            self._close()
        else:
            self.app.status_changed(status)
            if status["word"] == "signed_out" and self._to_sign_in is not None:
                dom.spawn(self._sign_in_now(*self._to_sign_in))
                self._to_sign_in = None
            if status["word"] == "synced" and not self.people.is_fresh:
                dom.spawn(self.people.refresh())

    def _heard(self, event: Any) -> None:
        message = event.data
        if self.desk is None:
            self._is_behind = self._is_behind or message == RECORD_CHANGED
            return
        if message == RECORD_CHANGED:
            dom.spawn(self._reload())
        elif message.startswith(SENT):
            self._under_way.hear(json_text.loads(message[len(SENT) :]))
            self._show_sent(None)
        elif message == LOCK_ALL:
            dom.spawn(self._lock_too())

    async def _reload(self) -> None:
        """Another tab wrote: read what is shared, and show it."""
        if self._record is None:
            return
        await self._record.load()
        if self._sync is not None:
            await self._sync.refresh()
        self.app.record_changed(None)

    async def _lock_too(self) -> None:
        """Another tab was locked: one tablet, one lock. Only the teller tells."""
        await self.app.leave()
        self._close()
        await self.app.show_locked("")


async def start() -> None:
    waiting: list[Services] = []

    def on_outdated() -> None:
        for services in waiting:
            services.app.offer_version()

    store = await indexeddb.open_store(on_outdated, dom.tell_blocked)
    services = Services(store)
    waiting.append(services)
    dom.on_window("online", lambda _: services.kick())
    dom.on_document("visibilitychange", lambda _: dom.is_visible() and services.kick())
    await services.app.start()


dom.spawn(start())
