"""The state of synchronisation as a whole: what waits, what was refused and why, this device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import WrongPassword
from pwa.py.ui import dates, dom, open_values, routes, states, words
from pwa.py.ui.fields import Field, Saver
from pwa.py.ui.first_sync import first_sync
from pwa.py.ui.happenings import Happenings
from pwa.py.ui.icons import icon
from pwa.py.ui.page import Page
from pwa.py.ui.rescue import RescuePanel
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.contract import Status
    from pwa.py.ui.dom import Element

# Less may be the way of the answer, and matters to nobody.
DRIFT_SHOWN_MS = 120_000


class SyncPage(Page):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("status.title")
        self._summary = dom.h("section", {"class": "panel", "role": "status"})
        self._again = dom.h("div")
        self._happenings = Happenings(app)
        self._refused = dom.h("section", {"class": "panel"})
        self._device = dom.h("section", {"class": "panel"})
        self._asked_why = ""
        self._held_shown = ""

    async def build(self) -> Element:
        await self.refresh(None)
        await self._show_device()
        title = dom.h("h1", None, say("status.title"))
        parts = [self._summary, self._again, self._happenings.elements]
        parts += [self._refused, RescuePanel(self.app).build(), self._device]
        return dom.h("section", {"class": "narrow"}, title, parts)

    async def refresh(self, patients: list[str] | None) -> None:
        self._show_summary()
        await self._happenings.refresh()
        self._show_refused()
        if self._held_shown and self._held_shown != self._patients_held():
            await self._show_device()

    async def status_changed(self) -> None:
        await self.refresh(None)

    def close(self) -> None:
        self._happenings.close()

    def _show_summary(self) -> None:
        status = self.app.services.status()
        last = say("status.never")
        if status["last_success_ms"] is not None:
            now_ms = self.app.services.now_ms()
            ago = dates.ago(status["last_success_ms"], now_ms, words.language())
            last = say("status.last", ago=ago)
        button: dict[str, Any] = {"type": "button", "id": "send-now", "class": "with-icon"}
        button["on:click"] = self._send_now
        words_now = dom.h("span", None, states.sync_words(status))
        counts = [(say("status.waiting"), str(status["waiting"]))]
        if status["sent"]:
            counts.append((say("status.sent"), str(status["sent"])))
        dom.fill(
            self._summary,
            first_sync(status),
            dom.h("p", {"class": "sync-now"}, states.sync_icon(status), words_now),
            _facts(counts),
            dom.h("p", {"class": "quiet"}, last),
            _other_version(status),
            _drift(status),
            _trouble(status),
            dom.h("button", button, icon("refresh-cw"), say("status.now")),
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
        button = dom.h("button", {"type": "submit"}, say("unlock.button"))

        async def sign_in() -> None:
            field.clear()
            try:
                await self.app.services.sign_in_again(field.read())
            except WrongPassword:
                field.fail(say("unlock.again_wrong"))
            field.write("")

        form = dom.h("form", {"novalidate": True}, field.element, button)
        dom.on(form, "submit", Saver(button, sign_in).run)
        title = dom.h("h2", None, say("unlock.again_title"))
        body = dom.h("p", None, why)
        dom.fill(self._again, dom.h("section", {"class": "panel"}, title, body, form))

    def _show_refused(self) -> None:
        """How much was refused; what to do with it is a page of its own."""
        count = self.app.services.status()["refused"]
        heading = dom.h("h2", None, icon("triangle-alert"), say("status.refused"))
        day = {"href": "#" + routes.DAY}
        to_day = dom.h("p", None, dom.h("a", day, say("day.title")))
        if not count:
            none = dom.h("p", {"class": "quiet"}, say("status.refused_none"))
            dom.fill(self._refused, heading, none, to_day)
            return
        link = {"href": "#" + routes.REFUSED, "role": "button", "id": "to-refused"}
        hint = dom.h("p", {"class": "quiet"}, say("status.refused_hint"))
        to_refused = dom.h("p", None, dom.h("a", link, say("refused.open", count=count)))
        dom.fill(self._refused, heading, hint, to_refused, to_day)

    def _patients_held(self) -> str:
        """How many there are here, and of how many in the facility where the server told."""
        held, total = self.app.desk.patient_count, self.app.services.status()["patients"]
        if total < held:
            return str(held)
        return say("status.of_facility", held=held, total=total)

    def _storage_full(self) -> Element | None:
        watch = self.app.services.storage_watch
        if not watch.is_nearly_full:
            return None
        text = say("quota.bar", share=watch.used) + ". " + say("quota.hint")
        return dom.h("p", {"class": "notice", "id": "storage-full"}, icon("triangle-alert"), text)

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
            (say("status.device_name"), open_values.device_name(self.app, device)),
            (say("status.device_id"), device),
        ]
        heading = dom.h("h2", None, icon("tablet-smartphone"), say("status.device"))
        dom.fill(self._device, heading, self._storage_full(), _facts(facts))


def _why_sign_in(status: Status) -> str:
    """Why the password is asked for; empty where signing in would change nothing."""
    if status["word"] == "signed_out":
        return say("unlock.again_body")
    is_blocked = status["word"] == "attention" and not status["refused"]
    # Other failures (a full disk, a fault of ours) are no matter of who may do what.
    return say("status.blocked") if is_blocked and status["detail"].startswith("Refused") else ""


def _other_version(status: Status) -> Element | None:
    if status["word"] not in ("app_old", "server_old"):
        return None
    text = say("version." + status["word"])
    return dom.h("p", {"class": "notice", "id": "version"}, icon("circle-alert"), text)


def _drift(status: Status) -> Element | None:
    """A clock that is wrong stops nobody from recording, and is said."""
    drift_ms = status["drift_ms"]
    if abs(drift_ms) < DRIFT_SHOWN_MS:
        return None
    span = dates.span(drift_ms, words.language())
    text = say("drift.ahead" if drift_ms > 0 else "drift.behind", span=span)
    return dom.h("p", {"class": "notice", "id": "drift"}, icon("triangle-alert"), text)


def _trouble(status: Status) -> Element | None:
    """Why the last exchange failed, in its own words, for whoever gives support."""
    if not status["detail"] or status["word"] in ("synced", "signed_out"):
        return None
    return dom.h("details", None, dom.h("summary", None, say("error.detail")), status["detail"])


def _facts(pairs: list[tuple[str, str]]) -> Element:
    rows = [
        dom.h("div", None, dom.h("dt", None, name), dom.h("dd", None, text)) for name, text in pairs
    ]
    return dom.h("dl", {"class": "facts"}, rows)
