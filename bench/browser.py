"""Synchronisation in a real Chromium: push, pull, push of edits, pull of edits; beside a floor.

    python -m bench.browser [--rounds N] [--records N] [--a-patient N] [--only rekam floor …]

Two browser profiles on the disk, A and B, and the real server with a real PostgreSQL that syncs
to the disk. A writes 10,000 records of 500 bytes while nothing is sent, pushes them until they
are durable, B (which has nothing) pulls them; A edits every record, pushes, B pulls. Ours: the real
store with encryption, the real exchange on MicroPython, the real server. Floor: plain JavaScript,
one IndexedDB row for each record, one POST, COPY. Beside us: RxDB and PouchDB (`bench.rivals`).
Variants take turns, round by round. Goals: push at most 1.5 times the floor, pull at most the
floor, bytes on the wire at most a quarter of the records as JSON.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from typing import Any

from playwright.sync_api import Page, sync_playwright

from backend import accounts
from backend.database import connect
from bench import durable, figures, rivals, workload
from tests.browsers import Browser
from tests.live import (
    find_free_port,
    is_listening,
    make_reachable_folder,
    run,
    wait_until,
)
from tests.micropython import PythonPage

SOURCE = (Path(__file__).parent / "in_page" / "exchange.py").read_text("utf-8")
ROUNDS = 3
PASSWORD = "kata sandi untuk mengukur"
MS_MAX = 600_000
START_SECONDS_MAX = 60
PATIENTS_A_FILE = 50
PUSH_RATIO_MAX = 1.5
PULL_RATIO_MAX = 1.0
WIRE_SHARE_MAX = 0.25
MEASURES = ("push", "pull", "push edits", "pull edits")
REKAM = "rekam"
FLOOR = "floor"

Figures = dict[str, float]


class Bench:
    """One server, two profiles, one folder of work to load."""

    def __init__(self, stack: ExitStack, options: argparse.Namespace) -> None:
        self.options = options
        self.work = make_reachable_folder()
        stack.callback(shutil.rmtree, self.work, ignore_errors=True)
        postgres = stack.enter_context(durable.open_postgres())
        self.database_url = postgres.create_database()
        stack.callback(postgres.drop_database, self.database_url)
        self.url = stack.enter_context(open_server(self.database_url, self.work))
        playwright = stack.enter_context(sync_playwright())
        self.profiles: list[Browser] = []
        for _ in range(2):
            profile = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            browser = Browser(playwright, Path(profile), {})
            stack.callback(browser.close)
            self.profiles.append(browser)

    def write_work(self, name: str, content: Any) -> str:
        (self.work / name).write_bytes(workload.encode(content))
        return name

    def open_pages(self, address: str) -> list[Page]:
        pages = [browser.context.new_page() for browser in self.profiles]
        for page in pages:
            page.goto(address)
            wait_for_bench(page)
        return pages


def wait_for_bench(page: Page) -> None:
    def is_there() -> bool:
        return page.evaluate("'bench' in globalThis")

    wait_until(is_there, "the page of the benchmark starts", START_SECONDS_MAX)


@contextmanager
def open_server(database_url: str, work: Path) -> Generator[str]:
    port = find_free_port()
    environment = {**os.environ, "DATABASE_URL": database_url, "BENCH_FOLDER": str(work)}
    command = ["-m", "uvicorn", "bench.sync_server:app", "--port", str(port), "--no-access-log"]
    process = subprocess.Popen(
        [sys.executable, *command, "--log-level", "warning"],
        cwd=Path(__file__).parent.parent,
        env=environment,
    )
    try:
        wait_until(lambda: is_listening(port), "the server starts", START_SECONDS_MAX)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait()


class Work:
    """One round's records and edits, in the forms that the variants load."""

    def __init__(self, bench: Bench, turn: int) -> None:
        options = bench.options
        self.turn = turn
        self.charts = workload.make_charts(options.records, options.a_patient, turn + 1)
        random = Random(f"edits:{turn}")
        self.records = [record for _, held in self.charts for record in held]
        self.raw = sum(len(workload.encode(record)) for record in self.records)
        self.edited = [{**record, **workload.fields_of_edit(random)} for record in self.records]
        self.created_file = bench.write_work("records.json", self.records)
        self.edited_file = bench.write_work("edits.json", self.edited)

    def drafts(self, bench: Bench) -> tuple[list[str], list[str]]:
        """Files of [patient, [[resource, fields], …]]: what is created, what is edited."""
        first: list[Any] = []
        second: list[Any] = []
        edits = iter(self.edited)
        for patient, held in self.charts:
            first.append([patient["id"], [fields_of(one) for one in [patient, *held]]])
            changed = [next(edits) for _ in held]
            second.append([patient["id"], [fields_of(one, workload.EDITED) for one in changed]])
        return self._files(bench, "create", first), self._files(bench, "edit", second)

    def _files(self, bench: Bench, name: str, charts: list[Any]) -> list[str]:
        return [
            bench.write_work(f"{name}-{at}.json", charts[at : at + PATIENTS_A_FILE])
            for at in range(0, len(charts), PATIENTS_A_FILE)
        ]


def fields_of(resource: dict[str, Any], names: tuple[str, ...] = ()) -> list[Any]:
    key = f"{resource['resourceType']}/{resource['id']}"
    wanted = names or [name for name in resource if name not in ("resourceType", "id")]
    return [key, {name: resource[name] for name in wanted}]


def measure_floor(bench: Bench, work: Work) -> Figures:
    return run_pages(bench, work, f"{bench.url}/bench/page/floor", bench.url)


def measure_rxdb(bench: Bench, work: Work) -> Figures:
    if not (bench.work / "rxdb.js").exists():
        rivals.build_rxdb(bench.work)
    return run_pages(bench, work, f"{bench.url}/bench/page/rxdb", bench.url)


def measure_pouchdb(bench: Bench, work: Work) -> Figures:
    with rivals.serve_pouchdb(bench.work) as url:
        return run_pages(bench, work, f"{url}/bench/page", url)


def run_pages(bench: Bench, work: Work, address: str, counter: str) -> Figures:
    """The journey of a page whose script offers `bench.write`, `push` and `pull`."""
    first, second = bench.open_pages(f"{address}?run={secrets.token_hex(4)}")
    found: Figures = {}

    def timed(name: str, page: Page, call: str) -> None:
        up, down = rivals.read_bytes(counter)
        found[name] = page.evaluate(call)
        up_after, down_after = rivals.read_bytes(counter)
        found[f"{name} up"], found[f"{name} down"] = up_after - up, down_after - down

    for suffix, file in (("", work.created_file), (" edits", work.edited_file)):
        found["write" + suffix] = first.evaluate(f"bench.write('{file}')")
        timed("push" + suffix, first, "bench.push()")
        timed("pull" + suffix, second, "bench.pull()")
    for page in (first, second):
        page.close()
    return found


def measure_rekam(bench: Bench, work: Work) -> Figures:
    username, account_id = run(make_account(bench.database_url))
    pages = [
        PythonPage(one.context.new_page(), bench.url + "/bench/python") for one in bench.profiles
    ]
    writer, reader = pages
    devices = [f"{secrets.token_hex(16)}" for _ in pages]
    created, edited = work.drafts(bench)

    def step(page: PythonPage, name: str, **given: Any) -> Any:
        return page.run(SOURCE, {"step": name, **given}, ms_max=MS_MAX)

    found: Figures = {}

    def timed(name: str, page: PythonPage) -> None:
        up, down = rivals.read_bytes(bench.url)
        found[name] = step(page, "exchange")["ms"]
        up_after, down_after = rivals.read_bytes(bench.url)
        found[f"{name} up"], found[f"{name} down"] = up_after - up, down_after - down

    for page, device in zip(pages, devices, strict=True):
        step(page, "begin", username=username, password=PASSWORD, device=device, author=account_id)
    # A new tablet of an empty facility has its snapshot at once.
    step(writer, "exchange")
    found["write"] = step(writer, "write", files=created)["ms"]
    timed("push", writer)
    timed("pull", reader)
    held = step(reader, "count")["charts"]
    assert held == len(work.charts), (held, len(work.charts))
    found["write edits"] = step(writer, "write", files=edited)["ms"]
    timed("push edits", writer)
    timed("pull edits", reader)
    for page in pages:
        page.page.close()
    return found


async def make_account(url: str) -> tuple[str, str]:
    """A facility of its own for each round: what is pulled is of this round alone."""
    database = await connect(url)
    username = f"bench-{secrets.token_hex(4)}"
    try:
        async with database.transaction() as connection:
            facility_id = await accounts.create_facility(connection, "Bench")
            account_id = await accounts.create_account(
                connection, facility_id, username, "Bench", "clinician", PASSWORD
            )
    finally:
        await database.disconnect()
    return username, account_id


def report(times: dict[str, list[Figures]], raw: int) -> None:
    print(f"\nmilliseconds, median (lowest to highest); {raw:,} bytes of records as JSON")
    for name, rounds in times.items():
        print(name)
        for measure in ("write", "push", "pull", "write edits", "push edits", "pull edits"):
            values = [one[measure] for one in rounds]
            line = f"  {measure:12} {figures.median(values):9,.0f}"
            line += f" ({min(values):,.0f} to {max(values):,.0f})"
            if measure in MEASURES:
                if name != FLOOR and FLOOR in times:
                    line += (
                        f"   {ratio(values, [one[measure] for one in times[FLOOR]]):6.2f} x floor"
                    )
                for way in ("up", "down"):
                    share = figures.median([one[f"{measure} {way}"] for one in rounds]) / raw
                    line += f"   {way} {100 * share:5.1f} %"
            print(line)
    if REKAM in times and FLOOR in times:
        print_verdicts(times[REKAM], times[FLOOR], raw)


def print_verdicts(ours: list[Figures], floor: list[Figures], raw: int) -> None:
    for measure in MEASURES:
        is_push = measure.startswith("push")
        values = [one[measure] for one in ours]
        measured = ratio(values, [one[measure] for one in floor])
        goal = PUSH_RATIO_MAX if is_push else PULL_RATIO_MAX
        print(figures.verdict(f"{measure} beside the floor", measured, goal))
        way = "up" if is_push else "down"
        share = figures.median([one[f"{measure} {way}"] for one in ours]) / raw
        print(figures.verdict(f"{measure}: bytes {way} beside raw", share, WIRE_SHARE_MAX))


def ratio(ours: list[float], floor: list[float]) -> float:
    """The median of the rounds' ratios: both of a round met the machine in the same mood."""
    return figures.median([one / other for one, other in zip(ours, floor, strict=True)])


WAYS: dict[str, Callable[[Bench, Work], Figures]] = {
    FLOOR: measure_floor,
    REKAM: measure_rekam,
    rivals.RXDB: measure_rxdb,
    rivals.POUCHDB: measure_pouchdb,
}


def measure(bench: Bench, options: argparse.Namespace) -> tuple[dict[str, list[Figures]], int]:
    times: dict[str, list[Figures]] = {name: [] for name in options.only}
    raw = 0
    for turn in range(options.rounds):
        work = Work(bench, turn)
        raw = work.raw
        for name in (
            options.only[turn % len(options.only) :] + options.only[: turn % len(options.only)]
        ):
            times[name].append(WAYS[name](bench, work))
            print(name, {key: round(value) for key, value in times[name][-1].items()}, flush=True)
    return times, raw


def main() -> None:
    parser = argparse.ArgumentParser(description="Synchronisation in the browser beside a floor.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--records", type=int, default=workload.RECORDS)
    parser.add_argument("--a-patient", type=int, default=workload.RECORDS_A_PATIENT)
    parser.add_argument("--only", nargs="+", choices=list(WAYS), default=list(WAYS))
    options = parser.parse_args()
    print(figures.load())
    with ExitStack() as stack:
        bench = Bench(stack, options)
        report(*measure(bench, options))
    print(figures.load())


if __name__ == "__main__":
    main()
