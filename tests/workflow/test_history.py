"""The history of an entry: the server's word where it answers, what the device knows where not."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain import json_text
from pwa.py.domain.failures import Offline
from pwa.py.workflow.history import History
from pwa.py.workflow.people import People
from tests.sync.tablets import Tablet
from tests.sync.test_exchange import rows_of
from tests.sync.twin import ServerTwin

ACCOUNT = {"id": "doctor", "name": "dr. Sari"}
MEMBERS = {
    "members": [{"id": "nurse", "name": "Ns. Dewi", "active": True}],
    "devices": [{"id": "tablet-0042", "account": "nurse"}],
}


class Http:
    """Answers as the server does, from the log of the twin; or not at all."""

    def __init__(self, server: ServerTwin, page: int = 2) -> None:
        self.server = server
        self.page = page
        self.is_offline = False
        self.asked: list[str] = []

    async def get(self, path: str) -> str:
        self.asked.append(path)
        if self.is_offline:
            raise Offline("no network")
        if path == "/api/members":
            return json_text.dumps(MEMBERS)
        query = dict(part.split("=") for part in path.split("?")[1].split("&"))
        found = [
            {"sequence": sequence, "change": change, "received_at": "2026-11-23T08:00:00Z"}
            | {"account": change["author"], "device": change["device"], "drift_ms": 5}
            for sequence, change in self.server.log
            if change["resource"] == query["resource"] and sequence > int(query["after"])
        ]
        page = found[: self.page]
        after = page[-1]["sequence"] if len(found) > self.page else None
        return json_text.dumps({"versions": page, "after": after})


class Clinic:
    async def start(self) -> Clinic:
        self.server = ServerTwin()
        self.tablet = await Tablet("one", self.server).start()
        self.patient = await self.tablet.register()
        await self.tablet.visit(self.patient)
        rows = await rows_of(self.tablet, self.patient)
        self.key = next(key for key in rows if "Condition" in key)
        self.http = Http(self.server)
        self.history = History(self.tablet.record, self.http)
        return self

    async def amend(self, **fields: Any) -> None:
        row = (await rows_of(self.tablet, self.patient))[self.key]
        await self.tablet.amend(self.patient, row, fields)

    async def read(self, key: str = "") -> Any:
        return await self.history.read(self.patient, key or self.key)


@pytest.fixture
async def clinic() -> Clinic:
    return await Clinic().start()


def code(text: str) -> dict[str, Any]:
    return {"coding": [{"code": text}]}


async def test_every_version_says_what_changed_and_what_became_of_it(clinic: Clinic) -> None:
    for text in ("resolved", "recurrence", "remission"):
        await clinic.amend(clinicalStatus=code(text))
    await clinic.tablet.synchronise()
    found = await clinic.read()
    assert found["is_whole"]
    assert (found["type"], found["title"], found["name"]) == ("Condition", "ISPA", "Siti Nurhaliza")
    told = [
        (one["fields"][0]["from"][0]["code"], one["fields"][0]["to"]["code"])
        for one in found["versions"][:-1]
    ]
    assert told == [
        ("recurrence", "remission"),
        ("resolved", "recurrence"),
        ("active", "resolved"),
    ]
    fates = [one["fields"][0]["fate"] for one in found["versions"][:-1]]
    assert fates == ["current", "replaced", "replaced"]
    assert found["versions"][-1]["is_first"]
    assert [one["state"] for one in found["versions"]] == ["server"] * 4
    # In pages, and each once.
    assert len(clinic.http.asked) == 2


async def test_without_a_network_the_device_tells_what_it_knows(clinic: Clinic) -> None:
    await clinic.amend(clinicalStatus=code("resolved"))
    await clinic.tablet.synchronise()
    await clinic.amend(clinicalStatus=code("remission"))
    clinic.http.is_offline = True
    await clinic.tablet.store.commit([], removes=[("outbox", 1), ("outbox", 2)])
    found = await clinic.read()
    assert not found["is_whole"]
    assert [one["state"] for one in found["versions"]] == ["waiting", "done", "done"]
    # Another tablet has none of these changes, and knows from the row.
    other = await Tablet("two", clinic.server, "nurse").start()
    await clinic.tablet.synchronise()
    await other.synchronise()
    found = await History(other.record, clinic.http).read(clinic.patient, clinic.key)
    assert found is not None
    assert [one["state"] for one in found["versions"]] == ["known"] * 3
    first = found["versions"][0]["fields"]
    assert [(one["field"], one["to"]["code"]) for one in first] == [("clinicalStatus", "remission")]
    assert first[0]["from"][0]["code"] == "resolved"


async def test_what_is_not_sent_stands_beside_what_the_server_has(clinic: Clinic) -> None:
    await clinic.tablet.synchronise()
    await clinic.amend(clinicalStatus=code("resolved"))
    found = await clinic.read()
    assert [one["state"] for one in found["versions"]] == ["waiting", "server"]


async def test_a_demographic_value_that_lost_is_shown_as_superseded(clinic: Clinic) -> None:
    tablet, key = clinic.tablet, "Patient/" + clinic.patient
    await tablet.synchronise()
    other = await Tablet("two", clinic.server, "nurse").start()
    await other.synchronise()
    other.clock_ms += 90_000
    for one, phone in ((tablet, "0811"), (other, "0822")):
        row = (await rows_of(one, clinic.patient))[key]
        await one.amend(clinic.patient, row, {"telecom": [{"value": phone}]})
    # The later arrives first.
    for one in (other, tablet):
        await one.synchronise()
    found = await clinic.read(key)
    fields = [one["fields"][0] for one in found["versions"][:2]]
    assert [(one["to"]["text"], one["fate"]) for one in fields] == [
        ("0822", "current"),
        ("0811", "superseded"),
    ]


async def test_an_entry_that_is_not_here_has_no_history(clinic: Clinic) -> None:
    assert await clinic.read("Condition/none") is None
    assert await clinic.history.read("nobody", "Patient/nobody") is None


async def test_names_are_known_again_without_a_network(clinic: Clinic) -> None:
    store = clinic.tablet.store
    people = People(store, clinic.http, "one", ACCOUNT)
    await people.load()
    assert (people.name("doctor"), people.name("nurse")) == ("dr. Sari", "")
    await people.refresh()
    clinic.http.is_offline = True
    again = People(store, clinic.http, "one", ACCOUNT)
    await again.load()
    await again.refresh()
    assert (again.name("nurse"), again.name("stranger")) == ("Ns. Dewi", "")
    assert (again.device_owner("tablet-0042"), again.device_mark("tablet-0042")) == (
        "Ns. Dewi",
        "0042",
    )


async def test_somebody_unknown_is_asked_for_once_more(clinic: Clinic) -> None:
    people = People(clinic.tablet.store, clinic.http, "one", ACCOUNT)
    await people.refresh()
    assert people.is_fresh
    people.name("nurse")
    assert people.is_fresh
    people.name("new-colleague")
    assert not people.is_fresh


async def test_a_device_that_is_met_is_asked_for_before_it_is_named(clinic: Clinic) -> None:
    people = People(clinic.tablet.store, clinic.http, "one", ACCOUNT)
    await people.load()
    assert people.device_owner("tablet-0042") == ""
    await people.meet("tablet-0042")
    assert people.device_owner("tablet-0042") == "Ns. Dewi"
    # Who is known is named without a network.
    clinic.http.is_offline = True
    await people.meet("tablet-0042")
    await people.meet("stranger")
    assert people.device_owner("tablet-0042") == "Ns. Dewi"
