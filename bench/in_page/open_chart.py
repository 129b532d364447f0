"""Runs in the page, on MicroPython: a chart opened by the chart's own page, whole and in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import js

from pwa.py.domain import changes, folding, json_text, view
from pwa.py.domain.chart import Chart
from pwa.py.domain.directory import Directory
from pwa.py.store import crypto
from pwa.py.ui import dom
from pwa.py.ui.chart import ENCOUNTERS_FIRST, ChartPage
from pwa.py.workflow.desk import Desk
from pwa.py.workflow.record import Record
from tests.store.browser_store import Device, empty

if TYPE_CHECKING:
    from typing import Any

PARTS = ("get and decrypt", "Chart(text)", "outbox states", "view()", "draft looked for, paint")


def put(table: str, key: Any, text: str) -> Any:
    return {"table": table, "key": key, "text": text, "patient": "", "state": ""}


class App:
    """As much of the app as the chart's page asks for."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.services = self
        self.identity = {"account": {"id": "bench"}}

    def now_ms(self) -> int:
        return int(js.Date.now())


class FoldedDesk:
    """Gives a view that was folded before: what is left is to paint it."""

    def __init__(self, desk: Any, folded: Any) -> None:
        self.load_draft = desk.load_draft
        self._folded = folded

    async def open_chart(self, patient: str, encounters_max: int) -> Any:
        return self._folded

    async def note_use(self, patient: str) -> None:
        pass


async def paint(desk: Any, patient: str) -> None:
    """As App.show does; returns when style and layout are done."""
    element = await ChartPage(App(desk), patient).build()
    dom.fill(dom.find("page"), element)
    assert dom.find("page").offsetHeight > 0


async def parts(store: Any, desk: Any, patient: str) -> list[float]:
    moments = [js.performance.now()]
    row = await store.get("charts", patient)
    moments.append(js.performance.now())
    chart = Chart(row["text"])
    moments.append(js.performance.now())
    states = await desk._states(patient)
    moments.append(js.performance.now())
    folded = view.view(chart, patient, states, ENCOUNTERS_FIRST)
    moments.append(js.performance.now())
    await paint(FoldedDesk(desk, folded), patient)
    moments.append(js.performance.now())
    return [moments[at + 1] - moments[at] for at in range(len(PARTS))]


async def main(given: dict[str, Any]) -> Any:
    """{"whole": milliseconds of each, "parts": {name: milliseconds of each}}"""
    await empty()
    store = await Device().open_store()
    state = json_text.dumps(changes.new_device_state(given["device"]))
    rows = [put("meta", "device", state)]
    for patient, text in given["charts"]:
        rows += [put(table, patient, part) for table, part in folding.texts(Chart(text), 0)]
    await store.commit(rows)
    record = Record(store, Directory(), given["author"], js.Date.now, print)
    desk = Desk(record, crypto.new_id, lambda _: False)
    page = js.document.createElement("main")
    page.id = "page"
    js.document.body.append(page)
    whole: list[float] = []
    apart: list[list[float]] = []
    for _ in range(given["warm"] + given["count"]):
        for patient, _text in given["charts"]:
            # Opened in turn: the long chart never finds its own rests in memory.
            started = js.performance.now()
            await paint(desk, patient)
            taken = js.performance.now() - started
            if patient != given["charts"][0][0]:
                continue
            whole.append(taken)
            apart.append(await parts(store, desk, patient))
    store.close()
    kept = apart[given["warm"] :]
    named = {PARTS[at]: [one[at] for one in kept] for at in range(len(PARTS))}
    return {"whole": whole[given["warm"] :], "parts": named}
