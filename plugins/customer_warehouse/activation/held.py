"""Segments that are held tonight: a check of theirs, or of a column they depend on, failed.

A held segment is not built from the doubtful marts and not sent: its table, its list and what destinations have stay as
they were. When the list of those who must get no promotion is held, nobody can say who they are, so every marketing
segment is held with it.
"""

from __future__ import annotations

from collections.abc import Sequence

from customer_warehouse.activation.segments import MODEL_PREFIX, Segment
from customer_warehouse.database import Connection, scalar
from customer_warehouse.night import Night


def held_by_marts(connection: Connection) -> dict[str, str]:
    """The segments that may not be built from the marts that readers see, each with the reason."""
    return dict(scalar(connection, "select held from ops.published") or {})


def held_segments(connection: Connection, night: Night, segments: Sequence[Segment]) -> dict[str, str]:
    """The segments that may not be sent, each with the reason."""
    own = connection.execute(
        "select table_name, string_agg(table_name || ' ' || check_name, ', ' order by check_name) from ops.checks"
        " where run_id = %s and stage = 'activation' and severity = 'hold' and status in ('failed', 'not_made')"
        " group by table_name",
        (night.run_id,),
    ).fetchall()
    held = {table.partition(".")[2].removeprefix(MODEL_PREFIX): f"{names} failed" for table, names in own}
    held |= held_by_marts(connection)
    excluding = sorted(segment.name for segment in segments if segment.excluded_from_promotion and segment.name in held)
    if excluding:
        for segment in segments:
            if segment.purpose == "marketing":
                held.setdefault(segment.name, f"who gets no promotion is not known: {', '.join(excluding)} is held")
    return {segment.name: held[segment.name] for segment in segments if segment.name in held}
