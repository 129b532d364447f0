"""Whether a change costs the same when the server holds a hundred times as many.

    python -m bench.growth [--until N] [--minutes N]

One facility's history grows from 10,000 changes to a million through `apply`, 1,000 a batch, half
new records and half edits of any record written before, from ten devices in turn. At each size
on the way: 20 batches of 100 changes applied, and 20 pulls of 500 changes from a random place; and
what one change costs while it grows. Goal: level, that is at most 1.5 times what it was at first.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import replace
from random import Random
from typing import Any

from backend import apply, devices, envelopes, ledger, sync, worker
from backend.database import REQUEST_LIMITS, Database, connect
from bench import durable, figures, workload
from bench.apply import Cost, Meter, body_of, make_facility

UNTIL = 1_000_000
MINUTES_MAX = 15
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
DEVICES = 10
FILL_BATCH = 1_000
PROBE_BATCH = 100
PROBES = 20
PULL_CHANGES = 500
LEVEL_MAX = 1.5
CHART_CHANGES = 1 + 2 * workload.RECORDS_A_PATIENT  # the patient, records, as many edits

READER = "a-reader"


class Clinic:
    """A facility that keeps writing: new records, and edits of what any of its devices wrote."""

    def __init__(self, place: ledger.Place) -> None:
        self.place = place
        self.random = Random("growth")
        self.writers = [
            workload.Writer(f"device-{number}", place.account_id) for number in range(DEVICES)
        ]
        self.turn = 0
        self.count = 0
        self.patients = 0
        # (patient, resource, timestamp of the status): what an edit has to say it saw.
        self.records: list[tuple[str, str, str]] = []

    async def enrol(self, database: Database) -> None:
        names = [writer.state["device"] for writer in self.writers]
        async with database.transaction() as connection:
            for device in [*names, READER]:
                place = self.place
                await devices.enrol(connection, place.facility_id, place.account_id, device)

    def next_batch(self, count: int) -> tuple[str, bytes]:
        self.turn += 1
        writer = self.writers[self.turn % DEVICES]
        writer.now_ms = workload.START_MS + self.count * 3_000
        texts: list[str] = []
        while len(texts) + CHART_CHANGES <= count:
            ((patient, held),) = workload.make_charts(
                workload.RECORDS_A_PATIENT, seed=1_000 + self.patients
            )
            self.patients += 1
            sealed = writer.create([patient, *held], patient["id"])
            for change, _ in sealed[1:]:
                self.records.append((patient["id"], change["resource"], change["timestamp"]))
            sealed += [self._edit(writer) for _ in held]
            texts += [text for _, text in sealed]
        self.count += len(texts)
        return writer.state["device"], body_of(texts, writer.state["device"])

    def _edit(self, writer: workload.Writer) -> tuple[Any, str]:
        at = self.random.randrange(len(self.records))
        patient, resource, timestamp = self.records[at]
        created = {"patient": patient, "resource": resource, "timestamp": timestamp}
        draft = workload.edit_of(created, workload.fields_of_edit(self.random))
        ((change, text),) = writer.seal([draft])
        self.records[at] = (patient, resource, change["timestamp"])
        return change, text


async def apply_one(database: Database, clinic: Clinic, device: str, body: bytes) -> None:
    envelope, sent = envelopes.read(body)
    async with database.transaction() as connection:
        place = replace(clinic.place, device_id=device)
        result = await apply.apply_batch(
            connection, place, sent, workload.START_MS, envelope.now_ms
        )
    words = {one["outcome"] for one in result.outcomes}
    # Devices do not see one another here, so that some edits lose.
    assert words <= {"created", "updated", "superseded", "conflict"}, words


async def probe(database: Database, meter: Meter, clinic: Clinic) -> dict[str, Cost]:
    """Of one change applied in batches of 100, and of one pull of 500."""
    costs = {"apply": Cost(), "pull": Cost()}
    for _ in range(PROBES):
        for cost in costs.values():
            cost.begin()
        before = clinic.count
        device, body = clinic.next_batch(PROBE_BATCH)
        await meter.time(costs["apply"], apply_one, database, clinic, device, body)
        costs["apply"].divide(clinic.count - before)
        cursor = clinic.random.randrange(max(clinic.count - PULL_CHANGES, 1))
        asked = body_of([], READER, cursor=cursor, limit=PULL_CHANGES)
        await meter.time(costs["pull"], pull, database, clinic, asked)
    return costs


async def pull(database: Database, clinic: Clinic, asked: bytes) -> None:
    envelope, _ = envelopes.read(asked)
    async with database.connection() as connection:
        pulled = await sync.pull(connection, clinic.place.facility_id, envelope)
    assert pulled.changes.count('"sequence"') == PULL_CHANGES, pulled.cursor


async def run(url: str, options: argparse.Namespace) -> None:
    database = await connect(url, limits=REQUEST_LIMITS, min_size=1, max_size=1)
    deadline = time.monotonic() + 60 * options.minutes
    first: dict[str, float] = {}
    try:
        async with database.connection() as connection:
            meter = Meter(connection.get_server_pid())
        clinic = Clinic(await make_facility(database, "growth"))
        await clinic.enrol(database)
        for size in [one for one in SIZES if one <= options.until]:
            filling = Cost()
            filling.begin()
            before = clinic.count
            while clinic.count < size and time.monotonic() < deadline:
                device, body = clinic.next_batch(FILL_BATCH)
                await meter.time(filling, apply_one, database, clinic, device, body)
            filling.divide(max(clinic.count - before, 1))
            costs = await probe(database, meter, clinic)
            report(clinic.count, filling, costs, first)
            if clinic.count < size:
                print(f"stopped after {options.minutes} minutes")
                break
    finally:
        await database.disconnect()


def report(count: int, filling: Cost, costs: dict[str, Cost], first: dict[str, float]) -> None:
    print(f"\n{count:,} changes; medians")
    for name, unit, cost in (
        ("while it grew, a change in batches of 1,000, µs", 1e6, filling),
        ("apply, a change in batches of 100, µs", 1e6, costs["apply"]),
        ("pull of 500 changes, ms", 1e3, costs["pull"]),
    ):
        clock, backend = (unit * figures.median(one) for one in (cost.clock, cost.backend))
        whole = unit * figures.median(cost.processor())
        held = first.setdefault(name, whole)
        print(
            f"  {name:48} clock {clock:8.1f}   processor {whole:8.1f} "
            f"(PostgreSQL {backend:.1f})   {whole / held:5.2f} x the first",
            flush=True,
        )
        if count >= SIZES[-1]:
            print(figures.verdict(f"{name} beside the first", whole / held, LEVEL_MAX))


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of a change as the history grows.")
    parser.add_argument("--until", type=int, default=UNTIL)
    parser.add_argument("--minutes", type=float, default=MINUTES_MAX)
    options = parser.parse_args()
    worker.collect_seldom()
    print(figures.load())
    with durable.open_postgres() as server:
        url = server.create_database()
        asyncio.run(run(url, options))
        server.drop_database(url)
    print(figures.load())


if __name__ == "__main__":
    main()
