"""Merge: properties that must hold for every history, and examples a reader can check by hand."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain.merge import (
    CONFLICT,
    CREATED,
    DUPLICATE,
    OUTCOMES,
    REJECTED,
    SUPERSEDED,
    UPDATED,
    conflicts,
    live_timestamps,
    merge,
    same,
)
from tests.domain.strategies import histories


def merge_all(changes: list[dict[str, Any]], groups: list[int] | None = None) -> dict[str, Any]:
    """The rows after merging the changes in the order given, in calls of the sizes given."""
    rows: dict[str, Any] = {}
    at = 0
    for size in groups or [len(changes)]:
        writes, _ = merge(rows, changes[at : at + size])
        rows.update(writes)
        at += size
    writes, _ = merge(rows, changes[at:])
    rows.update(writes)
    return rows


def change(number: int, milliseconds: int, device: str = "alpha", **given: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "device": device,
        "number": number,
        "previous": "",
        "timestamp": f"{milliseconds:015d}-0000-{device}",
        "author": "author-" + device,
        "patient": "p1",
        "resource": "Patient/p1",
        "base": {},
        "set": {},
    }
    made.update(given)
    return made


@given(histories(), st.randoms(use_true_random=False))
def test_order_of_changes_never_alters_the_rows(history: Any, random: Any) -> None:
    shuffled = list(history)
    random.shuffle(shuffled)
    assert merge_all(shuffled) == merge_all(history)


@given(histories(), st.lists(st.integers(min_value=1, max_value=3), max_size=8))
def test_grouping_of_changes_never_alters_the_rows(history: Any, groups: list[int]) -> None:
    assert merge_all(history, groups) == merge_all(history)


@given(histories(), st.data())
def test_repeating_changes_never_alters_the_rows(history: Any, data: Any) -> None:
    repeats = data.draw(st.lists(st.sampled_from(history), max_size=6))
    assert merge_all(history + repeats) == merge_all(history)


@given(histories(), st.data())
def test_two_replicas_that_saw_the_same_changes_are_equal(history: Any, data: Any) -> None:
    cut = data.draw(st.integers(min_value=0, max_value=len(history)))
    here = merge_all(history[:cut] + history[cut:])
    there = merge_all(history[cut:] + history[:cut] + history[cut:])
    assert here == there


@given(histories())
def test_arguments_are_never_altered(history: Any) -> None:
    rows = merge_all(history[:4])
    before_rows, before = deepcopy(rows), deepcopy(history)
    merge(rows, history)
    assert (rows, history) == (before_rows, before)


@given(histories())
def test_every_change_gets_one_outcome_from_the_closed_set(history: Any) -> None:
    _, outcomes = merge({}, history)
    assert [one["number"] for one in outcomes] == [one["number"] for one in history]
    assert all(one["outcome"] in OUTCOMES for one in outcomes)


@given(histories())
def test_an_unseen_judgement_is_never_lost(history: Any) -> None:
    """Each value written to a field that keeps both is held, unless some writer had seen it."""
    rows = merge_all(history)
    for one in history:
        for field in one["set"]:
            replaced = {
                stamp
                for other in history
                if other["resource"] == one["resource"] and field in other["set"]
                for stamp in other["base"].get(field, [])
            }
            row = rows[one["resource"]]
            resource_type = one["resource"].split("/")[0]
            if (resource_type, field) in KEPT and one["timestamp"] not in replaced:
                assert one["timestamp"] in live_timestamps(row, field)


@given(histories())
def test_a_row_knows_every_value_of_a_field_that_keeps_both_and_who_wrote_it(history: Any) -> None:
    """Standing or replaced: what was written, by whom, and what its writer had seen."""
    rows = merge_all(history)
    for one in history:
        row, stamp = rows[one["resource"]], one["timestamp"]
        for field, value in one["set"].items():
            if (one["resource"].split("/")[0], field) not in KEPT:
                continue
            replaced = row.get("past", {}).get(field, {}).get(stamp)
            if replaced is None:
                assert stamp in live_timestamps(row, field)
            else:
                assert replaced == {"value": value, "author": one["author"]}
            seen = row.get("seen", {}).get(field, {}).get(stamp, [])
            assert seen == sorted(one["base"].get(field, []))
            assert row.get("reasons", {}).get(stamp) == one.get("reason")


@given(histories())
def test_a_row_holds_nothing_more_until_something_was_replaced_or_explained(history: Any) -> None:
    plain = [one | {"base": {}} for one in history]
    for one in plain:
        one.pop("reason", None)
    for row in merge_all(plain).values():
        assert set(row) <= {"patient", "resource", "stamps", "by", "siblings"}


KEPT = {
    ("Patient", "birthDate"),
    ("Patient", "gender"),
    ("Condition", "clinicalStatus"),
    ("Condition", "code"),
    ("Observation", "status"),
    ("Observation", "valueQuantity"),
    ("Basic", "code"),
    ("Basic", "somethingNewer"),
}


def test_a_first_change_creates() -> None:
    writes, outcomes = merge({}, [change(1, 10, set={"gender": "female"})])
    assert outcomes[0]["outcome"] == CREATED
    assert writes["Patient/p1"] == {
        "patient": "p1",
        "resource": {"resourceType": "Patient", "id": "p1", "gender": "female"},
        "stamps": {"*": "000000000000010-0000-alpha"},
        "by": {"000000000000010-0000-alpha": "author-alpha"},
    }


def test_a_repeated_change_is_a_duplicate_and_writes_nothing() -> None:
    first = change(1, 10, set={"gender": "female"})
    rows, _ = merge({}, [first])
    assert merge(rows, [first])[1][0]["outcome"] == DUPLICATE
    assert merge(rows, [first])[0] == {}


def test_an_older_demographic_change_is_superseded() -> None:
    newer = change(1, 20, set={"telecom": "new"})
    older = change(1, 10, "beta", set={"telecom": "old"})
    writes, outcomes = merge({}, [newer, older])
    assert [one["outcome"] for one in outcomes] == [CREATED, SUPERSEDED]
    assert writes["Patient/p1"]["resource"]["telecom"] == "new"


def test_concurrent_birth_dates_are_both_kept() -> None:
    first = change(1, 10, set={"birthDate": "1980"})
    second = change(1, 20, "beta", set={"birthDate": "1981"})
    writes, outcomes = merge({}, [first, second])
    assert outcomes[1]["outcome"] == CONFLICT
    values = [one["value"] for one in conflicts(writes["Patient/p1"])["birthDate"]]
    assert values == ["1980", "1981"]


def test_a_birth_date_that_was_seen_is_replaced_without_conflict() -> None:
    first = change(1, 10, set={"birthDate": "1980"})
    second = change(
        1, 20, "beta", set={"birthDate": "1981"}, base={"birthDate": [first["timestamp"]]}
    )
    writes, outcomes = merge({}, [first, second])
    assert outcomes[1]["outcome"] == UPDATED
    assert conflicts(writes["Patient/p1"]) == {}
    assert writes["Patient/p1"]["resource"]["birthDate"] == "1981"


def test_deciding_a_conflict_by_a_change_that_saw_both_settles_it() -> None:
    first = change(1, 10, set={"birthDate": "1980"})
    second = change(1, 20, "beta", set={"birthDate": "1981"})
    seen = [first["timestamp"], second["timestamp"]]
    third = change(2, 30, set={"birthDate": "1980"}, base={"birthDate": seen})
    writes, _ = merge({}, [first, second, third])
    assert conflicts(writes["Patient/p1"]) == {}
    assert "siblings" not in writes["Patient/p1"]


def test_what_was_replaced_is_kept_with_its_author_also_when_it_comes_later() -> None:
    first = change(1, 10, set={"birthDate": "1980"})
    seen = {"birthDate": [first["timestamp"]]}
    second = change(1, 20, "beta", set={"birthDate": "1981"}, base=seen, reason="dari KTP")
    alone, _ = merge({}, [second])
    assert alone["Patient/p1"]["past"] == {"birthDate": {first["timestamp"]: {}}}
    rows, outcomes = merge(alone, [first])
    assert outcomes[0]["outcome"] == SUPERSEDED
    original = {"value": "1980", "author": "author-alpha"}
    assert rows["Patient/p1"]["past"] == {"birthDate": {first["timestamp"]: original}}
    assert rows["Patient/p1"]["seen"] == {"birthDate": {second["timestamp"]: [first["timestamp"]]}}
    assert rows["Patient/p1"]["reasons"] == {second["timestamp"]: "dari KTP"}
    assert merge(rows, [first, second])[0] == {}


def test_the_same_value_written_twice_apart_is_no_conflict() -> None:
    first = change(1, 10, set={"gender": "female"})
    second = change(1, 20, "beta", set={"gender": "female"})
    writes, outcomes = merge({}, [first, second])
    assert outcomes[1]["outcome"] == UPDATED
    assert conflicts(writes["Patient/p1"]) == {}


def test_removing_a_field_is_kept_against_an_older_value() -> None:
    removal = change(1, 20, set={"telecom": None})
    older = change(1, 10, "beta", set={"telecom": "old"})
    for order in ([removal, older], [older, removal]):
        writes, _ = merge({}, order)
        assert "telecom" not in writes["Patient/p1"]["resource"]


def test_a_bad_change_is_rejected_and_the_rest_goes_on() -> None:
    good = change(2, 11, set={"gender": "male"})
    writes, outcomes = merge({}, [change(1, 10, set={"gender": "?"}), good])
    assert [one["outcome"] for one in outcomes] == [REJECTED, CREATED]
    assert outcomes[0]["issues"][0]["expression"] == ["Patient.gender"]
    assert writes["Patient/p1"]["resource"]["gender"] == "male"


def test_a_fact_is_corrected_only_by_naming_its_new_status() -> None:
    made = {"resource": "Observation/o1"}
    first = change(1, 10, set={"status": "final", "valueString": "7"}, **made)
    seen = {"valueString": [first["timestamp"]], "status": [first["timestamp"]]}
    silent = change(2, 20, set={"valueString": "8"}, base=seen, **made)
    open_ = change(3, 30, set={"valueString": "8", "status": "amended"}, base=seen, **made)
    _, outcomes = merge({}, [first, silent, open_])
    assert [one["outcome"] for one in outcomes] == [CREATED, REJECTED, UPDATED]


def test_true_is_not_one() -> None:
    assert not same(True, 1)
    assert not same({"a": [0]}, {"a": [False]})
    assert same({"a": [1.0]}, {"a": [1]})


def test_a_patient_of_nothing_but_an_id_is_kept() -> None:
    writes, outcomes = merge({}, [change(1, 10)])
    assert outcomes[0]["outcome"] == CREATED
    assert writes["Patient/p1"]["resource"] == {"resourceType": "Patient", "id": "p1"}
    again, _ = merge(writes, [change(2, 20, set={"gender": "male"})])
    assert again["Patient/p1"]["resource"]["gender"] == "male"


def test_no_reading_can_push_a_clock_to_where_it_cannot_go_on() -> None:
    absurd = change(1, 0, timestamp="999999999999999-ffff-alpha", set={"gender": "male"})
    far = change(1, 0, timestamp="253402300799999-ffff-alpha", set={"gender": "male"})
    assert [one["outcome"] for one in merge({}, [absurd, far])[1]] == [REJECTED, CREATED]


def test_what_a_writer_had_seen_is_checked_to_the_last_character() -> None:
    for seen in ("000000000000001-0000-\x00", "000000000000001-0000-a\tb", "000000000000001-0000-"):
        odd = change(1, 10, set={"gender": "male"}, base={"gender": [seen]})
        assert merge({}, [odd])[1][0]["outcome"] == REJECTED
    odd = change(1, 10, set={"gender": "male"}, base={"gen\x00der": []})
    assert merge({}, [odd])[1][0]["outcome"] == REJECTED


def test_half_a_character_is_refused() -> None:
    half = change(1, 10, set={"name": [{"text": "a\ud83d"}]})
    assert merge({}, [half])[1][0]["issues"][0]["code"] == "invalid"
