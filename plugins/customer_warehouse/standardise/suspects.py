"""Suspects: values that so many people have that they are probably nobody's, proposed to a steward every night.

`suspects.sql` says what is too many. A proposed value is still a fact; it becomes a placeholder when the steward lists
it in `values/placeholders.yml` beside the declarations (own_placeholders.py), and is proposed no more when dismissed.
The table holds the values, so that somebody can decide; whatever is logged or checked counts them only.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from customer_warehouse.database import Connection, statement
from customer_warehouse.night import Night

PROFILE = Path(__file__).with_suffix(".sql")
ENTITY = "customers"
FEWEST = 5
"""So many people share a value before anything is said about it, however small the brand."""
MOST = 100
"""Suspects of one column, the most suspicious ones."""

TABLE = """
create table if not exists standardised.suspects (
    column_name text not null,
    value text not null,
    records bigint not null,
    people bigint not null,
    expected double precision not null,
    since timestamptz not null,
    seen timestamptz not null,
    state text not null default 'proposed' check (state in ('proposed', 'dismissed')),
    primary key (column_name, value)
);
comment on table standardised.suspects is
'Values of customers that more people have than can be: at least `people` different ones, where chance explains
`expected`. A steward lists each as a placeholder or dismisses it.';
"""


class Suspect(NamedTuple):
    """One value, as the steward sees it."""

    number: str
    """By which it is named without being shown."""
    column: str
    value: str
    records: int
    people: int
    expected: float
    since: str
    state: str


def propose(connection: Connection, night: Night) -> dict[str, int]:
    """Bring the suspects up to the night, in the open transaction; how many are proposed, by column."""
    connection.execute(statement(TABLE))
    connection.execute(statement("drop table if exists tonight"))
    connection.execute(statement(PROFILE.read_text(encoding="utf-8")), {"fewest": FEWEST, "most": MOST})
    connection.execute(
        """
        delete from standardised.suspects
        where state = 'proposed'
            and (column_name, value) not in (select column_name, value from tonight)
        """
    )
    connection.execute(
        """
        insert into standardised.suspects as old (column_name, value, records, people, expected, since, seen)
        select column_name, value, records, people, expected, %(as_of)s, %(as_of)s from tonight
        on conflict (column_name, value) do update
        set records = excluded.records, people = excluded.people, expected = excluded.expected,
            since = least(old.since, excluded.since), seen = excluded.seen
        """,
        {"as_of": night.as_of},
    )
    rows = connection.execute(
        "select column_name, count(*) from standardised.suspects where state = 'proposed' group by 1 order by 1"
    ).fetchall()
    return dict(rows)


def listed(connection: Connection, every: bool = False) -> list[Suspect]:
    """What is proposed, most people first; with `every`, what was dismissed too."""
    connection.execute(statement(TABLE))
    rows = connection.execute(
        """
        select left(md5(column_name || '|' || value), 8), column_name, value, records, people, expected,
            to_char(since, 'YYYY-MM-DD'), state
        from standardised.suspects
        where state = 'proposed' or %s
        order by people / expected desc, column_name, value
        """,
        (every,),
    ).fetchall()
    return [Suspect(*row) for row in rows]


def dismiss(connection: Connection, number: str) -> bool:
    """Say that a value is real; it is kept and proposed no more. False when there is no such number."""
    connection.execute(statement(TABLE))
    done = connection.execute(
        "update standardised.suspects set state = 'dismissed' where left(md5(column_name || '|' || value), 8) = %s",
        (number,),
    )
    return done.rowcount > 0


def masked(value: str) -> str:
    """The value's length and first character, which tell suspects apart in a list and nobody's data to a bystander."""
    return f"{value[0]}{'•' * min(len(value) - 1, 20)}"
