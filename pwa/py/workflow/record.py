"""The charts of this device, and the one way in which what somebody did is written to them.

A writing journey is one durable transaction that holds the chart, the outbox, the directory and
the device's clock, and returns only when it is complete. The network has no part in it. What
can be done (`desk`, `refusals`) is built upon this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import changes, clock, directory, folding, json_text, outbox, use
from pwa.py.domain.chart import Chart
from pwa.py.domain.failures import Stale, StorageFull
from pwa.py.domain.issues import issue
from pwa.py.domain.outbox import DONE, REFUSED, WAITING
from pwa.py.domain.transaction import put, retry_when_stale

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from pwa.py.domain.directory import Directory
    from pwa.py.domain.shapes import Change, Issue
    from pwa.py.store.contract import Put, Store, StoredRow


class Record:
    """Reads and writes of one signed-in person on one device."""

    def __init__(
        self,
        store: Store,
        patient_directory: Directory,
        author: str,
        now_ms: Callable[[], int],
        on_saved: Callable[[bool], None],
    ) -> None:
        """`on_saved` is told of each commit, and whether to send it at once: what may be taken
        back is not."""
        self.store = store
        self.directory = patient_directory
        self.author = author
        self.now_ms = now_ms
        self._on_saved = on_saved
        # The chart last opened, so that saving to a long one need not read it again.
        self._opened: tuple[str, int, Chart] | None = None

    async def load(self) -> None:
        """Brings the directory into memory; again after another tab or a sync changed it."""
        self.directory.load(await self.store.list("directory"))

    async def open(self, patient: str) -> Chart | None:
        """The whole chart as it lies in the store; None when the device has no such patient."""

        async def attempt() -> Chart | None:
            chart = await self.open_recent(patient)
            # Not to be taken by a save: it would be folded under the hands of who opened it.
            self._opened = None
            if chart is not None:
                await self._join(patient, chart)
            return chart

        return await retry_when_stale(attempt)

    async def open_recent(self, patient: str) -> Chart | None:
        """As `open`, but of a long chart only what the newest encounters are shown with."""
        row = await self.store.get("charts", patient)
        if row is None or not row["text"]:
            return None
        chart = Chart(row["text"])
        self._opened = (patient, row["version"], chart)
        return chart

    async def is_fresh(self, patient: str) -> bool:
        """Whether the server has given this chart in its present life, if it is here: none is
        fresh before the first page, which makes all that are here wanted."""
        row = await self.store.get("meta", "sync")
        state: dict[str, Any] = {} if row is None else json_text.loads(row["text"])
        has_begun = state.get("has_snapshot") or state.get("snapshot_after")
        return bool(has_begun) and patient not in state.get("wanted", [])

    async def note_use(self, patient: str) -> None:
        """Notes that somebody opened the chart here today; what is used stays on the device."""
        row = await self.store.get("charts", patient)
        opened = use.opened_on(self.now_ms())
        if row is None or not row["text"] or row["state"] >= opened:
            return
        noted = put("charts", patient, row["text"], patient, opened)
        try:
            await self.store.commit([noted], expected=[("charts", patient, row["version"])])
        except (Stale, StorageFull):
            # It is written at this very moment, or there is no room: no reason to trouble anyone.
            return
        if self._opened is not None and self._opened[:2] == (patient, row["version"]):
            self._opened = (patient, row["version"] + 1, self._opened[2])

    async def write(
        self,
        patient: str,
        drafts: list[dict[str, Any]],
        is_new: str = "",
        removes: Sequence[tuple[str, Any]] = (),
    ) -> list[Issue]:
        """Seals drafts of one patient, merges them and commits; issues mean nothing was written.

        `is_new` names what must not be there yet; `removes` go in the very same transaction.
        """

        async def attempt() -> list[Issue]:
            return await self.write_once(patient, drafts, is_new, removes=removes)

        return await retry_when_stale(attempt)

    async def write_once(
        self,
        patient: str,
        drafts: list[dict[str, Any]],
        is_new: str = "",
        removes: Sequence[tuple[str, Any]] = (),
        expected: Sequence[tuple[str, Any, int]] = (),
        replaced: Sequence[StoredRow] = (),
        is_wanted: bool = False,
    ) -> list[Issue]:
        """As `write`, for a caller who decides anew (`retry_when_stale`) when another tab was
        faster. `replaced` are the rows of the outbox in whose place the drafts stand, in turn:
        what the server refused is said again whether the chart is here or not. What is wanted is
        fetched anew with the next exchange."""
        keys = [draft["resource"] for draft in drafts]
        version, chart = await self._chart(patient, keys + [is_new] if is_new else keys)
        if is_new and is_new in chart:
            return [issue("duplicate", "This was saved already")]
        is_here = not replaced or chart.size > 0
        key = "Patient/" + patient
        if not replaced and is_new != key and key not in chart:
            return [issue("not-found", "This device does not hold the patient")]
        device, sealed, after = await self._seal(drafts, chart)
        issues: list[Issue] = []
        for outcome in chart.apply([change for change, _ in sealed]):
            issues += outcome["issues"]
        if issues:
            return issues
        written = [_replaced_put(row, sealed[at][0]["number"]) for at, row in enumerate(replaced)]
        written += [_outbox_put(change, text) for change, text in sealed]
        written.append(put("meta", "device", json_text.dumps(after)))
        seen = list(expected) + [("meta", "device", device["version"])] + _new_numbers(sealed)
        seen += [("outbox", row["key"], row["version"]) for row in replaced]
        if is_wanted or not is_here:
            await self._want(patient, written, seen)
        whole = chart if is_here else None
        await self._commit(patient, version, whole, written, removes, seen)
        self._on_saved(True)
        return []

    async def take(self, patient: str) -> tuple[int, Chart]:
        """The whole chart to be altered for `rewrite_once`, with its version."""
        version, chart = await self._chart(patient, [])
        await self._join(patient, chart)
        return version, chart

    async def rewrite_once(
        self,
        patient: str,
        version: int,
        chart: Chart | None,
        puts: Sequence[Put],
        rows: Sequence[StoredRow],
        is_wanted: bool,
    ) -> None:
        """Stores a chart that lost, or got back, what some rows of the outbox said; `puts` are
        what becomes of these. What is wanted is fetched anew with the next exchange."""
        written, seen = list(puts), [("outbox", row["key"], row["version"]) for row in rows]
        if is_wanted:
            await self._want(patient, written, seen)
        await self._commit(patient, version, chart, written, (), seen)
        self._on_saved(False)

    async def _want(self, patient: str, written: list[Put], seen: list[Any]) -> None:
        row = await self.store.get("meta", "sync")
        assert row is not None, "only a server can have refused"
        state = json_text.loads(row["text"])
        wanted = state.get("wanted", [])
        if patient not in wanted:
            state["wanted"] = wanted + [patient]
        # Also where nothing changes: a chart that is being fetched now would land without this.
        written.append(put("meta", "sync", json_text.dumps(state)))
        seen.append(("meta", "sync", row["version"]))

    async def _commit(
        self,
        patient: str,
        version: int,
        chart: Chart | None,
        written: list[Put],
        removes: Sequence[tuple[str, Any]],
        seen: list[Any],
    ) -> None:
        """`chart` is None where it is not here: it was let go, and is wanted."""
        seen.append(("charts", patient, version))
        noted = None
        if chart is not None:
            opened = use.opened_on(self.now_ms())
            for name, text in folding.texts(chart, version):
                state = opened if name == folding.CHARTS and text else ""
                written.append(put(name, patient, text, patient, state))
            noted = self._note_in_directory(chart, patient, written, seen)
        try:
            await self.store.commit(written, removes=removes, expected=seen)
        except Exception:
            # Whatever the reason: what memory holds may be older than the store.
            await self.load()
            raise
        if chart is not None:
            self._opened = (patient, version + 1, chart)
        if noted is not None:
            self.directory.committed(*noted)

    async def _chart(self, patient: str, keys: list[str]) -> tuple[int, Chart]:
        """The chart with the version it was read at, as whole as it must be to change these
        resources: the one opened last, or read anew."""
        # It is altered from here on, so that nobody else may find it meanwhile.
        opened, self._opened = self._opened, None
        if opened is not None and opened[0] == patient:
            version, chart = opened[1], opened[2]
        else:
            row = await self.store.get("charts", patient)
            version, chart = (0, Chart()) if row is None else (row["version"], Chart(row["text"]))
        if chart.needs_older(keys) or folding.is_outgrown(chart):
            await self._join(patient, chart)
        return version, chart

    async def _join(self, patient: str, chart: Chart) -> None:
        if not chart.is_whole:
            row = await self.store.get("older", patient)
            chart.join("" if row is None else row["text"])

    async def _seal(
        self, drafts: list[dict[str, Any]], chart: Chart
    ) -> tuple[Any, list[tuple[Change, str]], dict[str, Any]]:
        row = await self.store.get("meta", "device")
        assert row is not None, "a record is opened on an enrolled device"
        state = json_text.loads(row["text"])
        for draft in drafts:
            # An edit sorts after all that its writer may have seen, whatever clock wrote that: a
            # chart that came with the snapshot has not moved the clock of this device.
            held = chart.row(draft["resource"])
            seen = [] if held is None else list(held["stamps"].values())
            for stamps in draft["base"].values():
                seen = seen + stamps
            for timestamp in seen:
                state["timestamp"] = clock.latest(state["timestamp"], timestamp)
        sealed, after = changes.seal(drafts, state, self.author, self.now_ms())
        return row, sealed, after

    def _note_in_directory(
        self, chart: Chart, patient: str, puts: list[Put], expected: list[Any]
    ) -> tuple[int, int, str] | None:
        """Adds the directory's segment to the commit when the patient's line differs: the
        segment, and the version and text it will have."""
        entry = chart.get("Patient/" + patient)
        staged: directory.Staged = {}
        if entry is None:
            segment = self.directory.unstage(patient, staged)
        else:
            line = directory.line_of(entry.resource(), chart.conflict_count())
            segment = self.directory.stage(line, staged)
        if segment is None:
            return None
        version = self.directory.version(segment)
        # Also where nothing changes: what memory holds may be older than the store.
        for at, seen in self.directory.expected(patient, segment).items():
            expected.append(("directory", at, seen))
        if segment not in staged:
            return None
        text = directory.joined(staged[segment])
        puts.append(put("directory", segment, text))
        return segment, version + 1, text


def _outbox_put(change: Any, text: str) -> Put:
    return put("outbox", change["number"], text, change["patient"], WAITING)


def _replaced_put(row: StoredRow, number: int) -> Put:
    """What was refused is done; what still waits goes for its number alone, and is done then."""
    state = DONE if row["state"] == REFUSED else row["state"]
    text = outbox.noted(outbox.text_of(row), {"by": number})
    return put("outbox", row["key"], text, row["patient"], state)


def _new_numbers(sealed: list[Any]) -> list[tuple[str, Any, int]]:
    """No number is ever used twice: none of these rows may be there yet."""
    return [("outbox", change["number"], 0) for change, _ in sealed]
