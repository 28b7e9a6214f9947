"""Which night a DAG run brings in, and which runs the schedule makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from hypothesis import given
from hypothesis import strategies as st
from pendulum import DateTime

from customer_warehouse.night import night_of
from customer_warehouse.orchestration.context import night_from_context, schedule
from customer_warehouse.settings import Settings

TAIPEI = "Asia/Taipei"
ZONES = ("Asia/Taipei", "UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe")


@dataclass
class Run:
    """The part of a DAG run that says when it is."""

    data_interval_end: datetime | None = None
    logical_date: datetime | None = None
    run_after: datetime = datetime(2030, 1, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def night(run: Run, zone: str = TAIPEI) -> date:
    return night_from_context({"dag_run": run}, zone).date


def test_the_night_ends_where_the_data_interval_does() -> None:
    run = Run(data_interval_end=utc("2026-11-21T16:00"), logical_date=utc("2026-11-20T16:00"))

    found = night_from_context({"dag_run": run}, TAIPEI)

    assert (found.date, found.as_of) == (date(2026, 11, 21), utc("2026-11-21T16:00"))


def test_a_run_that_ends_after_midnight_brings_in_the_day_before() -> None:
    assert night(Run(data_interval_end=utc("2026-11-21T18:00"))) == date(2026, 11, 21)


def test_a_run_that_ends_before_midnight_does_not_take_the_day_that_is_not_over() -> None:
    assert night(Run(data_interval_end=utc("2026-11-21T15:59"))) == date(2026, 11, 20)


def test_without_an_interval_the_logical_date_counts() -> None:
    assert night(Run(logical_date=utc("2026-11-22T00:00"))) == date(2026, 11, 21)


def test_without_either_the_moment_it_was_asked_for_counts() -> None:
    assert night(Run(run_after=utc("2026-11-22T03:00"))) == date(2026, 11, 21)


def test_the_same_run_has_the_same_ledger_run_id_whenever_it_is_run() -> None:
    run = Run(data_interval_end=utc("2026-11-21T16:00"))

    assert night_from_context({"dag_run": run}, TAIPEI).run_id == "night__2026-11-21"


@given(day=st.dates(date(2020, 1, 1), date(2035, 12, 31)), zone=st.sampled_from(ZONES))
def test_every_day_is_some_runs_night(day: date, zone: str) -> None:
    end = night_of(day, zone).as_of

    assert night(Run(data_interval_end=end), zone) == day
    assert night(Run(data_interval_end=end + timedelta(hours=22)), zone) == day
    assert night(Run(data_interval_end=end - timedelta(microseconds=1)), zone) == day - timedelta(days=1)


def test_no_schedule_means_by_hand_only() -> None:
    assert schedule(Settings(schedule="none")) is None


@pytest.mark.parametrize(
    ("cron", "zone", "after", "start", "end"),
    [
        ("0 0 * * *", "Asia/Taipei", "2026-11-20T16:00", "2026-11-20T16:00", "2026-11-21T16:00"),
        ("0 2 * * *", "Asia/Taipei", "2026-11-20T18:00", "2026-11-20T18:00", "2026-11-21T18:00"),
        ("0 0 * * *", "Europe/London", "2026-03-29T00:00", "2026-03-29T00:00", "2026-03-29T23:00"),
        ("0 0 * * *", "Europe/London", "2026-10-24T23:00", "2026-10-24T23:00", "2026-10-26T00:00"),
    ],
    ids=["midnight in Taipei", "2 a.m. in Taipei", "the short day of London", "the long day of London"],
)
def test_the_schedule_gives_runs_an_interval_of_one_business_day(
    cron: str, zone: str, after: str, start: str, end: str
) -> None:
    made = schedule(Settings(schedule=cron, business_time_zone=zone))
    assert made is not None
    timetable = CronDataIntervalTimetable(cron, zone)
    assert type(made).__name__ == type(timetable).__name__

    info = timetable.next_dagrun_info(
        last_automated_data_interval=None,
        restriction=TimeRestriction(DateTime.fromisoformat(f"{after}+00:00"), None, catchup=True),
    )

    assert info is not None
    assert (info.data_interval.start, info.data_interval.end) == (utc(start), utc(end))
    local = night_from_context({"dag_run": Run(data_interval_end=info.data_interval.end)}, zone)
    assert local.date == info.data_interval.start.astimezone(ZoneInfo(zone)).date()
