"""Looking for patients beyond this device: a search of the whole facility, with a network.

Whoever is chosen is fetched, and stays on the device as long as others who were opened here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import directory, json_text, patients

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pwa.py.sync.contract import Http
    from pwa.py.sync.panel import Panel

FIND_LIMIT = 20
# The server asks for as many, so that one letter does not bring half of the facility.
FIND_CHARACTERS_MIN = 2
SIMILAR_LIMIT = 5


class LookUp:
    def __init__(self, http: Http, panel: Panel, kick: Callable[[], None]) -> None:
        """`kick` asks for an exchange."""
        self._http = http
        self._panel = panel
        self._kick = kick

    def is_enough(self, text: str) -> bool:
        """Whether there is something to search for."""
        return len("".join(directory.query_words(text))) >= FIND_CHARACTERS_MIN

    async def find(self, text: str) -> dict[str, Any]:
        """{"found": entries of the directory, "more": whether there are others, "patients"}."""
        body = json_text.dumps({"find": text, "limit": FIND_LIMIT})
        reply = json_text.loads(await self._http.post("/api/patients", body))
        found = [directory.entry_of(line) for line in reply["lines"]]
        return {"found": found, "more": reply["more"], "patients": reply["patients"]}

    async def similar(self, form: dict[str, Any]) -> list[dict[str, Any]]:
        """Those of the facility who may be the person on a registration form."""
        fields = patients.read_form(form)
        similar: list[dict[str, Any]] = []
        for query in (fields["nik"], fields["bpjs"], fields["mrn"], fields["name"]):
            if similar or not self.is_enough(query):
                continue
            for entry in (await self.find(query))["found"]:
                if patients.is_same_person(entry, form):
                    similar.append(entry)
        return similar[:SIMILAR_LIMIT]

    async def keep(self, patient: str) -> bool:
        """Fetches the chart of a patient. False when the facility does not have it any more."""
        is_here = await self._panel.keep(patient)
        # The server may have been another life's, and said so with the chart: then nothing on this
        # device is called synchronised until all was asked for again.
        self._kick()
        return is_here
