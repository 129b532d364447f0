"""Request bodies: bounded while they stream in, plain or gzip, and decoded into a known shape.

The limit holds for the bytes on the wire and for the bytes they inflate to, and is checked as they
come: a lying Content-Length or a gzip bomb never takes more memory than the limit.
"""

from __future__ import annotations

import zlib
from typing import Any, TypeVar

import msgspec
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import Failure, answer

BODY_BYTES_MAX = 16 * 1024 * 1024
GZIP_WINDOW_BITS = 31  # zlib's number for "gzip wrapper, largest window"
JSON_TYPES = frozenset({"application/json", "application/fhir+json"})

T = TypeVar("T")


def too_large() -> Failure:
    return Failure("too-large", f"the body is larger than {BODY_BYTES_MAX} bytes")


class BoundedBody:
    """Hands the application a body that is plain and never longer than BODY_BYTES_MAX."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        encoding = headers.get("content-encoding", "identity").strip().lower()
        declared = headers.get("content-length", "0")
        if encoding not in ("identity", "gzip"):
            failure = Failure("media-type", "only gzip is understood as Content-Encoding")
            await answer(failure)(scope, receive, send)
        elif not declared.isdecimal():
            failure = Failure("malformed", "Content-Length is not a number")
            await answer(failure)(scope, receive, send)
        elif int(declared[:20]) > BODY_BYTES_MAX:
            await answer(too_large())(scope, receive, send)
        else:
            reader = BoundedReader(receive, gzip=encoding == "gzip")
            await self.app(plain(scope) if encoding == "gzip" else scope, reader, send)


def plain(scope: Scope) -> Scope:
    """The scope without the headers that described the compressed body."""
    scope = dict(scope) | {"headers": list(scope["headers"])}
    headers = MutableHeaders(scope=scope)
    del headers["content-encoding"]
    del headers["content-length"]
    return scope


class BoundedReader:
    """An ASGI `receive` that counts, and inflates, what passes through it."""

    def __init__(self, receive: Receive, *, gzip: bool) -> None:
        self.receive = receive
        self.inflater: Any = zlib.decompressobj(GZIP_WINDOW_BITS) if gzip else None
        self.wire_bytes = 0
        self.plain_bytes = 0

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] != "http.request":
            return message
        body = message.get("body", b"")
        more = message.get("more_body", False)
        self.wire_bytes += len(body)
        if self.wire_bytes > BODY_BYTES_MAX:
            raise too_large()
        if self.inflater is not None:
            body = self.inflate(body, last=not more)
        return {"type": "http.request", "body": body, "more_body": more}

    def inflate(self, body: bytes, *, last: bool) -> bytes:
        room = BODY_BYTES_MAX - self.plain_bytes
        try:
            # One byte more than allowed is enough to know; the rest is never inflated.
            inflated: bytes = self.inflater.decompress(body, room + 1)
        except zlib.error:
            raise Failure("malformed", "the body is not valid gzip") from None
        self.plain_bytes += len(inflated)
        if self.plain_bytes > BODY_BYTES_MAX:
            raise too_large()
        if self.inflater.unused_data or (last and not self.inflater.eof):
            raise Failure("malformed", "the gzip body is cut off or has something after it")
        return inflated


async def read_json_bytes(request: Request) -> bytes:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in JSON_TYPES:
        raise Failure("media-type", "Content-Type must be application/json")
    try:
        return await request.body()
    except ClientDisconnect:
        raise Failure("malformed", "the body ended early") from None


def decode(body: bytes, shape: type[T]) -> T:
    """The body as `shape`; a field that is missing, unknown or of a wrong type is named."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError as error:
        raise Failure("malformed", str(error), field_of(str(error))) from None
    except RecursionError:
        raise Failure("malformed", "the JSON is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Failure("malformed", f"the body is not valid JSON: {error}") from None


def field_of(message: str) -> str:
    """The path in a message of msgspec, such as "... - at `$.cursor`"."""
    quoted = message.split("`")
    if message.startswith("Object contains unknown field") or " missing required" in message:
        return quoted[1]
    return quoted[-2].removeprefix("$").removeprefix(".") if "- at `$" in message else ""


async def read(request: Request, shape: type[T]) -> T:
    return decode(await read_json_bytes(request), shape)
