"""A network on loopback that does to each exchange what chance says; one request a connection."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from collections import Counter

from tests.journeys.proxy import CHUNK_BYTES, SYNC, Relay

DELAY_SECONDS_MAX = 1.5

PASS = "passed on"
REFUSE = "connection closed at once"
CUT_REQUEST = "request cut in two"
LOSE_REPLY = "reply lost after the server had answered"
CUT_REPLY = "reply cut in two"
REPEAT = "request repeated"
REORDER = "request repeated later"
DELAY = "held up"
FAULTS = (REFUSE, CUT_REQUEST, LOSE_REPLY, CUT_REPLY, REPEAT, REORDER, DELAY)


class Network(Relay):
    """`share` (0 to 1) of the exchanges meet a fault; `done` counts what was done."""

    def __init__(self, target_port: int, chance: random.Random) -> None:
        self._chance = chance
        self.share = 0.0
        self.done: Counter[str] = Counter()
        super().__init__(target_port)

    def pass_on(self, client: socket.socket, request: bytes) -> None:
        fault = PASS
        if request.startswith(SYNC) and self._chance.random() < self.share:
            fault = self._chance.choice(FAULTS)
        if request.startswith(SYNC):
            self.done[fault] += 1
        self._pass_on(client, request, fault)

    def _pass_on(self, client: socket.socket, request: bytes, fault: str) -> None:
        if fault == REFUSE:
            return
        if fault == DELAY:
            time.sleep(self._chance.random() * DELAY_SECONDS_MAX)
        if fault == REPEAT:
            self._repeat(request)
        if fault == REORDER:
            # The same request arrives once more when the device has long gone on.
            threading.Timer(DELAY_SECONDS_MAX, self._repeat, (request,)).start()
        if fault == CUT_REQUEST:
            request = request[: len(request) // 2]
        with self.connect() as server:
            server.sendall(request)
            if fault == CUT_REQUEST:
                return
            if fault == LOSE_REPLY:
                server.recv(CHUNK_BYTES)
                return
            while chunk := server.recv(CHUNK_BYTES):
                if fault == CUT_REPLY:
                    client.sendall(chunk[: len(chunk) // 2])
                    return
                client.sendall(chunk)

    def _repeat(self, request: bytes) -> None:
        """Sends it and throws the answer away."""
        with contextlib.suppress(OSError), self.connect() as server:
            server.sendall(request)
            while server.recv(CHUNK_BYTES):
                pass
