"""The simulation's tables in memory answer as PostgreSQL does, request for request.

Seeded tablets push, repeat, skip and forge changes and pull and page; the real application on
PostgreSQL and the simulation's server are asked the same, and must answer the same.
"""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from backend.database import Database
from pwa.py.domain import changes, chart_page
from pwa.py.domain.failures import Refused
from tests.backend.clinics import Clinic, open_clinic
from tests.simulation.scheduler import Scheduler
from tests.simulation.server import Server

SEEDS = 12
REQUESTS = 40
AUTHORS = ("doctor", "nurse", "stranger")
PATIENTS = ("p1", "p2", "p3", "p4")
DEVICES = ("d1", "d2")
NOW_MS = 1_795_398_170_000


class Writer:
    """A device that makes requests, good ones and bad ones."""

    def __init__(self, device: str, random: Random) -> None:
        self.device = device
        self.random = random
        self.state = changes.new_device_state(device)
        self.texts: list[str] = []
        self.cursor = 0
        self.epoch: str | None = None
        self._ids = 0

    def draft(self) -> dict[str, Any]:
        random, patient = self.random, self.random.choice(PATIENTS)
        kind = random.choice(("Patient", "Patient", "Condition", "Observation", "Encounter"))
        known = f"{kind.lower()}-{random.randrange(3)}"
        name = patient if kind == "Patient" else f"{patient}-{known}"
        fields: dict[str, Any] = {
            "Patient": {"name": [{"text": random.choice(("Siti", "Budi", "Ünï"))}]},
            "Condition": {"clinicalStatus": {"coding": [{"code": random.choice(("a", "b"))}]}},
            "Observation": {"status": "final", "valueQuantity": {"value": random.choice((1, 2.5))}},
            "Encounter": {"period": {"start": f"2026-0{random.randint(1, 9)}-01"}},
        }[kind]
        if random.random() < 0.05:
            fields = {"birthDate": "never"} | fields
        return {"patient": patient, "resource": f"{kind}/{name}", "base": {}, "set": fields}

    def write(self, count: int) -> list[str]:
        author = self.random.choices(AUTHORS, (8, 2, 1))[0]
        now_ms = NOW_MS + len(self.texts)
        drafts = [self.draft() for _ in range(count)]
        sealed, self.state = changes.seal(drafts, self.state, author, now_ms)
        made = [text for _, text in sealed]
        self.texts += made
        return made

    def body(self, texts: list[str]) -> str:
        envelope = {
            "protocol": self.random.choice((1, 2)),
            "device": self.device,
            "epoch": self.epoch,
            "cursor": self.cursor,
            "now_ms": NOW_MS,
            "limit": self.random.choice((0, 1, 3, 500)),
        }
        return json.dumps(envelope)[:-1] + f',"changes":[{",".join(texts)}]}}'

    def request(self) -> str:
        """Mostly what a tablet sends; sometimes what only a fault or a liar would."""
        kind = self.random.choice(("new", "new", "new", "again", "gap", "forged", "broken", "none"))
        if kind == "new":
            return self.body(self.write(self.random.randint(1, 6)))
        if kind == "again" and self.texts:
            start = self.random.randrange(len(self.texts))
            return self.body(self.texts[start:] + self.write(self.random.randint(0, 2)))
        state, texts = self.state, list(self.texts)
        made: list[str] = []
        if kind == "gap":
            made = self.write(3)[1:]
        elif kind == "forged" and texts:
            made = [self.random.choice(texts).replace("Siti", "Sita").replace("final", "amended")]
        elif kind == "broken":
            made = [text.replace('"previous":"', '"previous":"00') for text in self.write(2)]
        self.state, self.texts = state, texts
        return self.body(made)


def decoded(path: str, text: str) -> Any:
    return chart_page.read(text) if path.startswith("/api/snapshot") else json.loads(text)


def ask_memory(server: Server, path: str, body: str | None) -> Any:
    try:
        return 200, decoded(path, server.ask(path, body))
    except Refused as refusal:
        return refusal.status, refusal.body


async def ask_postgres(clinic: Clinic, path: str, body: str | None) -> Any:
    if body is None:
        answer = await clinic.client.get(path)
    else:
        headers = {"content-type": "application/json"}
        answer = await clinic.client.post(path, content=body.encode(), headers=headers)
    is_taken = answer.status_code == 200
    return answer.status_code, decoded(path, answer.text) if is_taken else answer.json()


async def open_twins(database: Database, seed: int) -> tuple[Clinic, Server]:
    clinic = await open_clinic(database)
    statement = "update account set account_id = 'doctor' where account_id = $1"
    await clinic.fetch(statement, clinic.account_id)
    await clinic.fetch("update session set account_id = 'doctor'")
    await clinic.fetch(
        "insert into account select facility_id, 'nurse', 'nurse', name, role, password_hash "
        "from account"
    )
    clinic.account_id = "doctor"
    for device in DEVICES:
        await clinic.tablet(device)
    return clinic, Server(Scheduler(seed))


def comparable(answer: tuple[int, Any]) -> Any:
    status, body = answer
    for name in ("now_ms", "epoch"):
        body.pop(name, None)
    # jsonb has its own order of members and blanks.
    body["charts"] = [
        [chart[0], lines_of(chart[1]), *chart[2:]] for chart in body.get("charts", [])
    ]
    return status, body


def lines_of(text: str) -> list[Any]:
    columns = [line.split("\t", 4) for line in text.split("\n")]
    return [[*line[:4], json.loads(line[4])] for line in columns]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_memory_and_postgresql_answer_alike(database: Database, seed: int) -> None:
    clinic, server = await open_twins(database, seed)
    random = Random(seed)
    writers = [Writer(device, random) for device in DEVICES]
    statuses: list[int] = []
    for _ in range(REQUESTS):
        writer = random.choice(writers)
        path, body = "/api/sync", writer.request()
        one = comparable(ask_memory(server, path, body))
        two = comparable(await ask_postgres(clinic, path, body))
        assert one == two, body
        statuses.append(one[0])
        if one[0] == 200 and random.random() < 0.5:
            writer.cursor = one[1]["cursor"]
        after = random.choice(("", "p1", "p2", "p9"))
        page = f"/api/snapshot?limit={random.randint(1, 3)}&after={after}"
        one = comparable(ask_memory(server, page, None))
        assert one == comparable(await ask_postgres(clinic, page, None)), page
    assert {200, 409} <= set(statuses)
    [row] = await clinic.fetch("select count(*) as count from refused")
    assert row["count"] == len(server.tables.refused)
    rows = await clinic.fetch("select convert_from(body, 'utf8') as body from quarantine")
    held = {body.decode() for _, body in server.tables.quarantine}
    assert {row["body"] for row in rows} == held
