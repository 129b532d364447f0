"""The bar above every page: facility, state of synchronisation, language, lock, sign out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements, notices, rescue, routes, states, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.contract import Status
    from pwa.py.ui.dom import Element


class Frame:
    def __init__(self, app: App) -> None:
        self._app = app
        self._badge: Element | None = None
        self._menu: Element | None = None
        self._conflicts: Element | None = None

    def show(self) -> None:
        identity = self._app.identity
        assert identity is not None
        self._badge = elements.link(routes.SYNC, css="badge")
        self._conflicts = elements.link(routes.REVIEW, css="conflict-count", name="conflicts")
        self._menu = self._build_menu(identity["account"]["name"], identity["facility"]["name"])
        lock = {"type": "button", "class": "tool", "on:click": self._lock, "id": "lock"}
        lock["aria-label"] = say("app.lock")
        lock["title"] = say("app.lock")
        dom.fill(
            dom.find("tools"),
            dom.h("span", {"class": "facility"}, identity["facility"]["name"]),
            self._conflicts,
            self._badge,
            self._language_button(),
            dom.h("button", lock, icon("lock")),
            self._menu,
        )
        self.show_status(self._app.services.status())

    def show_locked(self) -> None:
        dom.fill(dom.find("tools"), self._language_button())

    def clear(self) -> None:
        self._badge = None
        self._menu = None
        self._conflicts = None
        dom.fill(dom.find("tools"))

    def show_conflicts(self) -> None:
        """How many values wait for a decision; nothing while none does."""
        if self._conflicts is None:
            return
        count = self._app.services.review.count
        self._conflicts.hidden = not count
        label = say("conflict.badge_label", count=count)
        dom.set_attribute(self._conflicts, "aria-label", label)
        dom.set_attribute(self._conflicts, "title", label)
        dom.set_attribute(self._conflicts, "data-short", str(count))
        text = dom.h("span", None, say("conflict.badge", count=count))
        dom.fill(self._conflicts, icon("triangle-alert"), text)

    def show_status(self, status: Status) -> None:
        if self._badge is None:
            return
        self._show_events(bool(status["events"]))
        self.show_conflicts()
        text = states.sync_words(status)
        dom.set_attribute(self._badge, "class", "badge badge-" + status["word"])
        dom.set_attribute(self._badge, "aria-label", say("status.title") + ": " + text)
        # The style sheet shows it in place of the words on a narrow screen.
        dom.set_attribute(self._badge, "data-short", states.sync_words_short(status))
        dom.fill(self._badge, states.sync_icon(status), dom.h("span", None, text))

    def _show_events(self, has_events: bool) -> None:
        """A bar that stays until somebody has read what happened."""
        if not has_events:
            notices.drop("event")
        elif dom.find("notice-event") is None:
            actions = [(say("event.open"), self._open_events)]
            notices.bar("event", "circle-alert", say("event.bar"), actions)

    def _open_events(self, _: Any) -> None:
        self._app.open_sync("events")

    def close_menu(self) -> None:
        if self._menu is not None:
            self._menu.open = False

    def pressed(self, event: Any) -> None:
        """A press anywhere but on the menu closes it."""
        if self._menu is not None and not self._menu.contains(event.target):
            self.close_menu()

    def _close(self, _: Any) -> None:
        self.close_menu()

    def _language_button(self) -> Element:
        attributes = {"type": "button", "class": "tool", "id": "language"}
        attributes["aria-label"] = say("app.language_label")
        attributes["title"] = say("app.language")
        button = dom.h("button", attributes, words.other_language().upper())
        dom.on(button, "click", lambda _: self._app.change_language())
        return button

    def _build_menu(self, name: str, facility: str) -> Element:
        sign_out = {"type": "button", "class": "plain", "id": "sign-out", "on:click": self._leave}
        summary = {"class": "tool", "aria-label": say("app.menu"), "title": say("app.menu")}
        return dom.h(
            "details",
            {"class": "menu", "id": "menu"},
            dom.h("summary", summary, icon("ellipsis-vertical")),
            dom.h(
                "div",
                {"class": "menu-list", "on:click": self._close},
                dom.h("p", None, icon("user-round"), name),
                dom.h("p", None, icon("hospital"), facility),
                elements.link(routes.SYNC, icon("refresh-cw"), say("status.title")),
                elements.link(routes.REVIEW, icon("users"), say("review.title")),
                elements.link(routes.DAY, icon("check"), say("day.title")),
                dom.h("button", sign_out, icon("log-out"), say("app.sign_out")),
            ),
        )

    async def _lock(self, _: Any) -> None:
        await self._app.lock()

    async def _leave(self, _: Any) -> None:
        """Signs out; asks first when something has not reached the server."""
        status = self._app.services.status()
        unsent = status["waiting"] + status["refused"]
        if not unsent:
            await self._app.sign_out()
            return

        async def write() -> None:
            notices.toast(say("rescue.written", count=await rescue.write(self._app)), "hard-drive")

        answers = [
            (say("app.cancel"), "", lambda: None),
            (say("rescue.write"), "secondary", write),
            (say("sign_out.confirm"), "danger", self._app.sign_out),
        ]
        notices.ask(say("sign_out.title"), say("sign_out.body", count=unsent), answers)
