"""What people name at the command line: records as `source:source_key`, customers by their id, also by one that ended.

Values of records are personal data. They are given masked, as their shapes, unless somebody asks for the values
themselves; the database decides whether that person's role may read them at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg

from customer_warehouse.database import Connection, connect, quoted, scalar, statement
from customer_warehouse.identity.stable_ids import RecordKey
from customer_warehouse.night import last_complete_night
from customer_warehouse.ops.ledger import StageError
from customer_warehouse.rejects.masking import masked_key, shape

SHOWN = (
    *("kind", "account_id", "member_number", "full_name", "email", "phone", "birth_date", "gender", "occupation"),
    *("postal_address", "city", "region", "postcode", "country", "created_at", "updated_at"),
)
"""Columns of `standardised.customers` that a person needs to tell people apart, where the table has them."""
OPEN = frozenset({"kind", "country", "created_at", "updated_at"})
"""Of those, what says nothing about whom."""
COMPARED_BY = {"full_name": "full_name_key", "email": "email_key", "postal_address": "postal_address_key"}
"""The match key by which a column is compared."""


@dataclass(frozen=True)
class Days:
    """How moments are told: as days of the business."""

    zone: str
    """IANA name of the business's time zone."""

    def night(self, as_of: datetime) -> str:
        """The business day of the night that ended at `as_of`."""
        return last_complete_night(as_of, self.zone).date.isoformat()

    def day(self, moment: datetime) -> str:
        """The business day in which something happened."""
        return moment.astimezone(ZoneInfo(self.zone)).date().isoformat()


class Customer(NamedTuple):
    """A customer that somebody asked for."""

    customer_id: str
    asked_for: str
    """The id as it was given: another one when that id has ended."""
    since: datetime | None
    """When the id that was given ended."""

    def said(self, days: Days) -> str | None:
        """The sentence about an id that has ended."""
        if self.customer_id == self.asked_for or self.since is None:
            return None
        return f"{self.asked_for} ended on {days.night(self.since)}; its records went to {self.customer_id}."


@dataclass(frozen=True)
class Field:
    """One column of a record."""

    column: str
    value: str
    """As it may be shown; empty when the record has none."""
    compared: str | None
    """By which it is compared; never shown."""


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """A connection that sees one state of the warehouse and cannot write.

    Raises StageError when its role may not read what is asked of it.
    """
    with _allowed(), connect(url) as connection:
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection
        connection.rollback()


@contextmanager
def writing(url: str) -> Iterator[Connection]:
    """A connection that is committed at the end. Raises StageError when its role may not write what it is asked to."""
    with _allowed(), connect(url) as connection:
        yield connection
        connection.commit()


@contextmanager
def _allowed() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        said = error.diag.message_primary
        raise StageError(f"This database role may not do that: {said}; ask whoever runs the warehouse.") from None


def require_identity(connection: Connection, *tables: str) -> None:
    """Raise StageError when identity has never run in this warehouse, or not since it has these tables."""
    for table in ("customer_records", "customers", *tables):
        if scalar(connection, "select to_regclass(%s)", (f"identity.{table}",)) is None:
            raise StageError(f"There is no table identity.{table} yet; run a night of the identity stage first.")


def has_table(connection: Connection, name: str) -> bool:
    """Is there a table or view `schema.name`?"""
    return scalar(connection, "select to_regclass(%s)", (name,)) is not None


def record_named(connection: Connection, name: str) -> RecordKey:
    """The record that `source:source_key` names. Raises StageError when there is none."""
    source, mark, key = name.partition(":")
    if not mark or not source or not key:
        raise StageError(
            f"{masked_key(name)!r} names no record; write it as source:source_key, as in shop_platform:17."
        )
    found = "select 1 from identity.customer_records where source = %s and source_key = %s"
    if scalar(connection, found, (source, key)) is None:
        raise StageError(
            f"Identity knows no record {source}:{masked_key(key)}; a new one is known after the next night,"
            " a deleted one no more."
        )
    return RecordKey(source, key)


def customer_named(connection: Connection, name: str) -> Customer:
    """The customer of this id, or the one to which an id that ended leads. Raises StageError when there is neither."""
    if scalar(connection, "select 1 from identity.customers where customer_id = %s", (name,)) is not None:
        return Customer(name, name, None)
    alias = connection.execute(
        "select survivor_id, since from identity.aliases where customer_id = %s", (name,)
    ).fetchone()
    if alias is None:
        raise StageError(f"There is no customer {masked_key(name)}, and none has ever had this id.")
    return Customer(alias[0], name, alias[1])


def customer_of(connection: Connection, record: RecordKey) -> str:
    """The customer that a record belongs to after the last night."""
    query = "select customer_id from identity.customer_records where source = %s and source_key = %s"
    return str(scalar(connection, query, record))


def records_of(connection: Connection, customer_id: str) -> list[RecordKey]:
    """A customer's records, in the order of their keys."""
    query = "select source, source_key from identity.customer_records where customer_id = %s order by 1, 2"
    return [RecordKey(*row) for row in connection.execute(query, (customer_id,))]


def fields_of(connection: Connection, records: Iterable[RecordKey], unmasked: bool) -> dict[RecordKey, list[Field]]:
    """What is known of each record, column by column; nothing for a record that is gone."""
    wanted = list(records)
    present = {
        name
        for (name,) in connection.execute(
            "select attname from pg_attribute"
            " where attrelid = 'standardised.customers'::regclass and attnum > 0 and not attisdropped"
        )
    }
    shown = [column for column in SHOWN if column in present]
    keys = [COMPARED_BY[column] if COMPARED_BY.get(column) in present else column for column in shown]
    columns = ", ".join(quoted(column) for column in [*shown, *keys])
    found = connection.execute(
        statement(
            f"select source, source_key, {columns} from standardised.customers"
            " join unnest(%s::text[], %s::text[]) as wanted (source, source_key) using (source, source_key)"
        ),
        ([record.source for record in wanted], [record.source_key for record in wanted]),
    ).fetchall()
    return {
        RecordKey(source, key): [
            Field(column, _shown(column, value, unmasked), _text(compared))
            for column, value, compared in zip(shown, row[: len(shown)], row[len(shown) :], strict=True)
        ]
        for source, key, *row in found
    }


def _shown(column: str, value: Any, unmasked: bool) -> str:
    text = _text(value)
    if text is None:
        return ""
    return text if unmasked or column in OPEN else shape(text)


def _text(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return value.isoformat() if isinstance(value, date) else str(value)


def said_name(record: RecordKey, unmasked: bool = False) -> str:
    """A record as it may be named on a screen."""
    return f"{record.source}:{record.source_key if unmasked else masked_key(record.source_key)}"


def is_over(connection: Connection, moment: datetime) -> bool:
    """Has this moment passed, by the warehouse's clock?"""
    return bool(scalar(connection, "select %s <= clock_timestamp()", (moment,)))
