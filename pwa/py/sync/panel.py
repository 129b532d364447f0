"""Charts one by one: those of patients whom the device does not hold and has to.

A change may come of a patient whom the device does not hold (beyond its panel, let go, or not
fetched yet). It cannot be merged into nothing, so the patient is noted as wanted in the very
transaction that moves the cursor past the change, and the chart is fetched in a step after it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import chart_page, use
from pwa.py.domain.failures import Offline
from pwa.py.domain.outbox import DONE
from pwa.py.domain.transaction import retry_when_stale
from pwa.py.sync.pace import Pace
from pwa.py.sync.state import begin_again, drop_wanted, may_land, note_landed, read_state

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.sync.device import Device

# A device holds the charts of so many patients: those who were at the facility last, are
# expected, or were opened here. Beyond that the least lately used are let go.
PANEL_CHARTS_MAX = 5_000
CHARTS_ASKED_MAX = 40
KEEP_ATTEMPTS_MAX = 3
LET_GO_AT_ONCE_MAX = 50
# So many of the least lately used are looked at for some that may be let go.
LET_GO_LOOKED_AT_MAX = 400
LET_GO_PAUSE_MS = 10 * 60_000


class Panel:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._pace = Pace(CHARTS_ASKED_MAX, CHARTS_ASKED_MAX)
        self._let_go_not_before_ms = 0

    async def fetch_wanted(self, state: dict[str, Any]) -> bool:
        """The charts of some of those who are wanted, in place of what the device holds. False
        when they were long on their way."""
        page = await self._fetch(state["wanted"][: self._pace.size])
        return page["is_taken"]

    async def keep(self, patient: str) -> bool:
        """Fetches a chart that somebody is about to open. False when the server has none."""
        for _ in range(KEEP_ATTEMPTS_MAX):
            page = await self._fetch([patient], is_opened=True)
            rows = await self._device.store.get_many("charts", [patient])
            if rows[0] is not None and rows[0]["text"]:
                return True
            if page["absent"]:
                return False
        raise Offline("the chart did not come in time")

    async def _fetch(self, patients: list[str], *, is_opened: bool = False) -> Any:
        path = "/api/charts?patients=" + ",".join(patients)
        began_ms = self._device.now_ms()
        try:
            page = chart_page.read(await self._device.http.get(path, self._pace.timeout_ms))
        except Offline:
            self._pace.note_failure()
            raise
        carried = len(page["charts"]) + len(page["absent"])
        self._pace.note(carried, self._device.now_ms() - began_ms)
        page["is_taken"] = await retry_when_stale(lambda: self._take_charts(page, is_opened))
        return page

    async def _take_charts(self, page: dict[str, Any], is_opened: bool = False) -> bool:
        state = await read_state(self._device.store)
        charts = self._device.charts()
        fetched = [chart[0] for chart in page["charts"]]
        if state["epoch"] not in (None, page["epoch"]):
            begin_again(state, page["epoch"])
            fetched = []
        elif not may_land(state, page):
            # They were long on their way. Whoever is wanted stays so, and is asked for again.
            return False
        else:
            await charts.open(fetched + page["absent"])
            for patient, text, _, date in page["charts"]:
                await charts.replace(patient, text, date)
                if is_opened:
                    charts.note_opened(patient)
            if page["absent"]:
                # Whom to take out of it has to be seen in it.
                self._device.directory.load(await self._device.store.list("directory"))
            drop_wanted(state, fetched + page["absent"])
            for patient in page["absent"]:
                # Lost by a restored server, until its writer sends it again: kept here.
                if await charts.forget_numbers(patient):
                    state["mixed"] = state["mixed"] + [patient]
            note_landed(state, page["cursor"])
            state["patients"] = page["patients"]
        charts.put_state(state)
        await charts.commit()
        if fetched or page["absent"]:
            self._device.on_changed(fetched + page["absent"])
        return True

    async def let_go(self) -> None:
        """Lets go of the least lately used charts beyond the cap, if there are any."""
        if len(self._device.directory) <= PANEL_CHARTS_MAX:
            return
        if len(self._device.directory) != len(await self._device.store.list_keys("charts")):
            # Another tab let some go, and was closed before it could tell.
            self._device.directory.load(await self._device.store.list("directory"))
            self._device.on_changed([])
        now_ms = self._device.now_ms()
        pause_ms = self._let_go_not_before_ms - now_ms
        if len(self._device.directory) <= PANEL_CHARTS_MAX or 0 < pause_ms <= LET_GO_PAUSE_MS:
            return
        gone = await retry_when_stale(lambda: self._let_go(now_ms))
        if gone:
            self._device.on_changed(gone)
        else:
            # All that could be are in use: that does not change from one moment to the next.
            self._let_go_not_before_ms = now_ms + LET_GO_PAUSE_MS

    async def _let_go(self, now_ms: int) -> list[str]:
        charts = self._device.charts()
        state = await read_state(self._device.store)
        drafts = [str(row["key"]) for row in await self._device.store.list("drafts")]
        kept = set(state["wanted"]) | set(self._device.directory.conflicted())
        gone: list[str] = []
        # Counted in the store: what memory holds may be older.
        keys = await self._device.store.list_keys("charts")
        surplus = len(keys) - PANEL_CHARTS_MAX
        for patient in keys[:LET_GO_LOOKED_AT_MAX]:
            if len(gone) >= min(surplus, LET_GO_AT_ONCE_MAX):
                break
            if patient in kept or any([patient in name for name in drafts]):
                continue
            if self._device.directory.get(patient) is None:
                # Another tab has just brought it; the directory is read again before long.
                continue
            await charts.open([patient])
            is_idle = charts.is_held(patient)
            is_idle = is_idle and not use.is_in_hand(charts.last_use(patient), now_ms)
            # Looked at after the chart: what is written from now on makes the commit stale.
            if is_idle and not await self._is_unfinished(patient):
                gone.append(patient)
                charts.let_go(patient)
            else:
                charts.close(patient)
        if gone:
            await charts.commit()
        return gone

    async def _is_unfinished(self, patient: str) -> bool:
        """Whether anything of the patient that was written here is not on the server. Whoever
        writes puts the chart in the same transaction, so the version of a chart that was opened
        before tells if that came later."""
        rows = await self._device.store.list("outbox", patient=patient)
        return any([row["state"] != DONE for row in rows])
