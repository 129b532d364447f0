"""Keeps one PostgreSQL running for as long as any process uses its data folder.

A process of its own, run by file name with the standard library alone. It holds the lock
`keeper.lock` (inherited, already taken) all its life, and stops PostgreSQL when it gets the
lock `users.lock` for itself, which is when the last user has gone, by whatever death. The
kernel gives locks back, so no process id is ever trusted. When the keeper itself is killed,
the kernel asks PostgreSQL to stop (PR_SET_PDEATHSIG). It knows nothing of Rekam.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

PORT = 5432  # Names the socket's file; nothing listens on TCP.
ORPHAN_WAIT_SECONDS_MAX = 60
RESTART_DELAY_SECONDS = 1.0
HEALTHY_AFTER_SECONDS = 5.0
# One after another, of a server that has run before: what a killed one has left behind may hold
# its shared memory until a long statement ends.
FAILURES_MAX = 60
PR_SET_PDEATHSIG = 1

OPTIONS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
}


def die_with(parent: int, death_signal: int) -> None:
    """Ask the kernel for `death_signal` when the parent ends; call it in the child itself.

    Where the kernel has no such request (not Linux), an orphan has to be found at next start.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal)
    if os.getppid() != parent:  # It ended before the request was made.
        os.kill(os.getpid(), death_signal)


def _prepare_child(keeper: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # The keeper's "ignore" would be inherited.
    die_with(keeper, signal.SIGINT)


class Keeper:
    def __init__(self, postgres: Path, cluster: Path, sockets: Path, user: int, group: int) -> None:
        self.postgres = postgres
        self.cluster = cluster
        self.sockets = sockets
        self.user = user
        self.group = group
        self.process: subprocess.Popen[bytes] | None = None
        self.finished = threading.Event()

    def run(self, users_lock: int) -> int:
        self._clear_leftovers()
        threading.Thread(target=self._wait_for_users, args=(users_lock,), daemon=True).start()
        failures, failures_max = 0, 0  # What fails at its first start would fail again.
        while True:
            started = time.monotonic()
            code = self._serve()
            if time.monotonic() - started > HEALTHY_AFTER_SECONDS:
                failures = 0
            else:
                failures += 1
            if not failures or code < 0:  # It ran well, or somebody killed it.
                failures_max = FAILURES_MAX
            if failures > failures_max or self.finished.wait(RESTART_DELAY_SECONDS):
                return code

    def _serve(self) -> int:
        arguments = [str(self.postgres), "-D", str(self.cluster), "-k", str(self.sockets)]
        for name, value in OPTIONS.items():
            arguments += ["-c", f"{name}={value}"]
        keeper = os.getpid()
        root = os.geteuid() == 0
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            cwd=self.cluster,
            start_new_session=True,
            # A change of user clears the request, so it is made after it, in the child.
            preexec_fn=lambda: _prepare_child(keeper),
            user=self.user if root else None,
            group=self.group if root else None,
            extra_groups=[] if root else None,
        )
        self.process = process
        if self.finished.is_set():
            self._stop()
        return process.wait()

    def _wait_for_users(self, users_lock: int) -> None:
        fcntl.flock(users_lock, fcntl.LOCK_EX)
        self.finished.set()
        self._stop()

    def _stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # PostgreSQL's fast stop.

    def _clear_leftovers(self) -> None:
        """What an earlier keeper that was killed has left in the folders."""
        socket = self.sockets / f".s.PGSQL.{PORT}"
        # First the socket: nobody must reach a server that is about to end.
        socket.unlink(missing_ok=True)
        wait_for_orphan(self.cluster)
        socket.with_name(socket.name + ".lock").unlink(missing_ok=True)
        disown_stranger(self.cluster)


def recorded_process(cluster: Path) -> int | None:
    try:
        return int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def runs_in(process: int, cluster: Path) -> bool:
    """Whether the process is the server of this folder, and not a stranger with its number."""
    try:
        return os.path.samefile(f"/proc/{process}/cwd", cluster)
    except OSError:
        return False


def wait_for_orphan(cluster: Path) -> None:
    """A server whose keeper was killed is stopping by now; ask again, and wait for its end."""
    process = recorded_process(cluster)
    if process is None:
        return
    try:
        handle = os.pidfd_open(process)
    except (OSError, AttributeError):
        return
    try:
        # Looked at after the handle was opened, so the signal cannot reach anyone else.
        if runs_in(process, cluster):
            signal.pidfd_send_signal(handle, signal.SIGINT)
        deadline = time.monotonic() + ORPHAN_WAIT_SECONDS_MAX
        while runs_in(process, cluster) and time.monotonic() < deadline:
            time.sleep(0.02)
    finally:
        os.close(handle)


def disown_stranger(cluster: Path) -> None:
    """Let PostgreSQL start although the recorded number now belongs to a stranger.

    It refuses while any process has that number. Removing the file would lose its check for
    shared memory in use; our own number in it is read as a leftover, and the check is kept.
    """
    path = cluster / "postmaster.pid"
    process = recorded_process(cluster)
    if process is None or runs_in(process, cluster):
        return
    lines = path.read_text().split("\n")
    lines[0] = str(os.getpid())
    with path.open("r+") as file:
        file.write("\n".join(lines))
        file.truncate()


def main(arguments: list[str]) -> int:
    postgres, cluster, sockets, user, group, users_lock = arguments
    # A terminal's or a service manager's signals reach the users; when they end, so do we.
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    descriptor = os.open(users_lock, os.O_RDWR | os.O_CLOEXEC)
    keeper = Keeper(Path(postgres), Path(cluster), Path(sockets), int(user), int(group))
    return keeper.run(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
