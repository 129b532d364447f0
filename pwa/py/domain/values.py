"""A field's value in words, whatever its type: for conflicts, decisions and the history.

Codes stay codes (`code_of`), so that the page can say them in the reader's language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import encounters, names
from pwa.py.domain.json_text import is_list, is_number, is_object

if TYPE_CHECKING:
    from typing import Any

DEPTH_MAX = 6
TEXT_CHARACTERS_MAX = 2_000
# Fields that hold one code out of a few, as text or as a concept.
CODED = (
    "active",
    "class",
    "clinicalStatus",
    "criticality",
    "deceasedBoolean",
    "doNotPerform",
    "gender",
    "intent",
    "severity",
    "status",
    "type",
    "verificationStatus",
)


def describe(field: str, value: Any) -> dict[str, Any]:
    """{"value", "text", "code"}: the value, in words, and its code where the field is coded."""
    return {"value": value, "text": text_of(value), "code": code_of(field, value)}


def code_of(field: str, value: Any) -> str:
    """The one code of a coded field; empty when it is something else."""
    if field not in CODED:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if is_object(value) and isinstance(value.get("code"), str):
        return value["code"]
    return names.first_code(value)


def text_of(value: Any) -> str:
    """Empty for a value that was removed."""
    return _text(value, 0)[:TEXT_CHARACTERS_MAX]


def _text(value: Any, depth: int) -> str:
    if value is None or depth > DEPTH_MAX:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if is_number(value):
        return names.number(value)
    if is_list(value):
        parts: list[str] = []
        for item in value:
            text = _text(item, depth + 1)
            if text and text not in parts:
                parts.append(text)
        return "; ".join(parts)
    return _object(value, depth) if is_object(value) else ""


def _object(value: Any, depth: int) -> str:
    for reader in _READERS:
        text = reader(value, depth)
        if text:
            return text
    parts: list[str] = []
    for name in sorted(value):
        text = _text(value[name], depth + 1)
        if text:
            parts.append(name + ": " + text)
    return ", ".join(parts)


def _reaction(value: Any, depth: int) -> str:
    text = names.manifestations([value])
    severity = names.text_of(value.get("severity"))
    return text + " (" + severity + ")" if text and severity else text


def _attachment(value: Any, depth: int) -> str:
    if not is_object(value.get("attachment")):
        return ""
    note = encounters.note_text({"content": [value]})
    return note or names.text_of(value["attachment"].get("title"))


def _component(value: Any, depth: int) -> str:
    """A part of an observation: what was measured, and the value."""
    if not is_object(value.get("code")):
        return ""
    for name in sorted(value):
        if name.startswith("value"):
            return names.concept(value["code"]) + ": " + _text(value[name], depth + 1)
    return ""


def _quantity(value: Any, depth: int) -> str:
    if not is_number(value.get("value")):
        return ""
    unit = names.text_of(value.get("unit")) or names.text_of(value.get("code"))
    comparator = names.text_of(value.get("comparator"))
    return (comparator + names.number(value["value"]) + " " + unit).strip()


def _business(value: Any, depth: int) -> str:
    """An identifier or a contact point."""
    return names.text_of(value.get("value"))


def _period(value: Any, depth: int) -> str:
    start, end = names.text_of(value.get("start")), names.text_of(value.get("end"))
    return start + " – " + end if start or end else ""


def _reference(value: Any, depth: int) -> str:
    return names.text_of(value.get("display")) or names.text_of(value.get("reference"))


def _concept(value: Any, depth: int) -> str:
    return names.concept(value)


def _person(value: Any, depth: int) -> str:
    return names.person_name({"name": [value]})


def _place(value: Any, depth: int) -> str:
    return names.address({"address": [value]})


_READERS = (
    _reaction,
    _attachment,
    _component,
    _concept,
    _quantity,
    _business,
    _person,
    _place,
    _period,
    _reference,
)
