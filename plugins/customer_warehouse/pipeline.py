"""The line as plain functions: every step of the night, in its order, without a scheduler.

The DAGs call these same functions as tasks; tests and the acceptance run call `run_night`. Stages are imported when
they are called, so that a DAG file, a `--help` and each task load only what they use.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from customer_warehouse.database import connect
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.settings import Settings

STAGES = ("extract", "standardise", "identity", "warehouse", "marts", "activation")
"""One word per stage: the package, the task group, the schema, the folders of checks and tests."""


def source_names(settings: Settings) -> list[str]:
    """The names of the declared sources, sorted."""
    from customer_warehouse.extract.declaration import source_names

    return source_names(settings.sources_dir)


def open_night(settings: Settings, night: Night) -> None:
    """Make the ledger ready and open the night's run in it."""
    ledger.prepare(settings.url)
    ledger.open_run(settings.url, night, ledger.NIGHTLY)


def extract(settings: Settings, night: Night, source: str) -> None:
    """Read one source for the night and land its rows in `raw`."""
    from customer_warehouse.extract import stage

    stage.run(settings, night, source)


def standardise(settings: Settings, night: Night) -> None:
    """Turn the landed rows into standard ones."""
    from customer_warehouse.standardise import stage

    stage.run(settings, night)


def identity(settings: Settings, night: Night, full: bool = False) -> None:
    """Decide which records are one customer; with `full`, look at every record and not only at what changed."""
    from customer_warehouse.identity import stage

    stage.run(settings, night, full=full)


def warehouse(settings: Settings, night: Night) -> None:
    """Build facts and dimensions."""
    from customer_warehouse.warehouse import stage

    stage.build(settings, night)


def build_marts(settings: Settings, night: Night) -> None:
    """Build the night's batch of the marts, which nobody sees yet."""
    from customer_warehouse.marts import stage

    stage.build(settings, night)


def publish_marts(settings: Settings, night: Night) -> None:
    """Show the night's batch of the marts to readers."""
    from customer_warehouse.marts import stage

    stage.publish(settings, night)


def check(settings: Settings, night: Night, stage: str) -> None:
    """Run the border checks of a stage. Raises StageError when a critical one fails."""
    from customer_warehouse.quality.stage import check

    check(settings, night, stage)


def open_activation(settings: Settings, night: Night) -> None:
    """Open the activation run of a published night in the ledger."""
    ledger.open_run(settings.url, night, ledger.ACTIVATION)


def build_segments(settings: Settings, night: Night) -> None:
    """Decide who is in which segment, from the published marts."""
    _still_published(settings, night)
    from customer_warehouse.activation import stage

    stage.build_segments(settings, night)


def send(settings: Settings, night: Night) -> None:
    """Send the segments' consenting members to the destinations."""
    _still_published(settings, night)
    from customer_warehouse.activation import stage

    stage.send(settings, night)


def close(settings: Settings, run_id: str, *, failed: bool) -> str:
    """Close the run in the ledger and build its pages of checks; returns its status: succeeded, degraded or failed."""
    status = ledger.close_run(settings.url, run_id, failed=failed)
    try:
        from customer_warehouse.quality import data_docs

        data_docs.build(settings, run_id)
    except Exception as error:  # pages that cannot be built are no reason to call a good night bad
        print(f"The pages of the checks of {run_id} could not be built ({type(error).__name__}).")
    return status


def published_night(settings: Settings) -> Night:
    """The night that readers of the marts see, as the activation run of it. Raises StageError when there is none."""
    with connect(settings.url) as connection:
        row = connection.execute("select night from ops.published").fetchone()
    if row is None:
        raise ledger.StageError("No night has been published yet: run the nightly first, then the activation.")
    return activation_night(settings, row[0])


def activation_night(settings: Settings, day: date) -> Night:
    """The activation run of the business day `day`."""
    return night_of(day, settings.business_time_zone, f"activation__{day.isoformat()}")


def run_night(settings: Settings, night: Night) -> str:
    """Run every step of the night from open to publish in this process; returns the run's status.

    All sources are read even when one of them fails, as the DAG does. What a step raises closes the run as failed and
    goes on to the caller.
    """
    open_night(settings, night)
    failed = True
    try:
        _all([partial(extract, settings, night, name) for name in source_names(settings)])
        check(settings, night, "extract")
        for stage, work in (("standardise", standardise), ("identity", identity), ("warehouse", warehouse)):
            work(settings, night)
            check(settings, night, stage)
        build_marts(settings, night)
        check(settings, night, "marts")
        publish_marts(settings, night)
        failed = False
    finally:
        status = close(settings, night.run_id, failed=failed)
    return status


def run_activation(settings: Settings, night: Night) -> str:
    """Run every step of the activation of `night`, the published one, in this process; returns the run's status."""
    night = activation_night(settings, night.date)
    open_activation(settings, night)
    failed = True
    try:
        build_segments(settings, night)
        check(settings, night, "activation")
        send(settings, night)
        failed = False
    finally:
        status = close(settings, night.run_id, failed=failed)
    return status


def _all(works: list[Callable[[], None]]) -> None:
    """Do all of them, then raise what the first failed one raised."""
    errors: list[Exception] = []
    for work in works:
        try:
            work()
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _still_published(settings: Settings, night: Night) -> None:
    """Segments are built from what readers see, so the night must still be the published one."""
    seen = published_night(settings).date
    if seen != night.date:
        raise ledger.StageError(
            f"The marts show the night {seen} by now, so the activation of {night.date} stops; that night has an"
            " activation of its own. To send this one's lists, run its nightly again."
        )
