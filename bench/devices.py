"""A thousand devices against one real server, all at once, as after an outage.

    python -m bench.devices [--devices N] [--facilities N] [--workers N] [--changes N] [--push N]
                            [--over SECONDS]

The server is `python server.py serve` with several workers, on a PostgreSQL that syncs to the
disk. Every device has its session and its enrolment, made beforehand. At the start all send what
they hold, over a connection of their own, in pushes of so many changes, each push after the
answer to the one before; each change is a record of 500 bytes. With `--over` each waits a while
before each push, so that all come within about so many seconds. Then every facility's history is
checked: each change once, sequences without a gap. A push that does not succeed is an error.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import time
from collections import Counter
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import asyncpg

from backend import accounts, devices, sessions
from backend.database import Database, connect
from bench import durable, figures, records, workload
from bench.apply import body_of
from bench.http_client import Connection
from tests.live import LiveServerWithDatabase

DEVICES = 1000
CHANGES = 50
PUSH = 10
WORKERS = 2
FACILITIES = 20
A_PATIENT = 9  # and the patient: ten changes
TOKEN_BYTES = 32
SESSION_DAYS = 1


@dataclass
class Device:
    facility: str
    account: str
    id: str
    token: str
    bodies: list[bytes] = field(default_factory=list[bytes])


@dataclass
class Outcome:
    """Of the whole run: milliseconds of each push, and what went wrong how often."""

    pushes: list[float] = field(default_factory=list[float])
    errors: Counter[str] = field(default_factory=Counter[str])


async def enrol_all(database: Database, options: argparse.Namespace) -> list[Device]:
    found: list[Device] = []
    places: list[tuple[str, str]] = []
    async with database.transaction() as connection:
        for number in range(options.facilities):
            facility = await accounts.create_facility(connection, f"Puskesmas {number + 1}")
            account = await accounts.create_account(
                connection, facility, f"bench-{number}", "Bench", "clinician", "kata sandi"
            )
            places.append((facility, account))
        for number in range(options.devices):
            facility, account = places[number % len(places)]
            device = Device(facility, account, f"bench-{number}", secrets.token_hex(TOKEN_BYTES))
            digest = sha256(bytes.fromhex(device.token)).digest()
            await devices.enrol(connection, facility, account, device.id)
            await connection.execute(sessions.CREATE, digest, facility, account, SESSION_DAYS)
            await connection.execute(sessions.SET_DEVICE, digest, device.id)
            found.append(device)
    return found


def make_pushes(device: Device, changes: int, push: int) -> None:
    random = Random(device.id)
    writer = workload.Writer(device.id, device.account)
    texts: list[str] = []
    while len(texts) < changes:
        patient = records.make_patient(random.getrandbits(40))
        held = [workload.make_record(patient["id"], random) for _ in range(A_PATIENT)]
        texts += [text for _, text in writer.create([patient, *held], patient["id"])]
    for start in range(0, changes, push):
        device.bodies.append(body_of(texts[start : min(start + push, changes)], device.id))


async def send_all(
    device: Device, port: int, start: asyncio.Event, outcome: Outcome, over: float
) -> None:
    connection = Connection(port, f"{sessions.COOKIE}={device.token}")
    await start.wait()
    random = Random(device.id)
    for body in device.bodies:
        await asyncio.sleep(random.uniform(0, 2 * over / len(device.bodies)))
        began = time.perf_counter()
        try:
            status, answer = await connection.post("/api/sync", body)
        except (OSError, EOFError) as failure:
            outcome.errors[type(failure).__name__] += 1
            connection.close()
            return
        outcome.pushes.append(1000 * (time.perf_counter() - began))
        if status != 200:
            outcome.errors[f"{status}: {answer[:200].decode(errors='replace')}"] += 1
            return
        words = {one["outcome"] for one in json.loads(answer)["outcomes"]}
        if words != {"created"}:
            outcome.errors[str(words)] += 1
    connection.close()


async def storm(held: list[Device], port: int, over: float) -> tuple[Outcome, float]:
    outcome = Outcome()
    start = asyncio.Event()
    tasks = [asyncio.create_task(send_all(one, port, start, outcome, over)) for one in held]
    await asyncio.sleep(1)
    began = time.perf_counter()
    start.set()
    await asyncio.gather(*tasks)
    return outcome, time.perf_counter() - began


async def check_history(url: str, held: list[Device], changes: int) -> None:
    """Each change is there once, and each facility's sequences have no gap."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "select facility_id, count(*) as changes, count(distinct (device_id, number)) as ids,"
            " max(sequence) as last from change group by facility_id"
        )
    finally:
        await connection.close()
    expected = Counter({one.facility: 0 for one in held})
    for one in held:
        expected[one.facility] += changes
    for row in rows:
        count = expected.pop(row["facility_id"])
        assert (row["changes"], row["ids"], row["last"]) == (count, count, count), dict(row)
    assert not expected, expected


async def measure(url: str, port: int, options: argparse.Namespace) -> None:
    database = await connect(url)
    try:
        held = await enrol_all(database, options)
    finally:
        await database.disconnect()
    for device in held:
        make_pushes(device, options.changes, options.push)
    outcome, seconds = await storm(held, port, options.over)
    count = options.devices * options.changes
    print(
        f"{options.devices} devices in {options.facilities} facilities, {options.changes} changes "
        f"each in pushes of {options.push}; {options.workers} workers"
    )
    print(figures.line("a push, milliseconds", outcome.pushes))
    print(f"{count:,} changes in {seconds:.1f} s: {count / seconds:,.0f} a second")
    print(f"errors: {outcome.errors.total()} {dict(outcome.errors) or ''}")
    if not outcome.errors:
        await check_history(url, held, options.changes)
        print("every change is there once; no sequence is missing")


def main() -> None:
    parser = argparse.ArgumentParser(description="Many devices at once against one server.")
    parser.add_argument("--devices", type=int, default=DEVICES)
    parser.add_argument("--facilities", type=int, default=FACILITIES)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--changes", type=int, default=CHANGES, help="of each device")
    parser.add_argument("--push", type=int, default=PUSH, help="changes in a push")
    parser.add_argument("--over", type=float, default=0, help="seconds; 0: all at once")
    options = parser.parse_args()
    print(figures.load())
    with durable.open_postgres() as postgres, TemporaryDirectory() as folder:
        url = postgres.create_database()
        server = LiveServerWithDatabase(
            url, Path(folder) / "server.txt", {"WEB_CONCURRENCY": str(options.workers)}
        )
        server.start()
        try:
            asyncio.run(measure(url, server.port, options))
        finally:
            server.kill()
    print(figures.load())


if __name__ == "__main__":
    main()
