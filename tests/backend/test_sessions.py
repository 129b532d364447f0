"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import pytest
from starlette.requests import Request

from backend import accounts, sessions
from backend.database import Database
from backend.sessions import COOKIE
from backend.sessions import FAILURES_PER_USERNAME_AT_ADDRESS_MAX as FAILURES_MAX
from server import ROUTES
from tests.backend.clinics import PASSWORD, client_of, open_clinic


async def test_signing_in_tells_who_and_where(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    body = (await clinic.sign_in()).json()
    assert body["account"] == {
        "id": clinic.account_id,
        "username": clinic.username,
        "name": "Dewi",
        "role": "clinician",
    }
    assert body["facility"] == {"id": clinic.facility_id, "name": "Puskesmas"}
    assert (await clinic.client.get("/api/session")).json()["account"] == body["account"]


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    cookie = (await clinic.sign_in()).headers["set-cookie"]
    assert cookie.startswith("__Host-rekam=")
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


async def test_only_the_hash_of_the_token_is_stored(database: Database) -> None:
    clinic = await open_clinic(database)
    token = bytes.fromhex(clinic.client.cookies[COOKIE])
    [row] = await clinic.fetch("select token_hash from session")
    assert row["token_hash"] == hashlib.sha256(token).digest()


async def test_unknown_user_and_wrong_password_look_alike(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    wrong = await clinic.sign_in("not the password")
    form = {"username": "nobody", "password": PASSWORD}
    unknown = await clinic.client.post("/api/session", json=form)
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401


async def test_too_many_failures_stop_even_the_right_password(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    # Together, so that those on the way count as well.
    answers = await asyncio.gather(
        *[clinic.sign_in("wrong password") for _ in range(FAILURES_MAX + 3)]
    )
    assert sorted({answer.status_code for answer in answers}) == [401, 429]
    answer = await clinic.sign_in()
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= sessions.FAILURE_WINDOW_SECONDS


async def test_failures_are_forgotten_after_a_while(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    for _ in range(FAILURES_MAX + 1):
        await clinic.sign_in("wrong password")
    await clinic.fetch("update sign_in_failure set started_at = now() - interval '1 day'")
    assert (await clinic.sign_in()).status_code == 200


async def test_success_clears_the_failures(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    await clinic.sign_in("wrong password")
    await clinic.sign_in()
    rows = await clinic.fetch("select subject, failures from sign_in_failure order by 1")
    # The limits that others share keep what went wrong before.
    assert [row["failures"] for row in rows] == [1, 1]
    assert not any(row["subject"].startswith("here:") for row in rows)


async def test_a_colleague_is_not_kept_out_from_another_address(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    async with database.transaction() as connection:
        for _ in range(sessions.FAILURES_PER_USERNAME_MAX):
            await sessions.count_attempt(connection, clinic.username, "10.0.0.1")
    assert (await clinic.sign_in()).status_code == 200


async def test_many_addresses_together_cannot_guess_on(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    async with database.transaction() as connection:
        for at in range(sessions.FAILURES_PER_USERNAME_MAX + 1):
            address = f"10.0.0.{at % 100}"
            seconds = await sessions.count_attempt(connection, clinic.username, address)
    assert seconds > 0
    assert (await clinic.sign_in()).status_code == 429


async def test_sign_ins_of_one_user_do_not_wait_for_each_other_for_ever(
    database: Database,
) -> None:
    clinic = await open_clinic(database, signed_in=False)
    address = "10.0.0.1"
    await clinic.sign_in()
    async with database.transaction() as connection:
        await sessions.count_attempt(connection, clinic.username, address)
        account = await accounts.find_account(connection, clinic.username)
    assert account is not None

    async def count(delay_seconds: float) -> None:
        await asyncio.sleep(delay_seconds)
        async with database.transaction() as connection:
            await sessions.count_attempt(connection, clinic.username, address)

    async def succeed() -> None:
        async with database.transaction() as connection:
            slow = SlowConnection(connection)
            await sessions.open_session(slow, account, b"x" * 32, clinic.username, address)

    # One between any two statements.
    await asyncio.gather(succeed(), *[count(0.05 + at / 10) for at in range(5)])


class SlowConnection:
    """Lets others go on after each statement."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def execute(self, *arguments: Any) -> Any:
        answer = await self.connection.execute(*arguments)
        await asyncio.sleep(0.1)
        return answer


@pytest.mark.parametrize(
    ("host", "address"),
    [("10.0.0.1", "10.0.0.1"), ("::1", "::1"), ("\xff\x00", "unknown"), ("a" * 9000, "unknown")],
)
def test_only_an_address_is_taken_for_one(host: str, address: str) -> None:
    assert sessions.address_of(Request({"type": "http", "client": (host, 1)})) == address
    assert sessions.address_of(Request({"type": "http", "client": None})) == "unknown"


async def test_signing_out_ends_the_session_on_the_server(database: Database) -> None:
    clinic = await open_clinic(database)
    token = clinic.client.cookies[COOKIE]
    assert (await clinic.client.delete("/api/session")).status_code == 204
    clinic.client.cookies.set(COOKIE, token)
    assert (await clinic.client.get("/api/session")).status_code == 401


async def test_an_old_session_ends_and_a_used_one_is_prolonged(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.fetch("update session set expires_at = now() + interval '1 hour'")
    assert (await clinic.client.get("/api/session")).status_code == 200
    rows = await clinic.fetch("select expires_at - now() as rest from session")
    assert rows[0]["rest"].days >= 29
    await clinic.fetch("update session set expires_at = now() - interval '1 second'")
    assert (await clinic.client.get("/api/session")).status_code == 401


async def test_an_account_that_was_closed_is_signed_out(database: Database) -> None:
    clinic = await open_clinic(database)
    await clinic.fetch("update account set active = false")
    assert (await clinic.client.get("/api/session")).status_code == 401
    assert (await clinic.sign_in()).status_code == 401


async def test_nothing_clinical_is_answered_without_a_session(database: Database) -> None:
    public = {"/", "/sw.js", "/manifest.json", "/api/health", "/pwa", "/pwa/python.json"}
    async with client_of(database) as client:
        for route in ROUTES:
            path = route.path.replace("{patient}", "p1")
            methods = getattr(route, "methods", None) or {"GET"}
            if path in public or (path == "/api/session" and "GET" not in methods):
                continue
            for method in methods:
                answer = await client.request(method, path, json={})
                assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize("cookie", ["", "zz", "00", "0" * 64, "é".encode().hex()])
async def test_a_made_up_cookie_is_no_session(database: Database, cookie: str) -> None:
    async with client_of(database) as client:
        answer = await client.get("/api/session", headers={"cookie": f"{COOKIE}={cookie}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "form",
    [
        {"username": "a\x00b", "password": "x"},
        {"username": "a" * 10_000, "password": "x"},
        {"username": "a", "password": "x" * 100_000},
        {"username": "", "password": ""},
    ],
)
async def test_odd_forms_are_just_wrong(database: Database, form: dict[str, str]) -> None:
    async with client_of(database) as client:
        assert (await client.post("/api/session", json=form)).status_code == 401
        broken = json.dumps(form | {"password": "\ud800"}).encode()
        headers = {"content-type": "application/json"}
        answer = await client.post("/api/session", content=broken, headers=headers)
    assert answer.status_code == 400


async def test_every_step_is_in_the_audit_trail(database: Database) -> None:
    clinic = await open_clinic(database, signed_in=False)
    await clinic.sign_in("wrong password")
    await clinic.sign_in()
    await clinic.client.delete("/api/session")
    rows = await clinic.fetch(
        "select action, account_id from audit where action like 'sign%' order by audit_at"
    )
    assert [row["action"] for row in rows] == ["sign-in-failed", "sign-in", "sign-out"]
    assert {row["account_id"] for row in rows} == {clinic.account_id}
