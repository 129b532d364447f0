"""Every failure is an OperationOutcome with a status from one table."""

from __future__ import annotations

from contextlib import asynccontextmanager

import asyncpg
import pytest
from starlette.exceptions import HTTPException

from backend import errors
from backend.database import Database
from backend.errors import FAILURES, Failure
from tests.backend.clinics import client_of


@pytest.mark.parametrize("kind", FAILURES)
def test_each_kind_is_answered_as_an_operation_outcome(kind: str) -> None:
    answer = errors.answer(Failure(kind, "what happened", "where"))
    assert answer.status_code == FAILURES[kind][0]
    assert b'"resourceType":"OperationOutcome"' in bytes(answer.body)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (HTTPException(404), "not-found"),
        (HTTPException(405), "method"),
        (asyncpg.DataError("x"), "unstorable"),
        (asyncpg.ConnectionDoesNotExistError("x"), "unavailable"),
        (asyncpg.DeadlockDetectedError("x"), "unavailable"),
        (asyncpg.LockNotAvailableError("x"), "unavailable"),
        (ConnectionRefusedError(), "unavailable"),
        (RuntimeError("secret"), "fault"),
    ],
)
def test_what_others_throw_is_given_a_kind(error: Exception, kind: str) -> None:
    failure = errors.as_failure(error)
    assert failure.kind == kind
    assert "secret" not in failure.diagnostics


async def test_an_unknown_address_is_an_operation_outcome(database: Database) -> None:
    async with client_of(database) as client:
        for path in ("/api/nothing", "/nothing", "/server.py", "/pwa/../server.py", "/pwa/%00.js"):
            answer = await client.get(path)
            assert answer.status_code == 404, path
            assert answer.json()["issue"][0]["code"] == "not-found"


async def test_nobody_is_sent_to_the_host_that_the_request_names(database: Database) -> None:
    async with client_of(database) as client:
        answer = await client.get("/api/health/", headers={"host": "evil.test"})
    assert answer.status_code == 404


async def test_a_wrong_method_is_an_operation_outcome(database: Database) -> None:
    async with client_of(database) as client:
        answer = await client.delete("/api/sync")
    assert answer.status_code == 405
    assert answer.json()["resourceType"] == "OperationOutcome"


class DeadDatabase(Database):
    """What a pool does when its PostgreSQL has gone: the socket is not there."""

    def __init__(self) -> None: ...

    @asynccontextmanager
    async def connection(self):
        raise FileNotFoundError("no socket")
        yield


async def test_a_dead_database_is_unavailable_and_not_a_fault() -> None:
    async with client_of(DeadDatabase()) as client:
        answer = await client.get("/api/health")
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Content-Security-Policy" in answer.headers


async def test_health_asks_the_database(database: Database) -> None:
    async with client_of(database) as client:
        assert (await client.get("/api/health")).json()["status"] == "ok"
