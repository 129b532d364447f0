"""This device as synchronisation knows it: what it holds, its clock, and its way to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.sync.charts import ChartBatch

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.domain.directory import Directory
    from pwa.py.store.contract import Store
    from pwa.py.sync.contract import Http


class Device:
    def __init__(
        self,
        store: Store,
        http: Http,
        patient_directory: Directory,
        now_ms: Callable[[], int],
        on_changed: Callable[[list[str]], None],
    ) -> None:
        """`on_changed` is told the patients of whom an answer changed the chart, or how far
        its entries have come."""
        self.store = store
        self.http = http
        self.directory = patient_directory
        self.now_ms = now_ms
        self.on_changed = on_changed

    async def read(self) -> dict[str, Any]:
        """The device's row: id, last number, hash, clock; with the row's version."""
        row = await self.store.get("meta", "device")
        assert row is not None, "a device that syncs is enrolled"
        found = json_text.loads(row["text"])
        found["version"] = row["version"]
        return found

    def charts(self) -> ChartBatch:
        """Begins a transaction."""
        return ChartBatch(self.store, self.directory, self.now_ms())
