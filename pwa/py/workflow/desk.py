"""What a clinician can do with the record on this device: find, register, open, record.

Each writing journey makes one durable transaction that holds the chart, the outbox, the
directory and the device's clock, and returns only when it is complete. The network has no part
in it. The desk knows no page and no transport.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import (
    changes,
    clock,
    directory,
    encounters,
    entry_state,
    json_text,
    patients,
    view,
)
from pwa.py.domain.chart import Chart
from pwa.py.domain.issues import issue
from pwa.py.workflow.transaction import retry_when_stale

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.domain.directory import Directory
    from pwa.py.domain.shapes import Issue
    from pwa.py.store.contract import Put, Store

FIND_LIMIT = 50
SIMILAR_LIMIT = 5
ENCOUNTERS_SHOWN = 20
WAITING = "waiting"
REFUSED = "refused"


class Desk:
    """The journeys of one signed-in person on one device."""

    def __init__(
        self,
        store: Store,
        patient_directory: Directory,
        author: str,
        now_ms: Callable[[], int],
        new_id: Callable[[], str],
        on_saved: Callable[[], None],
    ) -> None:
        self._store = store
        self._directory = patient_directory
        self._author = author
        self._now_ms = now_ms
        self._new_id = new_id
        self._on_saved = on_saved
        # The chart last opened, so that saving to a long one need not read it again.
        self._opened: tuple[str, int, Chart] | None = None

    async def load(self) -> None:
        """Brings the directory into memory; again after another tab or a sync changed it."""
        self._directory.load(await self._store.list("directory"))

    @property
    def patient_count(self) -> int:
        return len(self._directory)

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
        row = await self._store.get("charts", patient)
        if row is None:
            return None
        chart = Chart(row["text"])
        self._opened = (patient, row["version"], chart)
        return view.view(chart, patient, await self._states(patient), encounters_max)

    async def outbox(self) -> dict[str, Any]:
        """How much waits for the server, and what the server refused, with its reasons."""
        refused = [self._refusal(row) for row in await self._store.list("outbox", state=REFUSED)]
        return {"waiting": await self._store.count("outbox", WAITING), "refused": refused}

    async def send_again(self, number: int) -> None:
        """Puts what a refused change said once more, as a new change with the next number."""

        async def attempt() -> None:
            row = await self._store.get("outbox", number)
            if row is None or row["state"] != REFUSED:
                return
            text = row["text"].split("\n", 1)[0]
            old = json_text.loads(text)
            patient = old["patient"]
            version, chart = await self._chart(patient)
            state_row, sealed, after = await self._seal([changes.repeat(old)], chart)
            chart.apply([change for change, _ in sealed])
            puts = [_put("outbox", number, text, patient, "done")]
            puts.append(_put("charts", patient, chart.text(), patient))
            puts += [_outbox_put(change, text) for change, text in sealed]
            puts.append(_put("meta", "device", json_text.dumps(after)))
            expected = [("outbox", number, row["version"]), _seen("meta", "device", state_row)]
            expected += [("charts", patient, version)] + _new_numbers(sealed)
            noted = self._note_in_directory(chart, patient, puts, expected)
            try:
                await self._store.commit(puts, expected=expected)
            except Exception:
                await self.load()
                raise
            if noted is not None:
                self._directory.committed(*noted)

        await retry_when_stale(attempt)
        self._on_saved()

    async def save_draft(self, name: str, form: dict[str, Any]) -> None:
        """Keeps what is typed in a form, encrypted, until it is saved or dropped."""
        await self._store.commit([_put("drafts", name, json_text.dumps(form))])

    async def load_draft(self, name: str) -> dict[str, Any] | None:
        row = await self._store.get("drafts", name)
        return None if row is None else json_text.loads(row["text"])

    async def drop_draft(self, name: str) -> None:
        await self._store.commit([], removes=[("drafts", name)])

    async def _write(
        self, patient: str, drafts: list[dict[str, Any]], is_new: str = "", form_draft: str = ""
    ) -> list[Issue]:
        """Issues mean that nothing was written. `is_new` names what must not be there yet."""
        removes = [("drafts", form_draft)] if form_draft else []

        async def attempt() -> list[Issue]:
            return await self._try_write(patient, drafts, is_new, removes)

        issues = await retry_when_stale(attempt)
        if not issues:
            self._on_saved()
        return issues

    async def _try_write(
        self, patient: str, drafts: list[dict[str, Any]], is_new: str, removes: list[Any]
    ) -> list[Issue]:
        """Seals, merges and commits once."""
        version, chart = await self._chart(patient)
        if is_new and is_new in chart:
            return [issue("duplicate", "This was saved already")]
        state_row, sealed, after = await self._seal(drafts, chart)
        issues: list[Issue] = []
        for outcome in chart.apply([change for change, _ in sealed]):
            issues += outcome["issues"]
        if issues:
            return issues
        puts = [_put("charts", patient, chart.text(), patient)]
        puts += [_outbox_put(change, text) for change, text in sealed]
        puts.append(_put("meta", "device", json_text.dumps(after)))
        expected = [("charts", patient, version), _seen("meta", "device", state_row)]
        expected += _new_numbers(sealed)
        noted = self._note_in_directory(chart, patient, puts, expected)
        try:
            await self._store.commit(puts, removes=removes, expected=expected)
        except Exception:
            # Whatever the reason, memory is now ahead of the store: read it anew.
            self._opened = None
            await self.load()
            raise
        self._opened = (patient, version + 1, chart)
        if noted is not None:
            self._directory.committed(*noted)
        return []

    async def _chart(self, patient: str) -> tuple[int, Chart]:
        """The chart with the version it was read at: the one opened last, or read anew."""
        # It is altered from here on, so that nobody else may find it meanwhile.
        opened, self._opened = self._opened, None
        if opened is not None and opened[0] == patient:
            return opened[1], opened[2]
        row = await self._store.get("charts", patient)
        return (0, Chart()) if row is None else (row["version"], Chart(row["text"]))

    async def _seal(
        self, drafts: list[dict[str, Any]], chart: Chart
    ) -> tuple[Any, Any, dict[str, Any]]:
        row = await self._store.get("meta", "device")
        assert row is not None, "a desk is opened on an enrolled device"
        state = json_text.loads(row["text"])
        for draft in drafts:
            # An edit sorts after all that its writer may have seen, whatever clock wrote that: a
            # chart that came with the snapshot has not moved the clock of this device.
            held = chart.row(draft["resource"])
            seen = [] if held is None else list(held["stamps"].values())
            for stamps in draft["base"].values():
                seen = seen + stamps
            for timestamp in seen:
                state["timestamp"] = clock.latest(state["timestamp"], timestamp)
        sealed, after = changes.seal(drafts, state, self._author, self._now_ms())
        return row, sealed, after

    def _note_in_directory(
        self, chart: Chart, patient: str, puts: list[Put], expected: list[Any]
    ) -> tuple[int, int, str] | None:
        """Adds the directory's segment to the commit when the patient's line differs: the
        segment, and the version and text it will have."""
        entry = chart.get("Patient/" + patient)
        assert entry is not None, "a chart begins with its patient"
        staged: dict[int, str] = {}
        segment = self._directory.stage(directory.line_of(entry.resource()), staged)
        version = self._directory.version(segment)
        # Also where nothing changes: what memory holds may be older than the store.
        expected.append(("directory", segment, version))
        if segment not in staged:
            return None
        puts.append(_put("directory", segment, staged[segment]))
        return segment, version + 1, staged[segment]

    async def _states(self, patient: str) -> dict[str, str]:
        """For each resource of a patient with unfinished changes, how far they have come."""
        states: dict[str, str] = {}
        for state, word in ((WAITING, entry_state.SAVED), (REFUSED, entry_state.ATTENTION)):
            for row in await self._store.list("outbox", patient=patient, state=state):
                change = json_text.loads(row["text"].split("\n", 1)[0])
                states[change["resource"]] = word
        return states

    def _refusal(self, row: Any) -> dict[str, Any]:
        text, _, issues = row["text"].partition("\n")
        change = json_text.loads(text)
        entry = self._directory.get(change["patient"])
        return {
            "number": change["number"],
            "resource": change["resource"],
            "patient": change["patient"],
            "name": "" if entry is None else entry["name"],
            "timestamp": change["timestamp"],
            "issues": json_text.loads(issues) if issues else [],
        }


def _put(table: str, key: Any, text: str, patient: str = "", state: str = "") -> Put:
    return {"table": table, "key": key, "text": text, "patient": patient, "state": state}


def _outbox_put(change: Any, text: str) -> Put:
    return _put("outbox", change["number"], text, change["patient"], WAITING)


def _new_numbers(sealed: list[Any]) -> list[tuple[str, Any, int]]:
    """No number is ever used twice: none of these rows may be there yet."""
    return [("outbox", change["number"], 0) for change, _ in sealed]


def _seen(table: str, key: Any, row: Any) -> tuple[str, Any, int]:
    return table, key, row["version"]
