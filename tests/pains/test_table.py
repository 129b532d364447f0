"""Every complaint in docs/pains.md has the test that it names, and no test is left out of it."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNT = 25


def test_every_pain_has_its_test() -> None:
    table = (ROOT / "docs" / "pains.md").read_text()
    rows = re.findall(r"^\| (\d+) \|.*`test_pain_(\d\d)_`", table, re.MULTILINE)
    assert [(int(row), int(named)) for row, named in rows] == [
        (at, at) for at in range(1, COUNT + 1)
    ]
    written: set[int] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        found = re.findall(r"^(?:async )?def test_pain_(\d\d)_", path.read_text(), re.MULTILINE)
        written |= {int(number) for number in found}
    assert written == set(range(1, COUNT + 1))
