"""What withdrawing a refused change takes with it, and what it leaves of the chart.

`own` are the changes of this device that the server does not have in the patient's record: the
refused, the waiting and the withdrawn. A line that was made by these alone can be made anew
without the withdrawn; of any other the server has to be asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import dependence
from pwa.py.domain.chart import Chart

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from pwa.py.domain.shapes import Change, Row


def followers(
    first: Change, awaited: int, own: Sequence[Any], awaiting: Sequence[int], chart: Chart
) -> list[int]:
    """The numbers of those that build upon a change, in order. `awaited` is what it waits for
    itself, `awaiting` are those of which the server said that they wait for it. With a visit that
    the server does not have goes all that was recorded in it and is not there either. Of a chart
    that is not here (empty) it is not known what is there: only what names the change follows."""
    stamps = {change["timestamp"] for change in own}
    found: list[int] = []
    refusals: dict[str, list[Any]] = {}
    _note(refusals, first, awaited)
    visit = first["resource"]
    is_visit = visit.startswith("Encounter/") and not _there([visit], chart, stamps)
    later = [change for change in own if change["number"] > first["number"]]
    for change in sorted(later, key=lambda one: one["number"]):
        keys = [change["resource"], "Patient/" + change["patient"]]
        there: dict[str, Any] = _there(keys, chart, stamps) if chart.size else dict.fromkeys(keys)
        is_told = change["number"] in awaiting
        entry = chart.get(change["resource"]) if is_visit else None
        is_within = entry is not None and "Encounter/" + entry.encounter == visit
        is_within = is_within and change["resource"] not in there
        if is_told or is_within or dependence.waits_for(change, refusals, there) is not None:
            found.append(change["number"])
            _note(refusals, change, first["number"])
    return found


def rebuild(
    chart: Chart, gone: Sequence[Any], left: Sequence[Any], own: Sequence[Any]
) -> tuple[Chart, bool]:
    """The chart without the changes `gone`, as far as it can be made here, where of `own` those
    of `left` remain; and whether the server has to be asked for the rest."""
    stamps = {change["timestamp"] for change in own}
    keys = {change["resource"] for change in gone}
    there = _there(keys, chart, stamps)
    ours = [key for key in keys if key in chart and key not in there]
    kept = [line for line in chart.text().split("\n") if line.split("\t", 1)[0] not in ours]
    rebuilt = Chart("\n".join(kept))
    rebuilt.was_folded = chart.was_folded
    again = [change for change in left if change["resource"] in ours]
    rebuilt.apply(sorted(again, key=lambda one: one["number"]))
    return rebuilt, there != {}


def _note(refusals: dict[str, list[Any]], change: Change, awaited: int) -> None:
    refusal = {"number": change["number"], "resource": change["resource"]}
    refusal.update({"timestamp": change["timestamp"], "waits_for": awaited, "is_withdrawn": False})
    refusals.setdefault(change["resource"], []).append(refusal)


def _there(keys: Iterable[str], chart: Chart, stamps: set[str]) -> dict[str, Any]:
    """Those of the keys of which the server has something: it has told a sequence, or they hold
    what is not of these timestamps. The sequence decides alone where an own change has replaced
    all that stood there before."""
    rows: dict[str, Any] = {}
    for key in keys:
        entry = chart.get(key)
        if entry is not None:
            row = entry.row()
            if entry.sequence > 0 or not _timestamps(row) <= stamps:
                rows[key] = row
    return rows


def _timestamps(row: Row) -> set[str]:
    found = set(row["by"])
    for siblings in row.get("siblings", {}).values():
        found.update([sibling["timestamp"] for sibling in siblings])
    return found
