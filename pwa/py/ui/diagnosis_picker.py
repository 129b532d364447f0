"""Choosing diagnoses: type a name or an ICD-10 code, pick from the list, or keep one's own words.

The pattern is the combobox of the ARIA Authoring Practices: arrows move, Enter takes, Esc closes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import diagnoses
from pwa.py.ui import dom, words
from pwa.py.ui.icons import icon
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.ui.dom import Element

OPTIONS_MAX = 8


class DiagnosisPicker:
    """`is_single` keeps the one taken last."""

    def __init__(
        self, on_change: Callable[[], None], name: str = "diagnoses", *, is_single: bool = False
    ) -> None:
        self.name = name
        self._on_change = on_change
        self._is_single = is_single
        self._chosen: list[dict[str, str]] = []
        self._options: list[dict[str, str]] = []
        self._at = -1
        self._list = dom.h("ul", {"id": "diagnosis-options", "role": "listbox", "hidden": True})
        self._rows = dom.h("ul", {"class": "chosen"})
        self._about = dom.h("small", {"class": "about", "role": "status"})
        attributes: dict[str, Any] = {
            "id": "diagnosis",
            "type": "text",
            "role": "combobox",
            "autocomplete": "off",
            "aria-controls": "diagnosis-options",
            "aria-expanded": "false",
            "aria-autocomplete": "list",
            "placeholder": say("visit.diagnoses_search"),
            "aria-label": say("visit.diagnoses_search"),
            "on:input": self._search,
            "on:keydown": self._key,
            "on:blur": self._close,
        }
        self._input = dom.h("input", attributes)
        box = dom.h("div", {"class": "combobox"}, self._input, self._list)
        self.element = dom.h("div", {"class": "field"}, self._rows, box, self._about)

    def read(self) -> list[dict[str, str]]:
        """What was chosen, and what stands in the field: nothing typed is left behind."""
        text = str(self._input.value).strip()
        found = self._chosen + ([{"code": "", "text": text}] if text else [])
        return found[-1:] if self._is_single else found

    def write(self, chosen: list[dict[str, str]]) -> None:
        self._chosen = list(chosen)
        self._show_chosen()

    def focus(self) -> None:
        dom.focus(self._input)

    def fail(self, message: str) -> None:
        dom.set_text(self._about, message)
        dom.toggle(self.element, "failed", True)

    def clear(self) -> None:
        dom.set_text(self._about, "")
        dom.toggle(self.element, "failed", False)

    def _search(self, _: Any = None) -> None:
        self.clear()
        text = str(self._input.value).strip()
        if not text:
            self._close()
            return
        found = diagnoses.find(text, words.language(), OPTIONS_MAX)
        free = {"code": "", "text": text, "label": say("visit.diagnoses_free", text=text)}
        self._options = found + [free]
        # Enter alone never takes what was not typed: "demam" must not become typhoid fever.
        self._at = 0 if found and diagnoses.is_exact(found[0], text) else -1
        dom.set_text(self._about, say("visit.diagnoses_found", count=len(found)))
        self._show_options()

    def _show_options(self) -> None:
        def take(at: int) -> Callable[[Any], None]:
            def run(event: Any) -> None:
                # Before the field loses the focus, which would close the list.
                event.preventDefault()
                self._take(at)

            return run

        rows: list[Element] = []
        for at, option in enumerate(self._options):
            attributes = {
                "id": "diagnosis-option-%d" % at,
                "role": "option",
                "aria-selected": "true" if at == self._at else "false",
                "on:pointerdown": take(at),
            }
            code = dom.h("code", None, option["code"]) if option["code"] else None
            text = dom.h("span", None, option.get("label") or option["text"])
            rows.append(dom.h("li", attributes, code, text))
        dom.fill(self._list, rows)
        self._list.hidden = False
        dom.set_attribute(self._input, "aria-expanded", "true")
        active = "diagnosis-option-%d" % self._at if self._at >= 0 else None
        dom.set_attribute(self._input, "aria-activedescendant", active)

    def _close(self, _: Any = None) -> None:
        self._options = []
        self._at = -1
        self._list.hidden = True
        dom.set_text(self._about, "")
        dom.set_attribute(self._input, "aria-expanded", "false")
        dom.set_attribute(self._input, "aria-activedescendant", None)

    def _key(self, event: Any) -> None:
        key = event.key
        if key == "Enter" and str(self._input.value).strip():
            # Enter takes a diagnosis here; it must not send the whole form.
            event.preventDefault()
            self._take(self._at if self._at >= 0 else len(self._options) - 1)
        elif key == "Escape" and self._options:
            event.preventDefault()
            self._close()
        elif key in ("ArrowDown", "ArrowUp") and self._options:
            event.preventDefault()
            step = 1 if key == "ArrowDown" else -1
            self._at = (self._at + step) % len(self._options)
            self._show_options()

    def _take(self, at: int) -> None:
        if at < 0 or at >= len(self._options):
            text = str(self._input.value).strip()
            option = {"code": "", "text": text}
        else:
            option = self._options[at]
        taken = {"code": option["code"], "text": option["text"]}
        if all([one["text"] != taken["text"] for one in self._chosen]):
            self._chosen = ([] if self._is_single else self._chosen) + [taken]
        self._input.value = ""
        self._close()
        self._show_chosen()
        self._on_change()

    def _show_chosen(self) -> None:
        def remove(one: dict[str, str]) -> Callable[[Any], None]:
            def run(_: Any) -> None:
                self._chosen = [other for other in self._chosen if other is not one]
                self._show_chosen()
                self._on_change()
                self.focus()

            return run

        rows: list[Element] = []
        for one in self._chosen:
            label = say("visit.diagnoses_remove", text=one["text"])
            button: dict[str, Any] = {
                "type": "button",
                "class": "tool",
                "aria-label": label,
                "title": label,
            }
            button["on:click"] = remove(one)
            code = dom.h("code", None, one["code"]) if one["code"] else None
            text = dom.h("span", {"class": "grow"}, one["text"])
            rows.append(dom.h("li", None, code, text, dom.h("button", button, icon("x"))))
        dom.fill(self._rows, rows)
