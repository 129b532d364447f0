"""The product broken on purpose, in ways that a tired engineer might: a test of the test.

Each mutant is a name and what it puts in place of what; the simulation has to catch every one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from backend import ledger, numbering, snapshot, sync
from pwa.py.domain import changes, clock, folding, merge, withdrawal
from pwa.py.domain.chart import Chart
from pwa.py.domain.directory import Directory
from pwa.py.domain.older import Older
from pwa.py.domain.transaction import put
from pwa.py.store import contract
from pwa.py.store.memory import MemoryStore
from pwa.py.sync import exchange, outbox, panel, state
from pwa.py.sync.charts import ChartBatch
from pwa.py.sync.engine import Sync
from pwa.py.sync.exchange import Exchange
from pwa.py.sync.first import FirstSync
from pwa.py.sync.panel import Panel
from tests.simulation import (
    chain_mutants,
    conflict_mutants,
    page_mutants,
    refused_mutants,
    sent_mutants,
)
from tests.simulation.chain_mutants import settle_as_done
from tests.simulation.database import Connection
from tests.simulation.server import Server
from tests.simulation.tablet import PausingStore

Patch = tuple[Any, str, Any]


def forget_numbers() -> list[Patch]:
    """The server takes a repeat for the next change."""
    place = numbering.place

    def mutant(batch: list[Any], known_number: int, known_hash: str) -> Any:
        first = batch[0]
        return place(batch, (first.number or 1) - 1, first.previous)

    return [(numbering, "place", mutant)]


def answer_before_commit() -> list[Patch]:
    """What the server has answered may be gone after a crash."""
    crash = Server.crash
    commit = Connection.commit

    def mutant_commit(self: Any) -> None:
        if self._writes:
            self._database.before = self._tables.copy(self._tables.epoch)
        commit(self)

    def mutant_crash(self: Any) -> None:
        before = getattr(self.database, "before", None)
        crash(self)
        if before is not None:
            self.database.tables = before

    return [(Connection, "commit", mutant_commit), (Server, "crash", mutant_crash)]


def number_before_the_lock() -> list[Patch]:
    async def mutant(connection: Any, facility_id: str) -> int:
        return (await connection.fetchrow(sync.READ_HEAD, facility_id))["sequence"]

    return [(ledger, "lock_counter", mutant)]


def skip_what_did_not_fit() -> list[Patch]:
    """The server hands out its newest cursor with a page that was not the last."""
    pull = sync.pull

    async def mutant(connection: Any, facility_id: str, envelope: Any) -> Any:
        head = await connection.fetchrow(sync.READ_HEAD, facility_id)
        found = await pull(connection, facility_id, envelope)
        return replace(found, cursor=head["sequence"], more=False)

    return [(sync, "pull", mutant)]


def forget_the_base() -> list[Patch]:
    amend = changes.amend

    def mutant(row: Any, fields: Any, reason: str = "") -> Any:
        return amend(row, fields, reason) | {"base": {}}

    return [(changes, "amend", mutant)]


def keep_the_later_judgement() -> list[Patch]:
    def mutant(known: Any, field: str, value: Any, change: Any) -> str:
        values = known.live.setdefault(field, {})
        if change["timestamp"] in values or change["timestamp"] in known.past.get(field, ()):
            return merge.DUPLICATE
        if all(change["timestamp"] > held for held in values):
            values.clear()
            values[change["timestamp"]] = (value, change["author"])
        return merge.UPDATED

    return [(merge, "_keep_both", mutant)]


def believe_the_last_to_arrive() -> list[Patch]:
    def mutant(known: Any, field: str, value: Any, change: Any) -> str:
        known.stamps[field] = change["timestamp"]
        known.live[field] = {change["timestamp"]: (value, change["author"])}
        return merge.UPDATED

    return [(merge, "_keep_latest", mutant)]


def move_the_cursor_first() -> list[Patch]:
    take_reply = Exchange._take_reply

    async def mutant(self: Any, batch: list[Any], reply: Any) -> Any:
        store = self._device.store
        found = await state.read_state(store)
        self._move_cursor(found, reply)
        await store.commit([state.put_state(found)])
        return await take_reply(self, batch, reply)

    return [(Exchange, "_take_reply", mutant)]


def take_the_last_page_for_the_cursor() -> list[Patch]:
    move_on = FirstSync._move_on

    def mutant(self: Any, found: Any, page: Any) -> None:
        move_on(self, found, page)
        found["cursor"] = page["cursor"]

    return [(FirstSync, "_move_on", mutant)]


def drop_waiting_work_at_a_page() -> list[Patch]:
    async def mutant(self: Any, patient: str, text: str, date: str) -> None:
        self._charts[patient] = Chart(text)

    return [(ChartBatch, "replace", mutant)]


def keep_old_charts_at_a_first_page() -> list[Patch]:
    """What was here before the cursor of the first page is not fetched anew."""

    async def mutant(self: Any, found: Any, page: Any) -> None:
        found["epoch"], found["cursor"], found["done"] = page["epoch"], page["cursor"], 0

    return [(FirstSync, "_begin", mutant)]


def skip_whom_the_device_does_not_hold() -> list[Patch]:
    return [(exchange, "add_wanted", lambda found, patients: None)]


def merge_into_nothing() -> list[Patch]:
    """A change of a patient who is not held makes a chart of its own."""

    async def mutant(self: Any, charts: Any, found: Any, patient: str, items: Any) -> None:
        await charts.apply(patient, items)

    return [(Exchange, "_take_in", mutant)]


def land_charts_that_are_too_old() -> list[Patch]:
    """A chart that was fetched before the cursor went on takes the place of what came since."""
    return [(panel, "may_land", lambda found, page: True)]


def let_unsent_work_go() -> list[Patch]:
    async def mutant(self: Any, patient: str) -> bool:
        return False

    return [(Panel, "_is_unfinished", mutant)]


def let_a_chart_go_and_keep_its_line() -> list[Patch]:
    return [(Directory, "unstage", lambda self, patient, staged: None)]


def page_by_date_alone() -> list[Patch]:
    """The pages go on after the last day, and skip those who were there the same day."""
    read_place = snapshot.read_place

    def mutant(token: str) -> Any:
        place = read_place(token)
        place.patient = snapshot.FRONT
        return place

    return [(snapshot, "read_place", mutant)]


def pull_over_waiting_work() -> list[Patch]:
    """What others wrote takes the place of what waits here."""
    apply = ChartBatch.apply

    async def mutant(self: Any, patient: str, items: list[Any]) -> None:
        await apply(self, patient, items)
        own = await self._own(patient)
        self._charts[patient], _ = withdrawal.rebuild(self._charts[patient], own, [], own)

    return [(ChartBatch, "apply", mutant)]


def lose_refused_work() -> list[Patch]:
    return [(outbox, "settle", settle_as_done("rejected"))]


def stand_still_while_others_write() -> list[Patch]:
    """The device's clock does not move past what it has seen."""
    return [(clock, "latest", lambda last, seen: last)]


def keep_back_after_a_restore() -> list[Patch]:
    """What the restored server has lost is not sent again."""
    commit = PausingStore.commit

    async def mutant(self: Any, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        outbox = self._tab.tablet.disk.rows("outbox")
        kept = [one for one in puts if not is_again(outbox, one)]
        await commit(self, kept, removes, expected)

    def is_again(outbox: Any, one: Any) -> bool:
        is_waiting = one["table"] == "outbox" and one["state"] == "waiting"
        return is_waiting and one["key"] in outbox

    return [(PausingStore, "commit", mutant)]


def settle_what_was_not_sent() -> list[Patch]:
    """An answer settles all that waits, also what was saved while it was under way."""
    settle = outbox.settle

    async def mutant(store: Any, charts: Any, batch: list[Any], *rest: Any) -> Any:
        sent = {row["key"] for row in batch}
        for row in await store.list("outbox", state="waiting"):
            if row["key"] not in sent:
                charts.puts.append(put("outbox", row["key"], row["text"], row["patient"], "done"))
        return await settle(store, charts, batch, *rest)

    return [(outbox, "settle", mutant)]


def forget_the_sequence() -> list[Patch]:
    return [(Chart, "number", lambda self, sequences: None)]


def say_synced_too_soon() -> list[Patch]:
    describe = Sync._describe

    def mutant(self: Any, waiting: int, refused: int) -> Any:
        return describe(self, waiting, refused) | {"word": self._word}

    return [(Sync, "_describe", mutant)]


def give_up_after_a_failure() -> list[Patch]:
    delay_ms = Sync._delay_ms
    never = 10**12

    def mutant(self: Any) -> int:
        return never if self._failures else delay_ms(self)

    return [(Sync, "_delay_ms", mutant)]


def overwrite_other_tabs() -> list[Patch]:
    commit = MemoryStore.commit

    async def mutant(self: Any, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        contract.check_commit(puts, removes, expected)
        await commit(self, puts, removes)

    return [(MemoryStore, "commit", mutant)]


def tear_a_commit() -> list[Patch]:
    """The outbox and the chart are written one after the other, not together."""
    commit = PausingStore.commit

    async def mutant(self: Any, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        charts = [one for one in puts if one["table"] == "charts"]
        rest = [one for one in puts if one["table"] != "charts"]
        if charts and rest:
            await commit(self, rest, removes, expected)
            await commit(self, charts)
        else:
            await commit(self, puts, removes, expected)

    return [(PausingStore, "commit", mutant)]


def leave_the_directory_out() -> list[Patch]:
    """A patient written here is not noted in the directory."""
    commit = PausingStore.commit

    async def mutant(self: Any, puts: Any, removes: Any = (), expected: Any = ()) -> None:
        tables = {one["table"] for one in puts}
        if "outbox" in tables and "meta" in tables:
            known = self._tab.tablet.disk.rows("directory")
            puts = [as_it_was(known, one) if one["table"] == "directory" else one for one in puts]
        await commit(self, puts, removes, expected)

    def as_it_was(known: Any, one: Any) -> Any:
        return one | {"text": known[one["key"]]["text"] if one["key"] in known else ""}

    return [(PausingStore, "commit", mutant)]


def leave_the_older_lines_out() -> list[Patch]:
    """A chart is parted, and its older lines are not written."""
    texts = folding.texts

    def mutant(chart: Any, version: int) -> Any:
        return texts(chart, version)[:1]

    return [(folding, "texts", mutant)]


def take_older_lines_for_new() -> list[Patch]:
    """A change to what lies apart begins a second line instead of joining the first."""
    return [(Older, "may_hold", lambda self, key: False)]


# What happens often while a mutant is looked for that else shows only rarely.
OFTEN = {let_unsent_work_go: ("cut", "register", "skew", "amend")}
OFTEN |= dict.fromkeys(chain_mutants.RARE_MUTANTS, chain_mutants.OFTEN)
OFTEN |= dict.fromkeys(chain_mutants.ASIDE_MUTANTS, chain_mutants.OFTEN_ASIDE)
OFTEN |= dict.fromkeys(conflict_mutants.RARE_MUTANTS, conflict_mutants.OFTEN)
FIRST_SYNCS = [
    *page_mutants.MUTANTS,
    keep_old_charts_at_a_first_page,
    take_the_last_page_for_the_cursor,
]
OFTEN |= dict.fromkeys(FIRST_SYNCS, page_mutants.OFTEN)
OFTEN[land_charts_that_are_too_old] = ("look", "look_up", "amend")
OFTEN |= dict.fromkeys(refused_mutants.MUTANTS, refused_mutants.OFTEN)
OFTEN[refused_mutants.ask_nobody_for_what_was_there] = ("open_tab", "amend", "withdraw")

MUTANTS = [
    *chain_mutants.MUTANTS,
    *sent_mutants.MUTANTS,
    forget_numbers,
    answer_before_commit,
    number_before_the_lock,
    skip_what_did_not_fit,
    forget_the_base,
    keep_the_later_judgement,
    believe_the_last_to_arrive,
    move_the_cursor_first,
    drop_waiting_work_at_a_page,
    skip_whom_the_device_does_not_hold,
    merge_into_nothing,
    let_a_chart_go_and_keep_its_line,
    page_by_date_alone,
    pull_over_waiting_work,
    lose_refused_work,
    stand_still_while_others_write,
    keep_back_after_a_restore,
    settle_what_was_not_sent,
    forget_the_sequence,
    say_synced_too_soon,
    give_up_after_a_failure,
    overwrite_other_tabs,
    tear_a_commit,
    leave_the_directory_out,
    leave_the_older_lines_out,
    take_older_lines_for_new,
    *conflict_mutants.MUTANTS,
    *OFTEN,
]


@contextmanager
def applied(patches: list[Patch]) -> Iterator[None]:
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in patches]
    try:
        for owner, name, value in patches:
            setattr(owner, name, value)
        yield
    finally:
        for owner, name, value in before:
            setattr(owner, name, value)
