"""What the environment says: where the database is, where to listen, where data lies.

Only this file reads environment variables. It opens nothing and starts nothing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SYSTEM_DATA_FOLDER = Path("/var/lib/rekam")
WORKERS_MAX = 64


class SettingsError(Exception):
    """A variable holds something that cannot be used; the message is for the operator."""


@dataclass(frozen=True)
class Settings:
    database_url: str | None
    host: str
    port: int
    workers: int
    data_folder: Path


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    return Settings(
        database_url=environment.get("DATABASE_URL") or None,
        host=environment.get("HOST") or "127.0.0.1",
        port=_number(environment, "PORT", 8000, 0, 65535),
        workers=_number(environment, "WEB_CONCURRENCY", 1, 1, WORKERS_MAX),
        data_folder=_data_folder(environment),
    )


def _number(environment: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = environment.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SettingsError(f"{name} must be a number from {least} to {most}, not {text!r}.")
    return int(text)


def _data_folder(environment: Mapping[str, str]) -> Path:
    chosen = environment.get("REKAM_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return SYSTEM_DATA_FOLDER
    shared = environment.get("XDG_DATA_HOME")
    return (Path(shared) if shared else Path.home() / ".local" / "share") / "rekam"
