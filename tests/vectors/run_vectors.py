"""Runs cases of tests/vectors on whichever Python this is, and answers what differed.

The one file runs on CPython (from pytest) and on MicroPython (in the page), so it keeps to what
both share. A case is `{"call": "module.function", "arguments": [...], "result": ...}`; an error
is a result that reads `{"raises": "ValueError"}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import (
    base64_text,
    changes,
    chart,
    clock,
    conflicts,
    dates,
    directory,
    encounters,
    history,
    json_text,
    merge,
    names,
    patients,
    references,
    settling,
    validate,
    values,
    view,
    vitals,
)

if TYPE_CHECKING:
    from typing import Any


def merge_in_turn(histories: list[Any]) -> Any:
    """Rows after merging each list of changes in turn, with the outcomes' words."""
    rows: dict[str, Any] = {}
    words: list[str] = []
    for changes_made in histories:
        writes, outcomes = merge.merge(rows, changes_made)
        rows.update(writes)
        words += [outcome["outcome"] for outcome in outcomes]
    return [rows, words]


def find_in(lines: list[str], query: str) -> list[str]:
    found = directory.Directory()
    staged: directory.Staged = {}
    for line in lines:
        segment = found.stage(line, staged)
        text = directory.joined(staged.pop(segment))
        found.committed(segment, found.version(segment) + 1, text)
    return sorted([entry["id"] for entry in found.find(query, 10)])


def view_of(text: str, patient: str) -> Any:
    return view.view(chart.Chart(text), patient, {}, 5)


def conflicts_in(changes_made: list[Any]) -> Any:
    """How many conflicts a chart counts, and again once it was read from its text."""
    built = chart.Chart()
    built.apply(changes_made)
    return [built.conflict_count(), chart.Chart(built.text()).conflict_count()]


def review_of(changes_made: list[Any], choices: Any) -> Any:
    """What the review shows of a chart, and the drafts of deciding the first conflict and of
    taking the first decision back."""
    built = chart.Chart()
    built.apply(changes_made)
    found = conflicts.open_conflicts(built)
    drafts: list[Any] = []
    for conflict in found[:1]:
        for field in conflict["fields"]:
            field["ways"] = settling.ways(conflict["type"], field["field"], field["options"])
        row = built.rows([conflict["resource"]])[conflict["resource"]]
        issues = settling.check(conflict, choices, "karena")
        drafts = issues or settling.settle(row, conflict, choices, "karena")
    made = conflicts.decisions(built)
    undone: list[Any] = []
    for decision in made[:1]:
        row = built.rows([decision["resource"]])[decision["resource"]]
        undone = settling.undo(row, decision, "batal") if decision["can_undo"] else []
    return [found, drafts, made, undone]


def history_of(changes_made: list[Any], key: str) -> Any:
    built = chart.Chart()
    built.apply(changes_made)
    row = built.rows([key])[key]
    known = [{"change": change, "sequence": None} for change in history.remembered(row)]
    return history.versions(known, row)


def round_trip(text: str) -> str:
    return json_text.dumps(json_text.loads(text))


def seal_texts_read_back(drafts: list[Any]) -> Any:
    """Dicts have no order on MicroPython, so the texts differ; what they say must not."""
    sealed, state = changes.seal(drafts, changes.new_device_state("t"), "a", 5)
    chain = [changes.text_hash(text) for _, text in sealed]
    is_chained = [change["previous"] for change, _ in sealed] == [""] + chain[:-1]
    said = [dict(json_text.loads(text), previous="") for _, text in sealed]
    return [said, is_chained, state["hash"] == chain[-1], state["number"]]


def _base64(text: str) -> str:
    return base64_text.encode(text.encode())


CALLS = {
    "base64.encode": _base64,
    "base64.note": encounters.note_text,
    "changes.seal": seal_texts_read_back,
    "chart.conflict_count": conflicts_in,
    "chart.index_of": lambda resource: list(chart.index_of(resource)),
    "chart.view": view_of,
    "clock.read": lambda text: list(clock.read(text)),
    "clock.tick": clock.tick,
    "conflicts.review": review_of,
    "dates.age_months": dates.age_months,
    "dates.from_milliseconds": dates.from_milliseconds,
    "dates.is_date": dates.is_date,
    "dates.to_iso_words": dates.to_iso_words,
    "dates.to_milliseconds": dates.to_milliseconds,
    "dates.to_utc": dates.to_utc,
    "directory.find": find_in,
    "directory.fold": directory.fold,
    "directory.line_of": directory.line_of,
    "encounters.check_form": encounters.check_form,
    "history.versions": history_of,
    "json_text.round_trip": round_trip,
    "merge.in_turn": merge_in_turn,
    "names.number": names.number,
    "patients.build": patients.build,
    "patients.check_form": patients.check_form,
    "references.target_id": references.target_id,
    "validate.check": validate.check,
    "values.describe": values.describe,
    "vitals.body_mass_index": vitals.body_mass_index,
    "vitals.parse": vitals.parse,
}


def run(text: str) -> list[Any]:
    """The cases of a vectors file that came out otherwise: [call, arguments, expected, got]."""
    failed: list[Any] = []
    for case in json_text.loads(text):
        got = answer(case)
        if not merge.same(got, case["result"]):
            failed.append([case["call"], case["arguments"], case["result"], got])
    return failed


def answer(case: Any) -> Any:
    """What this Python makes of a case."""
    try:
        found = CALLS[case["call"]](*case["arguments"])
    except ValueError:
        return {"raises": "ValueError"}
    return list(found) if isinstance(found, tuple) else found
