"""Imports files of FHIR R4 resources into a facility, through the same merge as everybody's.

Patients first, over all files of a run, then the rest, file by file in bounded memory. What
cannot be taken is told entry by entry and stops nothing else. How an entry is read is
`bundles`, whose it is `compartment`, how it is written `records`.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from backend import audit
from backend.apply import once_more_apart
from backend.bundles import Entry, Problem, Unreadable, decode_entry, find_files, read_entries
from backend.chains import own_device
from backend.compartment import (
    CLINICAL_TYPES,
    LEFT_OUT_TYPES,
    find_patient_references,
    read_identifier,
    read_patient_id,
)
from backend.kinds import find_wrong_kind
from backend.records import BATCH_RECORDS_MAX, UNCHANGED, Record, write_records
from backend.sessions import now_ms
from pwa.py.domain import merge

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.database import Database

PROBLEMS_KEPT_MAX = 10_000
LEFT_OUT = "left out: not part of a patient's record"
IMPORT_NAME = "Import"
IMPORT_ROLE = "importer"
# No Argon2 hash reads like this. The account is also inactive: it signs, and never signs in.
NO_PASSWORD = "!"


@dataclass(slots=True)
class ImportReport:
    """What became of every entry; `problems` keeps the first PROBLEMS_KEPT_MAX."""

    files: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    types: Counter[str] = field(default_factory=Counter[str])
    left_out: Counter[str] = field(default_factory=Counter[str])
    repeated: int = 0
    problem_count: int = 0
    problems: list[Problem] = field(default_factory=list[Problem])
    seconds: float = 0.0

    @property
    def taken(self) -> int:
        """Resources that are in the record now, changed by this run or not."""
        return self.types.total()

    @property
    def changed(self) -> int:
        """Changes that this run wrote."""
        return self.taken - self.outcomes[UNCHANGED]

    def counts(self) -> dict[str, int]:
        return {
            "files": self.files,
            "taken": self.taken,
            "changed": self.changed,
            "problems": self.problem_count,
        }

    def lines(self) -> list[str]:
        """The report in words, for a terminal."""
        found = [f"{self.files} files in {self.seconds:.1f} s, {self.taken} resources taken:"]
        found += [f"  {count:8} {word}" for word, count in sorted(self.outcomes.items())]
        found += [f"  {count:8} {name}" for name, count in self.types.most_common()]
        if self.left_out:
            found.append(f"{self.left_out.total()} {LEFT_OUT}:")
            found += [f"  {count:8} {name}" for name, count in self.left_out.most_common()]
        if self.repeated:
            found.append(f"{self.repeated} repeated within their file")
        found.append(f"{self.problem_count} entries could not be taken")
        return found


async def import_paths(
    database: Database,
    facility_id: str,
    paths: Iterable[Path | str],
    report: Callable[[str], None] = print,
    author: str = "",
) -> ImportReport:
    """Imports files and folders; `report` gets a line for each entry that cannot be taken.

    `author` is the account that answers for the import; without one, the facility gets an
    account for imports, with which no one can sign in.
    """
    started = time.monotonic()
    run = _Run(database, facility_id, author, report, ImportReport())
    if not author:
        async with database.transaction() as connection:
            run.author = await make_import_account(connection, facility_id)
    files: list[Path] = []
    for found in find_files([Path(path) for path in paths]):
        if isinstance(found, Problem):
            run.tell(found)
        else:
            files.append(found)
    for is_patient_pass in (True, False):
        for path in files:
            await run.import_file(path, is_patient_pass)
        await run.write()
    run.result.files = len(files)
    run.result.seconds = time.monotonic() - started
    async with database.connection() as connection:
        await audit.record(
            connection,
            facility_id,
            audit.FILES_IMPORTED,
            account_id=run.author,
            device_id=import_device(facility_id),
            details=run.result.counts(),
        )
    return run.result


def import_device(facility_id: str) -> str:
    return own_device("import", facility_id)


async def make_import_account(connection: Connection, facility_id: str) -> str:
    """The facility's account for imports, made when it is first needed."""
    account_id = import_device(facility_id)
    await connection.execute(
        """
        insert into account (facility_id, account_id, username, name, role, password_hash, active)
        values ($1, $2, $2, $3, $4, $5, false) on conflict do nothing
        """,
        facility_id,
        account_id,
        IMPORT_NAME,
        IMPORT_ROLE,
        NO_PASSWORD,
    )
    return account_id


@dataclass(slots=True)
class _Run:
    """One call of `import_paths`: where it writes, and what it has found out so far."""

    database: Database
    facility_id: str
    author: str
    report: Callable[[str], None]
    result: ImportReport
    batch: dict[str, tuple[Entry, Record]] = field(default_factory=dict[str, tuple[Entry, Record]])
    identified: dict[str, str] = field(default_factory=dict[str, str])

    def tell(self, problem: Problem) -> None:
        self.result.problem_count += 1
        if len(self.result.problems) < PROBLEMS_KEPT_MAX:
            self.result.problems.append(problem)
        self.report(str(problem))

    async def import_file(self, path: Path, is_patient_pass: bool) -> None:
        seen: dict[str, bytes] = {}
        for entry in read_entries(path):
            if isinstance(entry, Problem):
                # Each file is read twice; its faults are told the first time.
                if is_patient_pass:
                    self.tell(entry)
            elif (entry.type == "Patient") == is_patient_pass:
                if entry.type in LEFT_OUT_TYPES:
                    self.result.left_out[entry.type] += 1
                elif self._is_first(entry, seen):
                    await self._take(entry)

    def _is_first(self, entry: Entry, seen: dict[str, bytes]) -> bool:
        digest = sha256(entry.text).digest()
        first = seen.setdefault(entry.key, digest)
        if first is digest:
            return True
        if first == digest:
            self.result.repeated += 1
        else:
            self.tell(entry.problem("stands in this file before, with other content"))
        return False

    async def _take(self, entry: Entry) -> None:
        try:
            resource = decode_entry(entry)
            # A null says no more than a missing field, and would read as a removal.
            resource = {name: item for name, item in resource.items() if item is not None}
            resource["id"] = entry.id
            wrong = find_wrong_kind(resource)
            if wrong:
                raise Unreadable(wrong)
            patient = await self._find_patient(entry, resource)
        except Unreadable as error:
            self.tell(entry.problem(str(error)))
            return
        if not patient:
            self.result.left_out[entry.type] += 1
            return
        # A batch spans small files; two versions of one resource never share one.
        if entry.key in self.batch or len(self.batch) >= BATCH_RECORDS_MAX:
            await self.write()
        self.batch[entry.key] = (entry, Record(patient, resource))

    async def _find_patient(self, entry: Entry, resource: dict[str, Any]) -> str:
        """The patient's id; "" for what is of no patient; Unreadable where one is missing."""
        if entry.type == "Patient":
            return entry.id
        references = find_patient_references(resource)
        for reference in references:
            found = read_patient_id(reference) or await self._identify(reference)
            if found:
                return found
        if references:
            named = references[0].get("reference") or references[0].get("identifier")
            raise Unreadable(f"no patient can be found for {named}")
        if entry.type in CLINICAL_TYPES:
            raise Unreadable("it names no patient")
        return ""

    async def _identify(self, reference: dict[str, Any]) -> str:
        identifier = read_identifier(reference)
        if identifier is None:
            return ""
        text = msgspec.json.encode([identifier]).decode()
        if text not in self.identified:
            async with self.database.connection() as connection:
                found = await connection.fetch(
                    """
                    select patient_id from resource
                    where facility_id = $1 and key = 'Patient/' || patient_id
                    and body -> 'resource' -> 'identifier' @> $2::jsonb limit 2
                    """,
                    self.facility_id,
                    text,
                )
            self.identified[text] = found[0]["patient_id"] if len(found) == 1 else ""
        return self.identified[text]

    async def write(self) -> None:
        if not self.batch:
            return
        items = list(self.batch.values())
        self.batch.clear()
        records = [record for _, record in items]
        await once_more_apart(partial(self._write, records))
        for entry, record in items:
            if record.outcome == merge.REJECTED:
                self.tell(entry.problem(record.reason))
            else:
                self.result.outcomes[record.outcome] += 1
                self.result.types[entry.type] += 1

    async def _write(self, records: list[Record], apart: bool) -> None:
        place = (self.facility_id, import_device(self.facility_id), self.author)
        async with self.database.transaction() as connection:
            await write_records(connection, *place, records, now_ms(), apart=apart)
