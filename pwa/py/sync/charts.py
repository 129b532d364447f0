"""The local side of an answer: charts and directory changed together, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import directory, folding, outbox, use, withdrawal
from pwa.py.domain.chart import Chart
from pwa.py.domain.failures import Stale
from pwa.py.domain.merge import REJECTED
from pwa.py.domain.transaction import put
from pwa.py.sync.state import put_state

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.directory import Directory
    from pwa.py.domain.shapes import Outcome
    from pwa.py.store.contract import Put, Store

# States of changes that a chart shows though the server's text does not hold them.
_OWN_STATES = (outbox.WAITING, outbox.REFUSED)


class ChartBatch:
    """What one transaction will write: charts that were opened, and any other puts."""

    def __init__(self, store: Store, patient_directory: Directory, now_ms: int) -> None:
        self._store = store
        self._directory = patient_directory
        self._now_ms = now_ms
        self._today = use.day_of(now_ms)
        self._charts: dict[str, Chart] = {}
        self._versions: dict[str, int] = {}
        self._uses: dict[str, str] = {}
        self._held: set[str] = set()
        self._unfinished: list[str] | None = None
        self._let_go: list[tuple[str, bool]] = []
        self._expected: list[tuple[str, Any, int]] = []
        self.puts: list[Put] = []
        self.removes: list[tuple[str, Any]] = []

    def expect(self, table: str, key: Any, version: int) -> None:
        """The commit is refused when the row's version is another by then."""
        self._expected.append((table, key, version))

    def put_state(self, state: dict[str, Any]) -> None:
        """How far the device has come (`state.read_state`) goes in the same transaction."""
        self.expect("meta", "sync", state["version"])
        self.puts.append(put_state(state))

    async def open(self, patients: list[str]) -> None:
        wanted = [patient for patient in set(patients) if patient not in self._charts]
        rows = await self._store.get_many("charts", wanted)
        for at, patient in enumerate(wanted):
            row = rows[at]
            self._charts[patient] = Chart("" if row is None else row["text"])
            version = self._versions[patient] = 0 if row is None else row["version"]
            self._uses[patient] = "" if row is None else row["state"]
            if row is not None and row["text"]:
                self._held.add(patient)
            self.expect("charts", patient, version)

    def last_use(self, patient: str) -> str:
        return self._uses[patient]

    def is_held(self, patient: str) -> bool:
        """Whether the device holds the chart of a patient that was opened here."""
        return patient in self._held

    async def apply(self, patient: str, items: list[Any]) -> bool:
        """Merges changes of others, each with the server's sequence. False when the server took
        one that this version would not."""
        outcomes = await self._merge(patient, [item["change"] for item in items])
        # In sequence order, so that the last of a resource stays.
        sequences = {item["change"]["resource"]: item["sequence"] for item in items}
        self._charts[patient].number(sequences)
        self._use(patient, self._today)
        return all([outcome["outcome"] != REJECTED for outcome in outcomes])

    async def number(self, patient: str, sequences: dict[str, int]) -> None:
        if self._charts[patient].is_apart(sequences):
            await self._join(patient)
        self._charts[patient].number(sequences)

    async def replace(self, patient: str, text: str, date: str) -> None:
        """Takes the server's chart, with the device's own unfinished changes merged into it.

        `date` is when the patient was last at the facility: so much the chart counts as used.
        """
        chart = Chart(text)
        chart.was_folded = self._charts[patient].was_folded
        chart.apply(await self._own(patient))
        self._charts[patient] = chart
        self._use(patient, min(date, self._today))

    async def _own(self, patient: str) -> list[Any]:
        """The device's own changes that stand in the chart, and not (yet) in the record."""
        own: list[Any] = []
        for state in await self._own_states():
            rows = await self._store.list("outbox", patient=patient, state=state)
            own += [outbox.change_of(row) for row in rows if not outbox.replaced_by(row)]
        return own

    async def _own_states(self) -> list[str]:
        """Those of which the outbox holds any. On a fresh device it holds none, and looking for
        each chart's took a third of the time of storing it. Whatever is written after this was
        looked up makes the commit stale: a writer puts the chart in the same transaction."""
        if self._unfinished is None:
            counts = await self._store.counts("outbox", _OWN_STATES)
            self._unfinished = [state for at, state in enumerate(_OWN_STATES) if counts[at]]
        return self._unfinished

    async def apply_own(self, patient: str, change: Any) -> None:
        """Merges a change of this very device that the server has to be given once more."""
        await self._merge(patient, [change])

    async def forget_numbers(self, patient: str) -> bool:
        """The server has nothing of this patient (any more): its sequences mean nothing now, and
        what was set aside or given up is in nobody's record, so that it stands in no chart. True
        when it cannot be told apart here from what others wrote of the same entry."""
        await self._join(patient)
        chart = self._charts[patient]
        chart.forget_numbers()
        gone = await self._in_no_record(patient)
        is_mixed = False
        if gone:
            left, key = await self._own(patient), "Patient/" + patient
            own = gone + left
            rebuilt, is_mixed = withdrawal.rebuild(chart, gone, left, own)
            if left and not _has_name(rebuilt, key):
                # Whose refused work is still to be decided upon keeps a name.
                gone = [change for change in gone if change["resource"] != key]
                rebuilt, _ = withdrawal.rebuild(chart, gone, left, own)
                is_mixed = True
            self._charts[patient] = chart = rebuilt
        if not chart.size and self.is_held(patient):
            self.let_go(patient)
        return is_mixed

    async def _in_no_record(self, patient: str) -> list[Any]:
        """The device's own changes that are set aside, and those that were given up: where they
        could not be told apart from what others wrote, the server was to be asked."""
        found: list[Any] = []
        for state in outbox.ASIDE:
            rows = await self._store.list("outbox", patient=patient, state=state)
            found += [outbox.change_of(row) for row in rows]
        for state in (outbox.WITHDRAWN, outbox.DONE):
            rows = await self._store.list("outbox", patient=patient, state=state)
            found += [outbox.change_of(row) for row in rows if outbox.reason_of(row)]
        return found

    async def _merge(self, patient: str, changes: list[Any]) -> list[Outcome]:
        chart = self._charts[patient]
        if chart.needs_older([change["resource"] for change in changes]):
            await self._join(patient)
        outcomes = chart.apply(changes)
        if folding.is_outgrown(chart):
            await self._join(patient)
        return outcomes

    async def _join(self, patient: str) -> None:
        chart = self._charts[patient]
        if not chart.is_whole:
            row = await self._store.get("older", patient)
            chart.join("" if row is None else row["text"])

    def note_opened(self, patient: str) -> None:
        """Somebody opens the chart here: it is not let go before others."""
        self._use(patient, use.opened_on(self._now_ms))

    def _use(self, patient: str, day: str) -> None:
        self._uses[patient] = use.later(self._uses[patient], day)

    def close(self, patient: str) -> None:
        """Nothing becomes of a chart that was opened."""
        del self._charts[patient]

    def let_go(self, patient: str) -> None:
        """The device holds the chart no more. The row stays, empty, so that its versions go on
        counting: nobody can write upon the chart that was."""
        self._let_go.append((patient, self._charts[patient].was_folded))
        del self._charts[patient]

    async def commit(self) -> None:
        staged: directory.Staged = {}
        versions: dict[int, int] = {}
        for patient, was_folded in self._let_go:
            for table in (folding.CHARTS, folding.OLDER)[: 2 if was_folded else 1]:
                self.puts.append(put(table, patient, "", patient))
            segment = self._directory.unstage(patient, staged)
            if segment is not None:
                versions.update(self._directory.expected(patient, segment))
        for patient, chart in self._charts.items():
            if not chart.size:
                # Nobody's chart came of it: a row is not made for who is not held.
                continue
            used = use.later("", self._uses[patient])
            for table, text in folding.texts(chart, self._versions[patient]):
                state = used if table == folding.CHARTS else ""
                self.puts.append(put(table, patient, text, patient, state))
            entry = chart.get("Patient/" + patient)
            if entry is not None:
                line = directory.line_of(entry.resource(), chart.conflict_count())
                segment = self._directory.stage(line, staged)
                versions.update(self._directory.expected(patient, segment))
        texts = {segment: directory.joined(parts) for segment, parts in staged.items()}
        for segment, version in versions.items():
            # Also where nothing changes: what memory holds may be older than the store.
            self.expect("directory", segment, version)
            if segment in texts:
                self.puts.append(put("directory", segment, texts[segment]))
        try:
            await self._store.commit(self.puts, removes=self.removes, expected=self._expected)
        except Stale:
            # Another tab, or the desk, was faster: what memory holds may be older than the store.
            self._directory.load(await self._store.list("directory"))
            raise
        for segment, text in texts.items():
            self._directory.committed(segment, versions[segment] + 1, text)


def _has_name(chart: Chart, key: str) -> bool:
    entry = chart.get(key)
    return entry is not None and "name" in entry.resource()
