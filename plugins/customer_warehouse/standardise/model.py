"""The standard model: the entities every source is mapped into, and the tables they are kept in."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from customer_warehouse.database import Connection, quoted, statement
from customer_warehouse.standardise.columns import TYPES

FILE = Path(__file__).with_name("standard_model.yml")
TECHNICAL = ("source", "source_key", "origin", "unit")
"""The first columns of every table: its key, and which raw rows of which mapping a row was made from."""


class StandardColumn(BaseModel):
    """One column of a standard entity; see the head of standard_model.yml."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    required: bool = False
    required_when_given: bool = False
    values: list[str] | None = None
    code_list: str | None = Field(None, alias="list")
    """The shared code list that the column's values come from."""
    dated_by: str | None = None
    """Of the column with the row's currency: the column before it whose business day the exchange rate is of."""
    ahead: bool = False
    """Whether a date may lie after the night."""
    range: list[float] | None = None
    unreadable: str | None = None
    """What a value counts as that was given and cannot be read; it is a reject all the same."""

    @property
    def options(self) -> dict[str, Any]:
        """Options of the type that hold for every source."""
        every = {"values": self.values, "list": self.code_list, "range": self.range}
        return {name: value for name, value in every.items() if value is not None}


class StandardEntity(BaseModel):
    """One standard entity: a table of schema `standardised`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grain: str
    columns: dict[str, StandardColumn]

    def table_columns(self) -> dict[str, str]:
        """Every column of the table after the key, with its PostgreSQL type."""
        columns: dict[str, str] = {}
        for name, column in self.columns.items():
            spec = TYPES[column.type]
            columns |= {name: spec.sql_type} | {f"{name}_{suffix}": "text" for suffix in spec.suffixes}
        return columns


@cache
def standard_model() -> dict[str, StandardEntity]:
    """All standard entities by name."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return {name: StandardEntity.model_validate(entity) for name, entity in document.items()}


def prepare_tables(connection: Connection) -> None:
    """Create every table of schema `standardised` where it is missing.

    A table whose columns are no longer the model's is made anew, empty: its rows all come from `raw` again.
    """
    for name, entity in standard_model().items():
        columns = connection.execute(
            "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped"
            " order by attnum",
            (f"standardised.{name}",),
        ).fetchall()
        if columns and [column for (column,) in columns] != [*TECHNICAL, *entity.table_columns()]:
            connection.execute(statement(f"drop table {quoted('standardised', name)} cascade"))
            connection.execute("delete from standardised.loads where entity = %s", (name,))
    connection.execute(statement(create_tables()))


def create_tables() -> str:
    """SQL that creates every table of schema `standardised` where it is missing."""
    statements = [
        """
        create table if not exists standardised.loads (
            source text not null, origin text not null, entity text not null,
            as_of timestamptz not null, seq bigint not null, mapping text not null,
            primary key (source, origin)
        );
        comment on table standardised.loads is
        'How far each mapping of a source has been standardised: the night, the last raw row, the mapping used.';

        create table if not exists standardised.source_trust (source text primary key, trust integer not null);
        alter table standardised.source_trust add column if not exists currency text;
        alter table standardised.source_trust add column if not exists fresh_within_hours numeric;
        comment on table standardised.source_trust is
        'How far each source is believed about a person (higher wins), what its amounts are in unless they say, and how
        old its last good read may be.';
        """
    ]
    for name, entity in standard_model().items():
        table = quoted("standardised", name)
        required = {column for column, spec in entity.columns.items() if spec.required}
        columns = ",\n".join(
            f"{quoted(column)} {kind}{' not null' if column in required else ''}"
            for column, kind in entity.table_columns().items()
        )
        statements.append(
            f"""
            create table if not exists {table} (
                source text not null, source_key text not null, origin text not null, unit text not null,
                {columns},
                primary key (source, source_key)
            );
            create index if not exists {quoted(name + "_unit")} on {table} (source, origin, unit);
            comment on table {table} is '{entity.grain.replace("'", "''")}';
            """
        )
    return "\n".join(statements)
