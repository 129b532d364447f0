"""The vital signs of the visit form: fields with units, a remark beside the unusual, the BMI."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import vitals
from pwa.py.ui import dates, dom, words
from pwa.py.ui.fields import Field
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.dom import Element


class VitalFields:
    """Looks at each value when its field is left; never stops anybody from writing on."""

    def __init__(self, age_years: int | None) -> None:
        self._age_years = age_years
        self.fields: list[Field] = []
        for name in vitals.ORDER:
            attributes = {"inputmode": "decimal", "unit": vitals.SIGNS[name]["unit"]}
            self.fields.append(Field("vitals." + name, say("vital." + name), attributes))
        self._bmi = dom.h("p", {"class": "bmi", "role": "status"})
        self.element = dom.h(
            "div", None, dom.h("div", {"class": "vital-grid"}, self._elements()), self._bmi
        )

    def read(self) -> dict[str, str]:
        return {field.name.split(".")[1]: field.read().strip() for field in self.fields}

    def write(self, texts: dict[str, str]) -> None:
        for field in self.fields:
            field.write(texts.get(field.name.split(".")[1]) or "")
        self.look()

    def look(self) -> None:
        """Remarks beside unusual values, and the body mass index; errors of before are gone."""
        for field in self.fields:
            field.clear()
        self.remark()
        texts = self.read()
        weight, height = vitals.parse(texts["weight"]), vitals.parse(texts["height"])
        text = ""
        if weight and height and height >= vitals.SIGNS["height"]["possible"][0]:
            index = "%.1f" % vitals.body_mass_index(weight, height)
            text = say("visit.bmi", value=dates.decimal(index, words.language()))
        dom.set_text(self._bmi, text)

    def remark(self) -> None:
        """A remark at each unusual value that has no error."""
        texts = self.read()
        for field in self.fields:
            name = field.name.split(".")[1]
            if not field.has_failed:
                field.hint(_remark(name, vitals.parse(texts[name]), self._age_years))

    def _elements(self) -> list[Element]:
        def leave(_: Any) -> None:
            self.look()

        elements: list[Element] = []
        for field in self.fields:
            dom.on(field.input, "change", leave)
            elements.append(field.element)
        return elements


def _remark(name: str, value: float | None, age_years: int | None) -> str:
    if value is None or vitals.is_usual(name, value, age_years):
        return ""
    low, high = vitals.SIGNS[name]["usual"]
    language = words.language()
    low, high = dates.decimal(str(low), language), dates.decimal(str(high), language)
    return say("visit.unusual", low=low, high=high)


def issue_words(issue: Any) -> str:
    """What is wrong with a measurement, in the reader's language."""
    name = issue["expression"][0].split(".")[1]
    if issue["diagnostics"].startswith("Not a number"):
        return say("issue.number")
    if issue["diagnostics"].startswith("Both"):
        return say("issue.pressure")
    low, high = vitals.SIGNS[name]["possible"]
    return say("issue.range", low=low, high=high)
