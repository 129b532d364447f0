"""A device's charts, read past the app: whole, wherever their lines lie."""

from __future__ import annotations

from pwa.py.domain import folding
from pwa.py.domain.chart import Chart
from pwa.py.store.memory import Disk


def whole_chart(disk: Disk, patient: str) -> Chart:
    row = disk.rows(folding.CHARTS).get(patient)
    chart = Chart("" if row is None else row["text"])
    if not chart.is_whole:
        chart.join(disk.rows(folding.OLDER)[patient]["text"])
    return chart
