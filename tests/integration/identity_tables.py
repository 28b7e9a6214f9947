"""What the identity stage has written."""

from __future__ import annotations

from typing import Any

from customer_warehouse.database import connect, statement

TABLES = ("customer_records", "customers", "changes", "links", "held", "merges", "splits", "aliases", "households")

EARLIER_VERSION = """
create table identity.memberships (
    source text, source_key text, customer_id text, valid_from timestamptz,
    primary key (source, source_key, valid_from)
);
create table identity.held (rule text, key_hash text, records integer, primary key (rule, key_hash));
create table identity.customers (
    customer_id text primary key, first_seen_as_of timestamptz, records integer
);
create table identity.merges (
    customer_id text, survivor_id text, since timestamptz, primary key (customer_id, since)
);
insert into identity.memberships values
    ('shop_platform', 'till', 'CTILL', '{first}'), ('shop_platform', 'mail', 'CMAIL', '{first}'),
    ('shop_platform', 'gone', 'CGONE', '{first}'), ('shop_platform', 'gone', null, '{second}'),
    ('shop_platform', 'mail', 'CTILL', '{second}');
insert into identity.merges values ('CMAIL', 'CTILL', '{second}');
insert into identity.customers values ('CTILL', '{first}', 2)
"""
"""The tables before changes were kept, with two nights of history."""


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the stage, and the place where it is stored: a rewritten row moves."""
    with connect(url) as connection:
        return {
            table: connection.execute(
                statement(f"select ctid::text, * from identity.{table} order by 2, 3, 1")
            ).fetchall()
            for table in TABLES
        }


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with connect(url) as connection:
        return connection.execute(statement(query)).fetchall()
