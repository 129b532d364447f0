"""The clock: readings rise on each device whatever the wall clock does, and sort as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pwa.py.domain import clock

WALL_CLOCKS = st.lists(st.integers(min_value=-(10**13), max_value=10**16), min_size=2)


@given(WALL_CLOCKS)
def test_readings_of_one_device_always_rise(wall_clocks: list[int]) -> None:
    last = ""
    for now_ms in wall_clocks:
        reading = clock.tick(last, now_ms, "tablet")
        assert reading > last
        last = reading


@given(WALL_CLOCKS, WALL_CLOCKS)
def test_an_edit_after_seeing_another_sorts_after_it(mine: list[int], theirs: list[int]) -> None:
    seen = ""
    for now_ms in theirs:
        seen = clock.tick(seen, now_ms, "theirs")
    last = ""
    for now_ms in mine:
        last = clock.tick(last, now_ms, "mine")
    assert clock.tick(clock.latest(last, seen), mine[-1], "mine") > seen


@given(st.integers(0, clock.MILLISECONDS_MAX), st.integers(0, clock.COUNTER_MAX))
def test_a_reading_reads_back(milliseconds: int, counter: int) -> None:
    text = clock.write(milliseconds, counter, "tablet-1")
    assert clock.read(text) == (milliseconds, counter, "tablet-1")


@given(
    st.tuples(st.integers(0, clock.MILLISECONDS_MAX), st.integers(0, clock.COUNTER_MAX)),
    st.tuples(st.integers(0, clock.MILLISECONDS_MAX), st.integers(0, clock.COUNTER_MAX)),
)
def test_text_order_is_time_order(one: tuple[int, int], other: tuple[int, int]) -> None:
    texts = (clock.write(*one, "d"), clock.write(*other, "d"))
    assert (texts[0] < texts[1]) == (one < other)


def test_a_full_counter_moves_the_milliseconds() -> None:
    full = clock.write(5, clock.COUNTER_MAX, "d")
    assert clock.tick(full, 5, "d") == clock.write(6, 0, "d")


@pytest.mark.parametrize(
    "text", ["", "yesterday", "00000000000001x-0000-d", "000000000000010-00g0-d"]
)
def test_what_is_no_reading_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a timestamp"):
        clock.read(text)


@given(st.integers(0, 10**12), st.integers(0, 0xFFFF), st.sampled_from(["a", "m", "z"]))
def test_what_follows_a_reading_is_after_it_and_of_its_time(
    milliseconds: int, counter: int, device: str
) -> None:
    reading = clock.write(milliseconds, counter, "m")
    following = clock.follow(reading, device)
    assert following > reading
    assert clock.device_of(following) == device
    assert clock.milliseconds_of(following) - clock.milliseconds_of(reading) in (0, 1)
