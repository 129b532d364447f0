"""A tablet without a browser: the real desk and the real sync over the memory store."""

from __future__ import annotations

from typing import Any

from pwa.py.domain import changes, json_text
from pwa.py.domain.directory import Directory
from pwa.py.store.memory import MemoryStore
from pwa.py.sync.device import Device
from pwa.py.sync.engine import Sync
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.lookup import LookUp
from pwa.py.sync.under_way import UnderWay
from pwa.py.workflow.desk import Desk
from pwa.py.workflow.record import Record
from pwa.py.workflow.refusals import Refusals
from tests.sync.twin import Link, ServerTwin

FORM = {"name": "Siti Nurhaliza", "birthDate": "1990-05-17", "gender": "female"}
VISIT: dict[str, Any] = {
    "reason": "Demam",
    "note": "Batuk tiga hari",
    "vitals": {"systolic": "120", "diastolic": "80", "temperature": "37,2"},
    "diagnoses": [{"code": "J06.9", "text": "ISPA"}],
}


class Tablet:
    """`clock_ms` is the tablet's own clock and moves only when a test moves it."""

    def __init__(self, name: str, server: ServerTwin, author: str = "doctor") -> None:
        self.name = name
        self.clock_ms = 1_795_398_170_123
        self.store = MemoryStore()
        self.link = Link(server)
        self.author = author
        self.arrived: list[str] = []
        self.saved: list[bool] = []
        self.statuses: list[dict[str, Any]] = []
        self.timers: list[int] = []
        # What timers would call, and what pages were told of work under way.
        self.calls: list[Any] = []
        self.shown: list[list[str]] = []
        self.tasks: list[Any] = []
        self._ids = 0

    async def start(self) -> Tablet:
        """Enrols the tablet when it is new, and opens desk and sync as a page does."""
        if await self.store.get("meta", "device") is None:
            state = json_text.dumps(changes.new_device_state(self.name))
            put: Any = {"table": "meta", "key": "device", "text": state}
            await self.store.commit([put | {"patient": "", "state": ""}])
        directory = Directory()
        self.record = Record(self.store, directory, self.author, self.now_ms, self.saved.append)
        self.under_way = UnderWay(self._set_short_timer, self.shown.append)
        self.desk = Desk(self.record, self.new_id, self.under_way.holds)
        self.refusals = Refusals(self.record)
        self.device = Device(self.store, self.link, directory, self.now_ms, self.arrived.extend)
        self.exchange = Exchange(self.device, self.new_id, self.rename, self.under_way)
        self.sync = Sync(
            self.exchange,
            self.now_ms,
            lambda: 0.5,
            self.tasks.append,
            self._set_timer,
            self.statuses.append,
        )
        self.lookup = LookUp(self.link, self.exchange.panel, self.sync.kick)
        await self.record.load()
        return self

    def now_ms(self) -> int:
        self.clock_ms += 1
        return self.clock_ms

    async def rename(self, device: str) -> Any:
        row = await self.store.get("meta", "keyring")
        put: Any = {"table": "meta", "key": "keyring", "text": device, "patient": "", "state": ""}
        return put, 0 if row is None else row["version"]

    def new_id(self) -> str:
        self._ids += 1
        return f"{self.name}-{self._ids}"

    async def synchronise(self) -> str:
        """Kicks a round, runs it to its end, and answers the word that the page then shows."""
        self.sync.kick()
        while self.tasks:
            await self.tasks.pop(0)
        return str(self.sync.status["word"])

    async def register(self, **given: str) -> str:
        answer = await self.desk.register_patient(FORM | given)
        assert answer["issues"] == []
        return str(answer["id"])

    async def visit(self, patient: str, **given: Any) -> str:
        answer = await self.desk.record_encounter(patient, VISIT | given)
        assert answer["issues"] == []
        return str(answer["id"])

    async def amend(self, patient: str, row: Any, fields: dict[str, Any]) -> None:
        """Any edit of a resource, through the desk's own transaction."""
        issues = await self.record.write(patient, [changes.amend(row, fields)])
        assert issues == []

    async def chart(self, patient: str) -> Any:
        return await self.desk.open_chart(patient)

    def _set_short_timer(self, _: int, call: Any) -> Any:
        self.calls = [call]
        return lambda: None

    def _set_timer(self, after_ms: int, call: Any) -> Any:
        self.timers.append(after_ms)
        return lambda: None


def without_refused(row: Any, refused: set[str]) -> Any:
    """A row less what it remembers of changes that the server refused and that were sent once
    more: only the device that wrote them has them."""
    kept = dict(row)
    if "past" in row:
        kept["past"] = {
            field: {stamp: {} if stamp in refused else one for stamp, one in replaced.items()}
            for field, replaced in row["past"].items()
        }
    seen = {
        field: {stamp: base for stamp, base in seen.items() if stamp not in refused}
        for field, seen in row.get("seen", {}).items()
    }
    kept["seen"] = {field: stamps for field, stamps in seen.items() if stamps}
    reasons = row.get("reasons", {})
    kept["reasons"] = {stamp: text for stamp, text in reasons.items() if stamp not in refused}
    return kept
