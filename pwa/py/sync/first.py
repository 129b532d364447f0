"""The first sync: the facility's panel in pages, whoever was here last first.

The cursor is that of the first page; what is written while the pages come is fetched after
them. How far it has come is stored with each page, so that it goes on there after anything.
While a page is stored the next one is on its way already.
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

    from pwa.py.sync.contract import Begun
    from pwa.py.sync.device import Device

# The first page is small, to be there soon; the next ones are as large as fits the time.
PAGE_PATIENTS_FIRST = 10
PAGE_PATIENTS_MAX = 200
# One part in so many of its way a page has to be waited for, not to have been here before.
WAITED_PART_MIN = 10


class FirstSync:
    def __init__(self, device: Device) -> None:
        self._device = device
        self._pace = Pace(PAGE_PATIENTS_FIRST, PAGE_PATIENTS_MAX)
        # What this tab has fetched, and how long that took.
        self._fetched = 0
        self._spent_ms = 0
        # How many patients the last page had, and how long storing them took.
        self._stored = (0, 0)
        # The page after the one stored last, if it was begun, and the version of the row "sync"
        # upon which it was: whatever has been taken in since (this device's own work, a chart by
        # name, another tab's page, another life of the server) has made that another.
        self._begun: Begun | None = None
        self._version = 0
        # When the last page was asked for.
        self._asked_ms = 0

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
        # Where tabs take turns, what one begins the other has stored before it comes.
        is_alone = state["version"] == self._version or not state["snapshot_after"]
        began_ms = self._device.now_ms()
        try:
            page = chart_page.read(await self._take_begun(state).text())
        except Offline:
            self._pace.note_failure()
            raise
        patients, here_ms = len(page["charts"]), self._device.now_ms()
        self._note_pace(patients, here_ms - began_ms, here_ms - self._asked_ms)
        if is_alone and page["after"] and state["epoch"] in (None, page["epoch"]):
            self._begun = self._begin_page(page["after"])
        self._version = 0
        is_taken = await retry_when_stale(lambda: self._take_page(state, page))
        done_ms = self._device.now_ms()
        self._note_stored(patients, done_ms - here_ms, done_ms - began_ms)
        if not self._version:
            self.let_go()
        return is_taken

    def let_go(self) -> None:
        """No page is fetched next."""
        if self._begun is not None:
            self._begun.let_go()
            self._begun = None

    def _take_begun(self, state: dict[str, Any]) -> Begun:
        """The page that is due: the one that was begun, if nothing has happened since."""
        begun = self._begun
        if begun is None or state["version"] != self._version:
            self.let_go()
            return self._begin_page(state["snapshot_after"])
        self._begun = None
        return begun

    def _begin_page(self, after: str) -> Begun:
        path = "/api/snapshot?limit=%d&cap=%d&after=%s" % (
            self._pace.size,
            panel.PANEL_CHARTS_MAX,
            after,
        )
        self._asked_ms = self._device.now_ms()
        return self._device.http.begin(path, self._pace.timeout_ms)

    def _note_pace(self, patients: int, waited_ms: int, way_ms: int) -> None:
        """How large the next page is to be, which is begun before this one is stored.

        One is stored while the other is on its way, so a page takes the longer of the two. How
        long it will be stored the page before tells; how long it was on its way is known only of
        one that was waited for: else it may have been here long since."""
        # A clock that was set meanwhile says nothing of the pace.
        if patients == 0 or waited_ms < 0 or way_ms < 0:
            return
        stored, storing_ms = self._stored
        took_ms = storing_ms * patients // stored if stored else 0
        if waited_ms * WAITED_PART_MIN >= way_ms:
            took_ms = max(took_ms, way_ms)
        # A page may hold fewer than were asked for, where charts are long.
        asked = self._pace.size
        self._pace.note(asked, took_ms * asked // patients)

    def _note_stored(self, patients: int, storing_ms: int, took_ms: int) -> None:
        if patients == 0 or not 0 <= storing_ms <= took_ms:
            return
        self._stored = (patients, storing_ms)
        self._fetched += patients
        self._spent_ms += took_ms

    async def _take_page(self, started: dict[str, Any], page: dict[str, Any]) -> bool:
        """Stores a page of charts, and where to go on, in one transaction."""
        state = await read_state(self._device.store)
        for name in ("epoch", "has_snapshot", "snapshot_after"):
            if state[name] != started[name]:
                # Another tab has gone on meanwhile.
                return True
        charts = self._device.charts()
        patients = [chart[0] for chart in page["charts"]]
        is_other_life = state["epoch"] not in (None, page["epoch"])
        if is_other_life:
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
        if not is_other_life and state["version"] == started["version"]:
            self._version = state["version"] + 1
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
