"""Loads a made-up Indonesian health centre, Puskesmas Melati, to try Rekam with.

Everything comes from a seed, patient by patient, and goes through the same merge as real work.
Loading again adds nothing; loading more patients adds only those. No one in it exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from backend import accounts
from backend.chains import own_device
from backend.demo_people import make_patient
from backend.demo_visits import make_record
from backend.first_start import make_password
from backend.records import BATCH_RECORDS_MAX, UNCHANGED, Record, write_records
from backend.sessions import now_ms
from pwa.py.domain import clock, merge

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.database import Database

FACILITY_NAME = "Puskesmas Melati"
PATIENTS_MAX = 100_000
ZONE_HOURS = 7

# Username, name, role. The first of them is the author of the record.
ACCOUNTS = (
    ("dokter.melati", "dr. Ratna Wulandari", "clinician"),
    ("perawat.melati", "Ns. Agus Setiawan", "clinician"),
    ("admin.melati", "Dewi Lestari", "administrator"),
)


class DemoError(ValueError):
    """What was asked for cannot be made; the message is for the operator."""


@dataclass(slots=True)
class DemoReport:
    facility_id: str
    patients: int = 0
    written: int = 0
    unchanged: int = 0


async def load_demo(
    database: Database,
    patients: int = 120,
    seed: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> DemoReport:
    """`progress` gets lines of text, among them each new account's password, once."""
    if not 1 <= patients <= PATIENTS_MAX:
        raise DemoError(f"The demonstration has 1 to {PATIENTS_MAX} patients.")
    async with database.transaction() as connection:
        facility_id = await _make_facility(connection)
        made = await _make_accounts(connection, facility_id)
        today = await _read_day(connection, facility_id)
        author: str = await connection.fetchval(
            "select account_id from account where facility_id = $1 and username = $2",
            facility_id,
            ACCOUNTS[0][0],
        )
    for username, password in made:
        progress(f"  username: {username}\n  password: {password}")
    report = DemoReport(facility_id)
    batch: list[Record] = []
    for index in range(1, patients + 1):
        records = make_records(seed, index, today)
        if len(batch) + len(records) > BATCH_RECORDS_MAX:
            await _write(database, author, batch, report)
            progress(f"{report.patients} of {patients} patients")
            batch = []
        batch += records
    await _write(database, author, batch, report)
    counts = f"{report.written} entries written, {report.unchanged} were there already"
    progress(f"{FACILITY_NAME}: {report.patients} patients; {counts}.")
    return report


def make_records(seed: int, index: int, today: date) -> list[Record]:
    """One patient with all that belongs to them; the same for the same arguments."""
    random = Random(f"{seed}:{index}")
    patient = make_patient(random, index, today)
    resources = [patient, *make_record(random, patient, today)]
    return [Record(patient["id"], resource) for resource in resources]


def demo_device(facility_id: str) -> str:
    return own_device("demo", facility_id)


async def _make_facility(connection: Connection) -> str:
    found: str | None = await connection.fetchval(
        "select facility_id from facility where name = $1 order by created_at limit 1",
        FACILITY_NAME,
    )
    return found or await accounts.create_facility(connection, FACILITY_NAME)


async def _make_accounts(connection: Connection, facility_id: str) -> list[tuple[str, str]]:
    """The usernames that were new, with their passwords."""
    made: list[tuple[str, str]] = []
    for username, name, role in ACCOUNTS:
        if await accounts.find_account(connection, username) is None:
            password = make_password()
            await accounts.create_account(connection, facility_id, username, name, role, password)
            made.append((username, password))
    return made


async def _read_day(connection: Connection, facility_id: str) -> date:
    """The day of the first load: visits hang on it, and a later load must make the same ones."""
    timestamp: str | None = await connection.fetchval(
        """
        select change."timestamp" from push
        join change on change.facility_id = push.facility_id
            and change.sequence = push.first_sequence
        where push.facility_id = $1 and push.device_id = $2 and push.first_number = 1
        """,
        facility_id,
        demo_device(facility_id),
    )
    milliseconds = clock.milliseconds_of(timestamp) if timestamp else now_ms()
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC) + timedelta(hours=ZONE_HOURS)
    return moment.date()


async def _write(
    database: Database, author: str, records: list[Record], report: DemoReport
) -> None:
    facility_id = report.facility_id
    async with database.transaction() as connection:
        await write_records(
            connection, facility_id, demo_device(facility_id), author, records, now_ms()
        )
    for record in records:
        assert record.outcome != merge.REJECTED, record.reason
        report.patients += record.resource["resourceType"] == "Patient"
        report.written += record.outcome != UNCHANGED
        report.unchanged += record.outcome == UNCHANGED
