"""Form fields with label, hint and error of their own, and the form that holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dom, words
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.dom import Element


class Field:
    """One input (or textarea) with what belongs to it, wired for screen readers."""

    def __init__(
        self, name: str, label: str, attributes: dict[str, Any] | None = None, hint: str = ""
    ) -> None:
        self.name = name
        self.has_failed = False
        given = dict(attributes or {})
        # (value, words) of each of a select.
        options: list[tuple[str, str]] = given.pop("options", [])
        tag = given.pop("tag", "select" if options else "input")
        unit = given.pop("unit", "")
        is_required = given.get("required")
        base = name.replace(".", "-")
        described = base + "-unit " + base + "-about" if unit else base + "-about"
        given.update({"id": base, "name": name, "aria-describedby": described})
        if "autocomplete" not in given:
            # A shared tablet must not offer one patient's data for the next.
            given["autocomplete"] = "off"
        self.input = dom.h(tag, given, [dom.h("option", {"value": v}, t) for v, t in options])
        dom.on(self.input, "input", self._typed)
        self._hint = hint
        self.about = dom.h("small", {"id": base + "-about", "class": "about"}, hint)
        optional = None
        if not is_required and not unit:
            optional = dom.h("small", {"class": "optional"}, say("app.optional"))
        box: Element = self.input
        if unit:
            unit = dom.h("span", {"id": base + "-unit"}, unit)
            box = dom.h("span", {"class": "with-unit"}, self.input, unit)
        caption = dom.h("span", {"class": "caption"}, label, " ", optional)
        self.label = dom.h("label", {"for": base}, caption)
        self.element = dom.h("div", {"class": "field"}, self.label, box, self.about)

    def read(self) -> str:
        return str(self.input.value)

    def write(self, text: str) -> None:
        self.input.value = text

    def focus(self) -> None:
        dom.focus(self.input)

    def fail(self, message: str) -> None:
        self.has_failed = True
        dom.set_attribute(self.input, "aria-invalid", "true")
        dom.set_text(self.about, message)
        dom.toggle(self.element, "failed", True)

    def describe(self, hint: str) -> None:
        """What stands below the field while nothing is wrong with it."""
        self._hint = hint
        if not self.has_failed:
            dom.set_text(self.about, hint)

    def hint(self, message: str) -> None:
        """A remark that stops nothing."""
        dom.set_text(self.about, message or self._hint)
        dom.toggle(self.element, "remarked", bool(message))

    def clear(self) -> None:
        self.has_failed = False
        dom.set_attribute(self.input, "aria-invalid", None)
        dom.set_text(self.about, self._hint)
        dom.toggle(self.element, "failed", False)
        dom.toggle(self.element, "remarked", False)

    def _typed(self, _: Any) -> None:
        if self.has_failed:
            self.clear()


class Choice:
    """One of a few, as radio buttons."""

    def __init__(self, name: str, label: str, options: list[tuple[str, str]]) -> None:
        self.name = name
        self._inputs: list[tuple[str, Element]] = []
        labels: list[Element] = []
        for value, text in options:
            radio = dom.h("input", {"type": "radio", "name": name, "id": name + "-" + value})
            self._inputs.append((value, radio))
            labels.append(dom.h("label", {"for": name + "-" + value}, radio, text))
        about = {"id": name + "-about", "class": "about"}
        self.about = dom.h("small", about)
        legend = dom.h("legend", {"class": "caption"}, label)
        group = {"class": "field choice", "role": "radiogroup", "aria-describedby": about["id"]}
        self.element = dom.h(
            "fieldset", group, legend, dom.h("div", {"class": "options"}, labels), self.about
        )
        dom.on(self.element, "change", lambda _: self.clear())

    def read(self) -> str:
        for value, radio in self._inputs:
            if radio.checked:
                return value
        return ""

    def write(self, text: str) -> None:
        for value, radio in self._inputs:
            radio.checked = value == text

    def focus(self) -> None:
        dom.focus(self._inputs[0][1])

    def fail(self, message: str) -> None:
        for _, radio in self._inputs:
            dom.set_attribute(radio, "aria-invalid", "true")
        dom.set_text(self.about, message)
        dom.toggle(self.element, "failed", True)

    def clear(self) -> None:
        for _, radio in self._inputs:
            dom.set_attribute(radio, "aria-invalid", None)
        dom.set_text(self.about, "")
        dom.toggle(self.element, "failed", False)


def show_issues(fields: list[Any], issues: list[Any], words_for: Callable[[Any], str]) -> list[str]:
    """Puts each issue at its field and the focus on the first; what has no field is answered."""
    first: Any = None
    elsewhere: list[str] = []
    for field in fields:
        field.clear()
    for issue in issues:
        expression = issue["expression"][0] if issue["expression"] else ""
        matching = [field for field in fields if field.name == expression]
        if not matching:
            elsewhere.append(words_for(issue))
            continue
        matching[0].fail(words_for(issue))
    for field in fields:
        if first is None and any([issue["expression"] == [field.name] for issue in issues]):
            first = field
    if first is not None:
        first.focus()
    return elsewhere


def issue_words(issue: Any) -> str:
    """An issue in the reader's language: by its field, else by its code, else as it came."""
    expression = issue["expression"][0] if issue["expression"] else ""
    # Nothing is chosen there yet; of a text that is missing less can be said.
    if issue["code"] in ("required", "too-long") and expression != "gender":
        return say("issue." + issue["code"])
    if words.has("issue." + expression):
        return say("issue." + expression)
    return issue["diagnostics"] or say("issue.invalid")


class Saver:
    """Runs a save once at a time: a second tap while it runs does nothing."""

    def __init__(self, button: Element, save: Callable[[], Any]) -> None:
        self._button = button
        self._save = save
        self._is_saving = False

    def run(self, _: Any = None) -> None:
        """Begins at once, in the event itself: a second event finds the first under way."""
        if self._is_saving:
            return
        self._is_saving = True
        self._button.disabled = True
        dom.set_attribute(self._button, "aria-busy", "true")
        dom.spawn(self._run())

    async def _run(self) -> None:
        try:
            await self._save()
        finally:
            self._is_saving = False
            self._button.disabled = False
            dom.set_attribute(self._button, "aria-busy", None)
