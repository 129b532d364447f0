"""Figures: medians and percentiles of what was timed, printed the same way by every benchmark."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence

Times = Sequence[float]


def percentile(values: Times, share: float) -> float:
    """The smallest value that `share` (0 to 1) of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(share * 1000) * len(ordered) // 1000) - 1)]


def median(values: Times) -> float:
    return statistics.median(values)


def line(what: str, values: Times) -> str:
    """p50, p95, and the whole spread, in milliseconds."""
    return (
        f"{what:44} p50 {median(values):8.1f}   p95 {percentile(values, 0.95):8.1f}   "
        f"({min(values):.1f} to {max(values):.1f}, n = {len(values)})"
    )


def verdict(what: str, measured: float, goal: float, unit: str = "") -> str:
    word = "met" if measured <= goal else "MISSED"
    return f"goal {what}: {measured:.2f}{unit}, at most {goal:g}{unit}: {word}"


def verdict_min(what: str, measured: float, goal: float, unit: str = "") -> str:
    word = "met" if measured >= goal else "MISSED"
    return f"goal {what}: {measured:.2f}{unit}, at least {goal:g}{unit}: {word}"


def load() -> str:
    """How busy the machine was: these figures are of one that others share."""
    one, five, _ = os.getloadavg()
    return f"load {one:.1f} (1 min), {five:.1f} (5 min) on {os.cpu_count()} cores"
