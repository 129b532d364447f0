"""Saving a visit of seven changes, beside a plain strict put of the same bytes in the same page.

    python -m bench.save [--count N]

A save is `desk.record_encounter`: check the form, make and seal seven changes, merge, encrypt,
and one strict IndexedDB transaction, on charts of about 50 and about 2,000 resources. The chart
was opened before, as the visit page does. Goal: p95 at most twice that of the plain put.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from bench import figures, records
from bench.python_pages import open_on_disk
from tests.micropython import PythonPage

FOLDER = Path(__file__).parent
SOURCE = (FOLDER / "in_page" / "save_visit.py").read_text("utf-8")
PLAIN_PUT = (FOLDER / "pages" / "plain_put.js").read_text("utf-8")
CHARTS = (50, 2000)
DIRECTORY_PATIENTS = 200
COUNT = 100
WARM = 5
RATIO_MAX = 2.0


def measure(page: PythonPage, resources: int, count: int) -> None:
    patient, chart = records.make_chart(resources)
    given: dict[str, Any] = {
        "patient": patient,
        "chart": chart,
        "lines": records.make_lines(DIRECTORY_PATIENTS),
        "device": records.DEVICE,
        "author": records.AUTHOR,
        "form": records.VISIT,
        "count": count,
        "warm": WARM,
    }
    found = page.run(SOURCE, given, ms_max=300_000)
    held = len(re.findall("\n", chart)) + 1
    print(f"\nchart of {held} resources; a save writes {found['bytes']:,} bytes")
    print(figures.line("save of a visit", found["saves"]))
    print(figures.line("plain strict put of the same bytes", found["puts"]))
    print(figures.line("plain strict put of the outbox rows alone", found["small"]))
    saved, plain = (figures.percentile(found[name], 0.95) for name in ("saves", "puts"))
    halves = figures.median(found["saves"]) / figures.median(found["puts"])
    print(f"ratio of the medians {halves:.2f}")
    print(figures.verdict("ratio of p95", saved / plain, RATIO_MAX))


def main() -> None:
    parser = argparse.ArgumentParser(description="Saving a visit beside a plain strict put.")
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    print(figures.load())
    with sync_playwright() as playwright, open_on_disk(playwright) as micropython:
        for resources in CHARTS:
            page = micropython.open_page()
            page.page.evaluate(f"() => {{ {PLAIN_PUT} }}")
            measure(page, resources, options.count)
            page.page.close()


if __name__ == "__main__":
    main()
