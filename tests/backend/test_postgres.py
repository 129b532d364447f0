"""The embedded PostgreSQL: shared by processes, stopped with the last, and hard to break."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import asyncpg
import pytest

from backend import engine, keeper
from backend import postgres as embedded
from backend.postgres import EmbeddedPostgres, PostgresError, answers, socket_folder
from backend.settings import ROOT
from tests.live import make_reachable_folder, wait_until

SECONDS_MAX = 30
Holder = Callable[[], subprocess.Popen[str]]
HOLD = """
import sys, time
from pathlib import Path
from backend.postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1]))
print(postgres.start(), flush=True)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def empty_cluster() -> Generator[Path]:
    """A data folder in which PostgreSQL has been once; tests copy it, which is quicker."""
    folder = make_reachable_folder()
    with EmbeddedPostgres(folder / "data") as postgres:
        ask(postgres.url(), "create table kept (text text)")
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def data_folder(empty_cluster: Path) -> Generator[Path]:
    folder = make_reachable_folder()
    copied = folder / "data"
    subprocess.run(["cp", "-a", empty_cluster, copied], check=True)
    yield copied
    wait_until(lambda: not is_running(copied), "PostgreSQL ends", SECONDS_MAX)
    shutil.rmtree(folder)


def ask(url: str, statement: str) -> object:
    async def work() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(work())


def is_running(data_folder: Path) -> bool:
    process = keeper.recorded_process(data_folder / "postgres")
    return process is not None and keeper.runs_in(process, data_folder / "postgres")


@pytest.fixture
def hold(data_folder: Path) -> Generator[Holder]:
    """Starts another process that uses the server until it is ended."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(data_folder)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        end(process, signal.SIGKILL)


def read_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def end(process: subprocess.Popen[str], end_signal: int) -> None:
    if process.stdout is not None and not process.stdout.closed:
        process.send_signal(end_signal)
        process.communicate()


def test_new_cluster_is_durable_and_checked(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder) as postgres:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "data_checksums"):
            assert ask(postgres.url(), f"show {setting}") == "on"
        assert ask(postgres.url(), "show server_encoding") == "UTF8"
        assert ask(postgres.url(), "select 'Z' < 'a' and lower('É') = 'é'") is True


def test_role_is_no_superuser_and_there_is_no_tcp_port(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder) as postgres:
        assert ask(postgres.url(), "select usesuper from pg_user where usename = user") is False
        assert ask(postgres.url(), "show listen_addresses") == ""
    found = os.stat(data_folder / "sockets")
    assert found.st_mode & 0o077 == 0


def test_postgresql_never_runs_as_root(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder):
        process = keeper.recorded_process(data_folder / "postgres")
        assert os.stat(f"/proc/{process}").st_uid != 0


def test_second_start_keeps_the_data(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder) as postgres:
        ask(postgres.url(), "insert into kept values ('here')")
    assert not is_running(data_folder)
    with EmbeddedPostgres(data_folder) as postgres:
        assert ask(postgres.url(), "select text from kept") == "here"


def test_server_stays_while_another_process_uses_it(data_folder: Path, hold: Holder) -> None:
    first = hold()
    read_address(first)
    with EmbeddedPostgres(data_folder) as postgres:
        process = keeper.recorded_process(data_folder / "postgres")
        end(first, signal.SIGTERM)
        assert ask(postgres.url(), "select 1") == 1
        assert keeper.recorded_process(data_folder / "postgres") == process
    assert not is_running(data_folder)


def test_many_start_at_once_and_share_one_server(data_folder: Path, hold: Holder) -> None:
    addresses = {read_address(process) for process in [hold() for _ in range(6)]}
    assert len(addresses) == 1
    # Once when the folder was made that is copied here, and once now.
    assert (data_folder / "postgres.log").read_text().count("starting PostgreSQL") == 2


def test_killed_user_leaves_no_server_behind(data_folder: Path, hold: Holder) -> None:
    process = hold()
    read_address(process)
    assert is_running(data_folder)
    end(process, signal.SIGKILL)
    wait_until(lambda: not is_running(data_folder), "PostgreSQL ends", SECONDS_MAX)
    assert "database system is shut down" in (data_folder / "postgres.log").read_text()


def find_keeper(data_folder: Path) -> int:
    server = keeper.recorded_process(data_folder / "postgres")
    status = Path(f"/proc/{server}/status").read_text()
    return int(status.split("PPid:")[1].split()[0])


def kill_keeper(data_folder: Path) -> None:
    process = find_keeper(data_folder)
    os.kill(process, signal.SIGKILL)
    # Not waited for by whoever started it, it may stay as a zombie, which holds nothing.
    state = Path(f"/proc/{process}/stat")
    wait_until(
        lambda: not state.exists() or ") Z" in state.read_text(), "the keeper ends", SECONDS_MAX
    )


def test_killed_keeper_is_replaced_by_the_next_to_come(data_folder: Path, hold: Holder) -> None:
    first = hold()
    read_address(first)
    kill_keeper(data_folder)
    # At once: the server that was left behind is still stopping.
    with EmbeddedPostgres(data_folder) as postgres:
        assert ask(postgres.url(), "select count(*) from kept") == 0
        end(first, signal.SIGKILL)
        assert ask(postgres.url(), "select 1") == 1


def tend_until_replaced(postgres: EmbeddedPostgres, data_folder: Path, first: int | None) -> None:
    def is_replaced() -> bool:
        postgres.tend()
        other = keeper.recorded_process(data_folder / "postgres") not in (None, first)
        return other and answers(socket_folder(data_folder))

    wait_until(is_replaced, "another server runs", SECONDS_MAX)
    assert ask(postgres.url(), "select 1") == 1


def test_killed_keeper_is_replaced_by_who_tends_the_server(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder) as postgres:
        first = keeper.recorded_process(data_folder / "postgres")
        postgres.tend()
        assert keeper.recorded_process(data_folder / "postgres") == first
        kill_keeper(data_folder)

        tend_until_replaced(postgres, data_folder, first)


def test_whoever_tends_waits_for_nobody(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor has to hear that it shall stop, also while a server takes long to come back."""
    with EmbeddedPostgres(data_folder) as postgres:
        first = keeper.recorded_process(data_folder / "postgres")
        with monkeypatch.context() as patch:
            patch.setattr(embedded, "answers", lambda _: False)
            patch.setattr(embedded, "START_SECONDS_MAX", 1)
            kill_keeper(data_folder)
            wait_until(lambda: is_free(data_folder / "keeper.lock"), "its lock", SECONDS_MAX)
            # Whoever waited for an answer would by now have given up with an error.
            postgres.tend()

        tend_until_replaced(postgres, data_folder, first)


def is_free(lock: Path) -> bool:
    with lock.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def kill_server(data_folder: Path) -> None:
    """Its own process alone: those that it had started are left behind and find out later."""
    server = keeper.recorded_process(data_folder / "postgres")
    assert server is not None
    os.kill(server, signal.SIGKILL)
    wait_until(lambda: not is_running(data_folder), "PostgreSQL ends", SECONDS_MAX)


def test_server_killed_again_as_soon_as_it_runs_comes_back(data_folder: Path) -> None:
    with EmbeddedPostgres(data_folder) as postgres:
        first_keeper = find_keeper(data_folder)
        for _ in range(4):
            kill_server(data_folder)
            # What a supervisor does meanwhile must not end in an error either.
            postgres.tend()
            wait_until(lambda: answers(socket_folder(data_folder)), "it answers", SECONDS_MAX)
        assert ask(postgres.url(), "select 1") == 1
        assert find_keeper(data_folder) == first_keeper


def test_power_cut_is_recovered_from(data_folder: Path, hold: Holder) -> None:
    process = hold()
    with EmbeddedPostgres(data_folder) as postgres:
        read_address(process)
        ask(postgres.url(), "insert into kept values ('committed')")
    server = keeper.recorded_process(data_folder / "postgres")
    assert server is not None
    parent = find_keeper(data_folder)
    os.kill(parent, signal.SIGSTOP)  # It shall not start the server again.
    os.killpg(server, signal.SIGKILL)
    os.kill(parent, signal.SIGKILL)
    end(process, signal.SIGKILL)
    with EmbeddedPostgres(data_folder) as postgres:
        assert ask(postgres.url(), "select text from kept") == "committed"


def test_stranger_with_the_recorded_number_is_left_alone(data_folder: Path) -> None:
    owner = (data_folder / "postgres").stat()
    root = os.geteuid() == 0
    stranger = subprocess.Popen(
        ["sleep", "600"],
        # The hard case: the same user, whose process PostgreSQL takes for a server.
        user=owner.st_uid if root else None,
        group=owner.st_gid if root else None,
        cwd="/",
    )
    try:
        record = data_folder / "postgres" / "postmaster.pid"
        record.write_text(f"{stranger.pid}\n{data_folder / 'postgres'}\n1\n5432\n\n\n0 0\nready\n")
        os.chown(record, owner.st_uid, owner.st_gid)
        lock = data_folder / "sockets" / ".s.PGSQL.5432.lock"
        lock.write_text(f"{stranger.pid}\n")
        with EmbeddedPostgres(data_folder) as postgres:
            assert ask(postgres.url(), "select 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_half_made_cluster_is_made_anew() -> None:
    folder = make_reachable_folder()
    try:
        (folder / "postgres.new-interrupted").mkdir()
        with EmbeddedPostgres(folder) as postgres:
            assert ask(postgres.url(), "select 1") == 1
        assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [
            "postgres",
            "sockets",
        ]
    finally:
        shutil.rmtree(folder)


def test_data_of_another_version_is_not_touched(data_folder: Path) -> None:
    version = data_folder / "postgres" / "PG_VERSION"
    version.write_text("12\n")
    with pytest.raises(PostgresError, match="PostgreSQL 12"):
        EmbeddedPostgres(data_folder).start()
    version.write_text("18\n")


def test_failing_server_says_why(data_folder: Path) -> None:
    (data_folder / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(PostgresError, match="no_such_setting"):
        EmbeddedPostgres(data_folder).start()


def test_long_data_folder_gets_a_short_socket_folder(tmp_path: Path) -> None:
    long_folder = tmp_path / ("a" * 100)
    found = socket_folder(long_folder)
    assert len(os.fsencode(found / ".s.PGSQL.5432")) <= 107
    assert found == socket_folder(long_folder)
    assert socket_folder(Path("/srv/rekam")) == Path("/srv/rekam/sockets")


def test_nothing_answers_where_no_server_is(tmp_path: Path) -> None:
    assert not answers(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another user")
def test_folder_that_the_system_user_cannot_enter_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(PostgresError, match="cannot enter"):
        EmbeddedPostgres(closed / "data").start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root hands over to another user")
def test_binaries_out_of_reach_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_reachable_folder()
    works = engine.works
    monkeypatch.setattr(
        engine,
        "works",
        lambda account, binaries: "site-packages" not in str(binaries) and works(account, binaries),
    )
    try:
        with EmbeddedPostgres(folder) as postgres:
            assert ask(postgres.url(), "select 1") == 1
        copies = list(folder.glob("engine-*"))
        assert len(copies) == 1
    finally:
        shutil.rmtree(folder)
