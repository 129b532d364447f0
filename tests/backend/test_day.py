"""GET /api/day: counted by device and author, by the changes' own timestamps."""

from __future__ import annotations

import pytest

from backend.database import Database
from pwa.py.domain import changes
from tests.backend.clinics import client_of, condition, open_clinic, patient

START_MS = 1_700_000_000_000
DAY_MS = 86_400_000
ASKED = f"/api/day?from={START_MS}&to={START_MS + DAY_MS}"


async def test_the_day_is_counted_by_device_and_author(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet, other = await clinic.tablet(), await clinic.tablet()
    texts: list[str] = []
    drafts = [patient("p1"), condition("p1"), patient("p2")]
    for at, draft in enumerate(drafts):
        author = "stranger" if at == 2 else clinic.account_id
        now_ms = START_MS + (2 * DAY_MS if at == 1 else at)
        [(_, text)], tablet.state = changes.seal([draft], tablet.state, author, now_ms)
        texts.append(text)
        # A clock that went back: the day is that of the timestamp.
        tablet.state["timestamp"] = ""
    reply = (await tablet.push(texts)).json()
    await other.push(other.write(patient("p3")))
    answer = (await clinic.client.get(ASKED)).json()
    assert answer["counts"] == [
        {
            "device": tablet.device_id,
            "author": author,
            "name": name,
            "server": server,
            "refused": refused,
            "withdrawn": 0,
            "waiting": 0,
        }
        for author, name, server, refused in sorted(
            [(clinic.account_id, "Dewi", 1, 0), ("stranger", "", 0, 1)]
        )
    ]
    receipts = {one["device"]: one for one in answer["devices"]}
    assert receipts[tablet.device_id]["hash"] == reply["receipt"]["hash"]
    assert len(await clinic.fetch("select 1 from audit where action = 'day-read'")) == 1


async def test_withdrawn_work_counts_apart_and_replaced_work_not(database: Database) -> None:
    clinic = await open_clinic(database)
    tablet = await clinic.tablet()
    drafts = [patient("p1"), patient("p2"), patient("p1") | {"replaces": 1}]
    sealed, _ = changes.seal(drafts, tablet.state, "stranger", START_MS)
    await tablet.push([text for _, text in sealed], withdrawn=[{"number": 2, "reason": "salah"}])
    [row] = (await clinic.client.get(ASKED)).json()["counts"]
    assert (row["server"], row["refused"], row["withdrawn"]) == (0, 1, 1)


@pytest.mark.parametrize("query", ["", "?from=1", "?from=2&to=1", "?from=-1&to=5", "?from=a&to=b"])
async def test_no_day_is_no_answer(database: Database, query: str) -> None:
    clinic = await open_clinic(database)
    assert (await clinic.client.get("/api/day" + query)).status_code == 400


async def test_only_members_are_told(database: Database) -> None:
    async with client_of(database) as stranger:
        assert (await stranger.get(ASKED)).status_code == 401
