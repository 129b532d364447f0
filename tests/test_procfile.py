"""The Procfile, started by a Procfile runner as a hosting platform does."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
from pathlib import Path

from backend.settings import ROOT
from tests.live import find_free_port, is_listening, wait_until

SECONDS_MAX = 60


def is_healthy(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/api/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def test_procfile_serves_on_the_given_port_and_database(database_url: str, tmp_path: Path) -> None:
    port = find_free_port()
    # The platform's own `python` is the one that has the packages.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    given = {"PATH": path, "DATABASE_URL": database_url, "PORT": str(port), "HOST": "127.0.0.1"}
    environment = {**os.environ, **given}
    output = tmp_path / "output.txt"
    with output.open("wb") as file:
        runner = subprocess.Popen(
            [sys.executable, "-m", "honcho", "start", "-f", str(ROOT / "Procfile"), "web"],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        wait_until(lambda: is_healthy(port) or runner.poll() is not None, "it serves", SECONDS_MAX)
        assert runner.poll() is None, output.read_text()
        assert "A first facility and a first account were made." in output.read_text()
    finally:
        runner.send_signal(signal.SIGTERM)
        runner.wait(SECONDS_MAX)
    assert not is_listening(port)
    assert "Stopped." in output.read_text()
    assert "Traceback" not in output.read_text()
