"""What the server refused: the list with its reasons, and the ways to go on.

Each way is one transaction. What builds upon a refused change goes with it: it is said again
after it, or withdrawn with it. The server hears of a withdrawal with the next exchange; until
then it can be taken back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text, outbox, withdrawal
from pwa.py.domain.chart import Chart
from pwa.py.domain.outbox import DONE, REFUSED, WAITING, WITHDRAWN
from pwa.py.domain.transaction import put, retry_when_stale

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pwa.py.domain.shapes import Issue
    from pwa.py.store.contract import Put
    from pwa.py.workflow.record import Record

FOLLOW_MAX = 1_000


class Refusals:
    """Refused work is not lost: it stays here until somebody decides what becomes of it."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._store = record.store

    async def list(self) -> list[dict[str, Any]]:
        """All that was refused, oldest first; `waits_for` is the one to be settled before."""
        rows = await self._store.list("outbox", state=REFUSED)
        by_number: dict[Any, Any] = {row["key"]: row for row in rows}
        refusals: list[dict[str, Any]] = []
        for row in rows:
            awaited, _ = await self._awaited(row, by_number)
            refusals.append(self._refusal(row, awaited))
        return refusals

    async def followers(self, number: int) -> list[int]:
        """The numbers of the changes that build upon a refused one."""
        row = await self._store.get("outbox", number)
        if row is None or row["state"] != REFUSED:
            return []
        chart = await self._chart(row["patient"])
        return self._followers(row, await self._own(row["patient"]), chart)

    async def send_again(self, number: int) -> None:
        """Says a refused change once more, as it was, and after it what builds upon it."""
        await retry_when_stale(lambda: self._say_again([number], None))

    async def mend(self, number: int, fields: dict[str, Any], draft: str = "") -> list[Issue]:
        """Says in place of a refused change what it ought to have said, and after it what
        builds upon it; issues mean that nothing was written. The form's draft goes along."""
        return await retry_when_stale(lambda: self._say_again([number], fields, draft))

    async def withdraw(self, number: int, reason: str) -> list[int]:
        """Gives a refused change up, with all that builds upon it; the numbers of what went."""
        return await retry_when_stale(lambda: self._withdraw(number, reason))

    async def take_back(self, numbers: list[int]) -> bool:
        """Undoes a withdrawal; False when the server has heard of it by now."""
        return await retry_when_stale(lambda: self._take_back(numbers))

    async def heal(self, patients: list[str]) -> None:
        """Says again by itself, once, what was refused for a reason that is gone by now: its
        patient came to the server after it, or what it waited for is there."""
        for patient in patients:
            if await self._store.list("outbox", patient=patient, state=REFUSED):
                await retry_when_stale(lambda patient=patient: self._heal(patient))

    async def _heal(self, patient: str) -> None:
        rows = await self._store.list("outbox", patient=patient, state=REFUSED)
        chart = await self._record.open(patient)
        entry = None if chart is None else chart.get("Patient/" + patient)
        # Sequences of an earlier life of the server say nothing of this one.
        is_fresh = await self._record.is_fresh(patient)
        by_number: dict[Any, Any] = {row["key"]: row for row in rows}
        numbers: list[Any] = []
        for row in rows:
            _, is_free = await self._awaited(row, by_number)
            code = outbox.issues_of(row)[0]["code"]
            is_first = "replaces" not in outbox.change_of(row)
            is_there = is_fresh and entry is not None and entry.sequence > 0
            if is_first and (is_free or (code == "not-found" and is_there)):
                numbers.append(row["key"])
        if numbers:
            await self._say_again(numbers, None)

    async def _awaited(self, row: Any, refused: dict[Any, Any]) -> tuple[int, bool]:
        """The refused change that a refused one waits for now, 0 for none; and whether it did
        wait, and what it waited for is on the server."""
        number = outbox.awaited_by(row)
        if not number:
            return 0, False
        for _ in range(FOLLOW_MAX):
            if number in refused:
                return number, False
            found = await self._store.get("outbox", number)
            # Let go of long ago, it was on the server.
            if found is None:
                return 0, True
            successor = outbox.replaced_by(found)
            if not successor:
                return 0, found["state"] == DONE and not outbox.reason_of(found)
            number = successor
        return 0, False

    async def _chart(self, patient: str) -> Chart:
        """The chart that refused work stands in. An empty one where it was let go, before a
        restored server lost what it had taken; then it is fetched, if the server has it."""
        chart = await self._record.open(patient)
        return Chart() if chart is None else chart

    async def _own(self, patient: str) -> dict[int, Any]:
        """The rows of this device's changes that the patient's record lacks, by number."""
        own: dict[Any, Any] = {}
        for state in (REFUSED, WAITING, WITHDRAWN):
            for row in await self._store.list("outbox", patient=patient, state=state):
                own[row["key"]] = row
        return own

    def _followers(self, row: Any, own: dict[int, Any], chart: Chart) -> list[int]:
        alive = [one for one in own.values() if _is_alive(one)]
        awaiting = [one["key"] for one in alive if outbox.awaited_by(one) == row["key"]]
        first, awaited = outbox.change_of(row), outbox.awaited_by(row)
        return withdrawal.followers(first, awaited, _changes(alive), awaiting, chart)

    async def _say_again(
        self, numbers: list[int], fields: dict[str, Any] | None, draft: str = ""
    ) -> list[Issue]:
        """Of one patient. `fields` are for the one number that is mended."""
        found = await self._store.get_many("outbox", numbers)
        rows = {row["key"]: row for row in found if row is not None and row["state"] == REFUSED}
        if not rows:
            return []
        patient = next(iter(rows.values()))["patient"]
        chart = await self._chart(patient)
        own = await self._own(patient)
        for number in list(rows):
            for follower in self._followers(rows[number], own, chart):
                rows[follower] = own[follower]
        drafts: list[dict[str, Any]] = []
        replaced = [rows[number] for number in sorted(rows)]
        for row in replaced:
            change = outbox.change_of(row)
            if fields is not None and row["key"] in numbers:
                drafts.append(changes.mend(change, fields, self._record.author))
            else:
                drafts.append(changes.repeat(change))
        removes = [("drafts", draft)] if draft else []
        return await self._record.write_once(patient, drafts, removes=removes, replaced=replaced)

    async def _withdraw(self, number: int, reason: str) -> list[int]:
        row = await self._store.get("outbox", number)
        if row is None or row["state"] != REFUSED:
            return []
        version, chart = await self._record.take(row["patient"])
        own = await self._own(row["patient"])
        if number not in own or own[number]["state"] != REFUSED:
            # Another tab has given it up, or said it again, since it was looked at.
            return []
        gone = [number] + self._followers(row, own, chart)
        rows = [own[one] for one in gone]
        left = [one for one in own.values() if _is_alive(one) and one["key"] not in gone]
        chart, is_asked = withdrawal.rebuild(
            chart, _changes(rows), _changes(left), _changes(own.values())
        )
        device = await self._store.get("meta", "device")
        assert device is not None, "refused work comes of an enrolled device"
        name = json_text.loads(device["text"])["device"]
        puts = [_withdrawn(one, reason, name) for one in rows]
        await self._record.rewrite_once(row["patient"], version, chart, puts, rows, is_asked)
        return gone

    async def _take_back(self, numbers: list[int]) -> bool:
        found = await self._store.get_many("outbox", numbers)
        rows = [row for row in found if row is not None and row["state"] == WITHDRAWN]
        if len(rows) < len(numbers):
            return False
        patient = rows[0]["patient"]
        version, chart = await self._record.take(patient)
        is_here = chart.size > 0
        chart.apply(_changes(rows))
        # A patient whose registration was taken back begins with it; of any other there is more.
        whole = chart if is_here or "Patient/" + patient in chart else None
        puts: list[Put] = []
        for row in rows:
            note = outbox.note_of(row)
            issues = note["issues"] if note["was"] == REFUSED else None
            text = outbox.noted(outbox.text_of(row), issues)
            puts.append(put("outbox", row["key"], text, patient, note["was"]))
        await self._record.rewrite_once(patient, version, whole, puts, rows, not is_here)
        return True

    def _refusal(self, row: Any, awaited: int) -> dict[str, Any]:
        change = outbox.change_of(row)
        entry = self._record.directory.get(change["patient"])
        return {
            "number": change["number"],
            "resource": change["resource"],
            "patient": change["patient"],
            "name": "" if entry is None else entry["name"],
            "timestamp": change["timestamp"],
            "reason": change.get("reason", ""),
            "set": change["set"],
            "issues": outbox.issues_of(row),
            "waits_for": awaited,
        }


def _is_alive(row: Any) -> bool:
    """Whether what an unfinished row says stands in the chart."""
    return row["state"] != WITHDRAWN and not outbox.replaced_by(row)


def _changes(rows: Iterable[Any]) -> list[Any]:
    return [outbox.change_of(row) for row in rows]


def _withdrawn(row: Any, reason: str, device: str) -> Put:
    """Work of an earlier chain of this store cannot be told of any more: it is done at once."""
    note = {"reason": reason, "was": row["state"], "issues": outbox.issues_of(row)}
    text = outbox.noted(outbox.text_of(row), note)
    is_own = outbox.change_of(row)["device"] == device
    return put("outbox", row["key"], text, row["patient"], WITHDRAWN if is_own else DONE)
