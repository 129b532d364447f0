"""The first sync: the facility's panel in pages, whoever was here last first.

The cursor is that of the first page; what is written while the pages come is fetched after
them. How far it has come is stored with each page, so that it goes on there after anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import chart_page
from pwa.py.domain.failures import Offline
from pwa.py.domain.transaction import retry_when_stale
from pwa.py.sync import panel
from pwa.py.sync.pace import Pace
from pwa.py.sync.state import (
    add_wanted,
    begin_again,
    drop_wanted,
    may_land,
    note_landed,
    read_state,
)

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.sync.device import Device

# The first page is small, to be there soon; the next ones are as large as fits the time.
PAGE_PATIENTS_FIRST = 10
PAGE_PATIENTS_MAX = 200


class FirstSync:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._pace = Pace(PAGE_PATIENTS_FIRST, PAGE_PATIENTS_MAX)
        # What this tab has fetched, and how long that took: the pace.
        self._fetched = 0
        self._spent_ms = 0

    def progress(self, state: dict[str, Any]) -> dict[str, Any] | None:
        """{"done", "total", "patients", "left_ms"}; None when there is nothing to say (yet).

        `total` is the panel, `patients` the whole facility, `left_ms` None before a first page.
        """
        if state["has_snapshot"] or not state["snapshot_after"]:
            return None
        left_ms = None
        if self._fetched:
            left = max(0, state["panel"] - state["done"])
            left_ms = self._spent_ms * left // self._fetched
        found = {"done": state["done"], "total": state["panel"], "left_ms": left_ms}
        found["patients"] = state["patients"]
        return found

    async def fetch_page(self, state: dict[str, Any]) -> bool:
        """False when the page was long on its way, and is not taken."""
        began_ms = self._device.now_ms()
        path = "/api/snapshot?limit=%d&cap=%d&after=%s" % (
            self._pace.size,
            panel.PANEL_CHARTS_MAX,
            state["snapshot_after"],
        )
        try:
            page = chart_page.read(await self._device.http.get(path, self._pace.timeout_ms))
        except Offline:
            self._pace.note_failure()
            raise
        is_taken = await retry_when_stale(lambda: self._take_page(state, page))
        self._note_pace(len(page["charts"]), self._device.now_ms() - began_ms)
        return is_taken

    def _note_pace(self, patients: int, took_ms: int) -> None:
        # A clock that was set meanwhile says nothing of the pace.
        if patients == 0 or took_ms < 0:
            return
        self._fetched += patients
        self._spent_ms += took_ms
        # A page may hold fewer than were asked for, where charts are long.
        asked = self._pace.size
        self._pace.note(asked, took_ms * asked // patients)

    async def _take_page(self, started: dict[str, Any], page: dict[str, Any]) -> bool:
        """Stores a page of charts, and where to go on, in one transaction."""
        state = await read_state(self._device.store)
        for name in ("epoch", "has_snapshot", "snapshot_after"):
            if state[name] != started[name]:
                # Another tab has gone on meanwhile.
                return True
        charts = self._device.charts()
        patients = [chart[0] for chart in page["charts"]]
        if state["epoch"] not in (None, page["epoch"]):
            begin_again(state, page["epoch"])
            patients = []
        elif not may_land(state, page):
            return False
        else:
            if state["snapshot_after"] == "":
                await self._begin(state, page)
            await charts.open(patients)
            for patient, text, _, date in page["charts"]:
                await charts.replace(patient, text, date)
            self._move_on(state, page)
        charts.put_state(state)
        await charts.commit()
        if patients:
            self._device.on_changed(patients)
        return True

    async def _begin(self, state: dict[str, Any], page: dict[str, Any]) -> None:
        """The first page sets the cursor. Charts that are here already may be older than that,
        or of patients beyond the panel: they are fetched anew."""
        state["epoch"], state["cursor"] = page["epoch"], page["cursor"]
        state["done"] = 0
        add_wanted(state, await self._device.store.list_keys("charts"))

    def _move_on(self, state: dict[str, Any], page: dict[str, Any]) -> None:
        drop_wanted(state, [chart[0] for chart in page["charts"]])
        note_landed(state, page["cursor"])
        state["done"] += len(page["charts"])
        state["panel"], state["patients"] = page["panel"], page["patients"]
        state["snapshot_after"] = page["after"] or ""
        state["has_snapshot"] = page["after"] is None
