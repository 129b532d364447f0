"""What the server refused: the list with its reasons, and the ways to go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text
from pwa.py.workflow.transaction import put, retry_when_stale

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.workflow.record import Record

REFUSED = "refused"


class Refusals:
    """Refused work is not lost: it stays here until somebody decides what becomes of it."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def list(self) -> list[dict[str, Any]]:
        rows = await self._record.store.list("outbox", state=REFUSED)
        return [self._refusal(row) for row in rows]

    async def send_again(self, number: int) -> None:
        """Puts what a refused change said once more, as a new change with the next number."""

        async def attempt() -> None:
            row = await self._record.store.get("outbox", number)
            if row is None or row["state"] != REFUSED:
                return
            text = row["text"].split("\n", 1)[0]
            old = json_text.loads(text)
            done = put("outbox", number, text, old["patient"], "done")
            seen = ("outbox", number, row["version"])
            drafts = [changes.repeat(old)]
            await self._record.write_once(old["patient"], drafts, puts=[done], expected=[seen])

        await retry_when_stale(attempt)

    def _refusal(self, row: Any) -> dict[str, Any]:
        text, _, issues = row["text"].partition("\n")
        change = json_text.loads(text)
        entry = self._record.directory.get(change["patient"])
        return {
            "number": change["number"],
            "resource": change["resource"],
            "patient": change["patient"],
            "name": "" if entry is None else entry["name"],
            "timestamp": change["timestamp"],
            "issues": json_text.loads(issues) if issues else [],
        }
