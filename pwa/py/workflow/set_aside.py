"""Work that is kept aside: written here, kept by the server, and in nobody's record.

It comes of a tablet that was copied or put back from an image: another has written under the
same name. A person who knows decides for each entry whether it is said again, as new work.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, encounters, names, outbox
from pwa.py.domain.outbox import LEFT, SET_ASIDE
from pwa.py.domain.transaction import put, retry_when_stale

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.shapes import Issue
    from pwa.py.workflow.record import Record

LIST_MAX = 500
NOTE_CHARACTERS_MAX = 160


class SetAside:
    def __init__(self, record: Record) -> None:
        self._record = record

    async def count(self) -> int:
        return await self._record.store.count("outbox", SET_ASIDE)

    async def list(self) -> list[dict[str, Any]]:
        """The first of them, oldest first, with what each set; the name is None where the patient
        is not on this device."""
        rows = await self._record.store.list("outbox", state=SET_ASIDE, limit=LIST_MAX)
        found = [outbox.change_of(row) for row in rows]
        # A patient who was registered in such work is in no directory.
        registered: dict[str, str] = {}
        for change in found:
            if change["resource"] == "Patient/" + change["patient"]:
                name = names.person_name(change["set"])
                registered[change["patient"]] = name or registered.get(change["patient"], "")
        return [self._describe(change, registered) for change in found]

    async def send_again(self, number: int) -> list[Issue]:
        """Says it once more, in its author's name, as new work of today. Issues: it cannot be, as
        where its patient is not here: then the patient's own entry goes first."""

        async def attempt() -> list[Issue]:
            row = await self._record.store.get("outbox", number)
            if row is None or row["state"] != SET_ASIDE:
                return []
            old = outbox.change_of(row)
            patient = old["patient"]
            own = "Patient/" + patient
            is_new = ""
            if old["resource"] == own and await self._record.open(patient) is None:
                is_new = own
            draft = changes.repeat(old)
            # It stands for nothing that the server has refused.
            draft.pop("replaces", None)
            # Somebody else may have brought the patient into the record: not held here, the chart
            # that is begun now is not all of it.
            return await self._record.write_once(
                patient,
                [draft],
                is_new,
                removes=[("outbox", number)],
                expected=[("outbox", number, row["version"])],
                is_wanted=is_new != "",
            )

        return await retry_when_stale(attempt)

    async def leave(self, number: int, reason: str) -> bool:
        """It stays aside, for this reason: the server keeps its text and is told with the next
        exchange; then this device forgets it. False when it is on the list no more."""
        return await self._move(number, SET_ASIDE, LEFT, {"reason": reason})

    async def take_back(self, number: int) -> bool:
        """Puts what was left onto the list again; False when the server has been told by now."""
        return await self._move(number, LEFT, SET_ASIDE, None)

    async def _move(self, number: int, came: str, goes: str, note: Any) -> bool:
        async def attempt() -> bool:
            row = await self._record.store.get("outbox", number)
            if row is None or row["state"] != came:
                return False
            text = outbox.noted(outbox.text_of(row), note)
            moved = put("outbox", number, text, row["patient"], goes)
            seen = [("outbox", number, row["version"])]
            await self._record.store.commit([moved], expected=seen)
            return True

        return await retry_when_stale(attempt)

    def _describe(self, change: Any, registered: dict[str, str]) -> dict[str, Any]:
        patient = change["patient"]
        entry = self._record.directory.get(patient)
        fields = change["set"]
        note = encounters.note_text(fields)
        return {
            "number": change["number"],
            "resource": change["resource"],
            "patient": patient,
            "name": registered.get(patient) if entry is None else entry["name"],
            "timestamp": change["timestamp"],
            "about": _about(fields),
            "quantity": fields.get("valueQuantity"),
            "note": note if len(note) <= NOTE_CHARACTERS_MAX else note[:NOTE_CHARACTERS_MAX] + "…",
        }


def _about(fields: dict[str, Any]) -> list[str]:
    """What an entry is about, as far as a line can tell."""
    parts = [names.concept(one) for one in names.items(fields.get("reasonCode"))]
    for name in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        parts.append(names.concept(fields.get(name)))
    return [part for part in parts if part]
