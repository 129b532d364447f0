"""Signing in and out, and who a request comes from.

A session is a random token in a cookie that scripts cannot read; the database holds its SHA-256.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend import accounts, audit, bodies
from backend.errors import Failure

if TYPE_CHECKING:
    from asyncpg import Connection

    from backend.accounts import Credentials
    from backend.database import Database

COOKIE = "__Host-rekam"
TOKEN_BYTES = 32
SESSION_DAYS = 30
SESSION_SECONDS = SESSION_DAYS * 24 * 3600

FAILURE_WINDOW_SECONDS = 15 * 60
# A username is guarded for each address by itself, or anyone could keep a colleague out from
# anywhere. The second limit on it is for those who have many addresses; and a whole clinic may
# share one address, so an address may fail more often than one user at it.
FAILURES_PER_USERNAME_AT_ADDRESS_MAX = 10
FAILURES_PER_USERNAME_MAX = 100
FAILURES_PER_ADDRESS_MAX = 100

# The expiry moves on at most once a day, so that reading does not write on every request.
FIND_MEMBER = """
select account.facility_id, facility.name as facility_name, account.account_id,
       account.username, account.name, account.role, session.device_id,
       device.revoked_at is not null as revoked,
       session.expires_at < now() + make_interval(days => $2 - 1) as is_ageing
from session
join account on account.facility_id = session.facility_id
    and account.account_id = session.account_id and account.active
join facility on facility.facility_id = session.facility_id
left join device on device.facility_id = session.facility_id
    and device.device_id = session.device_id
where session.token_hash = $1 and session.expires_at > now()
"""
PROLONG = """
update session set expires_at = now() + make_interval(days => $2) where token_hash = $1
"""
CREATE = """
with expired as (delete from session where expires_at < now())
insert into session (token_hash, facility_id, account_id, expires_at)
values ($1, $2, $3, now() + make_interval(days => $4))
"""
DELETE = "delete from session where token_hash = $1"
SET_DEVICE = "update session set device_id = $2 where token_hash = $1"

# An attempt counts as a failure until it has succeeded: many sent at once are all counted.
# Whoever locks several subjects does so in their order ("address:", "here:", "username:"), or
# two would wait for each other.
COUNT_ATTEMPT = """
insert into sign_in_failure as held (subject, failures, started_at)
select subject, 1, now() from unnest($1::text[]) as tried (subject) order by subject
on conflict (subject) do update set
    failures = case when held.started_at < now() - make_interval(secs => $2)
               then 1 else held.failures + 1 end,
    started_at = case when held.started_at < now() - make_interval(secs => $2)
                 then now() else held.started_at end
returning subject, failures,
    ceil(extract(epoch from started_at + make_interval(secs => $2) - now()))::integer as seconds
"""
FORGIVE_ONE = "update sign_in_failure set failures = failures - 1 where subject = $1"
FORGIVE_ALL = "delete from sign_in_failure where subject = $1"
FORGET_OLD = """
delete from sign_in_failure where subject in (
    select subject from sign_in_failure where started_at < now() - make_interval(secs => $1)
    for update skip locked
)
"""


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    username: str
    password: str


@dataclass(frozen=True)
class Member:
    """The signed-in person a request comes from. Every query takes the facility from here.

    `session` is the hash of the token, `address` where the request came from.
    """

    facility_id: str
    facility_name: str
    account_id: str
    username: str
    name: str
    role: str
    device_id: str | None
    is_revoked: bool
    session: bytes
    address: str


MemberHandler = Callable[[Request, Member], Awaitable[Response]]


def for_members(handler: MemberHandler) -> Callable[[Request], Awaitable[Response]]:
    """A route that only a signed-in member can call."""

    async def endpoint(request: Request) -> Response:
        member = await require_member(request)
        if member.is_revoked:
            raise Failure("revoked", "this device has been revoked")
        return await handler(request, member)

    endpoint.__name__ = handler.__name__
    return endpoint


def for_leavers_too(handler: MemberHandler) -> Callable[[Request], Awaitable[Response]]:
    """Also for a revoked device: it may hand over what it had not sent, and gets nothing."""

    async def endpoint(request: Request) -> Response:
        return await handler(request, await require_member(request))

    endpoint.__name__ = handler.__name__
    return endpoint


def for_devices(handler: MemberHandler) -> Callable[[Request], Awaitable[Response]]:
    """A route that only a member can call, in a session of an enrolled device.

    Else a device that was revoked would read on after another sign-in.
    """

    async def endpoint(request: Request, member: Member) -> Response:
        if member.device_id is None:
            raise Failure("forbidden", "enrol the device of this session first", "device")
        return await handler(request, member)

    endpoint.__name__ = handler.__name__
    return for_members(endpoint)


async def require_member(request: Request) -> Member:
    digest = token_hash(request)
    if digest is None:
        raise Failure("signed-out", "sign in first")
    async with database_of(request).connection() as connection:
        return await read_member(connection, digest, address_of(request))


async def read_member(connection: Connection, digest: bytes, address: str) -> Member:
    row = await connection.fetchrow(FIND_MEMBER, digest, SESSION_DAYS)
    if row is None:
        raise Failure("signed-out", "the session has ended; sign in again")
    if row["is_ageing"]:
        await connection.execute(PROLONG, digest, SESSION_DAYS)
    return Member(
        row["facility_id"],
        row["facility_name"],
        row["account_id"],
        row["username"],
        row["name"],
        row["role"],
        row["device_id"],
        row["revoked"],
        digest,
        address,
    )


async def sign_in(request: Request) -> Response:
    """POST /api/session"""
    form = await bodies.read(request, SignIn)
    username = accounts.normal_username(form.username)
    if not 1 <= len(username) <= accounts.USERNAME_CHARACTERS_MAX or "\x00" in username:
        raise wrong()
    if len(form.password) > accounts.PASSWORD_CHARACTERS_MAX:
        raise wrong()
    address = address_of(request)
    database = database_of(request)
    async with database.connection() as connection:
        # By itself, so that it holds no lock while it waits for one.
        await connection.execute(FORGET_OLD, float(FAILURE_WINDOW_SECONDS))
    async with database.transaction() as connection:
        seconds = await count_attempt(connection, username, address)
        account = None if seconds else await accounts.find_account(connection, username)
    if seconds:
        text = "too many failed attempts; wait before trying again"
        raise Failure("throttled", text, headers={"Retry-After": str(seconds)})
    # No connection is held while the password is being checked.
    matches = await accounts.is_password(account, form.password)
    if account is None or not matches:
        async with database.transaction() as connection:
            await record_failure(connection, account, username, address)
        raise wrong()
    token = secrets.token_bytes(TOKEN_BYTES)
    async with database.transaction() as connection:
        digest = await open_session(connection, account, token, username, address)
        member = await read_member(connection, digest, address)
    response = describe(member)
    set_cookie(response, token.hex())
    return response


def wrong() -> Failure:
    return Failure("wrong-password", "the username or the password is wrong")


async def open_session(
    connection: Connection, account: Credentials, token: bytes, username: str, address: str
) -> bytes:
    digest = hashlib.sha256(token).digest()
    await connection.execute(CREATE, digest, account.facility_id, account.account_id, SESSION_DAYS)
    by_address, here, by_username = subjects_of(username, address)
    await connection.execute(FORGIVE_ONE, by_address)
    await connection.execute(FORGIVE_ALL, here)
    await connection.execute(FORGIVE_ONE, by_username)
    await audit.record(
        connection,
        account.facility_id,
        audit.SIGN_IN,
        account_id=account.account_id,
        address=address,
    )
    return digest


async def record_failure(
    connection: Connection, account: Credentials | None, username: str, address: str
) -> None:
    await audit.record(
        connection,
        account.facility_id if account else audit.NO_FACILITY,
        audit.SIGN_IN_FAILED,
        account_id=account.account_id if account else None,
        address=address,
        details={"username": username},
    )


async def count_attempt(connection: Connection, username: str, address: str) -> int:
    """Seconds to wait before the next attempt is looked at; 0 when this one is."""
    by_address, here, by_username = subjects_of(username, address)
    limits = {
        by_address: FAILURES_PER_ADDRESS_MAX,
        here: FAILURES_PER_USERNAME_AT_ADDRESS_MAX,
    }
    # What is refused at its address does not count against the username: one address alone
    # never keeps a user out everywhere.
    return await count(connection, limits) or await count(
        connection, {by_username: FAILURES_PER_USERNAME_MAX}
    )


def subjects_of(username: str, address: str) -> tuple[str, str, str]:
    """In the order in which they are to be locked."""
    return f"address:{address}", f"here:{address} {username}", f"username:{username}"


async def count(connection: Connection, limits: dict[str, int]) -> int:
    rows = await connection.fetch(COUNT_ATTEMPT, list(limits), float(FAILURE_WINDOW_SECONDS))
    waits = [row["seconds"] for row in rows if row["failures"] > limits[row["subject"]]]
    return max([0, *waits])


async def who_am_i(request: Request, member: Member) -> Response:
    """GET /api/session"""
    return describe(member)


async def sign_out(request: Request) -> Response:
    """DELETE /api/session: answers alike whether or not there was a session."""
    digest = token_hash(request)
    if digest is not None:
        async with database_of(request).transaction() as connection:
            row = await connection.fetchrow(FIND_MEMBER, digest, SESSION_DAYS)
            await connection.execute(DELETE, digest)
            if row is not None:
                await audit.record(
                    connection,
                    row["facility_id"],
                    audit.SIGN_OUT,
                    account_id=row["account_id"],
                    device_id=row["device_id"],
                    address=address_of(request),
                )
    response = Response(status_code=204)
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


def describe(member: Member) -> Response:
    body: dict[str, Any] = {
        "account": {
            "id": member.account_id,
            "username": member.username,
            "name": member.name,
            "role": member.role,
        },
        "facility": {"id": member.facility_id, "name": member.facility_name},
        "now_ms": now_ms(),
    }
    return JSONResponse(body)


def set_cookie(response: Response, token: str) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=SESSION_SECONDS,
        path="/",
        secure=True,
        httponly=True,
        samesite="strict",
    )


def token_hash(request: Request) -> bytes | None:
    try:
        token = bytes.fromhex(request.cookies.get(COOKIE, ""))
    except ValueError:
        return None
    return hashlib.sha256(token).digest() if len(token) == TOKEN_BYTES else None


async def bind_device(connection: Connection, member: Member, device_id: str) -> Member:
    """Remembers which device a session is used on, for the audit trail and for revoking."""
    if member.device_id == device_id:
        return member
    await connection.execute(SET_DEVICE, member.session, device_id)
    return replace(member, device_id=device_id)


def address_of(request: Request) -> str:
    """What a proxy has passed on may be any text, and only an address is worth keeping."""
    try:
        return str(ipaddress.ip_address(request.client.host if request.client else ""))
    except ValueError:
        return "unknown"


def database_of(request: Request) -> Database:
    return request.app.state.database


def now_ms() -> int:
    return time.time_ns() // 1_000_000
