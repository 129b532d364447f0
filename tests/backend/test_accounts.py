"""Facilities, accounts and passwords."""

from __future__ import annotations

import json

import pytest

from backend import accounts
from backend.accounts import AccountError
from backend.database import Database
from tests.backend.clinics import PASSWORD, open_clinic


async def test_a_password_is_kept_as_an_argon2id_hash(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    [row] = await clinic.fetch("select password_hash from account")
    assert row["password_hash"].startswith("$argon2id$")


async def test_a_username_is_one_over_all_facilities(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    async with database.transaction() as connection:
        other = await accounts.create_facility(connection, "Other")
        with pytest.raises(AccountError, match="taken"):
            await accounts.create_account(
                connection, other, f" {clinic.username.upper()} ", "X", "clinician", PASSWORD
            )


@pytest.mark.parametrize(
    ("username", "role", "password"),
    [("", "clinician", PASSWORD), ("a", "king", PASSWORD), ("a", "clinician", "short")],
)
async def test_what_cannot_be_an_account_is_refused(
    database: Database, username: str, role: str, password: str
) -> None:
    async with database.transaction() as connection:
        facility_id = await accounts.create_facility(connection, "A")
        with pytest.raises(AccountError):
            await accounts.create_account(connection, facility_id, username, "X", role, password)


async def test_a_new_password_ends_the_sessions_of_the_old(database: Database) -> None:
    clinic = await open_clinic(database)
    async with database.transaction() as connection:
        await accounts.set_password(connection, clinic.username, "another password")
    assert (await clinic.client.get("/api/session")).status_code == 401
    assert (await clinic.sign_in()).status_code == 401
    assert (await clinic.sign_in("another password")).status_code == 200


async def test_accounts_and_passwords_are_in_the_audit_trail(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    async with database.transaction() as connection:
        await accounts.set_password(connection, clinic.username, "another password")
    noted = await clinic.fetch("select facility_id, action, details from audit order by audit_at")
    assert [row["action"] for row in noted] == ["account-added", "password-renewed"]
    for row in noted:
        assert row["facility_id"] == clinic.facility_id
        assert json.loads(row["details"])["account"] == clinic.account_id


async def test_a_password_for_nobody_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(AccountError):
            await accounts.set_password(connection, "nobody", PASSWORD)
