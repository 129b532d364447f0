"""Charts that were long on their way never take back what is shown."""

from __future__ import annotations

import asyncio

from tests.sync.tablets import Tablet
from tests.sync.twin import Link, ServerTwin


class LateLink(Link):
    """The first answer with charts is held back until it is let go."""

    def __init__(self, server: ServerTwin) -> None:
        super().__init__(server)
        self.is_held = asyncio.Event()
        self.is_let_go = asyncio.Event()

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        answer = await super().get(path)
        if "/api/charts" in path and not self.is_held.is_set():
            self.is_held.set()
            await self.is_let_go.wait()
        return answer


async def test_a_chart_that_was_longer_on_its_way_takes_nothing_back() -> None:
    server = ServerTwin()
    other = await Tablet("other", server).start()
    patient = await other.register()
    await other.synchronise()
    tablet = await Tablet("one", server).start()
    await tablet.synchronise()
    link = tablet.device.http = LateLink(server)
    first = asyncio.create_task(tablet.lookup.keep(patient))
    await link.is_held.wait()
    await other.visit(patient)
    await other.synchronise()
    # Somebody in another tab fetches the same chart, and sees the visit.
    assert await tablet.exchange.panel.keep(patient)
    assert len((await tablet.chart(patient))["encounters"]) == 1
    link.is_let_go.set()
    assert await first
    assert len((await tablet.chart(patient))["encounters"]) == 1
