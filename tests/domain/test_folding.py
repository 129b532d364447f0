"""A long chart in two texts: whatever is changed, together they are the chart, and the recent
lines alone show what the whole would."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pwa.py.domain import folding, view
from pwa.py.domain.chart import Chart
from pwa.py.domain.failures import Stale

PATIENT = "p"
KEPT = 2
DATES = st.sampled_from(["2019", "2020-01-01", "2021-03-01T08:00:00Z", "2022", "2024-05-01"])
TYPES = st.sampled_from(
    ["Encounter", "Condition", "AllergyIntolerance", "MedicationRequest", "Observation"]
)
EDITS = st.tuples(
    TYPES,
    st.sampled_from(["a", "ab", "visit-0001-of-p", "visit-0002-of-p", "é1"]),
    DATES,
    st.sampled_from(["active", "resolved", "entered-in-error"]),
    st.sampled_from(["", "a", "visit-0001-of-p", "elsewhere"]),
    st.sampled_from(["I10", "J06.9"]),
)


def row(kind: str, name: str, date: str, status: str, within: str, code: str) -> Any:
    resource: dict[str, Any] = {"resourceType": kind, "id": name, "date": date}
    resource["code"] = {"text": code}
    if kind in ("Condition", "AllergyIntolerance"):
        resource["clinicalStatus"] = {"coding": [{"code": status}]}
    else:
        resource["status"] = status
    if within and kind != "Encounter":
        resource["encounter"] = {"reference": "Encounter/" + within}
    return {"patient": PATIENT, "resource": resource, "stamps": {"*": "t"}, "by": {}}


class Device:
    """The two rows of one patient, written as record and exchange write them."""

    def __init__(self) -> None:
        self.texts = {folding.CHARTS: "", folding.OLDER: ""}
        self.version = 0

    def write(self, rows: dict[str, Any]) -> None:
        chart = Chart(self.texts[folding.CHARTS])
        if chart.needs_older(list(rows)) or folding.is_outgrown(chart):
            chart.join(self.texts[folding.OLDER])
        chart.put(rows)
        self.texts.update(folding.texts(chart, self.version))
        self.version += 1

    def whole(self) -> Chart:
        chart = Chart(self.texts[folding.CHARTS])
        if not chart.is_whole:
            chart.join(self.texts[folding.OLDER])
        return chart


@pytest.fixture(scope="module", autouse=True)
def short_charts() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "FOLD_BYTES", 600)
        patch.setattr(folding, "GROWTH_BYTES", 600)
        patch.setattr(folding, "ENCOUNTERS_KEPT", KEPT)
        yield


@settings(max_examples=300)
@given(st.lists(st.lists(EDITS, min_size=1, max_size=3), max_size=14))
def test_both_texts_are_the_chart_and_the_recent_one_shows_it(edits: Any) -> None:
    device, held = Device(), Chart()
    for group in [[("Patient", PATIENT, "", "active", "", "")], *edits]:
        rows = {f"{one[0]}/{one[1]}": row(*one) for one in group}
        device.write(rows)
        held.put(rows)
        whole = device.whole()
        assert sorted(whole.keys()) == sorted(held.keys())
        in_order = whole.keys()
        assert [whole.row(key) for key in in_order] == [held.row(key) for key in in_order]
        dates = [whole.at(whole.start_of(key)).date for key in in_order[1:]]
        assert dates == sorted(dates, reverse=True)
        recent = Chart(device.texts[folding.CHARTS])
        for shown in range(KEPT + 1):
            assert view.view(recent, PATIENT, {}, shown) == view.view(whole, PATIENT, {}, shown)


def long_chart(count: int) -> Device:
    device = Device()
    device.write({"Patient/p": row("Patient", PATIENT, "", "active", "", "")})
    for at in range(count):
        name = f"visit-{at:04}-of-p"
        device.write({f"Encounter/{name}": row("Encounter", name, f"{2000 + at}", "", "", "I10")})
    return device


def test_what_lies_apart_is_known_and_counted() -> None:
    recent = Chart(long_chart(30).texts[folding.CHARTS])
    assert not recent.is_whole
    assert recent.older_encounters + len(recent.starts("Encounter")) == 30
    assert recent.is_apart(["Encounter/visit-0000-of-p"])
    assert not recent.is_apart(["Encounter/visit-0029-of-p", "Observation/new"])
    assert recent.needs_older(["Encounter/visit-0029-of-p"])


def test_what_lies_apart_is_never_taken_for_new() -> None:
    recent = Chart(long_chart(30).texts[folding.CHARTS])
    with pytest.raises(AssertionError):
        recent.put({"Encounter/visit-0000-of-p": row("Encounter", "x", "2020", "", "", "")})
    with pytest.raises(AssertionError):
        recent.text()


def test_an_older_part_of_another_time_is_refused() -> None:
    device = long_chart(30)
    before = device.texts[folding.OLDER]
    device.write({"Encounter/visit-0000-of-p": row("Encounter", "x", "2020", "", "", "")})
    for text in (before, ""):
        with pytest.raises(Stale):
            Chart(device.texts[folding.CHARTS]).join(text)


def test_a_chart_that_was_emptied_leaves_no_older_part() -> None:
    device = long_chart(30)
    emptied = Chart("")
    emptied.was_folded = True
    assert folding.texts(emptied, device.version) == [(folding.CHARTS, ""), (folding.OLDER, "")]
