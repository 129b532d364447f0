"""What a clinician can do with the record on this device: find, register, open, record.

How it is written is told in `record`. The desk knows no page and no transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import (
    changes,
    encounters,
    entry_state,
    folding,
    json_text,
    outbox,
    patients,
    view,
)
from pwa.py.domain.transaction import put

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.domain.shapes import Issue
    from pwa.py.workflow.record import Record

# How an entry of which such a change is unfinished is called; the later word counts for more.
# What waits is "sent" while a request carries it.
_WORDS = (
    (outbox.WITHDRAWN, entry_state.WITHDRAWN),
    (outbox.WAITING, entry_state.SAVED),
    (outbox.REFUSED, entry_state.ATTENTION),
)
FIND_LIMIT = 50
SIMILAR_LIMIT = 5
ENCOUNTERS_SHOWN = 20


class Desk:
    """The journeys of one signed-in person on one device."""

    def __init__(
        self, record: Record, new_id: Callable[[], str], is_sent: Callable[[Any], bool]
    ) -> None:
        """`is_sent` tells of a change's number whether it is on its way to the server now."""
        self._record = record
        self._store = record.store
        self._directory = record.directory
        self._now_ms = record.now_ms
        self._new_id = new_id
        self._is_sent = is_sent

    @property
    def patient_count(self) -> int:
        return len(self._directory)

    def is_held(self, patient: str) -> bool:
        """Whether the chart of a patient is on this device."""
        return self._directory.get(patient) is not None

    def find_patients(self, text: str, limit: int = FIND_LIMIT) -> list[dict[str, Any]]:
        return self._directory.find(text, limit)

    def similar_patients(self, form: dict[str, Any]) -> list[dict[str, Any]]:
        """Those in the directory who may be the person on a registration form."""
        fields = patients.read_form(form)
        similar: list[dict[str, Any]] = []
        for query in (fields["nik"], fields["bpjs"], fields["mrn"], fields["name"]):
            if not query or len(similar) >= SIMILAR_LIMIT:
                continue
            for entry in self._directory.find(query, FIND_LIMIT):
                is_new = all([entry["id"] != known["id"] for known in similar])
                if is_new and patients.is_same_person(entry, form):
                    similar.append(entry)
        return similar[:SIMILAR_LIMIT]

    def new_id(self) -> str:
        """An id for a form to carry: however often and from wherever the form is saved, the
        record takes it once (`"id"` of the forms below; an issue `duplicate` for the rest)."""
        return self._new_id()

    async def register_patient(self, form: dict[str, Any], draft: str = "") -> dict[str, Any]:
        """{"id", "issues"}: the new patient's id, or what to mend on the form and no id.

        The form's draft goes in the same transaction that saves it.
        """
        issues = patients.check_form(form, self._now_ms())
        if issues:
            return {"id": None, "issues": issues}
        patient = form.get("id") or self._new_id()
        created = changes.create(patients.build(form, patient), patient)
        issues = await self._write(patient, [created], "Patient/" + patient, draft)
        return {"id": None if issues else patient, "issues": issues}

    async def record_encounter(
        self, patient: str, form: dict[str, Any], draft: str = ""
    ) -> dict[str, Any]:
        """{"id", "issues"}: the new encounter's id, or what to mend on the form and no id."""
        issues = encounters.check_form(form)
        if issues:
            return {"id": None, "issues": issues}
        built = encounters.build(form, patient, self._now_ms(), self._new_id)
        drafts = [changes.create(one, patient) for one in built]
        encounter = built[0]["id"]
        issues = await self._write(patient, drafts, "Encounter/" + encounter, draft)
        return {"id": None if issues else encounter, "issues": issues}

    async def open_chart(self, patient: str, encounters_max: int = ENCOUNTERS_SHOWN) -> Any:
        """The chart as `domain.view` shows it; None when the device holds no such patient."""
        is_recent = encounters_max <= folding.ENCOUNTERS_KEPT
        open_chart = self._record.open_recent if is_recent else self._record.open
        chart = await open_chart(patient)
        if chart is None:
            return None
        return view.view(chart, patient, await self._states(patient), encounters_max)

    async def note_use(self, patient: str) -> None:
        """Somebody opened the chart: it stays on the device for a while."""
        await self._record.note_use(patient)

    async def save_draft(self, name: str, form: dict[str, Any]) -> None:
        """Keeps what is typed in a form, encrypted, until it is saved or dropped."""
        await self._store.commit([put("drafts", name, json_text.dumps(form))])

    async def load_draft(self, name: str) -> dict[str, Any] | None:
        row = await self._store.get("drafts", name)
        return None if row is None else json_text.loads(row["text"])

    async def drop_draft(self, name: str) -> None:
        await self._store.commit([], removes=[("drafts", name)])

    async def _write(
        self, patient: str, drafts: list[dict[str, Any]], is_new: str, form_draft: str
    ) -> list[Issue]:
        removes = [("drafts", form_draft)] if form_draft else []
        return await self._record.write(patient, drafts, is_new, removes=removes)

    async def _states(self, patient: str) -> dict[str, str]:
        """For each resource of a patient with unfinished changes, how far they have come."""
        states: dict[str, str] = {}
        for state, word in _WORDS:
            for row in await self._store.list("outbox", patient=patient, state=state):
                key = outbox.change_of(row)["resource"]
                is_sent = word == entry_state.SAVED and self._is_sent(row["key"])
                # Of an entry that was changed twice, all has to be on its way.
                is_sent = is_sent and states.get(key) != entry_state.SAVED
                states[key] = entry_state.SENT if is_sent else word
        return states
