"""Refused work: what it said, why the server did not take it, and three ways to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import change_fields, dom, drafts, elements, in_words, notices, routes, words
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
from pwa.py.ui.mend_form import MendForm
from pwa.py.ui.reason_form import ReasonForm
from pwa.py.ui.take_back import TakeBack
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 100
MEND = "mend"
WITHDRAW = "give-up"
_DATA_CODES = ("required", "too-long", "code-invalid", "value", "structure")


class RefusedPage(FormPage):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("refused.title")
        self._list = dom.h("div")
        self._heading = dom.h("h1", {"tabindex": "-1"}, say("refused.title"))
        # A form is open: the list stays as it is.
        self._is_open = False
        # … and was opened by hand, since the list was last made.
        self._is_chosen = False
        self._take_back = TakeBack(app)

    async def build(self) -> Element:
        await self._show()
        back = dom.h("p", None, elements.link(routes.SYNC, say("status.title")))
        return dom.h("section", {"class": "narrow"}, self._heading, back, self._list)

    async def refresh(self, patients: list[str] | None) -> None:
        if not self._is_open:
            await self._show()

    async def status_changed(self) -> None:
        await self.refresh(None)

    def close(self) -> None:
        super().close()
        self._take_back.close()

    async def _show(self) -> None:
        self._is_open = self._is_chosen = False
        # What is half mended comes back in the new forms.
        await self.keep_draft()
        self.forget_drafts()
        refused = await self.app.services.refusals.list()
        if not refused:
            none = dom.h("p", None, say("status.refused_none"))
            dom.fill(
                self._list,
                dom.h("div", {"class": "empty panel"}, icon("cloud-check", "large"), none),
            )
            return
        roots = [one for one in refused if not one["waits_for"]]
        every = None
        if len(roots) > 1:
            button = elements.button(say("status.again_all"), self._send(roots), "secondary")
            every = dom.h("p", None, button)
        rows: list[Element] = []
        for one in refused[:SHOWN_MAX]:
            rows.append(await self._row(one))
        if self._is_chosen:
            # Somebody has opened a form meanwhile: it is not taken away under their hands.
            return
        hint = elements.quiet(say("status.refused_hint"))
        dom.fill(self._list, hint, every, dom.h("ul", {"class": "refused"}, rows))

    async def _show_rest(self) -> None:
        """After something was done: the button that had the focus is gone with its row."""
        await self._show()
        dom.focus(self._heading)

    async def _row(self, one: dict[str, Any]) -> Element:
        # The ways to go on, or the form of the one that was chosen.
        below = dom.h("div", None, None if one["waits_for"] else self._ways(one))
        # Of work that waits for another the form opens once it stands for itself.
        if not one["waits_for"] and await self._has_draft(MEND, one):
            await self._mend(one, below)
        elif not one["waits_for"] and await self._has_draft(WITHDRAW, one):
            await self._ask_reason(one, below)
        chart = elements.link(routes.chart(one["patient"]), say("status.open_chart"))
        details = in_words.side_by_side([issue["diagnostics"] for issue in one["issues"]])
        return dom.h(
            "li",
            {"class": "panel", "id": "refused-%d" % one["number"]},
            dom.h("h2", None, in_words.patient(one["name"])),
            dom.h("p", {"class": "about"}, in_words.change(one)),
            _why(one),
            _contents(one, details),
            dom.h("p", None, chart),
            below,
        )

    def _ways(self, one: dict[str, Any]) -> Element:
        async def mend(_: Any) -> None:
            self._is_chosen = True
            await self._mend(one, ways.parentElement)

        async def ask(_: Any) -> None:
            self._is_chosen = True
            await self._ask_reason(one, ways.parentElement)

        ways = dom.h(
            "p",
            {"class": "actions"},
            elements.button(say("refused.mend"), mend),
            elements.button(say("status.again"), self._send([one]), "secondary"),
            elements.button(say("refused.withdraw"), ask, "secondary"),
        )
        return ways

    def _send(self, refused: list[Any]) -> Callable[[Any], Any]:
        async def run(event: Any) -> None:
            event.target.disabled = True
            for one in refused:
                await self.app.services.refusals.send_again(one["number"])
                await self._forget(one)
            notices.toast(say("status.again_done"), "send")
            await self._show_rest()

        return run

    def _cancel(self, one: dict[str, Any]) -> Element:
        async def close(_: Any) -> None:
            await self._forget(one)
            await self._show_rest()

        return elements.button(say("app.cancel"), close, "secondary")

    async def _has_draft(self, form: str, one: dict[str, Any]) -> bool:
        return await drafts.load(self.app, _draft(form, one)) is not None

    async def _forget(self, one: dict[str, Any]) -> None:
        """Its forms are done with, and nothing is kept of them."""
        for form in (MEND, WITHDRAW):
            await self.drop_draft(drafts.own(self.app, _draft(form, one)))

    # --- mending -----------------------------------------------------------------------------

    async def _mend(self, one: dict[str, Any], below: Element) -> None:
        self._is_open = True

        async def save(fields: dict[str, Any]) -> list[Any]:
            issues = await self.app.services.refusals.mend(one["number"], fields, draft.name)
            if not issues:
                await self._forget(one)
                notices.toast(say("refused.mended"), "send")
                await self._show_rest()
            return issues

        form = MendForm(one, save)
        draft = self.new_draft(_draft(MEND, one), form.keep)
        form.restore(await draft.load() or {})
        dom.fill(below, draft.notice(self._show_rest), draft.watch(form.fill(self._cancel(one))))
        form.focus()

    # --- withdrawing -------------------------------------------------------------------------

    async def _ask_reason(self, one: dict[str, Any], below: Element) -> None:
        self._is_open = True

        async def ask(reason: str) -> str:
            count = len(await self.app.services.refusals.followers(one["number"]))
            body = say("refused.ask", count=count) if count else say("refused.ask_one")
            if one["resource"] == "Patient/" + one["patient"] and count:
                body = say("refused.ask_patient", count=count)
            answers = [
                (say("app.cancel"), "", lambda: None),
                (say("refused.withdraw"), "danger", lambda: self._withdraw(one, reason)),
            ]
            notices.ask(say("refused.ask_title"), body, answers)
            return ""

        button = elements.submit(say("refused.withdraw"), "danger")
        form = ReasonForm("withdraw-reason", say("refused.reason"), button, ask)
        draft = self.new_draft(_draft(WITHDRAW, one), lambda: {"reason": form.field.read()})
        form.field.write((await draft.load() or {}).get("reason", ""))
        dom.fill(below, draft.notice(self._show_rest), draft.watch(form.fill(self._cancel(one))))
        form.field.focus()

    async def _withdraw(self, one: dict[str, Any], reason: str) -> None:
        self._take_back.close()
        gone = await self.app.services.refusals.withdraw(one["number"], reason)
        await self._forget(one)
        await self._show_rest()

        async def take_back() -> bool:
            is_back = await self.app.services.refusals.take_back(gone)
            await self._show_rest()
            return is_back

        self._take_back.offer(say("refused.withdrawn", count=len(gone)), take_back)


def _draft(form: str, one: dict[str, Any]) -> str:
    return drafts.of_entry(form, one["patient"], str(one["number"]))


def _why(one: dict[str, Any]) -> list[Element]:
    if one["waits_for"]:
        text = say("refused.waits", number=one["waits_for"])
        return [dom.h("p", {"class": "state state-saved"}, icon("hard-drive"), " ", text)]
    return [dom.h("p", {"class": "failure"}, reason_words(issue)) for issue in one["issues"]]


def _contents(one: dict[str, Any], details: str) -> list[Element]:
    """What it says, and the server's own words; folded while it waits for another."""
    facts = change_fields.facts(one["resource"], one["set"])
    if one["waits_for"]:
        return [elements.fold(say("refused.contents"), facts)]
    return [facts, elements.fold(say("error.detail"), details)]


def reason_words(issue: dict[str, Any]) -> str:
    """Why the server refused, in the reader's language; its own words stand in the details."""
    key = "refused." + issue["code"]
    if words.has(key):
        return say(key)
    return say("refused.invalid" if issue["code"] in _DATA_CODES else "refused.other")
