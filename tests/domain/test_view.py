"""A chart opens whatever a resource holds: records come from other systems and newer apps."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain import chart, directory, schema, validate, view
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
    assert again.order == built.order
    found = view.view(again, "p1", {}, 20)
    assert found["patient"]["id"] == "p1"
    line = directory.line_of(again.entries["Patient/p1"].resource())
    assert directory.entry_of(line)["id"] == "p1"


def test_a_measurement_in_another_unit_is_never_shown_as_ours() -> None:
    code = {"coding": [{"code": "8310-5"}]}
    fahrenheit = {"code": code, "valueQuantity": {"value": 98.6, "code": "[degF]", "unit": "F"}}
    celsius = {"code": code, "valueQuantity": {"value": 37, "code": "Cel"}}
    assert view.measurements(fahrenheit) == []
    assert view.value_text(fahrenheit) == "98.6 F"
    assert view.measurements(celsius)[0]["value"] == 37


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
