"""The vectors of tests/vectors give the same answers on CPython and on MicroPython in the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vectors import run_vectors

VECTORS = sorted(Path(__file__).with_name("vectors").glob("*.json"))


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_cpython_answers_as_the_vectors_say(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert run_vectors.run(text) == []


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 8
