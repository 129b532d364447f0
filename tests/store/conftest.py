"""A browser with MicroPython for the tests of the store."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Playwright

from tests.micropython import Micropython, PythonPage, open_micropython


@pytest.fixture(scope="module")
def profile(playwright: Playwright) -> Generator[Micropython]:
    with open_micropython(playwright) as opened:
        yield opened


@pytest.fixture(scope="module")
def python_page(profile: Micropython) -> PythonPage:
    return profile.open_page()
