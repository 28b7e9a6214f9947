"""Since when each reject stands, and when it was resolved.

`standardised.rejects` is what stands in the night that the standard tables show. Here it is noted in which nights that
was so: a reject has one spell for each row of nights in which it stood without a break. A night may be run again, and
an older one after newer ones: only what is known of that night changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from customer_warehouse.database import Connection, scalar, statement

FOLDER = Path(__file__).parent


class Reason(BaseModel):
    """A reason code."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str
    what_to_do: str


@dataclass(frozen=True)
class Tally:
    """The rejects of a night: how many stand, and how many of them are new or no more since the night before."""

    open: int
    rows: int
    """Of the open ones, those that cost a whole row."""
    new: int
    resolved: int


@cache
def reasons() -> dict[str, Reason]:
    """Every reason code."""
    document = yaml.safe_load((FOLDER / "reasons.yml").read_text(encoding="utf-8"))
    return {code: Reason.model_validate(reason) for code, reason in document.items()}


def prepare(connection: Connection) -> None:
    """Create the tables where they are missing; the caller commits.

    A table of rejects without identities is made anew from `raw`, with all standard tables.
    """
    if (
        scalar(connection, "select to_regclass('standardised.rejects')")
        and scalar(
            connection,
            "select count(*) from pg_attribute where attrelid = to_regclass('standardised.rejects')"
            " and attname = 'reject_id'",
        )
        == 0
    ):
        connection.execute("drop table standardised.rejects; delete from standardised.loads")
    connection.execute(statement((FOLDER / "schema.sql").read_text(encoding="utf-8")))
    connection.execute("delete from standardised.reject_reasons")
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into standardised.reject_reasons values (%s, %s, %s)",
            [(code, reason.meaning, reason.what_to_do) for code, reason in reasons().items()],
        )


def note(connection: Connection, as_of: datetime) -> Tally:
    """Note what stands in `standardised.rejects` as the rejects of the night of `as_of`; the caller commits."""
    connection.execute("insert into standardised.reject_nights values (%s) on conflict do nothing", (as_of,))
    after = scalar(connection, "select min(as_of) from standardised.reject_nights where as_of > %s", (as_of,))
    parameters = {"as_of": as_of, "after": after}
    _end_spells(connection, parameters)
    _begin_spells(connection, parameters)
    connection.execute(
        """
        with nights as (
            select as_of, row_number() over (order by as_of) as number
            from standardised.reject_nights where as_of <= %(as_of)s
        ),
        seen as (
            select
                s.reject_id,
                min(s.from_as_of) as first_seen,
                sum(coalesce(u.number, (select count(*) from nights) + 1) - f.number) as nights
            from standardised.reject_spells as s
            join nights as f on f.as_of = s.from_as_of
            left join nights as u on u.as_of = s.until_as_of
            where s.reject_id in (select reject_id from standardised.rejects)
                and s.until_as_of is distinct from s.from_as_of
            group by s.reject_id
        )
        update standardised.rejects as r
        set first_seen_as_of = seen.first_seen, last_seen_as_of = %(as_of)s, nights = seen.nights
        from seen where seen.reject_id = r.reject_id
        """,
        parameters,
    )
    row = connection.execute(
        """
        select
            (select count(*) from standardised.rejects),
            (select count(*) from standardised.rejects where row_rejected),
            (select count(*) from standardised.reject_spells where from_as_of = %(as_of)s
                and until_as_of is distinct from from_as_of),
            (select count(*) from standardised.reject_spells where until_as_of = %(as_of)s)
        """,
        parameters,
    ).fetchone()
    assert row is not None
    return Tally(*row)


def _end_spells(connection: Connection, parameters: dict[str, datetime | None]) -> None:
    """Take this night out of the spells of what does not stand in it."""
    connection.execute(
        """
        with gone as (
            delete from standardised.reject_spells as s
            where s.from_as_of <= %(as_of)s and (s.until_as_of is null or s.until_as_of > %(as_of)s)
                and not exists (select from standardised.rejects as r where r.reject_id = s.reject_id)
            returning s.*
        )
        insert into standardised.reject_spells
        select reject_id, from_as_of, %(as_of)s, source, origin, entity, source_key, column_name, reason, row_rejected
        from gone
        union all
        select reject_id, %(after)s, until_as_of, source, origin, entity, source_key, column_name, reason, row_rejected
        from gone
        where cast(%(after)s as timestamptz) is not null and (until_as_of is null or until_as_of > %(after)s)
        """,
        parameters,
    )


def _begin_spells(connection: Connection, parameters: dict[str, datetime | None]) -> None:
    """Give what stands in this night and was not known to do so a spell, joined to those just before and after it."""
    connection.execute(
        """
        with come as (
            select * from standardised.rejects as r
            where not exists (
                select from standardised.reject_spells as s
                where s.reject_id = r.reject_id and s.from_as_of <= %(as_of)s
                    and (s.until_as_of is null or s.until_as_of > %(as_of)s)
            )
        ),
        touching as (
            delete from standardised.reject_spells as s using come
            where s.reject_id = come.reject_id
                and (s.until_as_of = %(as_of)s or s.from_as_of = cast(%(after)s as timestamptz))
            returning s.reject_id, s.from_as_of, s.until_as_of
        ),
        joined as (
            select
                come.reject_id,
                coalesce(min(t.from_as_of) filter (where t.until_as_of = %(as_of)s), %(as_of)s) as from_as_of,
                count(*) filter (where t.from_as_of = cast(%(after)s as timestamptz)) > 0 as goes_on,
                max(t.until_as_of) filter (where t.from_as_of = cast(%(after)s as timestamptz)) as until_as_of
            from come
            left join touching as t on t.reject_id = come.reject_id
            group by come.reject_id
        )
        insert into standardised.reject_spells
        select
            come.reject_id, joined.from_as_of,
            case when joined.goes_on then joined.until_as_of else cast(%(after)s as timestamptz) end,
            source, origin, entity, source_key, column_name, reason, row_rejected
        from come
        join joined on joined.reject_id = come.reject_id
        """,
        parameters,
    )
