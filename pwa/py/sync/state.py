"""How far a device has come with its server: the row "sync" of the table "meta".

Every transaction that rests on it expects the version it read, so that two tabs never move the
cursor past one another, and a chart that was fetched never lands behind a cursor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import json_text
from pwa.py.domain.transaction import put

if TYPE_CHECKING:
    from typing import Any

    from pwa.py.store.contract import Put, Store

_NOTHING_SYNCED = {
    "epoch": None,
    "cursor": 0,
    # The newest sequence that the charts here are known to rest on: of this device's own changes
    # that were answered, and of charts that were fetched.
    "rests_on": 0,
    "acknowledged": 0,
    "has_snapshot": False,
    # Where the first sync goes on, how many charts it has brought, and of how many.
    "snapshot_after": "",
    "done": 0,
    "panel": 0,
    # How many patients the facility had when it was last told.
    "patients": 0,
    # Of a chain that has ended: why, its last number, and the last that the server knows of it.
    "parted": None,
    # The last number before the present chain of this store.
    "begins": 0,
    # The epoch in which the server was asked what it knows of all that is kept here.
    "asked": None,
    # Up to which number what lies aside was handed over to the server in its present life; None
    # when all was.
    "aside_after": None,
    # Whether the server has said that this device was revoked.
    "revoked": False,
    # How far this device's clock was ahead of the server's at the last answer.
    "drift_ms": 0,
    # Of a server that was restored: how many changes were sent again, how many no longer could.
    "again": 0,
    "gone": 0,
    # Of how many that were let go long ago nobody can say whether it has them.
    "doubted": 0,
}
EVENTS_KEPT_MAX = 20


async def read_state(store: Store) -> dict[str, Any]:
    """With the row's version, for the transaction that is decided upon it."""
    row = await store.get("meta", "sync")
    state: dict[str, Any] = dict(_NOTHING_SYNCED)
    # Patients whose chart is to be fetched (anew).
    state["wanted"] = []
    # Patients of whom a restored server had nothing, in whose charts what was set aside is mixed
    # with others' work: they are fetched once the server has something.
    state["mixed"] = []
    # What happened to this device's work, until somebody has read it (`note_event`).
    state["events"] = []
    # The earlier chains of this store (`chain.chains_of`).
    state["chains"] = []
    if row is not None:
        state.update(json_text.loads(row["text"]))
    state["version"] = 0 if row is None else row["version"]
    return state


def put_state(state: dict[str, Any]) -> Put:
    kept = {name: value for name, value in state.items() if name != "version"}
    return put("meta", "sync", json_text.dumps(kept))


def begin_again(state: dict[str, Any], epoch: str | None) -> None:
    """The server lives another life (restored from a backup): its sequences start anew, and so
    does the first sync, under the device's own work."""
    state.update({"epoch": epoch, "cursor": 0, "rests_on": 0})
    state.update({"has_snapshot": False, "snapshot_after": "", "done": 0})
    # It may never have heard of what was withdrawn.
    state["tell_again"] = True


def note_event(state: dict[str, Any], event: dict[str, Any]) -> None:
    """Leaves word for the people here; `workflow/events` shows it until it was read."""
    state["events"] = (state["events"] + [event])[-EVENTS_KEPT_MAX:]


def note_asked(state: dict[str, Any], epoch: str) -> None:
    """Another life of the server may keep nothing of what an earlier one had kept aside."""
    if state["asked"] not in (None, epoch):
        state["aside_after"] = 0
    state["asked"] = epoch


def may_land(state: dict[str, Any], page: dict[str, Any]) -> bool:
    """Whether charts as the server had them then are as new as all that was taken in since.

    Else a change that has been pulled, or the device's own, would vanish behind the cursor, and
    what was fetched and shown would be taken back by an answer that was longer on its way.
    """
    if state["epoch"] not in (None, page["epoch"]):
        return False
    return page["cursor"] >= max(state["cursor"], state["rests_on"])


def note_landed(state: dict[str, Any], sequence: int) -> None:
    state["rests_on"] = max(state["rests_on"], sequence)


def add_wanted(state: dict[str, Any], patients: Any) -> None:
    state["wanted"] = state["wanted"] + sorted(set(patients) - set(state["wanted"]))


def drop_wanted(state: dict[str, Any], patients: Any) -> None:
    gone = set(patients)
    for name in ("wanted", "mixed"):
        if state[name]:
            state[name] = [patient for patient in state[name] if patient not in gone]
