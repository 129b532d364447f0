"""What people do with refused work, as actions of a schedule (see `actions`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.judging import require

if TYPE_CHECKING:
    from tests.simulation.tablet import Tab
    from tests.simulation.world import World

THINKING_MS_MAX = 20_000


def some_entry(world: World, one: int, two: int, state: str) -> tuple[Tab | None, int]:
    """An open tab and the number of some entry in that state on its tablet; else no tab."""
    tab = world.tab(one)
    rows = tab.tablet.rows(state) if tab is not None else []
    return (tab, rows[two % len(rows)]["key"]) if rows else (None, 0)


def send_again(world: World, one: int, two: int, three: int) -> None:
    tab, number = some_entry(world, one, two, "refused")
    if tab is None:
        return

    async def journey(tab: Tab) -> None:
        await tab.refusals.send_again(number)

    tab.act(journey)


def say_again(world: World, one: int, two: int, three: int) -> None:
    """What the server keeps aside is written anew, or left there with a reason, or nearly so."""
    tab, number = some_entry(world, one, two, "set_aside")
    if tab is None:
        return

    async def journey(tab: Tab) -> None:
        if three % 3:
            await tab.set_aside.send_again(number)
        elif await tab.set_aside.leave(number, "it was written twice") and three % 2:
            await world.scheduler.sleep(three % 8_000, tab)
            await tab.set_aside.take_back(number)

    tab.act(journey)


def mend(world: World, one: int, two: int, three: int) -> None:
    """Somebody corrects what was refused, after a while of thinking."""
    tab, number = some_entry(world, one, two, "refused")
    if tab is None:
        return
    marker = world.marker()

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
    tab, number = some_entry(world, one, two, "refused")
    if tab is None:
        return

    async def journey(tab: Tab) -> None:
        gone = await tab.refusals.withdraw(number, "because it was wrong")
        if gone and three % 3 == 0:
            await world.scheduler.sleep(three % 8_000, tab)
            await tab.refusals.take_back(gone)

    tab.act(journey)
