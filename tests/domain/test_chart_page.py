"""Charts on their way: what was written is what is read, and all of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain import chart_page

LINE = st.text(min_size=1).map(lambda text: text.replace("\n", " "))
TEXT = st.lists(LINE, max_size=3).map("\n".join)
CHARTS = st.lists(st.tuples(st.text(), TEXT, st.integers(), st.text()).map(list), max_size=4)


@given(charts=CHARTS, cursor=st.integers())
def test_a_page_is_read_as_it_was_written(charts: list[Any], cursor: int) -> None:
    page = {"cursor": cursor, "charts": charts, "after": None}
    assert chart_page.read(chart_page.write(page)) == page


@given(charts=CHARTS.filter(bool), data=st.data())
def test_a_page_that_was_cut_off_is_not_taken(charts: list[Any], data: st.DataObject) -> None:
    text = chart_page.write({"charts": charts})
    with pytest.raises(ValueError, match=r"."):
        chart_page.read(text[: data.draw(st.integers(0, len(text) - 1))])


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"charts":5}', '{"charts":[["p",1,""]]}', "p\n\n5"]
)
def test_what_is_no_page_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        chart_page.read(text)
