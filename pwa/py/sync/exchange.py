"""One exchange with the server at a time: what is asked, and what is done with the answer.

Asking reads the outbox and the cursor. Answering is one transaction that marks each change with
its outcome, merges what others wrote into the charts, and moves the cursor; so a crash between
any two steps repeats an exchange and harms nothing. The protocol is docs/sync.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, json_text
from pwa.py.domain import outbox as domain_outbox
from pwa.py.domain.failures import Offline, Refused
from pwa.py.domain.transaction import put, retry_when_stale
from pwa.py.sync import outbox
from pwa.py.sync.ahead import Ahead
from pwa.py.sync.chain import FORK, GAP, PROTOCOL, Chain
from pwa.py.sync.first import FirstSync
from pwa.py.sync.outbox import DONE, SET_ASIDE, UNSENT, UNTAKEN
from pwa.py.sync.pace import GROWTH_MAX, Pace
from pwa.py.sync.panel import Panel
from pwa.py.sync.state import (
    add_wanted,
    begin_again,
    note_asked,
    note_event,
    note_landed,
    read_state,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.sync.chain import Rename
    from pwa.py.sync.charts import ChartBatch
    from pwa.py.sync.device import Device
    from pwa.py.sync.under_way import UnderWay

CHANGES_FIRST = 200
BATCH_CHANGES_MAX = 1_000
BATCH_CHARACTERS_MAX = 1_000_000
PULL_CHANGES_MAX = 500
# Acknowledged changes stay this long, for a server that is restored from an older backup.
DONE_CHANGES_KEPT = 2_000
DONE_KEPT_MS = 3 * 86_400_000


class Exchange:
    """The device's side of the protocol, step by step."""

    def __init__(
        self, device: Device, new_id: Callable[[], str], rename: Rename, under_way: UnderWay
    ) -> None:
        """`new_id` and `rename` are for a store that takes another id; `under_way` knows what is
        sent at any moment."""
        self._device = device
        self._first = FirstSync(device)
        self.panel = Panel(device)
        self._under_way = under_way
        self._pace = Pace(CHANGES_FIRST, BATCH_CHANGES_MAX)
        self._chain = Chain(device, new_id, rename, self._pace)
        self._ahead = Ahead(device.store)
        self._forget_not_before_ms = 0
        # The batch that was read to be sent, for the first attempt to settle it.
        self._seen: Any = None
        # What the last request told of work that was left aside.
        self._left: list[dict[str, str]] = []
        self.has_snapshot = True
        self.is_revoked = False
        self.drift_ms = 0
        self.events: list[dict[str, Any]] = []
        self.cursor = 0
        # Of the whole facility, when the server was last asked.
        self.patients = 0
        self.progress: dict[str, Any] | None = None

    @property
    def sent(self) -> int:
        """How many changes a request carries now, of this tab or of another."""
        return self._under_way.count()

    async def counts(self) -> tuple[int, int]:
        """How many changes wait for the server, and how many it did not take into the record."""
        # At one moment: what is given up or taken back meanwhile must be in one of the counts.
        found = await self._device.store.counts("outbox", UNSENT + UNTAKEN)
        return sum(found[: len(UNSENT)]), sum(found[len(UNSENT) :])

    async def step(self) -> bool:
        """One request and its answer. True when there was nothing more to send or to fetch."""
        try:
            return await self._step()
        finally:
            self._under_way.end()

    async def _step(self) -> bool:
        state = await read_state(self._device.store)
        self.has_snapshot = state["has_snapshot"]
        self.is_revoked, self.events = state["revoked"], state["events"]
        self.drift_ms = state["drift_ms"]
        self.cursor, self.patients = state["cursor"], state["patients"]
        self.progress = self._first.progress(state)
        if state.get("tell_again"):
            await retry_when_stale(self._chain.tell_again)
        batch, texts = await self._ahead.next_batch(self._pace.size, BATCH_CHARACTERS_MAX)
        is_ahead = state["parted"] is not None or state["aside_after"] is not None
        if batch or is_ahead or self.is_revoked:
            # What is done next makes the page that was begun too old.
            self._first.let_go()
        if state["parted"] is not None:
            await self._chain.step(state, batch, await self._envelope(state))
            self._device.on_changed([])
            return False
        if state["aside_after"] is not None:
            aside = await self._list_aside(state)
            await self._chain.hand_over_aside(state, aside, await self._envelope(state))
            return False
        if self.is_revoked:
            return await self._exchange_changes(state, batch, texts)
        if not batch and await self._fetch_charts(state):
            return False
        is_done = await self._exchange_changes(state, batch, texts)
        await self.panel.let_go()
        return is_done

    def rest(self) -> None:
        """No step follows: nothing stays open."""
        self._first.let_go()

    async def _fetch_charts(self, state: dict[str, Any]) -> bool:
        """Those that are due. False when none are, or when what came is older than what is here:
        why, the server's next answer tells."""
        if not self.has_snapshot:
            return await self._first.fetch_page(state)
        return state["wanted"] != [] and await self.panel.fetch_wanted(state)

    async def _exchange_changes(
        self, state: dict[str, Any], batch: list[Any], texts: list[str]
    ) -> bool:
        envelope = await self._envelope(state)
        earlier = outbox.of_earlier_chains(batch, envelope["device"]) if state["revoked"] else []
        if earlier:
            # Should the device be revoked no longer, they have no numbers on its chain.
            batch, texts, envelope["aside"] = earlier, outbox.texts_of(earlier), True
        self._left = await outbox.left_aside(self._device.store)
        if self._left:
            envelope["left"] = self._left
        body = outbox.body_of(envelope, batch, texts)
        began_ms = self._device.now_ms()
        self._under_way.begin(batch)
        try:
            reply = json_text.loads(await self._post(body, batch))
        except Offline:
            self._pace.note_failure(len(batch))
            raise
        except Refused as refusal:
            if not await self._chain.take_refusal(batch, refusal):
                raise
            self.is_revoked = (await read_state(self._device.store))["revoked"]
            self._device.on_changed([row["patient"] for row in batch])
            return False
        receipt, outcomes = reply["receipt"], reply["outcomes"]
        is_aside = any([outcome["outcome"] == "set-aside" for outcome in outcomes])
        if state["revoked"]:
            # No longer: what was handed over meanwhile is missing in the chain.
            is_aside = is_aside or await self._device.store.count("outbox", SET_ASIDE) > 0
        if is_aside or await self._chain.is_fork(receipt):
            await self._chain.part(FORK, receipt, batch, outcomes)
            return False
        # Before the receipt is believed: a crash in between must find it lower once more.
        is_lower = receipt["number"] < state["acknowledged"]
        if is_lower and not await self._chain.send_again_after(receipt):
            await self._chain.part(GAP, receipt, batch, outcomes)
            return False
        self._seen = batch
        is_more_to_do = await retry_when_stale(lambda: self._take_reply(batch, reply))
        # Where as many went as may go, the next exchange tells whether that was all.
        may_be_all = len(batch) < self._pace.size
        carried = max(len(batch), len(reply["changes"]))
        self._pace.note(carried, self._device.now_ms() - began_ms)
        await self._forget_old()
        is_all_here = self.has_snapshot and not reply["more"] and not is_more_to_do
        if not (may_be_all and is_all_here):
            return False
        return sum(await self._device.store.counts("outbox", UNSENT)) == 0

    async def _list_aside(self, state: dict[str, Any]) -> list[Any]:
        """As much of what lies aside as one request may carry."""
        rows = await outbox.list_aside(self._device.store, self._pace.size, state["aside_after"])
        return rows[: outbox.count_fitting(rows, BATCH_CHARACTERS_MAX)]

    async def _post(self, body: str, batch: list[Any]) -> str:
        # No more than may come of this batch: where changes are long, few of them fit.
        most = min(self._pace.next_most, GROWTH_MAX * len(batch))
        return await self._device.http.post(
            "/api/sync", body, self._pace.timeout_ms, lambda: self._ahead.read(batch, most)
        )

    async def _envelope(self, state: dict[str, Any]) -> dict[str, Any]:
        return {
            "protocol": PROTOCOL,
            "device": (await self._device.read())["device"],
            "epoch": state["epoch"],
            "cursor": state["cursor"],
            "now_ms": self._device.now_ms(),
            "limit": self._limit() if self.has_snapshot else 0,
        }

    def _limit(self) -> int:
        """How many changes of others may come at once: fewer where a few are slow already."""
        slow = self._pace.size
        is_slow = slow < min(CHANGES_FIRST, BATCH_CHANGES_MAX)
        return min(PULL_CHANGES_MAX, slow) if is_slow else PULL_CHANGES_MAX

    async def _take_reply(self, batch: list[Any], reply: dict[str, Any]) -> bool:
        """The one transaction that a reply becomes. Whether charts are to be fetched after it, or
        another chain is to be begun."""
        state = await read_state(self._device.store)
        charts = self._device.charts()
        seen, self._seen = self._seen, None
        sequences, still_there = await outbox.settle(
            self._device.store, charts, batch, reply["outcomes"], seen
        )
        is_same_life = state["asked"] == reply["epoch"] and state["cursor"] <= reply["cursor"]
        if is_same_life and state["has_snapshot"]:
            # In another life the server may not have had what it was told of.
            await outbox.let_go_of_left(self._device.store, charts, self._left, state["wanted"])
        add_wanted(state, still_there)
        arrived: dict[str, list[Any]] = {}
        for item in reply["changes"]:
            arrived.setdefault(item["change"]["patient"], []).append(item)
        await charts.open(list(arrived) + list(sequences))
        # The server has something of them (again).
        add_wanted(state, [one for one in state["mixed"] if one in arrived or one in sequences])
        for patient, items in arrived.items():
            await self._take_in(charts, state, patient, items)
        for patient, numbers in sequences.items():
            await charts.number(patient, numbers)
        if self._move_cursor(state, reply):
            await self._chain.ask_again(charts, state)
        charts.put_state(state)
        await self._see_clocks(charts, reply["changes"])
        await charts.commit()
        self.cursor, self.is_revoked = state["cursor"], state["revoked"]
        touched = set(arrived)
        for row in batch:
            touched.add(row["patient"])
        if touched:
            self._device.on_changed(list(touched))
        return state["wanted"] != [] or state["parted"] is not None

    async def _take_in(
        self, charts: ChartBatch, state: dict[str, Any], patient: str, items: list[Any]
    ) -> None:
        """Merges what arrived of one patient into the chart, or notes that it is to be fetched."""
        is_created = any([item.get("created") for item in items])
        is_held = charts.is_held(patient)
        if not is_held and not is_created:
            add_wanted(state, [patient])
            return
        if not is_held:
            # The patient begins here: with what follows, this is the whole chart.
            await charts.replace(patient, "", "")
        is_understood = await charts.apply(patient, items)
        if not is_understood or (is_held and is_created):
            # An older app would not take what a newer server took; or a restored server had lost
            # the patient, and the chart may hold what it still lacks.
            add_wanted(state, [patient])

    def _move_cursor(self, state: dict[str, Any], reply: dict[str, Any]) -> bool:
        """A cursor means something within one life of the server's database only: in another
        (restored from a backup) the charts are fetched anew, under the device's own work. True
        when the server is to be asked again about what was acknowledged in the earlier life."""
        is_other_life = state["epoch"] not in (None, reply["epoch"])
        # Put back, and nobody has told the devices: its numbers tell.
        is_other_life = is_other_life or reply["cursor"] < state["cursor"]
        # A page of charts may have told the epoch first.
        is_unasked = state["asked"] not in (None, reply["epoch"])
        is_lost = state["gone"] or state["doubted"]
        if is_other_life or is_unasked or state["again"] or is_lost:
            event = {"kind": "restored", "at_ms": self._device.now_ms(), "again": state["again"]}
            event.update({"gone": state["gone"], "backup_ms": reply.get("backup_ms")})
            if state["doubted"]:
                event["doubted"] = state["doubted"]
            note_event(state, event)
        state.update({"again": 0, "gone": 0, "doubted": 0, "revoked": False})
        if is_other_life:
            begin_again(state, reply["epoch"])
            state["aside_after"] = 0
            self.has_snapshot = False
        elif state["has_snapshot"]:
            state["cursor"] = reply["cursor"]
        if is_unasked and state["begins"]:
            # It may have lost of the store's earlier chains too: only another can tell.
            self._chain.end(state, GAP, reply["receipt"])
        state["epoch"] = reply["epoch"]
        note_asked(state, reply["epoch"])
        state["acknowledged"] = reply["receipt"]["number"]
        note_landed(state, reply["receipt"]["sequence"])
        # Good to some seconds: the answer was on its way for a while.
        state["drift_ms"] = self._device.now_ms() - reply["now_ms"]
        return is_unasked and state["parted"] is None

    async def _see_clocks(self, charts: ChartBatch, items: list[Any]) -> None:
        """Moves the device's clock past everything seen, so that later edits sort later."""
        if not items:
            return
        device = await self._device.read()
        before, version = device["timestamp"], device.pop("version")
        for item in items:
            device["timestamp"] = clock.latest(device["timestamp"], item["change"]["timestamp"])
        if device["timestamp"] != before:
            charts.expect("meta", "device", version)
            charts.puts.append(put("meta", "device", json_text.dumps(device)))

    async def _forget_old(self) -> None:
        """Lets go of acknowledged changes beyond the number that is kept, oldest first."""
        now_ms = self._device.now_ms()
        if 0 < self._forget_not_before_ms - now_ms <= DONE_KEPT_MS:
            return
        surplus = await self._device.store.count("outbox", DONE) - DONE_CHANGES_KEPT
        if surplus >= BATCH_CHANGES_MAX:
            numbers = await self._device.store.list_keys("outbox", BATCH_CHANGES_MAX, DONE)
            last = await self._device.store.get("outbox", numbers[-1])
            age_ms = DONE_KEPT_MS + 1 if last is None else self._age_ms(last, now_ms)
            # However many a day has, its count is made from its changes (docs/decisions/0015).
            if age_ms > DONE_KEPT_MS:
                await self._device.store.commit(
                    [], removes=[("outbox", number) for number in numbers]
                )
            else:
                # Counting thousands after each of many batches would only say so again.
                self._forget_not_before_ms = now_ms + DONE_KEPT_MS - age_ms

    def _age_ms(self, row: Any, now_ms: int) -> int:
        return now_ms - clock.milliseconds_of(domain_outbox.change_of(row)["timestamp"])
