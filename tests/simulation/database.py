"""The server's tables in memory, behind a connection that knows the statements of `backend`.

The real `backend.apply`, `backend.sync` and `backend.snapshot` run on it: a statement is known
by its very text, so one that is altered there is missed here at once. A transaction's writes are
kept apart until it commits; a crash drops them with it. Each statement is a point where other
tasks go on, before and after.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from backend import (
    audit,
    devices,
    epochs,
    ledger,
    live,
    patients,
    quarantine,
    refused,
    sessions,
    snapshot,
    sync,
)
from tests.simulation.judging import require
from tests.simulation.scheduler import PAUSE, Lock, Scheduler


class Tables:
    """What is committed. A copy is a backup: values are replaced, never altered."""

    def __init__(self, epoch: str) -> None:
        self.epoch = epoch
        self.sequence = 0
        self.devices: dict[str, tuple[int, str, int]] = {}
        self.changes: dict[int, dict[str, Any]] = {}
        self.refused: dict[int, dict[str, Any]] = {}
        self.pushes: dict[str, list[tuple[int, int, int]]] = {}
        self.resources: dict[str, dict[str, Any]] = {}
        # Of each patient the line of the directory and the last day.
        self.patients: dict[str, tuple[str, str]] = {}
        self.quarantine: list[tuple[str, bytes]] = []
        # Of texts that are kept aside: why they were left there.
        self.left: dict[str, str] = {}
        self.revoked: set[str] = set()

    def copy(self, epoch: str) -> Tables:
        twin = Tables(epoch)
        twin.sequence = self.sequence
        for name in ("devices", "changes", "refused", "resources", "patients", "left"):
            getattr(twin, name).update(getattr(self, name))
        twin.pushes = {device: list(pushes) for device, pushes in self.pushes.items()}
        twin.quarantine = list(self.quarantine)
        twin.revoked = set(self.revoked)
        return twin


class Database:
    """What `backend.database.Database` is to the handlers."""

    def __init__(self, scheduler: Scheduler, tables: Tables, members: set[str]) -> None:
        self.scheduler = scheduler
        self.tables = tables
        self.members = members
        self.counter = Lock(scheduler)
        self.on_commit: Callable[[], None] = lambda: None

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        yield Connection(self)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Any]:
        connection = Connection(self)
        try:
            yield connection
            await PAUSE
            connection.commit()
        finally:
            self.counter.release(connection)
        await PAUSE


class Connection:
    """As much of asyncpg's connection as the statements of a sync need."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writes: list[Callable[[], None]] = []
        self._answers: dict[str, Callable[..., Any]] = {
            ledger.LOCK_DEVICE: self._device,
            ledger.READ_KNOWN: self._known,
            ledger.READ_MEMBERS: self._members,
            ledger.READ_ROWS: self._rows,
            ledger.UPDATE_RESOURCES: self._update_resources,
            refused.WRITE: self._write_refused,
            refused.READ_OPEN: self._open_refusals,
            refused.SETTLE: self._settle,
            ledger.QUARANTINE: self._quarantine,
            quarantine.LEAVE: self._leave,
            ledger.WRITE_PUSH: self._write_push,
            sync.READ_HEAD: self._head,
            sync.READ_CHANGES: self._changes,
            patients.WRITE_LINES: self._write_lines,
            patients.WRITE_DATES: self._write_dates,
            patients.FIND: self._find,
            live.NOTIFY: lambda *_: None,
            patients.COUNT: lambda _: len(self._tables.patients),
            devices.READ: self._enrolled,
            devices.LOCK_ID: lambda *_: None,
            devices.IS_FOREIGN: lambda *_: False,
            devices.ENROL: lambda *_: "INSERT 0 0",
            sessions.SET_DEVICE: lambda *_: None,
            audit.RECORD: lambda *_: None,
            epochs.READ: lambda: None,
        }

    @property
    def _tables(self) -> Tables:
        return self._database.tables

    def commit(self) -> None:
        for write in self._writes:
            write()
        if self._writes:
            self._database.on_commit()
        self._writes = []

    async def _ask(self, statement: str, *arguments: Any) -> Any:
        await PAUSE
        answer = self._answers[statement](*arguments)
        await PAUSE
        return answer

    fetch = fetchrow = execute = _ask

    async def fetchval(self, statement: str, *arguments: Any) -> Any:
        if statement != ledger.LOCK_COUNTER:
            return await self._ask(statement, *arguments)
        await PAUSE
        await self._database.counter.acquire(self)
        return self._tables.sequence

    async def copy_records_to_table(self, table: str, records: Any, columns: Any) -> None:
        writes: dict[Any, Callable[[dict[str, Any]], None]] = {
            ("change", ledger.CHANGE_COLUMNS): self._insert_change,
            ("resource", ledger.RESOURCE_COLUMNS): self._insert_resource,
        }
        write = writes[table, columns]
        await PAUSE
        for record in records:
            row = dict(zip(columns, record, strict=True))
            self._writes.append(lambda row=row: write(row))
        await PAUSE

    async def cursor(self, statement: str, *arguments: Any, prefetch: int) -> AsyncIterator[Any]:
        await PAUSE
        # One statement sees one state of the tables, however slowly it is read.
        if statement == snapshot.READ_PAGE:
            _, date, patient, limit = arguments
            named = self._patients(date, patient)[:limit]
        else:
            assert statement == snapshot.READ_NAMED
            named = [one for one in sorted(arguments[1]) if one in self._tables.patients]
        page = [self._chart(patient) for patient in named]
        for row in page:
            await PAUSE
            yield row

    def _insert_change(self, row: dict[str, Any]) -> None:
        self._insert(self._tables.changes, row)

    def _insert(self, table: dict[int, Any], row: dict[str, Any]) -> None:
        sequence = row["sequence"]
        taken = sequence in self._tables.changes or sequence in self._tables.refused
        require(not taken, "sequence is given twice", sequence)
        table[sequence] = row

    def _device(self, _: str, device: str) -> dict[str, Any] | None:
        found = self._tables.devices.get(device)
        if found is None or device in self._tables.revoked:
            return None
        return {"number": found[0], "hash": found[1], "sequence": found[2]}

    def _enrolled(self, _: str, device: str) -> dict[str, Any]:
        """Every device of the simulation counts as enrolled, also on an older backup."""
        number, last, sequence = self._tables.devices.setdefault(device, (0, "", 0))
        found = {"number": number, "hash": last, "sequence": sequence, "recovery_key": b""}
        return found | {"epoch": self._tables.epoch, "revoked": device in self._tables.revoked}

    def _known(self, _: str, devices: list[str], numbers: list[int]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for device, number in zip(devices, numbers, strict=True):
            for first_number, last_number, first_sequence in self._tables.pushes.get(device, []):
                if first_number <= number <= last_number:
                    sequence = first_sequence + number - first_number
                    row = self._tables.changes.get(sequence) or self._tables.refused[sequence]
                    known = {name: row.get(name) for name in ("hash", "resource", "issues")}
                    name = {"device_id": device, "number": number}
                    found.append(known | name | {"sequence": sequence})
        return found

    def _members(self, _: str, ids: list[str]) -> list[dict[str, str]]:
        return [{"account_id": one} for one in ids if one in self._database.members]

    def _rows(self, _: str, keys: list[str], only_known: list[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for names, has_body in ((keys, True), (only_known, False)):
            for key in names:
                row = self._tables.resources.get(key)
                if row is not None:
                    body = row["body"] if has_body else None
                    found.append({"key": key, "patient_id": row["patient_id"], "body": body})
        return found

    def _update_resources(self, _: str, *columns: list[Any]) -> None:
        names = ("key", "encounter_id", "date", "sequence", "body")
        for values in zip(*columns, strict=True):
            row = dict(zip(names, values, strict=True))
            self._writes.append(lambda row=row: self._update(row))

    def _update(self, row: dict[str, Any]) -> None:
        held = self._tables.resources.get(row["key"])
        if held is not None:
            self._tables.resources[row["key"]] = held | row

    def _insert_resource(self, row: dict[str, Any]) -> None:
        assert row["key"] not in self._tables.resources, "the primary key"
        self._tables.resources[row["key"]] = row

    def _write_refused(self, _: str, account: str, device: str, *columns: list[Any]) -> None:
        names = ("sequence", "number", "hash", "issues", "body")
        names += ("resource", "timestamp", "patient_id", "author", "waits_for")
        settled = {"is_settled": False, "settled_number": None, "reason": None}
        for values in zip(*columns, strict=True):
            row = dict(zip(names, values, strict=True)) | {"device_id": device} | settled
            self._writes.append(lambda row=row: self._insert(self._tables.refused, row))

    def _own(self, device: str, table: dict[int, dict[str, Any]]) -> list[dict[str, Any]]:
        rows = [row for row in table.values() if row["device_id"] == device]
        return sorted(rows, key=lambda row: row["number"])

    def _open_refusals(self, _: str, device: str, keys: list[str]) -> list[dict[str, Any]]:
        return [
            {name: row[name] for name in ("number", "resource", "timestamp")}
            | {"waits_for": row["waits_for"] or 0, "is_withdrawn": row["is_settled"]}
            for row in self._own(device, self._tables.refused)
            if row["settled_number"] is None and row["resource"] in keys
        ]

    def _settle(self, _: str, device: str, account: str, *told: list[Any]) -> list[dict[str, Any]]:
        """Within the transaction the rows may be those that it has only just written."""
        ends = {number: (by, reason) for number, by, reason in zip(*told, strict=True)}
        known = {row["number"] for row in self._own(device, self._tables.refused)}

        def write() -> None:
            for sequence, row in list(self._tables.refused.items()):
                by, reason = ends.get(row["number"], (None, None))
                is_new = by is not None or (reason is not None and not row["is_settled"])
                if row["device_id"] == device and row["settled_number"] is None and is_new:
                    end = {"settled_number": by, "reason": reason or row["reason"]}
                    self._tables.refused[sequence] = row | end | {"is_settled": True}

        self._writes.append(write)
        return [{"number": number} for number in sorted(known & set(ends))]

    def _quarantine(
        self, _: str, account: str, device: str, reason: str, *columns: list[Any]
    ) -> None:
        here = {body for _, body in self._tables.quarantine}
        for body in columns[2]:
            if body not in here:
                self._writes.append(
                    lambda body=body: self._tables.quarantine.append((reason, body))
                )

    def _leave(self, _: str, account: str, hashes: list[str], reasons: list[str]) -> list[Any]:
        here = {hashlib.sha256(body).hexdigest() for _, body in self._tables.quarantine}
        for digest, reason in zip(hashes, reasons, strict=True):
            if digest in here:
                self._writes.append(lambda one=(digest, reason): self._tables.left.update([one]))
        return []

    def _write_push(self, _: str, device: str, account: str, *rest: Any) -> None:
        number, count, sequence, _drift_ms, digest = rest
        push = (number - count + 1, number, sequence - count + 1)

        def write() -> None:
            self._tables.pushes.setdefault(device, []).append(push)
            self._tables.devices[device] = (number, digest, sequence)
            self._tables.sequence = sequence

        self._writes.append(write)

    def _head(self, _: str) -> dict[str, Any]:
        return {"sequence": self._tables.sequence, "epoch": self._tables.epoch}

    def _changes(
        self, _: str, after: int, until: int, device: str, limit: int, bytes_max: int, short: bool
    ) -> dict[str, Any]:
        changes = self._tables.changes
        begun = {row["resource"]: at for at, row in sorted(changes.items(), reverse=True)}
        following = [
            (at, changes[at]["body"])
            for at in range(after + 1, until + 1)
            if at in changes and changes[at]["device_id"] != device
        ][: limit + 1]
        page: list[tuple[int, str]] = []
        length = 0
        for sequence, body in following[:limit]:
            if length < bytes_max:
                page.append((sequence, body))
            length += len(body.encode())
        texts: list[str] = []
        before: dict[str, Any] = {}
        for sequence, body in page:
            row = changes[sequence]
            link = before.get(row["device_id"])
            before[row["device_id"]] = row
            is_next = short and link is not None and link["number"] == row["number"] - 1
            if is_next and not any(mark in body for mark in ("\\u", '"previous":"^"')):
                body = body.replace(link["hash"], "^") if body.count(link["hash"]) == 1 else body
            resource, patient_id = (changes[sequence][name] for name in ("resource", "patient_id"))
            is_created = resource == "Patient/" + patient_id and begun[resource] == sequence
            created = ',"created":true' if is_created else ""
            texts.append('{"sequence":' + str(sequence) + created + ',"change":' + body + "}")
        last = page[-1][0] if page else after
        return {"last": last, "more": len(following) > len(page), "changes": ",".join(texts)}

    def _write_lines(self, _: str, named: Any, lines: Any, searches: Any) -> None:
        for patient, line in zip(named, lines, strict=True):

            def write(patient: str = patient, line: str = line) -> None:
                date = self._tables.patients.get(patient, ("", ""))[1]
                self._tables.patients[patient] = (line, date)

            self._writes.append(write)

    def _write_dates(self, _: str, named: Any, days: Any) -> None:
        for patient, day in zip(named, days, strict=True):

            def write(patient: str = patient, day: str = day) -> None:
                line, date = self._tables.patients[patient]
                self._tables.patients[patient] = (line, max(date, day))

            # The horizon of absurd dates is that of a real database's clock.
            if day[:3] == "202":
                self._writes.append(write)

    def _find(self, _: str, patterns: list[str], limit: int) -> list[dict[str, str]]:
        """Patterns are words between two signs for anything."""
        found = [
            {"patient_id": one, "line": self._tables.patients[one][0]}
            for one in self._patients(snapshot.FRONT, "")
        ]
        words = [pattern.strip("%") for pattern in patterns]
        text = patients.search_text
        return [row for row in found if all(word in text(row["line"]) for word in words)][:limit]

    def _patients(self, date: str, patient: str) -> list[str]:
        """Those behind a place, in the order of dates from the last, then of ids."""
        found = sorted(self._tables.patients)
        found.sort(key=lambda one: self._tables.patients[one][1], reverse=True)
        dates = {one: self._tables.patients[one][1] for one in found}
        return [one for one in found if dates[one] < date or (dates[one] == date and one > patient)]

    def _chart(self, patient: str) -> dict[str, Any]:
        rows = [row for row in self._tables.resources.values() if row["patient_id"] == patient]
        rows.sort(key=lambda row: row["key"])
        rows.sort(key=lambda row: row["date"], reverse=True)
        rows.sort(key=lambda row: row["key"] != "Patient/" + patient)
        names = ("key", "encounter_id", "date", "sequence", "body")
        lines = ["\t".join([str(row[name]) for name in names]) for row in rows]
        sequence = max(row["sequence"] for row in rows)
        found = {"patient_id": patient, "text": "\n".join(lines), "sequence": sequence}
        return found | {"date": self._tables.patients[patient][1]}
