"""What becomes of a device's chain when the server cannot go on with it.

- A gap: the server was restored from a backup so old that what it lacks is no longer all here.
- A fork: the server knows other texts under this device's numbers. This tablet is a copy of
  another, or was put back from an image; both have written since. What differs is handed to the
  server, which keeps it aside, and is in nobody's record until somebody decides.
- The device was revoked: what was not sent is handed over likewise, and the device gets nothing.

After a gap or a fork the store takes another id and begins another chain (`succession.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text
from pwa.py.domain.failures import Offline, OtherProtocol, Refused, Revoked
from pwa.py.domain.outbox import ASIDE, change_of, reason_of, replaced_by
from pwa.py.domain.transaction import put, retry_when_stale
from pwa.py.sync import outbox
from pwa.py.sync.outbox import DONE, REFUSED, SET_ASIDE, WAITING, WITHDRAWN
from pwa.py.sync.state import note_asked, read_state
from pwa.py.sync.succession import FORK, GAP, Succession, show_own

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.store.contract import Names, Rows
    from pwa.py.sync.charts import ChartBatch
    from pwa.py.sync.device import Device
    from pwa.py.sync.pace import Pace
    from pwa.py.sync.succession import Rename

PROTOCOL = 2
_REVOKED_CODE = "suppressed"
_CONFLICT_CODE = "conflict"


class Chain:
    def __init__(
        self, device: Device, new_id: Callable[[], str], rename: Rename, pace: Pace
    ) -> None:
        self._device = device
        self._pace = pace
        self._succession = Succession(device, new_id, rename)

    async def is_fork(self, receipt: dict[str, Any]) -> bool:
        """Whether the server's last change of this device is not the one written here."""
        device = await self._device.read()
        if receipt["number"] == 0:
            return False
        if receipt["number"] >= device["number"]:
            return receipt["number"] > device["number"] or receipt["hash"] != device["hash"]
        row = await self._device.store.get("outbox", receipt["number"])
        if row is None:
            return False
        text = outbox.text_of(row)
        is_own = json_text.loads(text)["device"] == device["device"]
        return is_own and changes.text_hash(text) != receipt["hash"]

    # --- refusals of a whole request -------------------------------------------------------------

    async def take_refusal(self, batch: Rows, refusal: Refused) -> bool:
        """Does what a refusal asks for. False when it asks for nothing that is known here."""
        code = refusal.issues[0]["code"] if refusal.issues else ""
        if refusal.status == 403 and code == _REVOKED_CODE:
            await retry_when_stale(lambda: self._note_revoked(batch, refusal.body))
            is_kept = "outcomes" in refusal.body
            # What was given up goes too: it may be the only text of it.
            left = await self._device.store.counts("outbox", (WAITING, WITHDRAWN))
            is_aside_told = (await read_state(self._device.store))["aside_after"] is None
            if not is_kept or (is_aside_told and not sum(left)):
                # Where the session is another device's, asking again would change nothing.
                raise Revoked(refusal.status, refusal.body)
            return True
        protocols = refusal.body.get("protocols")
        if protocols:
            raise OtherProtocol(refusal.status, refusal.body, max(protocols) > PROTOCOL)
        receipt = refusal.body.get("receipt")
        if not receipt:
            return False
        if code == _CONFLICT_CODE or await self.is_fork(receipt):
            await self.part(FORK, receipt, batch, refusal.body.get("outcomes", []))
        elif not await self.send_again_after(receipt):
            await self.part(GAP, receipt, [], [])
        return True

    async def _note_revoked(self, batch: Rows, answer: dict[str, Any]) -> None:
        state = await read_state(self._device.store)
        charts = self._device.charts()
        await self._settle(charts, batch, answer.get("outcomes", []))
        if state["parted"] is not None:
            # It was about to begin another chain, and has not asked about the earlier ones.
            state["asked"] = ""
        state.update({"revoked": True, "parted": None})
        receipt = answer.get("receipt")
        if receipt and self._may_lack(state, receipt, answer["epoch"]):
            # Restored besides: what it had taken, and has lost, is handed over too.
            await self._doubt(charts, state, batch)
            # Told to whoever enters, should it be revoked no longer.
            state["gone"] += await self._count_gone(state, receipt["number"])
            note_asked(state, answer["epoch"])
            state["acknowledged"] = receipt["number"]
        charts.put_state(state)
        await charts.commit()

    async def _count_gone(self, state: dict[str, Any], there: int) -> int:
        """How many acknowledged changes of this chain are neither on the server nor here."""
        there = max(there, state["begins"])
        kept: Names = []
        for kind in (DONE, REFUSED, WAITING, WITHDRAWN) + ASIDE:
            kept = kept + await self._device.store.list_keys("outbox", None, kind)
        here = [number for number in kept if there < number <= state["acknowledged"]]
        return max(0, state["acknowledged"] - there - len(here))

    def _may_lack(self, state: dict[str, Any], receipt: dict[str, Any], epoch: str) -> bool:
        """Whether the server may be without something that is done here. In another life a copy
        of this tablet may have brought its chain to any number again, so that a number that is
        not lower says nothing."""
        return state["asked"] != epoch or receipt["number"] < state["acknowledged"]

    async def part(
        self, why: str, receipt: dict[str, Any], batch: Rows, outcomes: list[Any]
    ) -> None:
        """Notes that this chain ends; `step` then does the rest, whatever comes between."""
        await retry_when_stale(lambda: self._part(why, receipt, batch, outcomes))

    async def _part(
        self, why: str, receipt: dict[str, Any], batch: Rows, outcomes: list[Any]
    ) -> None:
        state, device = await read_state(self._device.store), await self._device.read()
        charts = self._device.charts()
        await self._settle(charts, batch, outcomes)
        self.end(state, why, receipt, device["number"])
        state["revoked"] = False
        if why == FORK and await self.is_fork(receipt):
            # Of earlier chains it is asked when the next one begins.
            await self._doubt(charts, state, batch, device["device"])
        charts.expect("meta", "device", device["version"])
        charts.put_state(state)
        await charts.commit()

    def end(self, state: dict[str, Any], why: str, receipt: dict[str, Any], until: int = 0) -> None:
        """`until`: up to there, what differs belongs to the chain that ends."""
        state["parted"] = {"why": why, "until": until, "receipt": receipt["number"]}

    async def _doubt(
        self, charts: ChartBatch, state: dict[str, Any], batch: Rows, chain: str = ""
    ) -> None:
        """Also what was acknowledged, on one chain or on all, may differ: a server that was
        restored since may have taken a copy's work under the same numbers. It is handed over
        too; what is known stays done."""
        just_settled = [row["key"] for row in batch]
        doubted: Rows = []
        for kind in (DONE, REFUSED):
            for row in await self._device.store.list("outbox", state=kind):
                is_meant = chain in ("", change_of(row)["device"])
                if is_meant and row["key"] not in just_settled:
                    doubted.append(row)
        await self._let_all_wait(charts, state, doubted)

    async def _let_all_wait(self, charts: ChartBatch, state: dict[str, Any], rows: Rows) -> None:
        """What waits is seen in its chart, which may have come without it meanwhile. What another
        change stands for goes for its number alone, also where the server had taken both."""
        await charts.open([row["patient"] for row in rows])
        # After the charts: whoever withdraws or says again from now on makes the commit stale.
        kept: Rows = []
        for kind in (DONE, REFUSED, WAITING, WITHDRAWN):
            kept += await self._device.store.list("outbox", state=kind)
        instead = outbox.said_instead(kept)
        for row in rows:
            if not reason_of(row) and row["key"] in instead:
                row["text"] = outbox.noted(outbox.text_of(row), {"by": instead[row["key"]]})
            if not reason_of(row):
                await show_own(charts, state, change_of(row))
            self._let_wait(charts, row)

    def _let_wait(self, charts: ChartBatch, row: Any) -> None:
        text, state = outbox.again(row)
        charts.expect("outbox", row["key"], row["version"])
        charts.puts.append(put("outbox", row["key"], text, row["patient"], state))

    # --- acknowledged work that the server has lost ----------------------------------------------

    async def send_again_after(self, receipt: dict[str, Any]) -> bool:
        """Lets acknowledged changes that the server no longer has wait once more. False when
        they do not go on from where the server's chain ends."""
        return await retry_when_stale(lambda: self._let_wait_after(receipt))

    async def _let_wait_after(self, receipt: dict[str, Any]) -> bool:
        state, device = await read_state(self._device.store), await self._device.read()
        rows: Rows = []
        for kind in (DONE, REFUSED, WAITING, WITHDRAWN):
            # The refused ones too: they have numbers, and the server takes no gap.
            rows += await self._device.store.list("outbox", state=kind, after=receipt["number"])
        by_number = {row["key"]: row for row in rows}
        for number in range(receipt["number"] + 1, device["number"] + 1):
            if number not in by_number:
                return False
            change = change_of(by_number[number])
            is_next = number > receipt["number"] + 1 or change["previous"] == receipt["hash"]
            if change["device"] != device["device"] or not is_next:
                return False
        again = [row for row in rows if row["state"] in (DONE, REFUSED)]
        if not again:
            return rows != []
        charts = self._device.charts()
        await self._let_all_wait(charts, state, again)
        state["again"] = state.get("again", 0) + len(again)
        charts.put_state(state)
        await charts.commit()
        return True

    async def tell_again(self) -> None:
        """Lets withdrawn work be told once more, to a server that was restored from before it."""
        state, device = await read_state(self._device.store), await self._device.read()
        state["tell_again"] = False
        charts = self._device.charts()
        for row in await self._device.store.list("outbox", state=DONE):
            is_own = change_of(row)["device"] == device["device"]
            if is_own and reason_of(row) and not replaced_by(row):
                self._let_wait(charts, row)
        charts.put_state(state)
        await charts.commit()

    async def ask_again(self, charts: ChartBatch, state: dict[str, Any]) -> None:
        """Another life of the server may have taken otherwise what this chain had settled: where
        a copy of this tablet was faster to send it again, also what was replaced here. What it
        knows, it answers as before. What was withdrawn is told by `tell_again`."""
        rows: Rows = []
        for kind in (DONE, REFUSED):
            for row in await self._device.store.list("outbox", state=kind, after=state["begins"]):
                if not reason_of(row) or replaced_by(row):
                    rows.append(row)
        await self._let_all_wait(charts, state, rows)

    # --- work that lies aside --------------------------------------------------------------------

    async def hand_over_aside(
        self, state: dict[str, Any], rows: Rows, envelope: dict[str, Any]
    ) -> None:
        """Some of what lies aside, to a server that may keep it no more; none is left when `rows`
        are empty."""
        if not rows:
            await retry_when_stale(lambda: self._note_aside(None, [], []))
            return
        envelope.update({"aside": True, "limit": 0})
        try:
            await self._post_aside(outbox.aside_body(envelope, rows), len(rows))
        except Refused as refusal:
            outcomes = refusal.body.get("outcomes")
            if outcomes is not None:
                last = rows[-1]["key"]
                await retry_when_stale(lambda: self._note_aside(last, rows, outcomes))
            is_news = outcomes is None or (refusal.status == 403 and not state["revoked"])
            if is_news and not await self.take_refusal([], refusal):
                raise

    async def _post_aside(self, body: str, carried: int) -> None:
        """What is kept aside is told as a refusal. The pace is that of the exchanges, by which
        the batch was chosen."""
        began_ms = self._device.now_ms()
        try:
            await self._device.http.post("/api/sync", body, self._pace.timeout_ms)
        except Offline:
            self._pace.note_failure(carried)
            raise
        except Refused:
            self._pace.note(carried, self._device.now_ms() - began_ms)
            raise

    async def _note_aside(self, last: Any, batch: Rows, outcomes: list[Any]) -> None:
        """What the server has in its record, or refused, lies aside no more."""
        state = await read_state(self._device.store)
        charts = self._device.charts()
        known = [one for one in outcomes if one["outcome"] != "set-aside"]
        numbers = [one["number"] for one in known]
        news = [row for row in batch if row["key"] in numbers and row["state"] == SET_ASIDE]
        await self._settle(charts, news, known)
        await charts.open([row["patient"] for row in news])
        for row in news:
            await show_own(charts, state, change_of(row))
        state["aside_after"] = last
        charts.put_state(state)
        await charts.commit()

    # --- another chain ---------------------------------------------------------------------------

    async def step(self, state: dict[str, Any], batch: Rows, envelope: dict[str, Any]) -> None:
        """Of a chain that has ended: hands over a batch, or begins the next chain."""
        old = [row for row in batch if row["key"] <= state["parted"]["until"]]
        if state["parted"]["why"] == FORK and old:
            envelope.update({"aside": True, "limit": 0})
            try:
                await self._post_aside(outbox.body_of(envelope, old), len(old))
            except Refused as refusal:
                if "outcomes" not in refusal.body or refusal.status == 403:
                    if not await self.take_refusal(old, refusal):
                        raise
                    return
                outcomes = refusal.body["outcomes"]
                await retry_when_stale(lambda: self._hand_over(old, outcomes))
            return
        try:
            answer = await self._succession.ask(state)
        except Refused as refusal:
            try:
                if not await self.take_refusal([], refusal):
                    raise
            except Revoked:
                # Meanwhile. What the server has of the chain that ended, the next answer tells.
                pass
            return
        await self._succession.begin(answer)

    async def _hand_over(self, batch: Rows, outcomes: list[Any]) -> None:
        charts = self._device.charts()
        await self._settle(charts, batch, outcomes)
        await charts.commit()

    async def _settle(self, charts: ChartBatch, batch: Rows, outcomes: list[Any]) -> None:
        sequences, _ = await outbox.settle(self._device.store, charts, batch, outcomes)
        await charts.open(list(sequences))
        for patient, numbers in sequences.items():
            await charts.number(patient, numbers)
