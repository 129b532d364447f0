"""Getting in: with the network, without it, as another user, with a changed password."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import json_text
from pwa.py.domain.failures import Offline, Refused, SignedOut, UnknownUser, WrongPassword
from pwa.py.store.memory import MemoryStore
from pwa.py.workflow.access import Access

IDENTITY = {
    "account": {"id": "a1", "username": "siti", "name": "dr. Siti", "role": "doctor"},
    "facility": {"id": "f1", "name": "Puskesmas Melati"},
}


class FakeKeyring:
    """Knows passwords in the clear; the real one is tested in the browser (tests/store)."""

    def __init__(self) -> None:
        self.users: dict[str, tuple[str, dict[str, Any]]] = {}
        self.enrolled: list[str] = []

    async def device(self) -> str:
        return "device-1"

    async def is_new(self) -> bool:
        return not self.users

    async def is_known(self, username: str) -> bool:
        return username in self.users

    async def unlock(self, username: str, password: str) -> dict[str, Any]:
        if username not in self.users:
            raise UnknownUser(username)
        if self.users[username][0] != password:
            raise WrongPassword("")
        return self.users[username][1]

    async def enroll(
        self, username: str, password: str, account: dict[str, Any], recovery_key: str
    ) -> None:
        self.enrolled.append(recovery_key)
        self.users[username] = (password, account)


class FakeServer:
    def __init__(self) -> None:
        self.passwords = {"siti": "rahasia", "budi": "lain"}
        self.is_reachable = True
        self.is_foreign = False
        self.recovery_key = "recovery"
        self.requests: list[str] = []

    async def post(self, path: str, body: str) -> str:
        self.requests.append(path)
        if not self.is_reachable:
            raise Offline("")
        request = json_text.loads(body)
        if path == "/api/devices" and self.is_foreign:
            raise Refused(403, {})
        if path == "/api/devices":
            return json_text.dumps({"device": request["device"], "recovery_key": self.recovery_key})
        if self.passwords.get(request["username"]) != request["password"]:
            raise SignedOut("")
        return json_text.dumps(IDENTITY)

    async def delete(self, path: str) -> None:
        self.requests.append("DELETE " + path)
        if not self.is_reachable:
            raise Offline("")


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
def access(server: FakeServer) -> Access:
    return Access(MemoryStore(), FakeKeyring(), server)


async def test_the_first_time_needs_the_server(access: Access, server: FakeServer) -> None:
    assert not await access.is_known_device()
    server.is_reachable = False
    with pytest.raises(Offline):
        await access.unlock("siti", "rahasia")
    server.is_reachable = True
    identity = await access.unlock("siti", "rahasia")
    assert identity == IDENTITY | {"device": "device-1"}
    assert await access.is_known_device()


async def test_later_the_password_opens_without_the_server(
    access: Access, server: FakeServer
) -> None:
    await access.unlock("siti", "rahasia")
    server.is_reachable = False
    server.requests.clear()
    assert (await access.unlock("siti", "rahasia"))["account"]["name"] == "dr. Siti"
    assert server.requests == []


async def test_a_wrong_password_does_not_open_with_or_without_the_server(
    access: Access, server: FakeServer
) -> None:
    with pytest.raises(WrongPassword):
        await access.unlock("siti", "salah")
    await access.unlock("siti", "rahasia")
    for is_reachable in (True, False):
        server.is_reachable = is_reachable
        with pytest.raises(WrongPassword):
            await access.unlock("siti", "salah")


async def test_a_password_changed_on_the_server_opens_once_the_server_said_so(
    access: Access, server: FakeServer
) -> None:
    await access.unlock("siti", "rahasia")
    server.passwords["siti"] = "baru"
    await access.unlock("siti", "baru")
    server.is_reachable = False
    await access.unlock("siti", "baru")


async def test_another_user_comes_in_through_the_server(access: Access, server: FakeServer) -> None:
    await access.unlock("siti", "rahasia")
    server.is_reachable = False
    with pytest.raises(Offline):
        await access.unlock("budi", "lain")
    server.is_reachable = True
    await access.unlock("budi", "lain")


async def test_the_chain_of_the_device_begins_once(server: FakeServer) -> None:
    store = MemoryStore()
    access = Access(store, FakeKeyring(), server)
    await access.unlock("siti", "rahasia")
    row = await store.get("meta", "device")
    assert row is not None
    assert json_text.loads(row["text"])["device"] == "device-1"
    await access.unlock("siti", "rahasia")
    again = await store.get("meta", "device")
    assert again is not None
    assert again["version"] == 1


async def test_signing_out_without_the_network_is_no_failure(
    access: Access, server: FakeServer
) -> None:
    await access.unlock("siti", "rahasia")
    server.is_reachable = False
    await access.sign_out()
    assert server.requests[-1] == "DELETE /api/session"


async def test_a_stranger_refused_by_the_device_leaves_no_session(
    access: Access, server: FakeServer
) -> None:
    server.is_foreign = True
    with pytest.raises(Refused):
        await access.unlock("siti", "rahasia")
    assert server.requests[-1] == "DELETE /api/session"


async def test_a_server_that_forgot_the_device_learns_of_it_again(server: FakeServer) -> None:
    keyring = FakeKeyring()
    access = Access(MemoryStore(), keyring, server)
    identity = await access.unlock("siti", "rahasia")
    await access.renew_enrolment("siti", "rahasia", identity)
    assert keyring.enrolled == ["recovery"]
    server.recovery_key = "another"
    await access.renew_enrolment("siti", "rahasia", identity)
    assert keyring.enrolled == ["recovery", "another"]
