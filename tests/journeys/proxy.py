"""A proxy on loopback that does to HTTP what bad networks do, one connection at a time.

Threads and sockets, because it has to cut bytes where a well-behaved library would not.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

CHUNK_BYTES = 65_536
SYNC = b"POST /api/sync"
# A body that carries no changes is shorter.
CARRIES_BYTES_MIN = 500


class Relay:
    """Accepts connections, each with one request: `Connection: close` keeps requests apart."""

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def pass_on(self, client: socket.socket, request: bytes) -> None:
        raise NotImplementedError

    def connect(self) -> socket.socket:
        """To the server itself."""
        return socket.create_connection(("127.0.0.1", self._target_port))

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            request = read_request(client)
            if request:
                self.pass_on(client, request)


class Proxy(Relay):
    """Passes everything on, until told otherwise. `posts` counts requests to /api/sync."""

    def __init__(self, target_port: int) -> None:
        self.posts = 0
        self.replies_to_lose = 0
        self.lost = 0
        # Cleared, it holds back the answers to requests that carry changes.
        self.answers = threading.Event()
        self.answers.set()
        self.after_reply: Callable[[int], None] | None = None
        super().__init__(target_port)

    def pass_on(self, client: socket.socket, request: bytes) -> None:
        is_sync = request.startswith(SYNC)
        if is_sync:
            self.posts += 1
        number = self.posts
        with self.connect() as server:
            server.sendall(request)
            if is_sync and self.replies_to_lose:
                # The answer has begun, so the server has committed; the device never hears.
                server.recv(CHUNK_BYTES)
                self.replies_to_lose -= 1
                self.lost += 1
                return
            if is_sync and len(request.partition(b"\r\n\r\n")[2]) > CARRIES_BYTES_MIN:
                self.answers.wait()
            while chunk := server.recv(CHUNK_BYTES):
                client.sendall(chunk)
        client.close()
        if is_sync and self.after_reply is not None:
            self.after_reply(number)


def read_request(client: socket.socket) -> bytes:
    """Head and body as they came, but for `Connection: close` in the head."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = client.recv(CHUNK_BYTES)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"connection:")]
    length = 0
    for line in lines:
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    while len(body) < length:
        chunk = client.recv(CHUNK_BYTES)
        if not chunk:
            return b""
        body += chunk
    return b"\r\n".join([*lines, b"Connection: close"]) + b"\r\n\r\n" + body
