"""What happened to this tablet's work (a restored server, a copied tablet), and what is aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock
from pwa.py.domain import dates as domain_dates
from pwa.py.ui import dates, dom, notices, words
from pwa.py.ui.fields import Field, Saver
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 100
# So long it can be taken back before the server is told.
UNDO_MS = 8_000
REASON_CHARACTERS_MAX = 500


class Happenings:
    """Two panels of the page of synchronisation; empty where there is nothing to say."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._events = dom.h("div")
        self._aside = dom.h("div")
        self.elements = [self._events, self._aside]
        # A reason is being written: the list stays as it is.
        self._is_open = False
        self._timer: int | None = None

    def close(self) -> None:
        """The page is no longer shown."""
        self._tell_now()

    async def refresh(self) -> None:
        events = await self._app.services.events.list()
        rows = [dom.h("p", None, event_words(event)) for event in events]
        button = {"type": "button", "class": "secondary", "on:click": self._read_all}
        close = dom.h("p", None, dom.h("button", button, say("event.read")))
        heading = dom.h("h2", None, icon("circle-alert"), say("event.title"))
        panel = dom.h("section", {"class": "panel", "id": "events"}, heading, rows, close)
        dom.fill(self._events, panel if rows else None)
        if not self._is_open:
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
        below = dom.h("div")
        leave = {"type": "button", "class": "plain", "on:click": self._ask(one["number"], below)}
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
            below,
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

    def _ask(self, number: int, below: Element) -> Callable[[Any], Any]:
        """Asks for the reason, right below the entry."""

        def ask(_: Any) -> None:
            self._is_open = True
            attributes = {"required": True, "maxlength": REASON_CHARACTERS_MAX}
            field = Field("leave-reason", say("aside.reason"), attributes)
            button = dom.h("button", {"type": "submit", "class": "danger"}, say("aside.leave"))

            async def leave() -> None:
                reason = field.read().strip()
                if not reason:
                    field.fail(say("issue.required"))
                    field.focus()
                    return
                await self._leave(number, reason)

            cancel: dict[str, Any] = {"type": "button", "class": "secondary"}
            cancel["on:click"] = self._cancel
            buttons = dom.h("button", cancel, say("app.cancel"))
            row = dom.h("div", {"class": "actions"}, button, buttons)
            hint = dom.h("p", {"class": "quiet"}, say("aside.leave_body"))
            form = dom.h("form", {"novalidate": True}, hint, field.element, row)
            dom.on(form, "submit", Saver(button, leave).run)
            dom.fill(below, form)
            field.focus()

        return ask

    async def _cancel(self, _: Any) -> None:
        self._is_open = False
        await self.refresh()

    async def _leave(self, number: int, reason: str) -> None:
        self._tell_now()
        self._is_open = False
        is_left = await self._app.services.set_aside.leave(number, reason)
        await self.refresh()
        if not is_left:
            return
        self._timer = dom.after(UNDO_MS, self._tell_now)

        async def undo(_: Any) -> None:
            notices.drop("left")
            is_back = await self._app.services.set_aside.take_back(number)
            notices.toast(say("refused.undone" if is_back else "refused.too_late"))
            await self.refresh()

        notices.bar("left", "check", say("aside.left"), [(say("refused.undo"), undo)])

    def _tell_now(self) -> None:
        """The time to think better of it is over: the server may be told."""
        if self._timer is not None:
            dom.cancel(self._timer)
            self._timer = None
            notices.drop("left")
            self._app.services.kick()


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
