"""What must hold, looked at from outside: at every commit, and at every word shown.

It keeps a ledger of its own: every change that a disk has taken, every change that the server
has ever committed. Where it can it does not ask the product's code (`merge`, `number`) but says
again, plainly, what that code ought to have done.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pwa.py.domain import schema
from pwa.py.domain.outbox import (
    ASIDE,
    DONE,
    LEFT,
    REFUSED,
    SET_ASIDE,
    WAITING,
    WITHDRAWN,
    reason_of,
)
from tests.charts import whole_chart
from tests.simulation import refused_work
from tests.simulation.decisions import Settled
from tests.simulation.judging import Broken, digest, require

if TYPE_CHECKING:
    from tests.simulation.server import Server
    from tests.simulation.tablet import Tab, Tablet

UNFINISHED = (WAITING, REFUSED)


def live(row: Any, field: str) -> list[str]:
    """The timestamps of the values that a field of a row holds."""
    siblings = row.get("siblings", {}).get(field)
    if siblings:
        return [sibling["timestamp"] for sibling in siblings]
    stamp = row["stamps"].get(field)
    if stamp is None and field in row["resource"]:
        stamp = row["stamps"][schema.DEFAULT]
    return [stamp] if stamp else []


def stamps_of(puts: Any) -> set[str]:
    """The timestamps of the new changes among rows to be written."""
    texts = [put["text"] for put in puts if put["table"] == "outbox" and put["state"] == WAITING]
    return {json.loads(text.partition("\n")[0])["timestamp"] for text in texts}


def knows(row: Any, change: Any) -> bool:
    """Whether a row can only be as it is because the change was merged into it."""
    kind = change["resource"].split("/")[0]
    for field in change["set"]:
        held = live(row, field)
        if schema.keeps_both(kind, field):
            held = held + list(row.get("past", {}).get(field, {}))
            if change["timestamp"] not in held:
                return False
        elif not held or held[0] < change["timestamp"]:
            return False
    return True


class Witness:
    def __init__(self, server: Server) -> None:
        self._server = server
        # (tablet, number): the exact text, once a disk has it.
        self.written: dict[tuple[str, int], str] = {}
        # All texts that any disk has had, and those that the server has kept aside.
        self.texts: set[str] = set()
        self.kept: set[str] = set()
        # Of these the digests of what the server was told that it was left.
        self.left: set[str] = set()
        # (tablet, number) of what was let go as done, and of what another change says instead.
        self.forgotten: set[tuple[str, int]] = set()
        # Of what was let go, that which its writer had given up or said otherwise.
        self.given_up: set[tuple[str, int]] = set()
        self.said_again: set[tuple[str, int]] = set()
        # The texts that say it instead, by the text.
        self.successors: dict[str, set[str]] = {}
        self.left_aside: set[tuple[str, int]] = set()
        # (device, number, hash) of all that the server ever committed, in any of its lives.
        self.accepted: set[tuple[str, int, str]] = set()
        self.rejected: set[tuple[str, int, str]] = set()
        # What the server held at its last commit, in which of its lives.
        self._log: tuple[str, dict[int, str]] = ("", {})
        self._unfinished_at: dict[tuple[str, int], int] = {}
        self._checked: dict[str, int] = {}
        self._cursors: dict[str, tuple[str, int]] = {}
        self._settled = Settled()
        server.database.on_commit = self.server_committed

    def copied(self, one: Tablet, other: Tablet) -> None:
        """A disk was copied: the copy answers for what lies on it."""
        for number in one.disk.rows("outbox"):
            name = (other.name, int(number))
            self.written[name] = self.written[one.name, int(number)]
            self._unfinished_at[name] = 0
        let_go = [number for name, number in self.forgotten if name == one.name]
        self.forgotten.update([(other.name, number) for number in let_go])
        given_up = [number for name, number in self.given_up if name == one.name]
        self.given_up.update([(other.name, number) for number in given_up])

    def committed(self, tablet: Tablet, puts: Any, before: Any, gone: Any) -> None:
        for row in gone:
            if row is not None and row["table"] == "outbox":
                self._outbox_row_goes(tablet, row, puts)
        for put in puts:
            if put["table"] == "outbox":
                self._outbox_row(tablet, puts, put, before["outbox", put["key"]])
        for put in puts:
            if put["table"] == "charts":
                require(bool(put["state"]) == bool(put["text"]), "use of a chart", put["key"])
                self._chart_holds_own_work(tablet, put["key"])
                self._conflicts_stay(tablet, put["key"], before["charts", put["key"]])
            elif put["table"] == "meta" and put["key"] == "sync":
                self._cursor_skips_nothing(tablet, json.loads(put["text"]))

    def carried(self, tablet: Tablet, body: str) -> None:
        """A request carries what waited when its exchange began, oldest first, as it was then,
        but for what has been written since; and what had been given up is told so."""
        request = json.loads(body)
        told = {one["number"] for one in request.get("withdrawn", [])}
        numbers = [change["number"] for change in request["changes"]]
        rows = tablet.disk.rows("outbox").values()
        rows = [row for row in rows if tablet.versions.get(row["key"]) == row["version"]]
        states = {row["state"] for row in rows if row["key"] in numbers}
        if request.get("aside") and states <= {*ASIDE}:
            return  # handed over once more, to another life of the server
        for row in rows:
            key = row["key"]
            if not numbers or key > numbers[-1]:
                continue
            is_unsent = row["state"] in (WAITING, WITHDRAWN)
            require(is_unsent == (key in numbers), "another batch than what waits", row, numbers)
            is_given_up = is_unsent and reason_of(row) != ""
            require(is_given_up == (key in told), "what was given up is not told", row)

    def sent(self, tab: Tab, number: int) -> None:
        """What is called sent is in a request without an answer, of one tab or another."""
        tablet = tab.tablet
        is_carried = f'"number":{number},' in tablet.wire.carried
        require(is_carried, "called sent but nothing carries it", tablet.name, number)
        is_own = number in tab.under_way.numbers()
        require(not is_own or tab.is_stepping, "called sent but nobody sends", tablet.name, number)

    def published(self, tab: Tab, status: dict[str, Any]) -> None:
        for number in tab.under_way.numbers():
            self.sent(tab, number)
        tabs = tab.tablet.tabs
        words = {one.status["word"] for one in tabs if one.status}
        is_under_way = bool(words & {"first", "syncing"})
        # A round that has just read that the device was revoked says so, and lets go next.
        is_under_way = is_under_way or any(one.is_stepping for one in tabs)
        require(is_under_way or not tab.tablet.wire.begun, "a request is left open", status)
        if status["word"] != "synced":
            return
        require(tab.is_step_good, "synced is shown after a failure", tab.tablet.name)
        counts = (status["waiting"], status["refused"])
        require(counts == (0, 0), "synced is shown while work waits", tab.tablet.name, counts)
        for state in (*UNFINISHED, SET_ASIDE, WITHDRAWN, LEFT):
            for row in tab.tablet.rows(state):
                since = self._unfinished_at[tab.tablet.name, row["key"]]
                is_new = since > tab.counted_at
                require(is_new, "synced is shown while work waits", tab.tablet.name, row["key"])

    def returned(self, tablet: Tablet, key: str, marker: str, seen: Any = None) -> None:
        """A journey said "saved": a disk must have exactly this, based on what was seen."""
        for (name, _), text in reversed(self.written.items()):
            if name != tablet.name or marker not in text:
                continue
            change = json.loads(text)
            if change["resource"] == key:
                if seen is not None:
                    require(change["base"] == seen, "base is not what was seen", text, seen)
                return
        raise Broken(f"saved work is not on the disk: {tablet.name} {key} {marker}")

    def server_committed(self) -> None:
        """Each device's chain goes on without a gap, and nothing comes twice."""
        tables = self._server.tables
        found = sorted([*tables.changes.items(), *tables.refused.items()])
        sequences = [sequence for sequence, _ in found]
        require(sequences == list(range(1, tables.sequence + 1)), "sequence has a gap", sequences)
        self.kept.update(body.decode() for _, body in tables.quarantine)
        self.left.update(tables.left)
        require(self.kept <= self.texts, "server keeps aside what nobody wrote")
        ends: dict[str, tuple[int, str]] = {}
        log: dict[int, str] = {}
        for sequence, row in found:
            device, body = row["device_id"], row["body"]
            text = body if isinstance(body, str) else body.decode()
            # A chain begins at any number, with a change that names none before it.
            number, last = ends.get(device, (row["number"] - 1, ""))
            place = f"{device} {row['number']} at {sequence}"
            require(row["number"] == number + 1, "number is given twice or skipped", place)
            require(json.loads(text)["previous"] == last, "chain is broken", place)
            log[sequence] = digest(text)
            ends[device] = (row["number"], log[sequence])
            require(text in self.texts, "server holds what nobody wrote", place, text)
            kind = self.accepted if sequence in tables.changes else self.rejected
            kind.add((device, row["number"], ends[device][1]))
        epoch, before = self._log
        is_kept = epoch != tables.epoch or before.items() <= log.items()
        require(is_kept, "server has lost what it had committed", len(before), len(log))
        self._log = (tables.epoch, log)
        refused_work.nothing_comes_too_soon(tables)
        for device, (number, last) in ends.items():
            require(tables.devices[device][:2] == (number, last), "receipt is wrong", device)

    def _outbox_row(self, tablet: Tablet, puts: Any, put: Any, before: Any) -> None:
        number = put["key"]
        name = (tablet.name, number)
        text, _, issues = put["text"].partition("\n")
        if before is None:
            last = self.written.get((tablet.name, number - 1), "")
            change = json.loads(text)
            if last and json.loads(last)["device"] != change["device"]:
                last = ""
            require(name not in self.written, "number is used twice", name)
            require(change["number"] == number, "number is wrong", name)
            require(change["previous"] == (last and digest(last)), "chain is broken", name)
            require(change["device"] == tablet.device(), "written under another id", name)
            require(put["state"] == WAITING, "new work does not wait", name)
            self.written[name] = text
            self.texts.add(text)
            self._settled.written(change)
            self._is_seen_at_once(tablet, puts, change)
        require(text == self.written[name], "text of a change was altered", name)
        require("\n" not in issues, "work is settled twice", name)
        note, came = json.loads(issues or "null"), before and before["state"]
        refused_work.passes(self, tablet, number, (came, put["state"], note), puts)
        if put["state"] == DONE:
            self._unfinished_at.pop(name, None)
        else:
            self._unfinished_at.setdefault(name, tablet.commits)

    def _outbox_row_goes(self, tablet: Tablet, row: Any, puts: Any) -> None:
        """Work leaves a disk when another change says it from then on, or long after it is done."""
        name = (tablet.name, row["key"])
        if row["state"] == LEFT:
            self._left_row_goes(name)
            return
        old = json.loads(row["text"].partition("\n")[0])
        self._unfinished_at.pop(name, None)
        for put in puts:
            if put["table"] == "outbox":
                new = json.loads(put["text"].partition("\n")[0])
                if all(new[field] == old[field] for field in ("author", "resource", "set")):
                    self.said_again.add(name)
                    text = put["text"].partition("\n")[0]
                    self.successors.setdefault(self.written[name], set()).add(text)
                    return
        require(row["state"] == DONE, "unfinished work is removed", row)
        self.forgotten.add(name)
        if "\n" in row["text"]:
            self.given_up.add(name)

    def _left_row_goes(self, name: tuple[str, int]) -> None:
        """Only when the server has been told; one that was restored since may have lost both."""
        self._unfinished_at.pop(name, None)
        is_told = digest(self.written[name]) in self.left
        is_told = is_told or self._server.epochs > 1
        require(is_told, "left aside, and the server was not told", name)
        self.left_aside.add(name)

    def _is_seen_at_once(self, tablet: Tablet, puts: Any, change: Any) -> None:
        """What was just written stands in the chart of the same commit, above all else there but
        what was said after it in that commit."""
        for put in puts:
            if put["table"] == "charts" and put["key"] == change["patient"]:
                row = whole_chart(tablet.disk, change["patient"]).row(change["resource"])
                if any(one["key"] == "keyring" for one in puts):
                    # Carried over to another chain: it was written before, and is seen since.
                    is_known = row is not None and knows(row, change)
                    require(is_known, "own edit is not in the chart", change["resource"])
                    return
                for field in change["set"]:
                    found = [] if row is None else live(row, field)
                    later = {stamp for stamp in found if stamp > change["timestamp"]}
                    # A decision that is taken back is several values, written beside one another.
                    is_there = change["timestamp"] in found or later != set()
                    is_last = is_there and later <= stamps_of(puts)
                    require(is_last, "own edit is not shown", change["resource"], field, found)
                return
        # Carried over to another chain after its chart was let go: it is fetched.
        state = json.loads(tablet.disk.rows("meta")["sync"]["text"])
        is_wanted = change["patient"] in state["wanted"]
        require(is_wanted, "own edit is not in the chart", change["resource"])

    def _conflicts_stay(self, tablet: Tablet, patient: str, before: Any) -> None:
        """A conflict closes by a change that names its values, or with a life of the server."""
        if before is None or self._server.epochs > 1:
            return
        closed = self._settled.closed_unnamed(tablet, patient, before["text"])
        if closed:
            # What the server never took is on its own device alone, and may be said otherwise.
            own: set[str] = set()
            for text in self.texts:
                change = json.loads(text)
                if (change["device"], change["number"], digest(text)) not in self.accepted:
                    own.add(change["timestamp"])
            closed = [one for one in closed if one[2] not in own]
        require(not closed, "a conflict is silently resolved", tablet.name, closed)

    def changes_with(self, marker: str) -> list[Any]:
        """The changes anywhere that hold a text."""
        return [json.loads(text) for text in self.texts if marker in text]

    def _chart_holds_own_work(self, tablet: Tablet, patient: str) -> None:
        own = [row for row in tablet.disk.rows("outbox").values() if row["patient"] == patient]
        unfinished = [row for row in own if row["state"] in UNFINISHED]
        if not unfinished:
            return
        chart = whole_chart(tablet.disk, patient)
        for row in unfinished:
            body, _, note = row["text"].partition("\n")
            if note.startswith("{"):
                continue  # another stands for it
            change = json.loads(body)
            held = chart.row(change["resource"])
            holds = held is not None and knows(held, change)
            require(holds, "own work left the chart", tablet.name, row["key"])

    def _cursor_skips_nothing(self, tablet: Tablet, state: Any) -> None:
        tables = self._server.tables
        if state["epoch"] != tables.epoch or not state["has_snapshot"]:
            self._cursors.pop(tablet.name, None)
            return
        epoch, start = self._cursors.get(tablet.name, ("", 0))
        is_first = epoch != tables.epoch
        charts: dict[str, Any] = {}
        for sequence in range((0 if is_first else start) + 1, state["cursor"] + 1):
            row = tables.changes.get(sequence)
            if row is None or row["device_id"] == tablet.device():
                continue
            patient = row["patient_id"]
            if patient in state["wanted"]:
                continue
            if patient not in charts:
                charts[patient] = whole_chart(tablet.disk, patient)
            if is_first and not charts[patient].size:
                # Beyond the panel: how many there must be is asked at rest.
                continue
            entry = charts[patient].get(row["resource"])
            is_there = entry is not None and knows(entry.row(), json.loads(row["body"]))
            place = f"{tablet.name} cursor {state['cursor']} sequence {sequence}"
            require(is_there, "cursor skips a change", place)
        self._cursors[tablet.name] = (tables.epoch, state["cursor"])
