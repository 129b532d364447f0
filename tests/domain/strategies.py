"""Hypothesis strategies: changes as several devices could have written them, in any order."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from pwa.py.domain import clock

DEVICES = ("alpha", "beta", "gamma")
FIELDS = {
    "Patient": ("name", "birthDate", "gender", "telecom"),
    "Condition": ("clinicalStatus", "code", "recorder"),
    "Observation": ("status", "valueQuantity", "note"),
    "Basic": ("code", "somethingNewer"),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "birthDate": st.sampled_from(["1980", "1980-02", "1980-02-29", None]),
    "gender": st.sampled_from(["male", "female", "other", None]),
    "status": st.sampled_from(["final", "amended"]),
}
ANY_VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(min_value=-5, max_value=5),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=3),
    st.lists(st.integers(min_value=0, max_value=2), max_size=2),
    st.dictionaries(st.sampled_from("ab"), st.integers(min_value=0, max_value=1), max_size=2),
)


@st.composite
def histories(draw: st.DrawFn, changes_max: int = 8) -> list[dict[str, Any]]:
    """Changes to one or two resources. Each has a timestamp of its own, as the clock gives, and
    its base names any of the timestamps before it: what its writer had happened to see."""
    resource_type = draw(st.sampled_from(sorted(FIELDS)))
    ids = ["p1"] if resource_type == "Patient" else ["a", "b"]
    stamps: dict[str, list[str]] = {}
    numbers = dict.fromkeys(DEVICES, 0)
    history: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(min_value=1, max_value=changes_max))):
        device = draw(st.sampled_from(DEVICES))
        numbers[device] += 1
        timestamp = clock.write(draw(st.integers(0, 5)), numbers[device], device)
        key = resource_type + "/" + draw(st.sampled_from(ids))
        names = draw(st.sets(st.sampled_from(FIELDS[resource_type]), min_size=1))
        if resource_type == "Observation":
            names.add("status")
        fields = {name: draw(VALUES.get(name, ANY_VALUE)) for name in sorted(names)}
        earlier = [seen for seen in stamps.get(key, []) if seen < timestamp]
        base: dict[str, list[str]] = {}
        for name in sorted(names):
            seen = draw(st.lists(st.sampled_from(earlier), unique=True)) if earlier else []
            if seen:
                base[name] = seen
        stamps.setdefault(key, []).append(timestamp)
        change: dict[str, Any] = {
            "device": device,
            "number": numbers[device],
            "previous": "",
            "timestamp": timestamp,
            "author": "author-" + device,
            "patient": "p1",
            "resource": key,
            "base": base,
            "set": fields,
        }
        if draw(st.booleans()):
            change["reason"] = f"because {len(history)}"
        history.append(change)
    return history
