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
    """Looks at the values whenever a field is left; never stops anybody from writing on."""

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
        """Errors at impossible values, remarks at unusual ones, and the body mass index.

        One pressure without the other is no error yet: the other may be written next.
        """
        texts = self.read()
        wrong = {
            issue["expression"][0]: issue_words(issue)
            for issue in vitals.check_form(texts)
            if not _is_of_pair(issue)
        }
        for field in self.fields:
            field.clear()
            if field.name in wrong:
                field.fail(wrong[field.name])
        self.remark()
        dom.set_text(self._bmi, _bmi_words(texts))

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
    return _range_words("visit.unusual", vitals.SIGNS[name]["usual"])


def _bmi_words(texts: dict[str, str]) -> str:
    """Nothing unless both values can be true."""
    weight, height = _possible("weight", texts), _possible("height", texts)
    if weight is None or height is None:
        return ""
    index = "%.1f" % vitals.body_mass_index(weight, height)
    return say("visit.bmi", value=dates.decimal(index, words.language()))


def _possible(name: str, texts: dict[str, str]) -> float | None:
    value = vitals.parse(texts[name])
    low, high = vitals.SIGNS[name]["possible"]
    return value if value is not None and low <= value <= high else None


def _is_of_pair(issue: Any) -> bool:
    return issue["code"] == vitals.OF_PAIR


def issue_words(issue: Any) -> str:
    """What is wrong with a measurement, in the reader's language."""
    name = issue["expression"][0].split(".")[1]
    if issue["code"] == vitals.NO_NUMBER:
        return say("issue.number")
    if _is_of_pair(issue):
        return say("issue.pressure")
    return _range_words("issue.range", vitals.SIGNS[name]["possible"])


def _range_words(key: str, bounds: tuple[float, float]) -> str:
    low, high = [dates.number(bound, words.language()) for bound in bounds]
    return say(key, low=low, high=high)
