"""The state of synchronisation as a whole: what waits, what was refused and why, this device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import WrongPassword
from pwa.py.ui import dates, dom, elements, in_words, routes, states, words
from pwa.py.ui.events import EventsPanel
from pwa.py.ui.fields import Field
from pwa.py.ui.first_sync import first_sync
from pwa.py.ui.form import Form
from pwa.py.ui.page import Page
from pwa.py.ui.rescue import RescuePanel
from pwa.py.ui.set_aside import SetAsidePanel
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.contract import Status
    from pwa.py.ui.dom import Element


class SyncPage(Page):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("status.title")
        self._summary = dom.h("section", {"class": "panel", "role": "status"})
        self._storage = dom.h("div")
        self._again = dom.h("div")
        self._events = EventsPanel(app)
        self._aside = SetAsidePanel(app)
        self._refused = dom.h("section", {"class": "panel"})
        self._device = dom.h("section", {"class": "panel"})
        self._asked_why = ""
        self._held_shown = ""

    async def build(self) -> Element:
        await self.refresh(None)
        await self._show_device()
        title = dom.h("h1", None, say("status.title"))
        parts = [
            self._storage,
            self._summary,
            self._again,
            self._events.element,
            self._aside.element,
        ]
        parts += [self._refused, RescuePanel(self.app).build(), self._device]
        return dom.h("section", {"class": "narrow"}, title, parts)

    async def refresh(self, patients: list[str] | None) -> None:
        self._show_storage()
        self._show_summary()
        await self._events.refresh()
        await self._aside.refresh()
        self._show_refused()
        if self._held_shown and self._held_shown != self._patients_held():
            await self._show_device()

    async def status_changed(self) -> None:
        await self.refresh(None)

    def close(self) -> None:
        self._aside.close()

    def _show_summary(self) -> None:
        status = self.app.services.status()
        last = say("status.never")
        if status["last_success_ms"] is not None:
            now_ms = self.app.services.now_ms()
            ago = dates.ago(status["last_success_ms"], now_ms, words.language())
            last = say("status.last", ago=ago)
        now = elements.button(say("status.now"), self._send_now, "", "refresh-cw", "send-now")
        words_now = dom.h("span", None, states.sync_words(status))
        counts = [(say("status.waiting"), str(status["waiting"]))]
        if status["sent"]:
            counts.append((say("status.sent"), str(status["sent"])))
        dom.fill(
            self._summary,
            first_sync(status),
            dom.h("p", {"class": "sync-now"}, states.sync_icon(status), words_now),
            elements.facts(counts),
            elements.quiet(last),
            _other_version(status),
            _drift(status),
            _trouble(status),
            dom.h("p", {"class": "actions"}, now, elements.link(routes.DAY, say("day.title"))),
        )
        if status["word"] != "syncing":
            # While it tries again, a password that is being typed stays where it is.
            self._show_sign_in(_why_sign_in(status))

    def _send_now(self, _: Any) -> None:
        self.app.services.kick()

    def _show_sign_in(self, why: str) -> None:
        """Asks for the password where the server wants it; keeps what is being typed."""
        if why == self._asked_why:
            return
        self._asked_why = why
        if not why:
            dom.fill(self._again)
            return
        attributes = {"type": "password", "autocomplete": "current-password", "required": True}
        field = Field("password", say("unlock.password"), attributes)

        async def sign_in() -> None:
            field.clear()
            try:
                await self.app.services.sign_in_again(field.read())
            except WrongPassword:
                field.fail(say("unlock.again_wrong"))
            field.write("")

        form = Form(elements.submit(say("unlock.button")), sign_in)
        panel = dom.h(
            "section",
            {"class": "panel"},
            dom.h("h2", None, say("unlock.again_title")),
            dom.h("p", None, why),
            form.fill([field.element]),
        )
        dom.fill(self._again, panel)

    def _show_refused(self) -> None:
        """How much was refused; what to do with it is a page of its own."""
        count = self.app.services.status()["refused"]
        heading = elements.heading("triangle-alert", say("status.refused"))
        if not count:
            dom.fill(self._refused, heading, elements.quiet(say("status.refused_none")))
            return
        text = say("refused.open", count=count)
        to_refused = dom.h("p", None, elements.link_button(routes.REFUSED, text, name="to-refused"))
        hint = elements.quiet(say("status.refused_hint"))
        dom.fill(self._refused, heading, hint, to_refused)

    def _patients_held(self) -> str:
        """How many there are here, and of how many in the facility where the server told."""
        held, total = self.app.desk.patient_count, self.app.services.status()["patients"]
        if total < held:
            return str(held)
        return say("status.of_facility", held=held, total=total)

    def _show_storage(self) -> None:
        watch = self.app.services.storage_watch
        if not watch.is_nearly_full:
            dom.fill(self._storage)
            return
        text = say("quota.bar", share=watch.used) + ". " + say("quota.hint")
        notice = elements.notice("triangle-alert", text, name="storage-full")
        dom.set_attribute(notice, "tabindex", "-1")
        dom.fill(self._storage, notice)

    async def _show_device(self) -> None:
        identity = self.app.identity
        assert identity is not None
        self._held_shown = self._patients_held()
        storage = await self.app.services.storage()
        device = await self.app.services.device()
        language = words.language()
        kept = say("status.persisted" if storage["persisted"] else "status.not_persisted")
        used = "–"
        if storage["used"] is not None and storage["quota"] is not None:
            space = dates.size(storage["quota"], language)
            used = say("status.used_of", used=dates.size(storage["used"], language), quota=space)
        facts = [
            (say("status.user"), identity["account"]["name"]),
            (say("status.patients"), self._held_shown),
            (say("status.storage"), kept),
            (say("status.used"), used),
            (say("status.device_name"), in_words.device_name(self.app, device)),
            (say("status.device_id"), device),
        ]
        heading = elements.heading("tablet-smartphone", say("status.device"))
        dom.fill(self._device, heading, elements.facts(facts))


def _why_sign_in(status: Status) -> str:
    """Why the password is asked for; empty where signing in would change nothing."""
    if status["word"] == "signed_out":
        return say("unlock.again_body")
    # Other failures (a full disk, a fault of ours) are no matter of who may do what; and refused
    # entries are no failure of an exchange.
    is_blocked = status["word"] == "attention" and status["detail"].startswith("Refused")
    return say("status.blocked") if is_blocked else ""


def _other_version(status: Status) -> Element | None:
    if status["word"] not in ("app_old", "server_old"):
        return None
    return elements.notice("circle-alert", say("version." + status["word"]), name="version")


def _drift(status: Status) -> Element | None:
    """A clock that is wrong stops nobody from recording, and is said."""
    drift_ms = status["drift_ms"]
    if abs(drift_ms) < dates.DRIFT_MS_MIN:
        return None
    span = dates.span(drift_ms, words.language())
    text = say("drift.ahead" if drift_ms > 0 else "drift.behind", span=span)
    return elements.notice("triangle-alert", text, name="drift")


def _trouble(status: Status) -> Element | None:
    """Why the last exchange failed, in its own words, for whoever gives support."""
    if not status["detail"] or status["word"] in ("synced", "signed_out"):
        return None
    return elements.fold(say("error.detail"), status["detail"])
