"""Failures and the HTTP status of each, in one table; the body is always an OperationOutcome.

Handlers raise `Failure(kind, ...)` and know no status. What the database or the code itself throws
is given a kind here too, so that a client never sees a bare 500 page or a stack trace.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import asyncpg
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pwa.py.domain import issues

log = logging.getLogger("rekam")

RETRY_AFTER_SECONDS = 5

# kind: (HTTP status, code of FHIR's issue-type value set)
FAILURES: dict[str, tuple[int, str]] = {
    "malformed": (400, "structure"),
    "value": (400, "value"),
    "protocol": (400, "not-supported"),
    "signed-out": (401, "login"),
    "wrong-password": (401, "login"),
    "forbidden": (403, "forbidden"),
    "foreign-origin": (403, "security"),
    "revoked": (403, "suppressed"),
    "not-found": (404, "not-found"),
    "method": (405, "not-supported"),
    "gap": (409, "incomplete"),
    "conflict": (409, "conflict"),
    "too-large": (413, "too-long"),
    "too-many": (413, "too-costly"),
    "media-type": (415, "not-supported"),
    "unstorable": (422, "invalid"),
    "rescue": (422, "processing"),
    "throttled": (429, "throttled"),
    "fault": (500, "exception"),
    "unavailable": (503, "transient"),
}
KIND_BY_STATUS = {status: kind for kind, (status, _) in reversed(FAILURES.items())}


class Failure(Exception):
    """Something the client must be told. `extra` stands beside the issues in the answer."""

    def __init__(
        self,
        kind: str,
        diagnostics: str,
        expression: str = "",
        *,
        headers: Mapping[str, str] | None = None,
        extra: dict[str, Any] | None = None,
    ) -> None:
        assert kind in FAILURES, kind
        super().__init__(diagnostics)
        self.kind = kind
        self.diagnostics = diagnostics
        self.expression = expression
        self.headers = dict(headers or {})
        self.extra = extra or {}


def answer(failure: Failure) -> Response:
    status, code = FAILURES[failure.kind]
    issue = issues.issue(code, failure.diagnostics, failure.expression)
    body = issues.operation_outcome([issue]) | failure.extra
    return JSONResponse(body, status, headers=failure.headers)


def as_failure(error: Exception) -> Failure:
    """What any exception means to the client, without what only the server may know."""
    if isinstance(error, Failure):
        return error
    if isinstance(error, HTTPException):
        kind = KIND_BY_STATUS.get(error.status_code, "malformed")
        return Failure(kind, str(error.detail), headers=error.headers)
    if isinstance(error, asyncpg.DataError):
        return Failure("unstorable", "the database cannot hold this data")
    if isinstance(error, UNAVAILABLE):
        headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        return Failure("unavailable", "the database cannot answer now", headers=headers)
    return Failure("fault", "the server failed; it has been logged")


UNAVAILABLE = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.LockNotAvailableError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.InterfaceError,
    OSError,  # refused, reset, timed out, no socket there
)


async def handle(request: Request, error: Exception) -> Response:
    """The one exception handler of the application."""
    failure = as_failure(error)
    if FAILURES[failure.kind][0] >= 500:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(failure)


HANDLERS = {
    Failure: handle,
    HTTPException: handle,
    asyncpg.PostgresError: handle,
    asyncpg.InterfaceError: handle,
    OSError: handle,
}


class LastResort:
    """Answers what no handler knew. Inside the security headers, so that these are on it too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_started = False

        async def watch(message: Message) -> None:
            nonlocal has_started
            has_started = has_started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http" or has_started:
                raise
            response = await handle(Request(scope), error)
            await response(scope, receive, send)
