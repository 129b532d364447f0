"""What people do with refused work, as actions of a schedule (see `actions`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.judging import require

if TYPE_CHECKING:
    from tests.simulation.tablet import Tab
    from tests.simulation.world import World

THINKING_MS_MAX = 20_000


def send_again(world: World, one: int, two: int, three: int) -> None:
    tab = world.tab(one)
    refused = tab and tab.tablet.rows("refused")
    if tab is None or not refused:
        return
    number = refused[two % len(refused)]["key"]

    async def journey(tab: Tab) -> None:
        await tab.refusals.send_again(number)

    tab.act(journey)


def mend(world: World, one: int, two: int, three: int) -> None:
    """Somebody corrects what was refused, after a while of thinking."""
    tab = world.tab(one)
    refused = tab and tab.tablet.rows("refused")
    if tab is None or not refused:
        return
    number, marker = refused[two % len(refused)]["key"], world.marker()

    async def journey(tab: Tab) -> None:
        listed = {item["number"]: item for item in await tab.refusals.list()}
        if number not in listed:
            return
        fields = dict(listed[number]["set"])
        if three % 3:
            fields["note"] = [{"text": marker}]
        await world.scheduler.sleep(three % THINKING_MS_MAX, tab)
        issues = await tab.refusals.mend(number, fields)
        require(issues == [], "cannot mend", issues)

    tab.act(journey)


def withdraw(world: World, one: int, two: int, three: int) -> None:
    """Somebody gives up what was refused, and now and then thinks better of it."""
    tab = world.tab(one)
    refused = tab and tab.tablet.rows("refused")
    if tab is None or not refused:
        return
    number = refused[two % len(refused)]["key"]

    async def journey(tab: Tab) -> None:
        gone = await tab.refusals.withdraw(number, "because it was wrong")
        if gone and three % 3 == 0:
            await world.scheduler.sleep(three % 8_000, tab)
            await tab.refusals.take_back(gone)

    tab.act(journey)
