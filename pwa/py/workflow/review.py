"""Settling conflicts: what is open, a decision with its reason, and taking a decision back.

Decisions are ordinary changes: they are saved here with or without a network, and synchronise.
Two people who decide differently without the other's knowledge have written two values once
more, and that is a new conflict for somebody to settle; nothing is ever settled by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import conflicts, entry_state, names, settling
from pwa.py.domain.issues import issue, required

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue
    from pwa.py.workflow.record import Record


class Review:
    """The conflicts of the charts on this device."""

    def __init__(self, record: Record) -> None:
        self._record = record

    @property
    def count(self) -> int:
        """How many fields are open, over all patients."""
        return sum(self._record.directory.conflicted().values())

    def patients(self) -> list[dict[str, Any]]:
        """Those with open conflicts, as the directory shows them; no chart is opened."""
        found: list[dict[str, Any]] = []
        for patient in self._record.directory.conflicted():
            entry = self._record.directory.get(patient)
            if entry is not None:
                found.append(entry)
        return sorted(found, key=lambda entry: (entry["name"], entry["id"]))

    async def open(self, patient: str) -> dict[str, Any] | None:
        """{"name", "conflicts", "decisions"} of a chart; None when it is not on this device."""
        chart = await self._record.open(patient)
        entry = None if chart is None else chart.get("Patient/" + patient)
        if chart is None or entry is None:
            return None
        found = conflicts.open_conflicts(chart)
        for conflict in found:
            for one in conflict["fields"]:
                one["ways"] = settling.ways(conflict["type"], one["field"], one["options"])
        return {
            "name": names.person_name(entry.resource()),
            "conflicts": found,
            "decisions": conflicts.decisions(chart),
        }

    async def settle(
        self, patient: str, conflict: Any, choices: dict[str, Any], reason: str, draft: str = ""
    ) -> list[Issue]:
        """Writes a decision on some fields of a resource as they were shown (`conflict`):
        {field: {"way": "choose", "option"}, {"way": "write", "text"} or {"way": "both"}}. The
        form's draft goes in the same transaction."""
        issues = settling.check(conflict, choices, reason)
        chart = None if issues else await self._record.open(patient)
        row = None if chart is None else chart.row(conflict["resource"])
        if issues or chart is None or row is None:
            return issues or [_gone()]
        drafts = settling.settle(row, conflict, choices, reason)
        # An entry that another device has split off meanwhile is there already.
        drafts = drafts[:1] + [one for one in drafts[1:] if one["resource"] not in chart]
        removes = [("drafts", draft)] if draft else []
        return await self._record.write(patient, drafts, removes=removes)

    async def undo(self, patient: str, decision: Any, reason: str) -> list[Issue]:
        """Opens again what a decision (of `open`) settled, unless it was edited since."""
        if not reason.strip():
            return [required("reason")]
        chart = await self._record.open(patient)
        if chart is None:
            return [_gone()]
        now = [
            one
            for one in conflicts.decisions(chart)
            if one["timestamp"] == decision["timestamp"]
            and one["resource"] == decision["resource"]
            and one["can_undo"]
            # What was shown as one is never taken back in part without a word.
            and _live(one) == _live(decision)
        ]
        row = chart.row(decision["resource"])
        if not now or row is None:
            return [issue("conflict", "This was changed since; it cannot be taken back")]
        drafts = settling.undo(row, now[0], reason)
        for key in settling.copy_keys(now[0]):
            copy = chart.row(key)
            if copy is not None and not entry_state.is_withdrawn(copy["resource"]):
                drafts.append(settling.withdraw(copy, reason))
        return await self._record.write(patient, drafts)


def _live(decision: Any) -> list[str]:
    return [one["field"] for one in decision["fields"] if one["is_live"]]


def _gone() -> Issue:
    return issue("not-found", "This entry is not on this device any more")
