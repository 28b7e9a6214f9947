"""What a DAG run means to the warehouse: which night it brings in, and when the next one starts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from airflow.sdk import CronDataIntervalTimetable

from customer_warehouse.night import Night, last_complete_night
from customer_warehouse.settings import Settings


class DagRun(Protocol):
    """The part of Airflow's DAG run that says when it is."""

    @property
    def data_interval_end(self) -> datetime | None: ...
    @property
    def logical_date(self) -> datetime | None: ...
    @property
    def run_after(self) -> datetime: ...


def night_from_context(context: Mapping[str, Any], time_zone: str) -> Night:
    """The last night that was complete at the end of the run's data interval.

    A run that was triggered by hand without dates has no interval; then its logical date counts, or when neither is
    given the moment it was asked for, which Airflow keeps with the run: running it again gives the same night.
    """
    run: DagRun = context["dag_run"]
    moment = run.data_interval_end or run.logical_date or run.run_after
    return last_complete_night(moment, time_zone)


def schedule(settings: Settings) -> CronDataIntervalTimetable | None:
    """The nightly timetable in the business time zone; None when runs start only by hand.

    A bare cron string would give a run no data interval in Airflow 3.
    """
    if settings.schedule == "none":
        return None
    return CronDataIntervalTimetable(settings.schedule, settings.business_time_zone)
