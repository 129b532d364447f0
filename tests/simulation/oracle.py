"""What must hold once everything is at rest; what must hold at every step is `witness`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend import exact_json
from pwa.py.domain import directory, folding, schema, view
from pwa.py.domain.chart import Chart
from pwa.py.domain.merge import merge, same
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
from pwa.py.sync import panel
from tests.charts import whole_chart
from tests.simulation import refused_work
from tests.simulation.judging import digest, require
from tests.simulation.witness import Witness, live
from tests.sync.tablets import without_refused

if TYPE_CHECKING:
    from tests.simulation.tablet import Tablet


def open_conflicts(chart: Chart) -> int:
    """How many fields of a chart hold values that differ."""
    count = 0
    for start, _ in chart.lines():
        for siblings in chart.at(start).row().get("siblings", {}).values():
            values = [sibling["value"] for sibling in siblings]
            count += any(not same(value, values[0]) for value in values)
    return count


class Oracle(Witness):
    def at_rest(self, tablets: list[Tablet]) -> None:
        rows = {
            key: exact_json.decode(row["body"])
            for key, row in self._server.tables.resources.items()
        }
        rows = json.loads(exact_json.encode(rows))
        self._server_is_the_sum_of_its_log(rows)
        # A copy shares what was written before it was made: one of the two lists it.
        listed = [row for tablet in tablets for row in tablet.rows(REFUSED)]
        self._listed = {row["text"].partition("\n")[0] for row in listed}
        for tablet in tablets:
            self._nothing_is_lost(tablet)
            self._recent_lines_show_the_whole(tablet)
            self._directory_is_whole(tablet)
            require(not tablet.wire.begun, "a request was begun, and left", tablet.name)
            if tablet.is_revoked():
                continue
            self._charts_are_equal(tablet, rows)
            if not any(name[0] == tablet.name for name in self.forgotten):
                refused_work.day_agrees(self._server.tables, tablet)
            for tab in tablet.tabs:
                is_open = tablet.rows(REFUSED) or tablet.rows(SET_ASIDE)
                word = "attention" if is_open else "synced"
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
        """Each text that this disk has had is in the record, or kept by the server and listed
        here, or said again by another; or it was let go long ago, and its loss is told."""
        tables = self._server.tables
        there = {row["body"] for row in tables.changes.values()}
        refused = {row["body"].decode(): row for row in tables.refused.values()}
        outbox = tablet.disk.rows("outbox")
        # One that was revoked is told nothing.
        is_silent = tablet.is_revoked()
        untold = 0
        for name, text in self.written.items():
            if name[0] != tablet.name or text in there or name in self.said_again:
                continue
            if name in self.left_aside:
                require(text in self.kept, "what was left aside is kept by nobody", name)
                continue
            row = outbox.get(name[1])
            state = row["state"] if row is not None else ""
            if text in refused:
                is_known = row is None or refused_work.is_ended(self, tablet, row, refused[text])
                is_known = is_known and (row is not None or name in self.forgotten)
                # The copy of a tablet that took it up may list it, or have settled it.
                is_settled = refused[text]["settled_number"] is not None
                is_known = is_known or (is_silent and (text in self._listed or is_settled))
                require(is_known, "refused work is neither listed nor settled", name, row)
            elif state == DONE and "\n" in row["text"]:
                continue  # given up, and lost by the server besides
            elif state == WAITING:
                continue  # said below
            elif name in self.forgotten:
                untold += name not in self.given_up
            else:
                # Left aside, and the tablet revoked before it could tell: the operator has it.
                require(state in ASIDE and text in self.kept, "saved work is lost", name, row)
        here = {body.decode() for _, body in tables.quarantine}
        for row in tablet.rows(SET_ASIDE):
            is_kept = row["text"].partition("\n")[0] in here
            require(is_kept, "called kept aside, and the server does not", tablet.name, row["key"])
        require(untold <= self._told(tablet), "a loss is not told", tablet.name, untold)
        require(not tablet.rows(WAITING), "work still waits at rest", tablet.name)
        require(not tablet.rows(WITHDRAWN), "a withdrawal was not told", tablet.name)
        is_told = tablet.is_revoked() or not tablet.rows(LEFT)
        require(is_told, "left aside, and the server was not told", tablet.name)

    def _told(self, tablet: Tablet) -> int:
        """How many changes a tablet says are gone."""
        row = tablet.disk.rows("meta").get("sync")
        state = json.loads(row["text"]) if row else {"events": []}
        # Whom a revoked tablet will tell, should it be let in again, has to come first.
        later = state["gone"] if tablet.is_revoked() else 0
        events = [event.get("gone", 0) + event.get("doubted", 0) for event in state["events"]]
        return later + sum(events)

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
        misnumbered: list[tuple[str, int, int]] = []
        for patient in tablet.disk.rows("charts"):
            chart = whole_chart(tablet.disk, str(patient))
            for start, _ in chart.lines():
                entry = chart.at(start)
                key = entry.key
                held[key] = entry.row()
                there = self._server.tables.resources.get(key)
                sequence = entry.sequence if there is None else there["sequence"]
                if key not in touched and entry.sequence != sequence:
                    misnumbered.append((key, entry.sequence, sequence))
        # Whose registration is set aside keeps a name while refused work of theirs is listed.
        undecided = {change["patient"] for change in unfinished}
        left = [self.written[name] for name in self.left_aside if name[0] == tablet.name]
        aside = {row["patient"] for row in tablet.rows(SET_ASIDE)}
        aside |= {json.loads(text)["patient"] for text in left}
        named = {f"Patient/{patient}" for patient in undecided & aside}
        missing = sorted((expected.keys() ^ held.keys()) - lost - (named & held.keys()))
        # Who has had a text that no record holds (any more) remembers what it replaced.
        there = {row["body"] for row in self._server.tables.changes.values()}
        refused = {json.loads(text)["timestamp"] for text in self.texts - there}
        require(not missing, "charts hold other resources", tablet.name, missing)
        for key in sorted(expected.keys() - lost - named):
            row, held[key] = (without_refused(one, refused) for one in (expected[key], held[key]))
            place = f"{tablet.name} {key}\n{held[key]}\n{row}"
            require(same(row, held[key]), "charts differ", place)
        require(not misnumbered, "state names another sequence", tablet.name, misnumbered)

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
        # For a patient who was given up afterwards another may have been let go.
        given_up = {row["patient"] for row in tablet.rows(DONE) if reason_of(row)}
        held = len(charts) + len(given_up - set(charts))
        require(held >= wanted, "the panel is not full", tablet.name, charts, wanted)

    def _lost_by_a_restore(self) -> set[str]:
        """Resources of which a change was once accepted, then lost by a restore, then refused.

        Sent again before the patient's own device has brought the patient back, it is refused as
        not found: its device lists it, but others may still hold what they fetched before.
        """
        found: set[str] = set()
        for row in self._server.tables.refused.values():
            if (row["device_id"], row["number"], row["hash"]) in self.accepted:
                found.add(json.loads(row["body"])["resource"])
        there = {row["body"] for row in self._server.tables.changes.values()}
        carried = {json.loads(self.written[name])["resource"] for name in self.said_again}
        for row in self._server.tables.refused.values():
            resource = json.loads(row["body"])["resource"]
            if resource in carried:
                found.add(resource)
        for text in self.texts - there:
            change = json.loads(text)
            # What was said again may have been set aside since, or lost itself.
            if self._is_said_in(text, there):
                continue
            if (change["device"], change["number"], digest(text)) in self.accepted:
                found.add(change["resource"])
        return found

    def _is_said_in(self, text: str, record: set[str]) -> bool:
        """Whether the record holds a text that stands for this one."""
        later = self.successors.get(text, set())
        return any(one in record or self._is_said_in(one, record) for one in later)

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
        # A page that was opened on a revoked tablet stays locked: nobody sees what it holds.
        for tab in [one for one in tablet.tabs if one.is_open]:
            found = {entry["id"] for entry in tab.desk.find_patients("", 10_000)}
            ids = {line.split("\t")[0] for line in wanted}
            require(found == ids, "directory in memory", tablet.name, found ^ ids)
