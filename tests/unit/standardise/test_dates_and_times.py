"""Dates and timestamps: what a declaration may not ask for. What they read is in tests/fixtures/standardise."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest

from customer_warehouse.standardise import date_value, timestamp_value


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"order": "dmy"}, "order"),
        ({"excel": 1905}, "excel"),
        ({"pivot": 1930}, "pivot"),
        ({"pivot": "30"}, "pivot"),
        ({"pivot": 30, "roc": True}, "not both"),
        ({"earliest": "yesterday"}, "isoformat"),
    ],
)
def test_a_date_refuses_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        date_value.standardise("05/06/1990", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"time_zone": "Asia/Taibei"}, "not an IANA time zone"),
        ({"epoch": "minutes"}, "epoch"),
        ({"epoch": "seconds", "excel": True}, "not both"),
        ({"order": "dmy"}, "order"),
    ],
)
def test_a_timestamp_refuses_options_that_cannot_be(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        timestamp_value.standardise("2026-11-21", **options)


def test_a_moment_is_always_in_utc() -> None:
    moment = timestamp_value.standardise("2026-11-21T13:05:22+08:00").value

    assert moment is not None and moment.tzinfo is UTC
