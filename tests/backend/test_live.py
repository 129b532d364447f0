"""The stream that says the facility's newest sequence, through the hub of one worker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from backend import live
from backend.database import Database
from tests.backend.clinics import Clinic, open_clinic, patient

WAIT_SECONDS = 20.0


class Stream:
    """A request for /api/live, made of the application itself, and what it has sent so far."""

    def __init__(self, clinic: Clinic) -> None:
        self.application = application_of(clinic)
        cookie = "; ".join(f"{name}={value}" for name, value in clinic.client.cookies.items())
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "GET",
            "path": "/api/live",
            "raw_path": b"/api/live",
            "query_string": b"",
            "root_path": "",
            "scheme": "https",
            "http_version": "1.1",
            "headers": [(b"host", b"rekam.test"), (b"cookie", cookie.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("rekam.test", 443),
        }
        self.status = 0
        self.text = ""
        self._gone = asyncio.Event()
        self.task = asyncio.create_task(
            self.application(self.scope, self._receive, self._send)  # type: ignore[arg-type]
        )

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message["body"].decode()

    def leave(self) -> None:
        self._gone.set()

    async def until(self, text: str) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while text not in self.text:
            assert time.monotonic() < deadline, (text, self.status, self.text)
            await asyncio.sleep(0.01)


@pytest.fixture
async def clinic(database: Database) -> AsyncGenerator[Clinic]:
    clinic = await open_clinic(database)
    yield clinic
    await clinic.client.aclose()


def application_of(clinic: Clinic) -> Any:
    return clinic.client._transport.app  # type: ignore[attr-defined]


def hub_of(clinic: Clinic) -> live.Hub:
    return application_of(clinic).state.live


def start_listening_hub(clinic: Clinic, database_url: str) -> live.Hub:
    """As in a worker: it is told of changes, and looks as well."""
    hub = live.Hub(clinic.database, database_url)
    application_of(clinic).state.live = hub
    hub.start()
    return hub


async def test_a_stream_says_where_the_facility_is_and_where_it_gets(
    clinic: Clinic, database_url: str
) -> None:
    tablet = await clinic.tablet()
    await tablet.push(tablet.write(patient("p1")))
    hub = start_listening_hub(clinic, database_url)
    stream = Stream(clinic)
    await stream.until("data: 1\n\n")
    assert stream.status == 200
    began = time.monotonic()
    await tablet.push(tablet.write(patient("p2"), patient("p3")))
    await stream.until("data: 3\n\n")
    print(f"heard after {time.monotonic() - began:.3f} s")
    stream.leave()
    await asyncio.wait_for(stream.task, WAIT_SECONDS)
    await hub.stop()


async def test_without_notifications_a_look_at_the_counters_tells(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 0.05)
    tablet = await clinic.tablet()
    hub = hub_of(clinic)
    hub.start()
    stream = Stream(clinic)
    await stream.until("retry")
    await tablet.push(tablet.write(patient("p1")))
    await stream.until("data: 1\n\n")
    await hub.stop()
    await asyncio.wait_for(stream.task, WAIT_SECONDS)


async def test_a_lost_listener_is_made_again(
    clinic: Clinic, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_SECONDS", 3600.0)
    tablet = await clinic.tablet()
    hub = start_listening_hub(clinic, database_url)
    stream = Stream(clinic)
    await stream.until("retry")
    listening = "select pid from pg_stat_activity where query ilike 'listen%'"
    for number in (1, 2):
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := await clinic.fetch(listening)):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        await tablet.push(tablet.write(patient(f"p{number}")))
        await stream.until(f"data: {number}\n\n")
        await clinic.fetch("select pg_terminate_backend($1)", found[0]["pid"])
        while await clinic.fetch("select 1 from pg_stat_activity where pid = $1", found[0]["pid"]):
            await asyncio.sleep(0.02)
    await hub.stop()
    await asyncio.wait_for(stream.task, WAIT_SECONDS)


async def test_another_facility_is_not_heard(database: Database, clinic: Clinic) -> None:
    await clinic.tablet()
    other = await open_clinic(database)
    tablet = await other.tablet()
    hub = hub_of(clinic)
    stream = Stream(clinic)
    await stream.until("retry")
    await tablet.push(tablet.write(patient("p1")))
    await hub.look_once()
    await asyncio.sleep(0.1)
    assert "data" not in stream.text
    stream.leave()
    await asyncio.wait_for(stream.task, WAIT_SECONDS)


@pytest.mark.parametrize("how", ["sign-out", "revoked"])
async def test_a_stream_ends_with_the_session(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    await clinic.tablet("tablet-1")
    stream = Stream(clinic)
    await stream.until(": \n\n")
    if how == "sign-out":
        await clinic.client.delete("/api/session")
    else:
        await clinic.fetch("update device set revoked_at = now()")
    await asyncio.wait_for(stream.task, WAIT_SECONDS)
    # And it is not opened again.
    again = Stream(clinic)
    await asyncio.wait_for(again.task, WAIT_SECONDS)
    assert again.status in (401, 403)


async def test_a_stream_ends_with_the_session_also_while_much_is_written(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.5)
    await clinic.tablet("tablet-1")
    stream = Stream(clinic)
    await stream.until("retry")
    await clinic.client.delete("/api/session")
    hub, deadline = hub_of(clinic), time.monotonic() + WAIT_SECONDS
    sequence = 1_000
    while not stream.task.done():
        assert time.monotonic() < deadline, "the stream outlives its session"
        sequence += 1
        hub.say(clinic.facility_id, sequence)
        await asyncio.sleep(0.05)


async def test_too_many_streams_are_refused_and_leave_no_trace(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_A_FACILITY_MAX", 2)
    await clinic.tablet()
    streams = [Stream(clinic), Stream(clinic)]
    for stream in streams:
        await stream.until("retry")
    third = Stream(clinic)
    await asyncio.wait_for(third.task, WAIT_SECONDS)
    assert third.status == 429
    assert "OperationOutcome" in third.text
    for stream in streams:
        stream.leave()
        await asyncio.wait_for(stream.task, WAIT_SECONDS)
    fourth = Stream(clinic)
    await fourth.until("retry")
    fourth.leave()
    await asyncio.wait_for(fourth.task, WAIT_SECONDS)


async def test_a_server_that_stops_ends_its_streams(clinic: Clinic) -> None:
    await clinic.tablet()
    stream = Stream(clinic)
    await stream.until("retry")
    hub_of(clinic).end_streams()
    await asyncio.wait_for(stream.task, 2)


async def test_a_stream_needs_a_session_of_a_device(clinic: Clinic) -> None:
    stream = Stream(clinic)
    await asyncio.wait_for(stream.task, WAIT_SECONDS)
    assert stream.status == 403
