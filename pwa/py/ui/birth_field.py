"""When a patient was born: the date, or about how old they are where nobody knows the date."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.ui import dates, dom, words
from pwa.py.ui.fields import Field
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class BirthField:
    """One field to its form: it holds a date field and an age field, and shows one of them."""

    name = "birthDate"

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        # The browser's calendar gives YYYY-MM-DD in the way people of the place write a date.
        date = {"type": "date", "required": True}
        self._date = Field(self.name, say("register.birthDate"), date)
        units = [dom.h("option", {"value": unit}, say("age." + unit)) for unit in dates.AGE_UNITS]
        unit = {"id": "age-in", "aria-label": say("register.age_unit")}
        self._unit = dom.h("select", unit, units)
        age: dict[str, Any] = {"type": "number", "min": 0, "max": dates.AGE_MAX, "required": True}
        age["inputmode"] = "numeric"
        age["unit"] = self._unit
        self._age = Field("age", say("register.age"), age)
        self._is_estimate = dom.h("input", {"type": "checkbox", "id": "age-only"})
        unsure = dom.h("label", {"class": "check"}, self._is_estimate, say("register.age_only"))
        self.element = dom.h("div", None, self._date.element, self._age.element, unsure)
        dom.on(self.element, "input", self._show)
        self._show()

    def read(self) -> dict[str, str]:
        """The part of the form that is about birth; an estimated age is kept as it was typed."""
        if not self._is_estimate.checked:
            return {"birthDate": self._date.read()}
        age, unit = self._age.read(), str(self._unit.value)
        return {
            "age": age,
            "ageUnit": unit,
            "birthDate": dates.estimated_birth(age, unit, dom.today()),
        }

    def write(self, form: dict[str, Any]) -> None:
        is_estimate = "age" in form
        self._is_estimate.checked = is_estimate
        self._age.write(form.get("age") or "")
        self._unit.value = form.get("ageUnit") or dates.AGE_UNITS[0]
        self._date.write("" if is_estimate else form.get("birthDate") or "")
        self._show()

    def focus(self) -> None:
        self._asked().focus()

    def fail(self, message: str) -> None:
        self._asked().fail(say("issue.age") if self._is_estimate.checked else message)

    def clear(self) -> None:
        self._date.clear()
        self._age.clear()

    def _asked(self) -> Field:
        return self._age if self._is_estimate.checked else self._date

    def _show(self, _: Any = None) -> None:
        """The field that is asked for, and below it the birth date in words: a slip of the
        calendar shows in the age."""
        self._age.element.hidden = not self._is_estimate.checked
        self._date.element.hidden = bool(self._is_estimate.checked)
        text = self.read()["birthDate"]
        self._asked().describe(dates.birth(text, self._now_ms(), words.language()))
