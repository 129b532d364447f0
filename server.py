"""Rekam's server: `app` for uvicorn, every route in one table, and the command line.

python server.py            set up what is missing, and serve
python server.py --help     the other commands
"""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import asyncpg
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from backend import (
    day,
    devices,
    errors,
    fhir,
    history,
    live,
    members,
    migrate,
    patients,
    rescue,
    sessions,
    shell,
    snapshot,
    sync,
)
from backend.bodies import BoundedBody
from backend.commands import main
from backend.database import REQUEST_LIMITS, Database, connect
from backend.envelopes import PROTOCOLS
from backend.security import OriginCheck, SecurityHeaders
from backend.sessions import for_devices, for_leavers_too, for_members
from backend.settings import read_settings

if TYPE_CHECKING:
    from asyncpg import Connection

log = logging.getLogger("rekam")

GZIP_BYTES_MIN = 1024
# Of a page of charts level 1 leaves 27 % of the records at 4 ns a byte, 6 leaves 23 % at 10, and 9
# hardly less at 15. A link in the field is slower than that by far.
GZIP_LEVEL = 6


class StartError(Exception):
    """Why the server cannot start; the message is for the operator."""


async def health(request: Request) -> Response:
    """GET /api/health: 503 when the database does not answer."""
    async with sessions.database_of(request).connection() as connection:
        await connection.fetchval("select 1")
    return JSONResponse({"status": "ok", "protocols": list(PROTOCOLS)})


# `for_members` marks what only a signed-in member of a facility may call, and `for_devices` what
# besides needs a device that is enrolled there; `for_leavers_too` serves a revoked one as well.
ROUTES = [
    Route("/", shell.index, methods=["GET"]),
    Route("/sw.js", shell.service_worker, methods=["GET"]),
    Route("/manifest.json", shell.manifest, methods=["GET"]),
    Route("/api/health", health, methods=["GET"]),
    Route("/api/session", sessions.sign_in, methods=["POST"]),
    Route("/api/session", for_members(sessions.who_am_i), methods=["GET"]),
    Route("/api/session", sessions.sign_out, methods=["DELETE"]),
    Route("/api/devices", for_members(devices.enrol_device), methods=["POST"]),
    Route("/api/sync", for_leavers_too(sync.synchronise), methods=["POST"]),
    Route("/api/rescue", for_members(rescue.upload), methods=["POST"]),
    Route("/api/day", for_members(day.read_day), methods=["GET"]),
    Route("/api/snapshot", for_devices(snapshot.read_snapshot), methods=["GET"]),
    Route("/api/live", for_devices(live.stream), methods=["GET"]),
    Route("/api/patients", for_devices(patients.find), methods=["POST"]),
    Route("/api/charts", for_devices(snapshot.read_named), methods=["GET"]),
    Route("/api/history", for_devices(history.read_history), methods=["GET"]),
    Route("/api/members", for_devices(members.read_members), methods=["GET"]),
    Route(
        "/api/fhir/Patient/{patient}/$everything",
        for_devices(fhir.export_patient),
        methods=["GET"],
    ),
    Route(shell.BUNDLE, shell.python_bundle, methods=["GET"]),
    Mount("/pwa", shell.ShellFiles(directory=shell.PWA)),
]

MIDDLEWARE = [
    Middleware(SecurityHeaders),
    Middleware(errors.LastResort),
    Middleware(OriginCheck),
    Middleware(GZipMiddleware, minimum_size=GZIP_BYTES_MIN, compresslevel=GZIP_LEVEL),
    Middleware(BoundedBody),
    Middleware(shell.WholeFiles),
]


def create_app(database: Database | None = None) -> Starlette:
    """The application on a given database, or on the one that the settings name."""
    application = Starlette(
        routes=ROUTES,
        middleware=MIDDLEWARE,
        exception_handlers=errors.HANDLERS,
        lifespan=None if database else lifespan,
    )
    # A redirect would go to whatever the request gives as its host.
    application.router.redirect_slashes = False
    application.state.database = database
    if database is not None:
        application.state.live = live.Hub(database)
    return application


@asynccontextmanager
async def lifespan(application: Starlette) -> AsyncGenerator[None]:
    try:
        database = await open_database()
    except (StartError, migrate.MigrationError) as error:
        log.critical("Rekam cannot start: %s", error)
        raise
    application.state.database = database
    hub = application.state.live = live.Hub(database, read_settings().database_url)
    hub.start()
    live.end_streams_at_signals(hub)
    try:
        yield
    finally:
        await hub.stop()
        await database.disconnect()


async def open_database() -> Database:
    """Connects, and makes sure that the tables are those this version was written for."""
    url = read_settings().database_url
    if url is None:
        raise StartError("DATABASE_URL is not set. Start the server with: python server.py")
    missing = shell.missing_files()
    if missing:
        log.warning("The app is incomplete; run the set-up command. Missing: %s", missing)
    database = await connect(url, limits=REQUEST_LIMITS)
    try:
        async with database.connection() as connection:
            await require_migrated(connection)
    except BaseException:
        await database.disconnect()
        raise
    return database


async def require_migrated(connection: Connection) -> None:
    try:
        recorded = await connection.fetch("select number, name, checksum from migration")
    except asyncpg.UndefinedTableError:
        recorded = []
    known = {row["number"]: (row["name"], row["checksum"]) for row in recorded}
    missing = migrate.next_migration(migrate.read_migrations(), known)
    if missing is not None:
        raise StartError(
            f"the database lacks migration {missing.name}. Run: python server.py migrate"
        )


app = create_app()

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
