"""A real PostgreSQL and a real server for tests: databases made from a migrated template, and
`python server.py serve` as a child that can be killed and started again.

Everything here is synchronous, so that it can be used beside Playwright's synchronous API.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from backend.migrate import migrate
from backend.postgres import EmbeddedPostgres
from backend.settings import ROOT

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
POLL_SECONDS = 0.01

Value = TypeVar("Value")


def run(work: Coroutine[Any, Any, Value]) -> Value:
    """Run to the end in a thread of its own: this one may have a loop that is running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def wait_until(condition: Callable[[], object], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds: {what}"
        time.sleep(POLL_SECONDS)


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def fetch_rows(url: str, statement: str, arguments: tuple[Any, ...]) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(url)
    try:
        return [dict(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()


async def _migrate(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await migrate(connection)
    finally:
        await connection.close()


def make_reachable_folder() -> Path:
    """A temporary folder that also the user who runs PostgreSQL for root can enter.

    pytest's own tmp_path is closed to others.
    """
    folder = Path(tempfile.mkdtemp(prefix="rekam-"))
    folder.chmod(0o711)
    return folder


class DatabaseServer:
    """The tests' PostgreSQL: TEST_DATABASE_URL (a role that may create databases), or our own."""

    def __init__(self, given: str | None) -> None:
        self._folder: Path | None = None
        self._embedded: EmbeddedPostgres | None = None
        if given is None:
            self._folder = make_reachable_folder()
            self._embedded = EmbeddedPostgres(self._folder / "data")
            self._embedded.start()
            self._admin = self._embedded.url("postgres", "postgres")
            # Safety against power cuts is what no test can lose.
            run(_execute(self._admin, "alter system set fsync = off"))
            run(_execute(self._admin, "select pg_reload_conf()"))
        else:
            self._admin = given
        self._template = f"rekam_template_{secrets.token_hex(4)}"
        self.create_database(self._template, "template0")
        run(_migrate(self.url(self._template)))

    def url(self, database: str) -> str:
        if self._embedded is not None:
            return self._embedded.url(database=database)
        address, _, query = self._admin.partition("?")
        server = address.rsplit("/", 1)[0] if address.count("/") > 2 else address
        return f"{server}/{database}" + (f"?{query}" if query else "")

    @property
    def admin_url(self) -> str:
        """As the role that may change the server's settings."""
        return self._admin

    def create_database(self, name: str = "", template: str = "") -> str:
        """A fresh migrated database; its address."""
        name = name or f"rekam_test_{secrets.token_hex(4)}"
        owner = " owner rekam" if self._embedded is not None else ""
        statement = f"create database {name} template {template or self._template}{owner}"
        run(_execute(self._admin, statement))
        return self.url(name)

    def create_empty_database(self) -> str:
        """One that no migration has seen."""
        return self.create_database(template="template0")

    def drop_database(self, url: str) -> None:
        name = url.partition("?")[0].rsplit("/", 1)[1]
        run(_execute(self._admin, f"drop database if exists {name} with (force)"))

    def stop(self) -> None:
        self.drop_database(self.url(self._template))
        if self._embedded is not None and self._folder is not None:
            self._embedded.stop()
            shutil.rmtree(self._folder)


class LiveServer:
    """`python server.py serve` as a child, on one port and one database for all its lives."""

    username = "admin"
    root = ROOT  # The folder whose server.py it runs.

    def __init__(self, environment: Mapping[str, str], output: Path) -> None:
        self.port = find_free_port()
        self.url = f"http://localhost:{self.port}"
        self._environment = {
            **{name: text for name, text in os.environ.items() if name != "DATABASE_URL"},
            "PORT": str(self.port),
            **environment,
        }
        self._output = output
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """All that every life of the server has printed."""
        return self._output.read_text("utf-8", "replace") if self._output.exists() else ""

    @property
    def password(self) -> str:
        """The first account's, which the server printed when it was made."""
        found = re.search(r"^ *password: (\S+)$", self.output, re.MULTILINE)
        assert found is not None, f"no password was printed:\n{self.output}"
        return found[1]

    @property
    def process_id(self) -> int:
        assert self._process is not None, "not started"
        return self._process.pid

    def start(self) -> None:
        assert self._process is None, "already started"
        seen = len(self.output)
        with self._output.open("ab") as output:
            self._process = process = subprocess.Popen(
                [sys.executable, "server.py", "serve"],
                cwd=self.root,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

        def is_decided() -> bool:
            return "Rekam is running" in self.output[seen:] or process.poll() is not None

        try:
            wait_until(is_decided, "the server starts", START_SECONDS_MAX)
            assert process.poll() is None, f"the server ended:\n{self.output}"
        except BaseException:
            self.kill()
            raise

    def stop(self, stop_signal: int = signal.SIGTERM) -> int:
        """Ask it to stop, as a service manager or Ctrl-C would; answers its exit code."""
        if self._process is None:
            return 0
        process, self._process = self._process, None
        process.send_signal(stop_signal)
        return process.wait(STOP_SECONDS_MAX)

    def kill(self) -> None:
        """SIGKILL, as a power cut would; its workers are gone when this returns."""
        if self._process is None:
            return
        process, self._process = self._process, None
        os.killpg(process.pid, signal.SIGKILL)  # The child leads a group of its own.
        process.wait()
        wait_until(lambda: not is_listening(self.port), "the workers end", STOP_SECONDS_MAX)


class LiveServerWithDatabase(LiveServer):
    """A live server on a database of the tests' PostgreSQL, which tests may look into."""

    def __init__(
        self, database_url: str, output: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        super().__init__({"DATABASE_URL": database_url, **(environment or {})}, output)
        self.database_url = database_url

    def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        """Rows of the server's database."""
        return run(fetch_rows(self.database_url, statement, arguments))

    def run_command(self, *arguments: str) -> str:
        """`python server.py …` on the same database; answers what it printed."""
        done = subprocess.run(
            [sys.executable, "server.py", *arguments],
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def is_listening(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0
