"""Editing the judgements of a chart: a diagnosis, an allergy, a medicine, one entry at a time.

An edit is an ordinary change whose base is what its writer had opened, however long ago that
was. Values that differ are settled in `review`, and nowhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import conflicts, judgements, names, settling
from pwa.py.domain.issues import issue, required
from pwa.py.domain.merge import live_timestamps
from pwa.py.domain.transaction import retry_when_stale

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue
    from pwa.py.workflow.record import Record


class Judgements:
    def __init__(self, record: Record) -> None:
        self._record = record

    async def open(self, patient: str, key: str) -> dict[str, Any] | None:
        """An entry to be edited; None where the device has none, or the type has no form.

        `opened` is what `edit` and `withdraw` have to be given back.
        """
        chart = await self._record.open(patient)
        row = None if chart is None else chart.row(key)
        if row is None or row["resource"]["resourceType"] not in judgements.FORMS:
            return None
        resource = row["resource"]
        error = judgements.withdrawal_stamp(row)
        return {
            "type": resource["resourceType"],
            "title": names.title(resource),
            "opened": judgements.seen_of(row),
            "open": conflicts.fields_of(row),
            "error": error,
            "error_reason": row.get("reasons", {}).get(error, ""),
            "can_restore": bool(error) and judgements.undo(row, error, "") is not None,
        }

    async def edit(
        self, patient: str, opened: Any, form: dict[str, Any], reason: str, draft: str = ""
    ) -> dict[str, Any]:
        """{"timestamp", "issues"}: what `undo` takes back by, or what to mend on the form. The
        form's draft goes in the same transaction."""
        made, issues = judgements.edit(opened, form, reason, self._record.now_ms())
        if issues:
            return {"timestamp": "", "issues": issues}
        return await self._write(patient, made, draft)

    async def withdraw(
        self, patient: str, opened: Any, reason: str, draft: str = ""
    ) -> dict[str, Any]:
        """Says that an entry was made in error; it stays in the history with its author."""
        reason = reason.strip()
        if not reason:
            return {"timestamp": "", "issues": [required("reason")]}
        return await self._write(patient, settling.withdraw(opened, reason), draft)

    async def undo(self, patient: str, key: str, timestamp: str, reason: str) -> list[Issue]:
        """Writes again what stood before an edit, unless that was edited since."""

        async def attempt() -> list[Issue]:
            chart = await self._record.open(patient)
            row = None if chart is None else chart.row(key)
            made = None if row is None else judgements.undo(row, timestamp, reason)
            if made is None:
                return [issue("conflict", "This was changed since; it cannot be taken back")]
            return await self._record.write_once(patient, [made])

        return await retry_when_stale(attempt)

    async def _write(self, patient: str, made: dict[str, Any], draft: str) -> dict[str, Any]:
        removes = [("drafts", draft)] if draft else []
        issues = await self._record.write(patient, [made], removes=removes)
        chart = None if issues else await self._record.open(patient)
        row = None if chart is None else chart.row(made["resource"])
        timestamp = ""
        if row is not None:
            timestamp = max([live_timestamps(row, field)[-1] for field in made["set"]])
        return {"timestamp": timestamp, "issues": issues}
