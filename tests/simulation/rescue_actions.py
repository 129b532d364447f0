"""Rescue files, as actions of a schedule (see `actions`): written at any moment, and read in by
the server once or more, before the tablet comes itself or after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.workflow import rescue

if TYPE_CHECKING:
    from tests.simulation.tablet import Tab
    from tests.simulation.world import World


def write_file(world: World, one: int, two: int, three: int) -> None:
    """Now and then of work that was given up a moment before: the server is told so soon that
    files written at any other moment would hardly ever hold any."""
    tab = world.tab(one)
    if tab is None:
        return

    async def journey(tab: Tab) -> None:
        refused = tab.tablet.rows("refused")
        if refused and three % 2:
            await tab.refusals.withdraw(refused[two % len(refused)]["key"], "it was wrong")
        lines = await rescue.gather(tab.store)
        if lines:
            world.files.append((tab.tablet.device(), lines))

    tab.act(journey)


def read_file(world: World, one: int, two: int, three: int) -> None:
    if world.files:
        world.server.read_file(*world.files[two % len(world.files)])
