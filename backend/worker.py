"""One server process: uvicorn on a socket that the supervisor has opened and handed down."""

from __future__ import annotations

import gc
import socket
import sys

import uvicorn

from backend.supervisor import BACKLOG_MAX

SHUTDOWN_SECONDS_MAX = 5
# Python looks for cycles every 700 new objects; a batch of 1,000 changes is 30,000 without one,
# and looking took half of the time of merging it (bench/results.md).
OBJECTS_BETWEEN_COLLECTIONS = 50_000


def collect_seldom() -> None:
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def main(arguments: list[str]) -> None:
    collect_seldom()
    # Built from the number alone, the socket knows its true family, and uvicorn its clients.
    listener = socket.socket(fileno=int(arguments[0]))
    config = uvicorn.Config(
        "server:app",
        lifespan="on",
        log_level="warning",
        access_log=False,
        server_header=False,
        backlog=BACKLOG_MAX,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS_MAX,
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main(sys.argv[1:])
