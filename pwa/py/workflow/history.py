"""The history of one entry of a chart: from the server where it answers, else what is here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import history, json_text, names, outbox
from pwa.py.domain.failures import Failure

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.workflow.people import Http
    from pwa.py.workflow.record import Record

PAGES_MAX = 20


class History:
    def __init__(self, record: Record, http: Http) -> None:
        self._record = record
        self._http = http

    async def read(self, patient: str, key: str) -> dict[str, Any] | None:
        """{"type", "title", "name", "versions", "is_whole"}; None where there is no such entry.

        `is_whole` says that the server has answered with all that it has.
        """
        chart = await self._record.open(patient)
        row = None if chart is None else chart.row(key)
        person = None if chart is None else chart.row("Patient/" + patient)
        if row is None or person is None:
            return None
        known: dict[str, dict[str, Any]] = {}
        for change in history.remembered(row):
            known[change["timestamp"]] = {"change": change, "sequence": None, "state": "known"}
        for one in await self._own(patient, key):
            known[one["change"]["timestamp"]] = one
        try:
            arrived, is_whole = await self._ask(key)
        except Failure:
            is_whole = False
        else:
            # What the server tells stands; what it has not got yet is ours and unsent.
            mine = [one for one in known.values() if one["state"] not in ("known", "done")]
            known = {one["change"]["timestamp"]: one for one in mine + arrived}
        return {
            "type": row["resource"]["resourceType"],
            "title": names.title(row["resource"]),
            "name": names.person_name(person["resource"]),
            "versions": history.versions(list(known.values()), row),
            "is_whole": is_whole,
        }

    async def _own(self, patient: str, key: str) -> list[dict[str, Any]]:
        """Changes of this device that it still has: how far each has come."""
        found: list[dict[str, Any]] = []
        for row in await self._record.store.list("outbox", patient=patient):
            change = outbox.change_of(row)
            if change["resource"] == key:
                found.append({"change": change, "sequence": None, "state": row["state"]})
        return found

    async def _ask(self, key: str) -> tuple[list[dict[str, Any]], bool]:
        """What the server has, and whether that was all."""
        found: list[dict[str, Any]] = []
        after: int | None = 0
        for _ in range(PAGES_MAX):
            path = "/api/history?resource=%s&after=%d" % (key, after)
            page = json_text.loads(await self._http.get(path))
            for version in page["versions"]:
                version["state"] = "server"
                found.append(version)
            after = page["after"]
            if after is None:
                return found, True
        return found, False
