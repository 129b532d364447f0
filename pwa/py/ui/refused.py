"""Refused work: what it said, why the server did not take it, and three ways to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import clock, leaves
from pwa.py.domain import dates as domain_dates
from pwa.py.ui import dates, dom, drafts, notices, routes, said, words
from pwa.py.ui.fields import Field, Saver
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

SHOWN_MAX = 100
# So long a withdrawal can be taken back before the server is told of it.
UNDO_MS = 8_000
REASON_CHARACTERS_MAX = 500
MEND = "mend"
GIVE_UP = "give-up"
_DATA_CODES = ("required", "too-long", "code-invalid", "value", "structure")


class RefusedPage(FormPage):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("refused.title")
        self._list = dom.h("div")
        self._heading = dom.h("h1", {"tabindex": "-1"}, say("refused.title"))
        self._open: int | None = None
        self._timer: int | None = None

    async def build(self) -> Element:
        await self._show()
        back = dom.h("a", {"href": "#" + routes.SYNC}, say("status.title"))
        parts = [self._heading, dom.h("p", None, back), self._list]
        return dom.h("section", {"class": "narrow"}, parts)

    async def refresh(self, patients: list[str] | None) -> None:
        # What is being typed stays where it is.
        if self._open is None:
            await self._show()

    async def status_changed(self) -> None:
        await self.refresh(None)

    def close(self) -> None:
        super().close()
        self._tell_now()

    async def _show(self) -> None:
        # What is half mended comes back in the new forms.
        await self.keep_draft()
        self.forget_drafts()
        self._open = None
        refused = await self.app.services.refusals.list()
        if not refused:
            empty = {"class": "empty panel"}
            words_none = dom.h("p", None, say("status.refused_none"))
            dom.fill(self._list, dom.h("div", empty, icon("cloud-check", "large"), words_none))
            return
        roots = [one for one in refused if not one["waits_for"]]
        every = None
        if len(roots) > 1:
            button = {"type": "button", "class": "secondary", "on:click": self._send(roots)}
            every = dom.h("p", None, dom.h("button", button, say("status.again_all")))
        hint = dom.h("p", {"class": "quiet"}, say("status.refused_hint"))
        rows: list[Element] = []
        for one in refused[:SHOWN_MAX]:
            rows.append(await self._row(one))
        dom.fill(self._list, hint, every, dom.h("ul", {"class": "refused"}, rows))

    async def _show_rest(self) -> None:
        """After something was done: the button that had the focus is gone with its row."""
        await self._show()
        dom.focus(self._heading)

    async def _row(self, one: dict[str, Any]) -> Element:
        below = dom.h("div")
        # Of work that waits for another the form opens once it stands for itself.
        if not one["waits_for"] and await drafts.load(self.app, _draft(MEND, one)) is not None:
            await self._mend(one, below)
        elif not one["waits_for"] and await drafts.load(self.app, _draft(GIVE_UP, one)) is not None:
            await self._ask_reason(one, below)
        details = " · ".join([issue["diagnostics"] for issue in one["issues"]])
        folded = dom.h("details", None, dom.h("summary", None, say("error.detail")), details)
        name = dom.h("h2", None, one["name"] or say("chart.unnamed"))
        about = dom.h("p", {"class": "about"}, " · ".join(_about(one)))
        attributes = {"class": "panel", "id": "refused-%d" % one["number"]}
        parts = [name, about, _why(one), said.facts(one["resource"], one["set"]), folded]
        return dom.h("li", attributes, parts, self._ways(one, below), below)

    def _ways(self, one: dict[str, Any], below: Element) -> Element:
        chart = dom.h("a", {"href": "#" + routes.chart(one["patient"])}, say("status.open_chart"))
        if one["waits_for"]:
            return dom.h("p", {"class": "actions"}, chart)

        async def mend(_: Any) -> None:
            await self._mend(one, below)

        async def ask(_: Any) -> None:
            await self._ask_reason(one, below)

        def button(word: str, css: str, action: Any) -> Element:
            return dom.h("button", {"type": "button", "class": css, "on:click": action}, say(word))

        return dom.h(
            "p",
            {"class": "actions"},
            button("refused.mend", "", mend),
            button("status.again", "secondary", self._send([one])),
            button("refused.withdraw", "secondary", ask),
            chart,
        )

    def _send(self, refused: list[Any]) -> Callable[[Any], Any]:
        async def run(event: Any) -> None:
            event.target.disabled = True
            for one in refused:
                await self.app.services.refusals.send_again(one["number"])
                await self._forget(one)
            notices.toast(say("status.again_done"), "send")
            await self._show_rest()

        return run

    # --- mending -----------------------------------------------------------------------------

    async def _mend(self, one: dict[str, Any], below: Element) -> None:
        self._open = one["number"]
        first, others = said.to_mend(one["resource"], one["set"], one["issues"])
        draft = self.new_draft(_draft(MEND, one), lambda: _texts(first + others))
        kept = await draft.load() or {}
        for leaf in first + others:
            if leaf.field.name in kept:
                leaf.field.write(kept[leaf.field.name])
        failure = dom.h("p", {"class": "failure", "role": "alert"})
        button = dom.h("button", {"type": "submit", "class": "with-icon"}, say("refused.save"))

        async def save() -> None:
            dom.set_text(failure, "")
            fields = _read(one["set"], first + others)
            if fields is None:
                return
            issues = await self.app.services.refusals.mend(one["number"], fields, draft.name)
            if issues:
                dom.set_text(failure, _fail(issues, first + others))
                return
            await self._forget(one)
            notices.toast(say("refused.mended"), "send")
            await self._show_rest()

        folded = None
        if others:
            inner = [leaf.field.element for leaf in others]
            folded = dom.h("details", None, dom.h("summary", None, say("refused.others")), inner)
        parts = [leaf.field.element for leaf in first]
        buttons = dom.h("div", {"class": "actions"}, failure, button, self._cancel(one))
        form = dom.h("form", {"novalidate": True}, parts, folded, buttons)
        dom.on(form, "submit", Saver(button, save).run)
        dom.on(form, "input", draft.touch)
        dom.fill(below, draft.notice(self._show_rest), form)
        if first:
            first[0].field.focus()

    async def _forget(self, one: dict[str, Any]) -> None:
        """Its forms are done with, and nothing is kept of them."""
        names = [drafts.own(self.app, _draft(form, one)) for form in (MEND, GIVE_UP)]
        for name in names:
            await self.drop_draft(name)

    def _cancel(self, one: dict[str, Any]) -> Element:
        async def close(_: Any) -> None:
            await self._forget(one)
            await self._show_rest()

        attributes: dict[str, Any] = {"type": "button", "class": "secondary", "on:click": close}
        return dom.h("button", attributes, say("app.cancel"))

    # --- withdrawing -------------------------------------------------------------------------

    async def _ask_reason(self, one: dict[str, Any], below: Element) -> None:
        self._open = one["number"]
        attributes = {"required": True, "maxlength": REASON_CHARACTERS_MAX}
        field = Field("withdraw-reason", say("refused.reason"), attributes)
        draft = self.new_draft(_draft(GIVE_UP, one), lambda: {"reason": field.read()})
        field.write((await draft.load() or {}).get("reason", ""))
        button = dom.h("button", {"type": "submit", "class": "danger"}, say("refused.withdraw"))

        async def ask() -> None:
            reason = field.read().strip()
            if not reason:
                field.fail(say("issue.required"))
                field.focus()
                return
            count = len(await self.app.services.refusals.followers(one["number"]))
            body = say("refused.ask", count=count) if count else say("refused.ask_one")
            if one["resource"] == "Patient/" + one["patient"] and count:
                body = say("refused.ask_patient", count=count)
            answers = [
                (say("app.cancel"), "", lambda: None),
                (say("refused.withdraw"), "danger", lambda: self._withdraw(one, reason)),
            ]
            notices.ask(say("refused.ask_title"), body, answers)

        buttons = dom.h("div", {"class": "actions"}, button, self._cancel(one))
        form = dom.h("form", {"novalidate": True}, field.element, buttons)
        dom.on(form, "submit", Saver(button, ask).run)
        dom.on(form, "input", draft.touch)
        dom.fill(below, draft.notice(self._show_rest), form)
        field.focus()

    async def _withdraw(self, one: dict[str, Any], reason: str) -> None:
        gone = await self.app.services.refusals.withdraw(one["number"], reason)
        await self._forget(one)
        await self._show_rest()
        self._tell_now()
        self._timer = dom.after(UNDO_MS, self._tell_now)

        async def undo(_: Any) -> None:
            notices.drop("withdrawn")
            is_back = await self.app.services.refusals.take_back(gone)
            notices.toast(say("refused.undone" if is_back else "refused.too_late"))
            await self._show_rest()

        text = say("refused.withdrawn", count=len(gone))
        notices.bar("withdrawn", "check", text, [(say("refused.undo"), undo)])

    def _tell_now(self) -> None:
        """The time to think better of it is over: the server may hear of the withdrawal."""
        if self._timer is not None:
            dom.cancel(self._timer)
            self._timer = None
            notices.drop("withdrawn")
            self.app.services.kick()


def _draft(form: str, one: dict[str, Any]) -> str:
    return drafts.of_entry(form, one["patient"], str(one["number"]))


def _texts(mended: list[said.Leaf]) -> dict[str, Any]:
    return {leaf.field.name: leaf.field.read() for leaf in mended}


def _about(one: dict[str, Any]) -> list[str]:
    written = domain_dates.from_milliseconds(clock.milliseconds_of(one["timestamp"]))
    when = dates.moment(written, words.language(), dom.zone_minutes())
    kind = "kind." + one["resource"].split("/")[0]
    return [say(kind if words.has(kind) else "kind.other"), when, "no. %d" % one["number"]]


def _why(one: dict[str, Any]) -> list[Element]:
    if one["waits_for"]:
        text = say("refused.waits", number=one["waits_for"])
        return [dom.h("p", {"class": "state state-saved"}, icon("hard-drive"), " ", text)]
    return [dom.h("p", {"class": "failure"}, reason_words(issue)) for issue in one["issues"]]


def reason_words(issue: dict[str, Any]) -> str:
    """Why the server refused, in the reader's language; its own words stand in the details."""
    key = "refused." + issue["code"]
    if words.has(key):
        return say(key)
    return say("refused.invalid" if issue["code"] in _DATA_CODES else "refused.other")


def _read(old: dict[str, Any], mended: list[said.Leaf]) -> dict[str, Any] | None:
    """The fields as they are now; None, and the focus on the first that cannot be read."""
    fields = old
    for leaf in mended:
        leaf.field.clear()
        try:
            fields = leaves.with_leaf(fields, leaf.path, leaf.read())
        except ValueError:
            leaf.field.fail(say("issue.invalid"))
            leaf.field.focus()
            return None
    return fields


def _fail(issues: list[Any], mended: list[said.Leaf]) -> str:
    """Puts each issue at the fields it names; the words of those that name none."""
    elsewhere: list[str] = []
    for issue in issues:
        at = [leaf for leaf in mended if leaf.expression in issue["expression"]]
        for leaf in at:
            leaf.fail(issue)
        if at:
            at[0].field.focus()
        else:
            elsewhere.append(issue["diagnostics"])
    return " · ".join(elsewhere)
