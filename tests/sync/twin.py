"""A server in memory that speaks the protocol of docs/sync.md, for tests without a network.

It keeps the real server's rules (numbers without gaps, hash chain, sequence in order, the same
merge and admission) and none of its machinery. `Link` is the wire: a test may cut it, or lose
replies after the server has committed.
"""

from __future__ import annotations

from typing import Any

from pwa.py.domain import changes, chart, chart_page, dependence, directory, json_text
from pwa.py.domain.admission import check_admission
from pwa.py.domain.failures import Offline, Refused
from pwa.py.domain.issues import issue
from pwa.py.domain.merge import merge
from tests.sync.begun import Begins


class ServerTwin:
    def __init__(self) -> None:
        self.epoch = "epoch-1"
        self.rows: dict[str, Any] = {}
        self.sequences: dict[str, int] = {}
        self.log: list[tuple[int, dict[str, Any]]] = []
        self.refused: list[tuple[int, dict[str, Any], list[Any]]] = []
        self.devices: dict[str, dict[str, Any]] = {}
        self.withdrawn: list[tuple[int, str]] = []
        self.left: list[tuple[str, str]] = []
        self.sequence = 0
        self.authors = {"doctor", "nurse"}
        self.requests = 0

    def synchronise(self, request: dict[str, Any]) -> dict[str, Any]:
        device = self.devices.setdefault(
            request["device"], {"number": 0, "hash": "", "outcomes": {}, "refusals": {}}
        )
        if request.get("aside"):
            kept: Any = {"outcome": "set-aside", "sequence": None, "issues": []}
            outcomes = [kept | {"number": one["number"]} for one in request["changes"]]
            raise Refused(409, {"issue": [], "outcomes": outcomes})
        told = {one["number"]: one["reason"] for one in request.get("withdrawn", [])}
        outcomes = [self._take(device, change, told) for change in request["changes"]]
        self.left += [(one["hash"], one["reason"]) for one in request.get("left", [])]
        for number, reason in told.items():
            refusal = device["refusals"].get(number)
            if refusal is not None and not refusal["is_withdrawn"]:
                refusal["is_withdrawn"] = True
                self.withdrawn.append((number, reason))
        newer = [
            self._item(sequence, change)
            for sequence, change in self.log
            if sequence > request["cursor"] and change["device"] != request["device"]
        ]
        is_known = request["epoch"] in (None, self.epoch)
        page = newer[: request["limit"]] if is_known else []
        more = is_known and len(newer) > len(page)
        return {
            "protocol": request["protocol"],
            "epoch": self.epoch,
            "now_ms": 0,
            "outcomes": outcomes,
            "receipt": {
                "device": request["device"],
                "number": device["number"],
                "hash": device["hash"],
                "sequence": self.sequence,
            },
            "changes": page,
            "cursor": page[-1]["sequence"] if more and page else self.sequence,
            "more": more,
        }

    def _item(self, sequence: int, change: dict[str, Any]) -> dict[str, Any]:
        item: dict[str, Any] = {"sequence": sequence, "change": change}
        first = next(at for at, one in self.log if one["resource"] == change["resource"])
        is_patient = change["resource"] == "Patient/" + change["patient"]
        return item | ({"created": True} if is_patient and first == sequence else {})

    def snapshot(self, after: str, limit: int, cap: int) -> dict[str, Any]:
        """In the order of ids: the twin knows no dates."""
        count, _, last = after.partition("_")
        done = int(count or 0)
        patients = self.patients()
        page = [patient for patient in patients if patient > last][: min(limit, cap - done)]
        done += len(page)
        is_end = not page or page[-1] == patients[-1] or done >= cap
        reply = self.charts(page)
        reply |= {"after": None if is_end else f"{done}_{page[-1]}"}
        return reply | {"panel": min(cap, len(patients))}

    def charts(self, patients: list[str]) -> dict[str, Any]:
        there = [patient for patient in patients if "Patient/" + patient in self.rows]
        return {
            "epoch": self.epoch,
            "cursor": self.sequence,
            "charts": [[patient, self.chart_text(patient), 0, ""] for patient in there],
            "absent": [patient for patient in patients if patient not in there],
            "patients": len(self.patients()),
        }

    def patients(self) -> list[str]:
        return sorted({row["patient"] for row in self.rows.values()})

    def chart_text(self, patient: str) -> str:
        rows = {key: row for key, row in self.rows.items() if row["patient"] == patient}
        built = chart.Chart()
        built.put(rows)
        built.number({key: self.sequences[key] for key in rows})
        return built.text()

    def _take(
        self, device: dict[str, Any], change: dict[str, Any], told: dict[int, str]
    ) -> dict[str, Any]:
        number = change["number"]
        if number <= device["number"]:
            known = dict(device["outcomes"][number])
            return known if known["outcome"] == "rejected" else known | {"outcome": "duplicate"}
        if number != device["number"] + 1 or change["previous"] != device["hash"]:
            receipt = {"number": device["number"], "hash": device["hash"]}
            raise Refused(409, {"issue": [], "receipt": receipt})
        self.sequence += 1
        device["number"] = number
        device["hash"] = changes.text_hash(change.pop("__text"))
        issues = self._hold_back(device, change, told)
        if not issues:
            issues = check_admission(change, self.rows, self.authors)  # type: ignore[arg-type]
        writes, outcomes = merge(self.rows, [change])  # type: ignore[list-item]
        issues = outcomes[0]["issues"] or issues
        word = "rejected" if issues else outcomes[0]["outcome"]
        if issues:
            self.refused.append((self.sequence, change, issues))
            device["refusals"][number] = {
                "number": number,
                "resource": change["resource"],
                "timestamp": change["timestamp"],
                "waits_for": issues[0].get("waits_for", 0),
                "is_withdrawn": False,
            }
        else:
            self.rows.update(writes)
            self.sequences[change["resource"]] = self.sequence
            self.log.append((self.sequence, change))
        outcome = {
            "number": number,
            "outcome": word,
            "sequence": self.sequence,
            "issues": issues,
        }
        device["outcomes"][number] = outcome
        return outcome

    def _hold_back(
        self, device: dict[str, Any], change: dict[str, Any], told: dict[int, str]
    ) -> list[Any]:
        refusals = device["refusals"]
        refusals.pop(change.get("replaces"), None)
        by_resource: dict[str, list[Any]] = {}
        for number in sorted(refusals):
            by_resource.setdefault(refusals[number]["resource"], []).append(refusals[number])
        found = dependence.waits_for(change, by_resource, self.rows)  # type: ignore[arg-type]
        is_told = change["number"] in told
        if found is None:
            return [issue("deleted", "was withdrawn")] if is_told else []
        number = found["waits_for"] if found["waits_for"] in refusals else found["number"]
        code = "deleted" if is_told or found["is_withdrawn"] else "incomplete"
        return [issue(code, "waits") | {"waits_for": number}]


class Link(Begins):
    """One device's wire to the twin."""

    def __init__(self, server: ServerTwin) -> None:
        self.server = server
        self.is_cut = False
        self.replies_to_lose = 0
        self.posts = 0
        self.gets: list[str] = []

    async def get(self, path: str, timeout_ms: int = 0) -> str:
        if self.is_cut:
            raise Offline("cut")
        self.gets.append(path)
        address, _, query = path.partition("?")
        asked = dict(part.split("=") for part in query.split("&"))
        if address == "/api/charts":
            return chart_page.write(self.server.charts(asked["patients"].split(",")))
        assert address == "/api/snapshot", path
        limit, cap = int(asked["limit"]), int(asked["cap"])
        return chart_page.write(self.server.snapshot(asked["after"], limit, cap))

    def _find(self, asked: dict[str, Any]) -> dict[str, Any]:
        if self.is_cut:
            raise Offline("cut")
        server, words = self.server, directory.query_words(asked["find"])
        lines = [
            directory.line_of(server.rows["Patient/" + patient]["resource"], 0)
            for patient in server.patients()
        ]
        lines = [line for line in lines if all(word in directory.fold(line) for word in words)]
        limit = asked["limit"]
        return {"lines": lines[:limit], "more": len(lines) > limit, "patients": len(server.rows)}

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        if meanwhile is not None:
            await meanwhile()
        if path == "/api/patients":
            return json_text.dumps(self._find(json_text.loads(body)))
        assert path == "/api/sync", path
        self.posts += 1
        if self.is_cut:
            raise Offline("cut")
        request = json_text.loads(body)
        before = ""
        for change, text in zip(request["changes"], _texts(body), strict=True):
            if change["previous"] == "^":
                # The link was left out, and is put back where it stood.
                change["previous"] = changes.text_hash(before)
                text = text.replace('"^"', f'"{change["previous"]}"', 1)
            change["__text"] = before = text
        reply = json_text.dumps(self.server.synchronise(request))
        if self.replies_to_lose:
            self.replies_to_lose -= 1
            raise Offline("the reply was lost")
        return reply

    async def delete(self, path: str) -> None:
        raise AssertionError(path)


def _texts(body: str) -> list[str]:
    """The exact text of each change in a request, as the real server cuts them out."""
    start = body.index('"changes":[') + len('"changes":[')
    texts: list[str] = []
    depth, begun, is_string, is_escaped = 0, start, False, False
    for at in range(start, len(body)):
        character = body[at]
        if is_string:
            is_string = is_escaped or character != '"'
            is_escaped = character == "\\" and not is_escaped
        elif character == '"':
            is_string = True
        elif character == "{":
            begun = at if depth == 0 else begun
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                texts.append(body[begun : at + 1])
            if depth < 0:
                break
    return texts
