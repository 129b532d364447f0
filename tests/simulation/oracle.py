"""What must hold, looked at from outside: at every commit, at every word shown, and at rest.

It keeps a ledger of its own: every change that a disk has taken, every change that the server
has ever committed. Where it can it does not ask the product's code (`merge`, `number`) but says
again, plainly, what that code ought to have done.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from backend import exact_json
from pwa.py.domain import directory, folding, schema, view
from pwa.py.domain.chart import Chart
from pwa.py.domain.merge import merge, same
from pwa.py.sync import panel
from tests.charts import whole_chart
from tests.sync.tablets import without_refused

if TYPE_CHECKING:
    from tests.simulation.server import Server
    from tests.simulation.tablet import Tab, Tablet

WAITING, DONE, REFUSED = "waiting", "done", "refused"


class Broken(AssertionError):
    """An invariant does not hold. The text begins with its name."""


def require(holds: bool, name: str, *details: Any) -> None:
    if not holds:
        raise Broken(": ".join([name, *[str(detail) for detail in details]]))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def live(row: Any, field: str) -> list[str]:
    """The timestamps of the values that a field of a row holds."""
    siblings = row.get("siblings", {}).get(field)
    if siblings:
        return [sibling["timestamp"] for sibling in siblings]
    stamp = row["stamps"].get(field)
    if stamp is None and field in row["resource"]:
        stamp = row["stamps"][schema.DEFAULT]
    return [stamp] if stamp else []


def open_conflicts(chart: Chart) -> int:
    """How many fields of a chart hold values that differ."""
    count = 0
    for start, _ in chart.lines():
        for siblings in chart.at(start).row().get("siblings", {}).values():
            values = [sibling["value"] for sibling in siblings]
            count += any(not same(value, values[0]) for value in values)
    return count


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


class Oracle:
    def __init__(self, server: Server) -> None:
        self._server = server
        # (device, number): the exact text, once a disk has it.
        self.written: dict[tuple[str, int], str] = {}
        # (device, number, hash) of all that the server ever committed, in any of its lives.
        self.accepted: set[tuple[str, int, str]] = set()
        self.rejected: set[tuple[str, int, str]] = set()
        self._sent_again: set[tuple[str, int]] = set()
        self._unfinished_at: dict[tuple[str, int], int] = {}
        self._checked: dict[str, int] = {}
        self._cursors: dict[str, tuple[str, int]] = {}
        server.database.on_commit = self.server_committed

    def committed(self, tablet: Tablet, puts: Any, before: Any, gone: Any) -> None:
        for row in gone:
            kept = row is not None and row["table"] == "outbox" and row["state"] != DONE
            require(not kept, "unfinished work is removed", row)
        for put in puts:
            if put["table"] == "outbox":
                self._outbox_row(tablet, puts, put, before["outbox", put["key"]])
        for put in puts:
            if put["table"] == "charts":
                require(bool(put["state"]) == bool(put["text"]), "use of a chart", put["key"])
                self._chart_holds_own_work(tablet, put["key"])
            elif put["table"] == "meta" and put["key"] == "sync":
                self._cursor_skips_nothing(tablet, json.loads(put["text"]))

    def published(self, tab: Tab, status: dict[str, Any]) -> None:
        if status["word"] != "synced":
            return
        require(tab.is_step_good, "synced is shown after a failure", tab.tablet.name)
        counts = (status["waiting"], status["refused"])
        require(counts == (0, 0), "synced is shown while work waits", tab.tablet.name, counts)
        for state in (WAITING, REFUSED):
            for row in tab.tablet.rows(state):
                since = self._unfinished_at[tab.tablet.name, row["key"]]
                is_new = since > tab.counted_at
                require(is_new, "synced is shown while work waits", tab.tablet.name, row["key"])

    def returned(self, tablet: Tablet, key: str, marker: str, seen: Any = None) -> None:
        """A journey said "saved": a disk must have exactly this, based on what was seen."""
        for (device, _), text in reversed(self.written.items()):
            if device != tablet.name or marker not in text:
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
        ends: dict[str, tuple[int, str]] = {}
        for sequence, row in found:
            device, body = row["device_id"], row["body"]
            text = body if isinstance(body, str) else body.decode()
            number, last = ends.get(device, (0, ""))
            place = f"{device} {row['number']} at {sequence}"
            require(row["number"] == number + 1, "number is given twice or skipped", place)
            require(json.loads(text)["previous"] == last, "chain is broken", place)
            ends[device] = (row["number"], digest(text))
            written = self.written.get((device, row["number"]))
            require(text == written, "server holds what nobody wrote", place, text, written)
            kind = self.accepted if sequence in tables.changes else self.rejected
            kind.add((device, row["number"], ends[device][1]))
        for device, (number, last) in ends.items():
            require(tables.devices[device][:2] == (number, last), "receipt is wrong", device)

    def _outbox_row(self, tablet: Tablet, puts: Any, put: Any, before: Any) -> None:
        number = put["key"]
        name = (tablet.name, number)
        text, _, issues = put["text"].partition("\n")
        if before is None:
            last = self.written.get((tablet.name, number - 1), "")
            change = json.loads(text)
            require(name not in self.written, "number is used twice", name)
            require(change["number"] == number, "number is wrong", name)
            require(change["previous"] == (last and digest(last)), "chain is broken", name)
            require(put["state"] == WAITING, "new work does not wait", name)
            self.written[name] = text
            self._is_seen_at_once(tablet, puts, change)
        require(text == self.written[name], "text of a change was altered", name)
        require("\n" not in issues, "work is settled twice", name)
        require(put["state"] != WAITING or not issues, "text of a change was altered", name)
        came = before and before["state"]
        passed = (*name, digest(text))
        if (came, put["state"]) == (WAITING, DONE):
            require(passed in self.accepted, "called done but never committed", name)
        if put["state"] == REFUSED:
            require(passed in self.rejected, "called refused but was not", name)
            require(issues != "", "the reason of a refusal is lost", name)
            require(came != DONE, "work is settled twice", name)
        if (came, put["state"]) == (REFUSED, DONE):
            again = [one for one in puts if one["table"] == "outbox" and one["key"] != number]
            require(len(again) == 1, "refused work is dropped", name)
            self._sent_again.add(name)
        if put["state"] == DONE:
            self._unfinished_at.pop(name, None)
        else:
            self._unfinished_at.setdefault(name, tablet.commits)

    def _is_seen_at_once(self, tablet: Tablet, puts: Any, change: Any) -> None:
        """What was just written stands in the chart of the same commit, above all else there."""
        for put in puts:
            if put["table"] == "charts" and put["key"] == change["patient"]:
                row = whole_chart(tablet.disk, change["patient"]).row(change["resource"])
                for field in change["set"]:
                    found = [] if row is None else live(row, field)
                    is_last = bool(found) and found[-1] == change["timestamp"]
                    require(is_last, "own edit is not shown", change["resource"], field, found)
                return
        raise Broken(f"own edit is not in the chart: {change['resource']}")

    def _chart_holds_own_work(self, tablet: Tablet, patient: str) -> None:
        own = [row for row in tablet.disk.rows("outbox").values() if row["patient"] == patient]
        unfinished = [row for row in own if row["state"] != DONE]
        if not unfinished:
            return
        chart = whole_chart(tablet.disk, patient)
        for row in unfinished:
            change = json.loads(row["text"].partition("\n")[0])
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
            if row is None or row["device_id"] == tablet.name:
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

    def at_rest(self, tablets: list[Tablet]) -> None:
        rows = {
            key: exact_json.decode(row["body"])
            for key, row in self._server.tables.resources.items()
        }
        rows = json.loads(exact_json.encode(rows))
        self._server_is_the_sum_of_its_log(rows)
        for tablet in tablets:
            self._nothing_is_lost(tablet)
            self._charts_are_equal(tablet, rows)
            self._recent_lines_show_the_whole(tablet)
            self._directory_is_whole(tablet)
            for tab in tablet.tabs:
                word = "attention" if tablet.rows(REFUSED) else "synced"
                require(tab.status["word"] == word, "status at rest", tablet.name, tab.status)

    def _server_is_the_sum_of_its_log(self, rows: dict[str, Any]) -> None:
        log = [json.loads(row["body"]) for row in self._server.tables.changes.values()]
        writes, _ = merge({}, log)
        require(writes.keys() == rows.keys(), "server's rows are not those of its log")
        for key, row in writes.items():
            require(same(row, rows[key]), "server's row is not that of its log", key)
        gone: dict[tuple[str, str], set[str]] = {}
        for change in log:
            for field, seen in change["base"].items():
                gone.setdefault((change["resource"], field), set()).update(seen)
        for change in log:
            kind = change["resource"].split("/")[0]
            for field in change["set"]:
                key = (change["resource"], field)
                if schema.keeps_both(kind, field) and change["timestamp"] not in gone.get(key, ()):
                    kept = change["timestamp"] in live(rows[change["resource"]], field)
                    require(kept, "a judgement that nobody had seen is gone", key)

    def _nothing_is_lost(self, tablet: Tablet) -> None:
        tables = self._server.tables
        there = {
            row["number"] for row in tables.changes.values() if row["device_id"] == tablet.name
        }
        refused = {
            row["number"] for row in tables.refused.values() if row["device_id"] == tablet.name
        }
        outbox = tablet.disk.rows("outbox")
        for device, number in self.written:
            if device != tablet.name or number in there:
                continue
            place = f"{device} {number}"
            require(number in refused, "saved work is lost", place)
            row = outbox.get(number)
            is_listed = row is not None and row["state"] == REFUSED
            is_listed = is_listed or (device, number) in self._sent_again
            require(is_listed, "refused work is not listed", place, row)
        require(not tablet.rows(WAITING), "work still waits at rest", tablet.name)

    def _charts_are_equal(self, tablet: Tablet, rows: dict[str, Any]) -> None:
        unfinished = [json.loads(row["text"].partition("\n")[0]) for row in tablet.rows(REFUSED)]
        writes, _ = merge(rows, unfinished)
        charts = tablet.held()
        self._panel_is_full(tablet, charts)
        here = {*charts}
        expected = {key: row for key, row in (rows | writes).items() if row["patient"] in here}
        lost = self._lost_by_a_restore()
        touched = {change["resource"] for change in unfinished} | lost
        held: dict[str, Any] = {}
        for patient in tablet.disk.rows("charts"):
            chart = whole_chart(tablet.disk, str(patient))
            for start, _ in chart.lines():
                entry = chart.at(start)
                key = entry.key
                held[key] = entry.row()
                there = self._server.tables.resources.get(key)
                if key not in touched and there is not None:
                    numbers = (entry.sequence, there["sequence"])
                    place = f"{tablet.name} {key} {numbers}"
                    require(numbers[0] == numbers[1], "state names another sequence", place)
        missing = sorted((expected.keys() ^ held.keys()) - lost)
        refused = {
            json.loads(self.written[device, number])["timestamp"]
            for device, number, _ in self.rejected
        }
        require(not missing, "charts hold other resources", tablet.name, missing)
        for key in sorted(expected.keys() - lost):
            row, held[key] = (without_refused(one, refused) for one in (expected[key], held[key]))
            place = f"{tablet.name} {key}\n{held[key]}\n{row}"
            require(same(row, held[key]), "charts differ", place)

    def _recent_lines_show_the_whole(self, tablet: Tablet) -> None:
        """A page made of the recent lines alone is the page made of the whole chart."""
        shown = folding.ENCOUNTERS_KEPT
        for patient in tablet.held():
            recent = Chart(tablet.disk.rows("charts")[patient]["text"])
            whole = whole_chart(tablet.disk, patient)
            pages = [view.view(chart, patient, {}, shown) for chart in (recent, whole)]
            require(pages[0] == pages[1], "recent lines show another page", *pages)

    def _panel_is_full(self, tablet: Tablet, charts: list[str]) -> None:
        """As many charts as a device is to hold, and nobody whose chart is still to come."""
        state = json.loads(tablet.disk.rows("meta")["sync"]["text"])
        require(state["wanted"] == [], "charts are still wanted at rest", tablet.name, state)
        wanted = min(panel.PANEL_CHARTS_MAX, len(self._server.tables.patients))
        require(len(charts) >= wanted, "the panel is not full", tablet.name, charts, wanted)

    def _lost_by_a_restore(self) -> set[str]:
        """Resources of which a change was once accepted, then lost by a restore, then refused.

        Sent again before the patient's own device has brought the patient back, it is refused as
        not found: its device lists it, but others may still hold what they fetched before.
        """
        found: set[str] = set()
        for row in self._server.tables.refused.values():
            if (row["device_id"], row["number"], row["hash"]) in self.accepted:
                found.add(json.loads(row["body"])["resource"])
        return found

    def _directory_is_whole(self, tablet: Tablet) -> None:
        wanted: list[str] = []
        for patient in tablet.disk.rows("charts"):
            chart = whole_chart(tablet.disk, str(patient))
            entry = chart.get(f"Patient/{patient}")
            if entry is not None:
                wanted.append(directory.line_of(entry.resource(), open_conflicts(chart)))
        segments = tablet.disk.rows("directory").values()
        lines = [line for row in segments for line in row["text"].split("\n") if line]
        require(sorted(lines) == sorted(wanted), "directory", tablet.name, lines, wanted)
        for tab in tablet.tabs:
            found = {entry["id"] for entry in tab.desk.find_patients("", 10_000)}
            ids = {line.split("\t")[0] for line in wanted}
            require(found == ids, "directory in memory", tablet.name, found ^ ids)
