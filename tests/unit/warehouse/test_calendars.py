"""The calendars of the dbt project are what their packages say, and what people know of these days."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from unit.warehouse import calendars

WORKED = {
    # The State Council's notices for 2020 (with the extension of January 2020) and 2025.
    ("cn", "2020-01-31"): False,
    ("cn", "2020-02-01"): False,
    ("cn", "2025-01-26"): True,
    ("cn", "2025-10-08"): False,
    ("cn", "2025-10-11"): True,
    # Taiwan's Directorate-General of Personnel Administration for 2024, and its end of exchanged Saturdays.
    ("tw", "2024-02-08"): False,
    ("tw", "2024-02-17"): True,
    ("hk", "2026-04-07"): False,
    ("us", "2026-11-26"): False,
    ("gb", "2011-04-29"): False,
}
"""Days that were worked or off, by calendar."""


@pytest.mark.parametrize("name", ["holidays.csv", "festival_dates.csv", "lunar_months.csv"])
def test_a_seed_is_what_make_calendars_makes(name: str) -> None:
    assert (calendars.SEEDS / name).read_text(encoding="utf-8") == calendars.seeds()[name], "run `make calendars`"


@pytest.mark.parametrize(("calendar", "day"), WORKED)
def test_a_day_off_and_the_weekend_worked_for_it_are_those_that_were_announced(calendar: str, day: str) -> None:
    with (calendars.SEEDS / "holidays.csv").open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if (row["calendar"], row["business_date"]) == (calendar, day)]

    assert [row["is_workday"] for row in found] == [str(WORKED[calendar, day]).lower()]


@pytest.mark.parametrize(
    ("rule", "year", "day"),
    [
        ("11-11", 2026, "2026-11-11"),
        ("lunar 1-1", 2015, "2015-02-19"),
        ("lunar 1-1", 2033, "2033-01-31"),
        ("lunar 8-15", 2025, "2025-10-06"),
        ("lunar 5-5", 2035, "2035-06-10"),
        ("lunar 7-7", 2025, "2025-08-29"),
        ("05 sun 2", 2026, "2026-05-10"),
        ("11 thu 4 +1", 2029, "2029-11-23"),
        ("easter", 2011, "2011-04-24"),
        ("qingming", 2024, "2024-04-04"),
    ],
)
def test_a_rule_finds_the_day(rule: str, year: int, day: str) -> None:
    assert calendars.day_of(rule, year) == date.fromisoformat(day)


def test_a_rule_that_says_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="is no rule for a day"):
        calendars.day_of("in spring some day soon", 2026)
