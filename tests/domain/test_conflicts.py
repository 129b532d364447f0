"""What a chart shows of fields in conflict: every value that stands, never one of them alone."""

from __future__ import annotations

from typing import Any

from hypothesis import given

from pwa.py.domain import chart, conflicts, values, view
from pwa.py.domain.merge import live_timestamps, merge
from tests.domain.strategies import histories
from tests.domain.test_view import ANY_JSON, chart_of, coded, medicine


def differing(built: chart.Chart, key: str, **values: tuple[Any, Any]) -> None:
    """Two people write fields of a resource without seeing each other's."""
    row = built.rows([key])[key]
    stamps = {name: live_timestamps(row, name) for name in values}
    base = {name: seen for name, seen in stamps.items() if seen}
    for at, device in enumerate(("a", "b")):
        fields = {name: pair[at] for name, pair in values.items()}
        change: Any = {"device": device, "number": 1, "previous": "", "author": device}
        change |= {"timestamp": f"{900 + at:015d}-0000-{device}", "patient": "p1", "resource": key}
        (outcome,) = built.apply([change | {"base": base, "set": fields}])
        assert outcome["issues"] == []


def test_every_value_of_a_field_in_conflict_is_shown_and_what_may_be_active_stays_active() -> None:
    status = {word: {"coding": [{"code": word}]} for word in ("active", "resolved")}
    built = chart_of(
        coded("AllergyIntolerance", "Amoksisilin", "active", "confirmed"),
        coded("Condition", "Asma", "active", "confirmed"),
        medicine(1, "active", 2026) | {"dosageInstruction": [{"text": "1x1"}]},
    )
    key = "AllergyIntolerance/Amoksisilin"
    differing(built, key, criticality=("low", "high"))
    differing(built, "Condition/Asma", clinicalStatus=(status["active"], status["resolved"]))
    doses = ([{"text": "2x1"}], [{"text": "3x1"}])
    differing(built, "MedicationRequest/m1", dosageInstruction=doses, status=("stopped", "active"))
    nik = [[{"system": "n", "value": value}] for value in ("32", "33")]
    sex, born = ("male", "female"), ("1980", "1981")
    differing(built, "Patient/p1", gender=sex, birthDate=born, identifier=(nik[0], nik[1]))
    found = view.view(built, "p1", {}, 20)
    assert found["conflicts"] == 7
    assert sorted(found["allergies"][0]["criticalities"]) == ["high", "low"]
    assert found["problems"][0]["is_active"]
    assert found["medications"][0]["dosage"] == "2x1 / 3x1"
    assert found["patient"]["identifiers"] == ["32", "33"]
    shown = {one["field"]: [o["text"] for o in one["options"]] for one in found["patient"]["open"]}
    assert shown == {
        "birthDate": ["1980", "1981"],
        "gender": ["male", "female"],
        "identifier": ["32", "33"],
    }


def test_a_visit_shows_every_value_that_stands() -> None:
    within = {"encounter": {"reference": "Encounter/e1"}}
    pulse = {"code": {"coding": [{"code": "8867-4"}]}, "status": "final"}
    built = chart_of(
        {"resourceType": "Encounter", "id": "e1", "reasonCode": [{"text": "Batuk"}]},
        coded("Condition", "ISPA", "active", "confirmed") | within,
        {"resourceType": "Observation", "id": "o1", **pulse, **within},
    )
    values = [{"value": value, "code": "/min"} for value in (80, 90)]
    final = ("final", "final")
    differing(built, "Observation/o1", valueQuantity=(values[0], values[1]), status=final)
    differing(built, "Encounter/e1", reasonCode=([{"text": "Demam"}], [{"text": "Sesak"}]))
    differing(built, "Condition/ISPA", code=({"text": "Asma"}, {"text": "PPOK"}))
    (visit,) = view.view(built, "p1", {}, 20)["encounters"]
    assert visit["reason"] == "Demam / Sesak"
    assert [one["value"] for one in visit["vitals"]] == [80, 90]
    assert [one["text"] for one in visit["diagnoses"]] == ["Asma / PPOK"]
    assert {one["field"] for one in visit["open"]} == {"reasonCode", "code", "valueQuantity"}
    assert len(visit["entries"]) == 3


@given(histories())
def test_a_field_with_differing_values_only_closes_by_a_change_that_names_them(
    history: Any,
) -> None:
    """Of every field that was once in conflict and is not: somebody had seen the values gone."""
    rows: dict[str, Any] = {}
    for change in history:
        writes, _ = merge(rows, [change])
        key = change["resource"]
        for one in conflicts.fields_of(rows[key]) if key in rows else []:
            after = live_timestamps(writes.get(key, rows[key]), one["field"])
            gone = set(one["seen"]) - set(after)
            assert gone <= set(change["base"].get(one["field"], []))
        rows.update(writes)


@given(ANY_JSON)
def test_any_value_has_words_and_the_same_ones_for_the_same_value(value: Any) -> None:
    for field in ("status", "code", "content", "anything"):
        said = values.describe(field, value)
        assert isinstance(said["text"], str)
        assert said == values.describe(field, value)


def test_values_read_as_a_clinician_says_them() -> None:
    dose = [{"text": "3x1 sesudah makan"}]
    reaction = [{"manifestation": [{"text": "Ruam"}, {"text": "Sesak"}], "severity": "severe"}]
    pressure = [
        {"code": {"text": "Sistolik"}, "valueQuantity": {"value": 120, "unit": "mmHg"}},
        {"code": {"text": "Diastolik"}, "valueQuantity": {"value": 80.0, "unit": "mmHg"}},
    ]
    for value, text in (
        (dose, "3x1 sesudah makan"),
        (reaction, "Ruam, Sesak (severe)"),
        (pressure, "Sistolik: 120 mmHg; Diastolik: 80 mmHg"),
        ([{"system": "x", "value": "32"}, {"system": "y", "value": "A-1"}], "32; A-1"),
        ({"coding": [{"code": "J45", "display": "Asthma"}]}, "Asthma"),
        ({"reference": "Patient/p1"}, "Patient/p1"),
        ({"start": "2026-01-01"}, "2026-01-01 – "),
        ({"newer": {"b": 1, "a": [True]}}, "newer: a: true, b: 1"),
        (None, ""),
    ):
        assert values.text_of(value) == text
