"""The next chain of a store whose chain has ended: asked for, and begun in one transaction.

What still waits, and what the server has lost of all that is kept here, is carried over to it
with its authors, values and times. Numbers go on. What the server has of the earlier chains it
is asked text by text: where it was restored, a copy of this tablet may have brought them to it
again, and it may have judged otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, json_text
from pwa.py.domain.failures import Offline, Refused
from pwa.py.domain.outbox import ASIDE, change_of, issues_of, noted, reason_of, text_of
from pwa.py.domain.transaction import put, retry_when_stale
from pwa.py.sync import outbox
from pwa.py.sync.outbox import DONE, REFUSED, SET_ASIDE, WAITING, WITHDRAWN
from pwa.py.sync.pace import Pace
from pwa.py.sync.state import add_wanted, begin_again, note_asked, note_event, read_state

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from pwa.py.store.contract import Put, Rows
    from pwa.py.sync.charts import ChartBatch
    from pwa.py.sync.device import Device

    # Another id for the store: the row to write, and the version that was seen of it.
    Rename = Callable[[str], Awaitable[tuple[Put, int]]]

GAP = "gap"
FORK = "fork"
# The server is asked about so many of the store's earlier chains.
FOLLOWS_MAX = 100
# About so many texts at a time, of some 75 characters each.
ASKED_FIRST = 500
ASKED_MAX = 5_000
# What the server has answered for good, one way or the other.
_ANSWERED = (DONE, REFUSED)
# What it may have besides: sent, and the answer was lost.
_KEPT = (WAITING, WITHDRAWN) + _ANSWERED


class Succession:
    def __init__(self, device: Device, new_id: Callable[[], str], rename: Rename) -> None:
        self._device = device
        self._new_id = new_id
        self._rename = rename
        # Asked for once: an answer that was lost leaves no second unused id on the server.
        self._successor = ""
        self._pace = Pace(ASKED_FIRST, ASKED_MAX)
        # Of which chain it was asked, in which life of the server, and what is known by now: the
        # outcomes by chain, and the numbers of the texts that were asked about.
        self._chain, self._epoch = "", ""
        self._outcomes: dict[str, list[Any]] = {}
        self._asked: set[Any] = set()
        # By chain: the last number that was let go, of which the text after it tells the hash.
        self._links: dict[str, int] = {}

    async def ask(self, state: dict[str, Any]) -> dict[str, Any]:
        """The server's answer to whoever takes another id (docs/sync.md), in as many pieces as
        the link wants. What is known after a failure is not asked again. Raises Refused."""
        device = await self._device.read()
        if self._chain != device["device"]:
            self._forget()
            self._chain = device["device"]
        follows = [name for name, _, _ in chains_of(state, device)][-FOLLOWS_MAX:]
        follows.reverse()
        kept = await self._rows_in(_KEPT)
        rows = [row for row in kept if change_of(row)["device"] in follows]
        links = self._find_links(kept + await self._rows_in(ASIDE), chains_of(state, device))
        while True:
            left = [row for row in rows if row["key"] not in self._asked]
            piece = left[: self._pace.size]
            answer = await self._ask_about(piece, follows, links)
            if self._epoch not in ("", answer["epoch"]):
                # Restored meanwhile: what it said before means nothing now.
                self._forget()
                continue
            self._epoch = answer["epoch"]
            self._asked.update([row["key"] for row in piece])
            for name, outcomes in answer["outcomes"].items():
                self._outcomes[name] = self._outcomes.get(name, []) + outcomes
            if len(piece) == len(left):
                answer["outcomes"] = self._outcomes
                return answer

    def _find_links(self, here: Rows, chains: list[Any]) -> dict[str, dict[str, str]]:
        """Of each chain of which something was let go: the last such number, and its hash."""
        self._links = {}
        firsts: dict[str, Any] = {}
        for row in here:
            change = change_of(row)
            name = change["device"]
            if name not in firsts or change["number"] < firsts[name]["number"]:
                firsts[name] = change
        links: dict[str, dict[str, str]] = {}
        for name, begins, _ in chains:
            last = firsts[name]["number"] - 1 if name in firsts else begins
            if last > begins:
                self._links[name] = last
                links[name] = {str(last): firsts[name]["previous"]}
        return links

    async def _ask_about(
        self, rows: Rows, follows: list[str], links: dict[str, dict[str, str]]
    ) -> dict[str, Any]:
        kept = {name: links[name].copy() for name in links if name in follows}
        for row in rows:
            numbers = kept.setdefault(change_of(row)["device"], {})
            numbers[str(row["key"])] = changes.text_hash(text_of(row))
        self._successor = self._successor or self._new_id()
        body = json_text.dumps({"device": self._successor, "follows": follows, "kept": kept})
        began_ms = self._device.now_ms()
        try:
            text = await self._device.http.post("/api/devices", body, self._pace.timeout_ms)
        except Offline:
            self._pace.note_failure(len(rows))
            raise
        except Refused:
            # Perhaps it is this id that nobody may use.
            self._successor = ""
            raise
        self._pace.note(len(rows), self._device.now_ms() - began_ms)
        return json_text.loads(text)

    def _forget(self) -> None:
        self._epoch, self._outcomes, self._asked = "", {}, set()

    async def begin(self, answer: dict[str, Any]) -> None:
        """Gives the store the other id that was asked for."""
        await retry_when_stale(lambda: self._begin(answer))
        self._successor = ""
        self._forget()

    async def _begin(self, answer: dict[str, Any]) -> None:
        """The one transaction that does."""
        state, device = await read_state(self._device.store), await self._device.read()
        if state.get("parted") is None or device["device"] != self._chain:
            # Another tab has begun it meanwhile.
            return
        charts = self._device.charts()
        known = await self._take_over(charts, state, answer["outcomes"])
        rows = await self._rows_to_carry(charts, known)
        drafts = [changes.carry(change_of(row), answer["device"]) for row in rows]
        start = {"device": answer["device"], "number": device["number"], "hash": ""}
        start["timestamp"] = device["timestamp"]
        sealed, after = changes.seal(drafts, start, "", self._device.now_ms())
        await charts.open([row["patient"] for row in rows])
        for change, text in sealed:
            await show_own(charts, state, change)
            row = put("outbox", change["number"], text, change["patient"], WAITING)
            charts.expect("outbox", change["number"], 0)
            charts.puts.append(row)
        for row in rows:
            charts.removes.append(("outbox", row["key"]))
        await self._leave_behind(charts, known)
        # Whom to take out of it has to be seen in it.
        self._device.directory.load(await self._device.store.list("directory"))
        await self._take_out(charts)
        chains = self._doubt_what_was_let_go(state, chains_of(state, device), answer)
        await self._note(state, chains, answer["receipts"], rows)
        state["again"] += len([row for row in rows if row["state"] != WAITING])
        renamed, version = await self._rename(answer["device"])
        # The epoch stays: should it be another by now, the next answer says since when.
        begin_again(state, state["epoch"])
        state.update({"parted": None, "acknowledged": 0, "begins": device["number"]})
        note_asked(state, answer["epoch"])
        charts.expect("meta", "keyring", version)
        charts.expect("meta", "device", device["version"])
        charts.puts += [renamed, put("meta", "device", json_text.dumps(after))]
        charts.put_state(state)
        await charts.commit()

    async def _rows_in(self, states: tuple[str, ...]) -> Rows:
        rows: Rows = []
        for state in states:
            rows += await self._device.store.list("outbox", state=state)
        return rows

    async def _take_over(
        self, charts: ChartBatch, state: dict[str, Any], outcomes: dict[str, list[Any]]
    ) -> set[Any]:
        """Takes over what the server knows otherwise than it was known here; the numbers of all
        that it knows."""
        found = {name: {one["number"]: one for one in told} for name, told in outcomes.items()}
        known: set[Any] = set()
        news: Rows = []
        for row in await self._rows_in(_KEPT):
            outcome = found.get(change_of(row)["device"], {}).get(row["key"])
            if outcome is None:
                continue
            known.add(row["key"])
            if _is_news(row, outcome):
                news.append(row)
        answers = [found[change_of(row)["device"]][row["key"]] for row in news]
        sequences, still_there = await outbox.settle(
            self._device.store, charts, news, answers, news
        )
        add_wanted(state, still_there)
        await charts.open([row["patient"] for row in news])
        for row in news:
            if not reason_of(row):
                await show_own(charts, state, change_of(row))
        for patient, numbers in sequences.items():
            await charts.number(patient, numbers)
        return known

    async def _rows_to_carry(self, charts: ChartBatch, known: set[Any]) -> Rows:
        """What waits, and all that is kept here and not on the server, in order. Where another
        stands for a change, that one goes alone."""
        kept = await self._rows_in(_KEPT)
        instead = outbox.said_instead(kept)
        rows: Rows = []
        for row in kept:
            if reason_of(row) or row["key"] in known:
                continue
            if row["key"] not in instead:
                rows.append(row)
                continue
            text = noted(text_of(row), {"by": instead[row["key"]]})
            charts.expect("outbox", row["key"], row["version"])
            charts.puts.append(put("outbox", row["key"], text, row["patient"], DONE))
        return sorted(rows, key=lambda row: row["key"])

    async def _leave_behind(self, charts: ChartBatch, known: set[Any]) -> None:
        """What was replaced or withdrawn is not carried over: it is nobody's work any more."""
        for kind in (WAITING, WITHDRAWN):
            for row in await self._device.store.list("outbox", state=kind):
                if reason_of(row) and row["key"] not in known:
                    charts.expect("outbox", row["key"], row["version"])
                    charts.puts.append(put("outbox", row["key"], row["text"], row["patient"], DONE))

    async def _take_out(self, charts: ChartBatch) -> None:
        """A patient who was registered in work that is set aside is nobody's patient yet, but for
        those of whom work waits, or is listed as refused, by this very transaction."""
        open_rows = [one for one in charts.puts if one["state"] in (WAITING, REFUSED)]
        needed = {one["patient"] for one in open_rows}
        for row in await self._rows_in(ASIDE):
            patient = row["patient"]
            change = change_of(row)
            # An edit of the patient may name nothing as seen either, but seldom sets the name.
            is_unknown = change["resource"] == "Patient/" + patient and not change["base"]
            is_unknown = is_unknown and "name" in change["set"]
            refused = await self._device.store.list("outbox", patient=patient, state=REFUSED)
            if is_unknown and patient not in needed and not refused:
                await charts.open([patient])
                if charts.is_held(patient):
                    charts.let_go(patient)

    def _doubt_what_was_let_go(
        self, state: dict[str, Any], chains: list[Any], answer: dict[str, Any]
    ) -> list[Any]:
        """Where the server has another text under the last number that was let go, a copy of this
        tablet has written on from somewhere before it, and of what was let go nobody can say how
        much is there. The chains, less what has been doubted."""
        found: list[Any] = []
        for name, begins, ends in chains:
            last = self._links.get(name, begins)
            known = [one["number"] for one in answer["outcomes"].get(name, [])]
            there = answer["receipts"].get(name, {"number": 0})["number"]
            if begins < last <= there and last not in known:
                state["doubted"] += last - begins
                begins = last
            found.append([name, begins, ends])
        return found

    async def _note(
        self,
        state: dict[str, Any],
        chains: list[Any],
        receipts: dict[str, Any],
        carried: Rows,
    ) -> None:
        """Leaves word of what happened, and counts what is neither here nor on the server."""
        if state["parted"]["why"] == FORK:
            count = await self._device.store.count("outbox", SET_ASIDE)
            note_event(state, {"kind": "forked", "at_ms": self._device.now_ms(), "count": count})
        aside = await self._rows_in(ASIDE)
        kept = await self._rows_in(_KEPT) + aside
        told: list[Any] = []
        for name, begins, ends in chains:
            there = min(ends, max(begins, receipts.get(name, {"number": 0})["number"]))
            here = [row for row in kept if there < row["key"] <= ends]
            here = [row for row in here if change_of(row)["device"] == name]
            state["gone"] += max(0, ends - there - len(here))
            # From the first that was carried over or set aside on, another's texts may have these
            # numbers there, and what is said again has others here. What is let go is older than
            # what is kept: of the rest it is asked by its text.
            firsts = [row["key"] for row in carried + aside if change_of(row)["device"] == name]
            told.append([name, begins, min([there] + [int(first) - 1 for first in firsts])])
        state["chains"] = told


def _is_news(row: Any, outcome: dict[str, Any]) -> bool:
    """Whether an outcome is another than the row knows."""
    now = REFUSED if outcome["outcome"] == "rejected" else DONE
    if row["state"] not in _ANSWERED:
        return True
    if reason_of(row):
        return now == DONE
    return now != row["state"] or issues_of(row) != outcome["issues"]


async def show_own(charts: ChartBatch, state: dict[str, Any], change: Any) -> None:
    """Sees to it that a change of the device's own stands in its chart."""
    if charts.is_held(change["patient"]):
        # Merged once more: a page of the snapshot may have come without it.
        await charts.apply_own(change["patient"], change)
    else:
        # Let go since: the chart is fetched once the server has it.
        add_wanted(state, [change["patient"]])


def chains_of(state: dict[str, Any], device: dict[str, Any]) -> list[Any]:
    """All chains of this store, oldest first: id, the number before the first, and the last that
    the server had acknowledged."""
    return state["chains"] + [[device["device"], state["begins"], state["acknowledged"]]]
