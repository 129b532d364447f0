"""What users of such systems complain of, and that it does not happen here: the server.

The numbers are those of docs/pains.md, which says where each complaint was read.
"""

from __future__ import annotations

import asyncio

from backend.database import Database
from tests.backend.clinics import Tablet, condition, open_clinic, patient

DEVICES = 60
CHANGES_EACH = 20


async def test_pain_14_many_devices_at_once_bring_no_error(database: Database) -> None:
    clinic = await open_clinic(database)
    tablets = [await clinic.tablet() for _ in range(DEVICES)]

    async def work(tablet: Tablet) -> list[int]:
        """A patient and what belongs to it, in three pushes; all sixty devices at once."""
        name = tablet.device_id
        texts = tablet.write(patient(name), *[condition(name) for _ in range(CHANGES_EACH - 1)])
        third = len(texts) // 3
        answers = [await tablet.push(texts[at : at + third]) for at in range(0, len(texts), third)]
        return [answer.status_code for answer in answers]

    found = await asyncio.gather(*[work(tablet) for tablet in tablets])
    assert {status for statuses in found for status in statuses} == {200}
    [row] = await clinic.fetch("select count(*), max(sequence) as last from change")
    assert (row["count"], row["last"]) == (DEVICES * CHANGES_EACH, DEVICES * CHANGES_EACH)
