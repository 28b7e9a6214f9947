"""Tasks around the steps of the line: each calls one plain function, and keeps personal data out of Airflow.

Airflow logs what a task raises and stores what it returns. So a task returns nothing but a date, and an error that may
quote a row (a database driver's does) is logged as its type and its place in the code.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from airflow.sdk import Asset, get_current_context, task
from airflow.sdk.exceptions import AirflowFailException

from customer_warehouse import pipeline
from customer_warehouse.night import Night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.orchestration.context import night_from_context
from customer_warehouse.settings import Settings

MARTS = Asset("customer_warehouse_marts")
"""Updated by publishing; the segment activation is scheduled on it."""
DEFAULTS = {
    "retries": 1,
    "retry_exponential_backoff": 2.0,
    "execution_timeout": timedelta(hours=4),
}
"""Every task's policy unless it says otherwise; Airflow's settings `default_task_retry_delay` and
`max_task_retry_delay` give the first wait and the longest.
"""

CLOSING: dict[str, Any] = {
    "trigger_rule": "all_done",
    "retries": 2,
    "show_return_value_in_logs": False,
    "doc_md": "Close the run in the ledger as its tasks ended; fails when one of them did, and the DAG run with it.",
}
"""The policy of a DAG's last task."""
CHECKED = "The border checks of {}: `ops.checks` has each with its result, its reason and what to do."

log = logging.getLogger(__name__)


class TaskError(Exception):
    """A step failed with an unexpected error, named by its type; Airflow may try it again."""


def step(name: str, work: Callable[[Settings, Night], None], **policy: Any) -> Any:
    """A task of the nightly that calls `work` with the run's night."""

    @task(task_id=name, show_return_value_in_logs=False, **{"doc_md": work.__doc__, **policy})
    def run() -> None:
        settings = Settings.from_environment()
        with told_without_rows():
            work(settings, night_from_context(get_current_context(), settings.business_time_zone))

    return run()


def read_source(source: str) -> Any:
    """A task that lands one source. It asks the outside world, so a stage error is worth another try too."""

    @task(task_id=source, retries=2, show_return_value_in_logs=False, doc_md=f"Read {source} and land it in `raw`.")
    def run() -> None:
        settings = Settings.from_environment()
        with told_without_rows(worth_another_try=True):
            pipeline.extract(settings, night_from_context(get_current_context(), settings.business_time_zone), source)

    return run()


def check(stage: str) -> Any:
    """A task of the nightly that runs the border checks of `stage`."""
    return step(
        f"check_{stage}", lambda settings, night: pipeline.check(settings, night, stage), doc_md=CHECKED.format(stage)
    )


def close_night() -> Any:
    """The last task of the nightly: it waits for all others and closes the run as they ended."""

    @task(task_id="close_night", **CLOSING)
    def run() -> None:
        settings = Settings.from_environment()
        night = night_from_context(get_current_context(), settings.business_time_zone)
        with told_without_rows():
            _close(settings, night.run_id)

    return run()


def open_activation() -> Any:
    """The first task of the activation: it opens the run of the published night and passes that night's date on."""

    @task(task_id="open_activation", show_return_value_in_logs=False, doc_md=pipeline.open_activation.__doc__)
    def run() -> str:
        settings = Settings.from_environment()
        with told_without_rows():
            night = pipeline.published_night(settings)
            pipeline.open_activation(settings, night)
        return night.date.isoformat()

    return run()


def activation_step(name: str, work: Callable[[Settings, Night], None], night: Any, **policy: Any) -> Any:
    """A task of the activation that calls `work` with the night that `open_activation` gave."""

    @task(task_id=name, show_return_value_in_logs=False, **{"doc_md": work.__doc__, **policy})
    def run(day: str) -> None:
        settings = Settings.from_environment()
        with told_without_rows():
            work(settings, pipeline.activation_night(settings, date.fromisoformat(day)))

    return run(night)


def check_activation(night: Any) -> Any:
    """A task that runs the border checks of the segments."""
    return activation_step(
        "check_activation",
        lambda settings, night: pipeline.check(settings, night, "activation"),
        night,
        doc_md=CHECKED.format("activation"),
    )


def close_activation(night: Any) -> Any:
    """The last task of the activation: it closes the run as the others ended."""

    @task(task_id="close_activation", **CLOSING)
    def run(day: str | None) -> None:
        settings = Settings.from_environment()
        with told_without_rows():
            if day is None:
                raise StageError("The activation could not be opened; the log of open_activation says why.")
            _close(settings, pipeline.activation_night(settings, date.fromisoformat(day)).run_id)

    return run(night)


@contextmanager
def told_without_rows(*, worth_another_try: bool = False) -> Iterator[None]:
    """Turn what the block raises into an error without data; a stage error is final unless it is `worth_another_try`.

    The errors behind it are left out too: a driver's message may quote a row.
    """
    try:
        yield
    except AirflowFailException:
        raise
    except StageError as error:
        kind = StageError if worth_another_try else AirflowFailException
        raise kind(str(error)) from None
    except Exception as error:
        frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
        log.error("%s at\n%s", _kind(error), frames)
        raise TaskError(f"{_kind(error)}; its place in the code is logged above.") from None


def _kind(error: Exception) -> str:
    """The error's type, with the SQLSTATE when it is the database's."""
    state = getattr(error, "sqlstate", None)
    return f"{type(error).__module__}.{type(error).__name__}" + (f" (SQLSTATE {state})" if state else "")


def _close(settings: Settings, run_id: str) -> None:
    """Close the run in the ledger, failed when any other task of this DAG run did not succeed, and then fail too."""
    context = get_current_context()
    ti: Any = context["ti"]
    states = ti.get_task_states(dag_id=ti.dag_id, run_ids=[ti.run_id])[ti.run_id]
    unfinished = sorted(name for name, state in states.items() if name != ti.task_id and state != "success")
    status = pipeline.close(settings, run_id, failed=bool(unfinished))
    log.info("Run %s is %s.", run_id, status)
    if unfinished:
        raise AirflowFailException(f"Run {run_id} failed: {', '.join(unfinished)} did not succeed.")
