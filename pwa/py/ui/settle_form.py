"""One entry with values that differ: its fields side by side, a choice for each, and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain.judgements import REASON_CHARACTERS_MAX
from pwa.py.ui import dom, elements, field_words, in_words
from pwa.py.ui.fields import Field
from pwa.py.ui.form import Form
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.app import App
    from pwa.py.ui.dom import Element
    from pwa.py.ui.form_page import FormPage


class FieldChoice:
    """The values of one field, each with who wrote it, and the other ways to settle it."""

    def __init__(self, app: App, conflict: Any, field: Any, name: str) -> None:
        self.field = field["field"]
        self._seen = field["seen"]
        self._ways = field["ways"]
        self._name = name
        # The choice, its name and its button, of each way to settle the field.
        self._radios: list[tuple[dict[str, Any], str, Element]] = []
        label = field_words.field_name(conflict["type"], self.field)
        self._editor = self._make_editor(label)
        sides = [self._side(app, at, option) for at, option in enumerate(field["options"])]
        others: list[Element] = []
        if self._ways["both"]:
            others.append(self._other({"way": "both"}, "both", say("review." + self._ways["both"])))
        if self._editor is not None:
            others.append(self._other({"way": "write"}, "write", say("review.write")))
        others.append(self._other({}, "later", say("review.leave")))
        self._radios[-1][2].checked = True
        self.about = dom.h("small", {"class": "about", "role": "alert"})
        self._write_box = dom.h("div", {"class": "write-other", "hidden": True}, self._editor)
        self.element = dom.h(
            "fieldset",
            {"class": "settle-field"},
            dom.h("legend", None, label),
            dom.h("div", {"class": "sides"}, sides),
            dom.h("div", {"class": "other-ways"}, others),
            self._write_box,
            self.about,
        )
        dom.on(self.element, "change", self._changed)

    def read(self) -> dict[str, Any]:
        """The choice as the workflow wants it; empty when it stays open."""
        for choice, _, radio in self._radios:
            if radio.checked:
                if choice.get("way") == "write":
                    return {"way": "write", "text": str(self._editor.value)}
                return choice
        return {}

    def keep(self) -> dict[str, Any]:
        """What is chosen, and of which values: for the draft."""
        chosen = [name for _, name, radio in self._radios if radio.checked]
        text = "" if self._editor is None else str(self._editor.value)
        return {"seen": self._seen, "chosen": chosen[0], "text": text}

    def restore(self, kept: dict[str, Any]) -> bool:
        """False where other values stand by now: of these nobody has chosen yet."""
        if kept["seen"] != self._seen:
            return False
        for _, name, radio in self._radios:
            radio.checked = name == kept["chosen"]
        if self._editor is not None:
            self._editor.value = kept["text"]
        self._write_box.hidden = kept["chosen"] != "write"
        return True

    def fail(self, message: str) -> None:
        dom.set_text(self.about, message)
        dom.toggle(self.element, "failed", True)
        is_writing = self.read().get("way") == "write"
        dom.focus(self._editor if is_writing else self._radios[0][2])

    def clear(self) -> None:
        dom.set_text(self.about, "")
        dom.toggle(self.element, "failed", False)

    def _side(self, app: App, at: int, option: dict[str, Any]) -> Element:
        writers: list[Element] = []
        for writer in option["writers"]:
            seen = ", ".join([in_words.value(one) for one in writer["seen"]])
            lines = [
                in_words.writer(app, writer),
                say("review.saw", text=seen) if seen else say("review.saw_nothing"),
            ]
            if writer["reason"]:
                lines.append(say("review.why", text=writer["reason"]))
            writers.append(dom.h("p", {"class": "about"}, _lines(lines)))
        choice = {"way": "choose", "option": at}
        radio = self._radio(choice, str(at))
        return dom.h(
            "label",
            {"class": "side"},
            dom.h("strong", {"class": "side-value"}, in_words.value(option)),
            writers,
            dom.h("span", {"class": "side-use"}, radio, say("review.use")),
        )

    def _other(self, choice: dict[str, Any], name: str, text: str) -> Element:
        return dom.h("label", None, self._radio(choice, name), text)

    def _radio(self, choice: dict[str, Any], name: str) -> Element:
        given = {"type": "radio", "name": self._name, "id": self._name + "-" + name}
        radio = dom.h("input", given)
        self._radios.append((choice, name, radio))
        return radio

    def _make_editor(self, label: str) -> Any:
        kind = self._ways["editor"]
        if not kind:
            return None
        given: dict[str, Any] = {"id": self._name + "-text", "autocomplete": "off"}
        given["aria-label"] = say("review.write_label", field=label)
        if kind == "codes":
            codes = [dom.h("option", {"value": ""}, say("review.pick"))]
            for code in self._ways["codes"]:
                codes.append(dom.h("option", {"value": code}, field_words.code_words(code)))
            return dom.h("select", given, codes)
        if kind == "date":
            given["type"] = "date"
        if kind == "number":
            given["inputmode"] = "decimal"
        return dom.h("input", given)

    def _changed(self, _: Any) -> None:
        is_writing = self.read().get("way") == "write"
        if is_writing and self._write_box.hidden:
            self._write_box.hidden = False
            dom.focus(self._editor)
        elif not is_writing:
            self._write_box.hidden = True
        self.clear()


class SettleForm:
    """`save` is given what was decided: (form, choices, reason); its issues come back."""

    def __init__(
        self,
        page: FormPage,
        conflict: Any,
        name: str,
        save: Callable[[SettleForm, Any, str], Any],
        draft: str,
    ) -> None:
        app = page.app
        self.conflict = conflict
        self._save = save
        self.draft = page.new_draft(draft, self._keep)
        self._restored = dom.h("div")
        self._choices = [
            FieldChoice(app, conflict, field, name + "-" + field["field"])
            for field in conflict["fields"]
        ]
        limits = {"maxlength": REASON_CHARACTERS_MAX, "required": True}
        self._reason = Field(
            name + "-reason", say("review.reason"), limits, say("review.reason_hint")
        )
        button = elements.submit(say("review.save"), name=name + "-save")
        self._form = Form(button, self._submit)
        title = in_words.entry(conflict["type"], conflict["title"])
        choices = [choice.element for choice in self._choices]
        heading = elements.heading("triangle-alert", title)
        parts = [heading, self._restored, choices, self._reason.element]
        self.element = self.draft.watch(self._form.fill(parts))
        dom.set_attribute(self.element, "class", "panel settle")

    async def restore(self, show_empty: Callable[[], Any]) -> None:
        """Puts back what was half decided; a choice among values of before is not made for
        those that stand now."""
        kept = await self.draft.load()
        if kept is None:
            return
        self._reason.write(kept["reason"])
        is_whole = True
        for choice in self._choices:
            if choice.field in kept["fields"]:
                is_whole = choice.restore(kept["fields"][choice.field]) and is_whole
        stale = dom.h("p", {"class": "failure"}, say("review.draft_stale"))
        dom.fill(self._restored, self.draft.notice(show_empty), None if is_whole else stale)

    def _keep(self) -> dict[str, Any]:
        fields = {choice.field: choice.keep() for choice in self._choices}
        return {"fields": fields, "reason": self._reason.read()}

    async def _submit(self) -> None:
        choices: dict[str, Any] = {}
        for choice in self._choices:
            choice.clear()
            chosen = choice.read()
            if chosen:
                choices[choice.field] = chosen
        self._reason.clear()
        self._form.fail("")
        issues = await self._save(self, choices, self._reason.read())
        for issue in reversed(issues):
            self._show(issue)

    def _show(self, issue: Any) -> None:
        expression = issue["expression"][0] if issue["expression"] else ""
        if expression == "reason":
            self._reason.fail(say("issue.required"))
            self._reason.focus()
            return
        if expression == "choices":
            self._choices[0].fail(say("review.choose_first"))
            return
        for choice in self._choices:
            if choice.field == expression:
                text = say("issue.invalid")
                if issue["code"] == "required":
                    is_empty = choice.read().get("way") == "write"
                    text = say("issue.required" if is_empty else "review.status_too")
                choice.fail(text)
                return
        self._form.fail(say("review.gone"))


def _lines(texts: list[str]) -> list[Any]:
    """Texts below one another."""
    found: list[Any] = []
    for text in texts:
        if found:
            found.append(dom.h("br"))
        found.append(text)
    return found
