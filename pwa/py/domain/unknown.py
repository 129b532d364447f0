"""Codes that this version does not know: kept, carried, and never shown as if understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import conflicts, names, schema
from pwa.py.domain.json_text import is_object

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Row

# Beside those of `schema.CODES`, which somebody may choose among.
_MORE = {
    "Encounter.class": ("AMB", "IMP", "EMER", "HH", "VR"),
    "Procedure.status": (
        "preparation",
        "in-progress",
        "not-done",
        "on-hold",
        "stopped",
        "completed",
        "entered-in-error",
        "unknown",
    ),
    "Immunization.status": ("completed", "entered-in-error", "not-done"),
    "DiagnosticReport.status": (
        "registered",
        "partial",
        "preliminary",
        "final",
        "amended",
        "corrected",
        "appended",
        "cancelled",
        "entered-in-error",
        "unknown",
    ),
    "Appointment.status": (
        "proposed",
        "pending",
        "booked",
        "arrived",
        "fulfilled",
        "cancelled",
        "noshow",
        "entered-in-error",
        "checked-in",
        "waitlist",
    ),
    "ServiceRequest.status": (
        "draft",
        "active",
        "on-hold",
        "revoked",
        "completed",
        "entered-in-error",
        "unknown",
    ),
}
_KNOWN: dict[str, list[tuple[str, Any]]] = {}
for _table in (schema.CODES, _MORE):
    for _name in _table:
        _type, _, _field = _name.partition(".")
        _KNOWN.setdefault(_type, []).append((_field, _table[_name]))


def codes(row: Row) -> list[dict[str, str]]:
    """{"field", "code"} of each coded value that stands and means nothing to this version."""
    found: list[dict[str, str]] = []
    for resource in conflicts.variants(row):
        for field, known in _KNOWN.get(resource["resourceType"], ()):
            given = _codes(resource.get(field))
            if given and not any([code in known for code in given]):
                one = {"field": field, "code": given[0]}
                if one not in found:
                    found.append(one)
    return found


def has(found: list[dict[str, str]], field: str) -> bool:
    return any([one["field"] == field for one in found])


def _codes(value: Any) -> list[str]:
    """Of a code, a coding or a concept; without the empty ones."""
    if isinstance(value, str):
        return [value] if value else []
    if is_object(value) and isinstance(value.get("code"), str):
        return [value["code"]]
    return [code for code in names.codes(value) if code]
