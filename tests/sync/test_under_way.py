"""An entry is "sent" while a request carries it, and never a moment longer."""

from __future__ import annotations

from typing import Any

import pytest

from pwa.py.domain.failures import Offline
from tests.sync.tablets import Tablet
from tests.sync.twin import Link, ServerTwin


class LookingLink(Link):
    """Somebody looks at the chart while a request is on its way."""

    def __init__(self, tablet: Tablet) -> None:
        super().__init__(tablet.link.server)
        self.tablet = tablet
        self.patient = ""
        self.words: list[str] = []
        self.sent: list[int] = []
        self.is_lost = False
        self.is_fast = False

    async def post(self, path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None) -> str:
        if '"changes":[]' not in body:
            await self._look()
            if not self.is_fast:
                for show in self.tablet.calls:
                    show()
                await self._look()
        reply = await super().post(path, body, timeout_ms, meanwhile)
        if self.is_lost:
            raise Offline("the reply was lost")
        return reply

    async def _look(self) -> None:
        self.words.append(await word(self.tablet, self.patient))
        self.sent.append(self.tablet.exchange.sent)


async def word(tablet: Tablet, patient: str) -> str:
    return str((await tablet.chart(patient))["patient"]["state"]["word"])


@pytest.fixture
async def tablet() -> Tablet:
    tablet = await Tablet("one", ServerTwin()).start()
    await tablet.synchronise()
    tablet.link = tablet.device.http = LookingLink(tablet)
    return tablet


async def test_saved_then_sent_then_on_the_server(tablet: Tablet) -> None:
    link: Any = tablet.link
    link.patient = patient = await tablet.register()
    assert await word(tablet, patient) == "saved"
    assert await tablet.synchronise() == "synced"
    assert (link.words, link.sent) == (["saved", "sent"], [0, 1])
    assert await word(tablet, patient) == "server"
    assert tablet.sync.status["sent"] == 0
    # Told when it took long, and when it was over.
    assert tablet.shown == [[patient], [patient]]


async def test_without_an_answer_it_is_saved_again(tablet: Tablet) -> None:
    link: Any = tablet.link
    link.is_lost = True
    link.patient = patient = await tablet.register()
    assert await tablet.synchronise() == "offline"
    # The server has it; this device cannot know, and claims no more than it knows.
    assert len(link.server.log) == 1
    assert link.words == ["saved", "sent"]
    assert await word(tablet, patient) == "saved"
    assert tablet.sync.status["sent"] == 0


@pytest.mark.parametrize(("is_lost", "ended"), [(False, "synced"), (True, "offline")])
async def test_what_ends_soon_repaints_nothing_and_was_never_called_sent(
    tablet: Tablet, is_lost: bool, ended: str
) -> None:
    link: Any = tablet.link
    link.patient = await tablet.register()
    link.is_fast, link.is_lost = True, is_lost
    assert await tablet.synchronise() == ended
    # A page drawn meanwhile would have said "sent" for ever: nobody tells it to look again.
    assert (link.words, link.sent, tablet.shown) == (["saved"], [0], [])


async def test_an_entry_that_was_changed_once_more_is_not_sent(tablet: Tablet) -> None:
    link: Any = tablet.link
    link.patient = patient = await tablet.register()
    post = link.post

    async def amend_meanwhile(
        path: str, body: str, timeout_ms: int = 0, meanwhile: Any = None
    ) -> str:
        if len(link.words) == 0:
            chart: Any = await tablet.record.open(patient)
            row = chart.row("Patient/" + patient)
            await tablet.amend(patient, row, {"telecom": [{"system": "phone", "value": "1"}]})
        return str(await post(path, body, timeout_ms))

    link.post = amend_meanwhile
    await tablet.synchronise()
    # The first request does not carry the second change, so not all of the entry was sent.
    assert link.words == ["saved", "saved", "saved", "sent"]


async def test_another_tab_hears_what_was_sent_and_forgets_it_at_its_own_turn(
    tablet: Tablet,
) -> None:
    patient = await tablet.register()
    other = Tablet("one", tablet.link.server)
    other.store = tablet.store
    await other.start()
    other.under_way.hear([1])
    assert await word(other, patient) == "sent"
    assert await word(tablet, patient) == "saved"
    other.link.is_cut = True
    assert await other.synchronise() == "offline"
    assert await word(other, patient) == "saved"
