"""Refused work of a patient whose chart was let go before a restored server lost what it took."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pwa.py.domain.failures import Offline
from pwa.py.sync import panel
from pwa.py.sync.state import read_state
from tests.sync.tablets import Tablet
from tests.sync.twin import ServerTwin

DAY_MS = 86_400_000


async def refused_and_let_go(is_edit: bool = False) -> tuple[Tablet, ServerTwin, str]:
    """A tablet that wrote to a patient (an edit, then a visit) and let the chart go; a server
    restored from before that, which refuses it; and no chart comes meanwhile."""
    server = ServerTwin()
    one = await Tablet("one", server).start()
    patient = await one.register(name="Sari")
    await one.synchronise()
    two = await Tablet("two", server).start()
    await two.synchronise()
    restored = deepcopy(server)
    restored.epoch = "epoch-2"
    restored.authors.remove("doctor")
    chart = await two.record.open(patient)
    assert chart is not None
    if is_edit:
        await two.amend(patient, chart.row("Patient/" + patient), {"birthDate": "1991-01-02"})
    await two.visit(patient)
    await two.synchronise()
    two.clock_ms += 3 * DAY_MS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(panel, "PANEL_CHARTS_MAX", 1)
        await one.register(name="Budi")
        await one.synchronise()
        await two.synchronise()
    assert await two.record.open(patient) is None
    two.link.server = restored
    two.link.get = cut  # type: ignore[method-assign]
    await two.synchronise()
    assert await two.record.open(patient) is None
    assert len(await two.refusals.list()) == 5 + is_edit
    return two, restored, patient


async def cut(path: str, timeout_ms: int = 0) -> str:
    raise Offline(path)


async def back_online(tablet: Tablet) -> str:
    del tablet.link.get
    return await tablet.synchronise()


async def states(tablet: Tablet) -> list[str]:
    return [row["state"] for row in await tablet.store.list("outbox")]


async def as_on(server: ServerTwin, tablet: Tablet, patient: str) -> bool:
    held = await tablet.record.open(patient)
    rows = {key: row for key, row in server.rows.items() if row["patient"] == patient}
    return held is not None and {key: held.row(key) for key in rows} == rows


async def test_it_can_be_said_again_before_the_chart_is_back() -> None:
    tablet, server, patient = await refused_and_let_go()
    server.authors.add("doctor")
    for item in await tablet.refusals.list():
        await tablet.refusals.send_again(item["number"])
    assert await states(tablet) == ["done"] * 5 + ["waiting"] * 5
    assert (await read_state(tablet.store))["wanted"] == [patient]
    assert await tablet.record.open(patient) is None
    assert await back_online(tablet) == "synced"
    assert len([row for row in server.rows.values() if row["patient"] == patient]) == 6
    assert await as_on(server, tablet, patient)


async def test_it_can_be_mended_before_the_chart_is_back() -> None:
    tablet, server, patient = await refused_and_let_go(is_edit=True)
    server.authors.add("doctor")
    assert await tablet.refusals.mend(1, {"birthDate": "besok"}) != []
    assert await tablet.refusals.mend(1, {"birthDate": "1992-02-02"}) == []
    assert await states(tablet) == ["done"] + ["refused"] * 5 + ["waiting"]
    assert await back_online(tablet) == "attention"
    row = server.rows["Patient/" + patient]
    assert (row["resource"]["birthDate"], "siblings" in row) == ("1992-02-02", False)
    held = await tablet.chart(patient)
    assert (held["patient"]["birthDate"], len(held["encounters"])) == ("1992-02-02", 1)


async def test_withdrawing_it_takes_nothing_along_that_was_not_said_to_follow() -> None:
    tablet, server, patient = await refused_and_let_go(is_edit=True)
    assert await tablet.refusals.followers(1) == []
    assert await tablet.refusals.withdraw(1, "salah orang") == [1]
    assert await states(tablet) == ["withdrawn"] + ["refused"] * 5
    assert await back_online(tablet) == "attention"
    held: Any = await tablet.record.open(patient)
    assert held.row("Patient/" + patient) == server.rows["Patient/" + patient]
    assert server.withdrawn == [(1, "salah orang")]


async def test_what_is_taken_back_makes_no_chart_of_a_part_of_one() -> None:
    tablet, server, patient = await refused_and_let_go()
    gone = await tablet.refusals.withdraw(1, "salah orang")
    assert await tablet.refusals.take_back(gone)
    assert await tablet.record.open(patient) is None
    assert await back_online(tablet) == "attention"
    held: Any = await tablet.record.open(patient)
    assert held.row("Patient/" + patient) == server.rows["Patient/" + patient]
    assert len((await tablet.chart(patient))["encounters"]) == 1


async def test_a_chart_on_its_way_does_not_land_without_what_is_said_again_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tablet, server, patient = await refused_and_let_go(is_edit=True)
    server.authors.add("doctor")
    assert (await read_state(tablet.store))["wanted"] == [patient]
    commit = tablet.store.commit
    mended: list[Any] = []
    is_whole: list[bool] = []

    async def mend_meanwhile(puts: Any, removes: Any = (), expected: Any = ()) -> None:
        texts = [one["text"] for one in puts if one["table"] == "charts" and one["text"]]
        if texts and not mended:
            mended.append("")
            mended[0] = await tablet.refusals.mend(1, {"birthDate": "1992-02-02"})
        waiting = await tablet.store.list_keys("outbox", None, "waiting")
        await commit(puts, removes=removes, expected=expected)
        is_whole.extend([not waiting or "1992-02-02" in text for text in texts])

    monkeypatch.setattr(tablet.store, "commit", mend_meanwhile)
    assert await back_online(tablet) == "attention"
    assert mended == [[]]
    assert is_whole and all(is_whole)
    held: Any = await tablet.record.open(patient)
    assert held.row("Patient/" + patient)["resource"]["birthDate"] == "1992-02-02"
