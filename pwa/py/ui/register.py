"""The form that registers a patient, with a warning when the person may be known already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Failure
from pwa.py.ui import dom, drafts, fields, notices, routes
from pwa.py.ui.birth_field import BirthField
from pwa.py.ui.fields import Choice, Field, Saver
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
from pwa.py.ui.patients import patient_row
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element

GENDERS = ("male", "female", "other", "unknown")
SIMILAR_PAUSE_MS = 300
_DIGITS = {"inputmode": "numeric"}


class RegisterPage(FormPage):
    def __init__(self, app: App, _: str) -> None:
        super().__init__(app)
        self.title = say("register.title")
        self._draft = self.new_draft(drafts.REGISTER, self._read)
        # One form, one patient: the same draft saved in two tabs is saved once.
        self._id = ""
        self._similar = dom.h("div", {"class": "similar", "role": "status"})
        self._similar_timer: int | None = None
        self._is_open = True
        self._failure = dom.h("p", {"class": "failure", "role": "alert"})
        self._make_fields()
        button = {"type": "submit", "id": "save", "class": "with-icon"}
        self._button = dom.h("button", button, icon("check"), say("register.save"))
        self._saver = Saver(self._button, self._save)

    def _make_fields(self) -> None:
        self._name = _field("name", {"required": True, "autocapitalize": "words"})
        self._birth = BirthField(self.app.services.now_ms)
        genders = [(code, say("gender." + code)) for code in GENDERS]
        self._gender = Choice("gender", say("register.gender"), genders)
        self._nik = _field("nik", _DIGITS, say("register.nik_hint"))
        self._bpjs = _field("bpjs", _DIGITS, say("register.bpjs_hint"))
        self._mrn = _field("mrn", {})
        self._phone = _field("phone", {"type": "tel"})
        self._address = _field("address", {})
        self._village = _field("village", {})
        self._fields: list[Any] = [
            self._name,
            self._gender,
            self._nik,
            self._bpjs,
            self._mrn,
            self._phone,
            self._address,
            self._village,
        ]

    async def build(self) -> Element:
        kept = await self._draft.load()
        self._id = (kept or {}).get("id") or self.app.desk.new_id()
        if kept is not None:
            self._write(kept)
        self.first_focus = self._name.input
        person = [self._name.element, self._gender.element, self._birth.element]
        back = {"href": "#" + routes.PATIENTS, "role": "button", "class": "secondary"}
        return dom.h(
            "section",
            {"class": "narrow"},
            dom.h("h1", None, say("register.title")),
            self._draft.notice(lambda: self.app.show(routes.REGISTER)),
            dom.h(
                "form",
                {"novalidate": True, "on:submit": self._saver.run, "on:input": self._typed},
                _group("person", person),
                self._similar,
                _group("numbers", [self._nik.element, self._bpjs.element, self._mrn.element]),
                _group(
                    "contact", [self._phone.element, self._village.element, self._address.element]
                ),
                dom.h(
                    "div",
                    {"class": "actions"},
                    self._failure,
                    self._button,
                    dom.h("a", back, say("app.cancel")),
                ),
            ),
        )

    def close(self) -> None:
        self._is_open = False
        super().close()
        if self._similar_timer is not None:
            dom.cancel(self._similar_timer)

    def _read(self) -> dict[str, Any]:
        form: dict[str, Any] = {field.name: field.read() for field in self._fields}
        form.update(self._birth.read())
        form["id"] = self._id
        return form

    def _write(self, form: dict[str, Any]) -> None:
        for field in self._fields:
            field.write(form.get(field.name) or "")
        self._birth.write(form)

    def _typed(self, _: Any) -> None:
        self._draft.touch()
        dom.set_text(self._failure, "")
        if self._similar_timer is not None:
            dom.cancel(self._similar_timer)
        self._similar_timer = dom.after(SIMILAR_PAUSE_MS, self._warn)

    async def _warn(self) -> None:
        """Those of this device at once; with a network, the rest of the facility as well."""
        self._similar_timer = None
        form = self._read()
        similar = self.app.desk.similar_patients(form)
        self._show_similar(similar)
        if similar:
            return
        try:
            elsewhere = await self.app.services.lookup.similar(form)
        except Failure:
            # Without a network only this device can be asked; the server merges nobody later.
            return
        if self._is_open and self._similar_timer is None:
            self._show_similar(elsewhere)

    def _show_similar(self, similar: list[Any]) -> None:
        if not similar:
            dom.fill(self._similar)
            return
        now_ms = self.app.services.now_ms()
        rows = [patient_row(entry, now_ms) for entry in similar]
        title = dom.h("p", None, icon("triangle-alert"), say("register.similar"))
        dom.fill(self._similar, title, dom.h("ul", {"class": "rows"}, rows))

    async def _save(self) -> None:
        form = self._read()
        dom.set_text(self._failure, "")
        answer = await self.app.desk.register_patient(form, self._draft.name)
        if drafts.is_duplicate(answer["issues"]):
            await self._draft.drop()
            chart = routes.chart(self._id)
            dom.fill(self._failure, drafts.duplicate_notice(say("register.duplicate"), chart))
            return
        if answer["issues"]:
            self._show_issues(answer["issues"])
            return
        # The transaction is complete: the patient is on this device.
        await self._draft.drop()
        notices.toast(say("register.saved", name=form["name"]), "hard-drive")
        await self.app.replace(routes.chart(answer["id"]))

    def _show_issues(self, issues: list[Any]) -> None:
        shown = self._fields[:2] + [self._birth] + self._fields[2:]
        others = fields.show_issues(shown, issues, fields.issue_words)
        count = say("form.issues", count=len(issues))
        dom.set_text(self._failure, " ".join([count] + others))


def _field(name: str, attributes: dict[str, Any], hint: str = "") -> Field:
    return Field(name, say("register." + name), attributes, hint)


def _group(name: str, elements: list[Element]) -> Element:
    legend = dom.h("legend", None, say("register." + name))
    return dom.h("fieldset", {"class": "group"}, legend, dom.h("div", {"class": "pairs"}, elements))
