"""Calendars as seeds of the dbt project: days off and make-up workdays, festivals, months of the lunar calendar.

Run as a program it writes `holidays.csv`, `festival_dates.csv` and `lunar_months.csv`: `make calendars`. Days off are
those of the package `holidays` (for the mainland the notices of the State Council's General Office), lunar months those
of the package `lunar_python`; both are only needed here, never in a night.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import holidays
from dateutil.easter import easter
from lunar_python import LunarYear, Solar

SEEDS = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds"
YEARS = range(2009, 2036)
"""The years whose days off are known by date or by rule."""
LUNAR_YEARS = range(1920, 2037)
"""From the birthdays of the oldest customers on."""
LANGUAGES = {"tw": "zh_TW", "cn": "zh_CN", "hk": "zh_HK", "us": "en_US", "gb": "en_GB"}
ENGLISH = {"hk": "en_HK", "gb": "en_GB"}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Rows = list[tuple[str, ...]]


@cache
def seeds() -> dict[str, str]:
    """The name of each seed with its text."""
    return {
        "holidays.csv": _text(("calendar", "business_date", "is_workday", "name_en", "name_local"), _holidays()),
        "festival_dates.csv": _text(("festival", "festival_date"), _festival_dates()),
        "lunar_months.csv": _text(("first_date", "lunar_year", "lunar_month", "is_leap_month"), _lunar_months()),
    }


def day_of(rule: str, year: int) -> date:
    """The day of a festival in `year` by its rule in `festivals.csv`.

    `11-11` is that day, `lunar 8-15` the day of the lunar year that begins in `year`, `05 sun 2` the second Sunday of
    May, `11 thu 4 +1` the day after the fourth Thursday of November; `easter` and `qingming` are themselves. Raises
    ValueError for any other rule.
    """
    words = rule.split()
    match words:
        case ["easter"]:
            return easter(year)
        case ["qingming"]:
            return _date(Solar.fromYmd(year, 4, 1).getLunar().getJieQiTable()["清明"])
        case ["lunar", day]:
            month, number = map(int, day.split("-"))
            return _first_of_lunar_month(year, month) + timedelta(days=number - 1)
        case [month, weekday, number, *later] if weekday in WEEKDAYS:
            first = date(year, int(month), 1)
            wait = (WEEKDAYS.index(weekday) - first.weekday()) % 7 + 7 * (int(number) - 1)
            return first + timedelta(days=wait + sum(map(int, later)))
        case [day] if "-" in day:
            return date.fromisoformat(f"{year}-{day}")
    raise ValueError(f"{rule!r} is no rule for a day")


def _holidays() -> Rows:
    """The days off of each calendar, and the days at a weekend that are worked for them."""
    rows: Rows = []
    for calendar, language in LANGUAGES.items():
        english = _days_off(calendar, ENGLISH.get(calendar, "en_US"), YEARS)
        local = _days_off(calendar, language, YEARS)
        days = {day: (_with_iso_dates(name), local[day]) for day, name in english.items() if day.year in YEARS}
        off = [(calendar, day.isoformat(), "false", *names) for day, names in sorted(days.items())]
        made_up = [
            (calendar, day.isoformat(), "true", "Make-up workday", "調整上班日" if calendar == "tw" else "调休上班日")
            for day in sorted(english.weekend_workdays)
            if day.year in YEARS
        ]
        rows += sorted(off + made_up)
    return rows


def _with_iso_dates(name: str) -> str:
    return re.sub(r"(\d\d)/(\d\d)/(\d{4})", r"\3-\1-\2", name)


def _days_off(calendar: str, language: str, years: Sequence[int]) -> holidays.HolidayBase:
    return holidays.country_holidays(calendar.upper(), years=years, language=language)


def _festival_dates() -> Rows:
    with (SEEDS / "festivals.csv").open(encoding="utf-8", newline="") as file:
        rules = [(row["festival"], row["rule"]) for row in csv.DictReader(file)]
    return [(festival, day_of(rule, year).isoformat()) for festival, rule in rules for year in YEARS]


def _lunar_months() -> Rows:
    return [
        (first.isoformat(), str(year), str(abs(month)), str(month < 0).lower())
        for year in LUNAR_YEARS
        for first, month in _months_of(year)
    ]


def _months_of(year: int) -> Iterator[tuple[date, int]]:
    """The months of a lunar year with their first days; a leap month has the number before it, negative."""
    for month in LunarYear.fromYear(year).getMonthsInYear():
        yield _date(Solar.fromJulianDay(month.getFirstJulianDay())), month.getMonth()


def _first_of_lunar_month(year: int, month: int) -> date:
    return next(first for first, number in _months_of(year) if number == month)


def _date(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def _text(header: Sequence[str], rows: Rows) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


if __name__ == "__main__":
    for name, text in seeds().items():
        (SEEDS / name).write_text(text, encoding="utf-8")
