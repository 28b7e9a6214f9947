"""What is usual: the band of a measure, learned from nights before."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from statistics import median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_warehouse.quality.band import ENOUGH_NIGHTS, ENOUGH_WEEKDAYS, Past, band_of
from customer_warehouse.quality.expectation_files import Measure

NIGHT = date(2026, 11, 21)


def measure(**changes: Any) -> Measure:
    declared = {"kind": "count", "sql": ["select 1"], "compare": "nights", "tolerance": 0.1, **changes}
    return Measure.model_validate(declared)


def nights(*values: float, every: int = 1) -> list[Past]:
    """Values of the nights before, the last one first."""
    return [Past(NIGHT - timedelta(days=every * (place + 1)), value) for place, value in enumerate(values)]


@pytest.mark.parametrize("known", range(ENOUGH_NIGHTS))
def test_a_few_nights_are_no_baseline(known: int) -> None:
    assert band_of(measure(), NIGHT, nights(*[100.0] * known)) is None


def test_nights_after_this_one_and_nights_long_ago_teach_nothing() -> None:
    later = [Past(NIGHT + timedelta(days=day), 100.0) for day in range(20)]
    long_ago = [Past(NIGHT - timedelta(days=day), 100.0) for day in range(70, 100)]

    assert band_of(measure(), NIGHT, later + long_ago) is None
    assert band_of(measure(compare="weekday"), NIGHT, later + long_ago) is None


def test_enough_nights_of_the_same_weekday_are_compared_with_themselves_only() -> None:
    saturdays = nights(*[200.0] * ENOUGH_WEEKDAYS, every=7)
    others = [Past(NIGHT - timedelta(days=day), 100.0) for day in range(1, 40) if day % 7]

    band = band_of(measure(compare="weekday"), NIGHT, saturdays + others)

    assert band is not None
    assert band.nights == ENOUGH_WEEKDAYS
    assert band.holds(200)
    assert not band.holds(100)


def test_until_there_are_enough_every_day_of_the_week_is_usual() -> None:
    week = nights(100.0, 101.0, 99.0, 100.0, 102.0, 98.0, 200.0)

    band = band_of(measure(compare="weekday"), NIGHT, week)

    assert band is not None
    assert band.holds(200)
    assert not band.holds(300)
    assert not band.holds(0)


def test_a_count_is_never_held_to_less_than_the_noise_of_counting() -> None:
    band = band_of(measure(tolerance=0.01), NIGHT, nights(*[25.0] * 10))

    assert band is not None
    assert band.low is not None and band.high is not None
    assert (round(band.low, 2), round(band.high, 2)) == (7.56, 52.56)
    assert not band.holds(0)


def test_a_share_of_few_is_held_to_less_than_a_share_of_many() -> None:
    share = measure(kind="share", tolerance=None, at_least=0.01)
    few, many = (band_of(share, NIGHT, nights(*[0.9] * 10), whole) for whole in (10.0, 10_000.0))

    assert few is not None and many is not None
    assert few.holds(0.7)
    assert not many.holds(0.88)


def test_two_bad_nights_do_not_move_what_is_usual() -> None:
    good = band_of(measure(), NIGHT, nights(*[1000.0] * 12))
    with_bad = band_of(measure(), NIGHT, nights(0, 5000, *[1000.0] * 10))

    assert good is not None and with_bad is not None
    assert (good.low, good.high) == (with_bad.low, with_bad.high)


def test_a_new_level_becomes_usual() -> None:
    band = band_of(measure(), NIGHT, nights(*[2000.0] * 15, *[1000.0] * 13))

    assert band is not None
    assert band.holds(2000)


@pytest.mark.parametrize(
    ("alarm", "low", "high"), [("low", False, True), ("high", True, False), ("both", False, False)]
)
def test_only_the_side_that_is_asked_for_alarms(alarm: str, low: bool, high: bool) -> None:
    band = band_of(measure(alarm=alarm), NIGHT, nights(*[1000.0] * 10))

    assert band is not None
    assert (band.holds(0), band.holds(9000)) == (low, high)


@given(
    st.lists(st.floats(0, 1e9), min_size=ENOUGH_NIGHTS, max_size=28),
    st.sampled_from(["count", "number"]),
    st.sampled_from(["weekday", "nights"]),
)
def test_the_median_of_the_nights_is_always_usual(values: list[float], kind: str, compare: str) -> None:
    band = band_of(measure(kind=kind, compare=compare), NIGHT, nights(*values))

    assert band is not None
    assert band.holds(median(values))


@given(st.lists(st.floats(0, 1), min_size=ENOUGH_NIGHTS, max_size=28), st.floats(0.6, 1e6))
def test_the_order_of_the_nights_does_not_matter(values: list[float], whole: float) -> None:
    share = measure(kind="share", tolerance=None, at_least=0.01)
    past = nights(*values)

    assert band_of(share, NIGHT, past, whole) == band_of(share, NIGHT, past[::-1], whole)


WEEK = (1.0, 0.9, 0.95, 1.0, 1.3, 1.8, 1.6)
"""A shop's week, Monday first: twice as much is sold on a Saturday as on a Tuesday."""


def shop(random: Random, level: float, days: int) -> list[Past]:
    """Nights of a shop that grows by a third a year, sells by the weekday, and has better and worse days."""
    first = NIGHT - timedelta(days=days)
    found = []
    for day in (first + timedelta(days=n) for n in range(days)):
        mean = level * WEEK[day.weekday()] * (1 + 0.33 * (day - first).days / 365) * random.lognormvariate(0, 0.12)
        found.append(Past(day, max(0.0, round(random.gauss(mean, mean**0.5)))))
    return found


@pytest.mark.parametrize("level", [12, 120, 5000])
def test_ordinary_nights_seldom_alarm(level: float) -> None:
    """Fifteen shops over 120 nights each."""
    random, alarms, judged = Random(7), 0, 0
    orders = measure(compare="weekday", tolerance=0.5)
    for _ in range(15):
        past = shop(random, level, 120)
        for place, tonight in enumerate(past):
            band = band_of(orders, tonight.night, past[:place])
            judged += band is not None
            alarms += band is not None and not band.holds(tonight.observed)

    assert judged > 15 * 100
    assert alarms / judged < 1 / 500, f"{alarms} of {judged}"


@pytest.mark.parametrize(("fault", "level", "allowed"), [(0.0, 12, 0), (0.0, 5000, 0), (2.2, 120, 5), (2.2, 5000, 0)])
def test_a_frozen_or_a_doubled_feed_alarms(fault: float, level: float, allowed: int) -> None:
    random, missed = Random(7), 0
    orders = measure(compare="weekday", tolerance=0.5)
    for _ in range(50):
        past = shop(random, level, 70)
        band = band_of(orders, past[-1].night, past[:-1])
        assert band is not None
        missed += band.holds(past[-1].observed * fault)

    assert missed <= allowed, missed
