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


def test_a_birth_date_stands_with_the_age() -> None:
    assert dates.birth("1988-08-07", NOW, "id") == "7 Agu 1988 · 38 th"
    assert dates.birth("2026-08", NOW, "en") == "Aug 2026 · 3 mo"
    assert dates.birth("2030-01-01", NOW, "id") == "1 Jan 2030"
    assert dates.birth("", NOW, "id") == ""


@pytest.mark.parametrize(
    ("age", "unit", "born"),
    [
        ("36", "years", "1990"),
        ("0", "years", "2026"),
        (" 7 ", "months", "2026-04"),
        ("11", "months", "2025-12"),
        ("0", "months", "2026-11"),
        ("131", "years", ""),
        ("3.5", "years", ""),
        ("-1", "months", ""),
        ("", "years", ""),
    ],
)
def test_a_birth_is_estimated_from_an_age(age: str, unit: str, born: str) -> None:
    assert dates.estimated_birth(age, unit, "2026-11-23") == born


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


def test_numbers_have_at_most_two_decimals_and_units_no_annotations() -> None:
    assert dates.number(56.94038503690722, "id") == "56,94"
    assert dates.number(7, "id") == "7"
    assert dates.plain_unit("{score}") == ""
    assert dates.plain_unit("mL/min/{1.73_m2}") == "mL/min"
    assert dates.plain_unit("10*3/uL") == "10*3/uL"
    assert dates.plain_unit("{odd") == "{odd"
