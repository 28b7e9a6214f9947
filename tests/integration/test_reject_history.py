"""Since when rejects stand: whatever order nights are run and run again in, what is told is what was seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customer_warehouse.database import Connection, connect
from customer_warehouse.embedded.postgres import Server
from customer_warehouse.rejects import history

FIRST = datetime(2026, 11, 1, 16, tzinfo=UTC)
NIGHTS = st.integers(0, 5).map(lambda number: FIRST + timedelta(days=number))
RUNS = st.lists(st.tuples(NIGHTS, st.sets(st.integers(1, 3))), min_size=1, max_size=10)
"""Nights in the order in which they are run, each with the rejects that are found then."""


def found(connection: Connection, as_of: datetime, rejects: set[int]) -> history.Tally:
    """The night's tables show these rejects, and that is noted."""
    connection.execute("truncate standardised.rejects")
    for number in rejects:
        connection.execute(
            "insert into standardised.rejects (reject_id, source, origin, unit, entity, source_key, column_name,"
            " reason, row_rejected, first_seen_as_of, last_seen_as_of)"
            " values (%s, 's', 'o', 'u', 'e', 'k', 'c', 'r', true, %s, %s)",
            (UUID(int=number), as_of, as_of),
        )
    return history.note(connection, as_of)


def told(connection: Connection) -> dict[int, tuple[Any, ...]]:
    rows = connection.execute(
        "select reject_id, state, first_seen_as_of, last_seen_as_of, nights, resolved_as_of"
        " from standardised.reject_history where nights > 0"
    )
    return {key.int: tuple(rest) for key, *rest in rows.fetchall()}


def expected(seen: dict[datetime, set[int]]) -> dict[int, tuple[Any, ...]]:
    """The same from what was seen in each night, by definition."""
    history: dict[int, tuple[Any, ...]] = {}
    for number in set().union(*seen.values()):
        nights = sorted(night for night, rejects in seen.items() if number in rejects)
        later = sorted(night for night in seen if night > nights[-1])
        state = "resolved" if later else "open"
        history[number] = (state, nights[0], nights[-1], len(nights), later[0] if later else None)
    return history


def test_the_history_is_what_was_seen_in_every_night_as_it_was_run_last(server: Server) -> None:
    server.create_database("reject_history", template="empty_warehouse")
    with connect(server.url("reject_history")) as connection:
        connection.execute("create table standardised.loads (as_of timestamptz)")
        history.prepare(connection)
        connection.commit()

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(RUNS)
        def any_order_of_nights(runs: list[tuple[datetime, set[int]]]) -> None:
            connection.rollback()
            seen: dict[datetime, set[int]] = {}
            for night, rejects in runs:
                before = max((other for other in seen if other < night), default=None)
                tally = found(connection, night, rejects)
                seen[night] = rejects
                assert told(connection) == expected(seen)
                assert tally.open == len(rejects)
                assert tally.new == len(rejects - (seen[before] if before else set()))
                stands = connection.execute(
                    "select reject_id, first_seen_as_of, last_seen_as_of, nights from standardised.rejects"
                ).fetchall()
                assert {key.int for key, *_ in stands} == rejects
                for key, first, last, nights in stands:
                    until_now = [other for other in seen if other <= night and key.int in seen[other]]
                    assert (first, last, nights) == (min(until_now), night, len(until_now))

        any_order_of_nights()
    server.drop_database("reject_history")


def test_what_is_mended_in_the_night_in_which_it_was_found_is_told_as_resolved(server: Server) -> None:
    server.create_database("mended_at_once", template="empty_warehouse")
    with connect(server.url("mended_at_once")) as connection:
        connection.execute("create table standardised.loads (as_of timestamptz)")
        history.prepare(connection)
        found(connection, FIRST, {1, 2})

        tally = found(connection, FIRST, {2})

        rows = connection.execute(
            "select state, resolved_as_of from standardised.reject_history order by reject_id"
        ).fetchall()
    assert (tally.open, tally.resolved) == (1, 1)
    assert rows == [("resolved", FIRST), ("open", None)]
    server.drop_database("mended_at_once")
