"""The command line, run as a person runs it."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest

from backend import commands, keeper
from backend.database import POOL_MAX, split_options
from backend.errors import Failure
from backend.settings import ROOT, read_settings
from tests.live import (
    LiveServer,
    LiveServerWithDatabase,
    find_free_port,
    is_listening,
    make_reachable_folder,
    wait_until,
)

SECONDS_MAX = 30


@pytest.fixture
def data_folder() -> Generator[Path]:
    folder = make_reachable_folder()
    yield folder / "data"
    shutil.rmtree(folder)


@pytest.fixture
def embedded_server(data_folder: Path, tmp_path: Path) -> Generator[LiveServer]:
    """A server as on a fresh machine: no DATABASE_URL, an empty data folder."""
    server = LiveServer({"REKAM_DATA": str(data_folder)}, tmp_path / "server.txt")
    yield server
    server.kill()
    wait_until(lambda: not is_postgres_running(data_folder), "PostgreSQL ends", SECONDS_MAX)


def is_postgres_running(data_folder: Path) -> bool:
    process = keeper.recorded_process(data_folder / "postgres")
    return process is not None and keeper.runs_in(process, data_folder / "postgres")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "server.py", *arguments],
        cwd=ROOT,
        env={**kept, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def request(
    port: int, method: str, path: str, body: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
    headers = {"Content-Type": "application/json", "Origin": f"http://localhost:{port}"}
    headers["Host"] = f"localhost:{port}"
    connection.request(method, path, json.dumps(body) if body else None, headers)
    response = connection.getresponse()
    found = response.status, response.read()
    connection.close()
    return found


def sign_in(server: LiveServer, username: str, password: str) -> int:
    given = {"username": username, "password": password}
    return request(server.port, "POST", "/api/session", given)[0]


def test_first_start_makes_an_account_and_second_keeps_the_data(
    embedded_server: LiveServer, data_folder: Path
) -> None:
    embedded_server.start()
    first = embedded_server.output
    assert first.count("password:") == 1
    assert f"open http://localhost:{embedded_server.port}" in first
    assert sign_in(embedded_server, "admin", embedded_server.password) == 200
    assert sign_in(embedded_server, "admin", "something else") == 401
    assert embedded_server.stop(signal.SIGINT) == 0
    assert embedded_server.output.endswith("Stopping …\nStopped.\n")
    assert "Traceback" not in embedded_server.output
    assert not is_postgres_running(data_folder)

    embedded_server.start()
    second = embedded_server.output[len(first) :]
    assert "password" not in second
    assert sign_in(embedded_server, "admin", embedded_server.password) == 200
    assert embedded_server.stop(signal.SIGTERM) == 0
    assert not is_postgres_running(data_folder)


def test_killed_server_leaves_nothing_running(
    embedded_server: LiveServer, data_folder: Path
) -> None:
    embedded_server.start()
    embedded_server.kill()
    wait_until(lambda: not is_postgres_running(data_folder), "PostgreSQL ends", SECONDS_MAX)
    embedded_server.start()
    assert sign_in(embedded_server, "admin", embedded_server.password) == 200


def test_commands_share_the_running_servers_postgresql(
    embedded_server: LiveServer, data_folder: Path
) -> None:
    embedded_server.start()
    done = run("account", "add", "sari", "--name", "Bidan Sari", REKAM_DATA=str(data_folder))
    assert done.returncode == 0, done.stderr
    found = re.search(r"password: (\S+)", done.stdout)
    assert found is not None
    assert sign_in(embedded_server, "sari", found[1]) == 200
    renewed = run("account", "password", "sari", REKAM_DATA=str(data_folder))
    assert sign_in(embedded_server, "sari", found[1]) == 401
    again = re.search(r"password: (\S+)", renewed.stdout)
    assert again is not None
    assert sign_in(embedded_server, "sari", again[1]) == 200
    assert is_postgres_running(data_folder)


def test_own_database_with_the_short_scheme_and_several_workers(
    database_url: str, tmp_path: Path
) -> None:
    url = database_url.replace("postgresql://", "postgres://", 1)
    settings = {"DATABASE_URL": url, "WEB_CONCURRENCY": "2"}
    server = LiveServer(settings, tmp_path / "server.txt")
    server.start()
    assert request(server.port, "GET", "/api/health")[0] == 200
    children = Path(f"/proc/{server.process_id}/task/{server.process_id}/children").read_text()
    assert len(children.split()) == 2
    assert server.stop() == 0
    assert not is_listening(server.port)


def test_ended_worker_is_replaced(live_server: LiveServerWithDatabase) -> None:
    children = Path(f"/proc/{live_server.process_id}/task/{live_server.process_id}/children")
    worker = int(children.read_text())
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: children.read_text().strip() not in ("", str(worker)), "another", 10)
    assert request(live_server.port, "GET", "/api/health")[0] == 200


def test_server_restarts_on_the_same_port(live_server: LiveServerWithDatabase) -> None:
    password = live_server.password
    live_server.kill()
    assert not is_listening(live_server.port)
    live_server.start()
    assert sign_in(live_server, "admin", password) == 200
    assert live_server.fetch("select username from account") == [{"username": "admin"}]


def test_two_servers_on_one_empty_database_make_one_account(
    database_url: str, tmp_path: Path
) -> None:
    outputs = [tmp_path / "one.txt", tmp_path / "two.txt"]
    servers: list[subprocess.Popen[bytes]] = []
    for output in outputs:
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "PORT": str(find_free_port()),
        }
        with output.open("wb") as file:
            servers.append(
                subprocess.Popen(
                    [sys.executable, "server.py"], cwd=ROOT, env=environment, stdout=file
                )
            )
    for output in outputs:
        wait_until(lambda o=output: "running" in o.read_text(), "it runs", SECONDS_MAX)
    for server in servers:
        server.terminate()
    assert [server.wait(SECONDS_MAX) for server in servers] == [0, 0]
    assert "".join(output.read_text() for output in outputs).count("password:") == 1


def test_port_in_use_is_said_in_words(data_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        done = run("serve", PORT=port, REKAM_DATA=str(data_folder))
    assert done.returncode == 1
    assert f"port {port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr
    assert not data_folder.exists()


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PORT": "many"}, "PORT must be a number"),
        ({"WEB_CONCURRENCY": "0"}, "WEB_CONCURRENCY must be a number from 1"),
        ({"DATABASE_URL": "mysql://host/db"}, "DATABASE_URL must begin with postgres://"),
        ({"DATABASE_URL": "postgres://127.0.0.1:1/db"}, "does not answer"),
    ],
)
def test_wrong_setting_is_said_in_words(environment: dict[str, str], words: str) -> None:
    done = run("migrate", **environment)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_tablet_would_be_refused_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> int:
        raise Failure("revoked", "The tablet was revoked in this very moment.")

    monkeypatch.setattr(commands, "migrate_only", refuse)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert commands.main(["migrate"]) == 1
    assert capsys.readouterr().err == "rekam: The tablet was revoked in this very moment.\n"


def test_a_demonstration_without_patients_is_said_in_words(
    live_server: LiveServerWithDatabase,
) -> None:
    done = run("demo", "--patients", "0", DATABASE_URL=live_server.database_url)
    assert done.returncode == 1
    assert done.stderr == "rekam: The demonstration has 1 to 100000 patients.\n"


def test_devices_are_listed_and_revoked(live_server: LiveServerWithDatabase) -> None:
    assert "No device" in live_server.run_command("device", "list")
    live_server.fetch(
        "insert into device (facility_id, device_id, account_id, recovery_key, number)"
        " select facility_id, 'tablet-1', account_id, '', 7 from account"
    )
    assert "by admin  7 changes  active" in live_server.run_command("device", "list")
    live_server.run_command("device", "revoke", "tablet-1")
    assert "  revoked 2" in live_server.run_command("device", "list")
    done = run("device", "revoke", "tablet-2", DATABASE_URL=live_server.database_url)
    assert (done.returncode, "no device with the id tablet-2" in done.stderr) == (1, True)


def test_a_restored_backup_gets_a_new_epoch(live_server: LiveServerWithDatabase) -> None:
    epoch = "select epoch::text from server_epoch"
    before = live_server.fetch(epoch)
    live_server.fetch(
        "insert into device (facility_id, device_id, account_id, recovery_key)"
        " select facility_id, 'tablet-9', account_id, '' from account"
    )
    said = live_server.run_command("restored")
    [after] = live_server.fetch(epoch)
    assert after["epoch"] in said
    assert before != [after]
    # A revocation that the backup does not know is undone by it, and the operator is told so.
    assert "devices revoked" in said
    assert live_server.run_command("device", "list").strip() in said


@pytest.mark.parametrize("workers", [1, 8, 20, 64])
def test_workers_share_the_connections_of_the_embedded_postgresql(workers: int) -> None:
    settings = read_settings({"WEB_CONCURRENCY": str(workers)})
    url = commands.url_for_worker(settings, "postgresql://rekam@/rekam?host=/folder")
    _, options = split_options(url)
    assert 1 <= options["max_size"] <= POOL_MAX
    assert options["max_size"] * workers + commands.CONNECTIONS_KEPT <= 100


def test_facility_must_be_told_where_there_are_two(live_server: LiveServerWithDatabase) -> None:
    live_server.fetch("insert into facility (facility_id, name) values ('two', 'Kedua')")
    with pytest.raises(AssertionError, match="--facility"):
        live_server.run_command("account", "add", "budi", "--name", "Budi")
    said = live_server.run_command(
        "account", "add", "budi", "--name", "Budi", "--facility", "Kedua"
    )
    assert "username: budi" in said
    found = live_server.fetch("select facility_id from account where username = 'budi'")
    assert found == [{"facility_id": "two"}]


def test_demonstration_goes_out_as_bundles_and_in_again(
    live_server: LiveServerWithDatabase, tmp_path: Path
) -> None:
    live_server.run_command("demo", "--patients", "3", "--seed", "7")
    count = "select count(*) from resource where key like 'Patient/%'"
    assert live_server.fetch(count) == [{"count": 3}]
    name = live_server.fetch("select name from facility where name <> 'Klinik'")[0]["name"]
    live_server.run_command("export", str(tmp_path / "out"), "--facility", name)
    assert len(list((tmp_path / "out").glob("*.json"))) == 3
    live_server.run_command("import", str(tmp_path / "out"), "--facility", "Klinik")
    noted = live_server.fetch(
        "select action, details::text from audit where action ~ 'import|export|account' order by 1"
    )
    actions = [row["action"] for row in noted]
    assert actions == ["account-added"] * 4 + ["facility-exported", "files-imported"]
    assert json.loads(noted[-1]["details"])["problems"] == 0
