"""One server process: uvicorn on a socket that the supervisor has opened and handed down."""

from __future__ import annotations

import socket
import sys

import uvicorn

SHUTDOWN_SECONDS_MAX = 5
BACKLOG_MAX = 2048


def main(arguments: list[str]) -> None:
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
