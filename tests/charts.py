"""A device's charts, read past the app: whole, wherever their lines lie."""

from __future__ import annotations

from pwa.py.domain import folding
from pwa.py.domain.chart import Chart
from pwa.py.domain.failures import Stale
from pwa.py.store.memory import Disk
from tests.simulation.judging import Broken


def whole_chart(disk: Disk, patient: str) -> Chart:
    row = disk.rows(folding.CHARTS).get(patient)
    chart = Chart("" if row is None else row["text"])
    if not chart.is_whole:
        older = disk.rows(folding.OLDER).get(patient)
        try:
            chart.join("" if older is None else older["text"])
        except Stale as stale:
            raise Broken(f"older lines are missing: {patient}") from stale
    return chart
