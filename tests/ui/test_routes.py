"""Addresses of pages, there and back."""

from __future__ import annotations

import pytest

from pwa.py.ui import routes


@pytest.mark.parametrize(
    ("route", "page"),
    [
        ("", ("patients", "")),
        ("/", ("patients", "")),
        ("/patients", ("patients", "")),
        (routes.REGISTER, ("register", "")),
        (routes.SYNC, ("sync", "")),
        (routes.chart("p1"), ("chart", "p1")),
        (routes.visit("p1"), ("visit", "p1")),
        (routes.REVIEW, ("review", "")),
        (routes.review("p1"), ("review", "p1")),
        (routes.history("p1", "Condition/c9"), ("history", "p1/Condition/c9")),
        (routes.judgement("p1", "Condition/c9"), ("judgement", "p1/Condition/c9")),
        ("/review/p1/more", ("missing", "")),
        ("/patients/p1/history", ("missing", "")),
        ("/patients/p1/other", ("missing", "")),
        ("/nowhere", ("missing", "")),
    ],
)
def test_an_address_names_a_page(route: str, page: tuple[str, str]) -> None:
    assert routes.parse(route) == page
