"""Codes of a newer app: found wherever they stand, and never taken for what is over."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import schema, unknown, view
from pwa.py.domain.chart import Chart
from pwa.py.ui.words_id import INDONESIAN

STAMP = "000000000000001-0000-one"


def row_of(resource: dict[str, Any]) -> Any:
    return {"patient": "p", "resource": resource, "stamps": {"*": STAMP}, "by": {STAMP: "doctor"}}


def coded(code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"code": code, **more}]}


def chart_of(*resources: dict[str, Any]) -> Chart:
    chart = Chart()
    patient = {"resourceType": "Patient", "id": "p", "name": [{"text": "Siti"}]}
    chart.put({f"{one['resourceType']}/{one['id']}": row_of(one) for one in (patient, *resources)})
    return chart


@pytest.mark.parametrize(
    ("kind", "field", "value", "found"),
    [
        ("Condition", "clinicalStatus", coded("waxing"), ["waxing"]),
        ("Condition", "clinicalStatus", coded("active"), []),
        ("Condition", "clinicalStatus", {"text": "aktif"}, []),
        ("Condition", "clinicalStatus", {"coding": [{"code": "x"}, {"code": "active"}]}, []),
        ("AllergyIntolerance", "criticality", "extreme", ["extreme"]),
        ("MedicationRequest", "status", "paused", ["paused"]),
        ("Encounter", "class", {"code": "SPACE"}, ["SPACE"]),
        ("Encounter", "class", {"code": "AMB"}, []),
        ("Patient", "gender", "x-1", ["x-1"]),
        ("Transport", "status", "anything", []),
    ],
)
def test_a_code_is_known_or_not(kind: str, field: str, value: Any, found: list[str]) -> None:
    row = row_of({"resourceType": kind, "id": "r", field: value})
    assert unknown.codes(row) == [{"field": field, "code": code} for code in found]


def test_what_is_of_unknown_status_stays_among_the_active() -> None:
    many = [
        {"resourceType": "Condition", "id": f"c{at}", "code": {"text": f"Diagnosis {at}"}}
        | {"recordedDate": f"2020-01-{at % 28 + 1:02d}", "clinicalStatus": coded("resolved")}
        for at in range(view.PAST_ENTRIES_MAX + 20)
    ]
    strange = {"resourceType": "Condition", "id": "new", "code": {"text": "Baru"}}
    strange |= {"recordedDate": "2001-01-01", "clinicalStatus": coded("waxing")}
    medicine: dict[str, Any] = {"resourceType": "MedicationRequest", "id": "m", "status": "paused"}
    medicine["medicationCodeableConcept"] = {"text": "Parasetamol"}
    shown = view.view(chart_of(*many, strange, medicine), "p", {}, 5)
    [active] = [one for one in shown["problems"] if one["is_active"]]
    assert (active["text"], active["unknown"][0]["code"]) == ("Baru", "waxing")
    [one] = shown["medications"]
    assert one["unknown"] == [{"field": "status", "code": "paused"}]


def test_every_code_that_counts_as_known_has_words() -> None:
    known = {
        code for table in (schema.CODES, unknown._MORE) for name in table for code in table[name]
    }
    has_words = {key.removeprefix("code.") for key in INDONESIAN}
    assert known - has_words == set()
