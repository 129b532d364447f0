"""Runs the workers (backend/worker.py) on one socket until it is told to stop.

The workers are processes of their own, because uvicorn ends its process on SIGTERM and what
has to be tidied up afterwards, the embedded PostgreSQL above all, would never run.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from backend.keeper import die_with
from backend.settings import ROOT

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WAIT_SECONDS = 0.25
READY_WAIT_SECONDS = 0.02
PROBE_SECONDS_MAX = 1.0
STOP_SECONDS_MAX = 10.0
RESTART_DELAY_SECONDS = 1.0
RESTARTS_MAX = 1000
BACKLOG_MAX = 2048


def open_listener(host: str, port: int) -> socket.socket:
    """Bind before anything else is started, so that a port in use costs nothing."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = found[0]
    return socket.create_server(address, family=family, backlog=BACKLOG_MAX)


def address_to_open(host: str, listener: socket.socket) -> str:
    """A browser treats http://localhost as secure, which the app's cookie and worker need."""
    port = listener.getsockname()[1]
    if host in ("127.0.0.1", "::1", "0.0.0.0", "::", "localhost"):
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Supervisor:
    """The workers, and `tend`, which looks after what they depend on between two looks."""

    def __init__(
        self,
        listener: socket.socket,
        count: int,
        environment: Mapping[str, str],
        tend: Callable[[], None],
    ) -> None:
        self._listener = listener
        self._environment = environment
        self._count = count
        self._tend = tend
        self._workers: list[subprocess.Popen[bytes]] = []
        self._restarts = 0

    def run(self, on_ready: Callable[[], None], on_stop: Callable[[], None]) -> int:
        """Serve until a signal comes; answers the exit code."""
        # Signals are waited for rather than handled: nothing is ever interrupted half way.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._workers = [self._start_worker() for _ in range(self._count)]
            code = self._watch(on_ready)
            if code == 0:
                on_stop()
            return code
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _start_worker(self) -> subprocess.Popen[bytes]:
        supervisor = os.getpid()

        def prepare() -> None:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            die_with(supervisor, signal.SIGKILL)

        descriptor = self._listener.fileno()
        return subprocess.Popen(
            [sys.executable, "-m", "backend.worker", str(descriptor)],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=dict(self._environment),
            pass_fds=(descriptor,),
            # A terminal's Ctrl-C is for the supervisor, which stops the workers in order.
            start_new_session=True,
            preexec_fn=prepare,
        )

    def _watch(self, on_ready: Callable[[], None]) -> int:
        ready = False
        while signal.sigtimedwait(SIGNALS, WAIT_SECONDS if ready else READY_WAIT_SECONDS) is None:
            ended = [worker for worker in self._workers if worker.poll() is not None]
            if ended and not ready:
                return 1
            if not ready and self._answers():
                ready = True
                on_ready()
            for worker in ended:
                if not self._replace(worker):
                    return 1
            self._tend()
        return 0

    def _replace(self, worker: subprocess.Popen[bytes]) -> bool:
        self._restarts += 1
        if self._restarts > RESTARTS_MAX:
            return False
        print(f"A server process ended ({worker.returncode}); starting another.", flush=True)
        time.sleep(RESTART_DELAY_SECONDS)
        self._workers[self._workers.index(worker)] = self._start_worker()
        return True

    def _answers(self) -> bool:
        name: tuple[str, int] = self._listener.getsockname()[:2]
        host, port = name
        # A server that listens everywhere is asked where it surely is.
        host = "127.0.0.1" if host == "0.0.0.0" else "::1" if host == "::" else host
        connection = http.client.HTTPConnection(host, port, timeout=PROBE_SECONDS_MAX)
        try:
            connection.request("GET", "/api/health")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _stop(self) -> None:
        """Ask, wait, and at the end of patience (or at a second signal) kill."""
        for worker in self._workers:
            worker.terminate()
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while any(worker.poll() is None for worker in self._workers):
            again = signal.sigtimedwait(SIGNALS, READY_WAIT_SECONDS) is not None
            if again or time.monotonic() > deadline:
                for worker in self._workers:
                    worker.kill()
                    worker.wait()
