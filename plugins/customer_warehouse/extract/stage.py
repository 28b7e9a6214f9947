"""The extract stage: every declared entity of a source is read for the night's window and landed in `raw`.

A window starts at the end of the last landed one (less the entity's overlap) and ends with the night. An entity's
first load has no start: it takes all history. A source that stays down does not stop the night while its last good
read is fresher than its declaration allows; the run is then degraded.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from customer_warehouse.database import Connection, connect, scalar, writer
from customer_warehouse.extract import declaration
from customer_warehouse.extract.balance import WHAT_TO_DO, raw_balances, read_balances
from customer_warehouse.extract.contract import ContractError
from customer_warehouse.extract.declaration import Source, load_source
from customer_warehouse.extract.landing import Counts, Landing
from customer_warehouse.extract.notes import known_files, write_drift
from customer_warehouse.extract.readers import SourceError, Window, reader_of
from customer_warehouse.night import Night, night_of
from customer_warehouse.ops import ledger
from customer_warehouse.ops.conservation import hold
from customer_warehouse.settings import Settings


def source_names(settings: Settings) -> list[str]:
    """The names of the declared sources, sorted."""
    return declaration.source_names(settings.sources_dir)


def run(settings: Settings, night: Night, source: str, again: Mapping[str, frozenset[str]] | None = None) -> None:
    """Read and land every entity of `source` for `night`.

    `again`: by entity, files to be looked at whatever their age, as they may have been corrected.
    Raises StageError when the declaration is wrong, or when an entity cannot be read and its last good read is older
    than its declaration allows.
    """
    with ledger.step(settings.url, night, "extract", source) as step, connect(settings.url) as connection:
        declared = load_source(settings.sources_dir, source)
        stale: list[str] = []
        late: list[str] = []
        broken: list[str] = []
        days: list[date] = []
        with writer(connection, f"extract:{source}"):
            for entity in declared.entities:
                try:
                    counts = land_entity(connection, declared, entity, night, (again or {}).get(entity, frozenset()))
                except SourceError as error:
                    connection.rollback()
                    good = _watermark(connection, source, entity, night.as_of, inclusive=True)
                    if isinstance(error, ContractError):
                        write_drift(connection, source, entity, night, error.drift)
                    _record_failure(connection, declared, entity, night, str(error))
                    if isinstance(error, ContractError) and error.stops_night:
                        broken.append(str(error))
                        continue
                    fresh = good is not None and night.as_of - good <= declared.fresh_within
                    since = f"last good read up to {good:%Y-%m-%d %H:%M} UTC" if good else "never read before"
                    (late if fresh else stale).append(f"{entity} ({since}): {error}")
                    continue
                step.rows_in += counts.read
                step.rows_out += counts.landed
                step.rows_rejected += counts.isolated
                step.rows_duplicate += counts.duplicate
                step.detail[entity] = _in_numbers(counts)
                days += [counts.newest_day] if counts.newest_day else []
                step.progress()
            balances = [*read_balances(connection, night, declared), *raw_balances(connection, night, declared)]
        hold(settings.url, night, "extract", balances, WHAT_TO_DO)
        if broken:
            raise ledger.StageError(
                f"Source {source} broke its contract and its declaration says to stop the night: {'; '.join(broken)}."
                " Have the source mended, or change `columns` or `drift` in its declaration, and run the night again."
            )
        if declared.kind == "files" and not stale and not late:
            _judge_silence(declared, night, max(days, default=None), stale, late)
        if stale:
            raise ledger.StageError(
                f"Source {source} cannot be read and is older than {declared.fresh_within} allows: {'; '.join(stale)}"
                " Bring the source back, or raise fresh_within in its declaration, and run the night again."
            )
        if late:
            step.degraded = f"{source} could not be read; the night goes on with what it had: {'; '.join(late)}"


def _in_numbers(counts: Counts) -> dict[str, Any]:
    """The counts for the ledger, without those that are zero."""
    numbers = {name: value for name, value in vars(counts).items() if value and isinstance(value, int)}
    lists = {"bad_files": counts.bad_files[:20], "waiting": counts.waiting[:20]}
    return numbers | {name: names for name, names in lists.items() if names}


def _judge_silence(source: Source, night: Night, newest: date | None, stale: list[str], late: list[str]) -> None:
    """A drop folder can be read and still bring nothing: that is as bad as a source that is down."""
    if newest is not None and newest >= night.date:
        return
    seen = f"the newest good file is of {newest}" if newest else "no good file came within the overlap"
    old = newest is None or timedelta(days=(night.date - newest).days) > source.fresh_within
    (stale if old else late).append(f"no file for {night.date} ({seen})")


def land_entity(
    connection: Connection, source: Source, name: str, night: Night, again: frozenset[str] = frozenset()
) -> Counts:
    """Read and land one entity in one transaction with its batch row; see `run` for `again`."""
    entity = source.entities[name]
    before = _watermark(connection, source.source, name, night.as_of, inclusive=False)
    start = None if before is None or entity.full_read else before - entity.overlap
    window = Window(start, night.as_of)
    known = known_files(connection, source.source, name, night.as_of) if source.kind == "files" else None
    batch_id = scalar(
        connection,
        "insert into ops.batches (run_id, source, entity, as_of, window_start, window_end, status)"
        " values (%s, %s, %s, %s, %s, %s, 'running') returning batch_id",
        (night.run_id, source.source, name, night.as_of, start, night.as_of),
    )
    reader = reader_of(source, known, again)
    sweep = entity.deletes is not None and entity.deletes.vanished and not entity.full_read
    landing = Landing(connection, source, name, night, batch_id)
    counts = landing.land(reader.pages(name, window), reader.keys(name) if sweep else None)
    if counts.bad_files and entity.on_bad_file == "stop":
        raise SourceError(f"{name}: {counts.bad_files[0]}; the declaration says to stop")
    connection.execute(
        """
        update ops.batches
        set status = 'landed', finished_at = clock_timestamp(), watermark = %s, rows_read = %s, rows_landed = %s,
            rows_duplicate = %s, rows_isolated = %s, keys_deleted = %s, rows_restored = %s
        where batch_id = %s
        """,
        (
            _good_until(source, counts, before, night),
            *(counts.read, counts.landed, counts.duplicate, counts.isolated, counts.deleted, counts.restored),
            batch_id,
        ),
    )
    connection.commit()
    return counts


def _good_until(source: Source, counts: Counts, before: datetime | None, night: Night) -> datetime | None:
    """How far the entity is complete: to the end of the window or, for files, of the last day that brought a good one.

    A watermark never passes its last landed file: what a silent till delivers weeks later is still in the next window.
    """
    if source.kind != "files":
        return night.as_of
    if counts.newest_day is None:
        return before
    return min(night_of(counts.newest_day, source.time_zone).as_of, night.as_of)


def _watermark(
    connection: Connection, source: str, entity: str, as_of: datetime, *, inclusive: bool
) -> datetime | None:
    """The end of the entity's last landed window before the night of `as_of` (or up to it, when inclusive)."""
    comparison = "<=" if inclusive else "<"
    value: datetime | None = scalar(
        connection,
        "select max(watermark) from ops.batches"
        f" where source = %s and entity = %s and status = 'landed' and window_end {comparison} %s",
        (source, entity, as_of),
    )
    return value


def _record_failure(connection: Connection, source: Source, entity: str, night: Night, message: str) -> None:
    connection.execute(
        "insert into ops.batches (run_id, source, entity, as_of, window_end, status, message, finished_at)"
        " values (%s, %s, %s, %s, %s, 'failed', %s, clock_timestamp())",
        (night.run_id, source.source, entity, night.as_of, night.as_of, message),
    )
    connection.commit()
