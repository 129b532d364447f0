"""Work that the server keeps aside: sent again as new entries, or left there with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, elements, in_words, notices, routes
from pwa.py.ui.reason_form import ReasonForm
from pwa.py.ui.take_back import TakeBack
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 100


class SetAsidePanel:
    """A panel of the page of synchronisation; empty where nothing is aside."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.element = dom.h("div")
        # A reason is being written: the list stays as it is.
        self._is_open = False
        self._take_back = TakeBack(app)

    def close(self) -> None:
        """The page is no longer shown."""
        self._take_back.close()

    async def refresh(self) -> None:
        if not self._is_open:
            await self._show()

    async def _show(self) -> None:
        self._is_open = False
        found = await self._app.services.set_aside.list()
        if not found:
            dom.fill(self.element)
            return
        panel = dom.h(
            "section",
            {"class": "panel", "id": "aside"},
            elements.heading("triangle-alert", say("aside.title")),
            elements.quiet(say("aside.hint", count=len(found))),
            dom.h("ul", {"class": "refused"}, [self._row(one) for one in found[:SHOWN_MAX]]),
        )
        dom.fill(self.element, panel)

    def _row(self, one: dict[str, Any]) -> Element:
        def ask(_: Any) -> None:
            self._ask(one["number"], below)

        again = elements.button(say("aside.again"), self._again(one), "secondary")
        leave = elements.button(say("aside.leave"), ask, "secondary")
        if one["name"] is None:
            who = elements.link(routes.chart(one["patient"]), say("aside.elsewhere"))
        else:
            who = in_words.patient(one["name"])
        about = [in_words.term(text) for text in one["about"]]
        text = in_words.side_by_side(about + [in_words.quantity(one["quantity"]), one["note"]])
        # The ways to go on, or the form of the one that was chosen.
        below = dom.h("div", None, dom.h("p", {"class": "actions"}, again, leave))
        return dom.h(
            "li",
            None,
            dom.h("strong", None, who),
            dom.h("small", {"class": "about"}, in_words.change(one)),
            dom.h("p", None, text) if text else None,
            below,
        )

    def _again(self, one: dict[str, Any]) -> Callable[[Any], Any]:
        async def run(event: Any) -> None:
            event.target.disabled = True
            issues = await self._app.services.set_aside.send_again(one["number"])
            if issues:
                key = "aside.open_first" if one["name"] is None else "aside.patient_first"
                notices.toast(say(key), "triangle-alert")
            else:
                notices.toast(say("status.again_done"), "send")
            await self._show()

        return run

    def _ask(self, number: int, below: Element) -> None:
        """Asks for the reason, right below the entry."""

        async def cancel(_: Any) -> None:
            await self._show()

        async def leave(reason: str) -> str:
            await self._leave(number, reason)
            return ""

        self._is_open = True
        button = elements.submit(say("aside.leave"), "danger")
        form = ReasonForm("leave-reason", say("aside.reason"), button, leave)
        hint = elements.quiet(say("aside.leave_body"))
        cancels = elements.button(say("app.cancel"), cancel, "secondary")
        dom.fill(below, form.fill(cancels, before=hint))
        form.field.focus()

    async def _leave(self, number: int, reason: str) -> None:
        self._take_back.close()
        is_left = await self._app.services.set_aside.leave(number, reason)
        await self._show()

        async def take_back() -> bool:
            is_back = await self._app.services.set_aside.take_back(number)
            await self._show()
            return is_back

        if is_left:
            self._take_back.offer(say("aside.left"), take_back)
