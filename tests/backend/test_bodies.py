"""Bodies are bounded while they stream in."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend import bodies, errors
from backend.bodies import BODY_BYTES_MAX, BoundedBody


async def measure(request: Request) -> Response:
    return JSONResponse(len(await bodies.read_json_bytes(request)))


APP = Starlette(
    routes=[Route("/", measure, methods=["POST"])],
    middleware=[Middleware(BoundedBody)],
    exception_handlers=errors.HANDLERS,
)


async def post(content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(APP), base_url="https://rekam.test"
    ) as client:
        sent = {"content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        stream = content if isinstance(content, bytes) else stream_of(content)
        return await client.post("/", content=stream, headers=sent)


async def stream_of(pieces: Iterator[bytes]):
    for piece in pieces:
        yield piece


async def test_a_plain_body_passes() -> None:
    assert (await post(b"12345")).json() == 5


async def test_a_gzip_body_is_inflated() -> None:
    content = gzip.compress(b"x" * 100_000)
    assert (await post(content, content_encoding="gzip")).json() == 100_000


async def test_a_gzip_body_in_small_pieces_is_inflated() -> None:
    content = gzip.compress(bytes(range(256)) * 100)
    pieces = iter([content[at : at + 7] for at in range(0, len(content), 7)])
    assert (await post(pieces, content_encoding="gzip")).json() == 25_600


async def test_a_gzip_bomb_is_refused_before_it_is_inflated() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    content = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    assert len(content) < 300_000
    answer = await post(content, content_encoding="gzip")
    assert answer.status_code == 413
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_a_body_longer_than_it_says_is_refused() -> None:
    pieces = iter([bytes(1 << 20)] * (BODY_BYTES_MAX // (1 << 20) + 1))
    assert (await post(pieces, content_length="10")).status_code == 413


async def test_a_body_that_says_it_is_too_long_is_refused_unread() -> None:
    assert (await post(b"x", content_length=str(BODY_BYTES_MAX + 1))).status_code == 413


@pytest.mark.parametrize("content", [b"not gzip", gzip.compress(b"abc")[:-3]])
async def test_broken_gzip_is_refused(content: bytes) -> None:
    assert (await post(content, content_encoding="gzip")).status_code == 400


async def test_something_after_the_gzip_is_refused() -> None:
    content = gzip.compress(b"abc") + b"more"
    assert (await post(content, content_encoding="gzip")).status_code == 400


async def test_another_encoding_is_refused() -> None:
    assert (await post(b"x", content_encoding="br")).status_code == 415


async def test_another_content_type_is_refused() -> None:
    assert (await post(b"x", content_type="text/plain")).status_code == 415
