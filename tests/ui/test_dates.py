"""Dates, ages and sizes as they stand on the page."""

from __future__ import annotations

import pytest

from pwa.py.domain.dates import to_milliseconds
from pwa.py.ui import dates

NOW = to_milliseconds("2026-11-23T04:00:00Z") or 0
JAKARTA_MINUTES = 7 * 60


@pytest.mark.parametrize(
    ("text", "indonesian", "english"),
    [
        ("1988-08-07", "7 Agu 1988", "7 Aug 1988"),
        ("1988-05", "Mei 1988", "May 1988"),
        ("1988", "1988", "1988"),
        ("soon", "soon", "soon"),
        ("", "", ""),
    ],
)
def test_a_date_is_written_as_far_as_it_is_known(text: str, indonesian: str, english: str) -> None:
    assert dates.day(text, "id") == indonesian
    assert dates.day(text, "en") == english


def test_a_moment_stands_on_the_clock_of_the_reader() -> None:
    assert dates.moment("2026-11-22T20:05:00Z", "id", JAKARTA_MINUTES) == "23 Nov 2026, 03.05"
    assert dates.moment("2026-11-22T20:05:00Z", "en", 0) == "22 Nov 2026, 20:05"
    assert dates.moment("2026-11-22", "id", JAKARTA_MINUTES) == "22 Nov 2026"


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("1988-08-07", "38 th"),
        ("2025-03-02", "20 bln"),
        ("2026-11-10", "13 hr"),
        ("1972", "± 54 th"),
        ("2030-01-01", ""),
        ("", ""),
    ],
)
def test_an_age_is_in_the_unit_that_says_something(born: str, age: str) -> None:
    assert dates.age(born, NOW, "id") == age


def test_how_long_ago() -> None:
    assert dates.ago(NOW - 30_000, NOW, "id") == "baru saja"
    assert dates.ago(NOW - 7 * 60_000, NOW, "id") == "7 menit lalu"
    assert dates.ago(NOW - 3 * 3_600_000, NOW, "en") == "3 h ago"
    assert dates.ago(NOW + 60_000, NOW, "id") == "baru saja"


def test_sizes_and_decimals() -> None:
    assert dates.size(12_400_000.0, "id") == "12,4 MB"
    assert dates.size(900.0, "en") == "900 B"
    assert dates.decimal("37.0", "id") == "37"
    assert dates.decimal("36.7", "id") == "36,7"
