"""Opening a chart of about 2,000 resources: read, decrypt, fold, paint; whole and in parts.

    python -m bench.chart [--count N]

The chart's own page opens it, under the app's style sheets, and layout is done before the clock
stops. A short chart is opened between, as people do. Goal: 100 ms.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench import figures, records
from bench.python_pages import open_on_disk

ROOT = Path(__file__).parent.parent
SOURCE = (ROOT / "bench" / "in_page" / "open_chart.py").read_text("utf-8")
STYLES = ("pwa/vendor/pico/pico.min.css", "pwa/app.css", "pwa/pages.css")
# Sheets made by script are allowed under the page's policy; a <style> would not be.
ADOPT = """(texts) => {
  document.adoptedStyleSheets = texts.map((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    return sheet;
  });
}"""
RESOURCES = 2000
SHORT = 50
COUNT = 40
WARM = 4
GOAL_MS = 100


def adopt_styles(page: Page) -> None:
    page.evaluate(ADOPT, [(ROOT / name).read_text("utf-8") for name in STYLES])


def main() -> None:
    parser = argparse.ArgumentParser(description="Opening a chart of 2,000 resources.")
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    print(figures.load())
    charts = [records.make_chart(RESOURCES, 1), records.make_chart(SHORT, 2)]
    given: dict[str, Any] = {
        "charts": charts,
        "device": records.DEVICE,
        "author": records.AUTHOR,
        "count": options.count,
        "warm": WARM,
    }
    with sync_playwright() as playwright, open_on_disk(playwright) as micropython:
        page = micropython.open_page()
        adopt_styles(page.page)
        found = page.run(SOURCE, given, ms_max=240_000)
    text = charts[0][1]
    print(f"chart of {text.count(chr(10)) + 1} resources, {len(text):,} characters")
    print(figures.line("open: read, decrypt, fold, paint", found["whole"]))
    for name, times in found["parts"].items():
        print(figures.line("  " + name, times))
    print(figures.verdict("p50", figures.median(found["whole"]), GOAL_MS, " ms"))
    print(figures.verdict("p95", figures.percentile(found["whole"], 0.95), GOAL_MS, " ms"))


if __name__ == "__main__":
    main()
