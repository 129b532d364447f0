"""One exchange with the server at a time: what is asked, and what is done with the answer.

Asking reads the outbox and the cursor. Answering is one transaction that marks each change with
its outcome, merges what others wrote into the charts, and moves the cursor; so a crash between
any two steps repeats an exchange and harms nothing. The protocol is docs/sync.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, json_text
from pwa.py.domain.failures import Refused
from pwa.py.sync.charts import ChartBatch
from pwa.py.sync.first import FirstSync
from pwa.py.sync.panel import Panel
from pwa.py.sync.state import add_wanted, begin_again, put, put_state, read_state, until_fresh

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.domain.directory import Directory
    from pwa.py.store.contract import Store
    from pwa.py.sync.contract import Http

PROTOCOL = 1
BATCH_CHANGES_MAX = 200
BATCH_CHARACTERS_MAX = 1_000_000
PULL_CHANGES_MAX = 500
# Acknowledged changes stay this long, for a server that is restored from an older backup.
DONE_CHANGES_KEPT = 2_000

WAITING = "waiting"
DONE = "done"
REFUSED = "refused"


class Exchange:
    """The device's side of the protocol, step by step."""

    def __init__(
        self,
        store: Store,
        http: Http,
        patient_directory: Directory,
        device: str,
        now_ms: Callable[[], int],
        on_changed: Callable[[list[str]], None],
    ) -> None:
        """`on_changed` is told the patients of whom an answer changed the chart, or how far
        its entries have come."""
        self._store = store
        self._http = http
        self._directory = patient_directory
        self._device = device
        self._now_ms = now_ms
        self._on_changed = on_changed
        self._first = FirstSync(store, http, patient_directory, now_ms, on_changed)
        self._panel = Panel(store, http, patient_directory, now_ms, on_changed)
        self.has_snapshot = True
        self.progress: dict[str, Any] | None = None

    async def counts(self) -> tuple[int, int]:
        """How many changes wait for the server, and how many it refused."""
        waiting = await self._store.count("outbox", WAITING)
        return waiting, await self._store.count("outbox", REFUSED)

    async def step(self) -> bool:
        """One request and its answer. True when there was nothing more to send or to fetch."""
        state = await read_state(self._store)
        self.has_snapshot = state["has_snapshot"]
        self.progress = self._first.progress(state)
        batch = await self._batch()
        if not batch and not self.has_snapshot:
            await self._first.fetch_page(state)
            return False
        if not batch and state["wanted"]:
            await self._panel.fetch_wanted(state)
            return False
        is_done = await self._exchange_changes(state, batch)
        await self._panel.let_go()
        return is_done

    async def _batch(self) -> list[Any]:
        """The oldest waiting changes, as many as one request may carry."""
        rows = await self._store.list("outbox", state=WAITING, limit=BATCH_CHANGES_MAX)
        characters = 0
        for at, row in enumerate(rows):
            characters += len(row["text"])
            if at > 0 and characters > BATCH_CHARACTERS_MAX:
                return rows[:at]
        return rows

    async def _exchange_changes(self, state: dict[str, Any], batch: list[Any]) -> bool:
        envelope = {
            "protocol": PROTOCOL,
            "device": self._device,
            "epoch": state["epoch"],
            "cursor": state["cursor"],
            "now_ms": self._now_ms(),
            "limit": PULL_CHANGES_MAX if self.has_snapshot else 0,
        }
        # The changes go as the very texts that were hashed; they are never written anew.
        texts = ",".join([row["text"] for row in batch])
        body = json_text.dumps(envelope)[:-1] + ',"changes":[' + texts + "]}"
        try:
            reply = json_text.loads(await self._http.post("/api/sync", body))
        except Refused as refusal:
            receipt = refusal.body.get("receipt")
            if not receipt or not await self._send_again_after(receipt["number"]):
                raise
            return False
        if reply["receipt"]["number"] < state["acknowledged"]:
            # Before the receipt is believed: a crash in between must find it lower once more.
            await self._send_again_after(reply["receipt"]["number"])
        has_wanted = await self._until_fresh(self._take_reply, batch, reply)
        is_all_sent = await self._store.count("outbox", WAITING) == 0
        is_all_here = self.has_snapshot and not reply["more"] and not has_wanted
        return is_all_here and is_all_sent

    async def _until_fresh(self, attempt: Any, *arguments: Any) -> Any:
        return await until_fresh(self._store, self._directory, attempt, *arguments)

    async def _take_reply(self, batch: list[Any], reply: dict[str, Any]) -> bool:
        """The one transaction that a reply becomes. Whether charts are to be fetched after it."""
        state = await read_state(self._store)
        charts = self._charts()
        sequences = await self._settle(charts, batch, reply["outcomes"])
        arrived: dict[str, list[Any]] = {}
        for item in reply["changes"]:
            arrived.setdefault(item["change"]["patient"], []).append(item)
        await charts.open(list(arrived) + list(sequences))
        for patient, items in arrived.items():
            await self._take_in(charts, state, patient, items)
        for patient, numbers in sequences.items():
            await charts.number(patient, numbers)
        self._move_cursor(state, reply)
        charts.expect("meta", "sync", state["version"])
        charts.puts.append(put_state(state))
        await self._see_clocks(charts, reply["changes"])
        await charts.commit()
        await self._forget_old()
        touched = set(arrived)
        for row in batch:
            touched.add(row["patient"])
        if touched:
            self._on_changed(list(touched))
        return state["wanted"] != []

    def _charts(self) -> ChartBatch:
        return ChartBatch(self._store, self._directory, self._now_ms())

    async def _take_in(
        self, charts: ChartBatch, state: dict[str, Any], patient: str, items: list[Any]
    ) -> None:
        """Merges what arrived of one patient into the chart, or notes that it is to be fetched."""
        if charts.is_held(patient):
            await charts.apply(patient, items)
        elif any([item.get("created") for item in items]):
            # The patient begins here: with what follows, this is the whole chart.
            await charts.replace(patient, "", "")
            await charts.apply(patient, items)
        else:
            add_wanted(state, [patient])

    def _move_cursor(self, state: dict[str, Any], reply: dict[str, Any]) -> None:
        """A cursor means something within one life of the server's database only: in another
        (restored from a backup) the charts are fetched anew, under the device's own work."""
        if state["epoch"] not in (None, reply["epoch"]):
            begin_again(state, reply["epoch"])
            self.has_snapshot = False
        elif state["has_snapshot"]:
            state["cursor"] = reply["cursor"]
        state["epoch"] = reply["epoch"]
        state["acknowledged"] = reply["receipt"]["number"]
        state["settled"] = reply["receipt"]["sequence"]

    async def _send_again_after(self, number: int) -> bool:
        """Lets acknowledged changes that the server no longer has wait once more. False when
        there are none: then the server's refusal stands."""
        return await self._until_fresh(self._let_wait_after, number)

    async def _let_wait_after(self, number: int) -> bool:
        rows: list[Any] = []
        for kind in (DONE, REFUSED):
            # The refused ones too: they have numbers, and the server takes no gap.
            rows += await self._store.list("outbox", state=kind, after=number)
        state = await read_state(self._store)
        charts = self._charts()
        await charts.open([row["patient"] for row in rows])
        for row in rows:
            text = row["text"].split("\n", 1)[0]
            if charts.is_held(row["patient"]):
                # Merged once more: a page of the snapshot may have come without it.
                await charts.apply_own(row["patient"], json_text.loads(text))
            else:
                # Let go since: the chart is fetched once the server has it.
                add_wanted(state, [row["patient"]])
            charts.expect("outbox", row["key"], row["version"])
            charts.puts.append(put("outbox", row["key"], text, row["patient"], WAITING))
        charts.expect("meta", "sync", state["version"])
        charts.puts.append(put_state(state))
        if rows:
            await charts.commit()
        return rows != []

    async def _settle(self, charts: ChartBatch, batch: list[Any], outcomes: list[Any]) -> Any:
        """Marks each sent change with its outcome; {patient: {resource: sequence}} of the kept."""
        stored = await self._store.get_many("outbox", [row["key"] for row in batch])
        # Another tab may have sent the same changes and heard first: then it is settled.
        rows = {row["key"]: row for row in stored if row is not None and row["state"] == WAITING}
        sequences: dict[str, dict[str, int]] = {}
        for outcome in outcomes:
            row = rows.get(outcome["number"])
            if row is None:
                continue
            text, state = row["text"], DONE
            if outcome["outcome"] == "rejected":
                text, state = text + "\n" + json_text.dumps(outcome["issues"]), REFUSED
            else:
                key = json_text.loads(row["text"])["resource"]
                sequences.setdefault(row["patient"], {})[key] = outcome["sequence"]
            charts.expect("outbox", row["key"], row["version"])
            charts.puts.append(put("outbox", row["key"], text, row["patient"], state))
        return sequences

    async def _see_clocks(self, charts: ChartBatch, items: list[Any]) -> None:
        """Moves the device's clock past everything seen, so that later edits sort later."""
        if not items:
            return
        row = await self._store.get("meta", "device")
        assert row is not None, "a device that syncs is enrolled"
        device = json_text.loads(row["text"])
        before = device["timestamp"]
        for item in items:
            device["timestamp"] = clock.latest(device["timestamp"], item["change"]["timestamp"])
        if device["timestamp"] != before:
            charts.expect("meta", "device", row["version"])
            charts.puts.append(put("meta", "device", json_text.dumps(device)))

    async def _forget_old(self) -> None:
        """Lets go of acknowledged changes beyond the number that is kept, oldest first."""
        surplus = await self._store.count("outbox", DONE) - DONE_CHANGES_KEPT
        if surplus >= BATCH_CHANGES_MAX:
            rows = await self._store.list("outbox", state=DONE, limit=BATCH_CHANGES_MAX)
            await self._store.commit([], removes=[("outbox", row["key"]) for row in rows])
