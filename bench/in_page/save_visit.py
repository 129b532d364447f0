"""Runs in the page, on MicroPython: visits saved through the desk, each beside plain puts.

Before each save the chart is put back to what it was and opened, as the visit page does; none of
that is timed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import js

from pwa.py.domain import changes, folding, json_text
from pwa.py.domain.chart import Chart
from pwa.py.domain.directory import Directory
from pwa.py.store import crypto
from pwa.py.workflow.desk import Desk
from pwa.py.workflow.record import Record
from tests.store.browser_store import Device, empty

if TYPE_CHECKING:
    from typing import Any


def put(table: str, key: Any, text: str) -> Any:
    return {"table": table, "key": key, "text": text, "patient": "", "state": ""}


def chart_rows(given: dict[str, Any]) -> list[Any]:
    """A long chart in its two rows, parted once; the parting is not part of a save."""
    if "rows" not in given:
        parted = folding.texts(Chart(given["chart"]), 0)
        given["rows"] = [put(table, given["patient"], text) for table, text in parted]
    return given["rows"]


async def make_desk(given: dict[str, Any]) -> tuple[Any, Any]:
    await empty()
    store = await Device().open_store()
    state = json_text.dumps(changes.new_device_state(given["device"]))
    lines = "\n".join(given["lines"])
    rows = [put("meta", "device", state), put("directory", 0, lines)]
    await store.commit(rows + chart_rows(given))
    directory = Directory()

    def nothing() -> None:
        pass

    record = Record(store, directory, given["author"], js.Date.now, nothing)
    await record.load()
    return store, Desk(record, crypto.new_id, lambda _: False)


async def put_back(store: Any, desk: Any, given: dict[str, Any]) -> None:
    numbers = [row["key"] for row in await store.list("outbox")]
    await store.commit(
        chart_rows(given),
        removes=[("outbox", number) for number in numbers],
    )
    assert await desk.open_chart(given["patient"], 1) is not None


async def main(given: dict[str, Any]) -> Any:
    """{"saves", "puts", "small": milliseconds of each, "bytes": what a save wrote}."""
    store, desk = await make_desk(given)
    saves: list[float] = []
    puts: list[float] = []
    small: list[float] = []
    size = small_size = 0
    for turn in range(given["warm"] + given["count"]):
        await put_back(store, desk, given)
        if size and turn % 2:
            puts.append(await js.plainPut(size))
        started = js.performance.now()
        answer = await desk.record_encounter(given["patient"], given["form"])
        saves.append(js.performance.now() - started)
        assert not answer["issues"], answer["issues"]
        if size == 0:
            size = await js.savedBytes("charts") + await js.savedBytes("outbox")
            small_size = await js.savedBytes("outbox")
            size += await js.savedBytes("meta")
        if turn % 2 == 0:
            puts.append(await js.plainPut(size))
        small.append(await js.plainPut(small_size))
    store.close()
    keep = given["warm"]
    return {"saves": saves[keep:], "puts": puts[keep:], "small": small[keep:], "bytes": size}
