"""Import speed: FHIR Bundles to the record, beside a plain logged COPY of the very same rows.

    python -m bench.import_bundles [--files N] [--url postgres://…] [path …]

Without paths it takes Synthea's Bundles where they lie beside the repository, and generated
ones otherwise. Without an address it starts the embedded PostgreSQL in a folder of its own.
The database it makes is dropped at the end.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend import accounts, importer
from backend.database import Database, connect
from tests.backend import samples
from tests.live import DatabaseServer

COPY_ROWS = 1000
COLUMNS = {
    "change": "facility_id sequence device_id number patient_id resource timestamp hash body",
    "resource": "facility_id key patient_id encounter_id date sequence body",
}


async def measure(url: str, paths: Sequence[Path]) -> None:
    database = await connect(url)
    try:
        async with database.transaction() as connection:
            facility_id = await accounts.create_facility(connection, "Bench")
        processor = time.process_time()
        report = await importer.import_paths(database, facility_id, paths, lambda _: None)
        processor = time.process_time() - processor
        say("import", report.changed, report.seconds)
        print(f"  of which this process computed for {processor:.2f} s")
        print(f"  {report.left_out.total()} left out, {report.problem_count} not taken")
        again = await importer.import_paths(database, facility_id, paths, lambda _: None)
        assert again.changed == 0, "importing twice changes nothing"
        say("the same again, nothing to change", again.taken, again.seconds)
        copied = await copy_rows(database, facility_id, report.changed)
        say("COPY of the same changes and resources", report.changed, copied)
        print(f"import runs at {100 * copied / report.seconds:.0f} % of the speed of COPY")
    finally:
        await database.disconnect()


async def copy_rows(database: Database, facility_id: str, count: int) -> float:
    """Seconds to put both tables' rows into empty twins, in as many transactions as the import."""
    rows: dict[str, list[Any]] = {}
    async with database.connection() as connection:
        for table, columns in COLUMNS.items():
            await connection.execute(f"create table {table}_twin (like {table} including all)")
            names = ", ".join(f'"{name}"' for name in columns.split())
            statement = f"select {names} from {table} where facility_id = $1"
            rows[table] = [tuple(item) for item in await connection.fetch(statement, facility_id)]
    started = time.monotonic()
    for start in range(0, count, COPY_ROWS):
        async with database.transaction() as connection:
            for table, columns in COLUMNS.items():
                await connection.copy_records_to_table(
                    f"{table}_twin",
                    records=rows[table][start : start + COPY_ROWS],
                    columns=columns.split(),
                )
    return time.monotonic() - started


def say(what: str, count: int, seconds: float) -> None:
    print(f"{what}: {count} in {seconds:.2f} s, {count / seconds:,.0f} a second", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Import speed beside a plain COPY.")
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--files", type=int, default=0, help="at most so many files")
    parser.add_argument(
        "--url", default="", help="a server of one's own, for a database beside others"
    )
    options = parser.parse_args()
    server = DatabaseServer(options.url or None)
    try:
        with tempfile.TemporaryDirectory() as folder:
            paths = options.paths or samples.find_bundles(Path(folder))
            url = server.create_database()
            asyncio.run(measure(url, paths[: options.files or None]))
            server.drop_database(url)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
