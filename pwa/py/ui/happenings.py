"""What happened to this tablet's work (a restored server, a copied tablet), and what is aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock
from pwa.py.domain import dates as domain_dates
from pwa.py.ui import dates, dom, notices, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 100


class Happenings:
    """Two panels of the page of synchronisation; empty where there is nothing to say."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._events = dom.h("div")
        self._aside = dom.h("div")
        self.elements = [self._events, self._aside]

    async def refresh(self) -> None:
        events = await self._app.services.events.list()
        rows = [dom.h("p", None, event_words(event)) for event in events]
        button = {"type": "button", "class": "secondary", "on:click": self._read_all}
        close = dom.h("p", None, dom.h("button", button, say("event.read")))
        heading = dom.h("h2", None, icon("circle-alert"), say("event.title"))
        panel = dom.h("section", {"class": "panel", "id": "events"}, heading, rows, close)
        dom.fill(self._events, panel if rows else None)
        await self._show_aside()

    async def _read_all(self, _: Any) -> None:
        await self._app.services.events.read_all()
        self._app.services.kick()
        await self.refresh()

    async def _show_aside(self) -> None:
        found = await self._app.services.set_aside.list()
        rows = [self._row(one) for one in found[:SHOWN_MAX]]
        heading = dom.h("h2", None, icon("triangle-alert"), say("aside.title"))
        hint = dom.h("p", {"class": "quiet"}, say("aside.hint", count=len(found)))
        listed = dom.h("ul", {"class": "refused"}, rows)
        panel = dom.h("section", {"class": "panel", "id": "aside"}, heading, hint, listed)
        dom.fill(self._aside, panel if rows else None)

    def _row(self, one: dict[str, Any]) -> Element:
        written = domain_dates.from_milliseconds(clock.milliseconds_of(one["timestamp"]))
        when = dates.moment(written, words.language(), dom.zone_minutes())
        kind = "kind." + one["resource"].split("/")[0]
        about = [say(kind if words.has(kind) else "kind.other"), when, "no. %d" % one["number"]]
        again = {"type": "button", "class": "secondary", "on:click": self._again(one["number"])}
        leave = {"type": "button", "class": "plain", "on:click": self._leave(one["number"])}
        return dom.h(
            "li",
            None,
            dom.h("strong", None, one["name"] or say("chart.unnamed")),
            dom.h("small", {"class": "about"}, " · ".join(about)),
            dom.h("p", None, one["text"]) if one["text"] else None,
            dom.h(
                "p",
                {"class": "actions"},
                dom.h("button", again, say("aside.again")),
                dom.h("button", leave, say("aside.leave")),
            ),
        )

    def _again(self, number: int) -> Callable[[Any], Any]:
        async def run(event: Any) -> None:
            event.target.disabled = True
            issues = await self._app.services.set_aside.send_again(number)
            if issues:
                notices.toast(say("aside.patient_first"), "triangle-alert")
            else:
                notices.toast(say("status.again_done"), "send")
            await self.refresh()

        return run

    def _leave(self, number: int) -> Callable[[Any], Any]:
        async def leave() -> None:
            await self._app.services.set_aside.leave(number)
            self._app.services.kick()
            await self.refresh()

        def ask(_: Any) -> None:
            answers = [
                (say("app.cancel"), "", lambda: None),
                (say("aside.leave"), "danger", leave),
            ]
            notices.ask(say("aside.leave_title"), say("aside.leave_body"), answers)

        return ask


def event_words(event: dict[str, Any]) -> str:
    if event["kind"] == "forked":
        return say("event.forked", count=event["count"])
    parts = [say("event.restored")]
    if event.get("backup_ms"):
        made = domain_dates.from_milliseconds(event["backup_ms"])
        when = dates.moment(made, words.language(), dom.zone_minutes())
        parts = [say("event.restored_from", when=when)]
    if event["again"]:
        parts.append(say("event.again", count=event["again"]))
    if event["gone"]:
        parts.append(say("event.gone", count=event["gone"]))
    if not event["again"] and not event["gone"]:
        parts.append(say("event.nothing_missing"))
    return " ".join(parts)
