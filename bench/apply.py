"""What the server pays to apply changes, beside a plain logged COPY of the very same rows.

    python -m bench.apply [--rounds N] [--changes N] [--a-patient N] [--url postgres://…]

Ours is what a request costs but for HTTP: the envelope read, hashes and chain, checks, merge,
history and state, one commit. The floor is the same rows of the history, already made, by COPY
into a twin of the table `change` (with its indexes, and bare), one commit for each batch. Both
with fsync, in turn, batch by batch, so that they meet the machine in the same mood. Beside the
clock stands processor time, which a loaded machine disturbs less: of this process and of its
PostgreSQL backend. Goal: at least 35 % of COPY at 1,000 changes a batch.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from backend import accounts, apply, devices, envelopes, ledger, worker
from backend.database import REQUEST_LIMITS, Database, connect
from bench import durable, figures, workload

BATCHES = (10, 100, 1000)
CHANGES = 10_000
ROUNDS = 3
SHARE_MIN = 0.35
DEVICE = "0b9f1f5e-6f0c-4a52-9d0e-1f2e3d4c5b6a"
TICKS = os.sysconf("SC_CLK_TCK")
OURS = "apply: history, merge, state"
TWIN = "COPY into a twin with the log's indexes"
BARE = "COPY into a bare twin"


@dataclass
class Cost:
    """Of each round: seconds by the clock, and of processor here and in the backend."""

    clock: list[float] = field(default_factory=list[float])
    here: list[float] = field(default_factory=list[float])
    backend: list[float] = field(default_factory=list[float])

    def begin(self) -> None:
        for kind in (self.clock, self.here, self.backend):
            kind.append(0.0)

    def divide(self, count: int) -> None:
        """The last round's, for one of so many."""
        for kind in (self.clock, self.here, self.backend):
            kind[-1] /= count

    def processor(self) -> list[float]:
        return [one + other for one, other in zip(self.here, self.backend, strict=True)]


@dataclass
class Meter:
    """Times work on one connection."""

    backend: int

    async def time(self, cost: Cost, work: Callable[..., Awaitable[None]], *given: Any) -> None:
        backend = processor_of(self.backend)
        here, clock = time.process_time(), time.perf_counter()
        await work(*given)
        cost.clock[-1] += time.perf_counter() - clock
        cost.here[-1] += time.process_time() - here
        cost.backend[-1] += processor_of(self.backend) - backend


def processor_of(process: int) -> float:
    """Seconds that a process has computed, by the scheduler's count of nanoseconds."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except (OSError, ValueError):
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / TICKS


async def make_facility(database: Database, device: str) -> ledger.Place:
    async with database.transaction() as connection:
        facility_id = await accounts.create_facility(connection, "Bench")
        account_id = await accounts.create_account(
            connection, facility_id, f"bench-{facility_id[:8]}", "Bench", "clinician", "kata sandi"
        )
        await devices.enrol(connection, facility_id, account_id, device)
    return ledger.Place(facility_id, account_id, device)


def body_of(texts: list[str], device: str, **fields: Any) -> bytes:
    envelope = {
        "protocol": 1,
        "device": device,
        "epoch": None,
        "cursor": 0,
        "now_ms": workload.START_MS,
        "limit": 0,
        **fields,
    }
    return workload.encode(envelope)[:-1] + f',"changes":[{",".join(texts)}]}}'.encode()


def make_work(place: ledger.Place, count: int, a_patient: int, seed: int) -> list[str]:
    """Half new records, half edits of them, as the texts a device sends; patients come first."""
    random = Random(f"apply:{seed}")
    charts = workload.make_charts(count // 2, a_patient, seed)
    writer = workload.Writer(place.device_id, place.account_id)
    sealed = writer.seal([d for p, _ in charts for d in workload.drafts_of([p], p["id"])])
    records = [(patient["id"], record) for patient, held in charts for record in held]
    made = [writer.create([record], patient)[0] for patient, record in records]
    sealed += made
    random.shuffle(made)
    for change, _ in made:
        sealed += writer.seal([workload.edit_of(change, workload.fields_of_edit(random))])
    return [text for _, text in sealed]


async def apply_one(database: Database, place: ledger.Place, body: bytes) -> None:
    envelope, changes = envelopes.read(body)
    async with database.transaction() as connection:
        result = await apply.apply_batch(
            connection, place, changes, workload.START_MS, envelope.now_ms
        )
    words = {outcome["outcome"] for outcome in result.outcomes}
    assert result.verdict == "applied" and words <= {"created", "updated"}, (result.verdict, words)


async def copy_one(database: Database, table: str, rows: list[tuple[Any, ...]]) -> None:
    async with database.transaction() as connection:
        await connection.copy_records_to_table(
            table, records=rows, columns=list(ledger.CHANGE_COLUMNS)
        )


async def measure(database: Database, size: int, options: argparse.Namespace) -> dict[str, Cost]:
    costs = {name: Cost() for name in (OURS, TWIN, BARE)}
    async with database.connection() as connection:
        meter = Meter(connection.get_server_pid())
    # A batch of ten needs fewer changes to be timed well than one of a thousand.
    count = max(min(options.changes, size * 100), size)
    for turn in range(options.rounds + 1):
        place = await make_facility(database, f"{DEVICE[:-4]}{size + turn:04}")
        texts = make_work(place, count, options.a_patient, turn + 1)
        await rest(database)
        for cost in costs.values():
            cost.begin()
        # Each batch of ours gives the rows that the floor then copies.
        for start in range(0, len(texts), size):
            body = body_of(texts[start : start + size], place.device_id)
            await meter.time(costs[OURS], apply_one, database, place, body)
            rows = await rows_after(database, place, start, size)
            for name, table in ((TWIN, "change_twin"), (BARE, "change_bare")):
                await meter.time(costs[name], copy_one, database, table, rows)
        for cost in costs.values():
            cost.divide(len(texts))
    for cost in costs.values():
        for kind in (cost.clock, cost.here, cost.backend):
            del kind[0]  # the first round warms up
    return costs


async def rows_after(
    database: Database, place: ledger.Place, start: int, size: int
) -> list[tuple[Any, ...]]:
    names = ", ".join(f'"{name}"' for name in ledger.CHANGE_COLUMNS)
    async with database.connection() as connection:
        rows = await connection.fetch(
            f"select {names} from change where facility_id = $1 and sequence > $2"
            " and sequence <= $3 order by sequence",
            place.facility_id,
            start,
            start + size,
        )
    return [tuple(row) for row in rows]


async def rest(database: Database) -> None:
    async with database.connection() as connection:
        await connection.execute("vacuum analyze change, resource, change_twin, change_bare")


async def run(url: str, options: argparse.Namespace) -> None:
    database = await connect(url, limits=REQUEST_LIMITS, min_size=1, max_size=1)
    try:
        async with database.connection() as connection:
            await connection.execute("create table change_twin (like change including all)")
            await connection.execute("create table change_bare (like change)")
        for size in options.batches:
            report(size, await measure(database, size, options))
    finally:
        await database.disconnect()


def report(size: int, costs: dict[str, Cost]) -> None:
    print(f"\n{size} changes a batch; microseconds a change, median (lowest to highest)")
    for name, cost in costs.items():
        here, backend = (1e6 * figures.median(kind) for kind in (cost.here, cost.backend))
        clock = [1e6 * value for value in cost.clock]
        print(
            f"{name:42} clock {figures.median(clock):6.0f} ({min(clock):.0f} to {max(clock):.0f})"
            f"   processor {here + backend:6.1f} (Python {here:.1f}, PostgreSQL {backend:.1f})"
        )
    for name in (TWIN, BARE):
        by_clock = share(costs[name].clock, costs[OURS].clock)
        by_processor = share(costs[name].processor(), costs[OURS].processor())
        line = f"share of {name}: {100 * by_clock:.0f} % by the clock"
        print(f"{line}, {100 * by_processor:.0f} % of processor")
        if size == 1000 and name == TWIN:
            print(figures.verdict_min("share of COPY at 1,000 a batch", by_clock, SHARE_MIN))


def share(floor: list[float], ours: list[float]) -> float:
    return figures.median([one / other for one, other in zip(floor, ours, strict=True)])


def main() -> None:
    parser = argparse.ArgumentParser(description="Applying changes beside a plain COPY.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--changes", type=int, default=CHANGES, help="in each round")
    parser.add_argument("--a-patient", type=int, default=workload.RECORDS_A_PATIENT)
    parser.add_argument("--batches", type=int, nargs="+", default=BATCHES)
    parser.add_argument("--url", default="", help="a server of one's own")
    options = parser.parse_args()
    worker.collect_seldom()
    print(figures.load())
    with durable.open_postgres(options.url) as server:
        url = server.create_database()
        asyncio.run(run(url, options))
        server.drop_database(url)
    print(figures.load())


if __name__ == "__main__":
    main()
