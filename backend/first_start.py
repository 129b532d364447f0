"""What an empty database needs before anyone can sign in: one facility and one account."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend import accounts
from backend.database import Database
from backend.migrate import wait_for_lock

if TYPE_CHECKING:
    from asyncpg import Connection

FACILITY_NAME = "Klinik"
USERNAME = "admin"
PERSON_NAME = "Administrator"
ROLE = "administrator"
# No letter that can be taken for another one: 20 of 29 signs hold 97 bits.
PASSWORD_SIGNS = "abcdefghjkmnpqrstuvwxyz234679"
PASSWORD_GROUPS = 5
PASSWORD_GROUP_SIGNS = 4


class FacilityError(Exception):
    """The facility that was meant cannot be told; the message is for the operator."""


@dataclass(frozen=True)
class FirstAccount:
    username: str
    password: str


def make_password() -> str:
    groups = [
        "".join(secrets.choice(PASSWORD_SIGNS) for _ in range(PASSWORD_GROUP_SIGNS))
        for _ in range(PASSWORD_GROUPS)
    ]
    return "-".join(groups)


async def create_first_account(database: Database) -> FirstAccount | None:
    """None where an account exists already. Two servers that start at once make one."""
    async with database.transaction() as connection:
        await wait_for_lock(connection)
        if await connection.fetchval("select exists (select from account)"):
            return None
        facility_id = await connection.fetchval("select facility_id from facility limit 1")
        if facility_id is None:
            facility_id = await accounts.create_facility(connection, FACILITY_NAME)
        password = make_password()
        await accounts.create_account(
            connection, facility_id, USERNAME, PERSON_NAME, ROLE, password
        )
        return FirstAccount(USERNAME, password)


async def choose_facility(connection: Connection, name: str | None) -> str:
    """The facility of that name, or the only one."""
    rows = await connection.fetch("select facility_id, name from facility order by name")
    names = ", ".join(str(row["name"]) for row in rows)
    found = [str(row["facility_id"]) for row in rows if name in (None, row["name"])]
    if not found:
        raise FacilityError(f"There is no facility named {name!r}. There is: {names or 'none'}.")
    if len(found) > 1:
        raise FacilityError(f"Say which facility is meant with --facility: {names}.")
    return found[0]
