"""The vectors of tests/vectors give the same answers on CPython and on MicroPython in the page."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from tests.micropython import PythonPage, open_micropython
from tests.vectors import run_vectors

VECTORS = sorted(Path(__file__).with_name("vectors").glob("*.json"))
CASES_MIN = 180

RUN_VECTORS = """
from tests.vectors import run_vectors

async def main(text):
    return run_vectors.run(text)
"""

# Every number with two decimals up to 1,000, as a clinician may type and a record may hold it.
PRINT_DECIMALS = """
from pwa.py.domain import json_text

async def main(_):
    wrong = []
    for hundredths in range(100000):
        text = "%d.%02d" % (hundredths // 100, hundredths % 100)
        shortest = text.rstrip("0")
        if shortest.endswith("."):
            shortest += "0"
        if json_text.dumps(json_text.loads(text)) != shortest:
            wrong.append(text)
    return wrong
"""


@pytest.fixture(scope="module")
def python_page(playwright: Playwright) -> Generator[PythonPage]:
    with open_micropython(playwright) as opened:
        yield opened.open_page()


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_cpython_answers_as_the_vectors_say(path: Path) -> None:
    assert run_vectors.run(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_micropython_answers_as_the_vectors_say(python_page: PythonPage, path: Path) -> None:
    assert python_page.run(RUN_VECTORS, path.read_text(encoding="utf-8")) == []


def test_a_difference_would_be_seen(python_page: PythonPage) -> None:
    case = '[{"call": "vitals.parse", "arguments": ["37,5"], "result": 37.6}]'
    assert python_page.run(RUN_VECTORS, case) == [["vitals.parse", ["37,5"], 37.6, 37.5]]


def test_decimals_come_out_of_micropython_as_they_went_in(python_page: PythonPage) -> None:
    assert python_page.run(PRINT_DECIMALS) == []


def test_there_are_enough_vectors() -> None:
    count = sum(path.read_text(encoding="utf-8").count('"call"') for path in VECTORS)
    assert count >= CASES_MIN
