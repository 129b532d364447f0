"""Work that is kept aside: written here, kept by the server, and in nobody's record.

It comes of a tablet that was copied or put back from an image: another has written under the
same name. A person who knows decides for each entry whether it is said again, as new work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text
from pwa.py.domain.issues import issue
from pwa.py.workflow.transaction import retry_when_stale

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue
    from pwa.py.workflow.record import Record

SET_ASIDE = "set_aside"
LIST_MAX = 500


class SetAside:
    def __init__(self, record: Record) -> None:
        self._record = record

    async def count(self) -> int:
        return await self._record.store.count("outbox", SET_ASIDE)

    async def list(self) -> list[dict[str, Any]]:
        """The first of them, oldest first, with what each set."""
        rows = await self._record.store.list("outbox", state=SET_ASIDE, limit=LIST_MAX)
        return [self._describe(row) for row in rows]

    async def send_again(self, number: int) -> list[Issue]:
        """Says it once more, in its author's name, as new work of today. Issues: it cannot be."""

        async def attempt() -> list[Issue]:
            row = await self._record.store.get("outbox", number)
            if row is None or row["state"] != SET_ASIDE:
                return []
            old = json_text.loads(row["text"].split("\n", 1)[0])
            patient = old["patient"]
            chart = await self._record.open(patient)
            is_patient = old["resource"] == "Patient/" + patient
            if not is_patient and (chart is None or "Patient/" + patient not in chart):
                return [issue("not-found", "Send the patient's own entry first", "patient")]
            draft = changes.repeat(old)
            # It stands for nothing that the server has refused.
            draft.pop("replaces", None)
            seen = [("outbox", number, row["version"])]
            removes = [("outbox", number)]
            return await self._record.write_once(patient, [draft], removes=removes, expected=seen)

        return await retry_when_stale(attempt)

    async def leave(self, number: int) -> None:
        """It stays aside for good: the server keeps its text, and this list forgets it."""

        async def attempt() -> None:
            row = await self._record.store.get("outbox", number)
            if row is not None and row["state"] == SET_ASIDE:
                removes = [("outbox", number)]
                seen = [("outbox", number, row["version"])]
                await self._record.store.commit([], removes=removes, expected=seen)

        await retry_when_stale(attempt)

    def _describe(self, row: Any) -> dict[str, Any]:
        change = json_text.loads(row["text"].split("\n", 1)[0])
        entry = self._record.directory.get(change["patient"])
        return {
            "number": row["key"],
            "resource": change["resource"],
            "patient": change["patient"],
            "name": "" if entry is None else entry["name"],
            "timestamp": change["timestamp"],
            "set": change["set"],
        }
