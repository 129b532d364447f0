"""GET /api/live: server-sent events that say the facility's newest sequence, and nothing else.

A device that hears a number above its cursor asks for what is new by the ordinary exchange: a
number that is lost, late or said twice harms nothing. The base is a look at the counters of those
facilities that somebody listens for; PostgreSQL's NOTIFY, which a batch sends once it has
committed, only hastens it, through all workers. Without it (behind PgBouncer, say) a change is
heard of after a look's pause.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import signal
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from backend import sessions
from backend.database import split_options
from backend.errors import Failure
from backend.sessions import Member

if TYPE_CHECKING:
    from asyncpg import Connection
    from starlette.types import Receive, Scope, Send

    from backend.database import Database

log = logging.getLogger("rekam")

CHANNEL = "rekam_live"
LOOK_SECONDS = 2.0
HEARTBEAT_SECONDS = 15.0
RECONNECT_SECONDS_MAX = 30.0
# What the browser waits before it opens a stream again that was cut.
REOPEN_MS = 2_000
STREAMS_MAX = 4_000
STREAMS_A_FACILITY_MAX = 500
RETRY_AFTER_SECONDS = 60

READ_COUNTERS = """
select facility_id, sequence from facility_counter where facility_id = any($1::text[])
"""
NOTIFY = "select pg_notify($1, $2)"


async def tell(connection: Connection, facility_id: str, sequence: int) -> None:
    """Hastens the streams of all workers; after the commit, outside of its transaction, because
    transactions that notify commit one after another, over all facilities."""
    await connection.execute(NOTIFY, CHANNEL, f"{facility_id} {sequence}")


class Seat:
    """One stream: what it is to say, and a bell that wakes it."""

    def __init__(self, facility_id: str) -> None:
        self.facility_id = facility_id
        self.sequence = 0
        self.bell = asyncio.Event()


class Hub:
    """All streams of one worker, and what feeds them."""

    def __init__(self, database: Database, url: str | None = None) -> None:
        """Without the database's address there is no listening, only looking."""
        self._database = database
        self._url = url
        self._seats: dict[str, set[Seat]] = {}
        self._count = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.is_stopping = False

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._look())]
        if self._url is not None:
            self._tasks.append(asyncio.create_task(self._listen(self._url)))

    def end_streams(self) -> None:
        """Lets every stream come to its end: the server stops, and waits for them."""
        self.is_stopping = True
        for seats in self._seats.values():
            for seat in seats:
                seat.bell.set()

    async def stop(self) -> None:
        self.end_streams()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def take_seat(self, facility_id: str) -> Seat:
        seats = self._seats.setdefault(facility_id, set())
        if self._count >= STREAMS_MAX or len(seats) >= STREAMS_A_FACILITY_MAX:
            text = "too many devices listen already; synchronisation goes on without"
            headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise Failure("throttled", text, headers=headers)
        seat = Seat(facility_id)
        seats.add(seat)
        self._count += 1
        return seat

    def leave(self, seat: Seat) -> None:
        seats = self._seats[seat.facility_id]
        seats.discard(seat)
        self._count -= 1
        if not seats:
            del self._seats[seat.facility_id]

    def say(self, facility_id: str, sequence: int) -> None:
        for seat in self._seats.get(facility_id, ()):
            if seat.sequence != sequence:
                seat.sequence = sequence
                seat.bell.set()

    async def look_once(self) -> None:
        if self._seats:
            async with self._database.connection() as connection:
                for row in await connection.fetch(READ_COUNTERS, list(self._seats)):
                    self.say(row["facility_id"], row["sequence"])

    async def _look(self) -> None:
        while True:
            try:
                await self.look_once()
            except Exception as error:
                # The database is away: the devices notice by themselves, and so does /api/health.
                log.debug("live: cannot look at the counters: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def _listen(self, url: str) -> None:
        """One connection a worker, made again when it is lost."""
        address, _ = split_options(url)
        seconds = 1.0
        while True:
            try:
                connection = await asyncpg.connect(address)
            except (OSError, asyncpg.PostgresError) as error:
                log.debug("live: cannot listen: %s", error)
                await asyncio.sleep(seconds * (0.5 + random.random() / 2))
                seconds = min(seconds * 2, RECONNECT_SECONDS_MAX)
                continue
            seconds = 1.0
            lost = asyncio.Event()
            try:
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                await connection.add_listener(CHANNEL, self._heard)
                await lost.wait()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.debug("live: stopped listening: %s", error)
            finally:
                connection.terminate()

    def _heard(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        facility_id, _, sequence = str(payload).partition(" ")
        if sequence.isascii() and sequence.isdigit():
            self.say(facility_id, int(sequence))


def end_streams_at_signals(hub: Hub) -> None:
    """uvicorn waits for open requests before the lifespan ends; a stream would never end."""
    if threading.current_thread() is not threading.main_thread():
        return
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        if not callable(before):
            continue

        def handle(number: int, frame: Any, before: Callable[..., Any] = before) -> None:
            loop.call_soon_threadsafe(hub.end_streams)
            before(number, frame)

        signal.signal(number, handle)


async def stream(request: Request, member: Member) -> Response:
    """GET /api/live"""
    return LiveResponse(request, member)


class LiveResponse(Response):
    """Written to the wire without anything between: a stream costs little while it is silent."""

    def __init__(self, request: Request, member: Member) -> None:
        super().__init__(media_type="text/event-stream")
        self.headers["X-Accel-Buffering"] = "no"
        del self.headers["Content-Length"]
        self._request = request
        self._facility_id = member.facility_id
        self._allowed_until = time.monotonic() + HEARTBEAT_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub: Hub = scope["app"].state.live
        seat = hub.take_seat(self._facility_id)
        gone = asyncio.create_task(wait_until_gone(receive, seat))
        try:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            await write(send, f"retry: {REOPEN_MS}\n\n")
            await hub.look_once()
            while not (gone.done() or hub.is_stopping):
                seat.bell.clear()
                if seat.sequence:
                    await write(send, f"data: {seat.sequence}\n\n")
                if not await self._is_silent_and_allowed(seat, hub, gone, send):
                    break
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            hub.leave(seat)

    async def _is_silent_and_allowed(
        self, seat: Seat, hub: Hub, gone: asyncio.Task[None], send: Send
    ) -> bool:
        """Waits for something to say; meanwhile a heartbeat now and then, and a look at whether
        the session still holds, however much there is to say. False when the stream is to end."""
        while not (gone.done() or hub.is_stopping):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(seat.bell.wait(), HEARTBEAT_SECONDS)
                return time.monotonic() < self._allowed_until or await self._is_allowed()
            if not await self._is_allowed():
                return False
            await write(send, ": \n\n")
        return False

    async def _is_allowed(self) -> bool:
        try:
            member = await sessions.require_member(self._request)
        except Exception as error:
            # Signed out, expired, or nobody can tell: the device asks again, and is told why.
            log.debug("live: a stream ends: %s", error)
            return False
        self._allowed_until = time.monotonic() + HEARTBEAT_SECONDS
        return not member.is_revoked


async def write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def wait_until_gone(receive: Receive, seat: Seat) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    seat.bell.set()
