"""The form that registers a patient, with a warning when the person may be known already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.failures import Failure
from pwa.py.ui import dom, drafts, elements, field_words, notices, patient, routes
from pwa.py.ui.birth_field import BirthField
from pwa.py.ui.fields import Choice, Field
from pwa.py.ui.form import Form
from pwa.py.ui.form_page import FormPage
from pwa.py.ui.icons import icon
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
        self._make_fields()
        button = elements.submit(say("register.save"), sign="check", name="save")
        self._form = Form(button, self._save)
        dom.on(self._form.element, "input", self._look_for_similar)

    def _make_fields(self) -> None:
        self._name = _field("name", {"required": True, "autocapitalize": "words"})
        self._birth = BirthField(self.app.services.now_ms)
        genders = [(code, field_words.code_words(code)) for code in GENDERS]
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
        numbers = [self._nik.element, self._bpjs.element, self._mrn.element]
        contact = [self._phone.element, self._village.element, self._address.element]
        parts = [_group("person", person), self._similar]
        parts += [_group("numbers", numbers), _group("contact", contact)]
        cancel = elements.link_button(routes.PATIENTS, say("app.cancel"), "secondary")
        return dom.h(
            "section",
            {"class": "narrow"},
            dom.h("h1", None, say("register.title")),
            self._draft.notice(lambda: self.app.show(routes.REGISTER)),
            self._draft.watch(self._form.fill(parts, cancel)),
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

    def _look_for_similar(self, _: Any) -> None:
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
        rows = [patient.row(entry, now_ms) for entry in similar]
        title = dom.h("p", None, icon("triangle-alert"), say("register.similar"))
        dom.fill(self._similar, title, dom.h("ul", {"class": "rows"}, rows))

    async def _save(self) -> None:
        form = self._read()
        self._form.fail("")
        answer = await self.app.desk.register_patient(form, self._draft.name)
        if drafts.is_duplicate(answer["issues"]):
            await self._draft.drop()
            chart = routes.chart(self._id)
            self._form.fail(drafts.duplicate_notice(say("register.duplicate"), chart))
            return
        if answer["issues"]:
            shown = self._fields[:2] + [self._birth] + self._fields[2:]
            self._form.show_issues(shown, answer["issues"])
            return
        # The transaction is complete: the patient is on this device.
        await self._draft.drop()
        notices.toast(say("register.saved", name=form["name"]), "hard-drive")
        await self.app.replace(routes.chart(answer["id"]))


def _field(name: str, attributes: dict[str, Any], hint: str = "") -> Field:
    return Field(name, say("register." + name), attributes, hint)


def _group(name: str, shown: list[Element]) -> Element:
    return elements.group(say("register." + name), dom.h("div", {"class": "pairs"}, shown))
