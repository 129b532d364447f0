"""Runs in the page, on MicroPython: a tablet that writes, pushes and pulls with the real parts.

The store is the real one (IndexedDB, encrypted), and so are the exchange and its transport. One
run is one step of the journey; the store outlives it, as a tablet's does.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import js

from pwa.py.domain import changes, json_text
from pwa.py.domain.directory import Directory
from pwa.py.store import crypto
from pwa.py.sync.device import Device as Side
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.http import Fetch
from pwa.py.sync.under_way import UnderWay
from pwa.py.workflow.record import Record
from tests.store.browser_store import Device, empty

if TYPE_CHECKING:
    from typing import Any


def put(table: str, key: Any, text: str, patient: str = "", state: str = "") -> Any:
    return {"table": table, "key": key, "text": text, "patient": patient, "state": state}


def nothing(*_: Any) -> None:
    pass


async def rename(*_: Any) -> None:
    raise AssertionError("no device takes another id here")


class Tablet:
    def __init__(self, store: Any, device: str, author: str) -> None:
        self.store = store
        self.device = device
        self.directory = Directory()
        self.record = Record(store, self.directory, author, js.Date.now, nothing)
        side = Side(store, Fetch(), self.directory, js.Date.now, nothing)
        under_way = UnderWay(lambda *_: nothing, nothing)
        self.exchange = Exchange(side, crypto.new_id, rename, under_way)


async def begin(given: dict[str, Any]) -> Any:
    """A new tablet: signed in, enrolled, with an empty store."""
    http = Fetch()
    form = {"username": given["username"], "password": given["password"]}
    await http.post("/api/session", json_text.dumps(form))
    await http.post("/api/devices", json_text.dumps({"device": given["device"]}))
    await empty()
    store = await Device().open_store()
    state = json_text.dumps(changes.new_device_state(given["device"]))
    await store.commit([put("meta", "device", state)])
    js.globalThis.tablet = Tablet(store, given["device"], given["author"])
    return {}


async def write(given: dict[str, Any]) -> Any:
    """Writes what files hold, [patient, [[resource, fields], …]], as one who sees each chart: a
    transaction for each patient. The tablet is offline."""
    tablet: Any = js.globalThis.tablet
    took = 0.0
    for name in given["files"]:
        answer = await js.fetch("/bench/given/" + name)
        for patient, items in json_text.loads(await answer.text()):
            started = js.performance.now()
            chart = await tablet.record.open(patient)
            drafts = [draft_of(chart, patient, item) for item in items]
            is_new = "Patient/" + patient if chart is None else ""
            issues = await tablet.record.write(patient, drafts, is_new)
            assert not issues, issues
            took += js.performance.now() - started
    return {"ms": took}


def draft_of(chart: Any, patient: str, item: list[Any]) -> Any:
    key, fields = item
    row = None if chart is None else chart.row(key)
    if row is None:
        return {"patient": patient, "resource": key, "base": {}, "set": fields}
    return changes.amend(row, fields)


async def exchange(given: dict[str, Any]) -> Any:
    """Steps until nothing is left to send or to fetch, as the engine makes them."""
    tablet: Any = js.globalThis.tablet
    gc.collect()
    before = memory()
    started = js.performance.now()
    steps = 0
    most = before
    sent = 0.0
    while True:
        steps += 1
        is_done = await tablet.exchange.step()
        waiting, refused = await tablet.exchange.counts()
        if given.get("memory"):
            now = memory()
            most = [max(most[at], value) for at, value in enumerate(now)]
        if waiting == 0 and not sent:
            sent = js.performance.now() - started
        if is_done:
            break
    assert refused == 0, refused
    took = js.performance.now() - started
    return {"ms": took, "sent_ms": sent, "steps": steps, "before": before, "most": most}


def memory() -> list[int]:
    """Kilobytes: MicroPython's objects, its whole heap, JavaScript's."""
    used = gc.mem_alloc()
    javascript = js.performance.memory.usedJSHeapSize / 1024
    return [used // 1024, (used + gc.mem_free()) // 1024, int(javascript)]


async def count(given: dict[str, Any]) -> Any:
    """What the store holds."""
    tablet: Any = js.globalThis.tablet
    return {"charts": await tablet.store.count("charts"), "device": tablet.device}


async def main(given: dict[str, Any]) -> Any:
    steps = {"begin": begin, "write": write, "exchange": exchange, "count": count}
    return await steps[given["step"]](given)
