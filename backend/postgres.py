"""The embedded PostgreSQL: start it or join it, and let go of it.

Processes on the same data folder share one server. Each holds `users.lock` (shared) while it
needs the database; the first to come starts a keeper (backend/keeper.py), which stops the
server when the last has gone. Only a Unix socket in a private folder; no TCP port.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import stat
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from backend import engine, keeper
from backend.engine import PostgresError

START_SECONDS_MAX = 300  # Recovery after a power cut may take minutes.
STOP_SECONDS_MAX = 60
POLL_SECONDS = 0.01
SOCKET_PATH_BYTES_MAX = 107
LOG_BYTES_MAX = 10_000_000
LOG_LINES_SHOWN = 10
PROTOCOL_VERSION = 0x30000

__all__ = ["EmbeddedPostgres", "PostgresError"]


class EmbeddedPostgres:
    """One process's use of the server of a data folder; a context manager."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder
        self._cluster = data_folder / "postgres"
        self._log = data_folder / "postgres.log"
        self._users: int | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._kept_since = 0.0

    def start(self) -> str:
        """Start the server or join a running one; answers the address for DATABASE_URL."""
        assert self._users is None, "already started"
        try:
            self._make_folder()
            self._sockets = socket_folder(self._folder)
            self._enter()
        except OSError as error:
            self.stop()
            raise PostgresError(f"The data folder cannot be used: {error}") from error
        except BaseException:
            self.stop()
            raise
        return self.url()

    def url(self, role: str = engine.ROLE, database: str = engine.DATABASE) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._sockets))}"

    def __enter__(self) -> EmbeddedPostgres:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def tend(self) -> None:
        """Start the server again if its keeper was killed; cheap, to be called now and then. It
        waits for nothing: who calls it looks for signals in between."""
        assert self._users is not None, "not started"
        has_served = time.monotonic() - self._kept_since > START_SECONDS_MAX
        if has_served and self._keeper is not None and self._keeper.poll() is not None:
            self._keeper = None  # Another may do better. What fails soon would fail again.
        self._start_unless_kept()

    def _is_kept(self) -> bool:
        lock = os.open(self._folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            return not _try_lock(lock, fcntl.LOCK_EX)
        finally:
            os.close(lock)

    def _make_folder(self) -> None:
        if not self._folder.exists():
            self._folder.mkdir(parents=True)
            # Root's folder must let the system user through to the cluster.
            self._folder.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def _enter(self) -> None:
        deadline = time.monotonic() + START_SECONDS_MAX
        users = os.open(self._folder / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
        self._users = users
        # Somebody else's keeper may be stopping its server: it lets go when it is done.
        while not _try_lock(users, fcntl.LOCK_SH):
            _wait(deadline)
        self._wait_for_server(deadline)

    def _wait_for_server(self, deadline: float) -> None:
        # Looked at again after the answer: a server whose keeper was killed still answers.
        while self._start_unless_kept() or not (answers(self._sockets) and self._is_kept()):
            _wait(deadline)

    def _start_unless_kept(self) -> bool:
        """Whether nobody kept the server, and a keeper was started."""
        lock = os.open(self._folder / "keeper.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            is_unkept = _try_lock(lock, fcntl.LOCK_EX)
            if is_unkept:
                self._check_keeper()
                self._start_keeper(lock)
            return is_unkept
        finally:
            os.close(lock)

    def _check_keeper(self) -> None:
        """Nobody keeps the server: had we started a keeper, it failed, unless it was killed."""
        if self._keeper is None or self._keeper.wait() < 0:
            return
        lines = self._log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        raise PostgresError("PostgreSQL did not start:\n" + "\n".join(lines))

    def _start_keeper(self, lock: int) -> None:
        """Hand the taken lock on to a new keeper, so that there is no moment without it."""
        account = engine.choose_account(self._cluster)
        binaries = engine.find_binaries(account, self._folder)
        engine.check_reach(account, self._folder)
        if not self._cluster.exists():
            engine.create_cluster(account, binaries, self._cluster)
        engine.check_version(self._cluster, binaries, account)
        _make_private(self._sockets, account)
        arguments = [binaries / "postgres", self._cluster, self._sockets]
        arguments += [account.user, account.group, self._folder / "users.lock"]
        self._kept_since = time.monotonic()
        with _open_log(self._log) as log:
            self._keeper = subprocess.Popen(
                # Isolated and without site packages: it starts in a few milliseconds.
                [sys.executable, "-I", "-S", keeper.__file__, *map(str, arguments)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=engine.CLEAN_ENVIRONMENT,
                pass_fds=(lock,),
                start_new_session=True,
            )

    def stop(self) -> None:
        """Let go; when nobody else uses the server, come back after it has stopped."""
        if self._users is None:
            return
        fcntl.flock(self._users, fcntl.LOCK_UN)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while self._only_the_keeper_is_left() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        os.close(self._users)
        self._users = None
        if self._keeper is not None and self._keeper.poll() is None:
            # It serves others now and outlives us; nobody has to wait for it.
            self._keeper.returncode = 0
        self._keeper = None

    def _only_the_keeper_is_left(self) -> bool:
        assert self._users is not None
        if not self._is_kept():
            return False
        if _try_lock(self._users, fcntl.LOCK_EX):
            fcntl.flock(self._users, fcntl.LOCK_UN)
            return True  # The keeper is about to notice that nobody is left.
        if _try_lock(self._users, fcntl.LOCK_SH):
            fcntl.flock(self._users, fcntl.LOCK_UN)
            return False  # Somebody else shares the lock.
        return True  # The keeper has the lock: it is stopping the server.


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(deadline: float) -> None:
    if time.monotonic() > deadline:
        raise PostgresError(f"PostgreSQL was not ready after {START_SECONDS_MAX} seconds.")
    time.sleep(POLL_SECONDS)


def socket_folder(data_folder: Path) -> Path:
    """A folder whose name is the same for every process, and short enough for a socket."""
    near = data_folder / "sockets"
    if len(os.fsencode(near / f".s.PGSQL.{keeper.PORT}")) <= SOCKET_PATH_BYTES_MAX:
        return near
    name = hashlib.sha256(os.fsencode(data_folder.resolve())).hexdigest()[:16]
    base = Path("/run") if os.geteuid() == 0 else Path(os.environ.get("XDG_RUNTIME_DIR", "/tmp"))
    return base / f"rekam-{os.geteuid()}-{name}"


def _make_private(folder: Path, account: engine.Account) -> None:
    """The folder, ours alone; a stranger's folder or link of that name is refused."""
    if not os.path.lexists(folder):
        folder.mkdir(mode=0o700)
        os.chown(folder, account.user, account.group)
    found = os.lstat(folder)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.user:
        raise PostgresError(f"{folder} belongs to somebody else.")
    folder.chmod(0o700)


def _open_log(path: Path) -> BinaryIO:
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(path.with_suffix(".log.1"))
    # Private: PostgreSQL quotes what it could not store.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def answers(folder: Path) -> bool:
    """Whether a server takes new sessions: it asks for no password, so the reply is 'R'."""
    words = f"user\0{engine.ROLE}\0database\0{engine.DATABASE}\0\0".encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(5)
        try:
            connection.connect(str(folder / f".s.PGSQL.{keeper.PORT}"))
            connection.sendall(struct.pack("!ii", 8 + len(words), PROTOCOL_VERSION) + words)
            if connection.recv(1) != b"R":
                return False
            connection.sendall(b"X\0\0\0\4")  # Goodbye.
        except OSError:
            return False
    return True
