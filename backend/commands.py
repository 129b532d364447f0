"""The command line of `python server.py`: serve, and what an operator does beside it.

Each command works beside a running server: both use the same database, and the embedded
PostgreSQL is shared.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from backend import (
    accounts,
    demo,
    devices,
    epochs,
    errors,
    fhir,
    importer,
    keeper,
    migrate,
    quarantine,
    refused,
    rescue,
    sessions,
)
from backend.database import POOL_MAX, Database, connect
from backend.first_start import (
    FacilityError,
    FirstAccount,
    choose_facility,
    create_first_account,
    make_password,
)
from backend.postgres import EmbeddedPostgres, PostgresError
from backend.settings import Settings, SettingsError, read_settings
from backend.supervisor import Supervisor, address_to_open, open_listener

# What an operator can cause or mend: said in a sentence, without a traceback.
EXPECTED_ERRORS = (
    FacilityError,
    PostgresError,
    SettingsError,
    accounts.AccountError,
    demo.DemoError,
    devices.UnknownDevice,
    errors.Failure,
    migrate.MigrationError,
    quarantine.QuarantineError,
    rescue.RescueError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
# Of the embedded PostgreSQL's connections, those left to commands and to PostgreSQL itself.
CONNECTIONS_KEPT = 20
DEMO_PATIENTS = 200
DEMO_SEED = 1
INTERRUPTED = 130

Command = Callable[[Settings, argparse.Namespace], int]
Work = Callable[[Database], Awaitable[int]]
if TYPE_CHECKING:
    # argparse has no public name for what `add_subparsers` answers.
    Commands = argparse._SubParsersAction[  # pyright: ignore[reportPrivateUsage]
        argparse.ArgumentParser
    ]


def main(arguments: list[str]) -> int:
    """Run one command; answers the exit code."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        return options.run(read_settings(), options)
    except KeyboardInterrupt:
        _say("Stopped.")
        return INTERRUPTED
    except EXPECTED_ERRORS as error:
        print(f"rekam: {error}", file=sys.stderr, flush=True)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="server.py", description="Rekam, a medical record.")
    parser.set_defaults(run=serve)
    commands = parser.add_subparsers(metavar="command")
    _add(commands, "serve", serve, "Run the server (this is the default).")
    _add(commands, "migrate", migrate_only, "Bring the database up to date and stop.")

    account = commands.add_parser("account", help="Add an account, or renew a password.")
    actions = account.add_subparsers(metavar="action", required=True)
    adding = _add(actions, "add", add_account, "Add an account, and print its password once.")
    adding.add_argument("username")
    adding.add_argument("--name", required=True, help="the person's name, as others see it")
    adding.add_argument("--role", choices=accounts.ROLES, default=accounts.ROLES[0])
    _add_facility(adding)
    renewing = _add(actions, "password", renew_password, "Make a new password, and print it once.")
    renewing.add_argument("username")

    device = commands.add_parser("device", help="List the devices, or revoke one.")
    actions = device.add_subparsers(metavar="action", required=True)
    _add(actions, "list", list_devices, "List all devices: id, facility, who enrolled it, state.")
    revoking = _add(actions, "revoke", revoke_device, "Give a device no more data, and no key.")
    revoking.add_argument("id")
    refusals = commands.add_parser("refused", help="List what was refused and how it ended.")
    actions = refusals.add_subparsers(metavar="action", required=True)
    text = "List refused changes that wait for somebody; with --all also those that were settled."
    listing = _add(actions, "list", list_refused, text)
    listing.add_argument("--all", action="store_true")
    _add_quarantine(commands)
    reading = commands.add_parser("rescue", help="Rescue files of tablets.")
    actions = reading.add_subparsers(metavar="action", required=True)
    taking = _add(actions, "read", read_rescue, "Take in what a tablet had not sent.")
    taking.add_argument("path", type=Path)
    _add(commands, "restored", mark_restored, "After a backup was put back: tell the devices.")

    importing = _add(commands, "import", import_files, "Import FHIR R4 Bundles: files or folders.")
    importing.add_argument("paths", nargs="+", type=Path)
    _add_facility(importing)
    exporting = _add(commands, "export", export_folder, "Write each patient's FHIR R4 Bundle.")
    exporting.add_argument("folder", type=Path)
    _add_facility(exporting)
    showing = _add(commands, "demo", load_demo, "Add made-up patients to try Rekam with.")
    showing.add_argument("--patients", type=int, default=DEMO_PATIENTS)
    showing.add_argument("--seed", type=int, default=DEMO_SEED)
    return parser


def _add(commands: Commands, name: str, run: Command, text: str) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=run)
    return command


def _add_quarantine(commands: Commands) -> None:
    parser = commands.add_parser("quarantine", help="Work that was set aside: read it, settle it.")
    actions = parser.add_subparsers(metavar="action", required=True)
    listing = _add(actions, "list", list_quarantine, "List what waits for a decision.")
    listing.add_argument("--all", action="store_true", help="also what is settled")
    for name, run, text in (
        ("show", show_quarantine, "Print the texts. It is noted that they were read."),
        ("admit", admit_quarantine, "Put work into the record, in its author's name."),
        ("dismiss", dismiss_quarantine, "Leave work out of the record, and say why."),
    ):
        action = _add(actions, name, run, text)
        action.add_argument("names", nargs="+", help="from the list, or a device for all of its")
        if run is dismiss_quarantine:
            action.add_argument("--reason", required=True)


def _add_facility(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--facility", help="its name, where there is more than one")


def serve(settings: Settings, _: argparse.Namespace) -> int:
    listener = _listen(settings)
    with listener, _open_postgres(settings) as (url, tend):
        asyncio.run(_with_database(url, _report_first_account))
        environment = {**os.environ, "DATABASE_URL": url_for_worker(settings, url)}
        supervisor = Supervisor(listener, settings.workers, environment, tend)
        address = address_to_open(settings.host, listener)
        code = supervisor.run(
            lambda: _say(f"Rekam is running: open {address}\nPress Ctrl-C to stop."),
            lambda: _say("Stopping …"),
        )
    _say("Stopped." if code == 0 else "The server did not start; the reason is above.")
    return code


def url_for_worker(settings: Settings, url: str) -> str:
    """All workers together must not ask the embedded PostgreSQL for more than it gives."""
    if settings.database_url is not None:
        return url
    given = int(keeper.OPTIONS["max_connections"]) - CONNECTIONS_KEPT
    return f"{url}&max_size={min(POOL_MAX, given // settings.workers)}"


def _listen(settings: Settings) -> socket.socket:
    try:
        return open_listener(settings.host, settings.port)
    except OSError as error:
        # asyncio and socket add the address to the text; the number alone gives the reason.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror
        raise SettingsError(
            f"Cannot listen on {settings.host} port {settings.port}: {reason}. "
            "Is Rekam, or something else, running there? Choose another with PORT=8001."
        ) from error


def migrate_only(settings: Settings, _: argparse.Namespace) -> int:
    async def work(database: Database) -> int:
        del database  # _with_database has migrated it.
        _say("The database is up to date.")
        return 0

    return _run(settings, work)


def add_account(settings: Settings, options: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        password = make_password()
        facility_id = await choose_facility(connection, options.facility)
        await accounts.create_account(
            connection, facility_id, options.username, options.name, options.role, password
        )
        return _password_lines(FirstAccount(options.username, password))

    return _run_lines(settings, work)


def renew_password(settings: Settings, options: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        password = make_password()
        await accounts.set_password(connection, options.username, password)
        return _password_lines(FirstAccount(options.username, password))

    return _run_lines(settings, work)


def list_devices(settings: Settings, _: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        return await devices.list_lines(connection) or ["No device is enrolled."]

    return _run_lines(settings, work)


def revoke_device(settings: Settings, options: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        await devices.revoke_by_id(connection, options.id)
        return [f"Revoked: {options.id}"]

    return _run_lines(settings, work)


def list_quarantine(settings: Settings, options: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        lines = await quarantine.list_lines(connection, is_all=options.all)
        return lines or ["Nothing waits for a decision."]

    return _run_lines(settings, work)


def show_quarantine(settings: Settings, options: argparse.Namespace) -> int:
    return _run_lines(settings, lambda one: quarantine.show(one, options.names))


def admit_quarantine(settings: Settings, options: argparse.Namespace) -> int:
    now_ms = sessions.now_ms()
    return _run_lines(settings, lambda one: quarantine.admit(one, options.names, now_ms))


def dismiss_quarantine(settings: Settings, options: argparse.Namespace) -> int:
    return _run_lines(settings, lambda one: quarantine.dismiss(one, options.names, options.reason))


def list_refused(settings: Settings, options: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        lines = await refused.list_lines(connection, is_all=options.all)
        return lines or ["Nothing that was refused waits for anybody."]

    return _run_lines(settings, work)


def read_rescue(settings: Settings, options: argparse.Namespace) -> int:
    async def work(database: Database) -> int:
        _say("\n".join(await rescue.read_path(database, options.path)))
        return 0

    return _run(settings, work)


def mark_restored(settings: Settings, _: argparse.Namespace) -> int:
    async def work(connection: asyncpg.Connection) -> list[str]:
        epoch = await epochs.renew(connection)
        newest_ms = await epochs.backup_ms(connection)
        newest = datetime.fromtimestamp((newest_ms or 0) / 1000, UTC)
        since = f"{newest:%Y-%m-%d %H:%M} UTC" if newest_ms else "an unknown time"
        return [
            f"The devices will send again what the backup lacks. New epoch: {epoch}",
            f"The last work in the backup came at {since}. No device can bring back what was done "
            "on the server after that, so do it again: devices revoked, accounts made or closed, "
            "passwords renewed, set-aside work admitted or dismissed. As the backup has them:",
            *await devices.list_lines(connection),
        ]

    return _run_lines(settings, work)


def import_files(settings: Settings, options: argparse.Namespace) -> int:
    async def work(database: Database) -> int:
        async with database.connection() as connection:
            facility_id = await choose_facility(connection, options.facility)
        report = await importer.import_paths(database, facility_id, options.paths, _say)
        _say("\n".join(report.lines()))
        return 0

    return _run(settings, work, first_account=True)


def export_folder(settings: Settings, options: argparse.Namespace) -> int:
    async def work(database: Database) -> int:
        async with database.connection() as connection:
            facility_id = await choose_facility(connection, options.facility)
        report = await fhir.export_facility(database, facility_id, options.folder)
        _say(f"{report.patients} patients, {report.resources} resources: {options.folder}")
        return 0

    return _run(settings, work)


def load_demo(settings: Settings, options: argparse.Namespace) -> int:
    async def work(database: Database) -> int:
        await demo.load_demo(database, options.patients, options.seed, _say)
        return 0

    # The demonstration brings a facility and accounts of its own.
    return _run(settings, work)


def _run_lines(
    settings: Settings, work: Callable[[asyncpg.Connection], Awaitable[list[str]]]
) -> int:
    """Prints what a piece of work answers, which is one transaction."""

    async def steps(database: Database) -> int:
        async with database.transaction() as connection:
            lines = await work(connection)
        _say("\n".join(lines))
        return 0

    return _run(settings, steps)


def _run(settings: Settings, work: Work, first_account: bool = False) -> int:
    async def steps(database: Database) -> int:
        if first_account:
            await _report_first_account(database)
        return await work(database)

    with _open_postgres(settings) as (url, _):
        return asyncio.run(_with_database(url, steps))


@contextmanager
def _open_postgres(settings: Settings) -> Generator[tuple[str, Callable[[], None]]]:
    """The database's address, and what to call now and then to keep it running."""
    if settings.database_url is not None:
        yield settings.database_url, lambda: None
        return
    with EmbeddedPostgres(settings.data_folder) as postgres:
        yield postgres.url(), postgres.tend


async def _with_database(url: str, work: Work) -> int:
    try:
        database = await connect(url)
    except OSError as error:
        raise SettingsError(f"The database of DATABASE_URL does not answer: {error}") from error
    try:
        async with database.connection() as connection:
            applied = await migrate.migrate(connection)
        if applied:
            _say(f"Migrated: {', '.join(applied)}")
        return await work(database)
    finally:
        await database.disconnect()


async def _report_first_account(database: Database) -> int:
    made = await create_first_account(database)
    if made is not None:
        _say("A first facility and a first account were made.")
        _say("\n".join(_password_lines(made)))
    return 0


def _password_lines(made: FirstAccount) -> list[str]:
    return [
        f"  username: {made.username}",
        f"  password: {made.password}",
        "The password is shown only this once: write it down.",
    ]


def _say(text: str) -> None:
    # At once: under a process runner the output is a pipe.
    print(text, flush=True)
