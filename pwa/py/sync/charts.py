"""The local side of an answer: charts and directory changed together, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import directory, folding, json_text
from pwa.py.domain.chart import Chart

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.domain.directory import Directory
    from pwa.py.store.contract import Put, Store

# States of changes that a chart shows though the server's text does not hold them.
_OWN_STATES = ("waiting", "refused")


def put(table: str, key: Any, text: str, patient: str = "", state: str = "") -> Put:
    return {"table": table, "key": key, "text": text, "patient": patient, "state": state}


class ChartBatch:
    """What one transaction will write: charts that were opened, and any other puts."""

    def __init__(self, store: Store, patient_directory: Directory) -> None:
        self._store = store
        self._directory = patient_directory
        self._charts: dict[str, Chart] = {}
        self._versions: dict[str, int] = {}
        self._expected: list[tuple[str, Any, int]] = []
        self.puts: list[Put] = []
        self.removes: list[tuple[str, Any]] = []

    def expect(self, table: str, key: Any, version: int) -> None:
        """The commit is refused when the row's version is another by then."""
        self._expected.append((table, key, version))

    async def open(self, patients: list[str]) -> None:
        wanted = [patient for patient in set(patients) if patient not in self._charts]
        rows = await self._store.get_many("charts", wanted)
        for at, patient in enumerate(wanted):
            row = rows[at]
            self._charts[patient] = Chart("" if row is None else row["text"])
            version = self._versions[patient] = 0 if row is None else row["version"]
            self.expect("charts", patient, version)

    async def apply(self, patient: str, items: list[Any]) -> None:
        """Merges changes of others, each with the server's sequence."""
        await self._merge(patient, [item["change"] for item in items])
        # In sequence order, so that the last of a resource stays.
        sequences = {item["change"]["resource"]: item["sequence"] for item in items}
        self._charts[patient].number(sequences)

    async def number(self, patient: str, sequences: dict[str, int]) -> None:
        if self._charts[patient].is_apart(sequences):
            await self._join(patient)
        self._charts[patient].number(sequences)

    async def replace(self, patient: str, text: str) -> None:
        """Takes the server's chart, with the device's own unfinished changes merged into it."""
        chart = Chart(text)
        chart.was_folded = self._charts[patient].was_folded
        for state in _OWN_STATES:
            rows = await self._store.list("outbox", patient=patient, state=state)
            chart.apply([json_text.loads(row["text"].split("\n", 1)[0]) for row in rows])
        self._charts[patient] = chart

    async def apply_own(self, patient: str, change: Any) -> None:
        """Merges a change of this very device that the server has to be given once more."""
        await self._merge(patient, [change])

    async def forget_numbers(self, patient: str) -> None:
        """The server has nothing of this patient (any more): its sequences mean nothing now."""
        await self._join(patient)
        self._charts[patient].forget_numbers()

    async def _merge(self, patient: str, changes: list[Any]) -> None:
        chart = self._charts[patient]
        if chart.needs_older([change["resource"] for change in changes]):
            await self._join(patient)
        chart.apply(changes)
        if folding.is_outgrown(chart):
            await self._join(patient)

    async def _join(self, patient: str) -> None:
        chart = self._charts[patient]
        if not chart.is_whole:
            row = await self._store.get("older", patient)
            chart.join("" if row is None else row["text"])

    async def commit(self) -> None:
        staged: dict[int, str] = {}
        segments: set[int] = set()
        for patient, chart in self._charts.items():
            for table, text in folding.texts(chart, self._versions[patient]):
                self.puts.append(put(table, patient, text, patient))
            entry = chart.get("Patient/" + patient)
            if entry is not None:
                line = directory.line_of(entry.resource(), chart.conflict_count())
                segments.add(self._directory.stage(line, staged))
        versions = {segment: self._directory.version(segment) for segment in segments}
        for segment, version in versions.items():
            # Also where nothing changes: what memory holds may be older than the store.
            self.expect("directory", segment, version)
            if segment in staged:
                self.puts.append(put("directory", segment, staged[segment]))
        await self._store.commit(self.puts, removes=self.removes, expected=self._expected)
        for segment, text in staged.items():
            self._directory.committed(segment, versions[segment] + 1, text)
