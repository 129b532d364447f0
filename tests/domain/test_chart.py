"""The chart's text: lines found without cutting it apart, and put where their dates belong."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain.chart import Chart

DATES = st.sampled_from(["", "2019", "2020-01-01", "2020-01-01T08:00:00Z", "2024-05-01"])
IDS = st.sampled_from(["a", "ab", "visit-1", "visit-10", "visit-1000", "é1"])
TYPES = st.sampled_from(["Encounter", "Condition", "ConditionX", "Observation"])


def row(key: str, date: str) -> Any:
    resource_type, resource_id = key.split("/")
    resource = {"resourceType": resource_type, "id": resource_id, "date": date, "note": "Élise 😀"}
    return {"patient": "p", "resource": resource, "stamps": {"*": "t"}, "by": {}}


PUTS = st.lists(st.dictionaries(st.builds("{}/{}".format, TYPES, IDS), DATES, max_size=4))


@given(PUTS)
def test_every_row_put_is_found_and_the_newest_come_first(puts: list[dict[str, str]]) -> None:
    chart = Chart()
    chart.put({"Patient/p": row("Patient/p", "")})
    wanted = {"Patient/p": ""}
    for put in puts:
        chart.put({key: row(key, date) for key, date in put.items()})
        wanted |= put
    for one in (chart, Chart(chart.text())):
        assert sorted(one.keys()) == sorted(wanted)
        assert one.keys()[0] == "Patient/p"
        dates = [wanted[key] for key in one.keys()[1:]]
        assert dates == sorted(dates, reverse=True)
        for key, date in wanted.items():
            assert key in one
            assert one.row(key) == row(key, date)
        for kind in ("Encounter", "Condition", "ConditionX"):
            found = [one.at(start).key for start in one.starts(kind)]
            in_order = one.keys()
            assert found == [key for key in in_order if key.startswith(kind + "/")]


@given(PUTS, st.integers(1, 9))
def test_a_number_is_noted_at_its_line_and_never_lowered(puts: Any, number: int) -> None:
    chart = Chart()
    chart.put({"Patient/p": row("Patient/p", "")})
    for put in puts:
        chart.put({key: row(key, date) for key, date in put.items()})
    keys = chart.keys()
    chart.number(dict.fromkeys(keys, number))
    chart.number(dict.fromkeys(keys, number - 1))
    assert chart.keys() == keys
    again = Chart(chart.text())
    assert {again.at(start).sequence for start, _ in again.lines()} == {number}
    again.forget_numbers()
    assert {again.at(start).sequence for start, _ in again.lines()} == {0}
    assert again.keys() == keys


def test_an_empty_chart_has_nothing() -> None:
    assert Chart().keys() == []
    assert Chart().get("Patient/p") is None
    assert list(Chart().lines()) == []


def test_only_values_that_differ_count_as_conflicts_and_other_text_is_not_taken_for_them() -> None:
    def change(number: int, resource: str, fields: dict[str, Any]) -> Any:
        made = {"device": "t", "number": number, "previous": "", "author": "a", "patient": "p"}
        made |= {"timestamp": f"{number:015d}-0000-t", "resource": resource, "base": {}}
        return made | {"set": fields}

    chart = Chart()
    chart.apply([change(1, "Patient/p", {"name": 'a "siblings" b', "siblings": ["x"]})])
    assert chart.conflict_count() == 0
    chart.apply([change(at, "Patient/p", {"gender": "male"}) for at in (2, 3)])
    assert chart.conflict_count() == 0
    chart.apply([change(at, "Condition/c", {"code": {"text": str(at)}}) for at in (4, 5)])
    chart.apply([change(6, "Patient/p", {"gender": "female"})])
    assert chart.conflict_count() == 2
    assert Chart(chart.text()).conflict_count() == 2
    assert [entry.key for entry in chart.holding("siblings")] == ["Patient/p", "Condition/c"]
