"""A first sync while a whole clinic goes on writing: the real exchange against the real server."""

from __future__ import annotations

import json
import os
from random import Random
from typing import Any

from backend.database import Database
from pwa.py.domain.chart import Chart
from pwa.py.domain.failures import Refused, ServerFault
from tests.backend.clinics import Clinic, condition, open_clinic, patient
from tests.backend.clinics import Tablet as Writer
from tests.sync.begun import Begins
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin

# 100,000 in the report (docs/fault-report.md); fewer in every run.
CHANGES_MEANWHILE = int(os.environ.get("REKAM_FIRST_SYNC_CHANGES", "6000"))
PATIENTS = 150
BATCH = 500
STEPS_MAX = 100_000


class RealLink(Begins):
    """A tablet's wire to the real application."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        return self._text(await self.clinic.client.get(path))

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        headers = {"content-type": "application/json"}
        if meanwhile is not None:
            await meanwhile()
        return self._text(
            await self.clinic.client.post(path, content=body.encode(), headers=headers)
        )

    async def delete(self, path: str) -> None:
        raise AssertionError(path)

    def _text(self, answer: Any) -> str:
        if answer.status_code >= 500:
            raise ServerFault(str(answer.status_code))
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.json())
        return str(answer.text)


async def write_some(writer: Writer, random: Random, count: int) -> None:
    """Diagnoses of known patients, edits of them, and now and then somebody new."""
    drafts: list[dict[str, Any]] = []
    for _ in range(count):
        number = random.randrange(PATIENTS)
        if random.random() < 0.02:
            drafts.append(patient(f"new-{random.getrandbits(60):x}"))
        else:
            name = f"c{random.randrange(20)}" if random.random() < 0.5 else ""
            resource = name and f"{name}-p{number}"
            drafts.append(condition(f"p{number}", f"Batuk {random.random()}", resource))
    answer = await writer.push(writer.write(*drafts), limit=0)
    assert answer.status_code == 200, answer.text


async def test_changes_made_during_a_first_sync_are_neither_missed_nor_doubled(
    database: Database,
) -> None:
    clinic = await open_clinic(database)
    writer = await clinic.tablet("writer")
    random = Random(1)
    answer = await writer.push(writer.write(*[patient(f"p{at}") for at in range(PATIENTS)]))
    assert answer.status_code == 200
    await clinic.tablet("fresh")
    tablet = Tablet("fresh", ServerTwin(), clinic.account_id)
    tablet.link = RealLink(clinic)  # type: ignore[assignment]
    await tablet.start()
    written = 0
    for _ in range(STEPS_MAX):
        is_done = await tablet.exchange.step()
        # Between any two of the tablet's requests the clinic writes.
        if written < CHANGES_MEANWHILE:
            await write_some(writer, random, BATCH)
            written += BATCH
        elif is_done:
            break
    await compare(clinic, tablet)


async def compare(clinic: Clinic, tablet: Tablet) -> None:
    """Row for row what the server holds, with its sequence, and nothing else."""
    rows = await clinic.fetch("select key, patient_id, sequence, body::text as body from resource")
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        wanted.setdefault(row["patient_id"], {})[row["key"]] = row
    for name, resources in wanted.items():
        chart: Chart | None = await tablet.record.open(name)
        assert chart is not None, name
        assert sorted(chart.keys()) == sorted(resources)
        for key, row in resources.items():
            entry = chart.get(key)
            assert entry is not None
            assert entry.sequence == row["sequence"], key
            assert entry.row() == json.loads(row["body"]), key
    assert tablet.desk.patient_count == len(wanted)
