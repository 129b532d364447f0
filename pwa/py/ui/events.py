"""What happened to this tablet's work: a server that was restored, a tablet that was copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements, in_words
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App


class EventsPanel:
    """A panel of the page of synchronisation; empty once all was read."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.element = dom.h("div")

    async def refresh(self) -> None:
        events = await self._app.services.events.list()
        if not events:
            dom.fill(self.element)
            return
        read = elements.button(say("event.read"), self._read_all, "secondary")
        panel = dom.h(
            "section",
            {"class": "panel", "id": "events", "tabindex": "-1"},
            elements.heading("circle-alert", say("event.title")),
            [dom.h("p", None, event_words(event)) for event in events],
            dom.h("p", None, read),
        )
        dom.fill(self.element, panel)

    async def _read_all(self, _: Any) -> None:
        await self._app.services.events.read_all()
        self._app.services.kick()
        await self.refresh()


def event_words(event: dict[str, Any]) -> str:
    if event["kind"] == "forked":
        return say("event.forked", count=event["count"])
    parts = [say("event.restored")]
    if event.get("backup_ms"):
        parts = [say("event.restored_from", when=in_words.moment(event["backup_ms"]))]
    if event["again"]:
        parts.append(say("event.again", count=event["again"]))
    if event["gone"]:
        parts.append(say("event.gone", count=event["gone"]))
    if event.get("doubted"):
        parts.append(say("event.doubted", count=event["doubted"]))
    if not event["again"] and not event["gone"] and not event.get("doubted"):
        parts.append(say("event.nothing_missing"))
    return " ".join(parts)
