"""Settling conflicts and taking decisions back, as actions of the schedule; and what must hold:
a field with differing values closes only by a change that names them.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pwa.py.domain import changes, judgements, schema
from pwa.py.domain.chart import Chart
from pwa.py.domain.merge import live_timestamps, same
from pwa.py.workflow.judgements import Judgements
from tests.charts import whole_chart
from tests.simulation.judging import require

if TYPE_CHECKING:
    from tests.simulation.tablet import Tab, Tablet
    from tests.simulation.world import World

THINKS_MS_MAX = 5_000
DISAGREED = {"Condition": "note", "Observation": "note", "Encounter": "reasonCode"}
DISAGREED |= {"AllergyIntolerance": "note", "CarePlan": "status"}
# What may be answered to a decision: the chart was let go meanwhile, the entry was edited.
OVERTAKEN = {"not-found", "conflict"}


def disagree(world: World, one: int, two: int, three: int) -> None:
    """Two people write upon the same page of a chart, neither seeing what the other wrote."""
    tab, patient = world.chart(one, two)
    if tab is None:
        return
    markers = (world.marker(), world.marker())

    async def journey(tab: Tab) -> None:
        await tab.desk.note_use(patient)
        chart = whole_chart(tab.tablet.disk, patient)
        keys = [key for key in sorted(chart.keys()) if key.split("/")[0] in DISAGREED]
        row = chart.row(keys[three % len(keys)]) if keys else None
        if row is None:
            return
        kind = row["resource"]["resourceType"]
        for marker in markers:
            fields: dict[str, Any] = {DISAGREED[kind]: [{"text": marker}]}
            if schema.is_fact(kind):
                fields["status"] = "amended"
            await tab.record.write(patient, [changes.amend(row, fields)])

    tab.act(journey)


def settle(world: World, one: int, two: int, three: int) -> None:
    """Somebody reads what differs, thinks for a while, and decides upon what was shown."""
    tab = world.tab(one)
    if tab is None:
        return
    marker, changed_mind = world.marker(), world.marker()

    async def journey(tab: Tab) -> None:
        found = await _open(tab, two, "conflicts")
        if found is None:
            return
        patient, conflict = found
        choices = {
            field["field"]: _choice(field, three >> at)
            for at, field in enumerate(conflict["fields"])
        }
        await world.scheduler.sleep(three % THINKS_MS_MAX, tab)
        if three % 3 == 0 and not await _write_meanwhile(tab, patient, conflict, marker):
            return
        issues = await tab.review.settle(patient, conflict, choices, f"because {marker}")
        if issues:
            _require_overtaken(issues)
            return
        seen = {field["field"]: sorted(field["seen"]) for field in conflict["fields"]}
        if schema.is_fact(conflict["type"]):
            seen = None  # With the status, which is set along.
        tab.tablet.oracle.returned(tab.tablet, conflict["resource"], marker, seen)
        if three % 2:
            again = await tab.review.open(patient)
            for decision in [] if again is None else again["decisions"]:
                if decision["resource"] == conflict["resource"] and decision["can_undo"]:
                    await _take_back(tab, patient, decision, changed_mind)
                    return

    tab.act(journey)


def judge(world: World, one: int, two: int, three: int) -> None:
    """Somebody opens the form of an entry, thinks, and saves it; at times takes it back. Its base
    is what was opened, whatever has come meanwhile."""
    tab, patient = world.chart(one, two)
    if tab is None:
        return
    marker = world.marker()

    async def journey(tab: Tab) -> None:
        await tab.desk.note_use(patient)
        keys = sorted(whole_chart(tab.tablet.disk, patient).keys())
        keys = [key for key in keys if key.split("/")[0] in judgements.FORMS]
        if keys:
            await _judge(world, tab, patient, keys[three % len(keys)], marker, three)

    tab.act(journey)


async def _judge(world: World, tab: Tab, patient: str, key: str, marker: str, three: int) -> None:
    desk = Judgements(tab.record)
    found = await desk.open(patient, key)
    if found is None or found["open"]:
        return
    opened = found["opened"]
    form = judgements.read(opened["resource"]) | {"note": marker}
    held = live_timestamps(opened, "note")
    seen = {"note": sorted(held)} if held else {}
    await world.scheduler.sleep(three % THINKS_MS_MAX, tab)
    if three % 4 == 1:
        # Somebody else has had the same form open, and was faster.
        said = form | {"note": f"{marker} faster"}
        await desk.edit(patient, opened, said, f"because {marker}")
    answer = await desk.edit(patient, opened, form, f"because {marker}")
    if answer["issues"]:
        _require_overtaken(answer["issues"])
        return
    tab.tablet.oracle.returned(tab.tablet, key, marker, seen)
    if three % 3 == 0:
        changed_mind = f"undone {marker}"
        issues = await desk.undo(patient, key, answer["timestamp"], changed_mind)
        _require_overtaken(issues)
        if not issues:
            tab.tablet.oracle.returned(tab.tablet, key, changed_mind)


async def _write_meanwhile(tab: Tab, patient: str, conflict: Any, marker: str) -> bool:
    """In another tab, where the page was opened before any of this, one more value is written."""
    fields: dict[str, Any] = {conflict["fields"][0]["field"]: [{"text": f"late {marker}"}]}
    if conflict["type"] == "Patient":
        return True  # Its fields have shapes of their own.
    if schema.is_fact(conflict["type"]):
        fields["status"] = "amended"
    draft = {"patient": patient, "resource": conflict["resource"], "base": {}, "set": fields}
    return await tab.record.write(patient, [draft]) == []


def undo(world: World, one: int, two: int, three: int) -> None:
    tab = world.tab(one)
    if tab is None:
        return
    marker = world.marker()

    async def journey(tab: Tab) -> None:
        found = await _open(tab, two, "decisions")
        if found is None:
            return
        patient, decision = found
        await world.scheduler.sleep(three % THINKS_MS_MAX, tab)
        await _take_back(tab, patient, decision, marker)

    tab.act(journey)


async def _take_back(tab: Tab, patient: str, decision: Any, marker: str) -> None:
    issues = await tab.review.undo(patient, decision, f"because {marker}")
    if issues:
        _require_overtaken(issues)
        return
    tab.tablet.oracle.returned(tab.tablet, decision["resource"], marker)
    written = tab.tablet.oracle.changes_with(marker)
    said = [change for change in written if change["resource"] == decision["resource"]]
    for field in decision["fields"]:
        if field["is_live"]:
            values = [change["set"][field["field"]] for change in said]
            is_open = any(not same(value, values[0]) for value in values)
            require(is_open, "an undone decision opens nothing", said)


async def _open(tab: Tab, two: int, part: str) -> tuple[str, Any] | None:
    """A patient and one of the conflicts, or of the decisions that can be taken back."""
    patients = sorted(tab.directory.conflicted())
    if part == "decisions":
        patients = sorted(str(key) for key in tab.tablet.disk.rows("charts"))
    if not patients:
        return None
    patient = patients[(two % 3 if two % 4 else two) % len(patients)]
    await tab.desk.note_use(patient)
    found = await tab.review.open(patient)
    listed = [] if found is None else found[part]
    if part == "decisions":
        listed = [one for one in listed if one["can_undo"]]
    return (patient, listed[(two >> 4) % len(listed)]) if listed else None


def _choice(field: Any, number: int) -> dict[str, Any]:
    if field["ways"]["both"] and number % 3 == 0:
        return {"way": "both"}
    if field["ways"]["editor"] == "text" and number % 5 == 0:
        return {"way": "write", "text": f"another {number}"}
    return {"way": "choose", "option": number % len(field["options"])}


def _require_overtaken(issues: Any) -> None:
    assert {issue["code"] for issue in issues} <= OVERTAKEN, issues


class Settled:
    """Watches the charts of every tablet for a conflict that closes by itself."""

    def __init__(self) -> None:
        # {(resource, field): timestamps that some change has named as seen}
        self._named: dict[tuple[str, str], set[str]] = {}

    def written(self, change: Any) -> None:
        for field, seen in change["base"].items():
            if field in change["set"]:
                self._named.setdefault((change["resource"], field), set()).update(seen)

    def closed_unnamed(self, tablet: Tablet, patient: str, before: str) -> list[Any]:
        """Values that stood in a conflict before a commit, and were let go of by nobody."""
        if '"siblings"' not in before:
            return []
        after = whole_chart(tablet.disk, patient)
        if not after.size:
            return []  # The chart has left the device; the server has it.
        found: list[Any] = []
        for entry in Chart(before).holding("siblings"):
            row = after.row(entry.key)
            held = json.loads(entry.body).get("siblings", {})
            for field, siblings in held.items():
                # The one that is left when all others were withdrawn stands, and is no conflict.
                standing = [] if row is None else live_timestamps(row, field)
                gone = {one["timestamp"] for one in siblings} - set(standing)
                gone -= self._named.get((entry.key, field), set())
                if gone and any(not same(one["value"], siblings[0]["value"]) for one in siblings):
                    found += [(entry.key, field, stamp) for stamp in sorted(gone)]
        return found
