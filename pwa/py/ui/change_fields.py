"""What a change said, in the reader's words, and fields to mend it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import base64_text, dates, leaves
from pwa.py.ui import elements, field_words, in_words
from pwa.py.ui.fields import Field
from pwa.py.ui.words import say

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.ui.dom import Element

NOTE = "content.attachment.data"
NOTE_ROWS = 6
SHOWN_CHARACTERS_MAX = 300
_DATES = ("birthDate", "effectiveDateTime", "period.start", "recordedDate", "date")
# What a reader looks for first; all else by its name.
_FIRST = ("name", "birthDate", "gender", "code", "reasonCode", "valueQuantity", "component")
# Said with the value that they belong to.
_BESIDE = ("component.code.coding.display", "valueQuantity.unit", "component.valueQuantity.unit")
# Inner parts that are for machines, but where the field is its code.
_TECHNICAL = ("system", "reference", "contentType", "use", "code", "display")
# Known to readers, and nothing to be corrected by hand.
_FIXED = ("code.coding.display", "period.start", "date")


def facts(resource: str, said: dict[str, Any]) -> Element:
    """The values that a reader understands, as a list of names and values."""
    kind = resource.split("/")[0]
    pairs: list[tuple[str, str]] = []
    for path, leaf in _in_order(said):
        label, is_known = field_words.leaf_name(kind, path)
        if is_known and leaves.name_of(path) not in _BESIDE and not _is_technical(kind, path):
            text = _shown(kind, path, leaf) + _unit(said, path)
            pairs.append((_part_name(said, path) or label, text[:SHOWN_CHARACTERS_MAX]))
    return elements.facts(pairs)


def _in_order(said: dict[str, Any]) -> list[tuple[list[Any], Any]]:
    found = leaves.leaves(said)
    first = [one for name in _FIRST for one in found if one[0][0] == name]
    return first + [one for one in found if one[0][0] not in _FIRST]


def _unit(said: dict[str, Any], path: list[Any]) -> str:
    """Of a quantity's value, to stand behind it."""
    if path[-2:] != ["valueQuantity", "value"]:
        return ""
    unit = leaves.leaf_at(said, path[:-1] + ["unit"])
    return " " + unit if isinstance(unit, str) else ""


def _part_name(said: dict[str, Any], path: list[Any]) -> str:
    """What is measured by the value of a component: "Sistolik"."""
    if leaves.name_of(path) != "component.valueQuantity.value":
        return ""
    name = leaves.leaf_at(said, path[:2] + ["code", "coding", 0, "display"])
    return in_words.term(name) if isinstance(name, str) else ""


def _is_technical(kind: str, path: list[Any]) -> bool:
    is_named = field_words.has_own_name(kind, path)
    return path[-1] in _TECHNICAL and not is_named and not field_words.is_code(kind, path)


def _shown(kind: str, path: list[Any], leaf: Any) -> str:
    name = leaves.name_of(path)
    if name == NOTE:
        return _note(leaf)
    if field_words.is_code(kind, path):
        return field_words.code_words(str(leaf))
    if name in _DATES and isinstance(leaf, str):
        return in_words.date_time(leaf)
    if isinstance(leaf, bool):
        return field_words.code_words(_plain(leaf))
    return in_words.term(_plain(leaf))


def _note(data: Any) -> str:
    try:
        return base64_text.decode(data).decode()
    except ValueError:
        return str(data)


class Leaf:
    """One value to mend, and its field."""

    def __init__(self, resource: str, said: dict[str, Any], path: list[Any], old: Any) -> None:
        kind = resource.split("/")[0]
        self.path = path
        self._old = old
        self._name = leaves.name_of(path)
        self.expression = kind + "." + str(path[0])
        label, self.is_known = field_words.leaf_name(kind, path)
        part = _part_name(said, path)
        self.is_fixed = self._name in _FIXED + _BESIDE or _is_technical(kind, path)
        attributes: dict[str, Any] = {"required": True, "unit": _unit(said, path).strip()}
        if self._name == NOTE:
            attributes.update({"tag": "textarea", "rows": NOTE_ROWS})
        codes = ("true", "false") if isinstance(old, bool) else field_words.codes_at(kind, path)
        if codes:
            held = _plain(old)
            known = list(codes) + ([held] if held not in codes else [])
            attributes["options"] = [(code, field_words.code_words(code)) for code in known]
        identifier = "mend." + ".".join([str(part) for part in path])
        hint = "" if self.is_known else say("refused.not_understood")
        self.field = Field(identifier, part or label, attributes, hint)
        self.field.write(_note(old) if self._name == NOTE else _plain(old))

    def fail(self, issue: Any) -> None:
        """What is wrong, in the reader's language where there are words for it."""
        text = say("issue.invalid") + " " + issue["diagnostics"]
        self.field.fail(say("issue.date") if self._name in _DATES else text)

    def read(self) -> Any:
        """Raises ValueError where a number was, and none is now."""
        text = self.field.read()
        if self._name == NOTE:
            return base64_text.encode(text.encode())
        if self._name in _DATES:
            # As in every other form: 17-5-1990 too.
            text = dates.to_iso(text)
        return leaves.parse(text, self._old)


def _plain(leaf: Any) -> str:
    if isinstance(leaf, bool):
        return "true" if leaf else "false"
    return leaf if isinstance(leaf, str) else in_words.number(leaf)


def to_mend(
    resource: str, said: dict[str, Any], issues: list[Any]
) -> tuple[list[Leaf], list[Leaf]]:
    """The values to mend: first what the issues name, then what has words; and all others."""
    named: list[str] = []
    for issue in issues:
        named += issue["expression"]
    first: list[Leaf] = []
    known: list[Leaf] = []
    others: list[Leaf] = []
    for path, old in _in_order(said):
        leaf = Leaf(resource, said, path, old)
        if leaf.expression in named or str(path[0]) in named:
            first.append(leaf)
        elif leaf.is_known and not leaf.is_fixed:
            known.append(leaf)
        else:
            others.append(leaf)
    return first + known, others
