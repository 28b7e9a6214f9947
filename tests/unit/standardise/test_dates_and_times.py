"""Dates and timestamps: calendars, orders, zones, and days that never were."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from customer_warehouse.standardise import date_value, timestamp_value
from unit.standardise.realistic import full_width


@pytest.mark.parametrize(
    ("raw", "options"),
    [
        pytest.param("1990-05-06", {}, id="ISO"),
        pytest.param("1990/5/6", {}, id="slashes"),
        pytest.param("1990.05.06", {}, id="dots"),
        pytest.param(full_width("1990-05-06"), {}, id="full width"),
        pytest.param("19900506", {}, id="digits only"),
        pytest.param("1990年5月6日", {}, id="Chinese"),
        pytest.param("民國79年5月6日", {}, id="Republic of China"),
        pytest.param("民國079/05/06", {}, id="Republic of China with slashes"),
        pytest.param("79/05/06", {"roc": True}, id="Republic of China, declared"),
        pytest.param("0790506", {"roc": True}, id="Republic of China, seven digits"),
        pytest.param("790506", {"roc": True}, id="Republic of China, six digits"),
        pytest.param("6/5/1990", {"order": "day"}, id="day first"),
        pytest.param("5/6/1990", {"order": "month"}, id="month first"),
        pytest.param("6 May 1990", {}, id="English, day first"),
        pytest.param("May 6th, 1990", {}, id="English, month first"),
        pytest.param("06-MAY-1990", {}, id="English, short"),
        pytest.param("1990-05-06 00:00:00", {}, id="with a time"),
        pytest.param("1990-05-06T00:00:00+08:00", {}, id="with a time and an offset"),
        pytest.param("1990/5/6 上午 12:00:00", {}, id="with a Chinese time"),
        pytest.param("32999", {"excel": True}, id="Excel serial"),
        pytest.param("32999.5", {"excel": True}, id="Excel serial with a time"),
    ],
)
def test_one_day_written_in_many_ways(raw: str, options: dict[str, Any]) -> None:
    assert date_value.standardise(raw, **options).value == date(1990, 5, 6)


@pytest.mark.parametrize(
    ("raw", "options", "reason"),
    [
        pytest.param("1990-02-30", {}, "impossible_date", id="30 February"),
        pytest.param("1988-13-05", {}, "impossible_date", id="month 13"),
        pytest.param("1900-02-29", {}, "impossible_date", id="no leap year"),
        pytest.param("60", {"excel": True}, "impossible_date", id="Excel's own 29 February 1900"),
        pytest.param("05/06/1990", {}, "ambiguous_date", id="day or month first"),
        pytest.param("79/05/06", {}, "ambiguous_date", id="which calendar"),
        pytest.param("soon", {}, "not_a_date", id="a word"),
        pytest.param("32999", {}, "not_a_date", id="a serial that is not declared"),
        pytest.param("1990-05-06" * 10, {}, "not_a_date", id="too long"),
        pytest.param("2031-05-01", {"latest": "2026-11-21"}, "date_out_of_range", id="after the last day"),
        pytest.param("2031-05-01", {"latest": "2026-11-21T16:00:00+00:00"}, "date_out_of_range", id="after the night"),
        pytest.param("1875-06-15", {"earliest": "1900-01-01"}, "date_out_of_range", id="before the first day"),
        pytest.param("0000-00-00", {}, "placeholder", id="zeros"),
        pytest.param("1900-01-01", {}, "placeholder", id="a system's first day"),
        pytest.param("1990-01-01", {"placeholders": ["1990-01-01"]}, "placeholder", id="a declared placeholder"),
        pytest.param("不明", {}, "placeholder", id="not known"),
    ],
)
def test_what_is_no_day_is_refused(raw: str, options: dict[str, Any], reason: str) -> None:
    assert date_value.standardise(raw, **options).reason == reason


def test_a_day_that_forms_begin_with_is_kept_and_flagged() -> None:
    answer = date_value.standardise("1990-01-01")
    assert (answer.value, answer.flags) == (date(1990, 1, 1), ("suspected_placeholder",))


def test_an_order_that_is_none_is_an_error_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="order"):
        date_value.standardise("05/06/1990", order="year")


@pytest.mark.parametrize(
    ("raw", "options"),
    [
        pytest.param("2026-11-21T13:05:22+08:00", {}, id="offset"),
        pytest.param("2026-11-21T05:05:22Z", {}, id="UTC"),
        pytest.param("2026-11-21T05:05:22.000000999Z", {}, id="nanoseconds are cut off"),
        pytest.param("2026-11-21 05:05:22+00", {}, id="PostgreSQL"),
        pytest.param("20261121T050522Z", {}, id="compact"),
        pytest.param("2026-11-21 13:05:22", {"time_zone": "Asia/Taipei"}, id="local"),
        pytest.param("2026/11/21 13:05:22", {"time_zone": "Asia/Taipei"}, id="local with slashes"),
        pytest.param("2026/11/21 下午 01:05:22", {"time_zone": "Asia/Taipei"}, id="Chinese half day"),
        pytest.param("2026/11/21 1:05:22 PM", {"time_zone": "Asia/Taipei"}, id="English half day"),
        pytest.param(full_width("2026-11-21 13:05:22"), {"time_zone": "Asia/Taipei"}, id="full width"),
        pytest.param("2026-11-21T05:05:22Z", {"time_zone": "Asia/Taipei"}, id="an offset wins over the zone"),
        pytest.param(
            "21.11.2026 13-05-22", {"time_zone": "Asia/Taipei", "format": "%d.%m.%Y %H-%M-%S"}, id="declared format"
        ),
    ],
)
def test_one_moment_written_in_many_ways(raw: str, options: dict[str, Any]) -> None:
    answer = timestamp_value.standardise(raw, **options)
    assert answer.value == datetime(2026, 11, 21, 5, 5, 22, tzinfo=UTC)
    assert answer.value.tzinfo is UTC


@pytest.mark.parametrize(
    ("local", "moment"),
    [
        pytest.param("2026-11-01 01:30:00", "2026-11-01T05:30:00+00:00", id="happens twice: the first, in summer time"),
        pytest.param("2026-03-08 02:30:00", "2026-03-08T07:30:00+00:00", id="is skipped: by the offset before"),
        pytest.param("2026-03-08 03:00:00", "2026-03-08T07:00:00+00:00", id="the first minute after"),
    ],
)
def test_a_local_time_that_a_clock_change_makes_doubtful_is_decided(local: str, moment: str) -> None:
    assert timestamp_value.standardise(local, time_zone="America/New_York").value == datetime.fromisoformat(moment)


@pytest.mark.parametrize(
    ("raw", "options", "reason"),
    [
        pytest.param("2026-11-21 13:05:22", {}, "no_time_zone", id="local without a zone"),
        pytest.param("2026-02-30T00:00:00Z", {}, "impossible_timestamp", id="30 February"),
        pytest.param("2026-11-21T24:00:00Z", {}, "impossible_timestamp", id="hour 24"),
        pytest.param("2026-11-21T23:59:60Z", {}, "impossible_timestamp", id="leap second"),
        pytest.param("2026/11/21 下午 13:05", {}, "impossible_timestamp", id="hour 13 of a half day"),
        pytest.param("0001-01-01T00:00:00+14:00", {}, "impossible_timestamp", id="before the calendar"),
        pytest.param("soon", {}, "not_a_timestamp", id="a word"),
        pytest.param("1763701522", {}, "not_a_timestamp", id="seconds of an epoch"),
        pytest.param("2026-11-21", {"format": "%d.%m.%Y"}, "not_a_timestamp", id="not in the declared format"),
        pytest.param("0000-00-00 00:00:00", {}, "placeholder", id="zeros"),
    ],
)
def test_what_is_no_moment_is_refused(raw: str, options: dict[str, Any], reason: str) -> None:
    assert timestamp_value.standardise(raw, **options).reason == reason


def test_an_unknown_zone_is_an_error_of_the_declaration() -> None:
    with pytest.raises(ValueError, match="not an IANA time zone"):
        timestamp_value.standardise("2026-11-21", time_zone="Asia/Taibei")
