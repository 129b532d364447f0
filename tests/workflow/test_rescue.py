"""What a rescue file holds."""

from __future__ import annotations

from typing import Any

from pwa.py.domain import json_text
from pwa.py.workflow.rescue import gather
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin


async def test_all_that_is_in_no_record_in_order_and_why_it_was_given_up() -> None:
    tablet = await Tablet("one", ServerTwin()).start()
    await tablet.synchronise()
    await tablet.register()
    await tablet.synchronise()
    await tablet.register()
    await tablet.register()
    await tablet.register()
    done, waiting, replaced, withdrawn = await tablet.store.list("outbox")
    assert [done["state"], waiting["state"]] == ["done", "waiting"]
    by, reason = json_text.dumps({"by": 9}), json_text.dumps({"reason": "salah\torang", "was": ""})
    for row, note, state in ((replaced, by, "waiting"), (withdrawn, reason, "withdrawn")):
        put: Any = {"table": "outbox", "key": row["key"], "patient": row["patient"], "state": state}
        await tablet.store.commit([put | {"text": row["text"] + "\n" + note}])
    lines = [line.split("\t") for line in await gather(tablet.store)]
    assert lines == [
        ["waiting", waiting["text"]],
        ["waiting", replaced["text"], '"replaced by no. 9"'],
        ["withdrawn", withdrawn["text"], '"salah\\torang"'],
    ]
