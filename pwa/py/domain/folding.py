"""A long chart in two texts: what opening it shows and saving to it changes, and the older rest.

Read, decrypted, altered and written whole, a chart of 2,000 resources costs a quarter of a second
at each save. So the older lines lie in a text of their own, which is read when somebody asks for
more, or when a change touches it. Each line is in one of the two; which, is this device's affair
alone and says nothing about the record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pwa.py.domain import encounter_view, view

if TYPE_CHECKING:
    from pwa.py.domain.chart import Chart

FOLD_BYTES = 160_000
# Recent lines grow with each visit, and are sorted anew once they have grown by so much.
GROWTH_BYTES = 80_000
# The page shows fewer at first: the list is full though some are withdrawn or moved meanwhile.
ENCOUNTERS_KEPT = 20

CHARTS = "charts"
OLDER = "older"


def texts(chart: Chart, version: int) -> list[tuple[str, str]]:
    """What a chart read at a version becomes in the store: (table, text) of the row of its
    patient in each. Both go in one transaction that expects that version of the first."""
    if chart.is_whole:
        if chart.size <= FOLD_BYTES:
            # An older part that was joined is empty from now on.
            emptied = [(OLDER, "")] if chart.was_folded else []
            return [(CHARTS, chart.text())] + emptied
        # No two versions of a chart are the same, and the older text is written with a version.
        older = chart.fold(recent_lines(chart), version + 1)
        return [(CHARTS, chart.recent_text()), (OLDER, older)]
    return [(CHARTS, chart.recent_text())]


def is_outgrown(chart: Chart) -> bool:
    """Whether so much came to the recent lines that they should be parted anew."""
    folded = chart.folded_bytes
    return not chart.is_whole and chart.size > max(FOLD_BYTES, folded) + GROWTH_BYTES


def recent_lines(chart: Chart) -> list[int]:
    """Where the lines start that a page of the newest encounters is made of."""
    early: list[int] = []
    groups, _, loose = encounter_view.gather(chart, ENCOUNTERS_KEPT, early)
    entries = loose + view.beside(chart) + chart.holding("siblings")
    for group in groups:
        entries = entries + group
    starts = {chart.start_of(entry.key) for entry in entries}
    return sorted(starts | set(early) | set(chart.starts("Patient")))
