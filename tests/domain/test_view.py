"""A chart opens whatever a resource holds: records come from other systems and newer apps."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain import chart, directory, encounter_view, schema, validate, view
from pwa.py.domain.merge import merge

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 300),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=6),
        st.sampled_from(["Patient/p1", "Encounter/e1", "2020-05-01T10:00:00Z", "QQ==", "active"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2),
        st.dictionaries(
            st.sampled_from(
                "value unit code text coding display system given family start reference "
                "attachment data contentType encounter manifestation line period".split()
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(
    "name birthDate gender identifier telecom address deceasedBoolean class code status "
    "reasonCode type valueQuantity valueString valueCodeableConcept component content context "
    "encounter period clinicalStatus criticality reaction dosageInstruction "
    "medicationCodeableConcept vaccineCode effectiveDateTime effectivePeriod issued date".split()
)
TYPES = st.sampled_from([*sorted(schema.POLICIES), "Basic"])


@given(st.lists(st.tuples(TYPES, st.dictionaries(FIELDS, ANY_JSON, min_size=1)), max_size=5))
def test_a_chart_opens_whatever_its_resources_hold(given_resources: Any) -> None:
    built = chart.Chart()
    first = [("Patient", {"active": True}), ("Encounter", {"status": "finished"})]
    for at, (resource_type, fields) in enumerate([*first, *given_resources]):
        if at > 1 and at % 2:
            # Half of them belong to the one visit, which the page then lays out.
            fields = fields | {"encounter": {"reference": "Encounter/r1"}}
        resource_id = "p1" if resource_type == "Patient" else f"r{at}"
        change = {
            "device": "t",
            "number": at + 1,
            "previous": "",
            "timestamp": f"{at:015d}-0000-t",
            "author": "a",
            "patient": "p1",
            "resource": f"{resource_type}/{resource_id}",
            "base": {},
            "set": fields,
        }
        built.apply([change])  # type: ignore[list-item]
    text = built.text()
    again = chart.Chart(text)
    assert again.keys() == built.keys()
    found = view.view(again, "p1", {}, 20)
    assert found["patient"]["id"] == "p1"
    line = directory.line_of(again.row("Patient/p1")["resource"], again.conflict_count())
    assert directory.entry_of(line)["id"] == "p1"


def test_a_measurement_in_another_unit_is_never_shown_as_ours() -> None:
    code = {"coding": [{"code": "8310-5"}]}
    fahrenheit = {"code": code, "valueQuantity": {"value": 98.6, "code": "[degF]", "unit": "F"}}
    celsius = {"code": code, "valueQuantity": {"value": 37, "code": "Cel"}}
    assert encounter_view.measurements(fahrenheit) == []
    assert encounter_view.measurements(celsius)[0]["value"] == 37


def chart_of(*resources: dict[str, Any]) -> chart.Chart:
    built = chart.Chart()
    for at, resource in enumerate([{"resourceType": "Patient", "id": "p1"}, *resources]):
        fields = {name: one for name, one in resource.items() if name not in ("id", "resourceType")}
        key = f"{resource['resourceType']}/{resource['id']}"
        change = {"device": "t", "number": at + 1, "previous": "", "author": "a", "patient": "p1"}
        change |= {"timestamp": f"{at:015d}-0000-t", "resource": key, "base": {}}
        built.apply([change | {"set": fields or {"active": True}}])  # type: ignore[list-item]
    return built


def medicine(number: int, status: str, year: int) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": f"m{number}",
        "status": status,
        "medicationCodeableConcept": {"text": f"Obat {number}"},
        "authoredOn": f"{year}-01-01",
    }


def test_an_active_medicine_is_shown_however_many_newer_ones_were_stopped() -> None:
    stopped = [medicine(number, "stopped", 2020) for number in range(70)]
    found = view.view(chart_of(medicine(99, "active", 2010), *stopped), "p1", {}, 20)
    assert [one["text"] for one in found["medications"]] == ["Obat 99"]


def coded(resource_type: str, text: str, clinical: str, verification: str) -> dict[str, Any]:
    return {
        "resourceType": resource_type,
        "id": text,
        "code": {"text": text},
        "clinicalStatus": {"coding": [{"code": clinical}]} if clinical else None,
        "verificationStatus": {"coding": [{"code": verification}]},
    }


def test_what_was_refuted_or_entered_in_error_is_never_shown_as_if_it_were_so() -> None:
    resources = [
        coded(kind, word, clinical, verification)
        for kind in ("AllergyIntolerance", "Condition")
        for word, clinical, verification in (
            ("so", "active", "confirmed"),
            ("not", "active", "refuted"),
            ("slip", "", "entered-in-error"),
            ("over", "resolved", "confirmed"),
        )
    ]
    found = view.view(chart_of(*resources), "p1", {}, 20)
    assert [one["text"] for one in found["allergies"]] == ["so"]
    assert [one["text"] for one in found["allergies_past"]] == ["over"]
    assert [one["text"] for one in found["problems"]] == ["so", "over"]


def test_a_problem_that_is_still_active_somewhere_is_shown_as_active() -> None:
    over = coded("Condition", "Asma", "resolved", "confirmed") | {"recordedDate": "2024-01-01"}
    active = coded("Condition", "Asma", "active", "confirmed") | {"recordedDate": "2020-01-01"}
    found = view.view(chart_of(over, active | {"id": "older"}), "p1", {}, 20)
    assert [(one["text"], one["is_active"]) for one in found["problems"]] == [("Asma", True)]


def test_what_belongs_to_no_visit_is_shown_too() -> None:
    vaccine = {"resourceType": "Immunization", "id": "v", "vaccineCode": {"text": "BCG"}}
    lost = {"resourceType": "Procedure", "id": "q", "code": {"text": "Jahit luka"}}
    lost["encounter"] = {"reference": "Encounter/elsewhere"}
    found = view.view(chart_of(vaccine, lost), "p1", {}, 20)
    assert sorted(one["text"] for one in found["loose"]) == ["BCG", "Jahit luka"]


@given(ANY_JSON)
def test_checking_never_fails_whatever_comes_as_a_change(value: Any) -> None:
    assert validate.check(value) != []


@given(
    st.fixed_dictionaries(
        {
            name: ANY_JSON
            for name in ("device", "number", "previous", "timestamp", "author", "patient")
        }
        | {"resource": ANY_JSON, "base": ANY_JSON, "set": ANY_JSON}
    )
)
def test_merging_never_fails_whatever_a_change_holds(change: Any) -> None:
    _, outcomes = merge({}, [change])
    assert len(outcomes) == 1
