"""Facilities, their accounts, and passwords (Argon2id, kept off the event loop)."""

from __future__ import annotations

import asyncio
import functools
import secrets
import unicodedata
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from backend import audit

if TYPE_CHECKING:
    from asyncpg import Connection

USERNAME_CHARACTERS_MAX = 64
PASSWORD_CHARACTERS_MIN = 8
PASSWORD_CHARACTERS_MAX = 256
NAME_CHARACTERS_MAX = 200
ROLES = ("clinician", "administrator")

# Each hash takes 64 MiB and a core for some 50 ms: as many at once as a small server can bear.
ARGON2_AT_ONCE_MAX = 2

hasher = PasswordHasher()
threads = ThreadPoolExecutor(ARGON2_AT_ONCE_MAX, thread_name_prefix="argon2")

CREATE_FACILITY = """
with created as (insert into facility (facility_id, name) values ($1, $2))
insert into facility_counter (facility_id) values ($1)
"""

CREATE_ACCOUNT = """
insert into account (facility_id, account_id, username, name, role, password_hash)
values ($1, $2, $3, $4, $5, $6)
"""

# A new password ends every session that was opened with the old one.
SET_PASSWORD = """
with changed as (
    update account set password_hash = $2 where username = $1 returning facility_id, account_id
), ended as (
    delete from session using changed
    where session.facility_id = changed.facility_id
        and session.account_id = changed.account_id
)
select facility_id, account_id from changed
"""

FIND_ACCOUNT = """
select facility_id, account_id, password_hash, active from account where username = $1
"""


class AccountError(ValueError):
    """What was asked for cannot be an account; the message is for the operator."""


@dataclass(frozen=True)
class Credentials:
    facility_id: str
    account_id: str
    password_hash: str


def normal_username(text: str) -> str:
    """One spelling of a username: what is typed with other case or spaces is the same person."""
    return unicodedata.normalize("NFKC", text).strip().lower()


async def create_facility(connection: Connection, name: str) -> str:
    if not 1 <= len(name.strip()) <= NAME_CHARACTERS_MAX:
        raise AccountError("A facility needs a name.")
    facility_id = str(uuid.uuid4())
    await connection.execute(CREATE_FACILITY, facility_id, name.strip())
    return facility_id


async def create_account(
    connection: Connection,
    facility_id: str,
    username: str,
    name: str,
    role: str,
    password: str,
) -> str:
    """The new account's id; AccountError when it cannot be made."""
    username = normal_username(username)
    if not 1 <= len(username) <= USERNAME_CHARACTERS_MAX or "\x00" in username:
        raise AccountError(f"A username has 1 to {USERNAME_CHARACTERS_MAX} characters.")
    if role not in ROLES:
        raise AccountError(f"A role is one of {', '.join(ROLES)}.")
    if await connection.fetchrow(FIND_ACCOUNT, username) is not None:
        raise AccountError(f"The username {username} is taken.")
    account_id = str(uuid.uuid4())
    password_hash = await hash_password(password)
    await connection.execute(
        CREATE_ACCOUNT,
        facility_id,
        account_id,
        username,
        name.strip() or username,
        role,
        password_hash,
    )
    details = {"account": account_id, "username": username, "role": role}
    await audit.record(connection, facility_id, audit.ACCOUNT_ADDED, details=details)
    return account_id


async def set_password(connection: Connection, username: str, password: str) -> None:
    password_hash = await hash_password(password)
    username = normal_username(username)
    found = await connection.fetchrow(SET_PASSWORD, username, password_hash)
    if found is None:
        raise AccountError(f"There is no account with the username {username}.")
    details = {"account": found["account_id"], "username": username}
    await audit.record(connection, found["facility_id"], audit.PASSWORD_RENEWED, details=details)


async def find_account(connection: Connection, username: str) -> Credentials | None:
    row = await connection.fetchrow(FIND_ACCOUNT, username)
    if row is None or not row["active"]:
        return None
    return Credentials(row["facility_id"], row["account_id"], row["password_hash"])


async def hash_password(password: str) -> str:
    if not PASSWORD_CHARACTERS_MIN <= len(password) <= PASSWORD_CHARACTERS_MAX:
        raise AccountError(
            f"A password has {PASSWORD_CHARACTERS_MIN} to {PASSWORD_CHARACTERS_MAX} characters."
        )
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, hasher.hash, password)


async def is_password(credentials: Credentials | None, password: str) -> bool:
    """Takes equally long for an unknown user, whose hash nobody's password fits."""
    known = credentials.password_hash if credentials else None
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(threads, fits, known, password)


def fits(password_hash: str | None, password: str) -> bool:
    try:
        hasher.verify(password_hash or nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@functools.cache
def nobodys_hash() -> str:
    return hasher.hash(secrets.token_hex(32))
