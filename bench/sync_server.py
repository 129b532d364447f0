"""The real server with what the synchronisation benchmark needs beside it, on one origin.

    uvicorn bench.sync_server:app        (started by bench.browser)

Under /bench/ lie the pages, the work to load, the floor (one POST, COPY into a plain table) and
the endpoints that RxDB's replication calls; they pass by everything of the real server's. All
else is the real server. Every byte of request and answer is counted where uvicorn hands it over.
"""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

import server
from backend import worker
from tests import micropython

PAGES = Path(__file__).parent / "pages"
FOLDER = Path(os.environ["BENCH_FOLDER"])
TABLES = """
create table if not exists floor_row (run text, sequence bigserial, id text, body json);
create index if not exists floor_row_run on floor_row (run, sequence);
create table if not exists rxdb_row (
    run text, id text, sequence bigserial, body json, primary key (run, id)
);
create index if not exists rxdb_row_sequence on rxdb_row (run, sequence);
"""
RXDB_UPSERT = """
insert into rxdb_row (run, id, body)
select $1, id, body::json from unnest($2::text[], $3::text[]) as sent (id, body)
on conflict (run, id) do update
set body = excluded.body, sequence = nextval('rxdb_row_sequence_seq')
"""


class Counter:
    """Counts the bytes on the wire, headers included, of everything but the work to load."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.up = 0
        self.down = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/bench/given", "/bench/bytes")):
            await self.app(scope, receive, send)
            return
        path = scope["path"] + scope["query_string"].decode()
        self.up += len(path) + len("POST  HTTP/1.1\r\n\r\n") + length_of(scope["headers"])

        async def counted_receive() -> Message:
            message = await receive()
            self.up += len(message.get("body", b""))
            return message

        async def counted_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.down += len("HTTP/1.1 200 OK\r\n\r\n") + length_of(message["headers"])
            self.down += len(message.get("body", b""))
            await send(message)

        await self.app(scope, counted_receive, counted_send)


def length_of(headers: Any) -> int:
    return sum(len(name) + len(value) + len(": \r\n") for name, value in headers)


async def read_bytes(request: Request) -> Response:
    """GET /bench/bytes: what has come and gone so far."""
    return JSONResponse({"up": app.up, "down": app.down})


async def take_rows(request: Request) -> Response:
    """POST /bench/floor/{run}: an array of [id, record]; answered when the rows are durable."""
    run = request.path_params["run"]
    rows = msgspec.json.decode(await request.body(), type=list[tuple[str, msgspec.Raw]])
    records = [(run, id, bytes(body).decode()) for id, body in rows]
    async with pool_of(request).acquire() as connection, connection.transaction():
        await connection.copy_records_to_table(
            "floor_row", records=records, columns=("run", "id", "body")
        )
    return JSONResponse({"taken": len(records)})


async def give_rows(request: Request) -> Response:
    """GET /bench/floor/{run}?after=: an array of the rows' bodies, and where it ends."""
    async with pool_of(request).acquire() as connection:
        row = await connection.fetchrow(
            "select coalesce(max(sequence), 0) as last, string_agg(body::text, ',') as rows"
            " from floor_row where run = $1 and sequence > $2",
            request.path_params["run"],
            int(request.query_params.get("after", "0")),
        )
    text = f'{{"last":{row["last"]},"rows":[{row["rows"] or ""}]}}'
    return Response(text, media_type="application/json")


async def rxdb_push(request: Request) -> Response:
    """POST: rows as RxDB's replication sends them; no conflicts in this run, so none are told."""
    sent = msgspec.json.decode(await request.body())
    documents = [row["newDocumentState"] for row in sent]
    async with pool_of(request).acquire() as connection, connection.transaction():
        await connection.execute(
            RXDB_UPSERT,
            request.path_params["run"],
            [one["id"] for one in documents],
            [msgspec.json.encode(one).decode() for one in documents],
        )
    return JSONResponse([])


async def rxdb_pull(request: Request) -> Response:
    """GET ?after=&limit=: documents in the order of their sequence, with a checkpoint."""
    async with pool_of(request).acquire() as connection:
        found = await connection.fetch(
            "select sequence, body::text from rxdb_row where run = $1 and sequence > $2"
            " order by sequence limit $3",
            request.path_params["run"],
            int(request.query_params["after"]),
            int(request.query_params["limit"]),
        )
    last = found[-1]["sequence"] if found else int(request.query_params["after"])
    bodies = ",".join(row["body"] for row in found)
    text = f'{{"documents":[{bodies}],"checkpoint":{{"sequence":{last}}}}}'
    return Response(text, media_type="application/json")


def pool_of(request: Request) -> Any:
    return request.app.state.pool


def page(title: str, script: str) -> Response:
    text = f'<!doctype html><meta charset="utf-8"><title>{title}</title>'
    return Response(
        text + f'<script type="module" src="{script}"></script>', media_type="text/html"
    )


async def rival_page(request: Request) -> Response:
    name = request.path_params["name"]
    return page(name, "/bench/given/rxdb.js" if name == "rxdb" else f"/bench/pages/{name}.js")


async def python_page(request: Request) -> Response:
    """The page in which tests run MicroPython, and its files."""
    made = {
        "/bench/python": ("text/html", micropython.PAGE),
        "/start.js": ("text/javascript", micropython.START),
        "/main.py": ("text/plain; charset=utf-8", micropython.MAIN),
        "/app.json": ("application/json", msgspec.json.encode(micropython.CONFIGURATION)),
        "/python.json": ("application/json", msgspec.json.encode(micropython.python_files())),
    }
    media_type, content = made[request.url.path]
    headers = {"Content-Security-Policy": micropython.POLICY}
    return Response(content, media_type=media_type, headers=headers)


PYTHON = ("/bench/python", "/start.js", "/main.py", "/app.json", "/python.json")
real = server.create_app()


@asynccontextmanager
async def lifespan(application: Starlette) -> AsyncGenerator[None]:
    worker.collect_seldom()
    async with server.lifespan(real), asyncpg.create_pool(os.environ["DATABASE_URL"]) as pool:
        await pool.execute(TABLES)
        application.state.pool = pool
        yield


app = Counter(
    Starlette(
        routes=[
            *[Route(path, python_page) for path in PYTHON],
            Route("/bench/bytes", read_bytes),
            Route("/bench/floor/{run}", take_rows, methods=["POST"]),
            Route("/bench/floor/{run}", give_rows, methods=["GET"]),
            Route("/bench/rxdb/{run}", rxdb_push, methods=["POST"]),
            Route("/bench/rxdb/{run}", rxdb_pull, methods=["GET"]),
            Route("/bench/page/{name}", rival_page),
            Mount("/bench/pages", StaticFiles(directory=PAGES)),
            Mount("/bench/given", StaticFiles(directory=FOLDER)),
            Mount("/", real),
        ],
        lifespan=lifespan,
    )
)
