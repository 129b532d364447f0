"""Test doubles of the outside: a facility with a signed-in member, and a tablet that writes.

Everything goes through the real application on the real database.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

import httpx

from backend import accounts, devices
from backend.database import Database
from pwa.py.domain import changes
from server import create_app

PASSWORD = "correct horse"
ADDRESS = "https://rekam.test"


@dataclass
class Clinic:
    database: Database
    client: httpx.AsyncClient
    facility_id: str
    account_id: str
    username: str

    async def sign_in(self, password: str = PASSWORD) -> httpx.Response:
        form = {"username": self.username, "password": password}
        return await self.client.post("/api/session", json=form)

    async def tablet(self, device_id: str = "") -> Tablet:
        """A new device, enrolled; the session of this clinic is then the device's."""
        device_id = device_id or new_id("tablet")
        if self.client.cookies:
            answer = await self.client.post("/api/devices", json={"device": device_id})
            assert answer.status_code == 200, answer.text
        else:
            async with self.database.transaction() as connection:
                await devices.enrol(connection, self.facility_id, self.account_id, device_id)
        return Tablet(self, device_id, changes.new_device_state(device_id))

    async def fetch(self, statement: str, *values: object) -> list[Any]:
        async with self.database.connection() as connection:
            return await connection.fetch(statement, *values)


@dataclass
class Tablet:
    clinic: Clinic
    device_id: str
    state: dict[str, Any]
    cursor: int = 0
    epoch: str | None = None

    def write(self, *drafts: dict[str, Any]) -> list[str]:
        """The exact texts of new changes, numbered and chained."""
        now_ms = time.time_ns() // 1_000_000
        sealed, self.state = changes.seal(list(drafts), self.state, self.clinic.account_id, now_ms)
        return [text for _, text in sealed]

    def body(self, texts: list[str], **fields: Any) -> bytes:
        envelope = {
            "protocol": 2,
            "device": self.device_id,
            "epoch": self.epoch,
            "cursor": self.cursor,
            "now_ms": time.time_ns() // 1_000_000,
            "limit": 1000,
            **fields,
        }
        return json.dumps(envelope)[:-1].encode() + f',"changes":[{",".join(texts)}]}}'.encode()

    async def send(self, body: bytes) -> httpx.Response:
        headers = {"content-type": "application/json"}
        return await self.clinic.client.post("/api/sync", content=body, headers=headers)

    async def push(self, texts: list[str], **fields: Any) -> httpx.Response:
        return await self.send(self.body(texts, **fields))


def new_id(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(8)}"


def patient(patient_id: str, name: str = "Siti Aminah") -> dict[str, Any]:
    resource = {"resourceType": "Patient", "id": patient_id, "name": [{"text": name}]}
    return changes.create(resource, patient_id)


def condition(patient_id: str, text: str = "Demam", resource_id: str = "") -> dict[str, Any]:
    resource = {
        "resourceType": "Condition",
        "id": resource_id or new_id("condition"),
        "subject": {"reference": f"Patient/{patient_id}"},
        "code": {"text": text},
        "recordedDate": "2026-11-20T08:00:00+07:00",
    }
    return changes.create(resource, patient_id)


def client_of(database: Database) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(create_app(database), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS)


async def open_clinic(database: Database, *, signed_in: bool = True) -> Clinic:
    username = new_id("user")
    async with database.transaction() as connection:
        facility_id = await accounts.create_facility(connection, "Puskesmas")
        account_id = await accounts.create_account(
            connection, facility_id, username, "Dewi", "clinician", PASSWORD
        )
    clinic = Clinic(database, client_of(database), facility_id, account_id, username)
    if signed_in:
        answer = await clinic.sign_in()
        assert answer.status_code == 200, answer.text
    return clinic
